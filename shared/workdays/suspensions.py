"""Suspensions as intervals: put in order, closed at a dossier's end, and as the civil days that are counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from operator import attrgetter

from shared.workdays.hours import to_local, to_the_second
from shared.workdays.rules import Effect, Policy, Suspension

_begin = attrgetter("from_at")


def ordered_suspensions(
    suspensions: Sequence[Suspension], received_at: datetime, policy: Policy | None = None
) -> tuple[Suspension, ...]:
    """Sorted, without overlaps, clipped to begin at receipt, to the second, in Vietnam's time; empty ones dropped.

    Where two overlap the later one begins when the earlier one ends; one that has not ended takes in all that follow. Kinds
    whose effect by `policy` is `runs_on` are left out.
    """
    ordered: list[Suspension] = []
    reached: datetime = to_the_second(to_local(received_at))
    for suspension in sorted(suspensions, key=_begin):
        if policy is not None and policy.effect_of(suspension.kind) is Effect.runs_on:
            continue
        begins = max(to_the_second(to_local(suspension.from_at)), reached)
        if suspension.to_at is None:
            ordered.append(Suspension(begins, None, suspension.kind))
            break
        ends = to_the_second(to_local(suspension.to_at))
        if begins < ends:
            ordered.append(Suspension(begins, ends, suspension.kind))
            reached = ends
    return tuple(ordered)


def closed_suspensions(suspensions: Sequence[Suspension], ended_at: datetime) -> tuple[Suspension, ...]:
    """The suspensions of a dossier that ended: none lasts beyond the end, none begins after it."""
    return tuple(
        suspension if suspension.to_at is not None and suspension.to_at <= ended_at
        else Suspension(suspension.from_at, ended_at, suspension.kind)
        for suspension in suspensions if suspension.from_at < ended_at
    )  # fmt: skip


def suspended_days(
    suspensions: Sequence[Suspension], received_on: date, ended_on: date | None = None
) -> tuple[tuple[date, date | None], ...]:
    """The suspensions as half-open civil days: disjoint, sorted, clipped to [received_on, ended_on); an open end is None."""
    days: list[tuple[date, date | None]] = []
    for suspension in sorted(suspensions, key=_begin):
        begins = max(to_local(suspension.from_at).date(), received_on)
        ends = to_local(suspension.to_at).date() if suspension.to_at else None
        if ended_on is not None:
            ends = ended_on if ends is None else min(ends, ended_on)
        if days:
            previous = days[-1][1]
            if previous is None:
                break
            if begins <= previous:
                days[-1] = (days[-1][0], None if ends is None else max(ends, previous))
                continue
        if ends is None or begins < ends:
            days.append((begins, ends))
    return tuple(days)
