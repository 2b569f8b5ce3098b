"""Running the server: the web part and the jobs, each a process; when one ends, all do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

_PATIENCE = 20


def serve(host: str, port: int, workers: int, threads: int) -> int:
    """Serve until told to stop (SIGTERM or SIGINT); the exit status of the part that ended first."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "rukun.server.settings"}
    web = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        str(workers),
        "--blocking-threads",
        str(threads),
        "--backlog",
        "2048",
        "--respawn-failed-workers",
        "--log-level",
        "warning",
        "rukun.server.wsgi:application",
    ]
    jobs = [sys.executable, "-m", "rukun.server.manage", "jobs"]
    parts = [subprocess.Popen(command, env=environment) for command in (web, jobs)]
    stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for part in parts:
            if part.poll() is None:
                part.terminate()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    status = _first_end(parts)
    if not stopping:
        stop(signal.SIGTERM, None)
    for part in parts:
        try:
            part.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            part.kill()
    return 0 if stopping and status <= 0 else status


def _first_end(parts: Sequence[subprocess.Popen[bytes]]) -> int:
    while True:
        for part in parts:
            status = part.poll()
            if status is not None:
                return status
        time.sleep(0.2)
