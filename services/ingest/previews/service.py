"""Previews: a change of the catalogue is applied to nothing, and every dossier dated by both rulesets, part by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from services.ingest.catalogue import service as catalogue
from services.ingest.catalogue.effects import Effect
from services.ingest.catalogue.model import Ruleset
from services.ingest.catalogue.rulesets import Policies, load_ruleset, read_agencies, read_procedures, require_sources
from services.ingest.catalogue.store.catalogue import CataloguePart, DayOverride
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.dating.assessment import assess
from services.ingest.dossiers.dating.facts import facts_of
from services.ingest.dossiers.folding import fold
from services.ingest.dossiers.history import decode_history
from services.ingest.previews import store as previews_store
from services.ingest.previews.store import OpenPreview, PreviewedRow
from services.ingest.provinces import store as provinces_store
from shared.agencies import Agency
from shared.database import TRANSIENT_ERRORS, Connection
from shared.errors import Conflict, Invalid, no_province
from shared.languages import Bilingual, bilingual
from shared.logs import logger, where
from shared.procedures import Procedure

log = logger("previewing")

BATCH_SIZE = 1_000
"""Dossiers per transaction: each is dated twice."""
BATCH_BYTES = 16 * 1024 * 1024
"""Of their histories."""
MAX_OPEN = 5
"""Previews of a province that are not finished: each has every dossier dated twice, and the other provinces wait for it."""


class ProposedChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change of the catalogue; None: that part stays."""

    agencies: list[Agency] | None = None
    procedures: list[Procedure] | None = None
    days: Sequence[DayOverride] | None = None
    """To be added, as `POST .../days` does."""
    policies: Policies | None = None
    version: int | None = None
    """To go back to, before the other parts are put in place."""
    merge: bool = False
    """Agencies and procedures are laid over those that are there."""


async def plan(tx: Connection, province: str, change: ProposedChange, now: datetime) -> int:
    """Store a change that is to be looked at; returns the preview's number.

    Raises what the change itself would raise, so that what is previewed can be applied, and `Conflict` when `MAX_OPEN` others
    of the province are not finished.
    """
    row = await provinces_store.read(tx, province)
    if row is None:
        raise no_province(province)
    parts: dict[CataloguePart, str] = {}
    if change.version is not None:
        parts |= await catalogue.differing_parts(tx, province, change.version)
    if change.agencies is not None:
        agencies = catalogue.checked(change.agencies)
        parts["agencies"] = _merged(await read_agencies(tx, province), agencies) if change.merge else _json(agencies)
    if change.procedures is not None:
        procedures = catalogue.checked(change.procedures)
        parts["procedures"] = _merged(await read_procedures(tx, province), procedures) if change.merge else _json(procedures)
    if change.days is not None:
        parts["calendar"] = await catalogue.days_with(tx, province, change.days)
    if change.policies is not None:
        await require_sources(tx, province, change.policies)
        parts["policies"] = _json(catalogue.checked_policies(change.policies))
    if not parts and change.version is None:
        raise Invalid(Bilingual("Name what is to be changed.", "Nêu nội dung cần thay đổi."))
    await load_ruleset(tx, province, row.catalogue, parts)
    if await previews_store.number_open(tx, province) >= MAX_OPEN:
        raise Conflict(
            bilingual(
                "{n} previews of province {province} are not finished, and no more can be asked for. Wait until one is.",
                "Tỉnh {province} còn {n} bản xem trước chưa xong, không thể yêu cầu thêm. Chờ một bản xong.",
                n=MAX_OPEN,
                province=province,
            )
        )
    return await previews_store.insert(tx, province, parts, now)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _merged(known: Sequence[Agency] | Sequence[Procedure], given: Sequence[Agency] | Sequence[Procedure]) -> str:
    return _json(list({one.key: one for one in (*known, *given)}.values()))


class Rulesets:
    """The two rulesets of the preview that is worked at; loaded once for each."""

    def __init__(self) -> None:
        """Nothing is loaded yet."""
        self._number: int | None = None
        self._both: tuple[Ruleset, Ruleset] | None = None

    async def of(
        self, tx: Connection, number: int, province: str, version: int, parts: Mapping[CataloguePart, str]
    ) -> tuple[Ruleset, Ruleset]:
        """That in force and that with the change."""
        if self._both is None or self._number != number:
            self._both = await load_ruleset(tx, province, version), await load_ruleset(tx, province, version, parts)
            self._number = number
        return self._both


async def preview_next(tx: Connection, rulesets: Rulesets, now: datetime) -> bool:
    """Look at the next dossiers of the oldest preview; returns whether there was one. Nothing of a dossier is written.

    One that fails unforeseen ends there, since whoever waits behind it would wait for ever.
    """
    plan = await previews_store.take(tx)
    if plan is None:
        return False
    row = await provinces_store.read(tx, plan.province)
    if row is None or row.catalogue != plan.catalogue:
        await previews_store.store(tx, plan.id, plan.done_to, plan.effect, finished_at=now, outdated=True)
        return True
    try:
        async with tx.transaction():
            done_to = await _effect_on_next(tx, rulesets, plan)
    except TRANSIENT_ERRORS:
        raise
    except Exception as error:
        log.error("preview failed", province=plan.province, preview=plan.id, error=type(error).__name__, at=where(error))
        await previews_store.store(tx, plan.id, 0, Effect(), finished_at=now, outdated=True)
        return True
    await previews_store.store(tx, plan.id, done_to, plan.effect, finished_at=now if done_to >= plan.upto else None)
    return True


async def _effect_on_next(tx: Connection, rulesets: Rulesets, plan: OpenPreview) -> int:
    """Count what the change would do to the next dossiers; the number of the last one."""
    before, after = await rulesets.of(tx, plan.id, plan.province, plan.catalogue, plan.parts)
    dossiers = await dossiers_store.dossiers_to_date(tx, plan.province, plan.done_to, plan.upto, BATCH_SIZE, BATCH_BYTES)
    altered = []
    for dossier in dossiers:
        events = decode_history(dossier.history)
        state = fold(events, before.sources)
        known = facts_of(assess(state, before))
        changed = facts_of(assess(state if after.sources == before.sources else fold(events, after.sources), after))
        plan.effect.add(known, changed)
        if known != changed:
            altered.append(PreviewedRow(dossier.number, _json(known), _json(changed)))
    await previews_store.insert_dossiers(tx, plan.id, altered)
    return dossiers[-1].number if dossiers else plan.upto
