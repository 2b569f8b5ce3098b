"""That the worker of the jobs lives: a file in RUKUN_HOME which it touches."""

from __future__ import annotations

import os
import time
from pathlib import Path

from django.conf import settings


def beat() -> None:
    """Say that the worker lives."""
    path = Path(settings.HOME) / "jobs-alive"
    path.touch(mode=0o600)
    os.utime(path)


def silent_for() -> float | None:
    """Seconds since the worker last said that it lives; None when it never did."""
    try:
        return max(0.0, time.time() - (Path(settings.HOME) / "jobs-alive").stat().st_mtime)
    except FileNotFoundError:
        return None
