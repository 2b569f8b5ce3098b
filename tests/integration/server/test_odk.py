"""Exports of ODK Central and KoboToolbox become reports and visits, by the rules of filing."""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from rukun.cli import app
from rukun.io.problems import InputProblems
from rukun.server.audit.models import Entry
from rukun.server.audit.queries import verify
from rukun.server.people import services as people
from rukun.server.people.services import NotAllowed
from rukun.server.reports.models import Report, Visit
from rukun.server.reports.odk import import_submissions
from rukun.server.territory.models import Area

pytestmark = pytest.mark.django_db
DAY = dt.date.today() - dt.timedelta(days=30)
MAKASSAR = ZoneInfo("Asia/Makassar")
KEYS = [f"uuid:{uuid.UUID(int=number, version=4)}" for number in range(1, 5)]

CENTRAL = f"""\
SubmissionDate,start,place-village,place-location-Latitude,place-location-Longitude,place-location-Altitude,\
place-location-Accuracy,what-kind,what-told,what-more,meta-instanceID,KEY,SubmitterID,SubmitterName,FormVersion
{DAY}T03:12:44.120Z,{DAY}T11:02:10.000+08:00,74.01.01.1001,-3.98765,122.51234,12.5,4.8,perkelahian,\
"Pemuda lempar batu, dua luka.",Hubungi 0812 3456 7890,{KEYS[0]},{KEYS[0]},12,HP 3,1
{DAY}T04:00:00.000Z,{DAY}T11:50:00.000+08:00,74.01.01.1002,,,,,pencurian,"Motor hilang
di pasar",,{KEYS[1]},{KEYS[1]},12,HP 3,1
"""
OF_CENTRAL = """\
kind = "report"
[columns]
id = "KEY"
village = "place-village"
observed_at = "start"
category = "what-kind"
text = ["what-told", "what-more"]
latitude = "place-location-Latitude"
longitude = "place-location-Longitude"
[values.category]
perkelahian = "youth_brawl"
pencurian = "theft"
[defaults]
level = "actual"
source = "resident"
"""
KOBO = f"""\
"start";"end";"place/village";"place/location";"_place/location_latitude";"met";"met/warga";"met/sekolah";"met/pasar";\
"needs";"talked";"officer";"_id";"_uuid";"_submission_time";"_validation_status";"_submitted_by";"__version__";"_index"
"{DAY}T09:00:00.000+08:00";"{DAY}T09:44:30.000+08:00";"7401011001";"-3.98 122.51 0 0";"-3.98";"warga sekolah";"1";\
"1";"0";"lampu jalan";"harga beras; ronda";"officer";"101";"{KEYS[0][5:]}";"{DAY}T02:00:00";"";"";"v1";"1"
"{DAY}T10:00:00.000+08:00";"{DAY}T10:20:00.000+08:00";"7401011003";"";"";"pasar";"0";"0";"1";"";"";"neighbour";"102";\
"{KEYS[1][5:]}";"{DAY}T03:00:00";"";"";"v1";"2"
"""
OF_KOBO = """\
kind = "visit"
[columns]
id = "_uuid"
village = "place/village"
started_at = "start"
ended_at = "end"
topics = "talked"
needs = "needs"
officer = "officer"
[contacts]
household = "met/warga"
school = "met/sekolah"
market = "met/pasar"
"""


@pytest.fixture
def take(province, tmp_path):
    """take(csv, mapping, who): imported from files."""

    def taken(table, mapping, name, **options):
        (tmp_path / "export.csv").write_text(table, encoding="utf-8", newline="")
        (tmp_path / "map.toml").write_text(mapping, encoding="utf-8")
        return import_submissions(tmp_path / "export.csv", tmp_path / "map.toml", province.scope(name), **options)

    return taken


def problems(take, *given, **options):
    """What is wrong with an import, of which nothing must be left."""
    before = [model.objects.count() for model in (Report, Visit, Entry)]
    with pytest.raises(InputProblems) as found:
        take(*given, **options)
    assert [model.objects.count() for model in (Report, Visit, Entry)] == before
    return [(p.file, p.line, p.column, p.what, p.fix) for p in found.value.problems]


class TestShapes:
    def test_reports_of_odk_central(self, take, province):
        done = take(CENTRAL, OF_CENTRAL, "officer")
        assert (done.kind, done.stored, done.known, done.masked) == ("report", 2, 0, {"phone": 1})
        first, second = Report.objects.order_by("observed_at")
        assert first.pk == uuid.UUID(KEYS[0][5:]) and first.author == province.people["officer"]
        assert (first.category, first.level, first.source) == ("youth_brawl", "actual", "resident")
        assert (first.source_reliability, first.information_reliability) == ("F", "6")
        assert (str(first.latitude), str(first.longitude)) == ("-3.988", "122.512")
        assert first.observed_at == dt.datetime.combine(DAY, dt.time(11, 2, 10), MAKASSAR)
        assert first.text.startswith("Pemuda lempar batu, dua luka.; Hubungi ") and "0812" not in first.text
        assert (second.latitude, second.text, second.village.code) == (None, "Motor hilang\ndi pasar", "74.01.01.1002")
        assert first.status == "submitted"

    def test_visits_of_kobo(self, take, province):
        done = take(KOBO, OF_KOBO, "administrator")
        assert (done.kind, done.stored, done.known) == ("visit", 2, 0)
        first, second = Visit.objects.order_by("started_at")
        assert [visit.author.username for visit in (first, second)] == ["officer", "neighbour"]
        assert (first.village.code, first.minutes, second.minutes) == ("74.01.01.1001", 45, 20)
        assert {c.kind: c.number for c in first.contacts.all()} == {"household": 1, "school": 1}
        assert {c.kind: c.number for c in second.contacts.all()} == {"market": 1}
        assert (first.topics, first.needs) == ("harga beras; ronda", "lampu jalan")
        trail = Entry.objects.filter(action="visit.imported")
        assert {(e.actor, e.subject, e.details["number"]) for e in trail} == {
            (province.people["administrator"].actor, province.people[name].actor, 1)
            for name in ("officer", "neighbour")
        }
        assert not verify().faults

    def test_several_choices_in_one_column_and_numbers_of_people(self, take):
        one = OF_KOBO[: OF_KOBO.index("[contacts]")].replace("[columns]", '[columns]\ncontacts = "met"')
        one += '[values.contacts]\nwarga = "household"\nsekolah = "school"\npasar = "market"\n'
        take(KOBO, one, "administrator")
        assert {(c.kind, c.number) for v in Visit.objects.all() for c in v.contacts.all()} == {
            ("household", 1),
            ("school", 1),
            ("market", 1),
        }
        Visit.objects.all().delete()
        take(KOBO.replace('"1";\\\n"1"', '"7";\\\n"1"').replace('"1";"1";"0"', '"7";"2";"0"'), OF_KOBO, "administrator")
        assert {(c.kind, c.number) for c in Visit.objects.order_by("started_at")[0].contacts.all()} == {
            ("household", 7),
            ("school", 2),
        }

    @pytest.mark.parametrize(
        ("point", "stored"),
        [
            ("-3.98765 122.51234 12.5 4.8", ("-3.988", "122.512")),
            ("-3.98765 122.51234", ("-3.988", "122.512")),
            ("[-3.98765, 122.51234]", ("-3.988", "122.512")),
            ("[None, None]", ("None", "None")),
            ("", ("None", "None")),
        ],
    )
    def test_points_in_one_column(self, take, point, stored):
        table = f'KEY,village,at,told,where\n{KEYS[0]},74.01.01.1001,{DAY},Pemuda lempar batu.,"{point}"\n'
        take(table, PLAIN + 'geopoint = "where"\n' + DEFAULTS, "officer")
        report = Report.objects.get()
        assert (str(report.latitude), str(report.longitude)) == stored

    @pytest.mark.parametrize(
        ("column", "said", "meant"),
        [
            ("start", "T11:00:00.000+08:00", "03:00"),
            ("start", "T03:00:00.000Z", "03:00"),
            ("start", "T11:00:00", "03:00"),  # the installation's zone
            ("start", " 11:00", "03:00"),
            ("start", "", "04:00"),  # a date: its noon
            ("_submission_time", "T03:00:00", "03:00"),  # Kobo writes UTC and doesn't say so
            ("SubmissionDate", "T03:00:00.000Z", "03:00"),
        ],
    )
    def test_zones_of_time(self, take, column, said, meant):
        mapping = PLAIN.replace('"at"', f'"{column}"') + DEFAULTS
        take(f"KEY,village,{column},told\n{KEYS[0]},74.01.01.1001,{DAY}{said},Lempar batu.\n", mapping, "officer")
        assert Report.objects.get().observed_at.astimezone(dt.UTC).strftime("%H:%M") == meant
        assert Report.objects.get().observed_at.astimezone(MAKASSAR).date() == DAY


PLAIN = """\
kind = "report"
[columns]
id = "KEY"
village = "village"
observed_at = "at"
text = "told"
"""
DEFAULTS = '[defaults]\ncategory = "youth_brawl"\nlevel = "actual"\nsource = "resident"\n'


def plain_rows(*rows):
    return "KEY,village,at,told\n" + "".join(f"{key},{village},{at},{told}\n" for key, village, at, told in rows)


class TestRules:
    def test_done_twice_it_stores_once(self, take):
        first, again = (take(CENTRAL, OF_CENTRAL, "officer") for _ in range(2))
        assert (first.stored, first.known, again.stored, again.known) == (2, 0, 0, 2)
        assert Report.objects.count() == 2

    def test_a_dry_run_says_the_same_and_keeps_nothing(self, take):
        before = Entry.objects.count()
        dry = take(KOBO, OF_KOBO, "administrator", dry_run=True)
        assert not Visit.objects.exists() and Entry.objects.count() == before
        assert dry == take(KOBO, OF_KOBO, "administrator")

    def test_all_that_is_wrong_is_said_by_line_and_column_and_nothing_is_stored(self, take):
        table = plain_rows(
            (KEYS[0], "74.01.01.1001", DAY, "Pemuda lempar batu."),
            ("17", "74.01.01.1001", DAY, "Pemuda lempar batu."),
            (KEYS[1], "74.01.01.1003", DAY, "Pemuda lempar batu."),
            (KEYS[1], "74.01.01.1001", "kemarin", "Pemuda lempar batu."),
            (KEYS[2], "74.01.01.1001", dt.date(2031, 1, 1), "Pemuda lempar batu."),
            (KEYS[2], "74.01.01.1001", DAY, ""),
            (KEYS[2], "74.01.01.1001", DAY, "Unjuk rasa damai di depan kantor bupati berjalan tertib."),
        )
        found = problems(take, table + "too,short\n", PLAIN + DEFAULTS, "officer")
        assert {(file, line, column) for file, line, column, *_ in found} == {
            ("export.csv", 3, "KEY"),
            ("export.csv", 4, "village"),
            ("export.csv", 5, "at"),
            ("export.csv", 6, "at"),
            ("export.csv", 7, "told"),
            ("export.csv", 8, "told"),
            ("export.csv", 9, None),
        }
        said = {line: f"{what} ({fix})" for _, line, _, what, fix in found}
        assert '"17" is no instance id' in said[3] and "not a village of officer" in said[4]
        assert '"kemarin" is not a time (expected' in said[5] and "future" in said[6]
        assert "there is no text" in said[7] and "a right of everybody" in said[8] and "2 fields" in said[9]

    def test_an_unknown_word_is_said_with_the_words_that_there_are(self, take):
        found = problems(take, CENTRAL, OF_CENTRAL.replace("pencurian =", "curian ="), "officer")
        assert [(line, column) for _, line, column, *_ in found] == [(3, "what-kind")]
        assert found[0][3].startswith('"pencurian" is none of land, ')

    def test_other_content_under_an_id_that_is_known_is_said(self, take):
        take(CENTRAL, OF_CENTRAL, "officer")
        with pytest.raises(InputProblems, match="line 2, column KEY: this id was filed before with other content"):
            take(CENTRAL.replace("dua luka", "tiga luka"), OF_CENTRAL, "officer")
        assert Report.objects.filter(text__contains="dua luka").exists() and Report.objects.count() == 2

    def test_the_same_id_twice_in_a_file_is_said_where_the_rows_differ(self, take):
        rows = [(KEYS[0], "74.01.01.1001", DAY, text) for text in ("Lempar batu.", "Lempar batu.", "Saling pukul.")]
        assert take(plain_rows(*rows[:2]), PLAIN + DEFAULTS, "officer").stored == 1
        Report.objects.all().delete()
        found = problems(take, plain_rows(*rows), PLAIN + DEFAULTS, "officer")
        assert [(line, column) for _, line, column, *_ in found] == [(4, "KEY")]

    @pytest.mark.parametrize("name", ["head", "district", "directorate", "auditor", "desk", "nobody"])
    def test_only_officers_and_administrators_import(self, take, name):
        with pytest.raises(NotAllowed):
            take(CENTRAL, OF_CENTRAL, name)
        assert not Report.objects.exists()

    def test_an_officer_files_for_nobody_else(self, take):
        found = problems(take, KOBO, OF_KOBO, "officer")
        assert [(line, column) for _, line, column, *_ in found] == [(3, "officer")]

    def test_an_administrator_files_for_nobody_in_particular_never(self, take):
        found = problems(take, CENTRAL, OF_CENTRAL, "administrator")
        assert found[0][:3] == ("map.toml", None, "columns.officer")
        done = take(CENTRAL, OF_CENTRAL + 'officer = "officer"\n', "administrator")
        assert done.stored == 2
        for name in ("head", "missing"):
            with pytest.raises(InputProblems, match=r"village officer|no account"):
                take(CENTRAL, OF_CENTRAL + f'officer = "{name}"\n', "administrator")

    def test_past_rows_go_by_who_was_posted_then(self, take, province):
        officer = province.people["officer"]
        posting = officer.postings.get()
        people.transfer(
            None,
            posting,
            province.units["north-02"],
            DAY + dt.timedelta(days=5),
            Area.objects.filter(code="74.01.02.1001"),
        )
        mapping = PLAIN + DEFAULTS + 'officer = "officer"\n'
        later = DAY + dt.timedelta(days=6)
        done = take(
            plain_rows((KEYS[0], "74.01.01.1001", DAY, "Lempar batu."), (KEYS[1], "74.01.02.1001", later, "Pukul.")),
            mapping,
            "administrator",
        )
        assert done.stored == 2
        Report.objects.all().delete()
        rows = (KEYS[0], "74.01.01.1001", later, "Lempar batu."), (KEYS[1], "74.01.02.1001", DAY, "Pukul.")
        found = problems(take, plain_rows(*rows), mapping, "administrator")
        assert [(line, column) for _, line, column, *_ in found] == [(2, "village"), (3, "village")]


class TestMapping:
    @pytest.mark.parametrize(
        ("mapping", "column", "said"),
        [
            ("kind = ", None, "isn't TOML"),
            ("", "kind", "report, visit"),
            ('kind = "report"', "columns.id", "where id comes from"),
            (PLAIN, "columns.category", "where category comes from"),
            (PLAIN + 'sender = "x"\n' + DEFAULTS, "columns", '"sender"'),
            (PLAIN + DEFAULTS + "[contacts]\nhousehold = 'x'\n", "contacts", "household"),
            (PLAIN + 'latitude = "x"\n' + DEFAULTS, "columns.latitude", "both latitude and longitude"),
            (PLAIN.replace('"KEY"', '["KEY", "at"]') + DEFAULTS, "columns.id", "several columns"),
            (PLAIN.replace('"KEY"', "3") + DEFAULTS, "columns.id", "names no column"),
            ('time_zone = "Mars/North"\n' + PLAIN + DEFAULTS, "time_zone", "no time zone"),
            (OF_KOBO.replace("ended_at", "needs2"), "columns.minutes", "how long"),
            (OF_KOBO.replace("household =", "stranger ="), "contacts", '"stranger"'),
        ],
    )
    def test_what_is_wrong_with_it_is_said_by_its_key(self, take, mapping, column, said):
        found = problems(take, CENTRAL, mapping, "administrator")
        assert any(
            file == "map.toml" and where == column and said in f"{what} {fix}" for file, _, where, what, fix in found
        ), found

    def test_a_column_that_is_missing_is_said_with_those_like_it(self, take):
        found = problems(take, CENTRAL, OF_CENTRAL.replace("place-village", "place/village"), "officer")
        assert [(what, fix) for *_, what, fix in found] == [
            ('has no column "place/village"', "did you mean place-village?")
        ]


def test_the_command(province, tmp_path):
    (tmp_path / "export.csv").write_text("\ufeff" + CENTRAL, encoding="utf-8")
    (tmp_path / "map.toml").write_text(OF_CENTRAL)
    told = ["import", "odk", str(tmp_path / "export.csv"), "--mapping", str(tmp_path / "map.toml"), "--as"]
    for arguments, said in (
        (["officer", "--dry-run"], "2 reports would be stored, 0 are stored already.\nMasked: 1 phone\n"),
        (["officer"], "2 reports were stored, 0 are stored already.\nMasked: 1 phone\n"),
        (["officer"], "0 reports were stored, 2 are stored already.\n"),
    ):
        done = CliRunner().invoke(app, told + arguments)
        assert (done.exit_code, done.output) == (0, said)
    for name, said in (("missing", "no open account missing"), ("head", "only village officers")):
        refused = CliRunner().invoke(app, [*told, name])
        assert refused.exit_code == 2 and said in refused.output
