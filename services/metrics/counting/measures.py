"""The measures: what is counted of a dossier, and on which day. Pure.

Every counter column of the service is one entry of `MEASURES`; `store` makes from this list the statement that turns facts
into contributions, and the tables and the migration have exactly these columns. A measure lies on one of five edges of a
dossier's life:

- `received`: counted on the day it was received;
- `ended`: counted on the day its clock stopped;
- `closed`: counted on the day of its end by decision 766, when its source closed it;
- `step`: each step of its internal process, counted on the day that ended;
- `stock`: counted on every day of a span, so its column holds +1 on the first day and -1 on the first day after, and the stock
  at the end of a day is the sum up to that day. Spans may lie in the future: "overdue" needs no nightly job.

Conditions, amounts and spans are expressions over the columns of `dossier_version`, because there is one definition of a
contribution for counting, checking, rebuilding and the drill-down (see `terms`).

"Never" is the date `infinity`; agency 0 is one that the catalogue does not know; `pauses` is the multirange of
the days on which the clock stood still, NULL when there were none. Only dossiers count that are not deleted and were
received, save for a refusal, which needs no receipt.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from services.metrics.counting.days import once_received, period_end, span
from services.metrics.counting.edges import Edge, Family, Measure, Span
from services.metrics.counting.terms import STEP, Condition, term, v
from services.metrics.counting.time_buckets import MINUTES_OF_A_DAY, TIME_BUCKETS
from services.metrics.periods import KINDS
from shared.contracts.indices import PeriodKind
from shared.workdays.causes import DelayCause

CAUSES: tuple[str, ...] = tuple(cause.value for cause in DelayCause)
"""Causes have columns of their own; an unknown one, and none at all, counts as the last, `other`."""


def _received(name: str, doc: str, condition: Condition | None = None, family: Family | None = None) -> Measure:
    return Measure(name, Edge.received, doc, condition, family=family)


def _ended(
    name: str,
    doc: str,
    condition: Condition | None,
    amount: sa.ColumnElement[int] | None = None,
    *,
    wide: bool = False,
    family: Family | None = None,
) -> Measure:
    return Measure(name, Edge.ended, doc, condition, amount, wide=wide, family=family)


def _closed(name: str, doc: str, condition: Condition) -> Measure:
    return Measure(name, Edge.closed, doc, condition)


def _step(
    name: str, doc: str, own: Condition | None = None, amount: sa.ColumnElement[int] | None = None, *, wide: bool = False
) -> Measure:
    return Measure(name, Edge.step, doc, own, amount, wide=wide)


def _stock(name: str, doc: str, span: Span, condition: Condition | None = None, family: Family | None = None) -> Measure:
    return Measure(name, Edge.stock, doc, condition, span=span, family=family)


LIFE = Span(v.received_on)
"""From receipt to end, whatever happens in between."""
_LATE_DAYS = span(once_received(v.late_from), v.ended_on) - v.pauses
_PORTAL_LATE_DAYS = span(once_received(v.portal_late_from), v.ended_on)
_LATE = Span(v.late_from, paused=_LATE_DAYS)
_LATE_EITHER_WAY = Span(sa.func.least(v.late_from, v.portal_late_from, type_=sa.Date), paused=_LATE_DAYS + _PORTAL_LATE_DAYS)

_CHANNEL, _CLOSED, _TOOK = Family("channel"), Family("closed"), Family("took", term.timed)
_OVERDUE_BY_CAUSE = Family("overdue_by_cause", sa.and_(term.resolved, sa.or_(term.overdue, term.portal_overdue)))
_LATE_BY_CAUSE = Family("late_by_cause")


def _due_soon(column: sa.ColumnElement[Any]) -> Span:
    until = sa.func.least(v.ended_on, once_received(v.late_from), type_=sa.Date)
    return Span(column, v.late_from, span(once_received(column), until) - v.pauses)


def _cause(cause: str) -> Condition:
    if cause == CAUSES[-1]:
        return sa.or_(v.cause.is_(None), v.cause.not_in(CAUSES[:-1]))
    return v.cause == cause


_LATER_CAUSES = (DelayCause.misrouted.value,)
"""Causes whose columns were added later: columns stand in the order of their migrations."""


def _overdue_of(cause: str) -> Measure:
    return _ended(f"overdue_{cause}", f"Resolved overdue by law or portal: {cause}", _cause(cause), family=_OVERDUE_BY_CAUSE)


def _late_of(cause: str) -> Measure:
    return _stock(
        f"late_{cause}", f"In process, overdue by law or portal: {cause}", _LATE_EITHER_WAY, _cause(cause), _LATE_BY_CAUSE
    )


def _buckets() -> list[Measure]:
    measures = []
    lower = -1.0
    for name, upper in TIME_BUCKETS:
        is_last = name == TIME_BUCKETS[-1][0]
        above = v.spent_minutes > round(lower * MINUTES_OF_A_DAY)
        within = above if is_last else sa.and_(v.spent_minutes <= round(upper * MINUTES_OF_A_DAY), above)
        bound = f"more than {lower:g}" if is_last else f"at most {upper:g}"
        measures.append(_ended(name, f"Resolved in {bound} working days of office time", within, family=_TOOK))
        lower = upper
    return measures


_IN: dict[PeriodKind, Family] = {kind: Family(f"in_{kind}") for kind in KINDS}


# What no source tells of was not requested twice.
_ONCE = sa.func.coalesce(v.supplements, 0) <= 1


def _of_periods(kind: PeriodKind) -> tuple[Measure, Measure]:
    """What a dossier is at the end of the period that it was received in: ended, or in process and late by decision 766.

    Received and ended in one period is no sum of days, and of a kind of period it is one: whole ones are asked for.
    """
    until, family, name = period_end(kind), _IN[kind], kind.replace("_", " ")
    late = sa.and_(v.index_ended_on > until, _ONCE, v.index_due_on < until)
    return (
        _received(f"ended_in_{kind}", f"Received, and ended in the same {name}", v.index_ended_on <= until, family),
        _received(f"late_in_{kind}", f"Received, and in process and due before the end of the {name}", late, family),
    )


def _twice_in(kind: PeriodKind) -> Measure:
    twice = sa.and_(v.index_ended_on > period_end(kind), v.supplements > 1)
    about = f"Received, and in process at the end of the {kind.replace('_', ' ')} after more than one request for papers"
    return _received(f"twice_in_{kind}", about, twice, _IN[kind])


_RESULT_DUE = sa.and_(term.resolved, v.digitisation_required)
# What a release of before stored as a yes was stated too.
_INTAKE_STATED = sa.or_(v.intake_stated, v.digitised_intake)
_RESULT_STATED = sa.or_(v.result_stated, v.digitised_result)
_FEE_STATED = sa.and_(v.fee_required, sa.or_(v.fee_stated, v.fee_online))

MEASURES: tuple[Measure, ...] = (
    # Received: Form II.06a (circular 01/2020/TT-VPCP), columns 4 and 5.
    _received("received_online", "Received online", v.channel == "online", _CHANNEL),
    _received("received_counter", "Received at the counter", v.channel == "counter", _CHANNEL),
    _received("received_post", "Received by public post", v.channel == "post", _CHANNEL),
    _received("received_unstated", "Received, and the portal does not say how", v.channel.is_(None), _CHANNEL),
    _received("received_interlinked", "Received, of an interlinked procedure", v.interlinked),
    _received("intake_to_digitise", "Received, of a procedure whose papers must be digitised", v.digitisation_required),
    _received(
        "intake_digitised", "Of those, received with digitised papers", sa.and_(v.digitisation_required, v.digitised_intake)
    ),
    _received("received_reusing", "Received with papers re-used from the data stores", v.reused),
    _received("fee_due", "Received, of a procedure with a fee", v.fee_required),
    _received("fee_paid_online", "Of those, paid online", sa.and_(v.fee_required, v.fee_online)),
    # Resolved: columns 8, 9 and 10; a dossier without a due date cannot be late.
    _ended("resolved_early", "Resolved before the due date", sa.and_(term.resolved, v.timeliness == "early"), family=_CLOSED),
    _ended(
        "resolved_to_the_day",
        "Resolved on the due date",
        sa.and_(term.resolved, sa.or_(v.timeliness == "on_time", v.timeliness.is_(None))),
        family=_CLOSED,
    ),
    _ended("resolved_overdue", "Resolved after the due date", sa.and_(term.resolved, term.overdue), family=_CLOSED),
    # Closed without a result.
    _ended("returned", "Sent back as not eligible", v.outcome == "returned", family=_CLOSED),
    _ended("withdrawn", "Withdrawn by the applicant", v.outcome == "withdrawn", family=_CLOSED),
    _ended("refused", "Not taken in, received before or not", v.outcome == "refused", family=_CLOSED),
    _ended(
        "refused_after_receipt", "Refused although received before", sa.and_(v.outcome == "refused", v.received_on.is_not(None))
    ),
    _ended(
        "closed_without_result_overdue",
        "Closed without a result after the due date",
        sa.and_(term.without_result, term.overdue),
    ),
    _ended(
        "interlinked_in_time",
        "Interlinked, resolved in time",
        sa.and_(term.resolved, v.interlinked, term.overdue.is_not(sa.true())),
    ),
    _ended(
        "interlinked_overdue", "Interlinked, resolved after the due date", sa.and_(term.resolved, v.interlinked, term.overdue)
    ),
    _ended("interlinked_without_result", "Interlinked, closed without a result", sa.and_(term.without_result, v.interlinked)),
    _ended("result_to_digitise", "Resolved, of a procedure whose result must be electronic", _RESULT_DUE),
    _ended("result_digitised", "Of those, with an electronic result", sa.and_(_RESULT_DUE, v.digitised_result)),
    # Time, in minutes of office time.
    _ended("timed", "Resolved, with the working time known", term.timed),
    _ended("minutes_spent", "Their working time in minutes", term.timed, v.spent_minutes, wide=True),
    _ended(
        "minutes_spent_of_limit",
        "Their working time in minutes",
        sa.and_(term.timed, v.limit_minutes.is_not(None)),
        v.spent_minutes,
        wide=True,
    ),
    _ended(
        "minutes_of_limit",
        "Their limits in minutes",
        sa.and_(term.timed, v.limit_minutes.is_not(None)),
        v.limit_minutes,
        wide=True,
    ),
    *_buckets(),
    # What went wrong.
    _ended(
        "supplements",
        "Requests for more papers, of dossiers resolved",
        sa.and_(term.resolved, v.supplements > 0),
        v.supplements,
    ),
    _ended("supplemented", "Resolved after at least one request for more papers", sa.and_(term.resolved, v.supplements > 0)),
    _ended(
        "ended_synced_late",
        "Ended, and told by the portal more than a working day later",
        sa.and_(v.synced_late, v.received_on.is_not(None)),
    ),
    _ended("ended", "Ended with or without a result", v.received_on.is_not(None)),
    _ended("portal_overdue", "Resolved overdue as the portal says", sa.and_(term.resolved, term.portal_overdue)),
    _ended(
        "portal_only_overdue",
        "Resolved overdue as the portal says, not by law",
        sa.and_(term.resolved, term.portal_overdue, term.overdue.is_not(sa.true())),
    ),
    _ended(
        "law_only_overdue",
        "Resolved overdue by law, not as the portal says",
        sa.and_(term.resolved, term.overdue, term.portal_overdue.is_not(sa.true())),
    ),
    *(_overdue_of(cause) for cause in CAUSES if cause not in _LATER_CAUSES),
    # In process: columns 12 and 13.
    _stock("open", "In process", LIFE),
    _stock("late", "In process after the due date, the clock not suspended", _LATE),
    _stock("suspended", "In process, the clock standing still", Span(None, paused=v.pauses * span(v.received_on, v.ended_on))),
    _stock("due_within_1", "In process, at most 1 working day before the due date", _due_soon(v.due_soon_1)),
    _stock("due_within_3", "In process, at most 3 working days before the due date", _due_soon(v.due_soon_3)),
    _stock("due_within_5", "In process, at most 5 working days before the due date", _due_soon(v.due_soon_5)),
    _stock("interlinked_open", "In process, of an interlinked procedure", LIFE, v.interlinked),
    _stock("interlinked_late", "Of those, after the due date", _LATE, v.interlinked),
    _stock("portal_late", "In process and overdue as the portal says", Span(v.portal_late_from)),
    _stock(
        "portal_only_late",
        "In process and overdue as the portal says, not by law",
        Span(v.portal_late_from, v.late_from, _PORTAL_LATE_DAYS - _LATE_DAYS),
    ),
    _stock(
        "law_only_late",
        "In process and overdue by law, not as the portal says",
        Span(v.late_from, v.portal_late_from, _LATE_DAYS - _PORTAL_LATE_DAYS),
    ),
    *(_late_of(cause) for cause in CAUSES if cause not in _LATER_CAUSES),
    _received("received_unmapped", "Received, of an agency or a procedure that the catalogue does not know", term.unmapped),
    # What contradicts itself: inside "on time" and "within limit", and shown apart.
    _ended("ended_contradictory", "Ended, of dossiers that contradict themselves", term.contradictory),
    _stock("open_contradictory", "In process, of dossiers that contradict themselves", LIFE, term.contradictory),
    # The internal process, where sources tell of it.
    *(_overdue_of(cause) for cause in _LATER_CAUSES),
    *(_late_of(cause) for cause in _LATER_CAUSES),
    _ended("ended_misrouted", "Ended, and it had come back to where it had been already", v.misrouted),
    _step("steps_ended", "Steps that ended"),
    _step("steps_timed", "Of those, with a time by which they were due", STEP.c.minutes_over.is_not(None)),
    _step("steps_overdue", "Of those, ended after it by working time", STEP.c.minutes_over > 0),
    _step(
        "step_minutes_over",
        "Working time in minutes between those times and ends",
        STEP.c.minutes_over > 0,
        STEP.c.minutes_over,
        wide=True,
    ),
    # The index of decision 766.
    *(measure for kind in KINDS for measure in _of_periods(kind)),
    _closed("ended_late_766", "Ended late by decision 766", sa.and_(v.index_late, v.received_on.is_not(None))),
    _ended(
        "resolved_digitised",
        "Resolved with digitised papers and, where one is due, an electronic result",
        sa.and_(term.resolved, v.digitised_intake, sa.or_(sa.not_(v.digitisation_required), v.digitised_result)),
    ),
    _received("received_digitised", "Received with digitised papers, whatever the procedure requires", v.digitised_intake),
    _received("received_from_storage", "Received with papers from the personal storage", v.from_storage),
    _received("received_verified", "Received of an applicant whose identity was verified", v.account_verified),
    _received(
        "received_online_in_full",
        "Received online and, where one is due, with a result that has a code and a link",
        sa.and_(v.channel == "online", sa.or_(sa.not_(v.digitisation_required), v.result_coded)),
    ),
    _closed("ended_766", "Ended by decision 766", v.received_on.is_not(None)),
    _received("received_unjudged", "Received, and not held against decision 766", v.index_ended_on.is_(None)),
    _ended(
        "ended_unjudged",
        "Ended, and not held against decision 766",
        sa.and_(v.index_ended_on.is_(None), v.received_on.is_not(None)),
    ),
    _received(
        "received_storage_stated",
        "Received, and stated whether papers are from the personal storage",
        sa.and_(v.index_ended_on.is_not(None), v.from_storage.is_not(None)),
    ),
    _received(
        "received_verified_stated",
        "Received, and stated whether the identity was verified",
        sa.and_(v.index_ended_on.is_not(None), v.account_verified.is_not(None)),
    ),
    *(_twice_in(kind) for kind in KINDS),
    _stock(
        "due_next_766",
        "In process, due by decision 766 on this day or the next, papers requested once at most",
        Span(v.index_due_on - 1, v.index_due_on + 1),
        _ONCE,
    ),
    _received("received_intake_stated", "Received, and stated whether papers were digitised", _INTAKE_STATED),
    _received("fee_due_stated", "Received, of a procedure with a fee, and stated whether it was paid online", _FEE_STATED),
    _ended(
        "result_stated", "Of those whose result must be electronic, stated whether it is", sa.and_(_RESULT_DUE, _RESULT_STATED)
    ),
    _ended(
        "resolved_digitised_stated",
        "Resolved, and stated of papers and, where one is due, of the result",
        sa.and_(term.resolved, _INTAKE_STATED, sa.or_(sa.not_(v.digitisation_required), _RESULT_STATED)),
    ),
    # What is 0 where it is so, and not known where no source states it.
    _received(
        "intake_to_digitise_stated",
        "Of those whose papers must be digitised, stated whether they were",
        sa.and_(v.digitisation_required, _INTAKE_STATED),
    ),
    _received("received_reuse_stated", "Received, and stated whether papers were used again", v.reused.is_not(None)),
    _received(
        "received_in_full_stated",
        "Received, stated how, and of an electronic result that is due whether it has a code and a link",
        sa.or_(
            v.channel != "online",
            sa.and_(v.channel == "online", sa.or_(sa.not_(v.digitisation_required), v.result_coded.is_not(None))),
        ),
    ),
    _ended(
        "ended_steps_told",
        "Ended, and steps of its internal process are told",
        sa.and_(v.step_days.is_not(None), v.received_on.is_not(None)),
    ),
    _stock("open_steps_told", "In process, and steps of its internal process are told", LIFE, v.step_days.is_not(None)),
    _ended(
        "supplements_stated",
        "Resolved, and told whether papers were asked for",
        sa.and_(term.resolved, v.supplements.is_not(None)),
    ),
    _ended(
        "ended_sync_stated",
        "Ended, and told of by its source before its end",
        sa.and_(v.synced_late.is_not(None), v.received_on.is_not(None)),
    ),
)

BY_NAME: dict[str, Measure] = {measure.name: measure for measure in MEASURES}
COLUMNS: tuple[str, ...] = tuple(BY_NAME)
STOCKS: tuple[str, ...] = tuple(measure.name for measure in MEASURES if measure.edge is Edge.stock)
FLOWS: tuple[str, ...] = tuple(measure.name for measure in MEASURES if measure.edge is not Edge.stock)
