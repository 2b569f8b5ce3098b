"""What is left of signing in, and goes: devices that ended, sessions that ran out, failed attempts."""

from __future__ import annotations

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db.models import Q

from rukun.server.keeping import of_which_nothing_stays
from rukun.server.people.models import DeviceToken

KEPT = (
    of_which_nothing_stays("devices", (DeviceToken,), lambda moment: Q(ends_at__lt=moment) | Q(revoked_at__lt=moment)),
    of_which_nothing_stays("sessions", (Session,), lambda moment: Q(expire_date__lt=moment)),
    # they hold addresses; the lock-out itself looks back a quarter of an hour
    of_which_nothing_stays(
        "attempts", (AccessAttempt, AccessFailureLog, AccessLog), lambda moment: Q(attempt_time__lt=moment)
    ),
)
