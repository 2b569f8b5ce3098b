"""Units, coverage and postings from files: the files of one import are taken together, all of them or nothing.

Everything goes through the services, so that a file can do what a person on a page can and no more; a dry run does the
same and is then undone. Done twice an import changes nothing more.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import transaction

from rukun.io.problems import ProblemLog, shown
from rukun.server.people import services
from rukun.server.people.columns import CoverageRow, PeopleFile, PostingRow, UnitRow, read_people
from rukun.server.people.models import Coverage, Posting, Role, Unit, UnitLevel, User
from rukun.server.people.passwords import one_time_password
from rukun.server.people.refusals import Refused
from rukun.server.territory.models import Area, Level


@dataclass
class PeopleImport:
    """changes: a line for each; accounts: names of the accounts made, whose passwords are in the file named for it."""

    changes: list[str] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)


class _Undone(Exception):
    """Takes a dry run back."""


def import_people(
    paths: Iterable[str | Path], *, passwords: str | Path | None = None, dry_run: bool = False
) -> PeopleImport:
    """Take up units, coverage and postings; what a file holds is told by its columns.

    passwords: a new file for the one-time passwords of new accounts, which only its owner may read. Raises
    `InputProblems` with every problem of every file, FileExistsError where the file for passwords is there already.
    """
    log = ProblemLog()
    files = [read_people(Path(path), log) for path in paths]
    log.stop_if_any()
    new = _new_accounts(files)
    if new and passwords is None and not dry_run:
        what = f"{len(new)} accounts are new, and their one-time passwords have nowhere to go"
        log.add("", what, "name a file for them with --passwords FILE")
        log.stop_if_any()
    secrets = {name: one_time_password() for name in new}
    # hashes take long on purpose: they are made before the transaction, which others wait for
    hashes = {name: make_password(None if dry_run else secret) for name, secret in secrets.items()}
    result = PeopleImport(accounts=sorted(new))
    written = False
    try:
        with transaction.atomic():
            _apply(files, secrets, hashes, result)
            for file in files:
                file.settle()
            log.stop_if_any()
            if dry_run:
                raise _Undone
            if new and passwords is not None:
                _write(Path(passwords), secrets)
                written = True
    except _Undone:
        pass
    except BaseException:
        if written:
            # the passwords of accounts that weren't made
            Path(str(passwords)).unlink(missing_ok=True)
        raise
    return result


def _apply(files: list[PeopleFile], secrets: dict[str, str], hashes: dict[str, str], result: PeopleImport) -> None:
    # units before what they cover, coverage before who is posted in it
    for file in files:
        for unit_row in sorted(file.units, key=lambda row: row.level):
            file.attempt(unit_row.row, _columns_of_unit, lambda r=unit_row: _unit(r, result))
    for file in files:
        _cover(file, result)
    for file in files:
        for row in file.postings:
            file.attempt(row.row, _columns_of_posting, lambda r=row: _posting(r, secrets, hashes, result))


def _columns_of_unit(wrong: str) -> str | None:
    return wrong if wrong in ("code", "name", "level", "parent") else None


def _columns_of_posting(wrong: str) -> str | None:
    names = {"user": "username", "on": "begins", "posting": "ends"}
    wanted = names.get(wrong, wrong)
    return wanted if wanted in ("username", "name", "role", "unit", "begins", "ends", "villages") else None


def _unit(row: UnitRow, result: PeopleImport) -> None:
    held = Unit.objects.filter(code=row.code).select_related("parent").first()
    parent = _known_unit(row.parent, "parent") if row.parent else None
    if held is None:
        services.make_unit(None, row.code, row.name, row.level, parent)
        result.changes.append(f"+ unit {row.code} {row.name}")
        return
    if (held.level, held.parent) != (row.level, parent):
        there = f"{UnitLevel(held.level).label} below {held.parent.code if held.parent else 'nothing'}"
        raise Refused(f"{row.code} is there already, as a {there}", "parent" if held.level == row.level else "level")
    if held.name != row.name:
        before = held.name
        services.rename_unit(None, held, row.name)
        result.changes.append(f"~ unit {row.code}: name: {before} > {held.name}")


def _cover(file: PeopleFile, result: PeopleImport) -> None:
    known = {unit.code: unit for unit in Unit.objects.all()}
    wanted = [row.village for row in file.coverage]
    areas = {area.code: area for area in Area.objects.filter(code__in=wanted, level=Level.VILLAGE).defer("geometry")}
    held = dict(Coverage.objects.filter(village__code__in=wanted).values_list("village__code", "unit__code"))
    by_unit: dict[str, list[CoverageRow]] = {}
    for row in file.coverage:
        if row.unit not in known:
            file.report(row.row, "unit", f"there is no unit {shown(row.unit)}", "import units first, or with it")
        elif row.village not in areas:
            file.report(row.row, "village", f"there is no village {shown(row.village)}", "import territory first")
        elif held.get(row.village) != row.unit:
            by_unit.setdefault(row.unit, []).append(row)
    for unit, rows in by_unit.items():
        covered = [areas[row.village] for row in rows]
        if file.attempt(rows[0].row, lambda _: "unit", lambda u=unit, c=covered: services.cover(None, known[u], c)):
            for row in rows:
                before = held.get(row.village)
                result.changes.append(f"{'~' if before else '+'} coverage {row.village}: {before or '-'} > {unit}")


def _posting(row: PostingRow, secrets: dict[str, str], hashes: dict[str, str], result: PeopleImport) -> None:
    unit = _known_unit(row.unit, "unit")
    villages = list(Area.objects.filter(code__in=row.villages, level=Level.VILLAGE).defer("geometry"))
    unknown = sorted(set(row.villages) - {area.code for area in villages})
    if unknown:
        raise Refused(f"there is no village {', '.join(unknown)}", "villages")
    user = _account(row, secrets, hashes, result)
    said = f"{row.username}: {row.role.label}, {row.unit}"
    codes = " ".join(sorted(row.villages))
    same = Posting.objects.filter(user=user, role=row.role, unit=unit)
    held = same.filter(begins=row.begins).exclude(ends=row.begins).first() or same.filter(
        ends=None, begins__lt=row.begins
    ).first()  # fmt: skip
    if held is None:
        held = services.post(None, user, row.role, unit, row.begins, villages)
        result.changes.append(f"+ posting {said}, from {row.begins}{' for ' if codes else ''}{codes}")
    elif {area.code for area in held.villages.all()} != set(row.villages):
        if row.role != Role.VILLAGE_OFFICER:
            raise Refused("only a village officer has villages", "villages")
        before = " ".join(sorted(area.code for area in held.villages.all())) or "-"
        held = services.set_villages(None, held, villages, row.begins)
        result.changes.append(f"~ posting {said}, from {row.begins}: villages: {before} > {codes or '-'}")
    if row.ends is not None and held.ends is None:
        services.end_posting(None, held, row.ends)
        result.changes.append(f"~ posting {said}: ends: - > {row.ends}")
    elif row.ends is not None and held.ends != row.ends:
        raise Refused(f"that posting ended on {held.ends}", "ends")


def _account(row: PostingRow, secrets: dict[str, str], hashes: dict[str, str], result: PeopleImport) -> User:
    user = User.objects.filter(username__iexact=row.username).first()
    if user is None:
        secret, encoded = secrets[row.username.lower()], hashes[row.username.lower()]
        user = services.make_user(None, row.username, secret, row.name, one_time=True, encoded=encoded)
        result.changes.append(f"+ account {row.username} {row.name}".rstrip())
    elif row.name and user.first_name != row.name:
        before = user.first_name
        services.rename_user(None, user, row.name)
        result.changes.append(f"~ account {row.username}: name: {before} > {user.first_name}")
    return user


def _known_unit(code: str, column: str) -> Unit:
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise Refused(f"there is no unit {shown(code)}: import it too, or first", column)
    return unit


def _new_accounts(files: list[PeopleFile]) -> set[str]:
    named = {row.username.lower() for file in files for row in file.postings}
    return named - {name.lower() for name in User.objects.values_list("username", flat=True)}


def _write(path: Path, secrets: dict[str, str]) -> None:
    """Names and one-time passwords in a new file that only its owner reads; nothing is left of it where it fails."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("username", "password"))
            writer.writerows(sorted(secrets.items()))
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise
