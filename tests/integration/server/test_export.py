"""Exports: what the list shows, as files, in scope, noted."""

import csv
import io
import json

import openpyxl
import pytest

from rukun.server.audit.models import Entry
from rukun.server.reports import filing
from rukun.server.reports.export import COLUMNS, FORMATS, export
from rukun.server.reports.models import Report
from samples import a_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(province):
    for text in ("Saling lempar batu.", '=HYPERLINK("x") lempar batu', 'Tawuran, "parah"\ndi lapangan'):
        filing.file_report(province.scope("officer"), a_report(text=text))
    filing.file_report(province.scope("far"), a_report("74.71.02.1001", latitude=None, longitude=None))
    return province


def content(scope, form, **filters):
    return b"".join(export(scope, form, **filters).streaming_content)


@pytest.mark.parametrize(
    ("name", "number"), [("officer", 3), ("head", 3), ("far", 1), ("directorate", 4), ("neighbour", 0), ("auditor", 0)]
)
def test_every_format_holds_what_is_in_scope_and_no_more(filed, name, number):
    scope = filed.scope(name)
    rows = list(csv.DictReader(io.StringIO(content(scope, "csv").decode())))
    assert len(rows) == number == Report.objects.visible_to(scope).count()
    assert len(json.loads(content(scope, "geojson"))["features"]) == number
    tagged = list(csv.reader(io.StringIO(content(scope, "hxl").decode())))
    assert tagged[1] == list(COLUMNS.values()) and len(tagged) == number + 2
    sheet = openpyxl.load_workbook(io.BytesIO(content(scope, "xlsx"))).active
    assert sheet.max_row == number + 1
    assert [e.action for e in Entry.objects.all()[:4]] == ["report.exported"] * 4


def test_no_cell_is_run_as_a_formula(filed):
    rows = list(csv.DictReader(io.StringIO(content(filed.scope("officer"), "csv").decode())))
    assert not any(row["text"].startswith("=") for row in rows) and any(row["text"].startswith("'=") for row in rows)
    sheet = openpyxl.load_workbook(io.BytesIO(content(filed.scope("officer"), "xlsx"))).active
    assert all(cell.data_type != "f" for row in sheet for cell in row)


def test_an_exercise_is_marked_in_every_row_and_in_the_name(filed):
    Report.objects.update(exercise=True)
    response = export(filed.scope("directorate"), "csv")
    assert "latihan" in response["Content-Disposition"]
    rows = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode()))
    assert {row["exercise"] for row in rows} == {"true"}


def test_points_are_longitude_first_and_the_same_twice(filed):
    features = json.loads(content(filed.scope("officer"), "geojson"))["features"]
    assert features[0]["geometry"]["coordinates"] == [122.512, -3.988]
    for form in FORMATS:
        if form != "xlsx":
            assert content(filed.scope("directorate"), form) == content(filed.scope("directorate"), form)
