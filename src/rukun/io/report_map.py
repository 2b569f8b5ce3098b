"""The map of a report: shapes in five steps of one colour, simplified until the page stays light."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import shapely

from rukun.core.areas import AreaTable, FloatArray, IntArray
from rukun.io.report_svg import INK, SOFT, figure, rectangle, text

#: Light to dark, so that print in grey keeps the order.
STEPS = ("#f4f6f8", "#c8d8e6", "#8fb1ce", "#4a7ba6", "#12406b")
WIDTH, LEAST_HEIGHT, MOST_HEIGHT = 720.0, 160.0, 760.0
#: Characters of outline above which shapes are simplified further.
MOST_CHARACTERS = 1_200_000
#: Areas above which they are drawn by step and not one by one with their name.
MOST_NAMED = 4000


def classes(values: FloatArray) -> tuple[IntArray, FloatArray]:
    """Step of each value (0 to 4) and the lower bound of each step, (5,), from 0; quantiles 50, 75, 90 and 97 of what
    is above the least.

    Few areas hold most events, so equal numbers in each step would hide where they are.
    """
    above = values[values > values.min()] if len(values) else values
    cuts = np.quantile(above if len(above) else np.ones(1), (0.5, 0.75, 0.9, 0.97))
    return np.searchsorted(cuts, values, side="right"), np.concatenate(([0.0], cuts))


def area_map(
    name: str,
    title: str,
    description: str,
    areas: AreaTable,
    values: FloatArray,
    labels: Sequence[str],
    steps: Sequence[str],
) -> str:
    """Map of the values of all areas; labels: (n,) text shown when an area is pointed at; steps: (5,) text of the
    legend.

    Without shapes, points at the centroids; without those, tiles in the order of the codes.
    """
    step, _ = classes(values)
    if areas.shapes is not None and not areas.shapes.isna().all():
        body, height = _outlines(areas, step, labels)
    elif areas.centroid is not None and np.isfinite(areas.centroid).all(axis=1).any():
        body, height = _points(areas.centroid, step, labels)
    else:
        body, height = _tiles(areas, step, labels)
    legend = [
        part
        for k, said in enumerate(steps)
        for part in (
            rectangle(4 + 143 * k, height + 14, 18, 16, STEPS[k], stroke=SOFT),
            text(28 + 143 * k, height + 27, said, size=13),
        )
    ]
    return figure(name, title, description, WIDTH, height + 40, [*body, *legend])


def _outlines(areas: AreaTable, step: IntArray, labels: Sequence[str]) -> tuple[list[str], float]:
    assert areas.shapes is not None
    shapes = np.asarray(areas.shapes.values, dtype=object)
    there = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    drawn, height = _to_pixels(shapes[there])
    # outlines of many or winding areas are simplified in steps of a growing part of a pixel
    tolerance = 0.3
    paths = _paths(drawn, tolerance)
    while sum(map(len, paths)) > MOST_CHARACTERS and tolerance < 20:
        tolerance *= 2
        paths = _paths(drawn, tolerance)
    width = 0.6 if len(there) < 500 else 0.2
    style = f'stroke="{SOFT}" stroke-width="{width}" stroke-linejoin="round"'
    if len(there) <= MOST_NAMED:
        shown = [
            f'<path d="{path}" fill="{STEPS[step[row]]}"><title>{escape(labels[row])}</title></path>'
            for path, row in zip(paths, there.tolist(), strict=True)
        ]
    else:
        shown = [
            f'<path d="{"".join(paths[place] for place in np.flatnonzero(step[there] == k))}" fill="{STEPS[k]}"/>'
            for k in range(len(STEPS))
        ]
    return [f"<g {style}>", *shown, "</g>"], height


def _to_pixels(shapes: np.ndarray) -> tuple[np.ndarray, float]:
    """Shapes in degrees as pixels, y down, lengths true in the middle of the map; and the height."""
    west, south, east, north = shapely.total_bounds(shapes)
    shrink = float(np.cos(np.deg2rad((south + north) / 2)))
    scale = min(WIDTH / max((east - west) * shrink, 1e-9), MOST_HEIGHT / max(north - south, 1e-9))
    indent = (WIDTH - (east - west) * shrink * scale) / 2
    height = max((north - south) * scale, LEAST_HEIGHT)

    def pixels(xy: FloatArray) -> FloatArray:
        return np.column_stack((indent + (xy[:, 0] - west) * shrink * scale, (north - xy[:, 1]) * scale))

    return shapely.transform(shapes, pixels), height


def _paths(shapes: np.ndarray, tolerance: float) -> list[str]:
    simple = shapely.simplify(shapes, tolerance, preserve_topology=True)
    return [
        "".join(_ring(ring) for part in shapely.get_parts(shape) for ring in _rings(part, tolerance))
        for shape in simple
    ]


def _rings(polygon: shapely.Polygon, tolerance: float) -> list[FloatArray]:
    # holes and islets smaller than what simplifying forgives aren't seen
    inner = [ring for ring in polygon.interiors if shapely.Polygon(ring).area > tolerance**2]
    return [shapely.get_coordinates(ring) for ring in (polygon.exterior, *inner)]


def _ring(corners: FloatArray) -> str:
    """A closed path in tenths of pixels, as relative moves of which most have few digits."""
    tenths = np.round(corners[:-1] * 10).astype(np.int64)
    moves = np.diff(tenths, axis=0)
    moves = moves[(moves != 0).any(axis=1)]
    start = f"M{tenths[0, 0] / 10:g} {tenths[0, 1] / 10:g}"
    if len(moves) == 0:
        return start + "h.5v.5z"
    return start + "l" + " ".join(f"{dx / 10:g} {dy / 10:g}" for dx, dy in moves) + "z"


def _points(centroid: FloatArray, step: IntArray, labels: Sequence[str]) -> tuple[list[str], float]:
    known = np.flatnonzero(np.isfinite(centroid).all(axis=1))
    low, high = centroid[known].min(axis=0), centroid[known].max(axis=0)
    span = np.maximum(high - low, 1.0)
    scale = min((WIDTH - 30) / span[0], (MOST_HEIGHT - 30) / span[1])
    radius = float(np.clip(250 / np.sqrt(len(known)), 2, 12))
    across = 15 + (centroid[:, 0] - low[0]) * scale
    down = 15 + (high[1] - centroid[:, 1]) * scale
    shown = [
        f'<circle cx="{across[row]:.1f}" cy="{down[row]:.1f}" '
        f'r="{radius:.1f}" fill="{STEPS[step[row]]}" stroke="{SOFT}"><title>{escape(labels[row])}</title></circle>'
        for row in known.tolist()
    ]
    return shown, float(30 + span[1] * scale)


def _tiles(areas: AreaTable, step: IntArray, labels: Sequence[str]) -> tuple[list[str], float]:
    across = max(int(np.ceil(np.sqrt(2.2 * len(areas)))), 8)
    edge = WIDTH / across
    shown = []
    for place, row in enumerate(np.lexsort((areas.code.astype(str), areas.parent.astype(str))).tolist()):
        x, y = edge * (place % across), 0.6 * edge * (place // across)
        shown.append(rectangle(x + 1, y + 1, edge - 2, 0.6 * edge - 2, STEPS[step[row]], labels[row], SOFT))
        if edge >= 34:
            ink = INK if step[row] < 3 else "#ffffff"
            said = str(areas.code[row])[-8:]
            shown.append(text(x + edge / 2, y + 0.3 * edge + 4, said, "middle", min(12, edge / 5), ink))
    return shown, 0.6 * edge * (-(-len(areas) // across))
