"""What is the same for every request: how large it may be, how long a session may rest, and what browsers may keep."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rukun.server.problems import problem

#: A photo with its envelope; everything else is text.
_MOST_PHOTO, _MOST_TEXT = 13 << 20, 4 << 20
_SEEN = "seen"

Respond = Callable[[HttpRequest], HttpResponse]


class Size:
    """Turns away at once, before a byte of it is read, what is too large or doesn't say how large it is."""

    def __init__(self, get_response: Respond) -> None:
        """Around everything that reads."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response, or 413 or 411."""
        if request.META.get("HTTP_TRANSFER_ENCODING"):
            return _turned_away(request, 411, "length-needed", "say how long it is (Content-Length)")
        most = _MOST_PHOTO if "/photos/" in request.path else _MOST_TEXT
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if not length.isdigit() or int(length) > most:
            return _turned_away(request, 413, "too-big", f"at most {most >> 20} MB can be sent here")
        return self.get_response(request)


class Idle:
    """Signs out a browser that wasn't used for a while: an office computer is left unlocked."""

    def __init__(self, get_response: Respond) -> None:
        """Behind the session."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response. The moment is noted once a minute, not with each request."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            now = int(time.time())
            seen = request.session.get(_SEEN, now)
            if now - seen > settings.RUKUN_IDLE_SECONDS:
                logout(request)
            elif _SEEN not in request.session or abs(now - seen) >= 60:
                request.session[_SEEN] = now
        return self.get_response(request)


class NoStore:
    """Keeps pages and answers out of every cache but those that say themselves what may be kept (static files)."""

    def __init__(self, get_response: Respond) -> None:
        """Around everything."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response with its headers."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        return response


def _turned_away(request: HttpRequest, status: int, kind: str, said: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        answer: HttpResponse = problem(status, kind, said)
    else:
        words = {"indonesian": "Kiriman ini terlalu besar untuk diterima.", "english": f"Too big to be taken: {said}."}
        answer = render(None, "interface/fault.html", words, status=status)
    # what was sent stays unread, so nothing else can follow on this connection
    answer["Connection"] = "close"
    return answer
