"""`manage.py jobs`: works off the queue, and puts the night's jobs in it."""

from __future__ import annotations

import logging
import threading
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from rukun.server import pulse
from rukun.server.night import worker
from rukun.server.night.services import enqueue_due, enqueue_often

log = logging.getLogger("rukun.night")
_SECONDS = 30


class Command(BaseCommand):
    """The part of `rukun serve` that does what takes longer than a page may."""

    help = __doc__

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Until told to stop."""
        # beside the worker and not in it: a forecast that takes an hour doesn't hold up the clock
        threading.Thread(target=_watch, args=(threading.Event(),), daemon=True).start()
        with worker.only_one():
            worker.take_up_left()
            call_command("db_worker", reload=False, worker_id=worker.name())


def _watch(stop: threading.Event) -> None:
    while True:
        pulse.beat()
        try:
            for name in (*enqueue_due(), *enqueue_often()):
                log.info("%s is due: put in the queue", name)
            worker.mask_failures()
        except DatabaseError as fault:
            # the worker says so, too; the next look tries again
            log.warning("the night's jobs can't be looked after: %s", str(fault).splitlines()[0])
        finally:
            connection.close()
        if stop.wait(_SECONDS):
            return
