"""Exports: what the list shows, as files, in scope, noted."""

import csv
import io
import json
import re
import tracemalloc

import openpyxl
import pytest
from django.test import Client

from rukun.io import streams
from rukun.server.audit.models import Entry
from rukun.server.reports import filing, queries
from rukun.server.reports.export import (
    REPORT_FORMATS,
    REPORTS,
    VISIT_FORMATS,
    VISITS,
    export_reports,
    export_visits,
)
from rukun.server.reports.models import Report, Visit
from samples import a_report, a_visit

pytestmark = pytest.mark.django_db
KINDS = {"report": (export_reports, REPORTS, REPORT_FORMATS), "visit": (export_visits, VISITS, VISIT_FORMATS)}
#: The core hashtags of HXL 1.1 (hxlstandard.org/standard/1-1final/dictionary).
HXL = """access activity adm1 adm2 adm3 adm4 adm5 affected beneficiary capacity cause channel contact country crisis
currency date delivery description event frequency geo group impact indicator inneed item loc meta modality need
operations org output population reached region respondee sector service severity status subsector targeted value"""


@pytest.fixture
def filed(province):
    for text in ("Saling lempar batu.", '=HYPERLINK("x") lempar batu', 'Tawuran, "parah"\ndi lapangan'):
        filing.file_report(province.scope("officer"), a_report(text=text))
        filing.file_visit(province.scope("officer"), a_visit(topics=text))
    filing.file_report(province.scope("far"), a_report("74.71.02.1001", latitude=None, longitude=None))
    filing.file_visit(province.scope("far"), a_visit("74.71.02.1001"))
    return province


def content(export, scope, form, **filters):
    return b"".join(export(scope, form, **filters).streaming_content)


def rows_of(export, scope, **filters):
    return list(csv.DictReader(io.StringIO(content(export, scope, "csv", **filters).decode())))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("name", "number"), [("officer", 3), ("head", 3), ("far", 1), ("directorate", 4), ("neighbour", 0), ("auditor", 0)]
)
def test_every_format_holds_what_is_in_scope_and_no_more(filed, kind, name, number):
    export, columns, formats = KINDS[kind]
    scope = filed.scope(name)
    rows = rows_of(export, scope)
    assert len(rows) == number and (not rows or list(rows[0]) == list(columns))
    if "geojson" in formats:
        assert len(json.loads(content(export, scope, "geojson"))["features"]) == number
    tagged = list(csv.reader(io.StringIO(content(export, scope, "hxl").decode())))
    assert tagged[:2] == [list(columns), list(columns.values())] and len(tagged) == number + 2
    sheet = openpyxl.load_workbook(io.BytesIO(content(export, scope, "xlsx"))).active
    assert sheet.max_row == number + 1
    newest = Entry.objects.first()
    assert (newest.action, newest.actor) == (f"{kind}.exported", scope.actor)
    assert newest.details == {"format": "xlsx", "number": number}


def test_it_is_in_the_trail_before_the_first_byte(filed):
    response = export_reports(filed.scope("head"), "csv", village="74.01.01.1001")
    assert Entry.objects.first().details == {"format": "csv", "number": 3, "village": "74.01.01.1001"}
    assert response.streaming


@pytest.mark.parametrize("name", ["officer", "district", "directorate"])
@pytest.mark.parametrize("filters", [{}, {"status": "verified"}, {"category": "theft"}, {"village": "74.01.01"}])
def test_it_is_the_whole_list_with_its_filters_and_not_a_page_of_it(filed, monkeypatch, name, filters):
    monkeypatch.setattr(queries, "MOST_PAGE", 2)
    for number in range(5):
        filing.file_report(filed.scope("officer"), a_report(category=("theft", "land")[number % 2]))
    scope, listed, cursor = filed.scope(name), [], None
    Report.objects.filter(category="land").update(status="verified")
    while True:
        page = queries.page_of(queries.reports(scope, **filters), "observed_at", cursor, 2)
        listed += [str(report.pk) for report in page.items]
        cursor = page.next
        if cursor is None:
            break
    rows = rows_of(export_reports, scope, **filters)
    assert [row["id"] for row in rows] == listed[::-1]
    features = json.loads(content(export_reports, scope, "geojson", **filters))["features"]
    assert [feature["id"] for feature in features] == listed[::-1]


@pytest.mark.parametrize("kind", KINDS)
def test_no_cell_is_run_as_a_formula(filed, kind):
    export, text = KINDS[kind][0], {"report": "text", "visit": "topics"}[kind]
    rows = rows_of(export, filed.scope("officer"))
    assert not any(row[text].startswith("=") for row in rows) and any(row[text].startswith("'=") for row in rows)
    sheet = openpyxl.load_workbook(io.BytesIO(content(export, filed.scope("officer"), "xlsx"))).active
    assert all(cell.data_type != "f" for row in sheet for cell in row)


@pytest.mark.parametrize("kind", KINDS)
def test_an_exercise_is_marked_in_every_row_and_in_the_name(filed, kind):
    export, _, formats = KINDS[kind]
    assert "latihan" not in export(filed.scope("directorate"), "csv")["Content-Disposition"]
    Report.objects.update(exercise=True), Visit.objects.update(exercise=True)
    for form in formats:
        assert "-latihan-" in export(filed.scope("directorate"), form)["Content-Disposition"]
    assert {row["exercise"] for row in rows_of(export, filed.scope("directorate"))} == {"true"}


def test_points_are_longitude_first_or_null_and_the_file_is_the_same_twice(filed):
    features = json.loads(content(export_reports, filed.scope("directorate"), "geojson"))["features"]
    assert {f["type"] for f in features} == {"Feature"} and all("geometry" in f for f in features)
    points = [f["geometry"] for f in features if f["geometry"] is not None]
    assert points == [{"type": "Point", "coordinates": [122.512, -3.988]}] * 3 and len(features) == 4
    for export, _, formats in KINDS.values():
        for form in set(formats) - {"xlsx"}:
            once, again = (content(export, filed.scope("directorate"), form) for _ in range(2))
            assert once == again and not once.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("columns", [REPORTS, VISITS], ids=["reports", "visits"])
def test_tags_are_valid_hxl(columns):
    for tag in columns.values():
        found = re.fullmatch(r"#([a-z][a-z0-9_]*)((\+[a-z][a-z0-9_]*)*)", tag)
        assert found and found[1] in HXL.split(), tag
    assert len(set(columns.values())) == len(columns)


def test_what_visits_hold_is_one_number_for_each_kind_met(filed):
    row = rows_of(export_visits, filed.scope("far"))[0]
    assert {name: row[name] for name in row if row[name] not in ("", "0") and name.startswith("met_")} == {
        "met_household": "3",
        "met_school": "1",
    }
    assert (row["minutes"], row["adm4_code"], row["needs"]) == ("45", "74.71.02.1001", "lampu jalan")


def test_the_lists_lead_to_their_files_with_their_filters(filed):
    browser = Client()
    browser.force_login(filed.people["officer"])
    for page, address in (("reports", "reports/export"), ("visits", "visits/export")):
        shown = browser.get(f"/{page}/?village=74.01.01.1001&status=submitted").content.decode()
        links = [link.replace("&amp;", "&") for link in re.findall(rf'href="(/api/v1/{address}[^"]*)"', shown)]
        assert len(links) == len(KINDS[page[:-1]][2])
        for link in links:
            assert "village=74.01.01.1001" in link and ("status=submitted" in link) == (page == "reports")
            answer = browser.get(link)
            assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
            assert b"".join(answer.streaming_content)


def test_a_hundred_thousand_rows_of_a_workbook_pass_in_little_memory():
    """What is held at the peak doesn't grow with the number of rows."""
    row = dict.fromkeys(REPORTS, "x") | {"latitude": -3.98, "text": "Saling lempar batu di lapangan. " * 6}

    def peak(number):
        tracemalloc.start()
        size = sum(map(len, streams.write_xlsx(REPORTS, (row for _ in range(number)))))
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return held, size

    few, _ = peak(500)
    many, size = peak(5_000)
    assert size > 100_000 and many < few + (1 << 20), (few, many)
