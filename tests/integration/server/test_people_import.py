"""Units, coverage and postings from files, and the operator's way back in."""

import csv
import stat
from pathlib import Path

import pytest
from django.utils import timezone

from rukun.cli.running import run
from rukun.io.problems import InputProblems
from rukun.server.audit.models import Entry
from rukun.server.audit.queries import verify
from rukun.server.people import services
from rukun.server.people.importing import import_people
from rukun.server.people.models import Coverage, Posting, Unit, UnitLevel, User
from rukun.server.people.scope import scope_of
from rukun.server.territory.importing import import_areas
from rukun.server.territory.models import Area, Level

pytestmark = pytest.mark.django_db
REAL = Path("../shared/data/territory/sultra_areas.csv")
UNITS = "code,name,level,parent\nsouth-03,Polsek Baru,Polsek,west\nwest,Polres Barat,Polres,polda\n"
COVERAGE = "unit,village\nsouth-03,74.71.02.1003\nsouth-03,74.71.02.1002\nsouth-02,74.71.02.1001\n"
POSTINGS = (
    "username,name,role,unit,begins,villages\n"
    "far,Far,village_officer,south-02,2024-01-01,74.71.02.1001\n"
    "baru,Petugas Baru,Bhabinkamtibmas,south-03,2025-01-01,74.71.02.1003;74.71.02.1002\n"
    "baru,Petugas Baru,subdistrict_head,south-02,2025-06-01,\n"
)


@pytest.fixture
def files(tmp_path):
    def make(**texts):
        made = []
        for name, text in texts.items():
            path = tmp_path / f"{name}.csv"
            path.write_text(text, encoding="utf-8")
            made.append(path)
        return made

    return make


@pytest.fixture
def three(files):
    return files(postings=POSTINGS, coverage=COVERAGE, units=UNITS)


def counts():
    return [model.objects.count() for model in (Unit, Coverage, User, Posting, Entry)]


class TestImport:
    def test_a_dry_run_lists_every_change_and_makes_none(self, province, three):
        before = counts()
        result = import_people(three, dry_run=True)
        assert counts() == before and not verify().faults
        assert result.changes == [
            "+ unit west Polres Barat",
            "+ unit south-03 Polsek Baru",
            "~ coverage 74.71.02.1003: south-02 > south-03",
            "~ coverage 74.71.02.1002: south-02 > south-03",
            "+ account baru Petugas Baru",
            "+ posting baru: Bhabinkamtibmas, south-03, from 2025-01-01 for 74.71.02.1002 74.71.02.1003",
            "+ posting baru: Kanit Binmas, south-02, from 2025-06-01",
        ]

    def test_what_was_listed_is_made_once(self, province, three, tmp_path):
        wanted = import_people(three, dry_run=True).changes
        assert import_people(three, passwords=tmp_path / "p.csv").changes == wanted
        entries = Entry.objects.count()
        again = import_people(three)
        assert not again.changes and not again.accounts and Entry.objects.count() == entries
        user = User.objects.get(username="baru")
        assert scope_of(user).own_villages == set(Area.objects.filter(code__in=("74.71.02.1003", "74.71.02.1002"))
                                                 .values_list("pk", flat=True))  # fmt: skip
        assert not verify().faults

    def test_passwords_go_to_a_file_of_the_owners_and_nowhere_else(self, province, three, tmp_path, capsys):
        path = tmp_path / "p.csv"
        assert run(["people", "import", *map(str, three), "--passwords", str(path)]) == 0
        with path.open() as file:
            rows = list(csv.DictReader(file))
        user, (row,) = User.objects.get(username="baru"), rows
        assert row["username"] == "baru" and user.check_password(row["password"]) and user.must_change_password
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        said = capsys.readouterr()
        assert row["password"] not in said.out + said.err + str(list(Entry.objects.values()))

    def test_new_accounts_need_a_new_file_for_their_passwords(self, province, three, tmp_path):
        before = counts()
        with pytest.raises(InputProblems, match="--passwords FILE"):
            import_people(three)
        (tmp_path / "p.csv").write_text("keep")
        with pytest.raises(FileExistsError):
            import_people(three, passwords=tmp_path / "p.csv")
        assert counts() == before and (tmp_path / "p.csv").read_text() == "keep"

    def test_other_villages_later_end_one_posting_and_begin_another(self, province, files):
        head = "username,name,role,unit,begins,villages,ends\n"
        today = timezone.localdate()
        row = f"officer,,village_officer,north-01,{today},74.01.01.1003,\n"
        assert import_people(files(a=head + row)).changes == [
            f"~ posting officer: Bhabinkamtibmas, north-01, from {today}: villages: "
            "74.01.01.1001 74.01.01.1002 > 74.01.01.1003"
        ]
        assert not import_people(files(a=head + row)).changes
        officer = province.people["officer"]
        assert [(str(p.begins), p.ends) for p in officer.postings.all()] == [(str(today), None), ("2024-01-01", today)]
        ends = head + f"officer,Si Officer,village_officer,north-01,{today},74.01.01.1003,{today}\n"
        assert import_people(files(a=ends)).changes == [
            "~ account officer: name: Officer > Si Officer",
            f"~ posting officer: Bhabinkamtibmas, north-01: ends: - > {today}",
        ]

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ("x,,village_officer,nowhere,2025-01-01,,", 'line 3, column unit: there is no unit "nowhere"'),
            ("x,,boss,south-02,2025-01-01,,", 'line 3, column role: "boss" is no role (write one of village_officer'),
            ("x,,auditor,south-02,2025-01-01,,", "line 3, column unit: Pengawas is held at a Polda"),
            ("x,,village_officer,south-02,2025-01,,", "line 3, column begins: 2025-01-01 to 2025-01-31 isn't one day"),
            ("x,,village_officer,south-02,,,", "line 3, column begins: the date is missing"),
            (",,village_officer,south-02,2025-01-01,,", "line 3, column username: the name of the account is missing"),
            ("a b,,village_officer,south-02,2025-01-01,,", "line 3, column username"),
            ("x,,village_officer,south-02,2025-01-01,74.99.01.1001,", "column villages: there is no village 74.99"),
            ("x,,village_officer,south-02,2025-01-01,74.01.01.1001,", "column villages: Polsek south 02 doesn't cover"),
            ("x,,subdistrict_head,south-02,2025-01-01,74.71.02.1001,", "only a village officer has villages"),
            ("x,,village_officer,south-02,2025-01-01,,2024-01-01", "line 3, column ends: it began on 2025-01-01"),
            ("far,,village_officer,south-02,2020-01-01,,", "line 3, column begins: it would overlap"),
            ("officer,,village_officer,north-01,2024-05-01,,", "line 3, column username: \"officer, village_officer"),
        ],
    )  # fmt: skip
    def test_bad_rows_are_said_with_their_place_and_nothing_is_imported(self, province, files, tmp_path, row, said):
        head = "username,name,role,unit,begins,villages,ends\n"
        head += "officer,,village_officer,north-01,2024-05-01,74.01.01.1003,\n"
        before = counts()
        with pytest.raises(InputProblems) as wrong:
            import_people(files(bad=head + row + "\n"), passwords=tmp_path / "p.csv")
        assert f"bad.csv, {said}" in str(wrong.value) or said in str(wrong.value)
        assert len(wrong.value.problems) == 1 and counts() == before and not (tmp_path / "p.csv").exists()

    def test_problems_of_all_files_and_rows_come_together(self, province, files):
        units = "code,name,level,parent\nx,X,Polsek,polda\ny,Y,Pos,polda\nnorth,Lain,Polsek,south\n"
        coverage = (
            "unit,village\nnorth-01,74.01.01\nnowhere,74.01.01.1001\nnorth-01,74.01.01.1002\nnorth-01,74.01.01.1002\n"
        )
        with pytest.raises(InputProblems) as wrong:
            import_people(files(u=units, c=coverage, other="a,b\n1,2\n"))
        said = str(wrong.value)
        assert 'u.csv, line 3, column level: "Pos" is no level (write Polda, Polres or Polsek)' in said
        assert 'c.csv, line 5, column village: "74.01.01.1002" is there more than once' in said
        assert "other.csv, line 1: is neither units nor coverage nor postings" in said
        with pytest.raises(InputProblems) as wrong:
            import_people(files(u=units.replace("y,Y,Pos,polda\n", ""), c=coverage.rsplit("north", 1)[0]))
        assert [str(p).split(" (")[0] for p in wrong.value.problems] == [
            "u.csv, line 2, column parent: a Polsek can't stand there: Polda > Polres > Polsek",
            "u.csv, line 3, column level: north is there already, as a Polres below polda",
            'c.csv, line 2, column village: there is no village "74.01.01"',
            'c.csv, line 3, column unit: there is no unit "nowhere"',
        ]

    def test_the_last_administrator_is_not_ended_by_a_file(self, province, files):
        with pytest.raises(InputProblems, match="no administrator"):
            import_people(files(a="username,name,role,unit,begins,villages,ends\n"
                                  "administrator,,administrator,polda,2024-01-01,,2026-01-01\n"))  # fmt: skip


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/territory isn't here")
def test_units_of_one_district_span_four_regencies(db, files, tmp_path):
    """A city's district unit may hold sub-district units of the regencies around it: Kendari's span four."""
    import_areas([REAL], "system")
    services.make_unit(None, "polda", "Polda Sulawesi Tenggara", UnitLevel.PROVINCE)
    regencies = ("74.71", "74.02", "74.03", "74.12")
    units = "code,name,level,parent\nkendari,Polresta Kendari,Polres,polda\n"
    coverage, postings = (
        "unit,village\n",
        "username,name,role,unit,begins,villages\nkasat,,district_head,kendari,2025-01-01,\n",
    )
    for regency in regencies:
        subs = Area.objects.filter(code__startswith=f"{regency}.", level=Level.SUBDISTRICT).order_by("code")[:2]
        unit = f"polsek-{regency.replace('.', '-')}"
        units += f"{unit},Polsek {regency},Polsek,kendari\n"
        for village in Area.objects.filter(parent__in=list(subs)):
            coverage += f"{unit},{village.code}\n"
        postings += f"kanit-{regency},,subdistrict_head,{unit},2025-01-01,\n"
    import_people(files(u=units, c=coverage, p=postings), passwords=tmp_path / "new.csv")
    kasat = scope_of(User.objects.get(username="kasat")).villages
    assert {code[:5] for code in kasat.values_list("code", flat=True)} == set(regencies)
    assert kasat.count() == coverage.count("\n") - 1
    for regency in regencies:
        kanit = scope_of(User.objects.get(username=f"kanit-{regency}")).villages
        assert {code[:5] for code in kanit.values_list("code", flat=True)} == {regency}
    assert not import_people(files(u=units, c=coverage, p=postings)).changes


class TestPassword:
    def test_who_locked_themselves_out_gets_a_password_on_the_server(self, province, capsys):
        assert run(["people", "password", "ADMINISTRATOR"]) == 0
        said = capsys.readouterr().out
        admin = User.objects.get(username="administrator")
        assert admin.check_password(said.split()[1]) and admin.must_change_password
        assert Entry.objects.first().actor == "system"

    def test_the_second_factor_goes_when_asked_and_names_must_be_known(self, province, capsys):
        from allauth.mfa.models import Authenticator

        Authenticator.objects.create(user=province.people["head"], type="totp", data={"secret": "x"})
        assert run(["people", "password", "head"]) == 0 and Authenticator.objects.exists()
        assert run(["people", "password", "head", "--second-factor"]) == 0 and not Authenticator.objects.exists()
        assert run(["people", "password", "nemo"]) == 2
        assert "there is no account nemo" in capsys.readouterr().err
