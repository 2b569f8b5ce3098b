"""When the database or the disk is gone: a clear answer, and nothing half-written."""

from __future__ import annotations

import errno
import logging
import sys
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

from rukun.server.problems import problem

log = logging.getLogger("rukun.faults")
RETRY_AFTER = "10"
#: What each fault is called on a page, in Indonesian and English.
_SAID = {
    "disk-full": (
        "Penyimpanan server penuh. Tidak ada yang tersimpan; coba lagi nanti.",
        "The server's disk is full. Nothing was stored; send it again later.",
    ),
    "database-away": (
        "Basis data tidak menjawab. Tidak ada yang tersimpan; coba lagi sebentar lagi.",
        "The database doesn't answer. Nothing was stored; send it again later.",
    ),
    "broken": (
        "Ada yang salah di server. Tidak ada yang tersimpan; administrator dapat melihatnya di catatan server.",
        "Something went wrong in the server. Nothing was stored; its log says what.",
    ),
}


class Faults:
    """Answers 503 or 507 to faults that a view meets; every write is a transaction, so nothing is left of it.

    Those that arise around the views (sessions, accounts) come to `broken`, where Django takes every failure.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Around everything else."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Faults that a view raised."""
        return answer_to(exception, request)


def answer_to(fault: BaseException | None, request: HttpRequest) -> HttpResponse | None:
    """The answer to a fault of the machine, or None where it is none."""
    if not isinstance(fault, OperationalError | InterfaceError | OSError):
        return None
    said = str(fault).lower()
    if "full" in said or getattr(fault, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "no space" in said:
        kind, status = "disk-full", 507
    elif isinstance(fault, OSError) and not isinstance(fault, ConnectionError):
        return None
    else:
        kind, status = "database-away", 503
    log.error("%s: %s", kind, (str(fault).splitlines() or [type(fault).__name__])[0])
    answer = _said(request, status, kind)
    answer["Retry-After"] = RETRY_AFTER
    return answer


def broken(request: HttpRequest) -> HttpResponse:
    """The answer to every other failure (Django's handler500): it says nothing of what is inside."""
    return answer_to(sys.exc_info()[1], request) or _said(request, 500, "broken")


def _said(request: HttpRequest, status: int, kind: str) -> HttpResponse:
    indonesian, english = _SAID[kind]
    if request.path.startswith("/api/"):
        return problem(status, kind, english)
    # without what pages are otherwise told, which would have to be asked of the database
    page = loader.get_template("interface/fault.html").render({"indonesian": indonesian, "english": english})
    return HttpResponse(page, status=status)
