"""The territory from files: a real province, what an import says and does, and villages that split and merge."""

import datetime as dt
import json
import time
from pathlib import Path

import pytest

from province import make_areas
from rukun.cli.running import run
from rukun.io.problems import InputProblems
from rukun.server.audit.models import Entry
from rukun.server.audit.queries import verify
from rukun.server.territory.importing import import_areas
from rukun.server.territory.models import Area, Level, Succession
from rukun.server.territory.queries import villages
from rukun.server.territory.succession import succeed

pytestmark = pytest.mark.django_db
REAL = Path("../shared/data/territory")
FILES = [REAL / name for name in (
    "sultra_areas.csv", "sultra_regency.geojson", "sultra_district.geojson", "sultra_village.geojson",
)]  # fmt: skip
real = pytest.mark.skipif(not FILES[0].exists(), reason="../shared/data/territory isn't here")
DAY = dt.date(2026, 1, 1)


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def areas(db):
    make_areas()
    return {area.code: area for area in Area.objects.all()}


@real
class TestRealProvince:
    def test_it_loads_whole_says_what_was_repaired_and_missing_and_twice_changes_nothing(self):
        wanted = import_areas(FILES, "system", dry_run=True)
        assert not Area.objects.exists() and not Entry.objects.exists(), "a dry run changes nothing"
        begun = time.perf_counter()
        first = import_areas(FILES, "system")
        took = time.perf_counter() - begun
        assert [str(c) for c in wanted.changes] == [str(c) for c in first.changes]
        assert len(first.changes) == 2524 and (wanted.repaired, wanted.shapeless) == (first.repaired, first.shapeless)
        by_level = [Area.objects.filter(level=level).count() for level in Level]
        assert by_level == [1, 17, 221, 2285]
        assert first.shapeless == ("74.02.18.1001", "74.71.04.1021")
        repaired = {level: sum(code.count(".") + 1 == level for code in first.repaired) for level in Level}
        # versions of GEOS are of two minds about one ring that touches itself
        assert repaired.pop(Level.VILLAGE) in (2, 3)
        assert repaired == {Level.PROVINCE: 0, Level.REGENCY: 10, Level.SUBDISTRICT: 11}
        assert Area.objects.filter(level=Level.VILLAGE, geometry__isnull=True).count() == 2
        assert len(first.otherwise) == 16, "names that the registry and the boundaries spell differently"
        assert first.otherwise[0].startswith('74.01.10.2003 is "Ululapao-pao"; sultra_village.geojson has')
        assert Area.objects.get(code="74.01.10.2003").name == "Ululapao-pao"
        again = import_areas(FILES, "system")
        assert not again.changes and again.unchanged == 2524 and again.shapeless == first.shapeless
        # every changed code is in the trail, once, in entries that a page can show
        entries = list(Entry.objects.filter(action="territory.imported"))
        assert sorted(code for e in entries for code in e.details["made"]) == [c.code for c in first.changes]
        assert max(len(json.dumps(e.details)) for e in entries) < 5000 and not verify().faults
        assert took < 30, f"the import took {took:.1f} s"
        print(f"import of 2,524 areas with polygons: {took:.1f} s")

    def test_every_area_lies_below_its_parent(self):
        import_areas(FILES[:1], "system")
        for area in Area.objects.select_related("parent"):
            assert (area.parent.code if area.parent else "") == area.code.rpartition(".")[0]
        kinds = dict.fromkeys(["provinsi", "kabupaten", "kota", "kecamatan", "desa", "kelurahan"], 0)
        for kind in Area.objects.values_list("kind", flat=True):
            kinds[kind] += 1
        assert kinds["kota"] == 2 and kinds["kabupaten"] == 15 and kinds["kecamatan"] == 221
        assert kinds["desa"] + kinds["kelurahan"] == 2285


class TestImport:
    def test_a_new_name_is_an_alteration_with_before_and_after(self, areas, tmp_path):
        file = write(tmp_path / "a.csv", "code,name\n74.01.01.1001,Desa Baru\n74.01.01.1002,Desa 01-01-1\n")
        dry = import_areas([file], "system", dry_run=True)
        assert [str(c) for c in dry.changes] == ["~ 74.01.01.1001 Desa Baru: name: Desa 01-01-0 > Desa Baru"]
        assert Area.objects.get(code="74.01.01.1001").name == "Desa 01-01-0"
        result = import_areas([file], "user:7")
        assert (len(result.changes), result.unchanged) == (1, 1)
        assert Area.objects.get(code="74.01.01.1001").name == "Desa Baru"
        entry = Entry.objects.first()
        assert (entry.actor, entry.details) == ("user:7", {"made": [], "altered": {"74.01.01.1001": ["name"]}})

    def test_kind_and_days_come_from_csv_and_geojson(self, areas, tmp_path):
        table = write(
            tmp_path / "a.csv",
            "code,name,kind,valid_from,valid_to\n74.01.01.1009,Baru,Desa,2025-03-01,\n74.01.01.1001,,,,2025-03-01\n",
        )
        square = {"type": "Polygon", "coordinates": [[[122, -4], [122.1, -4], [122.1, -4.1], [122, -4]]]}
        feature = {
            "type": "Feature", "geometry": square,
            "properties": {"code": "74.01.01.1008", "name": "Lain", "valid_from": "2024-01-01"},
        }  # fmt: skip
        shapes = write(tmp_path / "b.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]}))
        result = import_areas([table, shapes], "system")
        assert len(result.changes) == 3 and result.shapeless == ("74.01.01.1001", "74.01.01.1009")
        new, other, old = (Area.objects.get(code=f"74.01.01.100{n}") for n in (9, 8, 1))
        assert (new.kind, new.valid_from, new.valid_to) == ("desa", dt.date(2025, 3, 1), None)
        assert (other.kind, other.valid_from) == ("kelurahan", dt.date(2024, 1, 1))
        assert (old.name, old.valid_to) == ("Desa 01-01-0", dt.date(2025, 3, 1))
        assert not import_areas([table, shapes], "system").changes
        codes = set(villages(dt.date(2025, 2, 28)).values_list("code", flat=True))
        assert "74.01.01.1001" in codes and "74.01.01.1009" not in codes
        # a kind that a file gave isn't overwritten by one that has none
        import_areas([write(tmp_path / "c.csv", "code,name\n74.01.01.1009,Baru\n")], "system")
        assert Area.objects.get(code="74.01.01.1009").kind == "desa"

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ("74.01.01.1001.5,X,,,", "isn't of the form"),
            ("74.9,X,,,", "isn't of the form"),
            ("74.99.01.1001,X,,,", "lies in 74.99.01, which isn't known"),
            ("74.01.01.1009,,,,", "is new and has no name"),
            ("74.01.01.1001,,kota,,", 'of the kind "kota" (write desa or kelurahan)'),
            ("74.01.01.1001,,,2025-01-01,2025-01-01", "ends on 2025-01-01 and begins on 2025-01-01"),
            ("74.01.01.1001,,,yesterday,", 'a.csv, line 3, column valid_from: "yesterday" is not a date'),
            ("74.01.01.1001,,,2025-01,", "2025-01-01 to 2025-01-31 isn't one day"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_imported(self, areas, tmp_path, row, said):
        head = "code,name,kind,valid_from,valid_to\n74.01.01.1002,Nama Baru,,,\n"
        with pytest.raises(InputProblems) as wrong:
            import_areas([write(tmp_path / "a.csv", head + row + "\n")], "system")
        assert said in str(wrong.value)
        assert Area.objects.get(code="74.01.01.1002").name == "Desa 01-01-1" and len(areas) == Area.objects.count()

    def test_shapeless_villages_are_said_in_a_dry_run_too(self, areas, tmp_path):
        file = write(tmp_path / "a.csv", "code,name\n74.01.01.1001,X\n74.01.01.1009,Y\n")
        assert import_areas([file], "system", dry_run=True).shapeless == ("74.01.01.1001", "74.01.01.1009")


class TestSuccession:
    def test_a_split(self, areas):
        old, new = areas["74.01.01.1001"], areas["74.01.01.1002"]
        assert succeed([old], [old, new], DAY, "system")
        assert Area.objects.get(pk=old.pk).valid_to is None and Area.objects.get(pk=new.pk).valid_from == DAY
        assert Succession.objects.get().after == new
        assert not succeed([old], [old, new], DAY, "system"), "it is known already"
        assert Entry.objects.filter(action="territory.succeeded").count() == 1

    def test_a_merger(self, areas):
        old = [areas["74.01.01.1001"], areas["74.01.01.1002"]]
        succeed(old, [areas["74.01.01.1003"]], DAY, "system")
        on_the_day = set(villages(DAY).filter(code__startswith="74.01.01.").values_list("code", flat=True))
        before = set(
            villages(DAY - dt.timedelta(1)).filter(code__startswith="74.01.01.").values_list("code", flat=True)
        )
        assert on_the_day == {"74.01.01.1003"} and before == {"74.01.01.1001", "74.01.01.1002"}
        assert Succession.objects.count() == 2

    def test_what_cannot_be_is_refused_whole(self, areas):
        old, new, sub = areas["74.01.01.1001"], areas["74.01.01.1002"], areas["74.01.01"]
        begun = areas["74.01.01.1003"]
        begun.valid_from = dt.date(2020, 1, 1)
        begun.save()
        for before, after, said in (
            ([], [new], "at least one"),
            ([old], [old], "follow itself"),
            ([sub], [new], "no village"),
            ([old], [begun], "there since 2020-01-01"),
            ([begun], [new], "doesn't exist before 2019"),
        ):
            with pytest.raises(ValueError, match=said):
                succeed(before, after, dt.date(2019, 1, 1) if "2019" in said else DAY, "system")
        assert not Succession.objects.exists() and not Area.objects.exclude(valid_to=None).exists()


class TestCommand:
    def test_import_lists_every_change_and_succeed_says_what_follows_what(self, areas, tmp_path, capsys):
        file = write(tmp_path / "a.csv", "code,name\n74.01.01.1009,Baru\n")
        assert run(["territory", "import", str(file), "--dry-run"]) == 0
        said = capsys.readouterr().out
        assert (
            "+ 74.01.01.1009 Baru" in said and "without a polygon: 74.01.01.1009" in said and "1 would be made" in said
        )
        assert run(["territory", "import", str(file)]) == 0
        split = ["territory", "succeed", "--before", "74.01.01.1001", "--after", "74.01.01.1001",
                 "--after", "74.01.01.1009", "--on", "2026-01-01"]  # fmt: skip
        assert run(split) == 0 and "known already" not in capsys.readouterr().out
        assert run(split) == 0 and "known already" in capsys.readouterr().out
        assert run([*split[:3], "74.01.01.1777", *split[4:]]) == 2
        assert "there is no village 74.01.01.1777" in " ".join(capsys.readouterr().err.replace("│", " ").split())
