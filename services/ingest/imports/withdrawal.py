"""Taking a file out again: one that turned out to be read wrongly, or that somebody should not have sent.

Its dossiers are gone through in many transactions. Until the last one it is an import that was cut off before its first row:
whatever dies, figures are not complete until its file came again, or it was withdrawn once more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers.withdrawal import withdraw
from services.ingest.imports import store as imports_store
from services.ingest.imports.store import ImportRow, ImportState
from services.ingest.quarantine.store import releases as quarantine_releases
from shared.database import Connection, Database
from shared.errors import Conflict
from shared.languages import bilingual

DOSSIERS_AT_ONCE = 1_000
"""Dossiers that a transaction takes a file out of."""
_ENDED: tuple[ImportState, ...] = ("complete", "interrupted")


async def withdraw_sent(
    database: Database,
    rulesets: RulesetCache,
    plan: ImportRow,
    *,
    who: str,
    why: str,
    notify: Callable[[], Awaitable[None]],
) -> None:
    """Take a file that somebody should not have sent out of its dossiers; raises `Conflict` where that cannot be."""
    await withdraw_file(database, rulesets, plan, f"Withdrawn by {who}: {why.rstrip('.')}.", of=_ENDED)
    await notify()


async def withdraw_file(
    database: Database,
    rulesets: RulesetCache,
    plan: ImportRow,
    reason: str,
    *,
    of: tuple[ImportState, ...] = ("running", "interrupted"),
) -> None:
    """Take everything of an import out of its dossiers again; raises `Conflict` when it is in none of the states `of`."""
    gave = await database.run(lambda tx: _begin(tx, plan, reason, of))
    after: int | None = 0
    while after is not None:
        after = await database.run(
            partial(
                withdraw,
                province=plan.province,
                source=plan.source,
                event_id=plan.arrived.isoformat(),
                since=plan.arrived,
                rulesets=rulesets,
                after=after,
                limit=DOSSIERS_AT_ONCE,
            )
        )
    await database.run(lambda tx: _end(tx, plan, reason, gave=gave))


async def _begin(tx: Connection, plan: ImportRow, reason: str, of: tuple[ImportState, ...]) -> bool:
    """Whether other files may have repeated rows of it."""
    known = await imports_store.imported(tx, plan.id)
    # Of one whose withdrawal was cut off nothing counts any more, and yet others may have repeated what is left of it.
    gave = known is not None and (known.accepted > 0 or known.state == "interrupted")
    meanwhile = f"{reason} Should this stay so, withdraw it again: POST /v1/imports/{plan.id}/withdraw."
    if not await imports_store.withdraw_import(tx, plan.id, "interrupted", meanwhile, of=of):
        raise _not_withdrawn(plan.id)
    if gave:
        await imports_store.reopen_later(tx, plan.source, plan.id, _repeated(plan.id))
    return gave


def _repeated(number: int) -> str:
    return f"Rows that it repeated of import {number} were taken out with that: send the file again."


async def _end(tx: Connection, plan: ImportRow, reason: str, *, gave: bool) -> None:
    if gave:  # also to what came in while rows were taken out one after another
        await imports_store.reopen_later(tx, plan.source, plan.id, _repeated(plan.id))
    await quarantine_releases.release_imported(tx, plan.province, plan.source, plan.id)
    if not await imports_store.withdraw_import(tx, plan.id, "failed", reason, of=("interrupted",)):
        raise _not_withdrawn(plan.id)


def _not_withdrawn(number: int) -> Conflict:
    return Conflict(
        bilingual(
            "Import {n} runs, or nothing of it is kept: nothing was withdrawn. Read its state: GET /v1/imports/{n}.",
            "Lượt nhập {n} đang chạy, hoặc không còn dữ liệu nào được giữ: chưa rút gì. Xem trạng thái: GET /v1/imports/{n}.",
            n=number,
        )
    )
