"""What a portal's programmer does with motcua, typed by nothing but its three OpenAPI documents."""

from __future__ import annotations

import datetime
import io
import json
import os
import time
from collections.abc import Callable
from typing import TypeVar

import motcua_ingest
import motcua_metrics
import motcua_notices
from motcua_ingest.api.events import post_events
from motcua_ingest.api.imports import post_import
from motcua_ingest.models.channel import Channel
from motcua_ingest.models.event_in import EventIn
from motcua_ingest.models.file_taken import FileTaken
from motcua_ingest.models.push_receipt import PushReceipt
from motcua_ingest.models.status import Status
from motcua_ingest.types import File
from motcua_metrics.api.kpis import read_kpis
from motcua_metrics.models.figures_by_kpi import FiguresByKpi
from motcua_metrics.models.kpi_figure import KpiFigure
from motcua_metrics.models.kpi_response_procedure_row import KpiResponseProcedureRow
from motcua_metrics.models.kpi_response_unit_row import KpiResponseUnitRow
from motcua_notices.api.inspections import create_inspection
from motcua_notices.api.notices import order_notice, read_notice
from motcua_notices.models.caveats_not_confirmed_problem import CaveatsNotConfirmedProblem
from motcua_notices.models.created_inspection import CreatedInspection
from motcua_notices.models.drafted_notice import DraftedNotice
from motcua_notices.models.inspection_body import InspectionBody
from motcua_notices.models.notice_order import NoticeOrder
from motcua_notices.models.notice_order_confirm_item import NoticeOrderConfirmItem
from motcua_notices.models.order_result import OrderResult

T = TypeVar("T")


def at(text: str) -> datetime.datetime:
    """An instant."""
    return datetime.datetime.fromisoformat(text)


def until(what: str, look: Callable[[], T | None]) -> T:
    """What `look` finds, once it does."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = look()
        if found is not None:
            return found
        time.sleep(0.1)
    raise TimeoutError(what)


ingest = motcua_ingest.AuthenticatedClient(os.environ["INGEST_URL"], os.environ["INGEST_KEY"])
metrics = motcua_metrics.AuthenticatedClient(os.environ["METRICS_URL"], os.environ["METRICS_KEY"])
notices = motcua_notices.AuthenticatedClient(os.environ["NOTICES_URL"], os.environ["NOTICES_KEY"])

event = EventIn(
    code="000.00.19.H30-230615-0001",
    id="1",
    at=at("2023-06-20T09:00:00+07:00"),
    status=Status.RESOLVED,
    received_at=at("2023-06-15T08:00:00+07:00"),
    ended_at=at("2023-06-19T16:00:00+07:00"),
    agency="294",
    channel=Channel.ONLINE,
)
pushed = post_events.sync(client=ingest, source="own-30", body=[event])
assert isinstance(pushed, PushReceipt), pushed
assert (pushed.served, pushed.rejected) == (1, [])

table = "Mã hồ sơ,Ngày tiếp nhận,Hình thức nộp\n000.00.19.H30-230616-0002,16/06/2023 08:00,Trực tiếp\n"
taken = post_import.sync(client=ingest, source="files-30", body=File(io.BytesIO(table.encode()), "list.csv"))
assert isinstance(taken, FileTaken), taken
assert taken.row_count == 1


def counted() -> FiguresByKpi | None:
    """The figures of the province, once both dossiers are in them."""
    answer = read_kpis.sync(client=metrics, province="30", from_=datetime.date(2023, 1, 1), to=datetime.date(2023, 6, 30))
    assert isinstance(answer, KpiResponseUnitRow | KpiResponseProcedureRow), answer
    received = answer.total.kpis.received_new
    return answer.total.kpis if isinstance(received, KpiFigure) and received.value == 2 else None


share = until("the count", counted).online_share
assert isinstance(share, KpiFigure)

inspection = create_inspection.sync(client=notices, body=InspectionBody.from_dict(json.loads(os.environ["INSPECTION"])))
assert isinstance(inspection, CreatedInspection), inspection
ordered = order_notice.sync(inspection.id, client=notices)
if isinstance(ordered, CaveatsNotConfirmedProblem):
    kinds = [NoticeOrderConfirmItem(reason.kind) for reason in ordered.reasons]
    ordered = order_notice.sync(inspection.id, client=notices, body=NoticeOrder(confirm=kinds, reason="Thử chương trình"))
assert isinstance(ordered, OrderResult), ordered
number = ordered.id


def drafted() -> DraftedNotice | None:
    """The notice, once it is drafted."""
    notice = read_notice.sync(number, client=notices)
    return notice if isinstance(notice, DraftedNotice) else None


notice = until("the notice", drafted)
print(
    json.dumps(
        {
            "received_new": 2,
            "online_share": [share.numerator, share.denominator, share.value],
            "printed": "01" in [figure.printed for figure in notice.figures.additional_properties.values()],
            "sections": len(notice.sections),
        }
    )
)
