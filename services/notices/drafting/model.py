"""The life of a notice: its states, and every step from one to another. Pure.

A step that is not declared does not happen: each statement of `store.queue` moves a notice only from the states named here.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

State = Literal["queued", "drafting", "draft", "failed"]
"""`queued`: to be made; `drafting`: a worker has it; `draft`: made; `failed`: will not be made."""
Unmade = Literal["queued", "drafting", "failed"]
"""The states of a notice that has no text."""
Step = Literal["claim", "complete", "put_off", "fail"]


class Transition(NamedTuple):
    """From which states a step leads, and to which."""

    sources: tuple[State, ...]
    target: State


TRANSITIONS: dict[Step, Transition] = {
    "claim": Transition(("queued", "drafting"), "drafting"),  # from `drafting`: its worker died over it
    "complete": Transition(("drafting",), "draft"),
    "put_off": Transition(("drafting",), "queued"),
    "fail": Transition(("drafting",), "failed"),
}
"""Every step. A notice begins as `queued`."""

TO_BE_MADE = TRANSITIONS["claim"].sources
"""States in which a notice waits for a worker, or is with one."""
