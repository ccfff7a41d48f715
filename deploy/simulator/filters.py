"""The filters of the portal's search that clients use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.exceptions import HTTPException

from deploy.simulator.ledger import Snapshot, instant
from deploy.simulator.rendering import Renderer, procedure_id
from deploy.simulator.world import World

Window = tuple[int, int]
_FAR = 1 << 60


@dataclass(frozen=True, slots=True)
class Filters:
    """None: no such filter."""

    code: str | None = None
    procedures: frozenset[int] | None = None
    statuses: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    offices: frozenset[int] | None = None
    accepted: Window | None = None
    appointment: Window | None = None
    result_returned: Window | None = None

    def match(self, one: Snapshot, world: World) -> bool:
        """Whether the search finds it."""
        history = one.history
        return (
            (self.code is None or history.code == self.code)
            and (self.procedures is None or history.offering in self.procedures)
            and (self.statuses is None or one.status in self.statuses)
            and (self.channels is None or history.channel in self.channels)
            and (self.offices is None or history.office in self.offices)
            and _within(one.received_at, self.accepted)
            and _within(one.due_at, self.appointment)
            and _within(one.delivered_at, self.result_returned)
        )


def _within(at: int | None, window: Window | None) -> bool:
    return window is None or (at is not None and window[0] <= at <= window[1])


def dates_of(query: Mapping[str, str], begin: str, end: str) -> Window | None:
    """The window between two instants such as `2023-07-20T00:00:00.000Z`; a missing end is open."""
    if begin not in query and end not in query:
        return None
    first = _instant(query[begin]) if begin in query else -_FAR
    last = _instant(query[end]) if end in query else _FAR
    return first, last


def _instant(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise HTTPException(400, f"not an instant: {text}") from error
    return instant(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def filters_of(query: Mapping[str, str], renderer: Renderer) -> Filters:
    """The filters that a search names."""
    procedures = offices = None
    if "procedure-id" in query:
        procedures = frozenset(n for n in range(len(renderer.offerings)) if procedure_id(n) == query["procedure-id"])
    if "sector-id" in query:
        of_sector = frozenset(
            n for n, one in enumerate(renderer.offerings) if renderer.sector_id(one.sector) == query["sector-id"]
        )
        procedures = of_sector if procedures is None else procedures & of_sector
    if "ancestor-agency-id" in query:
        wanted = query["ancestor-agency-id"]
        offices = frozenset(n for n in range(len(renderer.offices)) if renderer.lies_under(n, wanted))
    return Filters(
        code=query.get("code"),
        procedures=procedures,
        statuses=renderer.statuses(query["dossier-status"]) if "dossier-status" in query else None,
        channels=renderer.channels(query["apply-method-id"]) if "apply-method-id" in query else None,
        offices=offices,
        accepted=dates_of(query, "accepted-from", "accepted-to"),
        appointment=dates_of(query, "appointment-from", "appointment-to"),
        result_returned=dates_of(query, "result-returned-from", "result-returned-to"),
    )
