"""Why a dossier differs between a source and us, and what is remarkable about one that does not. Pure.

The clients of the portals pass Vietnamese days as `T00:00:00.000Z`, so the totals that people see lie seven hours late; they
are compared in that window (`totals`), and the dossiers that it moves across a border are remarks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from services.ingest.dossiers.folding import DossierState, FindingKind
from shared.civil import OFFSET
from shared.dossier import Channel, Outcome

_DAY = timedelta(days=1)


class Window(NamedTuple):
    """Instants in UTC, both inside."""

    begin: datetime
    end: datetime


def portal_window(first: date, last: date, utc: datetime) -> Window:
    """The days as the portals' clients pass them: midnights of UTC. `utc` is any instant, for its time zone."""
    zero = utc.replace(hour=0, minute=0, second=0, microsecond=0)
    begin = zero + (first - zero.date())
    end = zero + (last - zero.date()) + _DAY - timedelta(milliseconds=1)
    return Window(begin, end)


def civil_window(first: date, last: date, utc: datetime) -> Window:
    """The days as they are in Việt Nam."""
    window = portal_window(first, last, utc)
    return Window(window.begin - OFFSET, window.end - OFFSET)


class DifferenceSide(msgspec.Struct, frozen=True):
    """What one side says of a dossier: what the totals depend on or, where it waits in quarantine, only why."""

    received_at: datetime | UnsetType | None = UNSET
    """When it was received; null: nobody says."""
    closed_at: datetime | UnsetType | None = UNSET
    """When it was closed; null: it is in process."""
    due_at: datetime | UnsetType | None = UNSET
    """The portal's due date."""
    outcome: Outcome | UnsetType | None = UNSET
    """How it ended; null: it is in process."""
    agency: str | UnsetType | None = UNSET
    """Code of its agency."""
    channel: Channel | UnsetType | None = UNSET
    """How it came in."""
    deleted: bool | UnsetType = UNSET
    """The source no longer has it."""
    reason: str | UnsetType = UNSET
    """Why its record waits in quarantine."""
    record: int | UnsetType = UNSET
    """Its number in quarantine."""


class DifferenceCause(StrEnum):
    """Why a dossier is in the list; `CAUSES` has the sentences."""

    never_served = "never_served"
    quarantined = "quarantined"
    status_contradicts_steps = "status_contradicts_steps"
    date_shifted = "date_shifted"
    finished_there_open_here = "finished_there_open_here"
    open_there_finished_here = "open_there_finished_here"
    gone_there = "gone_there"
    newer_there = "newer_there"
    told_otherwise = "told_otherwise"


CAUSES: dict[DifferenceCause, tuple[str, str]] = {
    DifferenceCause.never_served: (
        "Nguồn có hồ sơ này nhưng chưa từng gửi trong các lần đồng bộ; lần đối soát này đã nhận vào.",
        "The source has it and never served it in a pull; this reconciliation took it in.",
    ),
    DifferenceCause.quarantined: (
        "Nguồn đã gửi nhưng bản ghi không đọc được, đang ở khu cách ly.",
        "It was served, but the record cannot be read and waits in quarantine.",
    ),
    DifferenceCause.status_contradicts_steps: (
        "Trạng thái và các bước xử lý mâu thuẫn nhau; cần sửa trạng thái hoặc ngày kết thúc tại nguồn.",
        "Its status and its steps contradict each other: correct the status or the end date at the source.",
    ),
    DifferenceCause.date_shifted: (
        "Ngày tiếp nhận hoặc kết thúc rơi vào bảy giờ quanh mốc kỳ báo cáo, nên thống kê theo giờ UTC của nguồn tính sang kỳ"
        " khác.",
        "It was received or closed within seven hours of the period's border, so that the source's totals in UTC count it"
        " in another period.",
    ),
    DifferenceCause.finished_there_open_here: (
        "Tại nguồn đã kết thúc, tại đây còn đang giải quyết.",
        "Finished at the source, in process here.",
    ),
    DifferenceCause.open_there_finished_here: (
        "Tại nguồn còn đang giải quyết, tại đây đã kết thúc.",
        "In process at the source, finished here.",
    ),
    DifferenceCause.gone_there: (
        "Nguồn không còn hồ sơ này; lần đối soát này đã ghi nhận là bị xóa.",
        "The source no longer has it; this reconciliation noted it as deleted.",
    ),
    DifferenceCause.newer_there: (
        "Nguồn có phiên bản mới hơn chưa được đồng bộ; lần đối soát này đã nhận vào.",
        "The source has a newer version that no pull had brought yet; this reconciliation took it in.",
    ),
    DifferenceCause.told_otherwise: (
        "Nguồn ghi ngày, cơ quan hoặc hình thức nộp khác với lần gửi trước mà không đổi thời điểm cập nhật.",
        "The source has other dates, another agency or channel than before, without a newer time of change.",
    ),
}
"""Vietnamese and English."""

_ENDS_IN_DOUBT = frozenset({FindingKind.finish_contradicted, FindingKind.end_date_missing, FindingKind.ended_before_received})


def causes_in_state(state: DossierState, portal: Window, civil_days: Window) -> Iterator[DifferenceCause]:
    """Remarks on a dossier that both sides have alike: its own contradictions, and that it lies between the two windows."""
    if state.deleted:
        return
    if _contradicts_itself(state):
        yield DifferenceCause.status_contradicts_steps
    if any(at is not None and _inside(at, portal) != _inside(at, civil_days) for at in (state.received_at, state.closed_at)):
        yield DifferenceCause.date_shifted


def difference(there: DossierState, here: DossierState | None, *, newer: bool) -> DifferenceCause | None:
    """Why what the source shows now differs from what we have; `newer`: its version is newer than all of ours."""
    if here is None:
        return DifferenceCause.never_served
    if compared_fields(there) == compared_fields(here):
        return None
    if newer:
        return DifferenceCause.newer_there
    if _contradicts_itself(there) or _contradicts_itself(here):
        return DifferenceCause.status_contradicts_steps
    if (there.closed_at is None) != (here.closed_at is None):
        return DifferenceCause.finished_there_open_here if here.closed_at is None else DifferenceCause.open_there_finished_here
    return DifferenceCause.told_otherwise


def _contradicts_itself(state: DossierState) -> bool:
    return bool(state.contradictions) or any(finding.kind in _ENDS_IN_DOUBT for finding in state.findings)


def compared_fields(state: DossierState) -> DifferenceSide:
    """What the totals depend on."""
    return DifferenceSide(
        received_at=state.received_at,
        closed_at=state.closed_at,
        due_at=state.due_at,
        outcome=state.outcome,
        agency=state.about.agency,
        channel=state.about.channel,
        deleted=state.deleted,
    )


def _inside(at: datetime, window: Window) -> bool:
    return window.begin <= at <= window.end
