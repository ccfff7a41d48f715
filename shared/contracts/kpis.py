"""Figures as metrics answers them: `GET /v1/kpis`, and what all questions about KPIs have in common.

Days are civil days in Asia/Ho_Chi_Minh, instants carry an offset. Of the rows of a response, those of agencies stand in the
Vietnamese alphabetical order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Generic, TypeVar

import msgspec

from shared.contracts.feed import Missing

Number = int | float
"""The value of a count is an integer, that of anything else a floating-point number."""


class Text(msgspec.Struct, frozen=True):
    """A wording in the two languages of the services."""

    vi: str
    """In Vietnamese."""
    en: str
    """In English."""


class KpiFigure(msgspec.Struct, frozen=True):
    """The value of a KPI in a scope and a period, at a position of the feed."""

    numerator: int | None
    """The count, or the upper side of a quotient; null of a percentile, which is no quotient, and where no source states what
    is counted (`stated` of the catalogue): that is not 0."""
    denominator: int | None
    """The lower side of a quotient, or the dossiers that a percentile is of; null of a count."""
    value: Number | None
    """The count, the quotient or the percentile, rounded half-up to the `decimals` of its KPI; a share is one of 1, not in per
    cent, and has two digits more (80,02 % is 0.8002). Null where the base is 0, and where the numerator is not known. Who goes
    on computing takes the counts."""
    rule: str
    """Id and version of the KPI: `online_share@1`."""
    figure: str
    """Its key: `GET /v1/figures/{figure}` lists the dossiers behind it; see `shared.contracts.keys`."""


KpiId = Annotated[str, msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/KpiId"})]
"""Id of a KPI; in the document of metrics, one of its catalogue."""
Kpis = Annotated[Mapping[str, KpiFigure], msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/Kpis"})]
"""The figures of a row by KPI id; in the document of metrics, a component with a property for each KPI of its catalogue."""


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """An agency, several together, or what stands for agencies that are not known."""

    agency: str | None
    """Unit keys, `<code>@<valid from>`, joined by commas; null of the whole province and of agencies not in the catalogue."""
    code: str | None
    """Their codes, joined by commas; null as above."""
    name: Text
    """Its name, where it is several all their names."""
    kind: str | None
    """Kind of office (`department`, `district`, `commune`, ...); null where it is not one office, or not in the catalogue."""


class UnitRow(Unit, frozen=True, kw_only=True):
    """The figures of an agency."""

    kpis: Kpis
    """By KPI id, those of the query."""


class ProcedureRow(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of an interlinked procedure."""

    procedure: str
    """Its code."""
    name: Text
    """As the catalogue has it; its code where the catalogue does not know it."""
    kpis: Kpis
    """By KPI id, those of the query."""


class WorkRow(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of the steps of a department, or of the steps of one name, in the internal process."""

    work: str | None
    """Known name or code of the department, or known name of the step; null: those of which it is not known."""
    name: Text
    """The same as people read it."""
    kpis: Kpis
    """By KPI id: those of the query that count steps."""


class Total(msgspec.Struct, frozen=True):
    """The figures of the whole scope."""

    kpis: Kpis
    """By KPI id, those of the query."""


class Period(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Civil days, the first and the last inside."""

    since: date = msgspec.field(name="from")
    """The first civil day, inside."""
    until: date = msgspec.field(name="to")
    """The last civil day, inside."""
    days: int
    """How many days that is."""
    name: str | None = None
    """Its name, when it was given by name: `2023-Q2`, `30d`; else absent."""


class BalanceBreak(msgspec.Struct, frozen=True):
    """A row in which received + carried over = resolved + in process does not hold, in dossiers."""

    agency: str | None
    """Unit key of the row, `unmapped`, or the code of its procedure; null of the total."""
    received_and_carried_over: int
    """In dossiers."""
    resolved_and_in_process: int
    """In dossiers; it should be the same."""


class Balance(msgspec.Struct, frozen=True):
    """Whether received + carried over = resolved + in process, in the total and in every row."""

    ok: bool
    """It holds everywhere."""
    breaks: list[BalanceBreak]
    """The first 100 rows in which it does not hold."""


class Reason(msgspec.Struct, frozen=True):
    """Why a response may be incomplete."""

    kind: str
    """`worker_silent`, `ingest_restored`, `ingest_unreachable`, `ingest_worker_silent`, `sources_unknown`, `behind`,
    `recounting`, `source_missing`, `source_silent`, `pull_unverified`, `import_running`, `import_interrupted`, `quarantined`,
    `petitions_rejected`, `reconciliation_gap`, `redating`; of the period `agency_unmapped`, `procedure_unmapped`,
    `nothing_counted`, `period_before_data`, `period_not_over`; later releases may know more."""
    count: int
    """How many of what the kind counts: loops, versions, sources, records, dossiers, days; 1 where it is so or not."""
    since: datetime | None
    """Since when; null: not known."""
    what_to_do: Text
    """What an operator does about it."""


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """How far figures reach, and everything that may be missing from them. What is not known is null, never 0."""

    head: int | None
    """The newest position of ingest's feed, as far as is known; null: ingest does not have the province any more."""
    behind: int | None
    """Versions that ingest has and that are not counted."""
    applied_at: datetime | None
    """When the last batch was counted; null before the first."""
    quarantined: int | None
    """Records of the sources that could not be read; null also while nobody asks ingest."""
    gap: int | None
    """Dossiers that differ from their sources, by the last reconciliations; null also before the first, and while nobody asks
    ingest."""
    missing: list[Missing]
    """Sources whose news may be missing, each with the reason."""
    complete: bool
    """There are no reasons. Of an earlier position (`as_of`) too they are those of now: what sources lacked then, as in the
    middle of a file, was not stored. What came since is found by `/v1/restatements`."""
    reasons: list[Reason]
    """Why the response may be incomplete; empty: it is complete."""

    @property
    def incompleteness(self) -> str:
        """Kinds of reasons and the count of each, as a dictionary of RFC 8941: `behind=3, quarantined=2`; empty: complete."""
        return ", ".join(f"{one.kind}={one.count}" for one in self.reasons)


class FigureFreshness(Freshness, frozen=True, kw_only=True):
    """How far the figures of a response reach, what may be missing from them, and how many dossiers in them are doubtful."""

    doubtful: int
    """Dossiers of the scope and period that contradict themselves: the KPI `contradictory`. All are counted."""
    doubtful_figure: str
    """Its key: `GET /v1/figures/{figure}` lists them, with what to correct and at which source."""


class QueryContext(msgspec.Struct, frozen=True, kw_only=True):
    """The query and at which state of knowledge it is answered."""

    province: str
    """The province."""
    position: int
    """Of the feed: the figures of the response are of it."""
    as_of: datetime | None
    """When that position was counted; null before the first."""
    period: Period
    """The days that the figures are of."""
    structure: str
    """By whose structure of agencies: `then`, or that of a day."""
    scope: Unit
    """The agencies that the figures are of."""


R = TypeVar("R")


class KpiResponse(QueryContext, Generic[R], frozen=True, kw_only=True):
    """KPIs of a scope: in total, and in rows by agency (`UnitRow`), by interlinked procedure (`ProcedureRow`), by
    department or step of the internal process (`WorkRow`) or none."""

    total: Total
    """The figures of the whole scope."""
    rows: list[R]
    """Agencies in the Vietnamese alphabetical order, procedures by code; empty with `by=none`."""
    balance: Balance
    """Whether received + carried over = resolved + in process."""
    freshness: FigureFreshness
    """How complete the response is."""
