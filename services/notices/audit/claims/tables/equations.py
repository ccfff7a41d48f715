"""The claims of a table, from its rows, its columns and its rates. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from services.notices.audit.claims.tables.columns import column_sums, included
from services.notices.audit.claims.tables.rates import rates
from services.notices.audit.claims.tables.reading import ReadTable
from services.notices.audit.claims.tables.rows import row_sums
from services.notices.audit.solver import Equation
from services.notices.quantities.exact import Fraction


def of_table(table: ReadTable) -> Iterator[list[Equation]]:
    """The claims of a table, each with its readings."""
    down = list(row_sums(table))
    slips: dict[int, set[Fraction]] = {}
    for readings in down:
        one = readings[0]
        computed = one.computed()
        if one.claimed.figure.cell is not None and computed is not None:
            off = slips.setdefault(one.claimed.figure.cell[2], set())
            if not one.holds():
                off.add(computed - one.claimed.value)
    yield from down
    yield from column_sums(table, {column: frozenset(off) for column, off in slips.items()})
    yield from included(table)
    yield from rates(table)
