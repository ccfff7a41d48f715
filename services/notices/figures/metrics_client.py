"""Client of metrics: the KPIs of a scope, over HTTP."""

from __future__ import annotations

from typing import Literal, NamedTuple, Self, TypeAlias, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from services.notices.figures.catalogue import Catalogue
from services.notices.figures.index_periods import IndexPeriod
from services.notices.inspections.model import Inspection
from services.notices.inspections.model import Period as InspectedPeriod
from shared.contracts.counts import CountsByDay
from shared.contracts.dossiers import Drilldown
from shared.contracts.indices import IndexRanking, Score
from shared.contracts.keys import WorkGrouping
from shared.contracts.kpis import KpiResponse, ProcedureRow, UnitRow, WorkRow
from shared.contracts.previews import FigurePreview, PreviewOutdated, PreviewUnfinished
from shared.contracts.restatements import RestatementChanges
from shared.errors import Guidance, Invalid, NotFound, Problem, Unavailable
from shared.side_by_side import side_by_side

T = TypeVar("T")
Params: TypeAlias = list[tuple[str, str | int | float | bool | None]]

_BY_AGENCY = msgspec.json.Decoder(KpiResponse[UnitRow])
_BY_PROCEDURE = msgspec.json.Decoder(KpiResponse[ProcedureRow])
_BY_WORK = msgspec.json.Decoder(KpiResponse[WorkRow])
_CATALOGUE = msgspec.json.Decoder(Catalogue)
_COUNTS = msgspec.json.Decoder(CountsByDay)
_SCORE = msgspec.json.Decoder(Score)
_RANKING = msgspec.json.Decoder(IndexRanking)
_CHANGES = msgspec.json.Decoder(RestatementChanges)
_DOSSIERS = msgspec.json.Decoder(Drilldown)
_PREVIEW = msgspec.json.Decoder(FigurePreview)

TRANSIENT_STATUSES = frozenset({408, 425, 429})
"""Statuses from 400 to 499 that may pass by themselves; all others from 400 to 499 are final."""


class MetricsAway(Unavailable):
    """Metrics does not respond, or not as agreed: the same query may succeed later."""

    type = "metrics-away"
    title = "Metrics does not answer"
    guidance = Guidance(
        "Try again later; orders of notices wait by themselves.",
        "Metrics không trả lời",
        "Metrics không trả lời, hoặc trả lời không đúng thỏa thuận: câu hỏi này có thể được trả lời sau.",
        "Thử lại sau; lệnh lập thông báo tự chờ.",
    )


class MetricsClosed(Problem):
    """Metrics refuses the key of notices: only the operator can mend that."""

    status = 503
    type = "metrics-closed"
    title = "Metrics refuses our key"
    guidance = Guidance(
        "The operator gives notices a valid METRICS_KEY with the scope figures:read.",
        "Metrics từ chối khóa",
        "Metrics không nhận khóa của notices: chờ cũng không khắc phục được.",
        "Người vận hành cấp cho notices một METRICS_KEY hợp lệ có phạm vi figures:read.",
    )


class KpiSelection(NamedTuple):
    """Whose figures, of when, as known when: parameters of `GET /v1/kpis`, checked by metrics."""

    province: str
    scope: str | None
    """Code or unit key of an agency, with all below it; None: the whole province."""
    since: str | None
    until: str | None
    """Civil days."""
    period: str | None
    """Name of a period in place of the days."""
    as_of: str | None
    """A position, or an instant; None: now."""

    def given(self) -> dict[str, str]:
        """The parameters by their names, without those that are None."""
        named = {"from": self.since, "to": self.until, "period": self.period, "as_of": self.as_of}
        given = {"province": self.province, "scope": self.scope, **named}
        return {name: value for name, value in given.items() if value is not None}

    def params(self, kpis: tuple[str, ...], by: str) -> Params:
        """The parameters of a query for these KPIs."""
        return [*self.given().items(), ("by", by), *(("kpi", kpi) for kpi in kpis)]


REFUSALS: dict[int, type[Problem]] = {401: MetricsClosed, 403: MetricsClosed, 404: NotFound}
"""Problems by final status; any other is `Invalid`."""
_SHARED: dict[str, type[Problem]] = {one.type: one for one in (PreviewUnfinished, PreviewOutdated)}


class Metrics:
    """A client of metrics' read routes, with connections that stay open.

    Its methods raise `MetricsAway` for what may pass, and one of `REFUSALS` or `Invalid` for what is final.
    """

    def __init__(self, url: str, key: str, *, patience: float = 30) -> None:
        """`key` needs the scope figures:read; `patience` is how many seconds a response may take."""
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={
                "Authorization": f"Bearer {key}",
                "Accept": "application/json",
                "Accept-Encoding": "identity",  # in the same network packing costs more
            },
            timeout=httpx.Timeout(patience, connect=3),
            limits=httpx.Limits(max_connections=4),
            trust_env=False,  # no proxy of the environment may see the key
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def kpis(
        self, inspection: Inspection, kpis: tuple[str, ...], *, by: Literal["none", "agency"], as_of: str | None
    ) -> KpiResponse[UnitRow]:
        """The figures of an inspection's scope and period: in total, and in rows by agency."""
        return await self.select(_of(inspection, as_of), kpis, by=by)

    async def kpis_of_days(
        self, inspection: Inspection, days: InspectedPeriod, kpis: tuple[str, ...], *, as_of: str
    ) -> KpiResponse[UnitRow]:
        """The figures of an inspection's scope in other days, in total."""
        selection = _of(inspection, as_of)._replace(since=days.start.isoformat(), until=days.end.isoformat())
        return await self.select(selection, kpis, by="none")

    async def select(
        self, selection: KpiSelection, kpis: tuple[str, ...], *, by: Literal["none", "agency"]
    ) -> KpiResponse[UnitRow]:
        """The figures of a selection: in total, and in rows by agency."""
        return await self._read("/v1/kpis", selection.params(kpis, by), _BY_AGENCY)

    async def kpis_by_procedure(
        self, inspection: Inspection, kpis: tuple[str, ...], *, as_of: str | None
    ) -> KpiResponse[ProcedureRow]:
        """As `kpis`, in rows by interlinked procedure."""
        return await self._read("/v1/kpis", _of(inspection, as_of).params(kpis, "procedure"), _BY_PROCEDURE)

    async def kpis_by_work(
        self, inspection: Inspection, kpis: tuple[str, ...], *, by: WorkGrouping, as_of: str | None
    ) -> KpiResponse[WorkRow]:
        """As `kpis`, in rows by department or by step of the internal process, for KPIs that count its steps."""
        return await self._read("/v1/kpis", _of(inspection, as_of).params(kpis, by), _BY_WORK)

    async def counts(self, inspection: Inspection, kpis: tuple[str, ...], *, as_of: str) -> CountsByDay:
        """What the figures of an inspection's scope and period are summed of, by agency and day."""
        params: Params = [*_of(inspection, as_of).given().items(), *(("kpi", kpi) for kpi in kpis)]
        return await self._read("/v1/kpis/counts", params, _COUNTS)

    async def index(self, inspection: Inspection, period: IndexPeriod, *, as_of: str) -> tuple[Score, IndexRanking]:
        """The index of decision 766 of an inspection's scope in a period of the index, and its agencies by it."""
        days = {"since": period.since.isoformat(), "until": period.until.isoformat()}
        params: Params = [*_of(inspection, as_of)._replace(**days).given().items()]
        async with side_by_side() as group:
            score = group.create_task(self._read("/v1/indices/766", params, _SCORE))
            ranking = group.create_task(self._read("/v1/indices/766/ranking", params, _RANKING))
        return score.result(), ranking.result()

    async def dossiers(self, figure: str, limit: int) -> Drilldown:
        """The first `limit` of the dossiers behind a figure, by its id; `sum` is how many there are."""
        return await self._read(f"/v1/figures/{quote(figure, safe='')}", [("limit", limit)], _DOSSIERS)

    async def figure_preview(self, number: int, of: KpiSelection) -> FigurePreview:
        """What a change of the catalogue would move in figures of now; raises `PreviewUnfinished` and `PreviewOutdated` too."""
        return await self._read(f"/v1/catalogue-previews/{number}", [*of.given().items()], _PREVIEW)

    async def changes(self, of: KpiSelection, kpis: tuple[str, ...], after: int, upto: int) -> RestatementChanges:
        """By which kinds of dossiers figures of a selection moved between two positions."""
        params: Params = [*of.given().items(), *(("kpi", kpi) for kpi in kpis), ("after", after), ("upto", upto)]
        return await self._read("/v1/restatements/changes", params, _CHANGES)

    async def catalogue(self) -> Catalogue:
        """The catalogue of KPIs."""
        return await self._read("/v1/kpis/catalogue", [], _CATALOGUE)

    async def _read(self, path: str, params: Params, decoder: msgspec.json.Decoder[T]) -> T:
        try:
            response = await self._client.get(path, params=params)
        except httpx.HTTPError as error:
            raise MetricsAway(f"Metrics is not reached ({type(error).__name__}). Check METRICS_URL.") from error
        if response.status_code != 200:
            raise refusal(response.status_code, *_problem(response))
        try:
            return decoder.decode(response.content)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise MetricsAway(
                f"The figures of metrics break the contract: {error}. Are both services of the same release?"
            ) from error


def _of(inspection: Inspection, as_of: str | None) -> KpiSelection:
    period = inspection.period
    return KpiSelection(inspection.province, inspection.scope, period.start.isoformat(), period.end.isoformat(), None, as_of)


def refusal(status: int, detail: str, type_: str = "") -> Problem:
    """The problem of a status other than 200: `MetricsAway` when it may pass, else one of `REFUSALS`, or `Invalid`.

    `type_`: of metrics' own problem; those that notices shares with it are raised as such.
    """
    if type_ in _SHARED:
        return _SHARED[type_](detail)
    if 400 <= status < 500 and status not in TRANSIENT_STATUSES:
        return REFUSALS.get(status, Invalid)(f"Metrics answered {status}: {detail}")
    return MetricsAway(f"Metrics answered {status}: {detail}", headers={"Retry-After": "5"})


class _Refused(msgspec.Struct):
    """What is read of a problem of metrics."""

    detail: str
    type: str = ""


def _problem(response: httpx.Response) -> tuple[str, str]:
    """Detail and type of the problem that metrics answered with."""
    if response.status_code in (401, 403):
        return "METRICS_KEY needs the scope figures:read for this province.", ""
    try:
        refused = msgspec.json.decode(response.content, type=_Refused)
    except msgspec.DecodeError:
        return "Look into its log.", ""
    return refused.detail[:500], refused.type.rpartition("/")[2]
