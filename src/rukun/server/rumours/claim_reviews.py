"""Fact checks as their publishers give them: ClaimReview in pages and data files, and Google Fact Check Tools' JSON.

Publisher, title, verdict, date and link are taken as they are written, never worded anew.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

_DEEPEST = 12
_MOST = 2000


@dataclass(frozen=True)
class Review:
    """A publisher's fact check; claim, date and language are "" where it gives none."""

    publisher: str
    title: str
    claim: str
    verdict: str
    date: str
    link: str
    language: str = ""


def in_page(content: bytes, link: str) -> list[Review]:
    """ClaimReviews in the JSON-LD of a page at `link`; those without publisher, claim, verdict or link are left out."""
    page = _Page()
    page.feed(content.decode("utf-8", "replace"))
    page.close()
    found: list[Review] = []
    for script in page.scripts:
        try:
            given = json.loads(script)
        except (ValueError, RecursionError):
            # one damaged block doesn't hide the others
            continue
        found += _reviews(given, link, page.title)
    return _once(found)


def in_json(content: bytes, link: str) -> list[Review]:
    """ClaimReviews of a JSON file (JSON-LD, also a DataFeed such as Data Commons'). Raises ValueError if it is none."""
    try:
        given = json.loads(content)
    except RecursionError as wrong:
        raise ValueError("its JSON is nested too deep") from wrong
    return _once(list(_reviews(given, link, "")))


def in_google(content: bytes) -> list[Review]:
    """Fact checks of Google Fact Check Tools (claims:search, v1alpha1). Raises ValueError if it is no such JSON."""
    given = json.loads(content)
    if not isinstance(given, dict) or not isinstance(given.get("claims", []), list):
        raise ValueError("it isn't what claims:search of Google Fact Check Tools gives")
    found = []
    for claim in given.get("claims", []):
        for review in _list(claim, "claimReview"):
            publisher = review.get("publisher")
            words = _words(claim.get("text"))
            found.append(
                Review(
                    publisher=_words(_of(publisher, "name")) or _words(_of(publisher, "site")),
                    title=_words(review.get("title")) or words,
                    claim=words,
                    verdict=_words(review.get("textualRating")),
                    date=_words(review.get("reviewDate")),
                    link=_words(review.get("url")),
                    language=_words(review.get("languageCode"))[:8],
                )
            )
    return _once(found)


class _Page(HTMLParser):
    """The JSON-LD blocks and the title of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[str] = []
        self.title = ""
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = (dict(attrs).get("type") or "").lower().partition(";")[0].strip()
        if tag == "script" and kind == "application/ld+json":
            self._inside = "script"
            self.scripts.append("")
        elif tag == "title" and not self.title:
            self._inside = "title"

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside == "title":
            self.title += data


def _reviews(given: Any, link: str, title: str) -> Iterator[Review]:
    for node in _nodes(given, _DEEPEST):
        kinds = node.get("@type")
        if "ClaimReview" in (kinds if isinstance(kinds, list) else [kinds]):
            claim = _words(node.get("claimReviewed"))
            yield Review(
                publisher=_name(node.get("publisher")) or _name(node.get("author")),
                title=_words(node.get("headline")) or _words(node.get("name")) or _words(title) or claim,
                claim=claim,
                verdict=_verdict(node.get("reviewRating")),
                date=_words(node.get("datePublished")),
                link=urljoin(link, _words(node.get("url")) or _words(_of(node.get("mainEntityOfPage"), "@id")) or link),
                language=_words(node.get("inLanguage"))[:8],
            )


def _nodes(given: Any, deep: int) -> Iterator[dict[str, Any]]:
    """Every mapping in what is nested, such as in @graph, itemListElement or dataFeedElement."""
    if deep == 0:
        return
    if isinstance(given, dict):
        yield given
        for value in given.values():
            yield from _nodes(value, deep - 1)
    elif isinstance(given, list):
        for value in given[:_MOST]:
            yield from _nodes(value, deep - 1)


def _verdict(rating: Any) -> str:
    """The publisher's words; where there is only a number, the number with its scale."""
    words = _words(_of(rating, "alternateName")) or _words(_of(rating, "name"))
    value = _words(_of(rating, "ratingValue"))
    if words or not value:
        return words
    best = _words(_of(rating, "bestRating"))
    return f"{value}/{best}" if best else value


def _name(given: Any) -> str:
    if isinstance(given, list):
        given = given[0] if given else None
    return _words(given) if isinstance(given, str) else _words(_of(given, "name"))


def _of(given: Any, name: str) -> Any:
    if isinstance(given, list):
        given = given[0] if given else None
    return given.get(name) if isinstance(given, dict) else None


def _words(given: Any) -> str:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return ""
    return " ".join(html.unescape(str(given)).split())


def _list(given: Any, name: str) -> list[dict[str, Any]]:
    found = given.get(name) if isinstance(given, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _once(found: list[Review]) -> list[Review]:
    """Whole ones, each link and claim once."""
    kept = {}
    for each in found:
        whole = each.publisher and each.title and each.verdict and each.link.startswith(("http://", "https://"))
        if whole:
            kept.setdefault((each.link, each.claim), each)
    return list(kept.values())[:_MOST]
