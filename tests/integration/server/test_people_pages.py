"""Pages and endpoints of units, accounts and postings, and signing in, as a browser and a field app use them."""

import datetime as dt
import json
import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from province import PASSWORD
from rukun.server.audit.models import Entry
from rukun.server.people import services
from rukun.server.people.models import DeviceToken, Posting, Role, Unit, User
from rukun.server.people.scope import scope_of

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def signed_in(user):
    client = Client()
    client.force_login(user)
    Authenticator.objects.get_or_create(user=user, type="totp", defaults={"data": {"secret": "x"}})
    return client


def web_sign_in(username, password):
    client = Client()
    return client, client.post("/accounts/login/", {"login": username, "password": password})


@pytest.fixture
def admin(province):
    return signed_in(province.people["administrator"])


def password_on(answer):
    """The one-time password that a page shows."""
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    return re.search(r"<code>([0-9a-f-]{19})</code>", answer.content.decode())[1]


def entries(action):
    return list(Entry.objects.filter(action=action).order_by("number"))


class TestAccountPages:
    def test_one_is_made_posted_transferred_and_ended(self, province, admin):
        password = password_on(admin.post("/people/new", {"username": "baru", "name": "Petugas Baru"}))
        user = User.objects.get(username="baru")
        assert user.check_password(password) and user.must_change_password
        page = admin.get(f"/people/{user.pk}/post?unit=north-01").content.decode()
        assert "Bhabinkamtibmas" in page and "Administrator</option>" not in page and "74.01.01.1003" in page
        given = {"role": "village_officer", "begins": "2026-01-05", "villages": ["74.01.01.1003"]}
        assert admin.post(f"/people/{user.pk}/post?unit=north-01", given).status_code == 302
        again = admin.post(f"/people/{user.pk}/post?unit=north-01", given)
        assert "sudah bertugas" in again.content.decode(), "what is refused is said in Indonesian"
        held = user.postings.get()
        change = {"act": "villages", "on": str(TODAY), "villages": ["74.01.01.1002"]}
        assert admin.post(f"/people/postings/{held.pk}", change).status_code == 302
        held = user.postings.get(ends=None)
        assert [a.code for a in held.villages.all()] == ["74.01.01.1002"] and held.begins == TODAY
        moved = {"role": "village_officer", "begins": str(TODAY), "villages": ["74.71.02.1001"]}
        assert admin.post(f"/people/postings/{held.pk}/transfer?unit=south-02", moved).status_code == 302
        held = user.postings.get(ends=None)
        assert held.unit.code == "south-02"
        assert admin.post(f"/people/postings/{held.pk}", {"act": "end", "ends": str(TODAY)}).status_code == 302
        assert not scope_of(user).postings and user.postings.count() == 3
        page = admin.get(f"/people/{user.pk}").content.decode()
        assert page.count("<td>Bhabinkamtibmas</td>") == 3

    def test_password_second_factor_close_and_reopen(self, province, admin):
        head = province.people["head"]
        signed_in(head)
        services.register_device(head, "phone")
        url = f"/people/{head.pk}"
        given = password_on(admin.post(url, {"act": "password"}))
        assert User.objects.get(pk=head.pk).check_password(given)
        assert Authenticator.objects.filter(user=head).exists()
        password_on(admin.post(url, {"act": "second_factor"}))
        assert not Authenticator.objects.filter(user=head).exists()
        assert admin.post(url, {"act": "close"}).status_code == 302
        assert not User.objects.get(pk=head.pk).is_active and "Buka kembali" in admin.get(url).content.decode()
        given = password_on(admin.post(url, {"act": "reopen"}))
        assert User.objects.get(pk=head.pk).check_password(given)
        assert admin.post(url, {"act": "rename", "name": "Kanit Baru"}).status_code == 302
        assert User.objects.get(pk=head.pk).first_name == "Kanit Baru"

    def test_the_last_administrator_reads_why_not(self, province, admin):
        url = f"/people/{province.people['administrator'].pk}"
        answer = admin.post(url, {"act": "close"}, follow=True)
        assert "tugaskan yang lain dahulu" in answer.content.decode()
        assert User.objects.get(username="administrator").is_active

    def test_accounts_are_found_and_vacancies_counted(self, province, admin):
        page = admin.get("/people/?q=NEIGH").content.decode()
        assert "neighbour" in page and "auditor" not in page
        assert "2 satuan tanpa pimpinan, 8 desa/kelurahan tanpa bhabinkamtibmas" in page
        services.close_account(None, province.people["far"])
        page = admin.get("/people/?state=closed").content.decode()
        assert "1 akun" in page and ">far</a>" in page
        assert admin.get("/people/?q=%00&page=x").status_code == 200

    def test_csrf_is_asked_for_and_pages_hold_no_inline_script(self, province):
        client = Client(enforce_csrf_checks=True)
        client.force_login(province.people["administrator"])
        signed_in(province.people["administrator"])
        assert client.post("/people/new", {"username": "x"}).status_code == 403
        held = province.people["officer"].postings.get()
        for route in ("/people/", "/people/new", f"/people/{held.user_id}", f"/people/postings/{held.pk}", "/units/",
                      "/new-unit", "/units/north-01", "/units/north-01/post", "/devices/"):  # fmt: skip
            answer = client.get(route)
            assert answer.status_code == 200, route
            assert b"<script" not in answer.content and b" style=" not in answer.content, route


class TestUnitPages:
    def test_one_is_made_covers_and_is_renamed(self, province, admin):
        given = {"code": "south-03", "name": "Polsek Baru", "level": "3", "parent": "south"}
        assert admin.post("/new-unit", given)["Location"] == "/units/south-03"
        wrong = admin.post("/new-unit", given | {"code": "x", "parent": "polda"}).content.decode()
        assert "tidak dapat berada di situ" in wrong
        assert admin.post("/units/south-03", {"act": "cover", "codes": "74.71.02, 74.01.01.1003"}).status_code == 302
        assert Unit.objects.get(code="south-03").coverage.count() == 4
        assert not scope_of(province.people["far"]).own_villages, "its unit lost the village, and so did the officer"
        assert admin.post("/units/south-03", {"act": "uncover", "codes": "74.01.01.1003"}).status_code == 302
        assert Unit.objects.get(code="south-03").coverage.count() == 3
        assert "Bukan kode" in admin.post("/units/south-03", {"act": "cover", "codes": "x"}).content.decode()
        admin.post("/units/south-03", {"act": "rename", "name": "Polsek Lain"})
        assert Unit.objects.get(code="south-03").name == "Polsek Lain"
        posted = {"user": "nobody", "role": "village_officer", "begins": str(TODAY), "villages": ["74.71.02.1001"]}
        assert admin.post("/units/south-03/post", posted).status_code == 302
        assert scope_of(province.people["nobody"]).own_villages

    @pytest.mark.parametrize("name", ["head", "district", "directorate"])
    def test_heads_read_their_own_and_change_nothing(self, province, name):
        client = signed_in(province.people[name])
        page = client.get("/units/north-01").content.decode()
        assert "Neighbour" in page and "Polsek north 01" in page
        assert 'name="act"' not in page and "/people/" not in page
        for data in ({"act": "rename", "name": "X"}, {"act": "uncover", "codes": "74.01.01"}):
            assert client.post("/units/north-01", data).status_code == 403
        assert client.get("/people/").status_code == 403 and Unit.objects.get(code="north-01").coverage.count() == 3
        seen = {"head": {"north-01"}, "district": {"north", "north-01", "north-02"}}.get(name)
        listed = set(re.findall(r'href="/units/([\w-]+)">\1<', client.get("/units/").content.decode()))
        assert listed == (seen or set(Unit.objects.values_list("code", flat=True)))

    @pytest.mark.parametrize("name", ["other_head", "other_district", "officer", "far", "desk", "auditor", "nobody"])
    def test_others_see_no_unit_that_is_not_theirs(self, province, name):
        client = signed_in(province.people[name])
        assert client.get("/units/north-01").status_code == 404
        assert b"north 01" not in client.get("/units/").content


class TestSigningIn:
    def test_a_one_time_password_opens_only_the_page_where_it_is_changed(self, province):
        officer = province.people["officer"]
        old, _ = web_sign_in("officer", PASSWORD)
        assert old.get("/reports/").status_code == 200
        password = services.set_password(province.scope("administrator"), officer)
        assert old.get("/reports/")["Location"].startswith("/accounts/login/"), "sessions from before end"
        client, answer = web_sign_in("officer", password)
        assert answer.status_code == 302
        for route in ("/", "/reports/", "/devices/", "/accounts/2fa/", "/accounts/email/"):
            assert client.get(route)["Location"] == "/accounts/password/change/", route
        assert client.get("/api/v1/me").status_code == 401
        body = {"username": "officer", "password": password, "device": "phone"}
        answer = Client().post("/api/v1/devices", json.dumps(body), content_type="application/json")
        assert answer.status_code == 403 and answer.json()["type"] == "/problems/one-time-password"
        given = {"oldpassword": password, "password1": password, "password2": password}
        assert client.post("/accounts/password/change/", given).status_code == 200, (
            "the same again is none of one's own"
        )
        new = given | {"password1": "lain lagi sekali", "password2": "lain lagi sekali"}
        assert client.post("/accounts/password/change/", new).status_code == 302
        assert client.get("/reports/").status_code == 200

    def test_ones_own_change_ends_the_other_sessions_and_is_in_the_trail(self, province):
        here, _ = web_sign_in("officer", PASSWORD)
        there, _ = web_sign_in("officer", PASSWORD)
        new = {"oldpassword": PASSWORD, "password1": "lain lagi sekali", "password2": "lain lagi sekali"}
        assert here.post("/accounts/password/change/", new).status_code == 302
        assert here.get("/reports/").status_code == 200
        assert there.get("/reports/")["Location"].startswith("/accounts/login/")
        (entry,) = entries("password.changed")
        assert entry.actor == entry.subject == province.people["officer"].actor

    def test_closing_ends_sessions_and_reopening_does_not_bring_them_back(self, province):
        client, _ = web_sign_in("officer", PASSWORD)
        services.close_account(None, province.people["officer"])
        assert client.get("/reports/")["Location"].startswith("/accounts/login/")
        services.reopen_account(None, User.objects.get(username="officer"))
        assert client.get("/reports/")["Location"].startswith("/accounts/login/")

    def test_signing_in_and_out_failures_and_locks_are_in_the_trail_without_addresses(self, province):
        client, _ = web_sign_in("officer", PASSWORD)
        client.post("/accounts/logout/")
        for _ in range(10):
            Client().post("/accounts/login/", {"login": "officer", "password": "wrong"}, REMOTE_ADDR="10.9.8.7")
        Client().post("/accounts/login/", {"login": "a password in the wrong field", "password": "x"})
        actor = province.people["officer"].actor
        assert [e.subject for e in entries("session.began")] == [actor]
        assert [e.actor for e in entries("session.ended")] == [actor]
        refused = [e.subject for e in entries("session.refused")]
        assert refused.count(actor) >= 8 and refused[-1] == "user:unknown"
        assert [e.subject for e in entries("session.locked")] == [actor], "once, when it is locked"
        said = str(list(Entry.objects.values()))
        assert "10.9.8.7" not in said and "127.0.0.1" not in said and "wrong field" not in said

    def test_a_given_password_opens_the_lock(self, province):
        for _ in range(9):
            Client().post("/accounts/login/", {"login": "officer", "password": "wrong"})
        assert Client().post("/accounts/login/", {"login": "officer", "password": PASSWORD}).status_code == 429
        password = services.set_password(None, province.people["officer"])
        _, answer = web_sign_in("officer", password)
        assert answer.status_code == 302

    def test_wrong_codes_of_a_second_factor_lock_like_wrong_passwords(self, province):
        from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

        TOTP.activate(province.people["head"], generate_totp_secret())
        body = {"username": "head", "password": PASSWORD, "code": "000000", "device": "phone"}
        send = lambda: Client().post("/api/v1/devices", json.dumps(body), content_type="application/json")  # noqa: E731
        assert [send().status_code for _ in range(8)].count(401) >= 7
        assert send().status_code == 429 and not DeviceToken.objects.exists()
        assert len(entries("session.refused")) >= 8 and len(entries("session.locked")) == 1

    def test_a_second_factor_set_up_and_taken_off_is_in_the_trail(self, province, rf):
        from allauth.mfa import signals

        user = province.people["head"]
        held = Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
        for signal in (signals.authenticator_added, signals.authenticator_reset, signals.authenticator_removed):
            signal.send(Authenticator, request=rf.get("/"), user=user, authenticator=held)
        for action in ("added", "renewed", "removed"):
            (entry,) = entries(f"second_factor.{action}")
            assert (entry.actor, entry.details) == (user.actor, {"kind": "totp"})


class TestDevices:
    def test_ones_own_are_listed_and_revoked_and_nobody_elses(self, province):
        own, secret = services.register_device(province.people["officer"], "HP dinas")
        other, _ = services.register_device(province.people["far"], "HP lain")
        client, _ = web_sign_in("officer", PASSWORD)
        page = client.get("/devices/").content.decode()
        assert "HP dinas" in page and "HP lain" not in page
        for said in (str(other.pk), "x", "9" * 30, ""):
            client.post("/devices/", {"act": "revoke", "device": said})
        assert not DeviceToken.objects.exclude(revoked_at=None).exists()
        client.post("/devices/", {"act": "revoke", "device": own.pk})
        assert services.user_of_token(secret) is None
        assert list(DeviceToken.objects.filter(revoked_at=None)) == [other]


class TestApi:
    @pytest.fixture
    def call(self, province):
        def ask(name, method, path, body=None):
            client = signed_in(province.people[name])
            more = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
            answer = getattr(client, method)(f"/api/v1{path}", **more)
            return answer.status_code, answer.json()

        return ask

    def test_units_are_made_renamed_and_cover(self, call):
        body = {"code": "south-03", "name": "Polsek Baru", "level": 3, "parent": "south"}
        made = {**body, "villages": []}
        assert call("administrator", "post", "/units", body) == (201, made)
        assert call("administrator", "post", "/units", body)[1]["field"] == "code"
        assert call("administrator", "post", "/units", body | {"parent": "nowhere"})[0] == 404
        status, unit = call("administrator", "post", "/units/south-03/villages", {"add": ["74.71.02.1001"]})
        assert (status, unit["villages"]) == (200, ["74.71.02.1001"])
        status, wrong = call("administrator", "post", "/units/south-03/villages", {"add": ["99.71.02.1001"]})
        assert status == 422 and wrong["field"] == "add"
        assert call("administrator", "patch", "/units/south-03", {"name": "Lain"})[1]["name"] == "Lain"

    def test_postings_begin_change_move_and_end(self, call):
        body = {"username": "nobody", "role": "village_officer", "unit": "north-01", "begins": "2026-01-01",
                "villages": ["74.01.01.1001"]}  # fmt: skip
        status, made = call("administrator", "post", "/postings", body)
        assert status == 201 and made["villages"] == ["74.01.01.1001"] and made["ends"] is None
        status, changed = call(
            "administrator", "put", f"/postings/{made['id']}/villages", {"villages": [], "on": str(TODAY)}
        )
        assert status == 200 and changed["id"] != made["id"] and changed["begins"] == str(TODAY)
        status, moved = call(
            "administrator", "post", f"/postings/{changed['id']}/transfer", {"unit": "south-01", "on": str(TODAY)}
        )
        assert status == 201 and moved["unit"] == "south-01"
        assert call("administrator", "post", f"/postings/{moved['id']}/end", {"ends": str(TODAY)})[1]["ends"] == str(
            TODAY
        )
        status, wrong = call("administrator", "post", f"/postings/{moved['id']}/end", {"ends": str(TODAY)})
        assert status == 422 and wrong["type"] == "/problems/refused"

    def test_lists_are_of_the_scope_and_paged_whole(self, call, province):
        assert {u["code"] for u in call("district", "get", "/units")[1]["items"]} == {"north", "north-01", "north-02"}
        seen, after = [], 0
        while after is not None:
            page = call("administrator", "get", f"/postings?size=3&after={after}")[1]
            seen += [p["id"] for p in page["items"]]
            after = page["next"]
        assert seen == sorted(Posting.objects.values_list("pk", flat=True))
        names = {p["username"] for p in call("head", "get", "/postings?on=2024-06-01")[1]["items"]}
        assert names == {"officer", "neighbour", "head"}
        assert call("head", "get", "/postings?on=2023-06-01")[1]["items"] == []
        far = province.people["far"].postings.get().pk
        assert (
            call("head", "get", f"/postings/{far}")[0] == 404
            and call("directorate", "get", f"/postings/{far}")[0] == 200
        )
        for name in ("officer", "desk", "auditor", "nobody"):
            assert call(name, "get", "/units")[1]["items"] == [] and call(name, "get", "/postings")[1]["items"] == []

    def test_only_administrators_write(self, call, province):
        held = province.people["officer"].postings.get().pk
        head = {"username": "head", "role": "administrator", "unit": "polda", "begins": "2026-01-01"}
        for name in ("head", "district", "directorate", "officer", "desk", "auditor", "nobody"):
            for method, path, body in (
                ("post", "/units", {"code": "x", "name": "X", "level": 3, "parent": "north"}),
                ("patch", "/units/north-01", {"name": "X"}),
                ("post", "/units/north-01/villages", {"remove": ["74.01.01.1001"]}),
                ("post", "/postings", head),
                ("post", f"/postings/{held}/end", {"ends": "2026-01-01"}),
                ("post", f"/postings/{held}/transfer", {"unit": "south-01", "on": "2026-01-01"}),
                ("put", f"/postings/{held}/villages", {"villages": [], "on": "2026-01-01"}),
            ):
                assert call(name, method, path, body)[0] in (403, 404), (name, path)
        assert Posting.objects.get(pk=held).ends is None and not scope_of(province.people["head"]).has(
            Role.ADMINISTRATOR
        )
        assert scope_of(province.people["head"], dt.date(2026, 2, 1)).roles == {"subdistrict_head"}
