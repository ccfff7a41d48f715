"""What worked histories are written with: events by hours, and the whole state that they come to, field by field."""

from __future__ import annotations

import msgspec

from services.ingest.dossiers.folding import DossierFinding, DossierState, FindingKind, fold
from services.ingest.events.model import About, Course, Event, Pause, Step, digest, encode
from shared.dossier import Contradiction, ContradictionKind, Outcome, Status
from tests.ingest.histories import instant

CODE = "000.00.19.H23-230102-0001"
NOTHING = DossierState(
    code=CODE,
    status=Status.registered,
    about=About(),
    due_at=None,
    extended_to=None,
    extension_letter=None,
    received_at=None,
    ended_at=None,
    closed_at=None,
    outcome=None,
    delivered_at=None,
    pauses=(),
    supplements=None,
    last_open_at=None,
    deleted=False,
    findings=(),
)
"""A dossier of which nothing is known but its code."""


def event(at: int, *steps: Step, **fields: object) -> Event:
    """What the source said `at` hours after the beginning."""
    return Event(code=CODE, source="test", id=f"e{at}", at=instant(at), steps=steps, **fields)  # type: ignore[arg-type]


def step(at: int, status: Status, *, proven: bool = True) -> Step:
    return Step(instant(at), status, proven)


def course(status: Status, received: int | None = None, ended: int | None = None, **more: int) -> Course:
    """A course by hours: `delivered` and `ready` besides."""
    received_at, ended_at = (None if at is None else instant(at) for at in (received, ended))
    return Course(status, received_at, ended_at, **{f"{name}_at": instant(at) for name, at in more.items()})


def state_of(*events: Event) -> DossierState:
    return fold(sorted(events, key=lambda one: (one.at, one.id, digest(encode(one)))))


def state(status: Status, **fields: object) -> DossierState:
    """The expected state; whole numbers are hours."""
    times = {
        name: instant(value) if name.endswith("_at") and isinstance(value, int) else value for name, value in fields.items()
    }
    return msgspec.structs.replace(NOTHING, status=status, **times)


def ended(status: Status, outcome: Outcome, received: int, at: int, **fields: object) -> DossierState:
    """The expected state of a dossier whose clock stopped at the end that the source tells."""
    return state(status, outcome=outcome, received_at=received, ended_at=at, **{"closed_at": at, **fields})


def finding(kind: FindingKind, at: int, before: Status | None = None, after: Status | None = None) -> DossierFinding:
    return DossierFinding(kind, instant(at), before, after)


def doubts(*kinds: ContradictionKind) -> tuple[Contradiction, ...]:
    """Contradictions, as the source of the worked histories told them."""
    return tuple(Contradiction(kind, "test") for kind in kinds)


def pause(begin: int, end: int | None, kind: Status) -> Pause:
    return Pause(instant(begin), None if end is None else instant(end), kind)
