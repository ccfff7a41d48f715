"""The state machine of a dossier (hồ sơ) as two tables: `STATUSES` states what each means, `TRANSITION_TABLE` what may follow.

The numbers are those of `TrangThaiHoSo` in the national synchronisation format; `services/ingest/sources/` translates the words
of each portal. The tables are drawn in `docs/dossier.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Status(StrEnum):
    """The status of a dossier (trạng thái hồ sơ)."""

    # In the order of a dossier's life: so steps of one instant are read.
    # Enum hashes by name in Python code, which costs more than the look-up it is for; names and values are the same here.
    __hash__ = str.__hash__

    registered = "registered"
    received = "received"
    refused = "refused"
    processing = "processing"
    supplement_requested = "supplement_requested"
    payment_requested = "payment_requested"
    withdrawn = "withdrawn"
    suspended = "suspended"
    resolved = "resolved"
    delivered = "delivered"
    returned = "returned"


class ClockState(StrEnum):
    """What the clock of the time limit does while a dossier has a status."""

    not_started = "not_started"  # the dossier is not received yet
    running = "running"
    paused = "paused"  # the office waits for somebody else
    stopped = "stopped"  # the dossier has ended


class Outcome(StrEnum):
    """How a dossier's processing ended."""

    resolved = "resolved"
    returned = "returned"
    refused = "refused"
    withdrawn = "withdrawn"


class SuspensionKind(StrEnum):
    """Why the clock is paused. What that does to the time limit is stated by the policy, in its field of the same name."""

    supplement = "supplement"
    payment = "payment"
    stop = "stop"


class StatusMeaning(msgspec.Struct, frozen=True):
    """A status: its name, its number in the national format, and what it does to the clock."""

    name_vi: str
    means: str
    clock: ClockState
    number: int | None = None
    """`TrangThaiHoSo` of the national synchronisation format."""
    outcome: Outcome | None = None
    """What the dossier is counted as, where the clock is stopped."""
    suspension: SuspensionKind | None = None
    """Why the office waits, where the clock is paused."""


STATUSES: Mapping[Status, StatusMeaning] = {
    Status.registered: StatusMeaning("mới đăng ký", "submitted, not yet taken in", ClockState.not_started, 1),
    Status.received: StatusMeaning("được tiếp nhận", "taken in", ClockState.running, 2),
    Status.refused: StatusMeaning("không được tiếp nhận", "not taken in", ClockState.stopped, 3, outcome=Outcome.refused),
    Status.processing: StatusMeaning("đang xử lý", "worked on", ClockState.running, 4),
    Status.supplement_requested: StatusMeaning(
        "yêu cầu bổ sung giấy tờ", "papers are missing", ClockState.paused, 5, suspension=SuspensionKind.supplement
    ),
    Status.payment_requested: StatusMeaning(
        "yêu cầu thực hiện nghĩa vụ tài chính",
        "a payment is due",
        ClockState.paused,
        6,
        suspension=SuspensionKind.payment,
    ),
    Status.withdrawn: StatusMeaning("công dân yêu cầu rút", "taken back", ClockState.stopped, 7, outcome=Outcome.withdrawn),
    Status.suspended: StatusMeaning("dừng xử lý", "processing stopped", ClockState.paused, 8, suspension=SuspensionKind.stop),
    Status.resolved: StatusMeaning("đã xử lý xong", "the result is ready", ClockState.stopped, 9, outcome=Outcome.resolved),
    Status.delivered: StatusMeaning(
        "đã trả kết quả", "the result was handed over", ClockState.stopped, 10, outcome=Outcome.resolved
    ),
    Status.returned: StatusMeaning(
        "trả lại", "not eligible, sent back without a result", ClockState.stopped, outcome=Outcome.returned
    ),
}
"""Every status and what it means."""


class Transition(StrEnum):
    """What a change from one status to another does to the clock."""

    registers = "registers"  # it is there, and the clock waits
    starts = "starts"  # received: the clock begins to run
    goes_on = "goes_on"  # the clock runs on
    suspends = "suspends"  # the clock stands still from here; of a dossier that was not received yet it starts, too
    resumes = "resumes"  # the clock runs again
    ends = "ends"  # the clock stops
    hands_over = "hands_over"  # the result that was ready is given; the clock was stopped already
    reopens = "reopens"  # the end is void: the dossier is open again


_S, _M = Status, Transition
_ANY_SUSPENSION = (_S.supplement_requested, _S.payment_requested, _S.suspended)
_ENDS_OF_A_WAIT = (_S.resolved, _S.returned, _S.withdrawn)

TRANSITION_TABLE: Mapping[Status | None, Mapping[Transition, tuple[Status, ...]]] = {
    # A portal may be connected in the middle of a dossier's life: any first status is believed.
    None: {
        _M.registers: (_S.registered,),
        _M.starts: (_S.received, _S.processing),
        _M.suspends: _ANY_SUSPENSION,
        _M.ends: (_S.refused, _S.withdrawn, _S.resolved, _S.delivered, _S.returned),
    },
    _S.registered: {
        _M.starts: (_S.received, _S.processing),
        _M.suspends: _ANY_SUSPENSION,
        _M.ends: (_S.refused, _S.withdrawn, _S.resolved, _S.returned),
    },
    _S.received: {
        _M.goes_on: (_S.processing,),
        _M.suspends: _ANY_SUSPENSION,
        _M.ends: (_S.refused, _S.withdrawn, _S.resolved, _S.delivered, _S.returned),
    },
    _S.processing: {
        _M.suspends: _ANY_SUSPENSION,
        _M.ends: (_S.withdrawn, _S.resolved, _S.delivered, _S.returned),
    },
    _S.supplement_requested: {
        _M.resumes: (_S.received, _S.processing),
        _M.suspends: (_S.payment_requested, _S.suspended),
        _M.ends: _ENDS_OF_A_WAIT,
    },
    _S.payment_requested: {
        _M.resumes: (_S.received, _S.processing),
        _M.suspends: (_S.supplement_requested, _S.suspended),
        _M.ends: _ENDS_OF_A_WAIT,
    },
    _S.suspended: {
        _M.resumes: (_S.received, _S.processing),
        _M.suspends: (_S.supplement_requested, _S.payment_requested),
        _M.ends: _ENDS_OF_A_WAIT,
    },
    # A result that turns out wrong before it is handed over goes back to work.
    _S.resolved: {
        _M.hands_over: (_S.delivered,),
        _M.reopens: (_S.processing, _S.supplement_requested, _S.payment_requested),
    },
    _S.delivered: {},
    # Sent in again under the same code.
    _S.returned: {_M.reopens: (_S.received, _S.processing)},
    _S.refused: {_M.reopens: (_S.registered, _S.received)},
    _S.withdrawn: {},
}
"""From each status (None: no status is known yet) the transitions that are allowed, and to which statuses."""

TRANSITIONS: Mapping[Status | None, Mapping[Status, Transition]] = {
    before: {after: move for move, statuses in moves.items() for after in statuses}
    for before, moves in TRANSITION_TABLE.items()
}
"""The transition from one status to another. A repeated status is always allowed and changes nothing."""

RUNNING = frozenset(status for status, meaning in STATUSES.items() if meaning.clock is ClockState.running)
"""Statuses in which the clock runs."""

SUSPENSIONS = {status: meaning.suspension for status, meaning in STATUSES.items() if meaning.suspension is not None}
"""The kinds of suspension by the status that begins them; whatever may follow that status ends them."""

SUSPENDING = frozenset(SUSPENSIONS)
"""Statuses in which the clock is paused."""

OUTCOMES = {status: meaning.outcome for status, meaning in STATUSES.items() if meaning.outcome is not None}
"""Statuses in which nothing more is to be done, and what they mean for the count."""
