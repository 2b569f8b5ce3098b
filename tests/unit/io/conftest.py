"""Files as people send them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
AREAS = "code,name\n74.71.01.1001,Kandai\n74.71.01.1002,Gunung Jati\n74.71.02.1001,Watulondo\n"

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of this name and content, and return its path."""

    def _write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return _write


@pytest.fixture
def areas(write: Write) -> Path:
    """Three villages in two subdistricts."""
    return write("areas.csv", AREAS)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real data, which isn't part of the project."""
    if not SHARED.is_dir():
        pytest.skip(f"the real data isn't at {SHARED}")
    return SHARED
