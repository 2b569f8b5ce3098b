"""Jobs of the rumour desk: what takes longer than a page may."""

from __future__ import annotations

import imaplib
import logging
from typing import Any

from django.conf import settings
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

log = logging.getLogger("rukun.rumours")


@task()
def sort() -> int:
    """Sort what came in into rumours, and propose for these; how many sightings."""
    from rukun.server.rumours import matching, proposing, sorting

    done = sorting.sort_new()
    proposing.propose(done.touched)
    matching.match_rumours(done.touched)
    return done.joined + done.made


@task()
def match() -> int:
    """Suggest fact checks for every open rumour; how many have one."""
    from rukun.server.rumours import matching

    return matching.match_rumours()


@task()
def propose() -> int:
    """Propose for every open rumour as it spreads now; how many."""
    from rukun.server.rumours import proposing

    return proposing.propose()


@task()
def read_sources() -> dict[str, int]:
    """Read feeds and fact checks; how many are new."""
    from rukun.server.rumours import feeds

    return feeds.read_sources()


@task()
def read_mail() -> int:
    """Read the desk's mailbox, where there is one; how many messages are new."""
    from rukun.server.rumours.intake import mail

    if not settings.RUKUN_MAIL:
        return 0
    try:
        return mail.read_mailbox(mail.mailbox_of(settings.RUKUN_MAIL)).stored
    except (OSError, imaplib.IMAP4.error) as fault:
        # what a server says may hold the name of the mailbox
        log.warning("the desk's mail can't be read (%s): look at RUKUN_MAIL", type(fault).__name__)
        return 0


@task()
def escalate() -> int:
    """Tell the directorate of passed deadlines; how many."""
    from rukun.server.rumours import escalating

    return escalating.escalate()


def has_sources() -> bool:
    """Whether there are addresses to read."""
    from rukun.server.rumours.models import Source

    return Source.objects.filter(active=True).exists()


def has_mail() -> bool:
    """Whether the desk has a mailbox."""
    return bool(settings.RUKUN_MAIL)


def has_passed() -> bool:
    """Whether a deadline passed of which the directorate wasn't told."""
    from rukun.server.rumours import escalating

    return escalating.passed(timezone.now()).exists()


def has_open() -> bool:
    """Whether rumours wait for an answer."""
    from rukun.server.rumours.models import Rumour
    from rukun.server.rumours.states import OPEN

    return Rumour.objects.filter(status__in=OPEN, merged_into=None).exists()


def has_waiting() -> bool:
    """Whether sightings wait to be sorted."""
    from rukun.server.rumours.models import Sighting

    return Sighting.objects.filter(rumour=None, emptied_at=None).exists()


def sort_soon() -> None:
    """Sort what came in as soon as the worker can."""
    soon(sort)


def match_soon() -> None:
    """Look for fact checks as soon as the worker can."""
    soon(match)


def soon(job: Any) -> bool:
    """Put a job in the queue unless it waits there already: a thousand messages at once are one job."""
    if DBTaskResult.objects.ready().filter(task_path=job.module_path).exists():
        return False
    job.enqueue()
    return True
