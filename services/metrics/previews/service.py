"""Previews: the dossiers that a change of the catalogue would alter are fetched from ingest and counted, part by part.

Each part is counted in a transaction of its own: ingest is asked between them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace

from services.metrics.agencies import store as catalogue
from services.metrics.agencies.model import Group
from services.metrics.agencies.service import KnownUnits, reach_of
from services.metrics.counting.ingest_client import Ingest
from services.metrics.figures.kpis.algebra import CounterRow, added
from services.metrics.figures.query import KpiQuery, key_of_row
from services.metrics.figures.service import Result, context_of, figure_freshness, resolve_state, work_name
from services.metrics.figures.store import drilldown, sums
from services.metrics.previews import store
from services.metrics.previews.model import Changes, PeriodChange, SubjectRows, both_units
from services.metrics.restatements.sides import (
    Move,
    Side,
    groups_of,
    moves_between,
    moves_of,
    scopes_of,
    structure_change,
)
from shared.access.principals import Principal
from shared.agencies import Agency
from shared.contracts.keys import RowKey, WorkGrouping, WorkKey
from shared.contracts.kpis import Text
from shared.contracts.previews import (
    FigurePreview,
    PreviewedFigure,
    PreviewedPage,
    PreviewedProcedure,
    PreviewedRow,
    PreviewedTotal,
    PreviewedValue,
    PreviewedWork,
    PreviewOutdated,
    PreviewUnfinished,
)
from shared.contracts.restatements import KnownFigure
from shared.database import Connection, Database
from shared.vietnamese import sort_key

PAGE = 1_000
"""Dossiers that are fetched at once, and counted in one transaction."""
MAX_PAGES = 20
"""Pages that one request counts; the next one goes on."""
MAX_KNOWN = 4
"""Previews whose counts a process holds; the least used are dropped, and counted anew."""
CELLS = 2_000
"""Cells that are added up before other requests get a turn."""


class CountedPreview:
    """A preview as far as it is counted."""

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self.lock = asyncio.Lock()
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.after = self.counted = self.dossiers = self.catalogue = 0
        self.agencies: list[Agency] | None = None
        self.changes = Changes()

    def follows(self, page: PreviewedPage) -> bool:
        """Whether the page is of the same preview: a restored ingest may give another one the same number."""
        return not self.after or (page.catalogue, page.dossiers) == (self.catalogue, self.dossiers)


class CountedPreviews:
    """The previews that this process counts; a finished preview does not change, so its counts are of use again."""

    def __init__(self) -> None:
        """None yet."""
        self._known: dict[tuple[str, int], CountedPreview] = {}

    async def read(self, database: Database, ingest: Ingest, province: str, number: int) -> CountedPreview:
        """The preview, wholly counted. Raises `PreviewUnfinished`, `PreviewOutdated`, and `NotFound` where there is none."""
        known = self._known.pop((province, number), None) or CountedPreview()
        self._known[province, number] = known
        while len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]
        async with known.lock:
            for _ in range(MAX_PAGES):
                page = await ingest.previewed(province, number, known.after, PAGE)
                if not known.follows(page):
                    known.forget()
                    continue
                if page.outdated:
                    raise PreviewOutdated(f"The catalogue of province {province} was changed while preview {number} went on.")
                if not page.finished:
                    raise PreviewUnfinished(f"Preview {number} of province {province} still looks at dossiers.")
                if not known.after:
                    known.catalogue, known.dossiers, known.agencies = page.catalogue, page.dossiers, page.agencies
                if page.items:
                    cells = await database.run(lambda tx, page=page: store.count(tx, province, page.items))  # type: ignore[misc]
                    known.changes.add(cells)
                    known.after, known.counted = page.items[-1].number, known.counted + len(page.items)
                if known.counted == known.dossiers:
                    return known
            raise PreviewUnfinished(
                f"{known.counted} of the {known.dossiers} dossiers of preview {number} of province {province} are counted."
            )


async def preview_figures(
    tx: Connection, query: KpiQuery, known: KnownUnits, principal: Principal, number: int, preview: CountedPreview
) -> Result[FigurePreview]:
    """The figures of a period that the change would move, now and as they would be; needs a transaction that sees one state."""
    at = await resolve_state(tx, query)
    if at.province.catalogue > preview.catalogue:
        raise PreviewOutdated(f"Preview {number} is of version {preview.catalogue}, and {at.province.catalogue} is in force.")
    if at.province.catalogue < preview.catalogue:
        raise PreviewUnfinished(f"Version {preview.catalogue} of the catalogue, which it is compared with, is not counted yet.")
    units, permitted = await reach_of(known, tx, principal, query.province)
    sides = [Side(at.position, one, permitted) for one in both_units(units, preview.agencies, preview.changes.agencies)]
    (earlier, before), (scope, later) = scopes_of(query, sides)
    counter_query = sums.CounterQuery(query.province, sorted(before | later), query.period, "agency")
    old = await sums.now(tx, counter_query)
    changed = await _change(query, preview.changes, sides[1])
    change = changed.rows()
    new = {number: added(row[number] for row in (old, change) if number in row) for number in old.keys() | change.keys()}
    rows = []
    for group in groups_of(query, sides, (earlier, scope)):
        inside = [side.members(query, group.scope) for side in sides]
        if inside[0] is None and inside[1] is None:
            continue
        moves = _figures(query, at.position, group, moves_of(query, (inside[0] or _NONE, inside[1] or _NONE), old, new))
        if moves:
            unit = group.unit
            rows.append(PreviewedRow(agency=unit.agency, code=unit.code, name=unit.name, kind=unit.kind, kpis=moves))
    previewed = FigurePreview(
        **context_of(query, earlier, at),
        preview=number,
        dossiers=preview.dossiers,
        total=PreviewedTotal(_figures(query, at.position, earlier, moves_of(query, (before, later), old, new))),
        rows=rows,
        procedures=await _procedures(tx, query, at.position, earlier, (before, later), changed),
        work=[row for by in _WORK for row in await _by_work(tx, query, at.position, earlier, (before, later), changed, by)],
        structure_change=structure_change(*sides),
        freshness=figure_freshness(
            at, key_of_row(query, at.position, earlier.scope), added(old[number] for number in before if number in old)
        ),
    )
    return Result(previewed, at.province.revision)


_NONE: frozenset[int] = frozenset()


_WORK: tuple[WorkGrouping, ...] = ("department", "step")
Inside = tuple[frozenset[int], frozenset[int]]
"""The units of a scope before the change and after it."""


async def _procedures(
    tx: Connection, query: KpiQuery, position: int, scope: Group, inside: Inside, change: PeriodChange
) -> list[PreviewedProcedure]:
    """The interlinked procedures of which something would move, by code."""

    async def read(members: frozenset[int]) -> Mapping[str, CounterRow]:
        return await drilldown.by_procedure(tx, query.province, sorted(members), query.period, position)

    moves = await _subject_moves(query, read, inside, change.by_procedure())
    if not moves:
        return []
    names = await catalogue.procedures(tx, query.province, position)
    return [
        PreviewedProcedure(
            procedure=code,
            name=names.get(code, Text(code, code)),
            kpis=_figures_of_row(key_of_row(query, position, scope.scope, code), found),
        )
        for code, found in sorted(moves.items())
    ]


async def _by_work(
    tx: Connection,
    query: KpiQuery,
    position: int,
    scope: Group,
    inside: Inside,
    change: PeriodChange,
    by: WorkGrouping,
) -> list[PreviewedWork]:
    """The departments or steps of which something would move, by name, what is not known last."""
    steps = replace(query, kpis=tuple(kpi for kpi in query.kpis if kpi.counts_steps))

    async def read(members: frozenset[int]) -> Mapping[str, CounterRow]:
        return await drilldown.by_work(tx, query.province, sorted(members), query.period, position, by)

    moves = await _subject_moves(steps, read, inside, change.by_work(by)) if steps.kpis else {}
    return [
        PreviewedWork(
            by=by,
            work=work or None,
            name=work_name(by, work),
            kpis=_figures_of_row(key_of_row(steps, position, scope.scope, work=WorkKey(by, work)), found),
        )
        for work, found in sorted(moves.items(), key=lambda one: (not one[0], sort_key(one[0])))
    ]


async def _subject_moves(
    query: KpiQuery,
    read: Callable[[frozenset[int]], Awaitable[Mapping[str, CounterRow]]],
    inside: Inside,
    change: SubjectRows,
) -> dict[str, list[Move]]:
    """By procedure, department or step, the figures that would move."""
    before, later = inside
    if not change and before == later:
        return {}
    old = await read(before)
    without = old if before == later else await read(later)

    def state(subject: str, known: Mapping[str, CounterRow], members: frozenset[int] | None) -> CounterRow:
        rows = [known[subject]] if subject in known else []
        by_unit = change.get(subject, {})
        return added([*rows, *(row for number, row in by_unit.items() if members is not None and number in members)])

    found = {
        subject: list(
            moves_between(query, state(subject, old, None), state(subject, old, before), state(subject, without, later))
        )
        for subject in old.keys() | without.keys() | change.keys()
    }
    return {subject: moves for subject, moves in found.items() if moves}


async def _change(query: KpiQuery, changes: Changes, side: Side) -> PeriodChange:
    change = PeriodChange(query.period, side.units.numbers)
    for count, cell in enumerate(changes, 1):
        change.add(cell)
        if count % CELLS == 0:
            await asyncio.sleep(0)
    return change


def _figures(query: KpiQuery, position: int, group: Group, moves: Iterable[Move]) -> dict[str, PreviewedFigure]:
    return _figures_of_row(key_of_row(query, position, group.scope), moves)


def _figures_of_row(key: RowKey, moves: Iterable[Move]) -> dict[str, PreviewedFigure]:
    around = key.around()
    return {
        move.kpi.id: PreviewedFigure(
            KnownFigure(*move.before, move.kpi.rule.join(around)),
            PreviewedValue(*move.after),
            move.difference,
            move.kpi.rule,
            move.reasons,
        )
        for move in moves
    }
