"""The measures: what is counted of a dossier, and on which day. Pure.

Every counter column of the service is one entry of `MEASURES`; `store` makes from this list the statement that turns facts
into contributions, and the migration must have exactly these columns (a guard test compares them). A measure lies on one of
three edges of a dossier's life:

- `received`: counted on the day it was received;
- `ended`: counted on the day its clock stopped;
- `stock`: counted on every day of a span, so its column holds +1 on the first day and -1 on the first day after, and the stock
  at the end of a day is the sum up to that day. Spans may lie in the future: "overdue" needs no nightly job.

Conditions, amounts and spans are expressions over the columns of `dossier_version` in PostgreSQL's language, because there is
one definition of a contribution for applying, proving, rebuilding and opening; what many conditions ask is a word of `TERMS`.
"Never" is the date `infinity`; agency 0 is one that the catalogue does not know; `pauses` is the multirange of the days on
which the clock stood still, NULL when there were none. It is asked only of dossiers that are not deleted and were received,
save for a refusal, which needs no receipt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from shared.workdays.causes import Cause

TERMS: dict[str, str] = {
    "resolved": "outcome = 'resolved'",
    "without_result": "outcome IN ('returned', 'withdrawn', 'refused') AND received_on IS NOT NULL",
    "overdue": "timeliness = 'overdue'",
    "portal_overdue": "portal_timeliness = 'overdue'",
    "timed": "outcome = 'resolved' AND spent_minutes IS NOT NULL",
    "unmapped": "agency_no = 0 OR procedure IS NULL",
}
"""Words of the conditions, and what they say of a dossier; NULL where the portal does not tell."""

_WORD = re.compile(rf"'[^']*'|\b({'|'.join(TERMS)})\b")


def spelt(condition: str) -> str:
    """The condition over the columns of `dossier_version` alone."""
    return _WORD.sub(lambda found: f"({TERMS[found[1]]})" if found[1] else found[0], condition)


class Edge(StrEnum):
    """Where on a dossier's life a measure is counted."""

    received = "received"
    ended = "ended"
    stock = "stock"


@dataclass(frozen=True, slots=True)
class Span:
    """The days on which a dossier is in a stock: from a day up to its end, or up to another day before that; half-open.

    No day of it lies before the receipt.
    """

    since: str | None
    """None: a dossier without pauses never is in it."""
    cap: str | None = None
    """The first day on which it is out of it although in process still; None: it stays in to the end."""
    paused: str | None = None
    """Multirange that replaces the span of a dossier with pauses; None: pauses make no difference."""

    @property
    def first(self) -> str:
        """The first day on which a dossier without pauses is in the stock."""
        assert self.since is not None
        return once_received(self.since)

    @property
    def until(self) -> str:
        """The first day on which it is out of it."""
        return "ended_on" if self.cap is None else f"least(ended_on, {once_received(self.cap)})"


def once_received(day: str) -> str:
    """A day, or that of the receipt if it is later."""
    return day if day == "received_on" else f"greatest(received_on, {day})"


@dataclass(frozen=True, slots=True)
class Family:
    """Measures of one edge, of which a dossier is in one at most: which one is found out once, not asked of each."""

    name: str
    condition: str = ""
    """What all of them ask for; the condition of each begins with it."""

    def own(self, condition: str) -> str:
        """What a member's `condition` asks for besides."""
        return condition.removeprefix(self.condition).removeprefix(" AND ") or "true"


@dataclass(frozen=True, slots=True)
class Measure:
    """One counter column."""

    name: str
    edge: Edge
    doc: str
    condition: str = "true"
    """Which dossiers count, in columns and in the words of `TERMS`."""
    amount: str = "1"
    """How much one of them counts; never NULL where the condition holds."""
    span: Span | None = None
    """Of a stock only."""
    wide: bool = False
    """Whether a day's sum may pass 2^31."""
    family: Family | None = None
    """Stocks of a family have one span."""

    @property
    def sql(self) -> str:
        """The condition in columns alone."""
        return spelt(self.condition)

    @property
    def is_count(self) -> bool:
        """Whether one dossier counts at most once."""
        return self.amount == "1"


MINUTES_OF_A_DAY = 480
"""A working day, as limits are published."""

TIME_BUCKETS: tuple[tuple[str, float], ...] = (
    ("took_half_day", 0.5),
    ("took_1_day", 1),
    ("took_2_days", 2),
    ("took_3_days", 3),
    ("took_5_days", 5),
    ("took_7_days", 7),
    ("took_10_days", 10),
    ("took_15_days", 15),
    ("took_20_days", 20),
    ("took_30_days", 30),
    ("took_60_days", 60),
    ("took_longer", 120),
)
"""Upper bounds in working days of the additive buckets that percentiles are read from; the last one is open, and a percentile
that falls into it is given as its lower bound or more."""

CAUSES: tuple[str, ...] = tuple(cause.value for cause in Cause)
"""Causes have columns of their own; an unknown one, and none at all, counts as the last, `other`."""


def _received(name: str, doc: str, condition: str = "true", family: Family | None = None) -> Measure:
    return Measure(name, Edge.received, doc, condition, family=family)


def _ended(
    name: str, doc: str, condition: str, amount: str = "1", *, wide: bool = False, family: Family | None = None
) -> Measure:
    return Measure(name, Edge.ended, doc, condition, amount, wide=wide, family=family)


def _stock(name: str, doc: str, span: Span, condition: str = "true", family: Family | None = None) -> Measure:
    return Measure(name, Edge.stock, doc, condition, span=span, family=family)


_LIFE = Span("received_on")
_LATE_DAYS = f"(metrics.span({once_received('late_from')}, ended_on) - pauses)"
_PORTAL_LATE_DAYS = f"metrics.span({once_received('portal_late_from')}, ended_on)"
_LATE = Span("late_from", paused=_LATE_DAYS)

_CHANNEL, _CLOSED, _TOOK = Family("channel"), Family("closed"), Family("took", "timed")
_OVERDUE_BY_CAUSE = Family("overdue_by_cause", "resolved AND (overdue OR portal_overdue)")
_LATE_BY_CAUSE = Family("late_by_cause")


def _due_soon(column: str) -> Span:
    until = f"least(ended_on, {once_received('late_from')})"
    return Span(column, "late_from", f"metrics.span({once_received(column)}, {until}) - pauses")


def _cause(cause: str) -> str:
    if cause == CAUSES[-1]:
        known = ", ".join(f"'{one}'" for one in CAUSES[:-1])
        return f"(cause IS NULL OR cause NOT IN ({known}))"
    return f"cause = '{cause}'"


def _buckets() -> list[Measure]:
    measures = []
    lower = -1.0
    for name, upper in TIME_BUCKETS:
        upto = "" if name == TIME_BUCKETS[-1][0] else f" AND spent_minutes <= {upper * MINUTES_OF_A_DAY:.0f}"
        above = f" AND spent_minutes > {lower * MINUTES_OF_A_DAY:.0f}"
        bound = f"more than {lower:g}" if not upto else f"at most {upper:g}"
        measures.append(_ended(name, f"Resolved in {bound} working days of office time", f"timed{upto}{above}", family=_TOOK))
        lower = upper
    return measures


MEASURES: tuple[Measure, ...] = (
    # Received: Form II.06a (circular 01/2020/TT-VPCP), columns 4 and 5.
    _received("received_online", "Received online", "channel = 'online'", _CHANNEL),
    _received("received_counter", "Received at the counter", "channel = 'counter'", _CHANNEL),
    _received("received_post", "Received by public post", "channel = 'post'", _CHANNEL),
    _received("received_unstated", "Received, and the portal does not say how", "channel IS NULL", _CHANNEL),
    _received("received_interlinked", "Received, of an interlinked procedure", "interlinked"),
    _received("intake_to_digitise", "Received, of a procedure whose papers must be digitised", "digitisation_required"),
    _received("intake_digitised", "Of those, received with digitised papers", "digitisation_required AND digitised_intake"),
    _received("received_reusing", "Received with papers re-used from the data stores", "reused"),
    _received("fee_due", "Received, of a procedure with a fee", "fee_required"),
    _received("fee_paid_online", "Of those, paid online", "fee_required AND fee_online"),
    # Resolved: columns 8, 9 and 10; a dossier without a due date cannot be late.
    _ended("resolved_early", "Resolved before the due date", "resolved AND timeliness = 'early'", family=_CLOSED),
    _ended(
        "resolved_to_the_day",
        "Resolved on the due date",
        "resolved AND (timeliness = 'on_time' OR timeliness IS NULL)",
        family=_CLOSED,
    ),
    _ended("resolved_overdue", "Resolved after the due date", "resolved AND overdue", family=_CLOSED),
    # Closed without a result.
    _ended("returned", "Sent back as not eligible", "outcome = 'returned'", family=_CLOSED),
    _ended("withdrawn", "Withdrawn by the applicant", "outcome = 'withdrawn'", family=_CLOSED),
    _ended("refused", "Not taken in, received before or not", "outcome = 'refused'", family=_CLOSED),
    _ended("refused_after_receipt", "Refused although received before", "outcome = 'refused' AND received_on IS NOT NULL"),
    _ended("closed_without_result_overdue", "Closed without a result after the due date", "without_result AND overdue"),
    _ended(
        "interlinked_in_time",
        "Interlinked, resolved in time",
        "resolved AND interlinked AND overdue IS NOT TRUE",
    ),
    _ended("interlinked_overdue", "Interlinked, resolved after the due date", "resolved AND interlinked AND overdue"),
    _ended("interlinked_without_result", "Interlinked, closed without a result", "without_result AND interlinked"),
    _ended(
        "result_to_digitise",
        "Resolved, of a procedure whose result must be electronic",
        "resolved AND digitisation_required",
    ),
    _ended(
        "result_digitised", "Of those, with an electronic result", "resolved AND digitisation_required AND digitised_result"
    ),
    # Time, in minutes of office time.
    _ended("timed", "Resolved, with the working time known", "timed"),
    _ended("minutes_spent", "Their working time in minutes", "timed", "spent_minutes", wide=True),
    _ended("timed_with_limit", "Resolved, with working time and limit known", "timed AND limit_minutes IS NOT NULL"),
    _ended(
        "minutes_spent_of_limit",
        "Their working time in minutes",
        "timed AND limit_minutes IS NOT NULL",
        "spent_minutes",
        wide=True,
    ),
    _ended("minutes_of_limit", "Their limits in minutes", "timed AND limit_minutes IS NOT NULL", "limit_minutes", wide=True),
    *_buckets(),
    # What went wrong.
    _ended("supplements", "Requests for more papers, of dossiers resolved", "resolved", "supplements"),
    _ended("supplemented", "Resolved after at least one request for more papers", "resolved AND supplements > 0"),
    _ended(
        "ended_synced_late",
        "Ended, and told by the portal more than a working day later",
        "synced_late AND received_on IS NOT NULL",
    ),
    _ended("ended", "Ended with or without a result", "received_on IS NOT NULL"),
    _ended("portal_overdue", "Resolved overdue as the portal says", "resolved AND portal_overdue"),
    _ended(
        "portal_only_overdue",
        "Resolved overdue as the portal says, not by law",
        "resolved AND portal_overdue AND overdue IS NOT TRUE",
    ),
    _ended(
        "law_only_overdue",
        "Resolved overdue by law, not as the portal says",
        "resolved AND overdue AND portal_overdue IS NOT TRUE",
    ),
    *(
        _ended(
            f"overdue_{cause}",
            f"Resolved overdue by law or portal: {cause}",
            f"{_OVERDUE_BY_CAUSE.condition} AND {_cause(cause)}",
            family=_OVERDUE_BY_CAUSE,
        )
        for cause in CAUSES
    ),
    # In process: columns 12 and 13.
    _stock("open", "In process", _LIFE),
    _stock("late", "In process after the due date, the clock not suspended", _LATE),
    _stock(
        "suspended",
        "In process, the clock standing still",
        Span(None, paused="pauses * metrics.span(received_on, ended_on)"),
    ),
    _stock("due_within_1", "In process, at most 1 working day before the due date", _due_soon("due_soon_1")),
    _stock("due_within_3", "In process, at most 3 working days before the due date", _due_soon("due_soon_3")),
    _stock("due_within_5", "In process, at most 5 working days before the due date", _due_soon("due_soon_5")),
    _stock("interlinked_open", "In process, of an interlinked procedure", _LIFE, "interlinked"),
    _stock("interlinked_late", "Of those, after the due date", _LATE, "interlinked"),
    _stock("portal_late", "In process and overdue as the portal says", Span("portal_late_from")),
    _stock(
        "portal_only_late",
        "In process and overdue as the portal says, not by law",
        Span("portal_late_from", "late_from", f"{_PORTAL_LATE_DAYS} - {_LATE_DAYS}"),
    ),
    _stock(
        "law_only_late",
        "In process and overdue by law, not as the portal says",
        Span("late_from", "portal_late_from", f"{_LATE_DAYS} - {_PORTAL_LATE_DAYS}"),
    ),
    *(
        _stock(
            f"late_{cause}",
            f"In process, overdue by law or portal: {cause}",
            Span("least(late_from, portal_late_from)", paused=f"{_LATE_DAYS} + {_PORTAL_LATE_DAYS}"),
            _cause(cause),
            _LATE_BY_CAUSE,
        )
        for cause in CAUSES
    ),
    _received(
        "received_unmapped",
        "Received, of an agency or a procedure that the catalogue does not know",
        "unmapped",
    ),
)

BY_NAME: dict[str, Measure] = {measure.name: measure for measure in MEASURES}
COLUMNS: tuple[str, ...] = tuple(BY_NAME)
STOCKS: tuple[str, ...] = tuple(measure.name for measure in MEASURES if measure.edge is Edge.stock)
FLOWS: tuple[str, ...] = tuple(measure.name for measure in MEASURES if measure.edge is not Edge.stock)
