"""Running the server: the web part and the jobs, each a process.

The jobs are started again when they end (the database was away, somebody killed them), each time after a longer pause.
When the web part ends, all of it does, so that whatever watches over it (systemd) starts it anew; its own workers are
started again by itself.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

log = logging.getLogger("rukun.serving")
_PATIENCE = 20
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_LOOK = 0.2
#: Of prctl(2).
_SET_CHILD_SUBREAPER = 36


def serve(host: str, port: int, workers: int, threads: int) -> int:
    """Serve until told to stop (SIGTERM or SIGINT): 0; or the exit status of the web part that ended by itself."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "rukun.server.settings"}
    web_command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", str(threads), "--backlog", "2048",
        "--respawn-failed-workers", "--respawn-interval", "1", "--workers-kill-timeout", "10",
        # no access log: addresses and hours of people are data that nobody needs
        "--no-access-log", "--log-level", "warning", "rukun.server.wsgi:application",
    ]  # fmt: skip
    jobs_command = [sys.executable, "-m", "rukun.server.manage", "jobs"]
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    _adopt()
    web = subprocess.Popen(web_command, env=environment)
    jobs = subprocess.Popen(jobs_command, env=environment)
    begun, pause = time.monotonic(), _FIRST_PAUSE
    again: float | None = None
    while not stopping.is_set() and web.poll() is None:
        now = time.monotonic()
        if again is None and jobs.poll() is not None:
            pause = _FIRST_PAUSE if now - begun > _LONGEST_PAUSE else min(2 * pause, _LONGEST_PAUSE)
            log.warning("the jobs ended with status %s: started again in %.0f s", jobs.returncode, pause)
            again = now + pause
        elif again is not None and now >= again:
            jobs, begun, again = subprocess.Popen(jobs_command, env=environment), now, None
        stopping.wait(_LOOK)
    told = stopping.is_set()
    _end(web, jobs)
    return 0 if told else web.returncode or 1


def _adopt() -> None:
    """Be the parent of what a part leaves behind (Linux): workers whose main process was killed keep the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _left() -> list[int]:
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    return [int(number) for number in children.read_text().split()] if children.exists() else []


def _end(*parts: subprocess.Popen[bytes]) -> None:
    for part in parts:
        if part.poll() is None:
            part.terminate()
    for part in parts:
        try:
            part.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            part.kill()
            part.wait()
    for number in _left():
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)
