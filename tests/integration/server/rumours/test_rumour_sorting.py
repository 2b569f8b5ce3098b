"""Which messages the machine puts together, what it suggests for them, and that people have the last word."""

import datetime as dt
import uuid

import numpy as np
import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from rukun.server.audit.models import Entry
from rukun.server.rumours import joining, matching, queries, sorting, tasks, workflow
from rukun.server.rumours.claim_reviews import Review
from rukun.server.rumours.evidence import decide_match
from rukun.server.rumours.feeds import keep
from rukun.server.rumours.intake.receiving import Received, take
from rukun.server.rumours.models import FactCheck, Match, Placing, Rumour, Sighting
from rukun.server.rumours.sightings import file_sighting
from rukun.server.rumours.states import Channel
from rukun.server.territory.models import Area
from rumour_pictures import a_picture
from rumour_samples import CLAIM, a_sighting, a_triage

pytestmark = pytest.mark.django_db
OTHER = "Gempa besar akan terjadi nanti malam di teluk, warga pesisir diminta segera mengungsi ke bukit."
COPIES = (
    CLAIM,
    f"Diteruskan berkali-kali\n\n{CLAIM}",
    f"{CLAIM.upper()} SEBARKAN KE SEMUA GRUP!!!",
    CLAIM.replace("katanya", "ktnya").replace("malam", "mlm"),
)


@pytest.fixture(autouse=True)
def anew():
    sorting.forget()


def came(*texts, channel=Channel.CSV, **given):
    take(channel, [Received(str(uuid.uuid4()), text, **given) for text in texts])


def groups():
    """The texts of each rumour, as sets."""
    return {frozenset(rumour.sightings.values_list("text", flat=True)) for rumour in Rumour.objects.all()}


def test_copies_are_one_rumour_and_another_claim_is_another(desk):
    came(*COPIES, OTHER)
    done = sorting.sort_new()
    assert (done.made, done.joined) == (2, 0)
    assert sorted(map(len, groups())) == [1, 4]
    # what comes later joins what is there
    came(CLAIM + " Mohon dicek.", OTHER)
    done = sorting.sort_new()
    assert (done.made, done.joined, len(done.touched)) == (0, 2, 2)
    assert sorting.sort_new().joined == 0
    assert {(row.before_id, row.by_id) for row in Placing.objects.all()} == {(None, None)}
    assert all(0.5 < row.similarity <= 1 for row in Placing.objects.all())
    assert Entry.objects.filter(action="rumour.made").count() == 2
    assert Entry.objects.filter(action="rumour.seen_again").count() == 2


def test_it_makes_no_difference_whether_the_worker_began_anew_meanwhile(desk):
    came(*COPIES[:2], OTHER)
    sorting.sort_new()
    sorting.forget()
    came(*COPIES[2:])
    assert sorting.sort_new().made == 0
    assert sorted(map(len, groups())) == [1, 4]


def test_a_changed_number_or_denial_is_another_claim(desk):
    came(
        "Bantuan beras 10 kg dibagikan di balai desa hari Jumat oleh dinas sosial kota.",
        "Bantuan beras 25 kg dibagikan di balai desa hari Jumat oleh dinas sosial kota.",
        "Bantuan beras 10 kg tidak dibagikan di balai desa hari Jumat oleh dinas sosial kota.",
    )
    assert sorting.sort_new().made == 3


def test_what_people_took_apart_stays_apart(desk):
    scope = desk.scope("desk")
    came(*COPIES)
    sorting.sort_new()
    rumour = Rumour.objects.get()
    shout = Sighting.objects.get(text__contains="SEBARKAN")
    new = joining.split(scope, rumour.pk, [shout.pk], "Ajakan menyebarkan adalah kabar lain.")
    came(shout.text, CLAIM)
    sorting.sort_new()
    assert (rumour.sightings.count(), new.sightings.count()) == (4, 2)


def test_what_was_merged_counts_with_what_it_was_merged_into(desk):
    scope = desk.scope("desk")
    came(CLAIM, OTHER)
    sorting.sort_new()
    kept, merged = (Rumour.objects.get(text=text) for text in (CLAIM, OTHER))
    joining.merge(scope, kept.pk, merged.pk, "Satu kabar.")
    came(OTHER)
    sorting.sort_new()
    assert queries.rumours(scope).get().seen == 3


def test_closed_and_clarified_ones_are_seen_again_and_stay_as_they_are(desk):
    came(CLAIM, at=timezone.now() - dt.timedelta(days=2))
    sorting.sort_new()
    rumour = workflow.close(desk.scope("desk"), Rumour.objects.get().pk, 1, "Bukan klaim.")
    came(CLAIM)
    sorting.sort_new()
    again = Rumour.objects.get()
    assert again.status == "closed" and again.last_seen > rumour.last_seen and again.version == rumour.version


def test_very_short_texts_are_put_together_only_where_they_read_the_same(desk):
    came("awas gempa", "Awas gempaa", "awas gempa susulan", "AWAS GEMPA!")
    sorting.sort_new()
    assert frozenset({"awas gempa susulan"}) in groups()


def test_exercises_and_what_happens_dont_mix(desk):
    came(CLAIM, village="74.01.01.1001")
    sorting.sort_new()
    Area.objects.filter(code="74.71.02.1001").update(exercise=True)
    came(CLAIM, village="74.71.02.1001")
    sorting.sort_new()
    assert sorted(Rumour.objects.values_list("exercise", flat=True)) == [False, True]


def test_many_at_once_are_sorted_in_batches_like_one_by_one(desk, monkeypatch):
    rng = np.random.default_rng(4)
    places = ("Wua-Wua", "Kadia", "Baruga", "Puuwatu", "Kambu", "Poasia")
    texts = [
        f"Listrik di kecamatan {places[rng.integers(6)]} padam tiga hari mulai besok kata petugas." for _ in range(60)
    ]
    monkeypatch.setattr(sorting, "_BATCH", 7)
    came(*texts)
    done = sorting.sort_new()
    assert done.made == 6 and {len(set(group)) for group in groups()} == {1}
    assert not Sighting.objects.filter(rumour=None).exists()


def test_pictures_without_words_are_known_by_how_they_look(desk):
    scope = desk.scope("desk")
    plain, small, other = a_picture(), a_picture(form="JPEG", size=(320, 240)), a_picture(shade=5)
    take(Channel.FORM, [Received("1", "", picture=plain), Received("2", "", picture=other)])
    Sighting.objects.update(image_text="")
    sorting.sort_new()
    take(Channel.FORM, [Received("3", "", picture=small)])
    Sighting.objects.update(image_text="")
    sorting.sort_new()
    assert sorted(each.seen for each in queries.rumours(scope)) == [1, 2]


def test_a_fault_leaves_nothing_unsorted_for_ever(desk, monkeypatch):
    came(CLAIM)
    with monkeypatch.context() as patched:
        patched.setattr(sorting, "_store", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sorting.sort_new()
    assert sorting.sort_new().made == 1


def a_check(title, link="https://example.org/1", **changes):
    plain = {"publisher": "Tim Cek Fakta", "claim": "", "verdict": "Salah", "date": "2026-11-24"}
    return Review(**(plain | changes | {"title": title, "link": link}))


FILLER = [
    a_check(title, f"https://example.org/lain/{number}")
    for number, title in enumerate(
        (
            "Vaksin polio menyebabkan lumpuh pada anak sekolah dasar",
            "Harga beras naik tiga kali lipat mulai Desember",
            "Tautan pendaftaran bantuan sosial tunai lewat WhatsApp",
            "Foto banjir bandang di pasar lama diambil tahun ini",
            "Uang kertas lama tidak berlaku mulai bulan depan",
            "Buaya lepas dari penangkaran masuk ke permukiman warga",
        )
    )
]


def test_a_fact_check_is_suggested_with_the_publishers_words_and_nothing_is_decided(desk):
    keep([a_check("Kotak suara di gudang kecamatan sudah dibuka sebelum hari pemungutan"), *FILLER])
    came(CLAIM)
    assert tasks.sort.call() == 1
    rumour = Rumour.objects.get()
    first = rumour.matches.first()
    assert first.fact_check.title.startswith("Kotak suara") and first.rank == 1 and first.accepted is None
    assert (rumour.status, rumour.verdict) == ("new", "") and not rumour.evidence.exists()
    assert all(0 <= each.probability <= 1 for each in rumour.matches.all())


def test_a_fact_check_that_comes_later_is_suggested_then(desk):
    keep(FILLER)
    came(CLAIM)
    tasks.sort.call()
    keep([a_check("Kotak suara di gudang kecamatan sudah dibuka sebelum hari pemungutan")])
    tasks.match.call()
    assert Rumour.objects.get().matches.first().fact_check.title.startswith("Kotak suara")


def test_what_a_person_decided_is_not_suggested_again(desk):
    scope = desk.scope("desk")
    keep([a_check("Kotak suara di gudang kecamatan sudah dibuka sebelum hari pemungutan"), *FILLER])
    came(CLAIM)
    tasks.sort.call()
    match = Rumour.objects.get().matches.first()
    decide_match(scope, match.pk, False)
    assert tasks.match.call() <= 1
    match.refresh_from_db()
    assert match.accepted is False and Match.objects.filter(fact_check=match.fact_check).count() == 1


def test_without_fact_checks_nothing_is_suggested(desk):
    came(CLAIM)
    tasks.sort.call()
    assert matching.match_rumours() == 0 and not Match.objects.exists() and not FactCheck.objects.exists()


def test_a_filed_sighting_is_sorted_without_anybody_asking(desk):
    for _ in range(3):
        file_sighting(desk.scope("officer"), a_sighting(village="74.01.01.1001"))
    queued = list(DBTaskResult.objects.values_list("task_path", flat=True))
    assert queued == ["rukun.server.rumours.tasks.sort"]
    tasks.sort.call()
    rumour = queries.rumours(desk.scope("desk")).get()
    assert (rumour.seen, rumour.places, rumour.text) == (3, 1, CLAIM)
    workflow.triage(desk.scope("desk"), rumour.pk, 1, a_triage())


def test_a_call_to_violence_is_proposed_first_with_sums_that_add_up_and_a_person_decides(desk):
    scope = desk.scope("desk")
    came("Ayo serang dan bakar kantor kecamatan malam ini, habisi mereka semua!", village="74.01.01.1001")
    came("Selamat pagi semua, semoga sehat selalu.")
    tasks.sort.call()
    violent, greeting = (Rumour.objects.get(text__contains=word) for word in ("serang", "Selamat"))
    assert (violent.priority, violent.harm, greeting.priority) == ("high", "violence", "low")
    assert violent.deadline == violent.made_at + dt.timedelta(hours=4)
    # nobody watched it long enough to say that an answer wouldn't only spread it
    assert violent.advice == greeting.advice == "watch"
    because = violent.because
    assert because["score"] == pytest.approx(sum(part["points"] for part in because["parts"]), abs=1e-6)
    assert any("serang" in word["words"].lower() for word in violent.harm_words)
    assert queries.rumours(scope).first() == violent and violent.triaged_by is None and violent.status == "new"
    workflow.triage(scope, violent.pk, violent.version, a_triage(priority="low", harm="other", advice="publish"))
    tasks.propose.call()
    violent.refresh_from_db()
    assert (violent.priority, violent.harm, violent.advice) == ("low", "other", "publish")
    assert violent.because["priority"] == "high"
    proposed = Entry.objects.filter(action="rumour.proposed", subject=f"rumour:{violent.pk}")
    assert [entry.details for entry in proposed] == [{"priority": "high", "harm": "violence", "advice": "watch"}]
    assert Entry.objects.filter(action="rumour.triaged").get().details["proposed"] == "high"


def test_what_spreads_fast_is_advised_to_be_answered(desk):
    now = timezone.now()
    for hour in range(40):
        came(CLAIM, at=now - dt.timedelta(hours=hour / 8), village=f"74.01.01.100{hour % 3 + 1}")
    tasks.sort.call()
    rumour = Rumour.objects.get()
    assert rumour.advice == "publish" and rumour.because["why"] == "spreads"
    assert rumour.because["spread"]["villages_seen"] == 3
