"""Pictures that circulate: what is written in them, and whether two are alike. The picture itself isn't kept."""

from __future__ import annotations

import functools
import io
import logging
import shutil
import subprocess

from PIL import Image

from rukun.server.reports.photos import drawn_anew
from rukun.server.rumours.sightings import Picture

log = logging.getLogger("rukun.rumours")
_LANGUAGES = ("ind", "eng")
_SECONDS = 20
#: A picture of one colour, or of few edges, looks like every other such.
_EDGES = range(8, 57)
#: Pictures whose hashes differ in at most so many of 64 bits are taken for one.
ALIKE = 6


def look_at(content: bytes) -> Picture:
    """What is kept of a picture: nothing of place, time or device. Raises Refused for what is none."""
    plain = drawn_anew(content)
    with Image.open(io.BytesIO(plain)) as picture:
        found = difference_hash(picture)
    return Picture(found, text_in(plain))


def difference_hash(picture: Image.Image) -> str:
    """64 bits in hex, one for each two neighbours of a 9 by 8 grid: whether the right one is lighter.

    Stays nearly the same when a picture is scaled, compressed or written on at its edge (N. Krawetz, "Kind of like
    that", 2013). The library of that name would bring along wavelets for the same nine lines.
    """
    grid = picture.convert("L").resize((9, 8), Image.Resampling.BOX)
    grey = list(grid.tobytes())
    bits = 0
    for row in range(8):
        for column in range(8):
            left, right = grey[row * 9 + column], grey[row * 9 + column + 1]
            bits = bits << 1 | (right > left)
    return f"{bits:016x}"


def distance(one: str, other: str) -> int:
    """In how many of their 64 bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def tells_apart(found: str) -> bool:
    """Whether a hash says enough to know a picture by."""
    return bool(found) and int(found, 16).bit_count() in _EDGES


def text_in(content: bytes) -> str:
    """What is written in a picture, by tesseract where it is installed; "" where it isn't, or finds nothing."""
    languages = _languages()
    if not languages:
        return ""
    command = ["tesseract", "stdin", "stdout", "-l", "+".join(languages), "--psm", "6"]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=_SECONDS, check=True)
    except (subprocess.SubprocessError, OSError) as fault:
        log.warning("a picture's text can't be read: %s", type(fault).__name__)
        return ""
    lines = (" ".join(line.split()) for line in done.stdout.decode("utf-8", "replace").splitlines())
    return "\n".join(line for line in lines if line)


@functools.cache
def _languages() -> tuple[str, ...]:
    """Languages that tesseract knows here, of those that we need."""
    if shutil.which("tesseract") is None:
        return ()
    try:
        listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, timeout=_SECONDS, check=True)
    except (subprocess.SubprocessError, OSError):
        return ()
    known = listed.stdout.decode("utf-8", "replace").split()
    return tuple(language for language in _LANGUAGES if language in known)
