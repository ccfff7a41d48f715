"""Indices: scores made of KPIs, and the points that people assess."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from shared.contracts.kpis import Balance, FigureFreshness, Kpis, QueryContext, Text, Unit

PeriodKind = Literal[
    "civil_month", "civil_quarter", "civil_year", "legal_month", "legal_quarter", "legal_half", "legal_year", "other"
]
"""What a period is by its days, however it was named: the national portal reckons by civil ones, reports by law by legal ones;
`other`: none of these."""


class ScoredCause(msgspec.Struct, frozen=True):
    """Dossiers of a part that cost points for one reason."""

    kpi: str
    """Id of the KPI that counts them."""
    name: Text
    """What is wrong with them."""
    dossiers: int
    """How many."""
    figure: str
    """Key of their figure: `GET /v1/figures/{figure}` lists them."""
    mendable: bool
    """They can still be mended, as in `GET /v1/indices/766/losses`."""


class ScoredPart(msgspec.Struct, frozen=True):
    """A summand of a component: points by a rate of two counts."""

    counts: str
    """Name of the count above."""
    numerator: int | None
    """Null: not known."""
    denominator: int | None
    """Null: not known."""
    points: float | None
    """Reached; null: not available."""
    out_of: float
    """The most points that it gives; 0 where it is not available."""
    lost: float | None
    """Points that are missing to the most; null where it is not available."""
    figure: str | None
    """Key of the figure that the counts are of; null where they are of no dossiers."""
    costing: int | None
    """Dossiers that cost points; null where they are not known one by one."""
    costing_figure: str | None
    """Key of their figure: `GET /v1/figures/{figure}` lists them."""
    costing_procedures: list[str] = []
    """Codes of the procedures that cost points, by the catalogue."""
    causes: list[ScoredCause] = []
    """The dossiers that cost points by what is wrong with them, the most first; empty where they are not known one by one, or
    no points are available."""
    points_at_full: float = 0
    """Points of the whole rate: `points` are these x numerator / denominator / `full_at`, and no more than `max_points`."""
    full_at: float = 1
    """The rate from which on all points are given."""
    empty: Literal["zero", "full", "unknown"] = "unknown"
    """What 0/0 gives: no points, all of them, or nothing that could be known."""
    max_points: float = 0
    """The most points that it gives, available or not."""


class ScoredComponent(msgspec.Struct, frozen=True):
    """One line of an index."""

    id: str
    """Its id within the index; assessments name it."""
    group: Text
    """What it belongs to."""
    name: Text
    """Its name."""
    rule: Text
    """How points are given, in words."""
    points: float | None
    """Null: not available."""
    out_of: float
    """The most points that it gives."""
    source: Literal["computed", "assessed", "not_available"]
    """Computed from KPIs, or assessed by people."""
    basis: str | None
    """What an assessment rests on; null of any other line."""
    available: float = 0
    """The points of its parts that are available: all of `out_of`, some, or none."""
    lost: float | None = None
    """Points that are missing to what is available; null where nothing is."""
    evidence: Literal["stated", "fitted", "open"] | None = None
    """What the rule rests on: the published description, published scores that it reproduces, or nothing: it is not scored."""
    observations: int = 0
    """How many published scores a fitted rule reproduces."""
    parts: list[ScoredPart] = []
    """Its summands, with the dossiers that cost points."""


class ScoringRules(msgspec.Struct, frozen=True):
    """The rules of the index that a period is scored by."""

    valid_from: date
    """The first day that they hold."""
    in_force: bool
    """They hold on the last day of the period; false: it lies before the first rules that are known."""
    source: str
    """What they are taken from."""


class IndexForecast(msgspec.Struct, frozen=True, kw_only=True):
    """The points at the end of a period that is not over."""

    lowest: float
    """If of the dossiers in process none that is due within the period ends on time, and those carried over end late."""
    highest: float
    """If all that are not late yet end on time, and those carried over late do not end within the period."""
    out_of: float
    """The points of what is computed; entered ones are not in it."""
    dossiers: int
    """Received in the period, not closed, and due before its last day: they count as late now."""
    in_reach: int
    """Of them in process, and their date has not passed: they can still end on time."""
    carried_in_time: int
    """In process, received before the period, and not late: they count in it once they end."""
    carried_late: int
    """The same, and late whenever they end."""
    figure: str
    """Key of the figure of `dossiers`: `GET /v1/figures/{figure}` lists them."""
    assumption: Text
    """What both take for granted."""


class Score(QueryContext, frozen=True, kw_only=True):
    """`GET /v1/indices/{index}`: a scope and period by the index of decision 766 or the criteria of circular 01/2018."""

    balance: Balance
    """Whether received + carried over = resolved + in process."""
    freshness: FigureFreshness
    """How complete the response is."""
    index: Literal["766", "01-2018"]
    """Which index."""
    components: list[ScoredComponent]
    """Its lines, in the order of the decision."""
    points: float
    """Reached."""
    out_of: float
    """The points of what is available."""
    of: float
    """The points of all components."""
    share: float | None
    """`points` / `out_of`; null where nothing is available."""
    band: Text | None
    """Of circular 01/2018; null for the other index, and while a criterion is not available."""
    kpis: Kpis
    """The figures that points are computed from."""
    period_kind: PeriodKind = "other"
    """What the days of the period are. On time by decision 766 is known of whole periods only, and not available of `other`."""
    rules: ScoringRules | None = None
    """By which rules of decision 766; null for the other index."""
    forecast: IndexForecast | None = None
    """Of decision 766 and a period that is not over; null of any other."""


class IndexRow(Unit, frozen=True, kw_only=True):
    """An agency with its points."""

    rank: int | None
    """From 1, by the share of points reached; equals share a rank, and the next one is left out. Null: nothing is available."""
    points: float
    """Reached."""
    out_of: float
    """The points of what is available."""
    share: float | None
    """`points` / `out_of`, which ranks; null where nothing is available."""
    change: float | None
    """Percentage points of `share` against the period before; null where one has none."""
    components: dict[str, float | None]
    """Points by component; null: not available."""
    changes: dict[str, float]
    """By component, points of its own against the period before; absent where they are equal, or not available in both."""
    moved: dict[str, float]
    """By component, points of the scope that it moved: those that the scope has, less those that it would have if this agency
    stood as in the period before. Absent where it moved none."""


class IndexRanking(QueryContext, frozen=True, kw_only=True):
    """`GET /v1/indices/766/ranking`: the agencies of a scope in the order of their share of points."""

    against: date
    """The first day of the period before, with which `change` compares."""
    period_kind: PeriodKind
    """What the days of the period are."""
    rules: ScoringRules
    """By which rules."""
    component_names: dict[str, Text]
    """Names of the components, by the ids under which rows have them."""
    rows: list[IndexRow]
    """The better first; those without a rank last."""
    balance: Balance
    """Whether received + carried over = resolved + in process."""
    freshness: FigureFreshness
    """How complete the response is."""


class LossRow(Unit, frozen=True, kw_only=True):
    """Dossiers of an agency that cost a component points."""

    component: str
    """Id of the component."""
    component_name: Text
    """Its name."""
    cause: str
    """Id of the KPI that counts them."""
    cause_name: Text
    """What is wrong with them."""
    dossiers: int
    """How many."""
    gain: float | None
    """Points of the component that the scope would gain if all of them were mended and nothing else changed; where it is
    `at_risk` what it has more if they end on time than if they end late. Null: the rule of the component is not known."""
    mendable: bool
    """They can still be mended: a result or paper can be attached, a fee list corrected, the channel stated, what was done in
    time and is not closed yet closed. False: what ended late, or had papers requested twice, stays late."""
    figure: str
    """Key of their figure: `GET /v1/figures/{figure}` lists them."""
    at_risk: bool = False
    """They are late unless they end by the next day, by the date of the index. Those received in the period are among the
    dossiers that are not closed too."""


class IndexLosses(QueryContext, frozen=True, kw_only=True):
    """`GET /v1/indices/766/losses`: what costs points, by agency, and what would bring them back."""

    period_kind: PeriodKind
    """What the days of the period are."""
    rules: ScoringRules
    """By which rules."""
    assumption: Text
    """What `gain` takes for granted."""
    rows: list[LossRow]
    """Those that would bring the most first."""
    balance: Balance
    """Whether received + carried over = resolved + in process."""
    freshness: FigureFreshness
    """How complete the response is."""


class AssessmentRecorded(msgspec.Struct, frozen=True):
    """`POST /v1/indices/{index}/assessments`."""

    index: Literal["766", "01-2018"]
    """Which index."""
    component: str
    """Which of its components."""
    points: float
    """The points."""


class PublishedRecorded(msgspec.Struct, frozen=True):
    """`POST /v1/indices/766/published`."""

    scores: int
    """How many scores were stored."""
    units: int
    """Of how many units below the scope."""


class ComparedScore(msgspec.Struct, frozen=True, kw_only=True):
    """A published score beside ours; null: not published, or not known."""

    unit: str | None
    """Code of the unit by the portal; null: the scope itself."""
    unit_name: Text | None
    """Its name, of the scope too; null: the catalogue has no such unit, or the key may not see it."""
    component: str | None
    """Id of the component; null: the rules have none of this code."""
    component_name: Text | None
    """Its name; null: the rules have none of this code."""
    code: str
    """As the portal names it, or `PROGRESS`, `PAYMENT`."""
    published_on: date
    """The day of which it is."""
    numerator: float | None
    """Published, with its decimals."""
    denominator: float | None
    """Published, with its decimals."""
    points: float | None
    """Published."""
    our_numerator: int | None
    """Ours."""
    our_denominator: int | None
    """Ours."""
    our_points: float | None
    """Ours, of the parts that are known."""
    dossiers: float | None
    """By how many the bases differ, ours less theirs; where these are equal, by how many the counts above do."""
    cause: (
        Literal[
            "not_synchronised",
            "other_base",
            "other_day",
            "judged_otherwise",
            "other_points",
            "unmapped_unit",
            "not_scored_here",
        ]
        | None
    )
    """Why they may differ: ours hold dossiers that the portal lacks; it holds more; ours were the same as known at the end of
    `published_on`; the same ones are judged otherwise; the same counts have points that no rounding explains, which is another
    rule; the catalogue has no such unit; the component is not known from dossiers. Null: they are equal, or nothing
    was published."""
    cause_name: Text | None
    """The cause in words."""


class PublishedPull(msgspec.Struct, frozen=True, kw_only=True):
    """An address at which scores are published, and whether they were read; null: it did not occur."""

    endpoint: str
    """Name of the address in the operator's settings, such as `progress`."""
    pulled_at: datetime | None
    """When scores were read last: as fresh are those of this address."""
    next_at: datetime | None
    """When it is asked again; null: when somebody orders it, since the period is long over."""
    failing_since: datetime | None
    """Since when it fails; null: the last attempt read scores, or there was none yet."""
    error: Text | None
    """What is wrong and what to do; null: nothing is."""


class PullsOrdered(msgspec.Struct, frozen=True):
    """`POST /v1/indices/766/published/pulls`."""

    endpoints: list[str]
    """Names of the addresses that are asked as soon as the worker comes to it."""


class IndexComparison(QueryContext, frozen=True, kw_only=True):
    """`GET /v1/indices/766/published`: the scores that the portal published beside ours, as they are stored."""

    rows: list[ComparedScore]
    """Those that differ first, the largest difference before the others."""
    differing: int
    """How many differ."""
    pulls: list[PublishedPull]
    """How the addresses stand at which the scores of this period are pulled; empty: they are not, or the scope is a part of the
    province. A failing one leaves older scores: `published_on` of each row is its day."""
    balance: Balance
    """Whether received + carried over = resolved + in process."""
    freshness: FigureFreshness
    """How complete our side is."""
