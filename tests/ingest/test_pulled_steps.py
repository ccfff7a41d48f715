"""Steps of the internal process from a portal's tasks to the feed: pulled from a running portal into a real database."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from deploy.simulator.ledger import DAY, History, Snapshot, civil_day
from deploy.simulator.rendering import ONE_STOP_DESK, SURNAMES
from services.ingest.feed import store as feed_store
from shared.database import Database
from shared.dossier import Facts, Status
from tests.ingest.reconciliation_bench import PROVINCE, bench

JUSTICE, FINANCE = "Phòng Tư pháp", "Phòng Tài chính"
PLAIN = (Status.registered, Status.received, Status.processing, Status.resolved)


def _with_departments(history: History) -> History:
    """The same at a portal that tells who works on it until when, and for every second one where it went by mistake.

    One in three should have been done long ago.
    """
    due_at = history.promises[0].due_at if history.promises else None
    return replace(
        history,
        department=f"{JUSTICE} huyện Thanh Hà",
        detour=FINANCE if history.index % 2 else None,
        legal_due_at=due_at - 60 * DAY if due_at is not None and history.index % 3 == 0 else due_at,
    )


async def test_tasks_of_a_portal_reach_the_feed_as_steps_without_any_person(ingest_database: Database) -> None:
    async with bench(ingest_database, dossiers=500, changed=_with_departments) as one:
        await one.pull()
        async with one.database.connection() as connection:
            rows = await feed_store.read_after(connection, PROVINCE, 0, 10_000)
        shown = {state.history.code: state for state in one.world.at(one.clock.now())}
    assert not any(f"{surname} " in facts for surname in SURNAMES for _, _, facts in rows)
    found = {facts.code: facts for facts in (msgspec.json.decode(text, type=Facts) for _, _, text in rows)}
    assert {step.department for facts in found.values() for step in facts.steps} == {ONE_STOP_DESK, JUSTICE, FINANCE}
    plain = [(shown[code], facts) for code, facts in found.items() if _is_plain(shown[code])]
    assert len(plain) > 100
    late = 0
    for state, facts in plain:
        astray = state.history.detour is not None
        assert facts.misrouted == astray
        departments = [ONE_STOP_DESK, *([JUSTICE, FINANCE, JUSTICE] if astray else [JUSTICE])]
        assert [step.department for step in facts.steps][-len(departments) :] == departments
        last = facts.steps[-1]
        assert last.minutes_over is not None
        assert state.ended_at is not None
        due_at = state.history.legal_due_at
        assert due_at is not None
        assert last.ended_on == civil_day(state.ended_at)
        if state.ended_at <= due_at:
            assert last.minutes_over == 0
        elif state.ended_at > due_at + 20 * DAY:  # no holiday is as long
            late += 1
            assert last.minutes_over > 0
    assert late


def _is_plain(state: Snapshot) -> bool:
    """Whether it went straight to its result, so that its steps can be told by hand."""
    return tuple(step.status for step in state.steps if step.status is not Status.delivered) == PLAIN
