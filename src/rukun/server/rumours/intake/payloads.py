"""What message services send, in the shapes that they document: text, picture caption and time are taken, no sender.

WhatsApp Cloud API (webhook field "messages"), Telegram Bot API ("Update") and RapidPro (a flow's webhook). What is of
another shape holds no message for us: services add kinds as they like, and ask again for ever if they are refused.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from rukun.server.rumours.intake.receiving import Received

#: Services try again for at most a week; what is older was recorded and is played back.
WINDOW = dt.timedelta(days=7)
_AHEAD = dt.timedelta(minutes=10)
_MOST = 1000


class Unreadable(ValueError):
    """It isn't JSON."""


def from_whatsapp(body: bytes, now: dt.datetime) -> list[Received]:
    """Messages of a WhatsApp Cloud API notification. Raises Unreadable."""
    return _fresh(_whatsapp(_read(body)), now)


def from_telegram(body: bytes, now: dt.datetime) -> list[Received]:
    """The message of a Telegram update, new or forwarded. Raises Unreadable."""
    return _fresh(_telegram(_read(body)), now)


def from_rapidpro(body: bytes, now: dt.datetime) -> list[Received]:
    """The message that a RapidPro flow passes on. Raises Unreadable."""
    return _fresh(_rapidpro(_read(body)), now)


def _whatsapp(given: Any) -> Iterator[Received]:
    for entry in _list(given, "entry"):
        for changed in _list(entry, "changes"):
            for message in _list(_map(changed, "value"), "messages"):
                kind = _text(message, "type")
                # a text has its body, what shows something a caption
                words = _text(_map(message, kind), "body") or _text(_map(message, kind), "caption")
                yield Received(_text(message, "id"), words, _from_epoch(message.get("timestamp")))


def _telegram(given: Any) -> Iterator[Received]:
    for kind in ("message", "channel_post"):
        message = _map(given, kind)
        words = _text(message, "text") or _text(message, "caption")
        update = given.get("update_id") if isinstance(given, dict) else None
        if isinstance(update, int):
            yield Received(str(update), words, _from_epoch(message.get("date")))


def _rapidpro(given: Any) -> Iterator[Received]:
    message = _map(given, "input")
    said = _text(message, "created_on") or _text(_map(given, "run"), "created_on")
    source = _text(message, "uuid") or _text(_map(given, "run"), "uuid")
    yield Received(source, _text(message, "text"), _from_iso(said))


def _fresh(found: Iterator[Received], now: dt.datetime) -> list[Received]:
    kept = []
    for each in found:
        if not each.source or not each.text.strip() or each.at is None:
            continue
        if now - WINDOW <= each.at <= now + _AHEAD:
            kept.append(each)
        if len(kept) == _MOST:
            break
    return kept


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise Unreadable("this is no JSON") from wrong


def _map(given: Any, name: str) -> dict[str, Any]:
    found = given.get(name) if isinstance(given, dict) else None
    return found if isinstance(found, dict) else {}


def _list(given: Any, name: str) -> list[dict[str, Any]]:
    found = given.get(name) if isinstance(given, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(given: dict[str, Any], name: str) -> str:
    found = given.get(name)
    return found if isinstance(found, str) else ""


def _from_epoch(given: Any) -> dt.datetime | None:
    """WhatsApp writes seconds as text, Telegram as a number."""
    try:
        return dt.datetime.fromtimestamp(int(given), dt.UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _from_iso(given: str) -> dt.datetime | None:
    try:
        read = dt.datetime.fromisoformat(given)
    except ValueError:
        return None
    return read if read.tzinfo is not None else read.replace(tzinfo=dt.UTC)
