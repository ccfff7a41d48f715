"""Orders that cannot succeed are refused at the door or end with the reason; those that may are tried again, for a time."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, get_args

import pytest

from deploy.local.servers import free_port
from services.notices.approval import store as approval_store
from services.notices.drafting import orders as ordering
from services.notices.drafting import service as drafting
from services.notices.drafting.model import TRANSITIONS, NoticeState, NoticeStep
from services.notices.drafting.store import notices as notices_store
from services.notices.drafting.store import queue as notice_queue
from services.notices.drafting.store.queue import DraftingJob
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.figures.metrics_client import Metrics, MetricsAway, MetricsClosed, refusal
from services.notices.inspections import service as submissions
from services.notices.inspections import store as inspections_store
from services.notices.inspections.model import Inspection
from services.notices.rendering.pdf import Unprintable
from services.notices.revisions.model import NothingLeft
from shared.database import Connection
from shared.errors import Invalid, NotFound, Unavailable
from shared.leases import auto_renewed
from shared.statements import begun_at
from tests.notices.conftest import Services, Workbench
from tests.notices.counted import PERIOD
from tests.notices.reference import inspection, inspection_body, pinned, rendered
from tests.patience import PATIENCE


@cache
def reference_made() -> drafting.RenderedNotice:
    """The reference notice."""
    return rendered(inspection(), pinned())


async def test_an_order_over_real_figures_is_made(services: Services) -> None:
    notice = services.drafted()
    assert (notice["position"], notice["next_attempt_at"]) == (services.position, None)


@pytest.mark.parametrize(
    ("body", "changes", "status", "says"),
    [
        ({"as_of": 10**9}, {}, 422, "counted up to"),
        ({"as_of": 2**62}, {}, 422, "as_of"),
        ({"as_of": "2023-13-45T00:00:00Z"}, {}, 422, "as_of"),
        ({"as_of": "2099-01-01T00:00:00Z"}, {}, 422, "lies in the future"),
        (None, {"findings": {"communication": [{"text": "Báo cáo chậm", "agencies": ["99999"]}]}}, 422, "99999"),
        (None, {"recommendations": [{"text": "Khắc phục", "agencies": ["99999"]}]}, 422, "99999"),
    ],
)
async def test_what_can_never_become_a_notice_is_refused_at_the_door(
    services: Services, body: dict[str, Any] | None, changes: dict[str, Any], status: int, says: str
) -> None:
    before = {notice["id"] for notice in services.http.get("/v1/notices").json()["notices"]}
    refused = services.order(body, **changes)
    assert refused.status_code == status, refused.text
    assert says in refused.json()["detail"]
    assert {notice["id"] for notice in services.http.get("/v1/notices").json()["notices"]} == before


@pytest.mark.parametrize("gone", [{"province": "99"}, {"scope": "77777"}])
async def test_an_order_of_what_metrics_knows_no_more_is_refused(services: Services, gone: dict[str, str]) -> None:
    inspection = Inspection.model_validate(inspection_body(period=PERIOD) | gone)
    async with Metrics(services.metrics.url, services.metrics.key) as client:
        with pytest.raises(NotFound, match=next(iter(gone.values()))):
            await ordering.review(client, inspection, None, ConfirmedCaveats(), datetime.now(UTC))


async def test_a_key_that_metrics_refuses_and_a_metrics_that_is_away_are_told_apart(services: Services) -> None:
    inspection = Inspection.model_validate(inspection_body(period=PERIOD))
    async with Metrics(services.metrics.url, "mc_nobody_knows") as client:
        with pytest.raises(MetricsClosed, match="METRICS_KEY"):
            await ordering.review(client, inspection, None, ConfirmedCaveats(), datetime.now(UTC))
    async with Metrics(f"http://127.0.0.1:{free_port()}", services.metrics.key) as client:
        with pytest.raises(MetricsAway, match="METRICS_URL"):
            await ordering.review(client, inspection, None, ConfirmedCaveats(), datetime.now(UTC))


def test_every_status_of_metrics_is_final_or_passing() -> None:
    for status in range(300, 600):
        final = 400 <= status < 500 and status not in (408, 425, 429)
        problem = refusal(status, "why")
        assert isinstance(problem, Unavailable) is not final
        assert (drafting.retry_delay(problem, attempt=1, waited=timedelta()) is None) is final
        assert problem.detail == f"Metrics answered {status}: why"


@pytest.mark.parametrize(
    ("error", "attempt", "waited", "pause"),
    [
        (MetricsAway("away"), 1, timedelta(), timedelta(seconds=0.5)),
        (MetricsAway("away"), 40, timedelta(hours=1), drafting.MAX_RETRY_DELAY),
        (MetricsAway("away"), 40, drafting.MAX_WAIT, None),
        (NotFound("no such province"), 1, timedelta(), None),
        (Invalid("no such agency"), 1, timedelta(), None),
        (ZeroDivisionError(), 4, timedelta(), timedelta(seconds=4)),
        (ZeroDivisionError(), 5, timedelta(), None),
        (Unprintable("no such letter"), 1, timedelta(), None),
        (NothingLeft(), 1, timedelta(), None),
    ],
)
def test_an_attempt_is_followed_by_another_or_ends_the_order(
    error: Exception, attempt: int, waited: timedelta, pause: timedelta | None
) -> None:
    assert drafting.retry_delay(error, attempt=attempt, waited=waited) == pause


async def test_what_may_pass_is_said_and_tried_again_until_it_has_passed(workbench: Workbench) -> None:
    number = await workbench.order()
    for attempt, status in enumerate((503, 429, 500, 408), start=1):
        row = await workbench.attempt(number, status)
        assert (row.state, row.attempts) == ("queued", attempt)
        assert row.error == f"Metrics answered {status}: not now"
        assert row.next_attempt_at is not None
        assert row.next_attempt_at > row.ordered_at
    row = await workbench.attempt(number)
    assert (row.state, row.error, row.next_attempt_at) == ("draft", None, None)


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422])
async def test_what_is_final_ends_the_order_at_once_and_it_can_be_ordered_anew(workbench: Workbench, status: int) -> None:
    number = await workbench.order()
    row = await workbench.attempt(number, status)
    assert (row.state, row.attempts, row.next_attempt_at) == ("failed", 1, None)
    assert row.error is not None
    assert str(status) in row.error
    assert f"POST /v1/inspections/{workbench.inspection}/notices" in row.error
    assert (await workbench.attempt(await workbench.order())).state == "draft"


async def test_a_metrics_that_stays_away_ends_the_order_with_its_last_word(workbench: Workbench) -> None:
    number = await workbench.order()
    assert (await workbench.attempt(number, 503)).state == "queued"
    async with workbench.database.transaction() as tx:
        await tx.execute("UPDATE notices.notice SET ordered_at = now() - $1::interval", drafting.MAX_WAIT)
    row = await workbench.attempt(number, 502)
    assert row.state == "failed"
    assert row.error is not None
    assert row.error.startswith("Metrics answered 502")


async def test_a_lease_keeps_a_notice_from_other_workers_until_it_runs_out(workbench: Workbench) -> None:
    number = await workbench.order()
    async with workbench.database.transaction() as tx:
        now, lease, moment = await begun_at(tx), drafting.LEASE, timedelta(microseconds=1)
        first = await notice_queue.QUEUE.claim(tx, "first", now, lease)
        assert first is not None
        assert (first.id, first.worker, first.attempt, first.lapses) == (number, "first", 1, 0)
        assert await notice_queue.QUEUE.claim(tx, "second", now + lease, lease) is None
        assert await notice_queue.QUEUE.renew(tx, first, now + lease, lease)
        assert await notice_queue.QUEUE.claim(tx, "second", now + 2 * lease, lease) is None
        second = await notice_queue.QUEUE.claim(tx, "second", now + 2 * lease + moment, lease)
        assert second is not None
        assert (second.id, second.attempt, second.lapses) == (number, 2, 1)
        # What the first still says is not heard.
        assert not await notice_queue.QUEUE.renew(tx, first, now + 2 * lease + moment, lease)
        await notice_queue.fail(tx, first, "gone", now + 2 * lease + moment)
        await notice_queue.reschedule(tx, second, "not now", now + 3 * lease, now + 9 * lease)
        row = await notices_store.find(tx, number)
        assert row is not None
        assert (row.state, row.error, row.next_attempt_at) == ("queued", "not now", now + 9 * lease)
        assert await notice_queue.QUEUE.claim(tx, "third", now + 9 * lease - moment, lease) is None
        assert await notice_queue.QUEUE.claim(tx, "third", now + 9 * lease, lease) is not None


async def test_an_attempt_whose_lease_ran_out_writes_nothing_though_nobody_took_its_notice(workbench: Workbench) -> None:
    number = await workbench.order()
    made = reference_made()
    async with workbench.database.transaction() as tx:
        now, lease = await begun_at(tx), drafting.LEASE
        work = await notice_queue.QUEUE.claim(tx, "slow", now, lease)
        assert work is not None
        late = now + lease + timedelta(microseconds=1)
        assert not await notice_queue.QUEUE.renew(tx, work, late, lease)
        assert not await drafting.store(tx, work, made, late)
        await notice_queue.fail(tx, work, "gone", late)
        await notice_queue.reschedule(tx, work, "later", late, late)
        row = await notices_store.find(tx, number)
        assert row is not None
        assert (row.state, row.error, row.attempts) == ("drafting", None, 1)
        assert await drafting.store(tx, work, made, now + lease)


async def test_a_lease_is_kept_alive_while_its_work_goes_on_and_its_loss_is_told(workbench: Workbench) -> None:
    number = await workbench.order()
    length = timedelta(seconds=3)

    async def claim(tx: Connection) -> DraftingJob | None:
        return await notice_queue.QUEUE.claim(tx, "me", await begun_at(tx), length)

    async def until() -> datetime:
        async with workbench.database.transaction() as tx:
            held: datetime = await tx.fetchval("SELECT lease_until FROM notices.notice WHERE id = $1", number)
        return held

    work = await workbench.database.run(claim)
    assert work is not None
    first = await until()

    async def renew(tx: Connection) -> bool:
        return await notice_queue.QUEUE.renew(tx, work, await begun_at(tx), length)

    async with auto_renewed(workbench.database, length, renew) as lost, asyncio.timeout(PATIENCE):
        while await until() == first:
            await asyncio.sleep(0.05)
        assert not lost.done()
        async with workbench.database.transaction() as tx:
            await tx.execute("UPDATE notices.notice SET lease_by = 'other'")
        await lost
    assert not lost.cancelled()


async def test_a_worker_whose_claim_was_committed_unheard_claims_the_same_notice_again(workbench: Workbench) -> None:
    number = await workbench.order()
    async with workbench.database.transaction() as tx:
        now = await begun_at(tx)
        for attempt in (1, 2):
            work = await notice_queue.QUEUE.claim(tx, "me", now, drafting.LEASE)
            assert work is not None
            assert (work.id, work.attempt) == (number, attempt)


class _Undone(Exception):
    """Ends a transaction without a trace."""


@pytest.mark.parametrize("step", TRANSITIONS)
async def test_a_notice_takes_the_declared_steps_and_no_other(workbench: Workbench, step: NoticeStep) -> None:
    await workbench.order()
    made = reference_made()
    with suppress(_Undone):  # what is issued and has no number cannot be committed
        async with workbench.database.transaction() as tx:
            now, lease = await begun_at(tx), drafting.LEASE
            work = await notice_queue.QUEUE.claim(tx, "me", now, lease)
            assert work is not None
            assert await drafting.store(tx, work, made, now)  # what a draft must have, so that any state can be set
            for state in get_args(NoticeState):
                await tx.execute("UPDATE notices.notice SET state = $1, lease_by = 'me', lease_until = $2", state, now + lease)
                await _leads_where_declared(tx, work, state, step, now)
            raise _Undone


async def _leads_where_declared(tx: Connection, work: DraftingJob, state: NoticeState, step: NoticeStep, now: datetime) -> None:
    """Of a notice in this state: the step changes it as declared, or not at all."""
    sources, target, _ = TRANSITIONS[step]
    match step:
        case "claim":
            await notice_queue.QUEUE.claim(tx, "other", now + 2 * drafting.LEASE, drafting.LEASE)
        case "complete":
            await drafting.store(tx, work, reference_made(), now)
        case "reschedule":
            await notice_queue.reschedule(tx, work, "later", now, now)
        case "fail":
            await notice_queue.fail(tx, work, "never", now)
        case _:
            who: Any = {"key_id": "key", "name": "Trần Văn C", "person": True, "reason": None}
            moved = await approval_store.move(tx, work.id, step, **who, waived=[], now=now)
            assert moved is (state in sources)
    row = await notices_store.find(tx, work.id)
    assert row is not None
    assert row.state == (target if state in sources else state), state


async def test_a_notice_that_ends_every_worker_ends_itself(workbench: Workbench) -> None:
    number = await workbench.order()
    for _ in range(drafting.MAX_LAPSES + 1):
        async with workbench.database.transaction() as tx:
            # Whoever took it is never heard of again.
            assert await notice_queue.QUEUE.claim(tx, "dead", await begun_at(tx), -drafting.LEASE) is not None
    row = await workbench.attempt(number)
    assert row.state == "failed"
    assert row.error is not None
    assert f"{drafting.MAX_LAPSES + 1} workers died" in row.error


async def test_an_inspection_that_today_s_rules_refuse_is_refused_when_it_is_ordered(workbench: Workbench) -> None:
    number = await workbench.order()
    async with workbench.database.transaction() as tx:
        await tx.execute("UPDATE notices.inspection SET body = body || '{\"no_such_field\": 1}'")
        inspection = await inspections_store.find(tx, workbench.inspection)
    assert inspection is not None
    with pytest.raises(Invalid, match="no_such_field"):
        submissions.read_stored(inspection.body)
    row = await workbench.attempt(number)
    assert (row.state, row.attempts) == ("failed", 1)
    assert row.error is not None
    assert "Submit it again" in row.error
