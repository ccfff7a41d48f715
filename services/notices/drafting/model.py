"""The life cycle of a notice: its states, and every step from one to another. Pure.

Each statement of `store.queue` moves a notice only from the states that are declared here for its step.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

NoticeState = Literal["queued", "drafting", "draft", "failed"]
"""`queued`: waits for a worker; `drafting`: a worker drafts it; `draft`: drafted; `failed`: will not be drafted."""
UndraftedState = Literal["queued", "drafting", "failed"]
"""The states of a notice that has no text."""
NoticeStep = Literal["claim", "complete", "reschedule", "fail"]


class Transition(NamedTuple):
    """From which states a step leads, and to which."""

    sources: tuple[NoticeState, ...]
    target: NoticeState


TRANSITIONS: dict[NoticeStep, Transition] = {
    "claim": Transition(("queued", "drafting"), "drafting"),  # from `drafting`: its worker died
    "complete": Transition(("drafting",), "draft"),
    "reschedule": Transition(("drafting",), "queued"),
    "fail": Transition(("drafting",), "failed"),
}
"""Every step. A notice begins as `queued`."""

PENDING = TRANSITIONS["claim"].sources
"""States in which a notice waits for a worker, or a worker drafts it."""


class OrderedNotice(NamedTuple):
    """The notice of an order."""

    number: int
    existing: bool
    """Whether the same order was made before: then this is its notice."""
