"""Whether the server can do its work, for whatever watches it."""

from __future__ import annotations

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse


def health(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, else 503; nothing about what is in it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"status": "database-away"}, status=503)
    return JsonResponse({"status": "ok"})
