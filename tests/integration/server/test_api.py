"""The API as a field app and a browser use it."""

import datetime as dt
import io
import json
import uuid

import pytest
from django.test import Client
from PIL import Image

from devices import is_problem, plain
from rukun.server.audit.models import Entry
from rukun.server.people import services as people
from rukun.server.people.models import DeviceToken
from rukun.server.reports import filing
from rukun.server.reports.models import Photo, Report
from samples import NOW, a_report

pytestmark = pytest.mark.django_db


class TestReports:
    def test_same_again_is_200_other_content_409(self, device):
        officer, body = device("officer"), plain(a_report())
        assert officer("post", "/reports", body).status_code == 201
        assert officer("post", "/reports", body).status_code == 200
        assert "other content" in is_problem(officer("post", "/reports", body | {"level": "threshold"}), 409)["detail"]

    def test_the_second_editor_sees_the_first_s_change(self, device):
        officer, head, body = device("officer"), device("head"), plain(a_report())
        officer("post", "/reports", body)
        path = f"/reports/{body['id']}/review"
        assert head("post", path, {"version": 1, "status": "verified"}).json()["status"] == "verified"
        conflict = is_problem(head("post", path, {"version": 1, "status": "dropped", "reason": "x"}), 409)
        assert conflict["current"]["status"] == "verified" and conflict["current"]["version"] == 2

    def test_pages_go_on_where_the_last_ended_and_etags_save_the_rest(self, device, province):
        for minute in range(7):
            filing.file_report(province.scope("officer"), a_report(observed_at=NOW - dt.timedelta(minutes=minute // 2)))
        officer, seen, cursor = device("officer"), [], ""
        while cursor is not None:
            page = officer("get", f"/reports?size=3&cursor={cursor}").json()
            seen += [item["id"] for item in page["items"]]
            cursor = page["next"]
        assert len(seen) == len(set(seen)) == 7
        first = officer("get", "/reports")
        assert officer("get", "/reports", **{"If-None-Match": first["ETag"]}).status_code == 304
        is_problem(officer("get", "/reports?cursor=xyz"), 422)

    def test_reading_one_report_is_noted(self, device, province):
        given = a_report()
        filing.file_report(province.scope("officer"), given)
        assert device("head")("get", f"/reports/{given.id}").json()["id"] == str(given.id)
        newest = Entry.objects.first()
        assert (newest.action, newest.actor) == ("report.read", province.people["head"].actor)

    def test_what_was_wrong_is_said_without_repeating_it(self, device):
        secret = "Pak Rahasia 081234567890"
        answer = device("officer")("post", "/reports", plain(a_report()) | {"category": secret})
        assert secret not in answer.content.decode() and is_problem(answer, 422)["errors"]

    def test_the_masked_text_is_shown_before_it_is_sent(self, device):
        answer = device("officer")("post", "/mask", {"text": "hubungi 081234567890"}).json()
        assert "081234567890" not in answer["text"] and answer["masked"] and not answer["lawful"]
        assert not Report.objects.exists() and not Entry.objects.filter(action="report.filed").exists()


class TestPhotos:
    @pytest.fixture
    def send(self, device, province):
        given = a_report()
        filing.file_report(province.scope("officer"), given)
        officer = device("officer")

        def post(content, photo_id=None, by=officer):
            file = io.BytesIO(content)
            file.name = "foto.jpg"
            path = f"/api/v1/reports/{given.id}/photos/{photo_id or uuid.uuid4()}"
            return by.client.post(path, {"photo": file}, headers={"Authorization": f"Bearer {by.token}"})

        return post

    @staticmethod
    def picture(kind="JPEG", size=(640, 480), **more):
        out = io.BytesIO()
        Image.effect_noise(size, 40).convert("RGB").save(out, kind, **more)
        return out.getvalue()

    def test_only_the_picture_is_kept(self, send, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        exif = Image.Exif()
        exif[0x010F], exif[0x9003] = "MERK-KAMERA", "2024:01:01 10:00:00"
        exif.get_ifd(0x8825)[2] = (4.0, 1.0, 2.0)
        sent = self.picture(exif=exif) + b"PESAN TERSEMBUNYI"
        assert send(sent).status_code == 200
        kept = (tmp_path / Photo.objects.get().path).read_bytes()
        assert b"MERK-KAMERA" not in kept and b"TERSEMBUNYI" not in kept and b"Exif" not in kept
        with Image.open(io.BytesIO(kept)) as image:
            assert image.format == "JPEG" and not dict(image.getexif()) and max(image.size) <= 1600

    def test_once_and_not_another_under_the_same_id(self, send, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        photo_id, sent = uuid.uuid4(), self.picture()
        assert [send(sent, photo_id).status_code for _ in range(2)] == [200, 200]
        assert Photo.objects.count() == 1
        is_problem(send(self.picture(size=(100, 100)), photo_id), 409)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<script>alert(1)</script>",
            b"\xff\xd8\xff" + b"x" * 500,
            b"GIF89a" + b"\0" * 50,
            b"%PDF-1.4",
            b"<svg xmlns='x'/>",
        ],
    )
    def test_what_is_no_picture_is_refused(self, send, settings, tmp_path, content):
        settings.MEDIA_ROOT = tmp_path
        is_problem(send(content), 422)
        assert not Photo.objects.exists() and not [f for f in tmp_path.rglob("*") if f.is_file()]

    def test_cut_and_huge_pictures_are_refused(self, send, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        is_problem(send(self.picture()[:2000]), 422)
        bomb = io.BytesIO()
        Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
        is_problem(send(bomb.getvalue()), 422)

    def test_only_the_officer_who_filed_adds_photos(self, send, device):
        is_problem(send(self.picture(), by=device("head")), 403)
        is_problem(send(self.picture(), by=device("far")), 404)


class TestDevices:
    def sign_in(self, **changes):
        body = {"username": "officer", "password": "a long pass phrase", "device": "phone"} | changes
        return Client().post("/api/v1/devices", json.dumps(body), content_type="application/json")

    def test_a_token_holds_until_it_is_revoked_or_runs_out(self, province):
        token = self.sign_in().json()["token"]
        ask = lambda: Client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})  # noqa: E731
        assert ask().json()["roles"] == ["village_officer"]
        assert token not in str(list(DeviceToken.objects.values())), "only a digest is kept"
        people.revoke_device(province.scope("administrator"), DeviceToken.objects.get())
        is_problem(ask(), 401)
        DeviceToken.objects.update(revoked_at=None, ends_at=NOW - dt.timedelta(days=1))
        is_problem(ask(), 401)

    def test_repeated_failures_lock_the_name_out(self, province):
        for _ in range(7):
            is_problem(self.sign_in(password="wrong"), 401)
        self.sign_in(password="wrong")
        assert is_problem(self.sign_in(), 429)["type"] == "/problems/locked-out"

    def test_heads_need_their_second_factor(self, province):
        is_problem(self.sign_in(username="head"), 403)

    def test_an_account_that_was_closed_is_out_at_once(self, province):
        token = self.sign_in().json()["token"]
        province.people["officer"].is_active = False
        province.people["officer"].save()
        is_problem(Client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}), 401)
