"""The tables of a dossier's states as a page for people: Markdown with a diagram in Mermaid's language. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shared.dossier.contradictions import CONTRADICTIONS
from shared.dossier.statuses import STATUSES, TRANSITION_TABLE, TRANSITIONS, ClockState, Status, Transition

_CLOCKS = {
    ClockState.not_started: "the clock waits for the receipt",
    ClockState.running: "the clock runs",
    ClockState.paused: "the clock stands still",
    ClockState.stopped: "the clock is stopped",
}
_MOVES = {
    Transition.registers: "it is there, and the clock waits for the receipt",
    Transition.starts: "it is received: the clock begins to run",
    Transition.goes_on: "the clock runs on",
    Transition.suspends: "the clock stands still from here",
    Transition.resumes: "the clock runs again",
    Transition.ends: "the clock stops",
    Transition.hands_over: "the result that was ready is given; the clock was stopped already",
    Transition.reopens: "the end is void: the dossier is open again",
}
_FIRST = "first"
"""The node from which the first status that is known is reached."""

_Arrow = tuple[str, str, Transition]


def page() -> str:
    """The whole page."""
    return "\n".join(
        (
            "# The states of a dossier",
            "",
            "Drawn from the tables in `shared/dossier/statuses.py` and `contradictions.py`: change those, then run",
            "`python -m shared.dossier`.",
            "",
            "```mermaid",
            *diagram(),
            "```",
            "",
            "An arrow at a box holds for all that stand in it. Any first status is believed. Repeating a status is always",
            "allowed and says nothing new; every other step is kept as a finding (`impossible_transition`) and not applied.",
            "",
            "## What a status means",
            "",
            *_statuses(),
            "",
            "## What may follow what",
            "",
            *_transitions(),
            "",
            *(f"- *{move}*: {_MOVES[move]}" for move in Transition),
            "",
            "## Suspensions",
            "",
            "What a suspension does to the limit is the policy's choice, in force from a day: the limit pauses, restarts or",
            "runs on (`shared/data/policies.csv`, the column of the same name).",
            "",
            *_suspensions(),
            "",
            "## Contradictions",
            "",
            "What cannot all be true. Such a dossier is counted where its dates put it, on time or within the limit, and shown",
            "apart (the KPI `contradictory`): neither early nor late, without a cause. A correction by its source ends that.",
            "",
            *_contradictions(),
            "",
        )
    )


def diagram() -> Iterator[str]:
    """The moves as a flowchart, each status in the box of what its clock does; arrows that a whole box shares are one."""
    yield "flowchart LR"
    yield f"    {_FIRST}(( ))"
    for clock in ClockState:
        yield f'    subgraph {clock} ["{_CLOCKS[clock]}"]'
        yield from (f'        {status}["{status}<br>{STATUSES[status].name_vi}"]' for status in _box(clock))
        yield "    end"
    yield from (f"    {source} -->|{move}| {target}" for source, target, move in _arrows())


def _box(clock: ClockState) -> list[Status]:
    return [status for status, meaning in STATUSES.items() if meaning.clock is clock]


def _arrows() -> list[_Arrow]:
    single = [
        (before or _FIRST, target, move)
        for before, moves in TRANSITION_TABLE.items()
        for move, statuses in moves.items()
        for target in _targets(before, statuses)
    ]
    return list(dict.fromkeys((_shared_source(arrow, single), *arrow[1:]) for arrow in single))


def _targets(before: Status | None, statuses: Iterable[Status]) -> list[str]:
    """The statuses, or the box of those that are a whole one and not the one that the arrow comes from."""
    reached = set(statuses)
    whole = [
        clock for clock in ClockState if len(_box(clock)) > 1 and reached.issuperset(_box(clock)) and before not in _box(clock)
    ]
    single = [status for status in Status if status in reached and STATUSES[status].clock not in whole]
    return [*whole, *single]


def _shared_source(arrow: _Arrow, arrows: Iterable[_Arrow]) -> str:
    """The box that the arrow comes from when all in it have the same one, which none within a box is."""
    source, target, move = arrow
    if source == _FIRST:
        return source
    clock = STATUSES[Status(source)].clock
    box = _box(clock)
    shared = len(box) > 1 and all((status, target, move) in arrows for status in box)
    return clock if shared else source


def _statuses() -> Iterator[str]:
    yield "| status | `TrangThaiHoSo` | in Vietnamese | means | the clock | counted as |"
    yield "|---|---|---|---|---|---|"
    for status, meaning in STATUSES.items():
        number, outcome = meaning.number or "–", meaning.outcome or "–"
        yield f"| {status} | {number} | {meaning.name_vi} | {meaning.means} | {_plain(meaning.clock)} | {outcome} |"


def _transitions() -> Iterator[str]:
    yield "| from \\ to | " + " | ".join(map(_plain, Status)) + " |"
    yield "|---" * (len(Status) + 1) + "|"
    for before, moves in TRANSITIONS.items():
        cells = ("·" if after is before else _plain(moves[after]) if after in moves else "" for after in Status)
        yield f"| **{_plain(before) if before else 'nothing known'}** | " + " | ".join(cells) + " |"


def _suspensions() -> Iterator[str]:
    yield "| suspension | begun by | ended by |"
    yield "|---|---|---|"
    for status, meaning in STATUSES.items():
        if meaning.suspension is not None:
            yield f"| {meaning.suspension} | {_plain(status)} | {', '.join(map(_plain, TRANSITIONS[status]))} |"


def _contradictions() -> Iterator[str]:
    yield "| contradiction | means | to correct |"
    yield "|---|---|---|"
    for kind, (means, correct) in CONTRADICTIONS.items():
        yield f"| {_plain(kind)} | {means.en} | {correct.en} |"


def _plain(word: str) -> str:
    return word.replace("_", " ")
