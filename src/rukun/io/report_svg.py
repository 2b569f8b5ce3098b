"""Small charts as inline SVG: no script, no outside font, legible in grey and read aloud by title and description."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from rukun.core.areas import FloatArray

INK, SOFT, FAINT, BAR = "#1f2933", "#52606d", "#d5dbe1", "#4a7ba6"
#: Line styles that stay apart without colour: colour, dashes, marker.
LINES = (
    ("#12406b", "", "circle"),
    ("#8a5a00", "7 3", "square"),
    ("#2f7d4f", "2 3", "triangle"),
    ("#7b3f8c", "10 3 2 3", "diamond"),
    ("#444444", "4 4", "cross"),
    ("#b0413e", "1 2", "circle"),
    ("#1d7d8c", "12 4", "square"),
    ("#6b6b00", "6 2 2 2 2 2", "triangle"),
)


@dataclass(frozen=True)
class Axis:
    """Linear scale from values to pixels: first and last value, and where they stand."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Pixel of a value."""
        span = self.high - self.low
        return self.start + (value - self.low) / (span if span else 1.0) * (self.end - self.start)


def figure(name: str, title: str, description: str, width: float, height: float, body: Sequence[str]) -> str:
    """An SVG of that size that scales with the page; name: unique id on the page."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="{name}-t {name}-d" '
        f'style="max-width:{width:g}px"><title id="{name}-t">{escape(title)}</title>'
        f'<desc id="{name}-d">{escape(description)}</desc>{"".join(body)}</svg>'
    )


def text(x: float, y: float, said: str, anchor: str = "start", size: float = 13, colour: str = INK) -> str:
    """A line of text at a point."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} font-size="{size:g}" fill="{colour}">{escape(said)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str = FAINT, width: float = 1, dash: str = "") -> str:
    """A straight line."""
    style = f' stroke-dasharray="{dash}"' if dash else ""
    path = f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"
    return f'<path d="{path}" stroke="{colour}" stroke-width="{width:g}"{style} fill="none"/>'


def rectangle(x: float, y: float, width: float, height: float, fill: str, title: str = "", stroke: str = "none") -> str:
    """A filled rectangle, with a title that shows when pointed at."""
    inside = f"<title>{escape(title)}</title>" if title else ""
    size = f'width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
    shape = f'x="{x:.1f}" y="{y:.1f}" {size} fill="{fill}" stroke="{stroke}"'
    return f"<rect {shape}>{inside}</rect>" if inside else f"<rect {shape}/>"


def marker(x: float, y: float, kind: str, colour: str, size: float = 4.5) -> str:
    """A point of one of five forms."""
    if kind == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:g}" fill="{colour}"/>'
    forms: dict[str, list[tuple[float, float]]] = {
        "square": [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)],
        "triangle": [(0, -1.1), (1, 0.8), (-1, 0.8)],
        "diamond": [(0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)],
    }
    corners = forms.get(kind)
    if corners is None:
        left, wide = x - size, 2 * size
        cross = f"M{left:.1f} {y - size:.1f}l{wide:g} {wide:g}M{left:.1f} {y + size:.1f}l{wide:g} {-wide:g}"
        return f'<path d="{cross}" stroke="{colour}" stroke-width="2" fill="none"/>'
    points = " ".join(f"{x + dx * size:.1f},{y + dy * size:.1f}" for dx, dy in corners)
    return f'<polygon points="{points}" fill="{colour}"/>'


def ticks(high: float, count: int = 4) -> list[float]:
    """Round values from 0 to at least `high`, about `count` of them above 0."""
    if not np.isfinite(high) or high <= 0:
        return [0.0, 1.0]
    raw = high / count
    unit = 10.0 ** np.floor(np.log10(raw))
    step = float(next(unit * m for m in (1, 2, 2.5, 5, 10) if unit * m >= raw * 0.7))
    return [step * k for k in range(int(np.ceil(high / step - 1e-9)) + 1)]


def frame(x: Axis, y: Axis, x_ticks: Sequence[tuple[float, str]], y_ticks: Sequence[tuple[float, str]]) -> list[str]:
    """Grid lines and tick labels of a plot whose y axis points up."""
    parts: list[str] = []
    for value, label in y_ticks:
        parts += [line(x.start, y(value), x.end, y(value)), text(x.start - 6, y(value) + 4, label, "end", 12, SOFT)]
    for value, label in x_ticks:
        parts += [
            line(x(value), y.start, x(value), y.start + 4, SOFT),
            text(x(value), y.start + 18, label, "middle", 12, SOFT),
        ]
    parts.append(line(x.start, y.start, x.end, y.start, SOFT))
    return parts


def histogram(name: str, title: str, description: str, shares: FloatArray, labels: Sequence[str], level: str) -> str:
    """Bars of shares of equal bins with a dashed line where all would be equal; level: label of that line."""
    high = max(2.0 / len(shares), float(shares.max()) * 1.05)
    x, y = Axis(0, len(shares), 36, 250), Axis(0, high, 140, 26)
    body = [text(36, 16, title, size=14)]
    body += frame(x, y, [(0, labels[0]), (len(shares), labels[1])], [])
    for k, share in enumerate(shares):
        body.append(rectangle(x(k) + 1, y(float(share)), x(1) - x(0) - 2, y(0) - y(float(share)), BAR))
    equal = 1.0 / len(shares)
    body.append(line(x.start, y(equal), x.end, y(equal), INK, 1.5, "5 3"))
    body.append(text(x.start - 4, y(equal) + 4, level, "end", 12, SOFT))
    return figure(name, title, description, 280, 164, body)


def reliability(
    name: str,
    title: str,
    description: str,
    expected: FloatArray,
    observed: FloatArray,
    size: FloatArray,
    percent: Sequence[str],
) -> str:
    """Observed against forecast shares with the diagonal; percent: labels of 0, the middle and the end of both axes."""
    high = _axis_end(expected, observed)
    x, y = Axis(0, high, 48, 250), Axis(0, high, 214, 26)
    marks = [(0.0, percent[0]), (high / 2, percent[1]), (high, percent[2])]
    body = [text(48, 16, title, size=14), *frame(x, y, marks, marks)]
    body.append(line(x(0), y(0), x(high), y(high), INK, 1.5, "5 3"))
    largest = max(float(size.max()), 1.0) if len(size) else 1.0
    for e, o, n in zip(expected, observed, size, strict=True):
        body.append(marker(x(float(e)), y(float(o)), "circle", BAR, 3 + 4 * float(np.sqrt(n / largest))))
    return figure(name, title, description, 280, 240, body)


def reliability_end(expected: FloatArray, observed: FloatArray) -> float:
    """The share at the end of the axes of `reliability`."""
    return _axis_end(expected, observed)


def _axis_end(expected: FloatArray, observed: FloatArray) -> float:
    largest = max(float(expected.max(initial=0)), float(observed.max(initial=0)))
    return next((end for end in (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8) if largest <= end), 1.0)


def curves(
    name: str,
    title: str,
    description: str,
    axis_labels: tuple[str, str],
    lines: Sequence[tuple[str, FloatArray, FloatArray]],
    x_ticks: Sequence[tuple[float, str]],
    y_ticks: Sequence[tuple[float, str]],
) -> str:
    """One line per model, told apart by dashes, markers and a legend; lines: (name, x, y); axis_labels: of x and y."""
    x, y = Axis(0, max(value for value, _ in x_ticks), 60, 540), Axis(0, max(value for value, _ in y_ticks), 300, 34)
    body = [
        *frame(x, y, x_ticks, y_ticks),
        text(60, 18, axis_labels[1], size=13, colour=SOFT),
        text(540, 338, axis_labels[0], "end", 13, SOFT),
    ]
    for k, (label, xs, ys) in enumerate(lines):
        colour, dash, form = LINES[k % len(LINES)]
        points = " ".join(f"{x(float(a)):.1f},{y(float(b)):.1f}" for a, b in zip(xs, ys, strict=True))
        style = f' stroke-dasharray="{dash}"' if dash else ""
        body.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{style}/>')
        body += [marker(x(float(a)), y(float(b)), form, colour) for a, b in zip(xs, ys, strict=True)]
        legend = 44 + 22 * k
        body += [
            line(560, legend, 590, legend, colour, 2, dash),
            marker(575, legend, form, colour),
            text(598, legend + 4, label),
        ]
    return figure(name, title, description, 740, 346, body)


#: Fills of the six groups of shares: colour and pattern of strokes, so that they stay apart in grey.
FILLS: tuple[tuple[str, str], ...] = (
    ("#e3e7eb", ""),
    ("#b8cfe3", "M0 8L8 0"),
    ("#f0dcb0", "M2 2h1M6 6h1"),
    ("#cfe0c8", "M0 0L8 8"),
    ("#12406b", ""),
    ("#7d9fbd", "M0 4H8"),
    ("#f4f6f8", "M4 0V8"),
)


def stacked(
    name: str,
    title: str,
    description: str,
    rows: Sequence[tuple[str, str, FloatArray]],
    groups: Sequence[str],
    marks: Sequence[tuple[float, str]],
) -> str:
    """Bars of shares end to end, negative ones to the left of zero.

    rows: (label, total as text, (k,) shares); groups: (k,) names of the shares; marks: ticks.
    """
    low = min((float(np.minimum(shares, 0).sum()) for _, _, shares in rows), default=0.0)
    high = max(
        max((float(np.maximum(shares, 0).sum()) for _, _, shares in rows), default=1.0), max(v for v, _ in marks)
    )
    x, top = Axis(low, high, 230, 660), 12.0 + 24 * (-(-len(groups) // 3))
    height = top + 30 * len(rows) + 28
    patterns = "".join(
        f'<pattern id="{name}-p{k}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{colour}"/><path d="{strokes}" stroke="{INK}" stroke-width="1"/></pattern>'
        for k, (colour, strokes) in enumerate(FILLS)
    )
    body = [f"<defs>{patterns}</defs>"]
    for k, group in enumerate(groups):
        x_at, y_at = 4 + 245 * (k % 3), 2 + 24 * (k // 3)
        body += [rectangle(x_at, y_at, 18, 16, f"url(#{name}-p{k})", stroke=SOFT), text(x_at + 24, y_at + 13, group)]
    bottom = top + 30 * len(rows)
    for value, label in marks:
        body += [line(x(value), top, x(value), bottom), text(x(value), bottom + 18, label, "middle", 12, SOFT)]
    for r, (label, total, shares) in enumerate(rows):
        up, right, left = top + 30 * r, 0.0, 0.0
        body.append(text(222, up + 19, label, "end"))
        for k, share in enumerate(shares.tolist()):
            at = right if share >= 0 else left + share
            if abs(share) > 0:
                fill = f"url(#{name}-p{k})"
                body.append(rectangle(x(at), up + 4, x(at + abs(share)) - x(at), 22, fill, groups[k], SOFT))
            right, left = right + max(share, 0.0), left + min(share, 0.0)
        body.append(text(x(right) + 6, up + 19, total))
    body.append(line(x(0), top, x(0), bottom, INK, 1.5))
    return figure(name, title, description, 740, height, body)
