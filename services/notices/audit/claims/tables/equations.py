"""The claims of a table, from its rows, its columns and its rates. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from services.notices.audit.claims.tables.columns import column_sums
from services.notices.audit.claims.tables.rates import rates
from services.notices.audit.claims.tables.reading import ReadTable
from services.notices.audit.claims.tables.rows import row_sums
from services.notices.audit.solver import Equation


def of_table(table: ReadTable) -> Iterator[list[Equation]]:
    """The claims of a table, each with its readings."""
    down = list(row_sums(table))
    failing = [one.claimed.figure.cell for readings in down for one in readings if one.certain and not one.holds()]
    yield from down
    yield from column_sums(table, frozenset(cell[2] for cell in failing if cell is not None))
    yield from rates(table)
