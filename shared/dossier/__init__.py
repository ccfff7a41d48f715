"""The dossier (hồ sơ): its vocabulary, its states and the facts that are counted of it. Pure: no I/O, no clock.

`statuses` has the tables: what each status means for the clock, and what may follow what. `facts` has one version of a dossier
as it stands in the feed, `contradictions` what cannot all be true of one. `docs/dossier.md` is drawn from the tables:
`python -m shared.dossier` writes it anew.
"""

from shared.dossier.contradictions import CONTRADICTIONS, Contradiction, ContradictionKind
from shared.dossier.facts import Channel, DueBasis, Facts, StepFacts, Timeliness
from shared.dossier.statuses import (
    OUTCOMES,
    RUNNING,
    STATUSES,
    SUSPENDING,
    SUSPENSIONS,
    TRANSITION_TABLE,
    TRANSITIONS,
    ClockState,
    Outcome,
    Status,
    StatusMeaning,
    SuspensionKind,
    Transition,
)

__all__ = [
    "CONTRADICTIONS",
    "OUTCOMES",
    "RUNNING",
    "STATUSES",
    "SUSPENDING",
    "SUSPENSIONS",
    "TRANSITIONS",
    "TRANSITION_TABLE",
    "Channel",
    "ClockState",
    "Contradiction",
    "ContradictionKind",
    "DueBasis",
    "Facts",
    "Outcome",
    "Status",
    "StatusMeaning",
    "StepFacts",
    "SuspensionKind",
    "Timeliness",
    "Transition",
]
