"""What comes in, by whatever channel: stored once, masked, and without a trace of who sent it."""

import datetime as dt
import hashlib
import hmac
import io
import itertools
import json
import logging
import shutil
import uuid

import pytest
from django.core import serializers
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image, ImageDraw

from rukun.io.problems import InputProblems
from rukun.server import limits
from rukun.server.audit.models import Entry
from rukun.server.people.services import Refused
from rukun.server.rumours.intake import pictures, public
from rukun.server.rumours.intake.files import import_messages
from rukun.server.rumours.intake.public import PublicIn, TooOften, take_public
from rukun.server.rumours.intake.receiving import Received, key_of, take
from rukun.server.rumours.models import Sighting
from rukun.server.rumours.states import Channel
from rumour_pictures import a_picture
from rumour_samples import CLAIM
from samples import NOW

pytestmark = pytest.mark.django_db
NUMBER, NAME, SECRET = "6281234567890", "Wa Ode Rahasia", "a secret of the hook"
EPOCH = int(NOW.timestamp()) - 600


def whatsapp(*messages):
    """A notification as the WhatsApp Cloud API documents it."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
        "contacts": [{"profile": {"name": NAME}, "wa_id": NUMBER}],
        "messages": [{"from": NUMBER, "timestamp": str(EPOCH), **message} for message in messages],
    }
    entry = {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


TEXT = {"id": f"wamid.HBgN{NUMBER}FQIA", "type": "text", "text": {"body": CLAIM}, "context": {"forwarded": True}}
IMAGE = {"id": "wamid.2", "type": "image", "image": {"caption": f"Sebarkan! {CLAIM}", "id": "1", "sha256": "x"}}
REACTION = {"id": "wamid.3", "type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "x"}}


def telegram(**changes):
    """An update as the Telegram Bot API documents it, of a message that was forwarded from a person in a group."""
    person = {"id": 81, "is_bot": False, "first_name": NAME, "username": "rahasia"}
    message = {
        "message_id": 7, "from": person, "chat": {"id": -5, "title": "Grup Rahasia", "type": "group"}, "date": EPOCH,
        "forward_origin": {"type": "user", "sender_user": person, "date": EPOCH}, "text": CLAIM,
    }  # fmt: skip
    return {"update_id": 10000, "message": message | changes}


def rapidpro(**changes):
    """What a RapidPro flow's webhook posts."""
    return {
        "contact": {"uuid": str(uuid.uuid4()), "name": NAME, "urn": f"tel:+{NUMBER}"},
        "flow": {"uuid": str(uuid.uuid4()), "name": "Kabar"},
        "run": {"uuid": str(uuid.uuid4()), "created_on": NOW.isoformat()},
        "input": {"uuid": "in-1", "urn": f"tel:+{NUMBER}", "text": CLAIM, "created_on": NOW.isoformat()} | changes,
    }


@pytest.fixture
def hooks(settings, db):
    limits.clear()
    secrets = {name: {"secret": SECRET, "verify": "a token"} for name in ("whatsapp", "telegram", "rapidpro")}
    settings.RUKUN_HOOKS = secrets

    def post(service, given, secret=SECRET, **headers):
        body = given if isinstance(given, bytes) else json.dumps(given).encode()
        signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        known = {
            "whatsapp": {"X-Hub-Signature-256": signature},
            "telegram": {"X-Telegram-Bot-Api-Secret-Token": secret},
            "rapidpro": {"Authorization": f"Token {secret}"},
        }[service]
        client = Client(enforce_csrf_checks=True)
        return client.post(f"/hooks/{service}", body, "application/json", headers=known | headers).status_code

    return post


def everything_stored():
    """All that the tables of the desk, the trail and the queue hold, as text."""
    from django.apps import apps

    models = [*apps.get_app_config("rumours").get_models(), Entry, DBTaskResult]
    return "".join(serializers.serialize("json", model.objects.all()) for model in models)


@pytest.mark.parametrize(
    ("service", "given", "number"),
    [("whatsapp", whatsapp(TEXT, IMAGE, REACTION), 2), ("telegram", telegram(), 1), ("rapidpro", rapidpro(), 1)],
)
def test_a_signed_message_is_stored_once_and_nothing_of_its_sender(hooks, caplog, service, given, number):
    with caplog.at_level(logging.DEBUG):
        assert [hooks(service, given), hooks(service, given)] == [200, 200]
    assert Sighting.objects.count() == number
    for each in Sighting.objects.all():
        assert CLAIM in each.text and each.channel == service and each.author is None and each.village is None
    for word in (NUMBER, NUMBER[2:], NAME, "rahasia", "Grup Rahasia", "wamid", "102290129340398"):
        assert word not in caplog.text and word not in everything_stored(), word
    assert DBTaskResult.objects.get().task_path == "rukun.server.rumours.tasks.sort"


@pytest.mark.parametrize("service", ("whatsapp", "telegram", "rapidpro"))
def test_whoever_doesnt_know_the_secret_isnt_heard(hooks, settings, service):
    given = {"whatsapp": whatsapp(TEXT), "telegram": telegram(), "rapidpro": rapidpro()}[service]
    header = {
        "whatsapp": "X-Hub-Signature-256",
        "telegram": "X-Telegram-Bot-Api-Secret-Token",
        "rapidpro": "Authorization",
    }[service]
    for wrong in ("", "sha256=", "x", "Token ", "sha256=" + "0" * 64, "é", SECRET[:-1], "None"):
        assert hooks(service, given, **{header: wrong.encode().decode("latin-1")}) == 403, wrong
    assert hooks(service, given, secret="another") == 403
    # closed until a secret is set: an empty one opens nothing
    settings.RUKUN_HOOKS = {service: {"secret": "", "verify": ""}}
    assert hooks(service, given, secret="") == 404
    assert not Sighting.objects.exists()


def test_a_changed_body_no_longer_fits_its_signature(hooks):
    body = json.dumps(whatsapp(TEXT)).encode()
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert hooks("whatsapp", body.replace(b"kotak", b"k0tak").replace(b"Kotak", b"K0tak"), **{
        "X-Hub-Signature-256": signature
    }) == 403  # fmt: skip


def test_meta_is_told_that_the_address_is_ours(hooks):
    def ask(**given):
        query = {f"hub.{name}": value for name, value in given.items()}
        return Client().get("/hooks/whatsapp", query)

    answer = ask(mode="subscribe", verify_token="a token", challenge="1158201444<b>")
    assert (answer.status_code, answer.content) == (200, b"1158201444<b>")
    assert answer["Content-Type"].startswith("text/plain") and answer["X-Content-Type-Options"] == "nosniff"
    for wrong in ({"verify_token": "x"}, {"mode": "unsubscribe"}, {"verify_token": ""}):
        assert ask(**({"mode": "subscribe", "verify_token": "a token", "challenge": "1"} | wrong)).status_code == 403


def test_what_was_recorded_and_is_played_back_much_later_isnt_taken(hooks):
    for days, number in ((-8, 0), (1, 0), (-6, 1)):
        moment = timezone.now() + dt.timedelta(days=days)
        hooks("telegram", telegram(date=int(moment.timestamp())))
        hooks("whatsapp", whatsapp(TEXT | {"timestamp": str(int(moment.timestamp()))}))
        hooks("rapidpro", rapidpro(created_on=moment.isoformat()))
        assert Sighting.objects.count() == 3 * number, days


@pytest.mark.parametrize("service", ("whatsapp", "telegram", "rapidpro"))
def test_what_has_another_shape_holds_nothing_and_breaks_nothing(hooks, service):
    for shape in (
        [], {}, "x", 1, None, {"entry": 1}, {"entry": [1, {"changes": {}}]}, {"message": []}, {"input": {"text": 1}},
        {"entry": [{"changes": [{"value": {"messages": [{"type": [], "id": {}}]}}]}]},
        {"update_id": "x", "message": {"text": CLAIM}}, {"update_id": 1, "message": {"text": CLAIM, "date": 1e300}},
        whatsapp(TEXT | {"timestamp": "x"}), whatsapp({"id": "1", "type": "text", "text": {"body": "  "}}),
    ):  # fmt: skip
        assert hooks(service, shape) == 200, shape
    assert hooks(service, b"{") == 400 and hooks(service, b"\xff") == 400
    assert hooks(service, b"[" * 100_000) == 400
    assert hooks(service, b" " * ((1 << 20) + 1)) == 413
    assert not Sighting.objects.exists()


def test_the_key_of_a_message_is_its_own_and_tells_nothing(settings):
    one = key_of(Channel.WHATSAPP, "wamid.1")
    assert one == key_of(Channel.WHATSAPP, "wamid.1")
    assert len({one, key_of(Channel.WHATSAPP, "wamid.2"), key_of(Channel.TELEGRAM, "wamid.1")}) == 3
    settings.SECRET_KEY = "another"
    assert key_of(Channel.WHATSAPP, "wamid.1") != one


def test_one_that_cant_be_stored_holds_up_no_other(province):
    old = timezone.now() - dt.timedelta(days=3000)
    taken = take(
        Channel.CSV,
        [
            Received("1", CLAIM, village="74.01.01.1001"),
            Received("2", "  \x00 "),
            Received("3", CLAIM, old),
            Received("4", CLAIM, village="99.01.01.1001"),
            Received("5", "a" * 50_000),
            Received("1", CLAIM, village="74.01.01.1001"),
            Received("6", "gambar", picture=b"no picture"),
        ],
    )
    assert (taken.stored, taken.known, sum(taken.refused.values())) == (2, 1, 4)
    assert sorted(len(each.text) for each in Sighting.objects.all()) == [len(CLAIM), 10_000]
    assert Entry.objects.filter(action="sighting.filed").count() == 2


# -- the public form --------------------------------------------------------------------------------------------------


@pytest.fixture
def form(province):
    limits.clear()
    return lambda address="203.0.113.7", **given: take_public(PublicIn(**({"text": CLAIM} | given)), address)


def test_the_public_needs_no_account_and_leaves_no_address(form, tmp_path, settings):
    form(village="74.01.01.1001")
    each = Sighting.objects.get()
    assert (each.channel, each.author, each.village.code) == ("form", None, "74.01.01.1001")
    assert "203.0.113.7" not in everything_stored()
    counts = (settings.HOME / "limits.sqlite3").read_bytes()
    wal = settings.HOME / "limits.sqlite3-wal"
    assert b"203.0.113.7" not in counts + (wal.read_bytes() if wal.exists() else b"")


def test_one_address_cant_flood_the_desk_and_neither_can_many(form, monkeypatch):
    for _ in range(5):
        form()
    with pytest.raises(TooOften) as told:
        form()
    assert 0 < told.value.seconds <= 600 and "menit" in told.value.said
    form("203.0.113.8")
    monkeypatch.setattr(public, "_MOST_OF_ALL", 6)
    with pytest.raises(TooOften):
        form("203.0.113.9")
    assert Sighting.objects.count() == 6


def test_what_falls_into_the_trap_looks_taken_and_is_stored_nowhere(form):
    assert form(trap="https://spam.example") is None
    assert not Sighting.objects.exists() and not Entry.objects.filter(action="sighting.filed").exists()


def test_sending_the_form_twice_stores_it_once(form):
    token = uuid.uuid4()
    form(token=token)
    form(token=token)
    assert Sighting.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": "a" * 4001}, "longer than"),
        ({"text": " "}, "no message"),
        ({"village": "99.99.99.9999"}, "no village"),
        ({"picture": b"x" * 10}, "no picture"),
        ({"picture": b"x" * (4 << 20)}, "larger than 3 MB"),
    ],
)
def test_the_form_says_what_is_wrong(form, given, said):
    with pytest.raises(Refused, match=said) as refused:
        form(**given)
    assert refused.value.said != str(refused.value)
    assert not Sighting.objects.exists()


# -- pictures ---------------------------------------------------------------------------------------------------------


def test_the_same_picture_is_known_again_scaled_and_compressed_and_another_isnt():
    plain, small, other = a_picture(), a_picture(form="JPEG", size=(320, 240)), a_picture("AMAN", shade=5)
    hashes = [pictures.look_at(each).hash for each in (plain, small, other)]
    assert pictures.distance(hashes[0], hashes[1]) <= pictures.ALIKE < pictures.distance(hashes[0], hashes[2])
    assert all(map(pictures.tells_apart, hashes))
    flat = pictures.difference_hash(Image.new("L", (90, 80), 128))
    assert flat == "0" * 16 and not pictures.tells_apart(flat)


def test_the_hash_is_what_it_is_defined_as():
    """By hand: of each two neighbours in a row of nine, whether the right one is lighter."""
    grid = Image.new("L", (9, 8))
    rows = [[(row * 9 + column) * 37 % 251 for column in range(9)] for row in range(8)]
    grid.putdata([grey for row in rows for grey in row])
    bits = "".join("1" if right > left else "0" for row in rows for left, right in itertools.pairwise(row))
    assert pictures.difference_hash(grid) == f"{int(bits, 2):016x}"


def test_of_a_picture_nothing_is_kept_but_hash_and_words(form, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    exif = Image.Exif()
    exif[0x010F], exif[0x9003] = "Kamera Rahasia", "2024:01:01 00:00:00"
    form(text="", picture=a_picture(form="JPEG", exif=exif))
    each = Sighting.objects.get()
    assert len(each.image_hash) == 16 and "Kamera" not in everything_stored()
    assert not list(tmp_path.rglob("*"))


@pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="tesseract isn't installed: apt-get install tesseract-ocr"
)
def test_what_is_written_in_a_picture_is_read_and_masked(form):
    page = Image.new("RGB", (1000, 300), "white")
    ImageDraw.Draw(page).text((40, 40), "BANTUAN BERAS GRATIS\nHUBUNGI 081234567890", fill="black", font_size=60)
    out = io.BytesIO()
    page.save(out, "PNG")
    form(text="", picture=out.getvalue())
    each = Sighting.objects.get()
    assert "HUBUNGI" in each.image_text and "4567" not in each.image_text


# -- files ------------------------------------------------------------------------------------------------------------


def test_a_file_is_imported_once_and_its_senders_never(province, tmp_path):
    path = tmp_path / "messages.csv"
    path.write_text(
        "id,message,date,area,sender\n"
        f"1,{CLAIM},2026-11-20T10:00:00+08:00,74.01.01.1001,{NAME}\n"
        f"2,Hubungi 081234567890 untuk bantuan beras.,,,{NUMBER}\n"
        f"3,{CLAIM},,99.99.99.9999,x\n"
    )
    first, again = import_messages(path), import_messages(path)
    assert (first.stored, sum(first.refused.values()), again.stored, again.known) == (2, 1, 0, 2)
    stored = everything_stored()
    assert NAME not in stored and NUMBER not in stored and "081234567890" not in stored
    # another file may number its messages alike
    other = tmp_path / "other.csv"
    other.write_text("id,message\n1,Pemungutan suara diundur ke bulan depan kata pesan itu.\n")
    assert import_messages(other).stored == 1
    other.write_text("id\n1\n")
    with pytest.raises(InputProblems):
        import_messages(other)
