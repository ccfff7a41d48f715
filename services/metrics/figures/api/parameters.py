"""The query parameters that all routes of figures share, and how a use case runs with them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, TypeVar

from fastapi import Depends, Query
from pydantic import Field

from services.metrics.agencies.service import KnownUnits, reach_of
from services.metrics.figures.api.schemas import KPI_ID
from services.metrics.figures.kpis.algebra import Kpi
from services.metrics.figures.query import By, KpiQuery, select_kpis
from services.metrics.figures.service import EncodedRow, Result, counted_position
from services.metrics.parameters import ProvinceCode, snapshot
from services.metrics.periods import EARLIEST, LATEST, Period, named
from shared import fields
from shared.access.principals import Principal
from shared.agencies import AgencyKind
from shared.civil import civil_day
from shared.contracts.comparisons import Comparison, Ranking, Series
from shared.contracts.counts import CountsByDay
from shared.contracts.indices import IndexComparison, IndexLosses, IndexRanking, Score
from shared.contracts.kpis import KpiResponse, ProcedureRow, UnitRow, WorkRow
from shared.contracts.restatements import MovedDossierPage, Restatement, RestatementChanges
from shared.database import Database
from shared.errors import FieldFault, Invalid
from shared.fields import Line
from shared.languages import Bilingual

WrittenDay = Annotated[date, fields.WRITTEN_DAY]

DEFAULT_WINDOW = 30
"""Days up to today, when a query names no period."""


def today() -> date:
    """The civil day in Vietnam."""
    return civil_day(datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class QueryParameters:
    """The shared parameters of a request, validated."""

    province: str
    scope: tuple[str, ...]
    period: Period
    kpis: tuple[Kpi, ...]
    as_of: int | datetime | None
    structure_on: date | None

    def query(self, by: By = "none", level: AgencyKind | None = None) -> KpiQuery:
        """The query that they make up."""
        return KpiQuery(self.province, self.period, self.scope, by, self.kpis, self.as_of, self.structure_on, level)


_CODE = r"^[^\x00-\x1f~,]{1,64}$"
Scope = Annotated[
    list[Annotated[str, Field(pattern=_CODE)]],
    Query(
        max_length=100,
        description="Code or unit key of an agency, with all below it; repeat for several; none: the whole province",
    ),
]


_NO_AGENCIES = Bilingual(
    "`level` may be given with `by=agency` only: add that, or leave `level` out.",
    "Chỉ dùng `level` cùng với `by=agency`: thêm `by=agency`, hoặc bỏ `level`.",
)
Level = Annotated[AgencyKind | None, Query(description="Rows are the units of this kind, each with all below it")]


async def read_query_parameters(
    province: ProvinceCode,
    scope: Scope = [],  # noqa: B006 - FastAPI copies it
    since: Annotated[WrittenDay | None, Query(alias="from", description="First civil day", examples=["2022-12-15"])] = None,
    to: Annotated[WrittenDay | None, Query(description="Last civil day, inside", examples=["2023-07-20"])] = None,
    period: Annotated[
        Line | None,
        Query(
            max_length=16,
            description="2023, 2023-H1, 2023-Q2, 2023-M05 (legal), C2023-Q2 (civil); 1d, 7d, 30d, 90d, 365d up to `to`",
        ),
    ] = None,
    kpi: Annotated[
        list[Annotated[Line, Field(max_length=100), KPI_ID]],
        Query(max_length=500, description="Id of a KPI; repeat for several; none: all"),
    ] = [],  # noqa: B006
    as_of: Annotated[
        Line | None, Query(max_length=40, description="A position or an instant (ISO 8601 with offset): as it was known then")
    ] = None,
    structure: Annotated[
        Line, Query(max_length=10, description="`then`, `now`, or a day: by whose structure of agencies", examples=["then"])
    ] = "then",
) -> QueryParameters:
    """FastAPI's dependency: reads and validates the parameters."""
    return QueryParameters(
        province, tuple(scope), _period(since, to, period), select_kpis(kpi), _as_of(as_of), _structure(structure)
    )


def check_level(by: str, level: AgencyKind | None) -> None:
    """Raise `Invalid` for a `level` without rows of agencies, which would change nothing."""
    if level is not None and by != "agency":
        raise Invalid.of_fields([FieldFault("query.level", _NO_AGENCIES, "not_applicable")])


Parameters = Annotated[QueryParameters, Depends(read_query_parameters)]


def _period(since: date | None, to: date | None, name: str | None) -> Period:
    if any(day is not None and not EARLIEST <= day <= LATEST for day in (since, to)):
        raise Invalid(f"Periods lie between {EARLIEST} and {LATEST}.")
    if name is not None:
        if since is not None:
            raise Invalid("Give either `period` or `from` and `to`, not both.")
        return named(name, to or today())
    last = to or today()
    return Period(since or last - timedelta(days=DEFAULT_WINDOW - 1), last)


SKEW = timedelta(seconds=10)
"""How far the clock of whoever asks may be ahead of ours."""
_IN_FUTURE = Bilingual(
    "`as_of` lies in the future, of which nothing is known: give an earlier instant, or leave it out for the figures of now.",
    "`as_of` nằm trong tương lai, chưa có gì được biết: cho thời điểm sớm hơn, hoặc bỏ ra để lấy số liệu hiện tại.",
)


def _as_of(given: str | None) -> int | datetime | None:
    if given is None:
        return None
    if re.fullmatch(r"[0-9]{1,18}", given):
        return int(given)
    try:
        # A plus in a query string that was not escaped arrives as a blank.
        instant = datetime.fromisoformat(re.sub(r" (?=\d\d:?\d\d$)", "+", given))
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or not 2000 <= instant.year <= 2100:
        raise Invalid("as_of is a position (a whole number) or an instant with an offset, like 2023-07-20T17:00:00+07:00.")
    if instant > datetime.now(UTC) + SKEW:
        raise Invalid.of_fields([FieldFault("query.as_of", _IN_FUTURE, "less_than_equal")])
    return instant.astimezone(UTC)


def _structure(given: str) -> date | None:
    if given == "then":
        return None
    if given == "now":
        return today()
    if re.fullmatch(r"\d{4}-\d\d-\d\d", given):
        with suppress(ValueError):
            return date.fromisoformat(given)
    raise Invalid("structure is `then`, `now` or a day like 2025-07-01.")


PolledResponse = (
    KpiResponse[EncodedRow]
    | KpiResponse[UnitRow]
    | KpiResponse[ProcedureRow]
    | KpiResponse[WorkRow]
    | Series
    | CountsByDay
    | Comparison
    | Ranking
    | Restatement
    | MovedDossierPage
    | RestatementChanges
    | Score
    | IndexRanking
    | IndexLosses
    | IndexComparison
)
"""Responses that are cached, since clients poll them."""
P = TypeVar("P", bound=PolledResponse)
UseCase = Callable[..., Awaitable[Result[P]]]
"""A use case whose query is bound already; it still takes the transaction, `units` and `permitted`."""


async def run_use_case(
    database: Database,
    known: KnownUnits,
    use_case: UseCase[P],
    principal: Principal,
    province: str,
    as_of: int | datetime | None,
) -> Result[P]:
    """Run a use case for `principal` in a transaction that sees one state of the province, by the structure of `as_of`."""
    async with snapshot(database) as tx:
        principal.demand_province(province)
        units, permitted = await reach_of(known, tx, principal, province, await counted_position(tx, province, as_of))
        return await use_case(tx, units=units, permitted=permitted)


def balance_holds(response: PolledResponse) -> bool:
    """Whether a response balances; one without a balance does."""
    return (
        isinstance(response, Series | CountsByDay | Restatement | MovedDossierPage | RestatementChanges) or response.balance.ok
    )
