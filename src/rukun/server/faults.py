"""When the database or the disk is gone: a clear answer, and nothing half-written."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse

log = logging.getLogger("rukun.faults")
RETRY_AFTER = "10"


class Faults:
    """Answers 503 with what is wrong and when to try again; every write is a transaction, so nothing is left of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Around everything else."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response; `process_exception` makes the one for faults inside views."""
        try:
            return self.get_response(request)
        except (OperationalError, InterfaceError, OSError) as fault:
            answer = answer_to(fault)
            if answer is None:
                raise
            return answer

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Faults that a view raised."""
        return answer_to(exception)


def answer_to(fault: BaseException) -> HttpResponse | None:
    """The answer to a fault of the machine, or None where it is none."""
    if not isinstance(fault, OperationalError | InterfaceError | OSError):
        return None
    said = str(fault).lower()
    if "full" in said or getattr(fault, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "no space" in said:
        kind, title, status = "disk-full", "The server's disk is full. Nothing was stored; send it again later.", 507
    elif isinstance(fault, OSError) and not isinstance(fault, ConnectionError):
        return None
    else:
        kind, title, status = (
            "database-away",
            "The database doesn't answer. Nothing was stored; send it again later.",
            503,
        )
    log.error("%s: %s", kind, fault)
    body = {"type": f"/problems/{kind}", "title": title, "status": status}
    headers = {"Retry-After": RETRY_AFTER}
    return JsonResponse(body, status=status, content_type="application/problem+json", headers=headers)
