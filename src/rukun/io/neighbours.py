"""Neighbourhoods from a file: pairs of areas, or a square matrix of orders."""

from __future__ import annotations

import numpy as np

from rukun.core.areas import FloatArray, IntArray, Neighbours, StrArray, neighbours_of_pairs, up_to_order
from rukun.io.problems import shown
from rukun.io.tables import Table
from rukun.io.values import coded, numbers, words

_FIX_ORDER = "orders are 1 for a shared border, 2 for a neighbour's neighbour, and so on"


def read_neighbours(table: Table, code: StrArray, known: frozenset[str], max_order: int | None) -> Neighbours | None:
    """The neighbourhood of the areas `code` ((n,) str) by an open file; None where problems were reported.

    known: codes that may stand in the file besides (of another level, or without counts); their pairs are left out.
    """
    row_of = {str(one): row for row, one in enumerate(code)}
    if table.name("area") is not None and table.name("neighbour") is not None:
        found = _pairs(table, row_of, known)
    elif len(table.names) > 1:
        found = _matrix(table, row_of, known)
    else:
        table.lacks("neighbour", ", and it isn't a matrix")
        return None
    if found is None:
        return None
    one, other, order = found
    neighbours = neighbours_of_pairs(len(code), one, other, order, "order", "given")
    return neighbours if max_order is None else up_to_order(neighbours, max_order)


def _pairs(table: Table, row_of: dict[str, int], known: frozenset[str]) -> tuple[IntArray, IntArray, FloatArray] | None:
    wanted = ["area", "neighbour", *(["order"] if table.name("order") is not None else [])]
    batch = table.read(wanted)
    rows = []
    good = True
    for column in ("area", "neighbour"):
        names, where = coded(batch, column)
        strange = np.array([str(name) not in row_of and str(name) not in known for name in names], dtype=bool)[where]
        wrong = np.flatnonzero(strange)
        whats = [f"{shown(names[where[row]])} is not the code of an area" for row in wrong[:1000]]
        table.report(batch.row[wrong], column, whats, "use the codes of the area file")
        rows.append(np.array([row_of.get(str(name), -1) for name in names], dtype=np.int64)[where])
        good = good and not len(wrong)
    order = np.ones(len(batch.row))
    if "order" in wanted:
        order, fine = numbers(batch, "order", table, low=1)
        good = good and bool(fine.all())
    if not good:
        return None
    inside = (rows[0] >= 0) & (rows[1] >= 0)
    return rows[0][inside], rows[1][inside], order[inside]


def _matrix(
    table: Table, row_of: dict[str, int], known: frozenset[str]
) -> tuple[IntArray, IntArray, FloatArray] | None:
    batch = table.read(table.names)
    across = list(table.names[1:])
    down = words(batch, table.names[0]).to_pylist()
    if len(down) != len(across) or set(down) != set(across):
        if len(across) <= 3 and table.name("area") is None:
            table.lacks("area")
        else:
            missing = sorted(set(across) ^ set(down))
            what = f"isn't a square matrix: {len(down)} rows and {len(across)} columns of orders"
            alone = f"{shown(missing[0])} is only a row or only a column" if missing else "a code repeats"
            table.report(batch.row[:1], None, [what], f"{alone}; or give pairs as area,neighbour,order")
        return None
    strange = [name for name in across if name not in row_of and name not in known]
    if strange:
        what = f"{shown(strange[0])} is not the code of an area" + (
            f", nor are {len(strange) - 1} more" if len(strange) > 1 else ""
        )
        table.report(batch.row[[down.index(strange[0])]], None, [what], "use the codes of the area file")
        return None
    matrix = np.stack([numbers(batch, name, table, "allowed", low=0)[0] for name in across], axis=1)
    matrix = np.nan_to_num(matrix)[np.argsort(np.array([across.index(name) for name in down]))]
    between = (matrix > 0) & (matrix < 1)
    uneven = (matrix != matrix.T) | between
    np.fill_diagonal(uneven, False)
    if uneven.any():
        first, second = (int(part[0]) for part in np.nonzero(uneven))
        said = f"{matrix[first, second]:g} from {across[first]} to {across[second]}"
        back = f"and {matrix[second, first]:g} back" if not between[first, second] else "is below 1"
        table.report(batch.row[[down.index(across[first])]], across[second], [f"{said} {back}"], _FIX_ORDER)
        return None
    one, other = np.nonzero(np.triu(matrix, 1))
    rows = np.array([row_of.get(name, -1) for name in across], dtype=np.int64)
    inside = (rows[one] >= 0) & (rows[other] >= 0)
    return rows[one[inside]], rows[other[inside]], matrix[one[inside], other[inside]]
