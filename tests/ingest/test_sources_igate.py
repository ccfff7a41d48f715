"""The iGate adapter: what a record means, and a walk down a moving list that skips nobody."""

from __future__ import annotations

import contextlib
import random
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from deploy.portal.app import Portal
from deploy.portal.clock import PortalClock
from deploy.portal.faults import Faults
from deploy.portal.ledger import DAY, History, instant, moment, snapshot
from deploy.portal.random_world import RandomWorld, living
from deploy.portal.rendering import Renderer
from deploy.portal.vocabulary import words_of
from deploy.portal.world import LedgerWorld
from services.ingest.events import Batch, Event, Pause, Reason, Rejected, Step
from services.ingest.folding import FindingKind, fold
from services.ingest.sources import Pool, SourceMisconfigured, open_source
from services.ingest.sources.errors import SourceError, SourceUnreadable
from services.ingest.sources.http import PortalClient
from services.ingest.sources.igate.record import Decoder
from services.ingest.sources.igate.settings import Settings
from services.ingest.sources.igate.walk import Walk
from shared.dossier import Channel, Outcome, Status
from tests.ingest.portals import Scripted, answer, serving

LATEST = datetime(2026, 1, 2, tzinfo=UTC)


def decoder(**settings: Any) -> Decoder:
    return Decoder("x", Settings(base_url="http://portal", **settings), LATEST)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2023-{text}+07:00").astimezone(UTC)


def record(**changes: Any) -> dict[str, Any]:
    """A dossier with its result handed over, as the portal sends it."""
    fields: dict[str, Any] = {
        "id": "63900000",
        "code": "000.00.19.H30-230615-0042",
        "dossierStatus": {"id": 5, "name": [{"languageId": 46, "name": "Done"}, {"languageId": 228, "name": "Đã trả kết quả"}]},
        "applicant": {"data": {"fullname": "Nguyễn Văn An", "identityNumber": "030011269707"}},
        "procedure": {"id": "p", "code": "1.001612.000.00.00.H30"},
        "agency": {"id": "a", "code": "10813", "name": "UBND"},
        "acceptedDate": "2023-06-15T08:00:00.000+0700",
        "appointmentDate": "2023-06-20T10:00:00.000+0000",
        "completedDate": "2023-06-19T16:00:00.000+0700",
        "returnedDate": "2023-06-20T09:00:00.000+0700",
        "updatedDate": "2023-06-20T09:00:00.000+0700",
        "applyMethod": {"id": 0, "name": "Trực tuyến"},
        "dossierFormFile": [{"file": [{"filename": "cmnd-nguyen-van-an.pdf"}], "digitizingStatus": 0}, {"digitizingStatus": 2}],
        "dossierResultFile": [{"filename": "kq.pdf"}],
        "dossierFee": [{"amount": 15000}],
        "paymentMethod": {"name": "Thanh toán trực tuyến"},
        "task": [
            task("Tiếp nhận hồ sơ", "06-15T07:30", "06-15T08:00"),
            task("Thụ lý hồ sơ", "06-15T08:00", "06-19T16:00"),
            task("Trả kết quả", "06-19T16:00", "06-20T09:00"),
            task("Kết thúc", "06-20T09:00", "06-20T09:00"),
        ],
    }
    fields.update(changes)
    return {name: value for name, value in fields.items() if value is not None}


def task(name: str, begin: str, end: str | None) -> dict[str, Any]:
    return {
        "name": name,
        "assignee": {"fullname": "Lê Hải"},
        "createdDate": f"2023-{begin}:00.000+0700",
        "completedDate": f"2023-{end}:00.000+0700" if end else None,
    }


def event(**changes: Any) -> Event:
    read = decoder().decode(record(**changes))
    assert isinstance(read, Event), read
    return read


class TestRecords:
    def test_a_delivered_dossier_is_read_with_everything_that_counts_and_nothing_personal(self) -> None:
        read = event()
        assert (read.code, read.id, read.at) == ("000.00.19.H30-230615-0042", "63900000", at("06-20T09:00"))
        assert read.due_at == at("06-20T17:00")
        assert read.course is not None
        assert read.course.status is Status.delivered
        assert (read.course.received_at, read.course.ended_at) == (at("06-15T08:00"), at("06-19T16:00"))
        assert read.course.delivered_at == at("06-20T09:00")
        assert read.about is not None
        assert (read.about.agency, read.about.procedure, read.about.channel) == ("10813", "1.001612", Channel.online)
        assert (read.about.digitised_intake, read.about.reused, read.about.digitised_result) == (True, True, True)
        assert (read.about.fee_required, read.about.fee_online) == (True, True)
        text = msgspec.json.encode(read).decode()
        assert all(word not in text for word in ("Nguyễn", "0300", "cmnd", "Lê Hải"))

    def test_the_fast_way_over_bytes_reads_the_same_as_the_way_over_objects(self) -> None:
        page = decoder().page(msgspec.json.encode({"content": [record()], "totalElements": 1}))
        assert page.events == [event()]
        assert page.keys == [(at("06-20T09:00"), "63900000")]

    @pytest.mark.parametrize(
        "name",
        [
            "Đang xử lý",
            "DANG XU LY",
            "  đang   xử lý ",
            [{"languageId": 228, "name": "Đang xử lý"}],
            [{"name": "Đang xử lý"}],
            {"languageId": 228, "name": "Đang xử lý"},
            unicodedata.normalize("NFD", "Đang xử lý"),
        ],
    )
    def test_a_status_is_known_by_its_name_in_every_form(self, name: Any) -> None:
        read = event(dossierStatus={"id": 999, "name": name})
        assert read.course is not None
        assert read.course.status is Status.processing

    def test_an_unknown_status_is_put_aside_and_a_mapping_takes_it_in(self) -> None:
        strange = record(dossierStatus={"name": "Chờ liên thông thuế"})
        read = decoder().decode(strange)
        assert isinstance(read, Rejected)
        assert read.reason is Reason.unknown_status
        assert read.code == strange["code"]
        again = decoder(statuses={"chờ liên thông thuế": Status.payment_requested}).decode(read.fields)
        assert isinstance(again, Event)
        assert again.course is not None
        assert again.course.status is Status.payment_requested

    def test_the_receiving_kind_tells_the_channel_where_the_method_does_not(self) -> None:
        read = event(applyMethod={"name": "???"}, dossierReceivingKind={"id": "2", "name": "Qua bưu điện"})
        assert read.about is not None
        assert read.about.channel is Channel.post

    def test_an_unknown_channel_is_put_aside_and_an_absent_one_is_not(self) -> None:
        read = decoder().decode(record(applyMethod={"name": "Qua bồ câu"}))
        assert isinstance(read, Rejected)
        assert read.reason is Reason.unknown_channel
        without = event(applyMethod=None)
        assert without.about is not None
        assert without.about.channel is None

    def test_tasks_show_pauses_that_the_dates_hide(self) -> None:
        read = event(
            task=[
                task("Thụ lý hồ sơ", "06-15T08:00", "06-16T08:00"),
                task("Yêu cầu bổ sung giấy tờ", "06-16T08:00", "06-18T08:00"),
                task("Thụ lý hồ sơ", "06-18T08:00", "06-19T16:00"),
                task("Trả kết quả", "06-19T16:00", None),
            ]
        )
        assert read.pauses == (Pause(at("06-16T08:00"), at("06-18T08:00"), Status.supplement_requested),)

    def test_a_pause_that_was_never_closed_ends_where_work_goes_on(self) -> None:
        read = event(
            task=[task("Tạm dừng xử lý", "06-16T08:00", None), task("Thụ lý hồ sơ", "06-18T08:00", "06-19T16:00")],
        )
        assert read.pauses == (Pause(at("06-16T08:00"), at("06-18T08:00"), Status.suspended),)

    def test_pauses_that_overlap_are_one(self) -> None:
        read = event(
            task=[
                task("Tạm dừng xử lý", "06-16T08:00", "06-18T08:00"),
                task("Yêu cầu bổ sung", "06-17T08:00", "06-19T08:00"),
            ]
        )
        assert read.pauses == (Pause(at("06-16T08:00"), at("06-19T08:00"), Status.suspended),)

    def test_tasks_out_of_order_are_read_in_order(self) -> None:
        tasks = record()["task"]
        assert event(task=tasks[::-1], completedDate="2023-06-20T09:00:00.000+0700") == event(
            task=tasks, completedDate="2023-06-20T09:00:00.000+0700"
        )

    def test_a_result_that_was_ready_but_not_closed_is_ready_when_its_task_began(self) -> None:
        read = event(completedDate="2023-06-28T16:00:00.000+0700")
        assert read.course is not None
        assert (read.course.ended_at, read.course.ready_at) == (at("06-28T16:00"), at("06-19T16:00"))

    def test_a_result_that_went_back_to_work_was_not_ready(self) -> None:
        read = event(
            completedDate="2023-06-28T16:00:00.000+0700",
            task=[
                task("Trả kết quả", "06-19T16:00", "06-21T08:00"),
                task("Thụ lý hồ sơ", "06-21T08:00", "06-22T08:00"),
                task("Trả kết quả", "06-22T08:00", None),
            ],
        )
        assert read.course is not None
        assert read.course.ready_at == at("06-22T08:00")

    def test_an_open_dossier_has_no_end_whatever_dates_it_still_carries(self) -> None:
        read = event(dossierStatus={"name": "Đang xử lý"}, task=[task("Thụ lý hồ sơ", "06-21T08:00", None)])
        assert read.course is not None
        assert read.course.ended_at is read.course.delivered_at is read.course.ready_at is None
        assert read.steps == (Step(at("06-21T08:00"), Status.processing),)

    def test_a_pause_sent_as_finished_is_folded_to_the_pause(self) -> None:
        read = event(
            dossierStatus={"name": "Đã xử lý xong"},
            completedDate=None,
            returnedDate=None,
            dossierResultFile=[],
            task=[
                task("Thụ lý hồ sơ", "06-15T08:00", "06-18T08:00"),
                task("Thực hiện nghĩa vụ tài chính", "06-18T08:00", None),
            ],
        )
        state = fold([read])
        assert state.outcome is None
        assert state.status is Status.payment_requested
        assert [finding.kind for finding in state.findings] == [FindingKind.finish_contradicted]

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"code": None}, Reason.no_code),
            ({"code": "   "}, Reason.no_code),
            ({"code": "hồ sơ của bà Ba"}, Reason.bad_code),
            ({"code": "x" * 65}, Reason.too_long),
            ({"code": 12}, Reason.wrong_type),
            ({"id": None}, Reason.missing_field),
            ({"updatedDate": None}, Reason.missing_field),
            ({"dossierStatus": None}, Reason.missing_field),
            ({"dossierStatus": {"id": 4}}, Reason.missing_field),
            ({"acceptedDate": "hôm qua"}, Reason.bad_date),
            ({"acceptedDate": "2023-06-15T08:00:00"}, Reason.bad_date),
            ({"acceptedDate": "2023-06-15T08:00:00 PM"}, Reason.bad_date),
            ({"acceptedDate": "2023-02-30T08:00:00.000+0700"}, Reason.bad_date),
            ({"acceptedDate": 1686790800000}, Reason.bad_date),
            ({"acceptedDate": "0001-01-01T00:00:00.000+0000"}, Reason.date_out_of_range),
            ({"completedDate": "9999-12-31T23:59:59.000+0000"}, Reason.date_out_of_range),
            ({"returnedDate": "2026-02-01T00:00:00.000+0000"}, Reason.date_out_of_range),
            ({"appointmentDate": "2045-02-01T00:00:00.000+0000"}, Reason.date_out_of_range),
            ({"task": [{}] * 501}, Reason.too_long),
            ({"task": {"name": "x"}}, Reason.wrong_type),
            ({"agency": {"code": "a" * 65}}, Reason.too_long),
        ],
    )
    def test_what_cannot_be_read_is_put_aside_with_its_reason(self, changes: dict[str, Any], reason: Reason) -> None:
        read = decoder().decode({**record(), **changes} if changes.get("code", "") is not None else record(**changes))
        if None in changes.values():
            read = decoder().decode(record(**changes))
        assert isinstance(read, Rejected), read
        assert read.reason is reason
        assert "Nguyễn" not in str(read)

    def test_an_empty_text_is_an_absent_date(self) -> None:
        read = event(returnedDate="", dossierStatus={"name": "Đã xử lý xong"})
        assert read.course is not None
        assert read.course.delivered_at is None

    def test_one_bad_row_stops_nobody_else(self) -> None:
        good = msgspec.json.encode(record())
        bad = [
            good.replace(b'"amount":15000', b'"amount":NaN'),
            good.replace(b"Nguy", b"\\ud800"),
            good.replace(b'{"data"', b'{"deep":' + b"[" * 3000 + b"]" * 3000 + b',"data"'),
            good.replace(b"000.00.19", b"\xff\xfe"),
            b"17",
            b'"[{"',
            b"null",
        ]
        for broken in bad:
            body = b'{"number":0,"content":[' + b",".join([good, broken, good]) + b'],"totalElements":3,"size":20}'
            page = decoder().page(body)
            assert page.served == len(page.events) + len(page.rejected) == 3
            assert page.total == 3
            assert page.events.count(event()) >= 2

    def test_a_page_that_is_cut_is_asked_for_again_and_not_read(self) -> None:
        body = msgspec.json.encode({"content": [record(), record()], "totalElements": 2})
        for cut in range(0, len(body), 7):
            with pytest.raises(SourceUnreadable):
                decoder().page(body[:cut])

    def test_an_answer_of_another_shape_is_no_page(self) -> None:
        for body in (b"[]", b'"x"', b'{"error":"x"}', b'{"content":{}}', b'{"content":null,"totalElements":0}'):
            with pytest.raises(SourceUnreadable):
                decoder().page(body)

    def test_every_invented_dossier_is_understood_as_the_ledger_has_it(self) -> None:
        world = RandomWorld(dossiers=3000, dirt=0.2, seed=5)
        renderer = Renderer(world.stream, world.offices, world.offerings, words_of(world.stream))
        outcomes = 0
        for history in world.histories():
            shown = snapshot(history, world.starts_at)
            assert shown is not None
            page = decoder().page(b'{"content":[' + renderer.dossier(shown) + b'],"totalElements":1}')
            assert not page.rejected, page.rejected
            state = fold(page.events)
            assert state.outcome is shown.outcome, shown
            assert (state.ended_at and instant(state.ended_at)) == (shown.ended_at if shown.outcome else None), shown
            if state.outcome is not Outcome.refused:
                assert (state.received_at and instant(state.received_at)) == shown.received_at
            assert state.about.channel is history.channel
            assert state.about.agency == world.offices[history.office].code
            outcomes += shown.outcome is not None
        assert outcomes > 2000


# --- the walk ------------------------------------------------------------------------------------------------------------


class Seen:
    """What a test has been given so far, like a database: the newest version per dossier, and the last place stored."""

    def __init__(self) -> None:
        self.versions: dict[str, datetime] = {}
        self.place: dict[str, Any] | None = None
        self.batches: list[Batch] = []

    def store(self, batch: Batch) -> None:
        self.batches.append(batch)
        for one in batch.events:
            self.versions[one.code] = max(one.at, self.versions.get(one.code, one.at))
        if batch.place is not None:
            self.place = batch.place

    @property
    def complete(self) -> bool:
        return bool(self.place and self.place.get("complete"))


class Reading:
    """Pulls a portal as the worker does."""

    def __init__(self, url: str, **settings: Any) -> None:
        values = {"rate": 1e6, "page_size": 20, "overlap_seconds": 0.0, "backoff_seconds": 0.001, "attempts": 30, **settings}
        self.settings = Settings(base_url=url, breaker_failures=100, **values)
        self.client = PortalClient(url, self.settings.credentials("motcua"), self.settings)

    async def pull(self, seen: Seen, *, stop_after: int | None = None, clock: PortalClock | None = None, skip: int = 0) -> None:
        walk = Walk(self.client, Decoder("x", self.settings, LATEST), self.settings, seen.place)
        batches = walk.batches()
        count = 0
        async for batch in batches:
            if clock is not None:
                clock.skip(skip)
            seen.store(batch)
            count += 1
            if count == stop_after:
                break
        await batches.aclose()  # type: ignore[attr-defined]


def lively(dossiers: int, seed: int, *, deleted: int) -> LedgerWorld:
    """A world in which every `deleted`-th dossier will vanish at some moment of the next months."""
    world = living(RandomWorld(dossiers=dossiers, seed=seed))
    chance = random.Random(seed)
    ledger: list[History] = []
    for index in range(len(world)):
        one = world.history(index)
        if deleted and index % deleted == 0:
            one = replace(one, deleted_at=world.starts_at + chance.randrange(1, 60 * DAY))
        ledger.append(one)
    return LedgerWorld(
        stream=world.stream, offices=world.offices, offerings=world.offerings, ledger=ledger, starts_at=world.starts_at
    )


def shown_now(world: LedgerWorld, now: int) -> dict[str, datetime]:
    return {one.history.code: moment(one.updated_at) for one in world.at(now)}


def missing(world: LedgerWorld, now: int, seen: Seen) -> dict[str, datetime]:
    return {code: at for code, at in shown_now(world, now).items() if seen.versions.get(code) != at}


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_a_still_list_is_read_whole_and_proves_itself(concurrency: int) -> None:
    world = living(RandomWorld(dossiers=900))
    portal = Portal(world, clock=PortalClock(world.starts_at))
    seen = Seen()
    async with serving(portal) as url:
        reading = Reading(url, concurrency=concurrency)
        await reading.pull(seen)
        assert seen.complete
        assert seen.place is not None
        assert seen.place["proof"].startswith("counted")
        assert not missing(world, world.starts_at, seen)
        total = len(shown_now(world, world.starts_at))
        # Fewest: the pages, a token, a closing look; windows of eight pages add a look each.
        assert reading.client.total_calls <= -(-total // 20) * (1 if concurrency == 1 else 1.15) + 3
        before = reading.client.total_calls
        await reading.pull(seen)
        assert seen.complete
        assert reading.client.total_calls == before + 1
        await reading.client.close()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("concurrency", [1, 4])
async def test_a_list_that_moves_and_shrinks_while_it_is_read_loses_nobody(seed: int, concurrency: int) -> None:
    world = lively(600, seed, deleted=3)
    clock = PortalClock(world.starts_at)
    portal = Portal(world, clock=clock)
    seen = Seen()
    async with serving(portal) as url:
        reading = Reading(url, concurrency=concurrency)
        for _ in range(3):
            await reading.pull(seen, clock=clock, skip=8 * 3600)
        await reading.pull(seen)
        assert seen.complete
        await reading.client.close()
    assert not missing(world, clock.now(), seen)


async def test_without_going_back_where_the_list_shrank_somebody_would_be_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def forward_only(self: Walk, page: Any) -> bool:
        self._at.total = None
        return read(self, page)

    read = Walk._read
    monkeypatch.setattr(Walk, "_read", forward_only)
    monkeypatch.setattr(Walk, "_counted", lambda self, above: "believed")
    lost = 0
    for seed in range(3):
        world = lively(600, seed, deleted=3)
        clock = PortalClock(world.starts_at)
        seen = Seen()
        async with serving(Portal(world, clock=clock)) as url:
            reading = Reading(url, concurrency=1)
            await reading.pull(seen, clock=clock, skip=8 * 3600)
            await reading.pull(seen)
            await reading.client.close()
        lost += len(missing(world, clock.now(), seen))
    assert lost > 0


@pytest.mark.parametrize("seed", range(4))
async def test_a_pull_killed_again_and_again_goes_on_from_its_place(seed: int) -> None:
    world = lively(500, seed, deleted=5)
    clock = PortalClock(world.starts_at)
    seen = Seen()
    chance = random.Random(seed)
    async with serving(Portal(world, clock=clock)) as url:
        reading = Reading(url, concurrency=1 + 3 * (seed % 2))
        for _ in range(40):
            await reading.pull(seen, stop_after=chance.randrange(1, 5), clock=clock, skip=3600)
            if seen.complete and chance.random() < 0.3:
                break
        await reading.pull(seen)
        await reading.pull(seen)
        assert seen.complete
        await reading.client.close()
    assert not missing(world, clock.now(), seen)


async def test_the_proof_of_a_first_pass_reads_what_came_meanwhile_in_large_pages() -> None:
    world = living(RandomWorld(dossiers=3_000))
    clock = PortalClock(world.starts_at)
    seen = Seen()
    async with serving(Portal(world, clock=clock)) as url:
        reading = Reading(url, concurrency=1, page_size=1_000)
        await reading.pull(seen, clock=clock, skip=60 * DAY)
        calls = reading.client.total_calls
        await reading.client.close()
    assert seen.complete
    assert seen.place is not None
    newer = int(seen.place["proof"].split(" newer")[0].rpartition(" ")[2])
    assert newer > 500
    assert calls < newer / 100 + 3_000 / 1_000
    assert not missing(world, clock.now(), seen)


async def test_pages_that_begin_too_late_are_found_by_counting_and_read_again() -> None:
    world = living(RandomWorld(dossiers=800))
    faults = Faults(skip=0.2, seed=3)
    portal = Portal(world, clock=PortalClock(world.starts_at), faults=faults)
    seen = Seen()
    async with serving(portal) as url:
        reading = Reading(url, concurrency=1, passes=9)
        await reading.pull(seen)
        await reading.client.close()
    assert seen.place is not None
    assert any((batch.place or {}).get("number", 1) > 1 for batch in seen.batches)
    if seen.place["proof"].startswith("counted"):
        assert not missing(world, world.starts_at, seen)


async def test_a_list_that_cannot_be_proven_says_so() -> None:
    world = living(RandomWorld(dossiers=800))
    portal = Portal(world, clock=PortalClock(world.starts_at), faults=Faults(skip=0.5))
    seen = Seen()
    async with serving(portal) as url:
        reading = Reading(url, concurrency=1, passes=2)
        await reading.pull(seen)
        await reading.client.close()
    assert seen.complete
    assert seen.place is not None
    assert seen.place["proof"].startswith("not proven in 2 passes")


async def test_the_worst_day_of_a_portal_changes_nothing_but_the_time() -> None:
    world = living(RandomWorld(dossiers=1200))
    faults = Faults(
        p5xx=0.3, p429=0.1, cut=0.1, drip=0.03, repeat=0.05, revoke=0.05, html=0.05, gzip=0.1, drip_seconds=0.05, retry_after=0
    )
    portal = Portal(world, clock=PortalClock(world.starts_at), faults=faults, token_seconds=1)
    seen = Seen()
    async with serving(portal) as url:
        reading = Reading(url, patience_seconds=5)
        for _ in range(20):
            # As the worker does: what ends one pull does not end the next.
            with contextlib.suppress(SourceError):
                await reading.pull(seen)
            if seen.complete:
                break
        await reading.client.close()
    assert seen.complete
    assert not missing(world, world.starts_at, seen)
    assert set(portal.calls.by_fault) >= {"p5xx", "p429", "cut", "repeat"}


async def test_the_agreed_rate_is_never_exceeded() -> None:
    world = living(RandomWorld(dossiers=700))
    portal = Portal(world, clock=PortalClock(world.starts_at))
    async with serving(portal) as url:
        reading = Reading(url, rate=40, concurrency=4)
        await reading.pull(Seen())
        await reading.client.close()
    assert len(portal.calls.arrivals) > 20
    assert portal.calls.peak(1) <= 40


async def test_a_time_budget_ends_a_pull_at_a_page_and_the_next_goes_on() -> None:
    world = living(RandomWorld(dossiers=400))
    seen = Seen()
    pulls = 0
    async with serving(Portal(world, clock=PortalClock(world.starts_at))) as url:
        while not seen.complete:
            reading = Reading(url, budget_seconds=0.001)
            await reading.pull(seen)
            await reading.client.close()
            pulls += 1
    assert pulls > 2
    assert not missing(world, world.starts_at, seen)


async def test_pulls_one_after_another_share_the_token_and_only_ask_for_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_TEST_SECRET", "motcua")
    world = living(RandomWorld(dossiers=300))
    clock = PortalClock(world.starts_at)
    portal = Portal(world, clock=clock)
    pool = Pool()
    seen = Seen()
    async with serving(portal) as url:
        settings = {"base_url": url, "rate": 1e6, "overlap_seconds": 0}
        row = {"name": "x", "kind": "igate", "settings": settings, "secret_env": "MOTCUA_TEST_SECRET", "breaker": None}
        calls = []
        for _ in range(3):
            async with open_source(row, pool) as reader:
                async for batch in reader.read(seen.place):
                    seen.store(batch)
            calls.append(reader.calls)
            clock.skip(3600)
        async with open_source({**row, "settings": {**settings, "rate": 1e5}}, pool) as reader:
            async for batch in reader.read(seen.place):
                seen.store(batch)
        assert reader.calls == 2  # other settings: a client, and a token, of its own
        await pool.close()
    # A token, the page and a closing look at the first; then a page each.
    assert calls == [3, 1, 1]
    assert not missing(world, clock.now() - 3600, seen)


async def test_a_source_without_its_password_says_which_variable_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOTCUA_TEST_SECRET", raising=False)
    row = {
        "name": "x",
        "kind": "igate",
        "settings": {"base_url": "http://portal"},
        "secret_env": "MOTCUA_TEST_SECRET",
        "breaker": None,
    }
    with pytest.raises(SourceMisconfigured, match="MOTCUA_TEST_SECRET"):
        async with open_source(row):
            pass


class Capped:
    """A list of rows behind a portal that serves pages of at most `largest` rows, whatever is asked for."""

    def __init__(self, rows: Sequence[dict[str, Any]], largest: int) -> None:
        self.rows, self.largest, self.calls = rows, largest, 0

    async def __call__(self, writer: Any) -> None:
        _, target, _, _ = self.script.asked[-1]
        values = dict(part.split("=") for part in target.partition("?")[2].split("&"))
        size = min(int(values["size"]), self.largest)
        begin = int(values["page"]) * size
        body = {"content": self.rows[begin : begin + size], "totalElements": len(self.rows), "size": size}
        await answer(200, msgspec.json.encode(body))(writer)

    script: Scripted


@pytest.mark.parametrize("wanted", [1000, 64, 50, 7])
async def test_a_portal_that_caps_its_pages_is_read_whole(wanted: int) -> None:
    newest = at("06-20T09:00")
    rows = [
        record(id=f"d{number}", code=f"H-{number}", updatedDate=(newest - timedelta(minutes=number)).isoformat())
        for number in range(333)
    ]
    capped = Capped(rows, 50)
    capped.script = Scripted([capped])
    seen = Seen()
    async with capped.script.serving() as url:
        reading = Reading(url, page_size=wanted, without_token=True, concurrency=1)
        await reading.pull(seen)
        assert len(seen.versions) == 333
        # More has happened than the last pass found: small pages grow, and the cap is met on the way.
        seen.place = {"complete": True, "since": (newest - timedelta(minutes=300)).isoformat(), "usual": 1}
        seen.versions.clear()
        await reading.pull(seen)
        assert len(seen.versions) >= 301
        await reading.client.close()


async def test_dates_in_the_future_do_not_move_the_watermark() -> None:
    rows = [
        record(id="mad", code="H-0", updatedDate="9999-12-31T00:00:00.000+0700"),
        *(record(id=f"d{n}", code=f"H-{n}", updatedDate=f"2023-06-20T09:00:{60 - n}.000+0700") for n in range(1, 9)),
    ]
    capped = Capped(rows, 50)
    capped.script = Scripted([capped])
    seen = Seen()
    async with capped.script.serving() as url:
        reading = Reading(url, without_token=True)
        await reading.pull(seen)
        await reading.client.close()
    assert seen.place is not None
    assert seen.place["since"].startswith("2023-06-20T02:00:59")
    assert next(one.reason for batch in seen.batches for one in batch.rejected) is Reason.date_out_of_range


async def test_a_list_with_nothing_in_it_is_complete() -> None:
    capped = Capped([], 50)
    capped.script = Scripted([capped])
    seen = Seen()
    async with capped.script.serving() as url:
        reading = Reading(url, without_token=True)
        await reading.pull(seen)
        await reading.client.close()
    assert seen.complete
