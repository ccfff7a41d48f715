"""Control totals as the portal counts them: by its own dates, its own appointments, and its own clock in UTC.

`GET pa/dossier-statistic/--statistic-agency-kgg` takes `from-date` and `to-date` as instants. Its clients pass Vietnamese
days as `...T00:00:00.000Z`, and the portal takes them literally: the window lies seven hours too late. A dossier counts

- as received when it was accepted within [from, to]; one accepted before and not closed before `from` is carried over,
  and inside `received` but in neither `receivedOnline` nor `receivedDirect`;
- as resolved when it was closed within the window, judged by the appointment of now; a returned or withdrawn one is
  `cancelled` with `suppended-cancelled=true`, and otherwise resolved on time, which is how 261 returned dossiers came to be
  inside 641 "on time";
- as unresolved otherwise, overdue when its appointment is over at the end of the window.

So `received = resolved + unresolved + cancelled` for every agency.
"""

from __future__ import annotations

from collections.abc import Iterable

from deploy.simulator.ledger import Snapshot, civil_day
from shared.dossier import Channel, Outcome

FIELDS = (
    "received",
    "receivedOnline",
    "receivedDirect",
    "resolved",
    "resolvedEarly",
    "resolvedOnTime",
    "resolvedOverdue",
    "unresolved",
    "unresolvedOnTime",
    "unresolvedOverdue",
    "cancelled",
)


def totals(dossiers: Iterable[Snapshot], begin: int, end: int, now: int, *, cancelled_apart: bool) -> dict[int, dict[str, int]]:
    """Per office index the counts of FIELDS; an office without dossiers is absent."""
    counts: dict[int, dict[str, int]] = {}
    closing = min(end, now)
    for one in dossiers:
        received, completed = one.received_at, one.completed_at
        if received is None or received > end or (completed is not None and completed < begin):
            continue
        row = counts.get(one.history.office)
        if row is None:
            row = counts[one.history.office] = dict.fromkeys(FIELDS, 0)
        row["received"] += 1
        if received >= begin:
            row["receivedOnline" if one.history.channel is Channel.online else "receivedDirect"] += 1
        if completed is None or completed > end:
            row["unresolved"] += 1
            row["unresolvedOverdue" if one.due_at is not None and one.due_at < closing else "unresolvedOnTime"] += 1
        elif one.outcome is not Outcome.resolved:
            if cancelled_apart:
                row["cancelled"] += 1
            else:
                row["resolved"] += 1
                row["resolvedOnTime"] += 1
        else:
            row["resolved"] += 1
            row[_judged(completed, one.due_at)] += 1
    return counts


def _judged(completed: int, due: int | None) -> str:
    """By days, as the portal's form does."""
    if due is None:
        return "resolvedOnTime"
    ended_on, due_on = civil_day(completed), civil_day(due)
    if ended_on < due_on:
        return "resolvedEarly"
    return "resolvedOnTime" if ended_on == due_on else "resolvedOverdue"
