"""The way of a rumour: its steps, who takes them, and what the database itself refuses."""

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from rukun.server.audit.models import Entry
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.rumours import escalating, evidence, joining, queries, states, workflow
from rukun.server.rumours.models import (
    Clarification,
    Evidence,
    FactCheck,
    Judgement,
    Match,
    Placing,
    Publication,
    Rumour,
    Sighting,
)
from rukun.server.rumours.moves import RumourChanged, advance, locked
from rukun.server.rumours.states import STEPS, Status
from rumour_samples import CLAIM, a_judged_rumour, a_rumour, a_sighting, a_triage, some_evidence

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def actions_of(rumour):
    return list(Entry.objects.filter(subject=f"rumour:{rumour.pk}").order_by("number").values_list("action", flat=True))


def test_a_rumour_goes_its_way_and_each_step_is_kept_and_noted(desk):
    scope = desk.scope("desk")
    rumour = a_judged_rumour(scope)
    assert (rumour.status, rumour.verdict, rumour.version) == ("judged", "false", 5)
    assert not rumour.claimed
    rumour = workflow.close(scope, rumour.pk, rumour.version, "Sudah reda sendiri.")
    assert rumour.deadline is None and rumour.verdict == "false"
    rumour = workflow.subside(scope, rumour.pk, rumour.version)
    steps = [(step.before, step.after, step.by) for step in rumour.steps.all()]
    me = scope.user
    assert steps == [
        ("new", "triaged", me),
        ("triaged", "in_verification", me),
        ("in_verification", "judged", me),
        ("judged", "closed", me),
        ("closed", "subsided", me),
    ]
    assert actions_of(rumour) == [
        "rumour.triaged",
        "rumour.in_verification",
        "evidence.added",
        "rumour.judged",
        "rumour.closed",
        "rumour.subsided",
    ]


def test_only_the_table_says_where_a_rumour_may_go(desk):
    """Every pair of states, by way of the one door: what the table doesn't hold is refused."""
    scope = desk.scope("desk")
    rumour = a_judged_rumour(scope)
    source = Evidence.objects.get()
    full = {"verdict": "false", "slug": "kotak-suara", "deadline": None}
    from rukun.server.audit.services import change

    for before in Status:
        for after in Status:
            stands = before in (*states.STANDS_ON_VERDICT, Status.CLOSED)
            state = full | {"status": before} | ({} if stands else {"verdict": ""})
            Rumour.objects.filter(pk=rumour.pk).update(**state)
            try:
                with change(scope.actor) as trail, transaction.atomic():
                    here = locked(scope, rumour.pk)
                    if after == Status.JUDGED:
                        here.verdict = "false"
                    advance(scope, here, after, trail, "alasan")
                    done = True
            except Refused:
                done = False
            assert done == (after in STEPS[before]), (before, after)
    assert source.rumour_id == rumour.pk


@pytest.mark.parametrize("name", ("officer", "head", "district", "auditor", "administrator", "nobody"))
def test_nobody_but_the_desk_and_the_directorate_works_on_rumours(desk, name):
    rumour = a_rumour(desk.scope("desk"))
    with pytest.raises(NotAllowed, match="rumour desk"):
        workflow.triage(desk.scope(name), rumour.pk, 1, a_triage())
    assert not queries.rumours(desk.scope(name)).exists()
    assert queries.rumours(desk.scope("directorate")).get() == rumour


def test_time_counts_from_when_the_desk_got_it_and_passes_once(desk):
    scope = desk.scope("desk")
    made = {}
    for priority, hours in (("high", 4), ("medium", 24), ("low", 72)):
        rumour = a_rumour(scope)
        rumour = workflow.triage(scope, rumour.pk, 1, a_triage(priority=priority))
        assert rumour.deadline == rumour.made_at + hours * HOUR
        made[priority] = rumour
    now = timezone.now()
    assert escalating.escalate(now) == 0
    assert escalating.escalate(now + 5 * HOUR) == 1
    assert escalating.escalate(now + 6 * HOUR) == 0
    assert escalating.escalate(now + 80 * HOUR) == 2
    entries = Entry.objects.filter(action="rumour.escalated").order_by("number")
    assert [entry.details for entry in entries] == [
        {"priority": "high", "hours_late": 1},
        {"priority": "medium", "hours_late": 56},
        {"priority": "low", "hours_late": 8},
    ]
    # another priority is another deadline, which may pass anew
    again = workflow.triage(scope, made["high"].pk, 2, a_triage(priority="low"))
    assert again.escalated_at is None and not again.overdue


def test_what_is_answered_or_merged_has_no_deadline_that_could_pass(desk):
    scope = desk.scope("desk")
    closed, kept, merged = (a_rumour(scope) for _ in range(3))
    for rumour in (closed, kept, merged):
        workflow.triage(scope, rumour.pk, 1, a_triage(priority="high"))
    workflow.close(scope, closed.pk, 2, "Bukan klaim.")
    joining.merge(scope, kept.pk, merged.pk, "Klaim yang sama.")
    assert escalating.escalate(timezone.now() + 100 * HOUR) == 1
    assert list(Rumour.objects.filter(escalated_at__isnull=False)) == [kept]


def test_two_people_dont_work_on_one_rumour(desk):
    one, two = desk.scope("desk"), desk.scope("second")
    rumour = a_rumour(one)
    workflow.claim(one, rumour.pk, 1)
    for act in (
        lambda: workflow.claim(two, rumour.pk, 2),
        lambda: workflow.triage(two, rumour.pk, 2, a_triage()),
        lambda: evidence.add_evidence(two, rumour.pk, some_evidence()),
    ):
        with pytest.raises(Refused, match="somebody else works on this rumour until"):
            act()
    with pytest.raises(NotAllowed):
        workflow.release(two, rumour.pk)
    workflow.release(desk.scope("directorate"), rumour.pk)
    assert workflow.claim(two, rumour.pk, 3).claimed_by == two.user
    # a claim ends by itself
    Rumour.objects.filter(pk=rumour.pk).update(claimed_until=timezone.now() - HOUR)
    assert workflow.claim(one, rumour.pk, 4).claimed_by == one.user


def test_who_saw_an_older_version_is_told_what_it_is_now(desk):
    scope = desk.scope("desk")
    rumour = a_rumour(scope)
    workflow.triage(scope, rumour.pk, 1, a_triage())
    with pytest.raises(RumourChanged) as told:
        workflow.close(scope, rumour.pk, 1, "x")
    assert told.value.current["status"] == "triaged" and told.value.current["version"] == 2


def test_a_verdict_rests_on_evidence_with_a_link_that_still_holds(desk):
    scope = desk.scope("desk")
    rumour, other = a_rumour(scope), a_rumour(scope)
    workflow.triage(scope, rumour.pk, 1, a_triage())
    foreign = evidence.add_evidence(scope, other.pk, some_evidence())
    with pytest.raises(Refused, match="begin to verify"):
        workflow.judge(scope, rumour.pk, 2, "false", foreign.pk, "x")
    workflow.begin(scope, rumour.pk, 2)
    own = evidence.add_evidence(scope, rumour.pk, some_evidence())
    evidence.withdraw_evidence(scope, own.pk, "Halaman itu palsu.")
    for source in (uuid.uuid4(), foreign.pk, own.pk):
        with pytest.raises(Refused, match="rests on evidence"):
            workflow.judge(scope, rumour.pk, 5, "false", source, "Tidak benar.")
    with pytest.raises(Refused, match="is none of"):
        workflow.judge(scope, rumour.pk, 5, "fake", own.pk, "Tidak benar.")
    for link in ("javascript:alert(1)", "kpu.go.id", "", "https://a b", "https://x.id/" + "a" * 1000):
        with pytest.raises(Refused, match="link begins"):
            evidence.add_evidence(scope, rumour.pk, some_evidence(link=link))
    assert not Judgement.objects.exists()


def test_taking_up_again_what_was_judged_keeps_the_earlier_verdict_in_sight(desk):
    scope, second = desk.scope("desk"), desk.scope("second")
    rumour = a_judged_rumour(scope)
    with pytest.raises(Refused, match="say why"):
        workflow.begin(second, rumour.pk, rumour.version)
    rumour = workflow.begin(second, rumour.pk, rumour.version, "Ada keterangan baru.")
    assert rumour.verdict == ""
    workflow.judge(second, rumour.pk, rumour.version, "misleading", Evidence.objects.get().pk, "Sebagian benar.")
    given = Judgement.objects.values_list("number", "verdict", "by__username")
    assert list(given) == [(1, "false", "desk"), (2, "misleading", "second")]


def test_what_was_closed_without_verdict_can_be_taken_up_but_not_have_subsided(desk):
    scope = desk.scope("desk")
    rumour = a_rumour(scope)
    with pytest.raises(Refused, match="say why"):
        workflow.close(scope, rumour.pk, 1, "  ")
    workflow.close(scope, rumour.pk, 1, "Hanya ucapan selamat pagi.")
    with pytest.raises(Refused, match="closed without a verdict"):
        workflow.subside(scope, rumour.pk, 2)
    before = timezone.now()
    rumour = workflow.triage(scope, rumour.pk, 2, a_triage(priority="high", reason="Muncul lagi."))
    assert rumour.deadline >= before + 4 * HOUR


def test_words_of_the_desk_are_masked_too(desk):
    scope = desk.scope("desk")
    rumour = a_rumour(scope, "Hubungi 0812-3456-7890 segera, katanya bantuan beras dibagikan besok pagi.")
    source = evidence.add_evidence(scope, rumour.pk, some_evidence(note="Telepon 0812-3456-7890 tidak aktif."))
    workflow.close(scope, rumour.pk, 2, "Nomor 0812-3456-7890 milik warga.")
    rumour.refresh_from_db()
    for text in (rumour.text, source.note, rumour.steps.get().reason):
        assert "3456" not in text and text
    assert "3456" not in str(list(Entry.objects.values_list("details", flat=True)))


def test_merging_is_taken_back_without_a_trace(desk):
    scope = desk.scope("desk")
    kept = a_rumour(scope, CLAIM, CLAIM, at=timezone.now() - 9 * HOUR)
    merged = a_rumour(scope, CLAIM, at=timezone.now() - 3 * HOUR)
    workflow.triage(scope, merged.pk, 1, a_triage())
    before = Rumour.objects.values("status", "deadline", "first_seen", "last_seen").order_by("pk")
    as_it_was = list(before)
    joining.merge(scope, kept.pk, merged.pk, "Klaim yang sama.")
    found = queries.rumours(scope).get()
    assert (found.pk, found.seen, found.last_seen > found.first_seen) == (kept.pk, 3, True)
    with pytest.raises(Refused, match="was merged into"):
        workflow.close(scope, merged.pk, 3, "x")
    for wrong, into in ((merged.pk, kept.pk), (kept.pk, kept.pk), (kept.pk, merged.pk)):
        with pytest.raises(Refused):
            joining.merge(scope, wrong, into, "x")
    joining.unmerge(scope, merged.pk)
    assert list(before.all()) == as_it_was
    assert {each.seen for each in queries.rumours(scope)} == {1, 2}
    with pytest.raises(Refused, match="isn't merged"):
        joining.unmerge(scope, merged.pk)


def test_splitting_makes_a_new_rumour_and_moving_takes_it_back(desk):
    scope = desk.scope("desk")
    rumour = a_rumour(scope, CLAIM, "Pemungutan suara diundur sampai minggu depan, kata pesan itu.", CLAIM)
    other = Sighting.objects.get(text__contains="diundur")
    with pytest.raises(Refused, match="at least one must stay"):
        joining.split(scope, rumour.pk, [each.pk for each in rumour.sightings.all()], "x")
    new = joining.split(scope, rumour.pk, [other.pk], "Yang ini tentang jadwal.")
    assert new.text == other.text and new.status == "new" and new.sightings.get() == other
    joining.move(scope, [other.pk], rumour.pk, "Ternyata satu klaim.")
    assert rumour.sightings.count() == 3 and not new.sightings.exists()
    assert list(Placing.objects.values_list("before", "after", "by__username")) == [
        (rumour.pk, new.pk, "desk"),
        (new.pk, rumour.pk, "desk"),
    ]
    with pytest.raises(Refused, match="aren't there"):
        joining.move(scope, [uuid.uuid4()], rumour.pk, "x")


def a_match(rumour):
    now = timezone.now()
    check = FactCheck.objects.create(
        publisher="Tim Cek Fakta",
        title="[SALAH] Kotak suara dibuka",
        verdict="Salah",
        link="https://example.org/cek/1",
        received_at=now,
        changed_at=now,
    )
    return Match.objects.create(
        rumour=rumour, fact_check=check, rank=1, probability=0.9, lexical=0.8, character=0.7, advice="match", at=now
    )


def test_a_fact_check_answers_only_when_a_person_says_so(desk):
    scope = desk.scope("desk")
    rumour = a_rumour(scope)
    match = a_match(rumour)
    with pytest.raises(NotAllowed):
        evidence.decide_match(desk.scope("officer"), match.pk, True)
    evidence.decide_match(scope, match.pk, False)
    assert not rumour.evidence.exists()
    evidence.decide_match(scope, match.pk, True)
    evidence.decide_match(scope, match.pk, True)
    source = rumour.evidence.get()
    assert source.link == match.fact_check.link and source.note == "Tim Cek Fakta: Salah"
    rumour.refresh_from_db()
    assert (rumour.status, rumour.verdict) == ("new", "")
    with pytest.raises(Refused, match="among the evidence"):
        evidence.decide_match(scope, match.pk, False)


def published(rumour, by, **changes):
    now = timezone.now()
    judgement = rumour.judgements.last()
    text = dict.fromkeys(("title", "fact", "claim", "why", "again"), "x")
    clarification = Clarification.objects.create(
        rumour=rumour, number=1, judgement=judgement, author=by, made_at=now, changed_at=now, **text
    )
    plain = {"advice": "publish", "at": now, "by": by, "verifier": judgement.by}
    return Publication.objects.create(clarification=clarification, **(plain | changes))


def test_the_database_itself_holds_what_it_can(desk):
    """Rules that hold whatever a service forgets."""
    scope = desk.scope("desk")
    rumour = a_judged_rumour(scope)
    me, second = scope.user, desk.people["second"]

    def refuses(act):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            act()

    refuses(lambda: published(rumour, me))
    refuses(lambda: published(rumour, second, advice="watch"))
    of = Rumour.objects.filter(pk=rumour.pk)
    for wrong in (
        {"status": "gone"}, {"verdict": ""}, {"verdict": "fake"}, {"status": "new"}, {"priority": ""},
        {"triaged_by": None}, {"status": "clarified", "deadline": None}, {"claimed_by": me}, {"merged_into": rumour},
        {"status": "closed", "deadline": timezone.now()}, {"last_seen": rumour.first_seen - HOUR},
    ):  # fmt: skip
        refuses(lambda wrong=wrong: of.update(**wrong))
    refuses(lambda: Judgement.objects.update(verdict="true"))
    refuses(lambda: Evidence.objects.update(link="javascript:alert(1)"))
    refuses(lambda: Evidence.objects.update(grade="G7"))
    refuses(lambda: Sighting.objects.update(text=""))
    refuses(lambda: Sighting.objects.update(channel="whatsapp"))
    refuses(lambda: Sighting.objects.update(emptied_at=timezone.now()))
    match = a_match(rumour)
    refuses(lambda: Match.objects.filter(pk=match.pk).update(accepted=True))
    refuses(lambda: FactCheck.objects.update(link="file:///etc/passwd"))
    assert published(rumour, second).verifier == me


def test_no_column_could_hold_a_sender():
    names = {
        column.name
        for table in connection.introspection.table_names()
        if table.startswith("rumours_")
        for column in connection.introspection.get_table_description(connection.cursor(), table)
    }
    assert len(names) > 60
    for word in ("sender", "account", "group", "phone", "number_of", "address", "handle", "from", "payload", "raw_"):
        assert not [name for name in names if word in name], word


def test_a_whole_rumour_goes_for_good_with_all_that_belongs_to_it(desk):
    rumour = a_judged_rumour(desk.scope("desk"))
    published(rumour, desk.people["second"])
    a_match(rumour)
    rumour.delete()
    assert not Judgement.objects.exists() and not Sighting.objects.exists() and not Publication.objects.exists()


def test_officers_file_sightings_of_their_own_villages_and_read_those(desk):
    from rukun.server.rumours.sightings import file_sighting

    officer = desk.scope("officer")
    given = a_sighting(village="74.01.01.1001")
    first, again = file_sighting(officer, given), file_sighting(officer, given)
    assert (first.stored, again.stored, Sighting.objects.get().channel) == (True, False, "officer")
    with pytest.raises(NotAllowed):
        file_sighting(officer, a_sighting(village="74.71.02.1001"))
    with pytest.raises(Refused, match="in which of your villages"):
        file_sighting(officer, a_sighting())
    for name in ("head", "auditor", "administrator", "nobody"):
        with pytest.raises(NotAllowed):
            file_sighting(desk.scope(name), a_sighting(village="74.01.01.1001"))
    seen = {name: queries.sightings(desk.scope(name)).count() for name in desk.people}
    assert {name for name, number in seen.items() if number} == {
        "officer", "head", "district", "directorate", "desk", "second",
    }  # fmt: skip
