"""Revisions by the worker: it is killed, its renderer is killed, metrics is away, and many are edited at once."""

from __future__ import annotations

import os
import re
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.notices.drafting import service as drafting
from services.notices.drafting.store import notices as notices_store
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.figures.metrics_client import MetricsAway
from services.notices.rendering.pdf import Unprintable
from services.notices.revisions import service as revising
from services.notices.revisions.editing import WantedEdit
from services.notices.revisions.model import NothingLeft
from services.notices.revisions.store import revisions as revisions_store
from services.notices.worker import DraftingTurns
from shared.errors import Problem
from tests.notices.conftest import Services, Workbench, until

EDIT = {
    "author": "Nguyễn Thị B",
    "reason": "Gọn hơn",
    "edits": [{"key": "handling.intake", "text": "Giải quyết {handled} hồ sơ."}],
}


def _renderers(services: Services) -> list[int]:
    """The processes of the worker that render."""
    assert services.worker.child is not None
    tasks = Path(f"/proc/{services.worker.child.pid}/task").iterdir()
    children = [pid for task in tasks for pid in (task / "children").read_text().split()]
    return [int(pid) for pid in children if b"rendering.documents" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _stopped_renderer(services: Services) -> int:
    """The process that renders, which takes nothing any more."""
    (pid,) = _renderers(services)
    os.kill(pid, signal.SIGSTOP)
    return pid


def _notice(services: Services, number: int) -> dict[str, Any]:
    notice: dict[str, Any] = services.http.get(f"/v1/notices/{number}").json()
    return notice


def test_a_renderer_killed_amid_a_drafting_costs_an_attempt_and_no_notice_fails(services: Services) -> None:
    services.drafted()
    renderer = _stopped_renderer(services)
    first, second = (services.order().json()["id"] for _ in range(2))
    until(lambda: _notice(services, first)["state"], lambda state: state == "drafting")
    os.kill(renderer, signal.SIGKILL)
    made = [services.ended(number) for number in (first, second)]
    assert [one["state"] for one in made] == ["draft", "draft"]
    assert [one["attempts"] for one in made] == [2, 1]
    assert _renderers(services) != [renderer]


def test_a_worker_killed_amid_a_revision_is_followed_by_the_next_which_makes_it_once(services: Services) -> None:
    number = services.drafted()["id"]
    path = f"/v1/notices/{number}"
    before = services.http.get(path)
    _stopped_renderer(services)
    ordered = services.http.post(f"{path}/revisions", json=EDIT, headers={"If-Match": before.headers["etag"]})
    assert ordered.status_code == 202, ordered.text

    def read() -> dict[str, Any]:
        revision: dict[str, Any] = services.http.get(f"{path}/revisions/2").json()
        return revision

    until(read, lambda one: one["progress"]["step"] == "documents")
    services.worker.kill()
    stands = _notice(services, number)
    assert (stands["text_revision"], stands["pending_revision"], stands["sections"]) == (1, 2, before.json()["sections"])
    services.worker.start()
    made = until(read, lambda one: one["state"] in ("made", "failed"))
    assert (made["state"], made["attempts"]) == ("made", 2), made
    listed = services.http.get(f"{path}/revisions").json()["revisions"]
    assert [(one["revision"], one["state"]) for one in listed] == [(2, "made"), (1, "made")]
    assert (_notice(services, number)["text_revision"], _notice(services, number)["pending_revision"]) == (2, None)


async def _ordered_revision(workbench: Workbench, number: int, regeneration: bool = False) -> None:
    async with workbench.database.transaction() as tx:
        await revisions_store.hold(tx, number)
        row = await notices_store.find(tx, number)
        assert row is not None
        by = {"author": "B", "reason": "", "key_id": "key"}
        if regeneration:
            await revising.order_regeneration(tx, row, as_of=None, confirmed=ConfirmedCaveats(), **by)
        else:
            await revising.order_edits(tx, row, [WantedEdit(key="handling.intake", text="Gọn hơn.")], **by)


async def _states(workbench: Workbench) -> list[tuple[str, str | None]]:
    async with workbench.database.transaction() as tx:
        rows = await tx.fetch("SELECT state, error FROM notices.notice_revision WHERE number > 1 ORDER BY notice_id")
    return [(row["state"], row["error"]) for row in rows]


async def test_edits_keep_no_notice_waiting(workbench: Workbench) -> None:
    drafted = [await workbench.order() for _ in range(3)]
    turns = DraftingTurns(workbench.database, workbench.client, workbench.renderer, "workbench")
    for _ in drafted:
        assert await turns.next()
    for number in drafted:
        await _ordered_revision(workbench, number)
    waiting = await workbench.order()
    assert await turns.next()
    assert await turns.next()
    async with workbench.database.transaction() as tx:
        row = await notices_store.find(tx, waiting)
    assert row is not None
    assert row.state == "draft"
    assert sorted(state for state, _ in await _states(workbench)) == ["made", "queued", "queued"]
    assert [await turns.next() for _ in range(3)] == [True, True, False]


async def test_a_regeneration_whose_metrics_stays_away_ends_soon_and_the_notice_can_be_edited(workbench: Workbench) -> None:
    number = await workbench.order()
    assert (await workbench.attempt(number)).state == "draft"
    await _ordered_revision(workbench, number, regeneration=True)
    turns = DraftingTurns(workbench.database, workbench.client, workbench.renderer, "workbench")
    for waited in (timedelta(), revising.MAX_WAIT):
        workbench.proxy.failures = [503]
        async with workbench.database.transaction() as tx:
            await tx.execute("UPDATE notices.notice_revision SET due_at = now(), created_at = now() - $1::interval", waited)
        assert await turns.next()
        ((state, error),) = await _states(workbench)
        assert state == ("failed" if waited else "queued")
        assert error is not None
        assert error.startswith("Metrics answered 503")
    await _ordered_revision(workbench, number)


def test_a_revision_waits_for_metrics_a_shorter_time_than_a_notice() -> None:
    for error, ended in ((MetricsAway("away"), True), (ZeroDivisionError(), False)):
        delay = drafting.retry_delay(error, attempt=1, waited=revising.MAX_WAIT, max_wait=revising.MAX_WAIT)
        assert (delay is None) is ended
    assert revising.MAX_WAIT < drafting.MAX_WAIT


@pytest.mark.parametrize("problem", [NothingLeft(), Unprintable("no glyph for 漢")])
def test_what_fails_again_whenever_it_is_tried_ends_at_once_and_says_what_to_do(problem: Problem) -> None:
    assert drafting.retry_delay(problem, attempt=1, waited=timedelta()) is None
    assert problem.detail_vi is not None
    assert min(len(problem.detail), len(problem.detail_vi)) > 40


async def test_the_log_has_the_cause_of_a_revision_that_failed_and_nothing_that_was_written(workbench: Workbench) -> None:
    number = await workbench.order()
    assert (await workbench.attempt(number)).state == "draft"
    await _ordered_revision(workbench, number)
    async with workbench.database.transaction() as tx:
        await tx.execute("UPDATE notices.notice_revision SET edits = '{\"Nguyễn Thị Hoa\": 1}' WHERE number = 2")
    turns = DraftingTurns(workbench.database, workbench.client, workbench.renderer, "workbench")
    with capture_logs() as lines:
        assert await turns.next()
    (line,) = (line for line in lines if line["event"] == "notice not revised")
    assert re.match(r"ValidationError at service\.py:\d+ in revise", line["cause"])
    assert "Hoa" not in str(lines)
