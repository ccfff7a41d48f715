"""Contradictions in what the events of a dossier claim: which kinds there are, and which due dates can be none. Pure.

A result that goes back to work, or a returned dossier that comes again, is a course of its own and no contradiction; a pause
that was sent as the end, and an end without a date, are findings only.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import NamedTuple

from shared.civil import civil_day
from shared.dossier import OUTCOMES, ContradictionKind, Outcome, Status

MIDNIGHT = time(17)
"""Of Việt Nam, in UTC: the time of an instant that is a day alone."""


def can_be_due(due_at: datetime, received_at: datetime | None) -> bool:
    """Whether a source's due date can be one: not of a day before the receipt, nor the instant of the receipt once more.

    A day alone is due at its end, so that of the receipt can be one; software without a limit writes the receipt itself.
    """
    if received_at is None or due_at > received_at:
        return True
    if civil_day(due_at) < civil_day(received_at):
        return False
    return due_at != received_at or due_at.time() == MIDNIGHT


class Claims(NamedTuple):
    """What the events claim, before anything of it is mended."""

    received_at: datetime | None
    lacks_receipt: bool
    """Nothing tells when it was received; `received_at` is put in its place."""
    ended_at: datetime | None
    """By the steps and dates that were believed; None: in process."""
    outcome: Outcome | None
    """The same."""
    delivered_at: datetime | None
    due_at: datetime | None
    status: Status | None
    """The newest status that a source names, believed or not."""
    has_end_date: bool
    """The course has an end date, and a status in process."""
    is_pause_sent_as_end: bool
    """A status that names an end stands for a pause."""


def kinds_in(claims: Claims) -> Iterator[ContradictionKind]:
    """The kinds of contradictions in the claims, each once."""
    received_at, ended_at = claims.received_at, claims.ended_at
    if claims.lacks_receipt:
        if claims.outcome is not None:
            yield ContradictionKind.received_missing
    elif received_at is not None:
        if ended_at is not None and _is_before(ended_at, received_at):
            yield ContradictionKind.ended_before_received
        if claims.due_at is not None and civil_day(claims.due_at) < civil_day(received_at):
            yield ContradictionKind.due_before_received
    against_status = _against_status(claims)
    if against_status is not None:
        yield against_status


def _is_before(ended_at: datetime, received_at: datetime) -> bool:
    """Whether an end lies before the receipt; a day alone can be any time of that day."""
    if ended_at.time() == MIDNIGHT:
        return civil_day(ended_at) < civil_day(received_at)
    return ended_at < received_at


def _against_status(claims: Claims) -> ContradictionKind | None:
    named = None if claims.status is None else OUTCOMES.get(claims.status)
    if named is not None:
        if claims.outcome is None:
            return None if claims.is_pause_sent_as_end else ContradictionKind.ended_while_in_process
        return ContradictionKind.two_outcomes if claims.outcome is not named else None
    if claims.outcome is not None:
        return (
            ContradictionKind.in_process_after_end
            if claims.delivered_at is None
            else ContradictionKind.in_process_after_delivery
        )
    return ContradictionKind.in_process_after_end if claims.has_end_date else None
