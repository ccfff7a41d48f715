"""The same KPIs computed straight from the dossiers: the best indexed SQL, and DuckDB over Parquet."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from services.metrics.counting.edges import Edge, Measure
from services.metrics.counting.measures import MEASURES
from services.metrics.counting.tables.versions import dossier_version
from services.metrics.counting.terms import TERMS, columns_read, over
from shared.database import Connection
from shared.statements import text_of


def of(edge: Edge) -> list[Measure]:
    return [measure for measure in MEASURES if measure.edge is edge]


def _read() -> list[str]:
    """The columns that the statement reads: those of every measure it sums, whatever measures there are."""
    sums = [one for one in MEASURES if one.edge is not Edge.step and (one.span is None or one.span.since is not None)]
    spans = [day for one in sums if one.span for day in (one.span.first, one.span.until)]
    names = columns_read(*(one.condition for one in sums), *(one.amount for one in sums), *spans)
    spelt = [part for name in names for part in (columns_read(TERMS[name]) if name in TERMS else [name])]
    return list(dict.fromkeys(["agency_no", "received_on", "ended_on", "index_ended_on", *spelt]))


_READ = _read()
_FACTS = ", ".join(_READ)
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
    ), d AS (
        SELECT agency_no, {", ".join(map(flow, of(Edge.closed)))} FROM {table} AS dossier
        WHERE index_ended_on BETWEEN DATE '{since}' AND {end} GROUP BY 1
    ), s AS (
        SELECT agency_no, {", ".join(sums)} FROM {table} AS dossier
        WHERE ended_on >= DATE '{since}' AND received_on <= {end} GROUP BY 1
    )
    SELECT * FROM r FULL JOIN e USING (agency_no) FULL JOIN d USING (agency_no) FULL JOIN s USING (agency_no)
    """


async def index_dossiers(tx: Connection, province: str) -> None:
    """A table of current facts with the indexes that the statement wants, in the order of receipt."""
    await tx.execute("CREATE SCHEMA IF NOT EXISTS rival")
    await tx.execute("DROP TABLE IF EXISTS rival.dossier")
    await tx.execute(
        f"CREATE TABLE rival.dossier AS SELECT {_FACTS} FROM metrics.dossier_version WHERE province = $1 ORDER BY received_on",
        province,
    )
    await tx.execute("CREATE INDEX ON rival.dossier (received_on)")
    await tx.execute("CREATE INDEX ON rival.dossier (ended_on)")
    await tx.execute("CREATE INDEX ON rival.dossier (index_ended_on)")


_PERIOD_ENDS = """
CREATE SCHEMA metrics;
CREATE MACRO metrics.civil_end(unit, day) AS (CASE unit
    WHEN 'month' THEN date_trunc('month', day) + INTERVAL 1 MONTH
    WHEN 'quarter' THEN date_trunc('quarter', day) + INTERVAL 3 MONTH
    WHEN 'half' THEN date_trunc('year', day) + CASE WHEN month(day) > 6 THEN INTERVAL 12 MONTH ELSE INTERVAL 6 MONTH END
    ELSE date_trunc('year', day) + INTERVAL 12 MONTH END)::DATE - 1;
CREATE MACRO metrics.legal_end(unit, day) AS
    date_trunc('month', metrics.civil_end(unit, (day - 14 + INTERVAL 1 MONTH)::DATE))::DATE + 13;
"""
"""DuckDB knows no functions of PostgreSQL: the last days of periods, as the migrations define them."""


class Duck:
    """DuckDB over one Parquet file in the order of receipt, with as many threads as it likes."""

    def __init__(self, folder: Path) -> None:
        """The files lie in `folder`."""
        self._csv, self._parquet = folder / "dossiers.csv", folder / "dossiers.parquet"
        self._duck = duckdb.connect()
        self._duck.execute(_PERIOD_ENDS)

    async def load(self, tx: Connection) -> None:
        """Copy `rival.dossier` into the file."""
        await tx.copy_from_query(f"SELECT {_FACTS} FROM rival.dossier", output=self._csv, format="csv", header=True)
        await asyncio.to_thread(self._convert)
        self._csv.unlink()

    def _convert(self) -> None:
        columns = [dossier_version.c[name] for name in _READ]
        types = {one.name: "DATE" for one in columns if isinstance(one.type, sa.Date)}
        types |= {one.name: "BOOLEAN" for one in columns if isinstance(one.type, sa.Boolean)}
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        self._duck.execute(
            f"COPY (SELECT * FROM read_csv('{self._csv}', types = {{{kinds}}})) TO '{self._parquet}' (FORMAT parquet)"
        )

    def ask(self, since: str, until: str) -> list[Any]:
        """The rows of the statement."""
        return self._duck.execute(statement(f"'{self._parquet}'", since, until)).fetchall()
