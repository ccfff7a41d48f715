"""The same KPIs computed straight from the dossiers: the best indexed SQL, and DuckDB over Parquet."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from services.metrics.counting.measures import MEASURES, Edge, Measure
from services.metrics.counting.tables.versions import dossier_version
from services.metrics.counting.terms import over
from shared.database import Connection
from shared.statements import text_of

COLUMNS = (
    "number, agency_no, received_on, ended_on, late_from, portal_late_from, due_soon_1, due_soon_3, due_soon_5, supplements,"
    " spent_minutes, limit_minutes, channel, outcome, timeliness, portal_timeliness, interlinked, digitisation_required,"
    " digitised_intake, digitised_result, fee_required, fee_online, reused, synced_late, cause,"
    " procedure"
)


def of(edge: Edge) -> list[Measure]:
    return [measure for measure in MEASURES if measure.edge is edge]


_DOSSIER = sa.table("dossier", *(sa.column(one.name, one.type) for one in dossier_version.c))


def flow(measure: Measure) -> str:
    amount = "count(*)" if measure.amount is None else f"sum({text_of(over(measure.amount, _DOSSIER))})"
    condition = sa.true() if measure.condition is None else over(measure.condition, _DOSSIER)
    return f"{amount} FILTER (WHERE {text_of(condition)}) AS {measure.name}"


def _stock(measure: Measure, day: str, prefix: str) -> str:
    assert measure.span is not None
    at = sa.literal_column(day, sa.Date)
    conditions = [measure.span.first <= at, measure.span.until > at]
    conditions += [] if measure.condition is None else [measure.condition]
    return f"count(*) FILTER (WHERE {text_of(over(sa.and_(*conditions), _DOSSIER))}) AS {prefix}{measure.name}"


def statement(table: str, since: str, until: str) -> str:
    """All sums that the KPIs need, per agency: one pass per edge, each over as few rows as an index can give it."""
    stocks = [one for one in of(Edge.stock) if one.span is not None and one.span.since is not None]
    before = f"(DATE '{since}' - 1)"
    end = f"DATE '{until}'"
    sums = [_stock(one, day, prefix) for one in stocks for day, prefix in ((before, "start_"), (end, "end_"))]
    return f"""
    WITH r AS (
        SELECT agency_no, {", ".join(map(flow, of(Edge.received)))} FROM {table} AS dossier
        WHERE received_on BETWEEN DATE '{since}' AND {end} GROUP BY 1
    ), e AS (
        SELECT agency_no, {", ".join(map(flow, of(Edge.ended)))} FROM {table} AS dossier
        WHERE ended_on BETWEEN DATE '{since}' AND {end} GROUP BY 1
    ), s AS (
        SELECT agency_no, {", ".join(sums)} FROM {table} AS dossier
        WHERE ended_on >= DATE '{since}' AND received_on <= {end} GROUP BY 1
    )
    SELECT * FROM r FULL JOIN e USING (agency_no) FULL JOIN s USING (agency_no)
    """


async def index_dossiers(tx: Connection, province: str) -> None:
    """A table of current facts with the indexes that the statement wants, in the order of receipt."""
    await tx.execute("CREATE SCHEMA IF NOT EXISTS rival")
    await tx.execute("DROP TABLE IF EXISTS rival.dossier")
    await tx.execute(
        f"CREATE TABLE rival.dossier AS SELECT {COLUMNS} FROM metrics.dossier_version WHERE province = $1 ORDER BY received_on",
        province,
    )
    await tx.execute("CREATE INDEX ON rival.dossier (received_on)")
    await tx.execute("CREATE INDEX ON rival.dossier (ended_on)")


class Duck:
    """DuckDB over one Parquet file in the order of receipt, with as many threads as it likes."""

    def __init__(self, folder: Path) -> None:
        """The files lie in `folder`."""
        self._csv, self._parquet = folder / "dossiers.csv", folder / "dossiers.parquet"
        self._duck = duckdb.connect()

    async def load(self, tx: Connection) -> None:
        """Copy `rival.dossier` into the file."""
        await tx.copy_from_query(f"SELECT {COLUMNS} FROM rival.dossier", output=self._csv, format="csv", header=True)
        await asyncio.to_thread(self._convert)
        self._csv.unlink()

    def _convert(self) -> None:
        days = ("received_on", "ended_on", "late_from", "portal_late_from", "due_soon_1", "due_soon_3", "due_soon_5")
        flags = (
            "interlinked", "digitisation_required", "digitised_intake", "digitised_result", "fee_required", "fee_online",
            "reused", "synced_late",
        )  # fmt: skip
        types = dict.fromkeys(days, "DATE") | dict.fromkeys(flags, "BOOLEAN")
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        self._duck.execute(
            f"COPY (SELECT * FROM read_csv('{self._csv}', types = {{{kinds}}})) TO '{self._parquet}' (FORMAT parquet)"
        )

    def ask(self, since: str, until: str) -> list[Any]:
        """The rows of the statement."""
        return self._duck.execute(statement(f"'{self._parquet}'", since, until)).fetchall()
