"""Addresses that are read every hour: messages from feeds become sightings, fact checks are kept as they are given."""

from __future__ import annotations

import calendar
import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import feedparser
from django.db import transaction
from django.utils import timezone

from rukun.server.audit.services import SYSTEM, change
from rukun.server.people.scope import Scope
from rukun.server.people.services import Refused
from rukun.server.reports.checks import among, masked_text
from rukun.server.rumours import claim_reviews
from rukun.server.rumours.claim_reviews import Review
from rukun.server.rumours.evidence import checked_link
from rukun.server.rumours.fetching import Fetched, Unreachable, fetch
from rukun.server.rumours.intake.mail import words_of_html
from rukun.server.rumours.intake.receiving import Received, take
from rukun.server.rumours.models import FactCheck, Source
from rukun.server.rumours.moves import RumourChanged, require_desk
from rukun.server.rumours.states import Channel
from rukun.server.rumours.tasks import match_soon

log = logging.getLogger("rukun.rumours")
MOST_NAME = 120
#: Pages that a feed of fact checks leads to and that are read in one go: the rest comes the next hour.
_PAGES = 20
_MOST_ENTRIES = 500
_FEED = ("rss", "atom", "xml", "rdf")


@dataclass(frozen=True)
class SourceIn:
    """An address as the desk names it."""

    kind: str
    name: str
    link: str
    language: str = ""
    active: bool = True


def add_source(scope: Scope, given: SourceIn) -> Source:
    """Name an address to be read every hour. Raises NotAllowed, Refused."""
    require_desk(scope)
    fields = _checked(given)
    with change(scope.actor) as trail:
        if Source.objects.filter(link=given.link.strip()).exists():
            raise Refused("this address is read already", "link", "Alamat ini sudah ada.")
        source = Source.objects.create(id=uuid4(), **fields)
        trail.add("source.added", f"source:{source.pk}", kind=given.kind)
    return source


def change_source(scope: Scope, source_id: UUID, version: int, given: SourceIn) -> Source:
    """Change an address, or (active=False) read it no longer. Raises as `add_source`, RumourChanged, DoesNotExist."""
    require_desk(scope)
    fields = _checked(given)
    with change(scope.actor) as trail:
        source = Source.objects.select_for_update().get(pk=source_id)
        if source.version != version:
            raise SourceChanged(source)
        if Source.objects.filter(link=fields["link"]).exclude(pk=source_id).exists():
            raise Refused("this address is read already", "link", "Alamat ini sudah ada.")
        altered = sorted(name for name, value in fields.items() if getattr(source, name) != value)
        for name, value in fields.items():
            setattr(source, name, value)
        if {"link", "kind"} & set(altered):
            source.mark, source.fault = "", ""
        source.version += 1
        source.save()
        trail.add("source.changed", f"source:{source.pk}", fields=altered)
    return source


class SourceChanged(RumourChanged):
    """Somebody else changed the address in the meantime. record: as it is now."""

    @property
    def current(self) -> dict[str, Any]:
        """The address as the API shows it."""
        from rukun.server.rumours.schemas import SourceOut

        return SourceOut.of(self.record).model_dump(mode="json")


def read_sources() -> dict[str, int]:
    """Read every active address; how many sightings and fact checks are new. One that fails holds up no other."""
    counts = {"sightings": 0, "fact_checks": 0, "faults": 0}
    for source in Source.objects.filter(active=True).order_by("read_at", "pk"):
        try:
            found = fetch(source.link, source.mark)
            if found.new:
                name, number = _taken(source, found)
                counts[name] += number
            fault, mark = "", found.mark
        except Unreachable as wrong:
            fault, mark = str(wrong), source.mark
            counts["faults"] += 1
            log.warning("source %s: %s", source.pk, wrong)
        read_at = source.read_at if fault else timezone.now()
        Source.objects.filter(pk=source.pk, link=source.link).update(fault=fault[:300], mark=mark, read_at=read_at)
    return counts


def messages_in(content: bytes, language: str = "") -> list[Received]:
    """What the entries of an RSS or Atom feed say, without who wrote them. Raises Unreachable if it is no feed."""
    found = []
    for entry in _entries(content):
        body = words_of_html(str(entry.get("summary", "")))
        title = words_of_html(str(entry.get("title", "")))
        words = body if body.startswith(title) else "\n".join(part for part in (title, body) if part)
        source = str(entry.get("id") or entry.get("link") or words)
        found.append(Received(source, words, _moment(entry), "", language))
    return found


def keep(reviews: Sequence[Review], language: str = "") -> int:
    """Store fact checks by their links; what a publisher changed is changed here. How many are new."""
    new = changed = 0
    now = timezone.now()
    with change(SYSTEM) as trail, transaction.atomic():
        known = FactCheck.objects.in_bulk([each.link[:1000] for each in reviews], field_name="link")
        for each in reviews:
            if len(each.link) > 1000:
                continue
            given = {
                "publisher": each.publisher[:200],
                "title": masked_text("title", each.title[:1000])[0],
                # the publisher's wording of a claim may quote a number or name that circulates
                "claim": masked_text("claim", each.claim[:4000])[0],
                "verdict": each.verdict[:300],
                "date": each.date[:40],
                "language": (each.language or language)[:8],
            }
            before = known.get(each.link)
            if before is None:
                made = FactCheck(id=uuid4(), link=each.link, received_at=now, changed_at=now, **given)
                made.save(force_insert=True)
                known[each.link] = made
                new += 1
            elif any(getattr(before, name) != value for name, value in given.items()):
                FactCheck.objects.filter(pk=before.pk).update(changed_at=now, **given)
                changed += 1
        if new or changed:
            trail.add("fact_checks.read", "fact_check:many", new=new, changed=changed)
    if new or changed:
        match_soon()
    return new


def _taken(source: Source, found: Fetched) -> tuple[str, int]:
    if source.kind == Source.Kind.MESSAGES:
        return "sightings", take(Channel.FEED, messages_in(found.content, source.language)).stored
    try:
        if source.kind == Source.Kind.GOOGLE:
            return "fact_checks", keep(claim_reviews.in_google(found.content), source.language)
        return "fact_checks", keep(_claim_reviews(found), source.language)
    except ValueError as wrong:
        raise Unreachable(f"it can't be read: {wrong}"[:300]) from wrong


def _claim_reviews(found: Fetched) -> list[Review]:
    """Of a page, of a JSON file, or of the pages that a feed leads to and that aren't known yet."""
    if "json" in found.kind:
        return claim_reviews.in_json(found.content, found.link)
    if not any(word in found.kind for word in _FEED) or "html" in found.kind:
        return claim_reviews.in_page(found.content, found.link)
    links = [str(entry.get("link", "")) for entry in _entries(found.content)]
    known = set(FactCheck.objects.filter(link__in=links).values_list("link", flat=True))
    reviews: list[Review] = []
    for link in [link for link in dict.fromkeys(links) if link and link not in known][:_PAGES]:
        try:
            page = fetch(link)
        except Unreachable as wrong:
            log.warning("a fact check's page: %s", wrong)
            continue
        reviews += claim_reviews.in_page(page.content, page.link)
    return reviews


def _entries(content: bytes) -> list[Any]:
    # given as bytes and never as an address: feedparser would fetch it without our guard
    parsed = feedparser.parse(content, sanitize_html=False, resolve_relative_uris=False)
    if not parsed.get("version"):
        raise Unreachable("this is no RSS or Atom feed")
    return list(parsed.entries[:_MOST_ENTRIES])


def _moment(entry: Any) -> dt.datetime | None:
    read = entry.get("published_parsed") or entry.get("updated_parsed")
    if not read:
        return None
    try:
        return dt.datetime.fromtimestamp(calendar.timegm(read), dt.UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def _checked(given: SourceIn) -> dict[str, Any]:
    among("kind", given.kind, Source.Kind.values)
    name, _ = masked_text("name", given.name, MOST_NAME)
    if not name:
        raise Refused("give it a name", "name", "Beri nama alamat ini.")
    link = checked_link("link", given.link)
    return {"kind": given.kind, "name": name, "link": link, "language": given.language, "active": given.active}
