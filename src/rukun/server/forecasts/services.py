"""Making forecasts from what was verified: the same path as `rukun forecast`, from files to table."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db.models import Count
from django.utils import timezone

from rukun.core.forecast.interface import TooLittleData
from rukun.core.forecast.reasons import reasons_of
from rukun.core.forecast.registry import model_named
from rukun.core.forecast.table import forecast_table
from rukun.io.dataset import DatasetRequest, load_dataset
from rukun.io.notes import Note, counted
from rukun.io.problems import InputProblems
from rukun.server.audit.services import SYSTEM, change
from rukun.server.forecasts.models import Forecast, ForecastRun
from rukun.server.reports.models import Report, Status, Visit, WeeklyCount
from rukun.server.reports.queries import verified
from rukun.server.territory.models import Area
from rukun.server.territory.queries import villages

_KEPT = ("mean", "p_any", "q05", "q25", "q50", "q75", "q95", "rank")
_TOO_LITTLE = (
    "Laporan terverifikasi belum cukup untuk membuat prakiraan. Prakiraan dicoba lagi setelah ada pekan baru yang "
    "lengkap."
)


def make_forecast(model: str = "ensemble", horizon: int = 4, actor: str = SYSTEM) -> ForecastRun:
    """Forecast the coming weeks of every village from the verified reports, corrected for the visits.

    A refusal (too few reports, no village) is a run, too, whose notes say why.
    """
    now = timezone.now()
    run = ForecastRun.objects.create(made_at=now, model=model, horizon=horizon)
    try:
        with tempfile.TemporaryDirectory(prefix="rukun-forecast-") as folder:
            request = _request(Path(folder), timezone.localdate(now))
            dataset = load_dataset(request)
            panel = dataset.panels["all"]
            fitted = model_named(model).fit(panel)
            ahead = fitted.forecast(horizon)
            reasons = reasons_of(fitted, ahead, panel)
            table = forecast_table(panel, ahead, reasons, "id", False)
            english = forecast_table(panel, ahead, reasons, "en", False)["reason"]
    except TooLittleData as refusal:
        return _refused(run, Note(str(refusal), _TOO_LITTLE), actor)
    except InputProblems as refusal:
        return _refused(run, Note(str(refusal), _unreadable(str(refusal))), actor)
    keys = dict(Area.objects.filter(code__in=set(table["area"])).values_list("code", "pk"))
    with change(actor) as trail:
        Forecast.objects.bulk_create(
            [
                Forecast(
                    run=run,
                    village_id=keys[row["area"]],
                    period_start=row["period_start"],
                    reason_id=row["reason"],
                    reason_en=said,
                    **{name: row[name] for name in _KEPT},
                )
                for row, said in zip(table.to_dict("records"), english, strict=True)
            ],
            batch_size=1000,
        )
        run.status, run.notes, run.exercise = "done", _in_both([*_waiting(), *dataset.notes]), panel.exercise
        run.origin = table["origin"].iloc[0]
        run.save()
        trail.add("forecast.made", f"forecast:{run.pk}", model=model, horizon=horizon, villages=len(keys))
    return run


def _in_both(notes: Sequence[Note]) -> list[dict[str, str]]:
    return [{"id": note.said("id"), "en": note.said("en")} for note in notes]


def _unreadable(why: str) -> str:
    """Why there is no forecast, in Indonesian; what the readers say of files is English and meant for the operator."""
    if not villages(timezone.localdate()).exists():
        return "Belum ada desa/kelurahan: administrator perlu memuat wilayah dahulu."
    if not verified().exists():
        return "Belum ada laporan terverifikasi tentang gangguan nyata, sehingga belum ada yang dapat diperkirakan."
    return f"Data tidak dapat dibaca. Sampaikan ini kepada administrator: {why}"


def _waiting() -> list[Note]:
    number = Report.objects.filter(status=Status.SUBMITTED, level="actual", merged_into=None).count()
    return (
        [
            Note(
                f"{number:,} reports wait for review and don't count yet: the last weeks look calmer than they were.",
                f"{counted(number)} laporan menunggu tinjauan dan belum dihitung: pekan-pekan terakhir tampak lebih "
                "tenang daripada sebenarnya.",
            )
        ]
        if number
        else []
    )


def _refused(run: ForecastRun, why: Note, actor: str) -> ForecastRun:
    with change(actor) as trail:
        run.status, run.notes = "refused", _in_both([why])
        run.save()
        trail.add("forecast.refused", f"forecast:{run.pk}")
    return run


def _request(folder: Path, today: dt.date) -> DatasetRequest:
    """What was verified, as the files that the readers take; the folder is gone with the run."""
    found = list(villages(today).defer("geometry").order_by("code"))
    # an exercise and reality never mix: where there is any real village, made ones stay out
    exercise = all(area.exercise for area in found)
    areas = [area for area in found if area.exercise == exercise]
    code = {area.pk: area.code for area in areas}
    seen = verified().filter(exercise=exercise).order_by("observed_at").values_list("observed_at", "village_id")
    rows = [(timezone.localdate(at), code[key], 1, exercise) for at, key in seen.iterator(2000) if key in code]
    # what stays of records whose time is over counts as they did
    kept = WeeklyCount.objects.filter(exercise=exercise).values_list("week", "village_id", "number")
    gone = kept.filter(kind="report", level="actual").order_by("week")
    rows += [(week, code[key], number, exercise) for week, key, number in gone.iterator(2000) if key in code]
    _write(folder / "events.csv", ("date", "area", "count", "exercise"), rows)
    _write(
        folder / "areas.csv",
        ("code", "name", "latitude", "longitude"),
        [
            (
                area.code,
                area.name,
                "" if area.latitude is None else area.latitude,
                "" if area.longitude is None else area.longitude,
            )
            for area in areas
        ],
    )
    visits = Visit.objects.filter(exercise=exercise).values_list("started_at__date", "village_id")
    visited = [*visits.annotate(Count("pk")).order_by(), *kept.filter(kind="visit").order_by()]
    effort = sorted((day, code[key], number) for day, key, number in visited if key in code)
    if effort:
        _write(folder / "effort.csv", ("date", "area", "visits"), effort)
    return DatasetRequest(
        folder / "events.csv",
        areas=folder / "areas.csv",
        categories="all",
        holidays=True,
        # the record is kept to this day, whether or not anything happened: whole weeks up to the last Sunday
        partial="keep",
        end=today - dt.timedelta(days=today.weekday() + 1),
        effort=folder / "effort.csv" if effort else None,
    )


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
