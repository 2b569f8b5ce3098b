"""The one worker of an installation's queue on this machine: that it lives, and what an earlier one left behind."""

from __future__ import annotations

import fcntl
import logging
import socket
from pathlib import Path
from typing import IO

from django.conf import settings
from django_tasks_db.models import DBTaskResult

from rukun.server.logs import without_records

log = logging.getLogger("rukun.night")
#: A job whose worker ended so often while it ran is the reason for it.
MOST_TRIES = 3


def name() -> str:
    """The worker's name in the queue: the same each time, so that it knows its own again."""
    return f"{socket.gethostname()}:{settings.HOME}"[-64:]


def only_one() -> IO[str]:
    """Wait until no other worker of this RUKUN_HOME runs, and be it for as long as the file stays open."""
    file = (Path(settings.HOME) / "jobs.lock").open("w")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def take_up_left() -> int:
    """Put jobs that an earlier worker was at when it ended back in the queue; how many. After some tries they fail."""
    again = 0
    for job in DBTaskResult.objects.running():
        if not job.worker_ids or job.worker_ids[-1] != name():
            continue
        if len(job.worker_ids) >= MOST_TRIES:
            job.set_failed(RuntimeError(f"its worker ended {MOST_TRIES} times while it ran"))
        else:
            again += DBTaskResult.objects.filter(pk=job.pk, status="RUNNING").update(status="READY")
    if again:
        log.warning("%s jobs were cut off: they are done again", again)
    return again


def mask_failures() -> int:
    """Take rows of the database and personal data out of what failed jobs say of themselves; how many said any."""
    masked = 0
    for job in DBTaskResult.objects.failed():
        plain = without_records(job.traceback)
        if plain != job.traceback:
            masked += DBTaskResult.objects.filter(pk=job.pk).update(traceback=plain)
    return masked
