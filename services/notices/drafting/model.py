"""The life cycle of a notice: its states, and every step from one to another. Pure.

Each statement that moves a notice moves it only from the states that are declared here for its step. `docs/notice.md` is drawn
from this table.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

NoticeState = Literal["queued", "drafting", "draft", "failed", "in_review", "approved", "issued", "superseded", "withdrawn"]
"""`queued`: waits for a worker; `drafting`: a worker drafts it; `draft`: drafted, may be edited; `failed`: will not be drafted;
`in_review`: handed to whoever approves it; `approved`: may be issued; `issued`: in force; `superseded`: a corrected one was
issued; `withdrawn`: not in force any more."""
UndraftedState = Literal["queued", "drafting", "failed"]
"""The states of a notice that has no text."""
DraftedState = Literal["draft", "in_review", "approved", "issued", "superseded", "withdrawn"]
"""The states of a notice that has a text."""
IssuedState = Literal["issued", "superseded", "withdrawn"]
"""The states of a notice that was issued: nothing of it changes any more but its state."""
WorkerStep = Literal["claim", "complete", "reschedule", "fail"]
"""What a worker does."""
LifeStep = Literal["submit", "return", "approve", "issue", "supersede", "withdraw"]
"""What people decide."""
NoticeStep = Literal[WorkerStep, LifeStep]


class Transition(NamedTuple):
    """From which states a step leads, and to which."""

    sources: tuple[NoticeState, ...]
    target: NoticeState
    means: str
    """What happens, for `docs/notice.md`."""


TRANSITIONS: dict[NoticeStep, Transition] = {
    # From `drafting`: its worker died.
    "claim": Transition(("queued", "drafting"), "drafting", "a worker begins; from *drafting*: the one before died"),
    "complete": Transition(("drafting",), "draft", "it is drafted and rendered"),
    "reschedule": Transition(("drafting",), "queued", "the attempt failed, and is made again later"),
    "fail": Transition(("drafting",), "failed", "it cannot be drafted; the order is made anew"),
    "submit": Transition(("draft",), "in_review", "handed over for approval; it can be edited no more"),
    "return": Transition(("in_review", "approved"), "draft", "given back to be edited, with the reason"),
    "approve": Transition(
        ("in_review",), "approved", "by a person who neither drafted nor edited it last; what stands against it is waived"
    ),
    "issue": Transition(("approved",), "issued", "numbered, dated, rendered and signed, all at once"),
    "supersede": Transition(("issued",), "superseded", "a corrected conclusion was issued"),
    "withdraw": Transition(("issued",), "withdrawn", "by a person, with the reason"),
}
"""Every step. A notice begins as `queued`."""

PENDING = TRANSITIONS["claim"].sources
"""States in which a notice waits for a worker, or a worker drafts it."""


class OrderedNotice(NamedTuple):
    """The notice of an order."""

    number: int
    existing: bool
    """Whether the same order was made before: then this is its notice."""
