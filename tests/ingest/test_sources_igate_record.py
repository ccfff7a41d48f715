"""The iGate adapter: what a record means."""

from __future__ import annotations

import time
import unicodedata
from contextlib import suppress
from hashlib import blake2b
from typing import Any

import msgspec
import pytest

from deploy.simulator.ledger import instant, snapshot
from deploy.simulator.random_world import RandomWorld
from deploy.simulator.rendering import Renderer
from deploy.simulator.vocabulary import words_of
from services.ingest.dossiers.folding import FindingKind, fold
from services.ingest.events.model import Event, Pause, Reason, Rejected, Step
from services.ingest.sources.errors import SourceUnreadable
from services.ingest.sources.fields.withholding import Withholding
from services.ingest.sources.kinds.igate.record import Decoder
from services.ingest.sources.kinds.igate.settings import Settings
from shared.dossier import Channel, ContradictionKind, Outcome, Status
from tests.ingest.igate_records import LATEST, at, record, task
from tests.slowness import slowness


def decoder(withholding: Withholding | None = None, **settings: Any) -> Decoder:
    return Decoder("x", Settings(base_url="http://portal", **settings), LATEST, withholding)


def event(**changes: Any) -> Event:
    read = decoder().decode(record(**changes))
    assert isinstance(read, Event), read
    return read


class TestRecords:
    def test_dates_without_an_offset_are_of_the_clock_of_the_settings(self) -> None:
        def without_offset(value: Any) -> Any:
            if isinstance(value, dict):
                return {name: without_offset(one) for name, one in value.items()}
            if isinstance(value, list):
                return [without_offset(one) for one in value]
            return value.removesuffix("+0700") if isinstance(value, str) else value

        with_offset = record(appointmentDate="2023-06-20T17:00:00.000+0700")
        there = decoder(clock="vietnam").page(
            msgspec.json.encode({"content": [without_offset(with_offset)], "totalElements": 1})
        )
        assert there.events == [decoder().decode(with_offset)]
        assert [updated for updated, _ in there.keys] == [at("06-20T09:00")]
        greenwich = decoder(clock="utc").decode(without_offset(with_offset))
        assert isinstance(greenwich, Event)
        assert greenwich.at == at("06-20T16:00")

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
        assert page.keys == [(at("06-20T09:00"), *page.rows)]
        assert page.rows == [int.from_bytes(blake2b(b"63900000", digest_size=8).digest())]

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

    def test_an_open_dossier_keeps_the_handing_over_that_no_work_follows(self) -> None:
        read = event(dossierStatus={"name": "Đang xử lý"}, task=[task("Thụ lý hồ sơ", "06-19T08:00", None)])
        assert read.course is not None
        assert (read.course.ended_at, read.course.delivered_at) == (None, at("06-20T09:00"))
        (contradiction,) = fold([read]).contradictions
        assert contradiction.kind is ContradictionKind.in_process_after_delivery

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

    @pytest.mark.parametrize("none", ["0001-01-01T00:00:00", "0001-01-01T00:00:00.000+0700", "9999-12-31T23:59:59.999"])
    def test_a_change_without_a_date_is_placed_by_the_newest_date_of_the_record(self, none: str) -> None:
        assert event(updatedDate=none).at == at("06-20T09:00")
        bare = {"acceptedDate": none, "completedDate": none, "returnedDate": none, "task": []}
        read = decoder().decode(record(updatedDate=none, **bare))
        assert isinstance(read, Rejected)
        assert read.reason is Reason.missing_field

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
            ({"acceptedDate": "1995-01-01T00:00:00.000+0000"}, Reason.date_out_of_range),
            ({"completedDate": "9998-12-31T23:59:59.000+0000"}, Reason.date_out_of_range),
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

    @pytest.mark.parametrize("strange", [b'{"a":"' + b'\\"' * 500_000 + b'"}', b'\\"' * 50_000, b'"' * 50_000])
    def test_a_page_with_a_bad_row_is_cut_in_one_pass(self, strange: bytes) -> None:
        body = b'{"content":[NaN,' + strange + b'],"totalElements":2}'
        began = time.process_time()
        with suppress(SourceUnreadable):
            assert decoder().page(body).served == 2
        # Each of these took minutes or a hundred times its size when it was read twice.
        assert time.process_time() - began < 2 * slowness()

    def test_an_answer_of_another_shape_is_no_page(self) -> None:
        for body in (b"[]", b'"x"', b'{"error":"x"}', b'{"content":{}}', b'{"content":null,"totalElements":0}'):
            with pytest.raises(SourceUnreadable):
                decoder().page(body)

    def test_every_invented_dossier_is_understood_as_the_ledger_has_it(self) -> None:
        world = RandomWorld(dossiers=3000, dirt=0.2, seed=5)
        renderer = Renderer(world.province, world.offices, world.offerings, words_of(world.province))
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
