"""Addresses that are read: messages and fact checks as they are given, and never what lies inside a network."""

import gzip
import http.server
import json
import socket
import threading
import zlib
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rukun.server.audit.models import Entry
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.rumours import claim_reviews, feeds, fetching
from rukun.server.rumours.claim_reviews import Review
from rukun.server.rumours.feeds import SourceIn, add_source, change_source, keep, messages_in, read_sources
from rukun.server.rumours.fetching import Unreachable, address_of, fetch
from rukun.server.rumours.models import FactCheck, Sighting, Source
from rumour_samples import CLAIM

RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Kabar</title><link>https://example.org</link>
<item><title>Kabar gudang</title><description>&lt;p&gt;{CLAIM}&lt;/p&gt;</description><guid>a-1</guid>
<dc:creator>Wa Ode Rahasia</dc:creator><author>rahasia@example.org (Wa Ode Rahasia)</author>
<pubDate>Tue, 24 Nov 2026 10:00:00 +0800</pubDate></item>
<item><title>Tanpa isi</title><guid>a-2</guid></item></channel></rss>"""
ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Kabar</title><id>urn:x</id>
<updated>2026-11-24T02:00:00Z</updated><entry><id>urn:1</id><title>Kabar gudang</title>
<author><name>Wa Ode Rahasia</name></author><updated>2026-11-24T02:00:00Z</updated>
<summary>{CLAIM}</summary></entry></feed>"""
CLAIM_REVIEW = {
    "@context": "https://schema.org",
    "@type": "ClaimReview",
    "datePublished": "2026-11-24",
    "url": "https://cek.example.org/kotak-suara",
    "claimReviewed": "Kotak suara sudah dibuka",
    "author": {"@type": "Organization", "name": "Tim Cek Fakta"},
    "reviewRating": {
        "@type": "Rating",
        "ratingValue": "1",
        "bestRating": "5",
        "alternateName": "SALAH &amp; menyesatkan",
    },
    "itemReviewed": {"@type": "Claim", "author": {"@type": "Person", "name": "Wa Ode Rahasia"}},
}


def page(*blocks, title="[SALAH] Kotak suara"):
    scripts = "".join(f'<script type="application/ld+json">{block}</script>' for block in blocks)
    return f"<html><head><title>{title}</title>{scripts}</head><body><script>x()</script></body></html>".encode()


GOOGLE = {
    "claims": [
        {
            "text": "Kotak suara sudah dibuka", "claimant": "Wa Ode Rahasia", "claimDate": "2026-11-23T00:00:00Z",
            "claimReview": [
                {
                    "publisher": {"name": "Tim Cek Fakta", "site": "cek.example.org"}, "languageCode": "id",
                    "url": "https://cek.example.org/g1", "title": "Kotak suara utuh", "textualRating": "Salah",
                    "reviewDate": "2026-11-24T00:00:00Z",
                }
            ],
        }
    ],
    "nextPageToken": "x",
}  # fmt: skip


@contextmanager
def web(routes):
    """A server on this machine. routes: path to (status, headers, body) or a function of the request's headers."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            found = routes.get(self.path, (404, {}, b""))
            status, headers, body = found(self.headers) if callable(found) else found
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_):
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def inside(settings):
    """This machine is a host that the office allows."""
    settings.RUKUN_FEED_HOSTS = ("127.0.0.1",)


HTML, JSON, XML = ({"Content-Type": f"{kind}; charset=utf-8"} for kind in ("text/html", "application/json", "text/xml"))


class TestFetching:
    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1", "localhost", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0",
            "224.0.0.1", "100.64.0.1", "255.255.255.255", "::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1",
            "::ffff:10.0.0.1", "::",
            "2002:7f00:1::", "64:ff9b::7f00:1", "2130706433", "0x7f.1", "127.1",
        ],
    )  # fmt: skip
    def test_what_lies_inside_a_network_isnt_asked(self, settings, host):
        with pytest.raises(Unreachable, match=r"inside a network|no such host"):
            address_of(host, 80)

    @pytest.mark.parametrize(
        "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"]
    )
    def test_what_is_public_is_asked_at_the_address_that_was_checked(self, monkeypatch, address):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(family, 1, 6, "", (address, 80))])
        assert address_of("example.org", 80) == address

    def test_a_name_with_one_address_inside_isnt_asked_at_any(self, monkeypatch):
        both = [(socket.AF_INET, 1, 6, "", (address, 80)) for address in ("93.184.215.14", "10.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
        with pytest.raises(Unreachable, match="inside a network"):
            address_of("rebind.example", 80)

    @pytest.mark.parametrize(
        "link",
        [
            "file:///etc/passwd",
            "ftp://x/",
            "gopher://x/",
            "//x",
            "http://",
            "http://u:p@127.0.0.1/",
            "http://x:y/",
            "x",
        ],
    )
    def test_only_the_web_is_read(self, link):
        with pytest.raises(Unreachable):
            fetch(link)

    def test_a_redirect_doesnt_lead_inside(self, settings):
        with web({"/": (302, {"Location": "http://10.0.0.1/"}, b"")}) as (at, _):
            settings.RUKUN_FEED_HOSTS = (at.removeprefix("http://"),)
            with pytest.raises(Unreachable, match="inside a network"):
                fetch(at)

    def test_only_the_named_port_of_a_host_inside_is_open(self, settings):
        with web({"/": (200, HTML, b"x")}) as (at, _):
            settings.RUKUN_FEED_HOSTS = ("127.0.0.1:1",)
            with pytest.raises(Unreachable):
                fetch(at)

    def test_redirects_are_followed_a_few_times(self, inside):
        on = {"/": (302, {"Location": "/b"}, b""), "/b": (200, HTML, b"x"), "/c": (302, {"Location": "/c"}, b"")}
        with web(on) as (at, asked):
            assert (fetch(at).content, fetch(at).link) == (b"x", f"{at}/b")
            with pytest.raises(Unreachable, match="leads on"):
                fetch(f"{at}/c")
            assert asked.count("/c") == 5

    def test_large_and_packed_and_broken_answers(self, inside, monkeypatch):
        monkeypatch.setattr(fetching, "MOST_BYTES", 1000)
        bomb = gzip.compress(b"a" * 10_000_000)
        packed = {**HTML, "Content-Encoding": "gzip"}
        routes = {
            "/fits": (200, HTML, b"a" * 1000), "/large": (200, HTML, b"a" * 1001), "/bomb": (200, packed, bomb),
            "/packed": (200, packed, gzip.compress(b"isi")), "/broken": (200, packed, b"isi"), "/500": (500, {}, b""),
            "/deflate": (200, packed, zlib.compress(b"isi")),
        }  # fmt: skip
        with web(routes) as (at, _):
            assert len(fetch(f"{at}/fits").content) == 1000 and fetch(f"{at}/packed").content == b"isi"
            for path, said in {
                "large": "larger",
                "bomb": "larger",
                "broken": "can't",
                "500": "500",
                "404": "404",
            }.items():
                with pytest.raises(Unreachable, match=said):
                    fetch(f"{at}/{path}")

    def test_a_slow_server_is_left(self, inside, monkeypatch):
        monkeypatch.setattr(fetching, "_SECONDS", 0.3)
        wait = threading.Event()

        def slow(_):
            wait.wait(2)
            return 200, HTML, b"x"

        with web({"/": slow}) as (at, _), pytest.raises(Unreachable):
            fetch(at)
        wait.set()

    def test_nothing_new_costs_nothing(self, inside):
        def answer(headers):
            return (304, {}, b"") if headers.get("If-None-Match") == '"1"' else (200, {**HTML, "ETag": '"1"'}, b"x")

        with web({"/": answer}) as (at, _):
            first = fetch(at)
            assert (first.new, first.mark, fetch(at, first.mark).new) == (True, '"1"', False)


class TestClaimReviews:
    def test_a_page_gives_what_its_publisher_says_word_for_word(self):
        (review,) = claim_reviews.in_page(page(json.dumps(CLAIM_REVIEW)), "https://cek.example.org/x")
        assert review == Review(
            "Tim Cek Fakta", "[SALAH] Kotak suara", "Kotak suara sudah dibuka", "SALAH & menyesatkan", "2026-11-24",
            "https://cek.example.org/kotak-suara",
        )  # fmt: skip

    @pytest.mark.parametrize(
        "block",
        [
            {"@graph": [{"@type": "WebPage"}, CLAIM_REVIEW]},
            [CLAIM_REVIEW, CLAIM_REVIEW],
            {"@type": "DataFeed", "dataFeedElement": [{"@type": "DataFeedItem", "item": [CLAIM_REVIEW]}]},
            CLAIM_REVIEW | {"@type": ["Review", "ClaimReview"], "author": [CLAIM_REVIEW["author"]]},
            CLAIM_REVIEW | {"author": "Tim Cek Fakta", "url": "/kotak-suara"},
        ],
    )
    def test_however_it_is_nested(self, block):
        (review,) = claim_reviews.in_page(page("{broken", json.dumps(block)), "https://cek.example.org/x")
        assert (review.publisher, review.link) == ("Tim Cek Fakta", "https://cek.example.org/kotak-suara")
        assert claim_reviews.in_json(json.dumps(block).encode(), "https://cek.example.org/x")[0].claim == review.claim

    def test_a_number_alone_is_shown_with_its_scale_and_no_verdict_is_invented(self):
        rated = CLAIM_REVIEW | {"reviewRating": {"ratingValue": 2, "bestRating": 5}}
        assert claim_reviews.in_page(page(json.dumps(rated)), "https://x.id/")[0].verdict == "2/5"
        for missing in ("reviewRating", "author"):
            less = {name: value for name, value in CLAIM_REVIEW.items() if name != missing}
            assert claim_reviews.in_page(page(json.dumps(less)), "https://x.id/") == []
        bad = CLAIM_REVIEW | {"url": "javascript:alert(1)"}
        assert claim_reviews.in_page(page(json.dumps(bad)), "https://x.id/") == []

    def test_google_fact_check_tools(self):
        (review,) = claim_reviews.in_google(json.dumps(GOOGLE).encode())
        assert review == Review(
            "Tim Cek Fakta", "Kotak suara utuh", "Kotak suara sudah dibuka", "Salah", "2026-11-24T00:00:00Z",
            "https://cek.example.org/g1", "id",
        )  # fmt: skip
        assert claim_reviews.in_google(b"{}") == []
        for wrong in (b"[]", b"{", b'{"claims": 1}'):
            with pytest.raises(ValueError):
                claim_reviews.in_google(wrong)

    @given(st.recursive(st.none() | st.booleans() | st.text() | st.floats(), lambda x: st.lists(x) | st.dictionaries(
        st.sampled_from(["@type", "claimReview", "claims", "author", "reviewRating", "url", "publisher", "name"]), x
    ), max_leaves=12))  # fmt: skip
    def test_any_json_is_read_without_breaking(self, made):
        block = {"@type": "ClaimReview", "reviewRating": made, "author": made, "url": made, "claimReviewed": made}
        for each in (made, block):
            content = json.dumps(each).encode()
            assert all(review.publisher for review in claim_reviews.in_json(content, "https://x.id/"))
            assert all(review.verdict for review in claim_reviews.in_page(page(content.decode()), "https://x.id/"))
            if isinstance(each, dict) and isinstance(each.get("claims", []), list):
                claim_reviews.in_google(content)

    def test_what_is_nested_without_end_is_read_to_a_depth(self):
        deep = b"[" * 50_000 + b"]" * 50_000
        assert claim_reviews.in_page(page(deep.decode()), "https://x.id/") == []
        with pytest.raises(ValueError):
            claim_reviews.in_json(deep, "https://x.id/")


@pytest.mark.django_db
class TestFeeds:
    @pytest.mark.parametrize("feed", [RSS, ATOM])
    def test_entries_become_messages_without_their_authors(self, feed):
        first, *_ = messages_in(feed.encode(), "id")
        assert first.text == f"Kabar gudang\n{CLAIM}" and first.language == "id"
        assert first.at.isoformat() == "2026-11-24T02:00:00+00:00"
        assert "Rahasia" not in repr(messages_in(feed.encode()))

    def test_a_feed_cant_make_us_read_our_own_files_or_fill_the_memory(self, tmp_path):
        secret = tmp_path / "secret"
        secret.write_text("isi rahasia")
        lol = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
        for doctype in (
            f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>',
            f'<!DOCTYPE rss [<!ENTITY l0 "l">{lol}]>',
        ):
            name = "x" if "SYSTEM" in doctype else "l9"
            body = RSS.replace("<rss", f"{doctype}<rss", 1).replace("Kabar gudang", f"Kabar &{name};")
            try:
                found = messages_in(body.encode())
            except Unreachable:
                continue
            assert "rahasia" not in repr(found) and len(repr(found)) < 10_000

    @pytest.mark.parametrize("content", [b"", b"<html></html>", b"\xff\xfe", b"{}"])
    def test_what_is_no_feed_is_said_to_be_none(self, content):
        with pytest.raises(Unreachable, match="no RSS or Atom"):
            messages_in(content)

    def test_each_source_is_read_once_and_one_that_fails_holds_up_no_other(self, desk, inside):
        scope = desk.scope("desk")
        routes = {
            "/rss": (200, {**XML, "ETag": '"7"'}, RSS.encode()),
            "/page": (200, HTML, page(json.dumps(CLAIM_REVIEW))),
            "/google": (200, JSON, json.dumps(GOOGLE).encode()),
            "/broken": (200, JSON, b"{"),
        }
        with web(routes) as (at, _):
            kinds = {
                "/rss": "messages",
                "/page": "claim_reviews",
                "/google": "google",
                "/broken": "google",
                "/no": "google",
            }
            for path, kind in kinds.items():
                add_source(scope, SourceIn(kind, path, at + path, "id"))
            assert read_sources() == {"sightings": 2, "fact_checks": 2, "faults": 2}
            assert read_sources() == {"sightings": 0, "fact_checks": 0, "faults": 2}
        faults = dict(Source.objects.values_list("name", "fault"))
        assert "404" in faults["/no"] and "can't be read" in faults["/broken"] and faults["/rss"] == ""
        given = FactCheck.objects.get(link="https://cek.example.org/kotak-suara")
        assert (given.publisher, given.verdict, given.date) == ("Tim Cek Fakta", "SALAH & menyesatkan", "2026-11-24")
        assert Source.objects.get(name="/rss").mark == '"7"'
        assert set(Sighting.objects.values_list("channel", "author")) == {("feed", None)}

    def test_a_feed_of_fact_checks_leads_to_their_pages_once(self, desk, inside):
        reviews = {f"/{n}": CLAIM_REVIEW | {"url": ""} for n in range(3)}
        with web({}) as (at, asked):
            items = "".join(f"<item><title>x</title><link>{at}/{n}</link></item>" for n in range(4))
            feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{items}</channel></rss>'
            web_routes = {path: (200, HTML, page(json.dumps(each))) for path, each in reviews.items()}
            web_routes["/feed"] = (200, {"Content-Type": "application/rss+xml"}, feed.encode())
            with web(web_routes) as (other, asked):
                web_routes["/feed"] = (200, {"Content-Type": "application/rss+xml"}, feed.replace(at, other).encode())
                add_source(desk.scope("desk"), SourceIn("claim_reviews", "x", f"{other}/feed"))
                assert read_sources()["fact_checks"] == 3
                assert read_sources()["fact_checks"] == 0
        assert asked.count("/1") == 1

    def test_what_a_publisher_changes_is_changed_here_and_nothing_doubled(self, db):
        first = Review("Tim Cek Fakta", "Judul", "Klaim", "Salah", "2026-11-24", "https://x.id/1")
        assert (keep([first, first]), keep([first])) == (1, 0)
        keep([Review("Tim Cek Fakta", "Judul", "Klaim", "Sebagian salah", "2026-11-25", "https://x.id/1")])
        kept = FactCheck.objects.get()
        assert (kept.verdict, kept.date) == ("Sebagian salah", "2026-11-25")
        said = list(
            Entry.objects.filter(action="fact_checks.read").order_by("number").values_list("details", flat=True)
        )
        assert said == [{"new": 1, "changed": 0}, {"new": 0, "changed": 1}]

    def test_only_the_desk_names_sources(self, desk):
        good = SourceIn("messages", "Kabar", "https://example.org/rss")
        for name in ("officer", "head", "auditor", "administrator"):
            with pytest.raises(NotAllowed):
                add_source(desk.scope(name), good)
        source = add_source(desk.scope("desk"), good)
        for wrong in (
            good,
            SourceIn("x", "y", "https://a.id"),
            SourceIn("google", "", "https://a.id"),
            SourceIn("google", "x", "ftp://a"),
        ):
            with pytest.raises(Refused):
                add_source(desk.scope("desk"), wrong)
        changed = change_source(
            desk.scope("directorate"), source.pk, 1, SourceIn("messages", "Kabar", good.link, "", False)
        )
        assert (changed.active, changed.version) == (False, 2)
        with pytest.raises(feeds.SourceChanged):
            change_source(desk.scope("desk"), source.pk, 1, good)
        assert read_sources() == {"sightings": 0, "fact_checks": 0, "faults": 0}
