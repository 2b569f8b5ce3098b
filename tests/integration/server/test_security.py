"""What holds against those who shouldn't get in, and what never leaves."""

import io
import json
import logging
import subprocess
import sys
import time
import uuid

import pytest
from django.conf import settings as real
from django.db import OperationalError
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

import installations
from province import PASSWORD
from rukun.server import limits
from rukun.server.logs import Masked
from rukun.server.people import services as people
from rukun.server.reports import filing
from samples import a_report

PHONE = "081234567890"


@pytest.fixture
def browser(province):
    """A signed-in officer whose posts need the token of a form."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(province.people["officer"], "django.contrib.auth.backends.ModelBackend")
    return client


class TestSettings:
    def run(self, code, **more):
        there = installations.Installation(self.home, "", {"RUKUN_PLAIN_HTTP": "0", "RUKUN_BEHIND_PROXY": "1", **more})
        ended = subprocess.run([sys.executable, "-c", code], env=there.environment, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout + ended.stderr

    @pytest.fixture(autouse=True)
    def _home(self, tmp_path):
        self.home = tmp_path
        (tmp_path / "secret-key").write_text("k3y-" * 5 + uuid.uuid4().hex + "ABC!" * 5)

    def test_of_an_installation_with_tls(self):
        said = self.run(
            "import sys, json, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'rukun.server.settings'\n"
            "from django.core.management import execute_from_command_line as manage\n"
            "manage(['manage', 'check', '--deploy', '--fail-level', 'DEBUG'])\n"
            "from django.conf import settings as s\n"
            "print(json.dumps({n: getattr(s, n) for n in dir(s) if n.isupper() and n.startswith(('SESSION_','CSRF_',"
            "'SECURE_','DEBUG','ALLOWED','X_','CONTENT_SEC','PASSWORD_H','AXES_F'))}, default=str))"
        )
        assert "no issues (0 silenced)" in said
        kept = json.loads(said[said.index("{") :])
        for name in ("SESSION_COOKIE", "CSRF_COOKIE"):
            assert kept[f"{name}_SECURE"] and kept[f"{name}_HTTPONLY"] and kept[f"{name}_SAMESITE"] == "Lax"
            assert kept[f"{name}_NAME"].startswith("__Host-")
        assert kept["SECURE_HSTS_SECONDS"] >= 31536000 and kept["SECURE_SSL_REDIRECT"] and not kept["DEBUG"]
        assert kept["SESSION_COOKIE_AGE"] == 8 * 3600 and kept["SESSION_EXPIRE_AT_BROWSER_CLOSE"]
        assert kept["PASSWORD_HASHERS"][0].endswith("Argon2PasswordHasher")
        assert "*" not in kept["ALLOWED_HOSTS"] and kept["X_FRAME_OPTIONS"] == "DENY"
        assert "unsafe" not in json.dumps(kept["CONTENT_SECURITY_POLICY"])

    def test_there_is_no_default_password_and_a_weak_one_is_refused(self, tmp_path):
        there = installations.Installation(tmp_path)
        said = there.rukun("init", "--password-file", "/dev/null", status=2)
        assert "password" in said.lower() or "sandi" in said.lower()
        (tmp_path / "given").write_text("password")
        assert there.rukun("init", "--password-file", tmp_path / "given", status=2)
        assert not there("anybody")


@pytest.mark.django_db
class TestHeaders:
    def test_pages_and_answers_stay_out_of_caches_and_frames(self, province, device, browser):
        officer = device("officer")
        answers = [browser.get("/"), browser.get("/reports/"), officer("get", "/me"), officer("get", "/reports")]
        answers += [Client().get("/accounts/login/"), Client().get("/health"), Client().get("/api/v1/me")]
        for answer in answers:
            assert "no-store" in answer["Cache-Control"], answer
            assert answer["X-Frame-Options"] == "DENY" and answer["X-Content-Type-Options"] == "nosniff"
            policy = answer["Content-Security-Policy"]
            assert "unsafe" not in policy and "frame-ancestors 'none'" in policy and "default-src 'self'" in policy
        assert "no-store" not in Client().get("/static/interface/rukun.css").headers.get("Cache-Control", "")

    def test_no_page_has_script_or_style_in_it(self, browser):
        for path in ("/", "/reports/", "/reports/new", "/visits/", "/territory/", "/accounts/login/"):
            text = Client().get(path).content.decode() + browser.get(path).content.decode()
            assert "<script>" not in text and " style=" not in text and "onclick" not in text

    def test_another_host_is_turned_away(self, settings):
        settings.ALLOWED_HOSTS = ["rukun.example.go.id"]
        answer = Client().get("/", headers={"Host": "evil.example"})
        assert answer.status_code == 400 and b"evil.example" not in answer.content


@pytest.mark.django_db
class TestSessions:
    def test_a_browser_that_rests_is_signed_out(self, browser, settings, monkeypatch):
        assert browser.get("/").status_code == 200
        begun = time.time()
        monkeypatch.setattr("rukun.server.guards.time.time", lambda: begun + settings.RUKUN_IDLE_SECONDS - 5)
        assert browser.get("/").status_code == 200, "used in time"
        monkeypatch.setattr("rukun.server.guards.time.time", lambda: begun + 2 * settings.RUKUN_IDLE_SECONDS - 10)
        assert browser.get("/").status_code == 200, "from the last use on"
        monkeypatch.setattr("rukun.server.guards.time.time", lambda: begun + 4 * settings.RUKUN_IDLE_SECONDS)
        assert browser.get("/").status_code == 302 and browser.get("/").status_code == 302

    def test_every_post_of_a_browser_needs_its_token(self, browser, province):
        paths = [path for path in _paths() if not path.startswith("static/")]
        assert len(paths) > 30
        for path in paths:
            answer = browser.post(f"/{path}", {}, content_type="application/json")
            if path == "api/v1/devices":
                assert answer.status_code == 422, "it signs in by password and takes no session"
            else:
                # 404: the root of the API, where there is nothing, and hooks, which take signatures and no session
                nothing = path == "api/v1/" or path.startswith("hooks/")
                assert answer.status_code in (403, 405) or (nothing and answer.status_code == 404), path

    def test_a_device_s_token_needs_none(self, province):
        token = people.register_device(province.people["officer"], "telepon")[1]
        client = Client(enforce_csrf_checks=True)
        body = json.dumps({"text": "hubungi kami"})
        answer = client.post(
            "/api/v1/mask", body, content_type="application/json", headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 200


def a_client(province):
    client = Client()
    client.force_login(province.people["officer"], "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db
class TestAccounts:
    """Accounts are made by an administrator: what else the library offers isn't there."""

    @pytest.mark.parametrize(
        "where",
        ["signup", "email", "confirm-email", "password/reset", "password/reset/done", "password/set", "login/code"],
    )
    def test_nobody_signs_up_or_asks_for_mail(self, province, where):
        for client in (Client(), a_client(province)):
            for answer in (client.get(f"/accounts/{where}/"), client.post(f"/accounts/{where}/", {"email": "a@b.id"})):
                assert answer.status_code == 404, where

    def test_the_pages_of_signing_in_are_there_and_ours(self, province):
        assert b"Masuk" in Client().get("/accounts/login/").content
        client = a_client(province)
        for where in ("password/change", "2fa", "2fa/totp/activate", "logout", "reauthenticate"):
            answer = client.get(f"/accounts/{where}/", follow=True)
            assert answer.status_code == 200 and b"rukun.css" in answer.content, where


@pytest.mark.django_db
class TestLimits:
    def test_an_account_s_requests_are_counted_whatever_it_asks_from(self, device, monkeypatch):
        from rukun.server.api import api

        monkeypatch.setattr(api.throttle[0] if isinstance(api.throttle, list) else api.throttle, "most", 3)
        first, second = device("officer"), device("officer")
        assert [one("get", "/me").status_code for one in (first, second, first)] == [200] * 3
        refused = second("get", "/me")
        assert refused.status_code == 429 and 0 < int(refused["Retry-After"]) <= 62
        assert device("neighbour")("get", "/me").status_code == 200

    def test_they_hold_over_processes(self, settings, tmp_path):
        settings.HOME = tmp_path
        limits._local.connection = None
        assert [limits.hit("a", 3, 10**9) for _ in range(3)] == [0, 0, 0]
        code = "import filled; from rukun.server import limits; print(limits.hit('a', 3, 10**9))"
        there = installations.Installation(tmp_path, more={"RUKUN_SECRET_KEY": "x" * 60})
        said = subprocess.run([sys.executable, "-c", code], env=there.environment, capture_output=True, text=True)
        assert int(said.stdout) > 0, said.stderr
        limits._local.connection = None

    def test_one_costs_little(self, settings, tmp_path):
        settings.HOME = tmp_path
        limits._local.connection = None
        begun = time.perf_counter()
        for number in range(500):
            assert limits.hit(f"account:{number % 100}", 600) == 0
        each = (time.perf_counter() - begun) / 500
        limits._local.connection = None
        assert each < 0.002, f"{each * 1e6:.0f} microseconds for each request"

    def test_nobody_invents_an_address(self, rf, settings):
        asked = rf.get("/", headers={"X-Forwarded-For": "1.2.3.4, 10.0.0.9"}, REMOTE_ADDR="127.0.0.1")
        assert limits.address_of(asked) == "127.0.0.1"
        settings.RUKUN_BEHIND_PROXY = True
        assert limits.address_of(asked) == "10.0.0.9", "what the proxy itself saw stands last"

    def test_repeated_failures_lock_out_on_the_web_too(self, province):
        sent = lambda word: Client().post("/accounts/login/", {"login": "officer", "password": word})  # noqa: E731
        for _ in range(real.AXES_FAILURE_LIMIT):
            sent("wrong")
        locked = sent(PASSWORD)
        assert locked.status_code == 429 and "Terlalu banyak percobaan" in locked.content.decode()


@pytest.mark.django_db
class TestUploads:
    @pytest.mark.parametrize(
        ("path", "most"), [("/api/v1/sync", 4), ("/reports/new", 4), ("/api/v1/reports/x/photos/y", 13)]
    )
    def test_what_is_too_large_is_turned_away_unread(self, path, most):
        answer = Client().generic("POST", path, b"", CONTENT_LENGTH=str((most << 20) + 1))
        assert answer.status_code == 413 and answer["Connection"] == "close"
        assert (answer["Content-Type"] == "application/problem+json") == path.startswith("/api/")
        endless = Client().generic("POST", path, b"", HTTP_TRANSFER_ENCODING="chunked")
        assert endless.status_code == 411

    @pytest.mark.parametrize("name", ["..%2f..%2fsecret-key", "../../secret-key", "%00", "x" * 300])
    def test_no_path_leads_out_of_the_photos(self, browser, province, name):
        given = a_report()
        filing.file_report(province.scope("officer"), given)
        assert browser.get(f"/reports/{given.id}/photos/{name}").status_code == 404


@pytest.mark.django_db(transaction=True)
class TestWhatNeverLeaves:
    @pytest.fixture
    def log(self):
        """What the server writes to its log, in the form it has there."""
        out = io.StringIO()
        handler = logging.StreamHandler(out)
        handler.setFormatter(Masked("{levelname} {name}: {message}", style="{"))
        logging.getLogger().addHandler(handler)
        yield out
        logging.getLogger().removeHandler(handler)

    def test_a_failure_says_nothing_of_what_was_sent_or_what_is_inside(self, clean_trail, province, monkeypatch, log):
        token = people.register_device(province.people["officer"], "telepon")[1]

        def fails(scope, given):
            raise RuntimeError(f"can't do it with {given.text}")

        monkeypatch.setattr("rukun.server.reports.filing.file_report", fails)
        body = vars(a_report(text=f"Hubungi Pak Budi di {PHONE}")) | {"id": str(uuid.uuid4())}
        body["observed_at"] = body["observed_at"].isoformat()
        client = Client(raise_request_exception=False)
        answer = client.post("/api/v1/reports", json.dumps(body), content_type="application/json",
                             headers={"Authorization": f"Bearer {token}"})  # fmt: skip
        assert answer.status_code == 500 and answer.json()["type"] == "/problems/broken"
        said = log.getvalue()
        assert "RuntimeError" in said and "/api/v1/reports" in said and "Traceback" in said
        for secret in (PHONE, "Budi", token):
            assert secret not in said and secret not in answer.content.decode()

    def test_pages_fail_in_both_languages_and_without_the_inside(self, clean_trail, province, monkeypatch, log):
        client = Client(raise_request_exception=False)
        client.force_login(province.people["officer"], "django.contrib.auth.backends.ModelBackend")
        for fault, status in ((RuntimeError("inside"), 500), (OperationalError("inside"), 503)):

            def fails(*_, fault=fault, **__):
                raise fault

            monkeypatch.setattr("rukun.server.interface.views.scope", fails)
            answer = client.get("/")
            text = answer.content.decode()
            assert answer.status_code == status and 'lang="en"' in text and 'lang="id"' in text
            assert "inside" not in text and "Traceback" not in text
            assert "Tidak ada yang tersimpan" in text and "Nothing was stored" in text


def _paths():
    """Every address, with something in place of its variables."""

    def walk(patterns, before=""):
        for one in patterns:
            path = before + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, path)
            elif isinstance(one, URLPattern):
                yield path

    import re

    for path in walk(get_resolver().url_patterns):
        plain = re.sub(r"<uuid(str)?:\w+>", str(uuid.UUID(int=1)), path)
        plain = re.sub(r"<int:\w+>", "1", plain)
        plain = re.sub(r"<(slug|str|path):\w+>|<\w+>", "x", plain)
        if "(?P" not in plain and "^" not in plain:
            yield plain
