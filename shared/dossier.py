"""The dossier (hồ sơ): its vocabulary, its state machine and the facts that are counted of it.

Pure: no I/O, no clock. The vocabulary is ours; `services/ingest/sources/` translates each portal's words into it. The
numbers in brackets are `TrangThaiHoSo` of the national synchronisation format.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec


class Status(StrEnum):
    """Where a dossier stands."""

    # Enum hashes by name in Python code, which costs more than the look-up it is for; names and values are the same here.
    __hash__ = str.__hash__

    registered = "registered"  # mới đăng ký (1): submitted, not yet taken in
    received = "received"  # được tiếp nhận (2): the limit begins to run
    refused = "refused"  # không được tiếp nhận (3)
    processing = "processing"  # đang xử lý (4)
    supplement_requested = "supplement_requested"  # yêu cầu bổ sung giấy tờ (5)
    payment_requested = "payment_requested"  # yêu cầu thực hiện nghĩa vụ tài chính (6)
    withdrawn = "withdrawn"  # công dân yêu cầu rút (7)
    suspended = "suspended"  # dừng xử lý (8)
    resolved = "resolved"  # đã xử lý xong (9): the result is ready
    delivered = "delivered"  # đã trả kết quả (10): the result was handed over
    returned = "returned"  # trả lại: not eligible, sent back without a result (no number of its own in the format)


class Channel(StrEnum):
    """How a dossier came in (`KenhThucHien`)."""

    online = "online"  # trực tuyến (2)
    counter = "counter"  # trực tiếp (1)
    post = "post"  # bưu chính công ích (3)


class Outcome(StrEnum):
    """How a dossier's processing ended."""

    resolved = "resolved"
    returned = "returned"
    refused = "refused"
    withdrawn = "withdrawn"


class Timeliness(StrEnum):
    """Trước hạn, đúng hạn, quá hạn."""

    early = "early"
    on_time = "on_time"
    overdue = "overdue"


class DueBasis(StrEnum):
    """Which of the due dates is the one that counts."""

    legal = "legal"
    extended = "extended"
    portal = "portal"


SUSPENDING = frozenset({Status.supplement_requested, Status.payment_requested, Status.suspended})
"""Statuses in which the clock stands still: the office waits for somebody else."""

RUNNING = frozenset({Status.received, Status.processing})
"""Statuses in which the clock runs."""

OUTCOMES = {
    Status.resolved: Outcome.resolved,
    Status.delivered: Outcome.resolved,
    Status.returned: Outcome.returned,
    Status.refused: Outcome.refused,
    Status.withdrawn: Outcome.withdrawn,
}
"""Statuses in which nothing more is to be done, and what they mean for the count."""

_AT_WORK = RUNNING | SUSPENDING

TRANSITIONS: dict[Status | None, frozenset[Status]] = {
    # A portal may be connected in the middle of a dossier's life: any first status is believed.
    None: frozenset(Status),
    Status.registered: _AT_WORK | {Status.refused, Status.withdrawn, Status.resolved, Status.returned},
    Status.received: _AT_WORK | {Status.resolved, Status.delivered, Status.returned, Status.withdrawn, Status.refused},
    Status.processing: _AT_WORK - {Status.received} | {Status.resolved, Status.delivered, Status.returned, Status.withdrawn},
    Status.supplement_requested: _AT_WORK | {Status.resolved, Status.returned, Status.withdrawn},
    Status.payment_requested: _AT_WORK | {Status.resolved, Status.returned, Status.withdrawn},
    Status.suspended: _AT_WORK | {Status.resolved, Status.returned, Status.withdrawn},
    # A result that turns out wrong before it is handed over goes back to work; the dossier is then open again.
    Status.resolved: frozenset({Status.delivered, Status.processing, Status.supplement_requested, Status.payment_requested}),
    Status.delivered: frozenset(),
    Status.returned: frozenset({Status.processing, Status.received}),  # sent in again under the same code
    Status.refused: frozenset({Status.registered, Status.received}),
    Status.withdrawn: frozenset(),
}
"""What may follow what. Repeating a status is always allowed and says nothing new."""


def possible(before: Status | None, after: Status) -> bool:
    """Whether the step from `before` (None: nothing known yet) to `after` is in the table."""
    return before == after or after in TRANSITIONS[before]


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """All that is counted of one dossier, free of personal data: one version in the feed.

    Days are civil days in Asia/Ho_Chi_Minh. Without `received_on` a dossier counts nothing but a refusal on `ended_on`;
    a `deleted` one counts nothing at all.
    """

    code: str
    status: Status
    agency: str | None = None
    """Unit key `<code>@<valid from>` of the agency that answers for it; None while the catalogue does not know it."""
    procedure: str | None = None
    """Code without its suffix; None while unknown."""
    sector: str | None = None
    channel: Channel | None = None
    received_on: date | None = None
    due_on: date | None = None
    """The due date that counts; `due_basis` says which one it is."""
    due_basis: DueBasis | None = None
    legal_due_on: date | None = None
    portal_due_on: date | None = None
    extended_due_on: date | None = None
    late_from: date | None = None
    """First civil day at whose end the dossier is overdue if it is still in process and not suspended."""
    due_soon: tuple[date, date, date] | None = None
    """First civil days on which the due date is at most 1, 3 and 5 working days away."""
    ended_on: date | None = None
    """The day the clock stopped; never before `received_on`."""
    outcome: Outcome | None = None
    timeliness: Timeliness | None = None
    """Of an ended dossier, by law."""
    portal_late_from: date | None = None
    portal_timeliness: Timeliness | None = None
    """The same by the portal's own due and end dates."""
    delivered_on: date | None = None
    suspensions: tuple[tuple[date, date | None], ...] = ()
    """Half-open days, disjoint and sorted, clipped to the days in process; an open end is None."""
    interlinked: bool = False
    digitisation_required: bool = False
    digitised_intake: bool = False
    digitised_result: bool = False
    fee_required: bool = False
    fee_online: bool = False
    reused: bool = False
    supplements: int = 0
    """How often papers were asked for."""
    spent_minutes: int | None = None
    limit_minutes: int | None = None
    """Working time; a working day has 480 minutes."""
    cause: str | None = None
    """Why it is late, or why portal and law differ: see `shared.workdays.causes`."""
    synced_late: bool = False
    """The portal still had it in process more than a day after its end."""
    deleted: bool = False
