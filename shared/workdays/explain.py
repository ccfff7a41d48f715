"""How a due date was computed, step by step, each with its article or decision: for lawyers and citizens.

The days are counted here a second time, one by one; AssertionError when that gives another date than `clock`. The sentences
are in `wording`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

import msgspec

from shared.dossier import DueBasis
from shared.workdays.calendar import DayNote
from shared.workdays.clock import (
    Deadline,
    extension_days,
    extension_shifts,
    extension_unit,
    suspension_shifts,
    valid_extension,
)
from shared.workdays.hours import office_clock, second_of
from shared.workdays.rules import AfterHours, Effect, ExtensionRule, LimitUnit
from shared.workdays.shifts import SuspensionShift
from shared.workdays.wording import Language, sentence

_ONE_DAY = timedelta(days=1)
_CIVIL_CODE_147 = "Bộ luật Dân sự 2015, Điều 147"
_CIVIL_CODE_148 = "Bộ luật Dân sự 2015, Điều 148"

StepValues = dict[str, object]
"""The values of a step, besides `step` and `basis` those its sentence in `wording.SENTENCES` names."""


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of the computation."""

    step: str
    """A key of `wording.SENTENCES`."""
    text: str
    """Its sentence, in the language that was requested."""
    from_on: date | None = None
    """First day that the step is about."""
    until_on: date | None = None
    """The days the step is about; the last one included."""
    at: datetime | None = None
    """The instant, of a step within a day."""
    days: int | None = None
    """How many days it counts."""
    minutes: int | None = None
    """How many minutes of office hours it counts."""
    basis: str = ""
    """The article, decision or policy that it rests on."""


def steps(due: Deadline, language: Language = Language.vi) -> list[Step]:
    """The steps from receipt to due date, in order."""
    return [_worded(values, language) for values in _reckoning(due)]


def text(due: Deadline, language: Language = Language.vi) -> str:
    """The same as numbered lines."""
    lines = (f"{step.text} [{step.basis}]" if step.basis else step.text for step in steps(due, language))
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def explain(due: Deadline, language: Language = Language.vi) -> list[dict[str, object]]:
    """The same as plain objects, ready for JSON."""
    return [msgspec.to_builtins(step) for step in steps(due, language)]


def _worded(values: StepValues, language: Language) -> Step:
    step = str(values["step"])
    kept = {field: value for field, value in values.items() if field in Step.__struct_fields__}
    return Step(**{**kept, "text": sentence(step, language, values)})  # type: ignore[arg-type]


def _reckoning(due: Deadline) -> Iterator[StepValues]:
    yield {"step": "received", "at": due.received_at}
    cited: list[object] = []
    for values in _by_law(due):
        yield values
        cited.append(values.get("basis"))
    yield from _unverified(due)
    yield from _from_memory(due, cited)
    if due.due_at is not None:
        yield {"step": "due_at", "at": due.due_at, "until_on": due.due_on}
    else:
        yield {"step": "due_on", "until_on": due.due_on}
    yield {
        "step": "reckoned_by",
        "calendar": due.calendar_version,
        "rule": due.rule_version,
        "basis": due.policy.legal_basis,
    }


def _by_law(due: Deadline) -> Iterator[StepValues]:
    yield from _counts_as(due)
    moved = suspension_shifts(due)
    if due.limit.unit is LimitUnit.hours:
        yield from _in_hours(due, moved)
    else:
        yield from _in_days(due, moved)
    yield from _extensions(due)


def _from_memory(due: Deadline, cited: Sequence[object]) -> Iterator[StepValues]:
    """The laws of the policy that were cited above and whose published text was not seen."""
    laws = [law for law in due.policy.from_memory if law in cited]
    if laws:
        yield {"step": "from_memory", "laws": laws, "basis": "; ".join(laws)}


def _is_after_cutoff(due: Deadline, at: datetime) -> bool:
    return due.cutoff is not None and second_of(at.time()) > second_of(due.cutoff)


def _cutoff_basis(due: Deadline) -> str:
    """The law of the cut-off that counts; a procedure's own is published with the procedure."""
    return "" if due.receipt_cutoff is not None else due.policy.same_day_basis or due.policy.legal_basis


def _counts_as(due: Deadline) -> Iterator[StepValues]:
    """Why the receipt counts as another day's; a limit in hours says of a closed office when it opens."""
    if due.start_on == due.received_at.date():
        return
    if _is_after_cutoff(due, due.received_at):
        step = "after_cutoff" if due.receipt_cutoff is not None else "after_same_day_cutoff"
        yield {"step": step, "cutoff": due.cutoff, "from_on": due.start_on, "basis": _cutoff_basis(due)}
    elif due.limit.unit is not LimitUnit.hours:
        # Where the policy leaves a receipt on a day off there, it is the cut-off that asks for a working day.
        stays = due.policy.after_hours is AfterHours.same_day
        yield {"step": "counts_as", "from_on": due.start_on, "basis": _cutoff_basis(due) if stays else due.rule_version}


def _in_days(due: Deadline, moved: Sequence[SuspensionShift]) -> Iterator[StepValues]:
    yield {"step": "limit_in_days", "limit": due.limit, "days": due.limit.amount, "basis": _CIVIL_CODE_147}
    yield from _suspensions(due, moved)
    counted, off, end = _walk(due, due.start_on, due.limit.amount, due.limit.unit, moved)
    if end != due.legal_due_on:
        raise AssertionError(f"the walk ends on {end}, the tables on {due.legal_due_on}: {due}")
    if due.limit.unit is LimitUnit.working_days:
        yield from _days_off(due, off)
    yield from (
        {"step": "make_up", "from_on": note.day, "basis": note.legal_basis} for note in _notes(due, counted) if note.worked
    )
    if counted:
        yield {"step": "counted", "days": len(counted), "from_on": counted[0], "until_on": counted[-1]}
        if counted[-1] != end:
            names = _notes(due, [counted[-1], *off])
            yield {
                "step": "rolled_over_holidays" if names else "rolled_on",
                "from_on": counted[-1],
                "until_on": end,
                "names": names,
                "basis": _CIVIL_CODE_148,
            }


def _walk(
    due: Deadline, begin: date, amount: int, unit: LimitUnit, moved: Sequence[SuspensionShift]
) -> tuple[list[date], list[date], date]:
    """The days counted after `begin`, the days off passed over, and the day on which `amount` of `unit` end."""
    waits: list[tuple[date, date]] = []
    worked_before: set[date] = set()  # days worked to the end, after which somebody else was waited for: no limit ends on them
    for move in moved:
        if move.resumed_on is None:
            continue
        if move.effect is Effect.restart:
            begin, waits = move.resumed_on, []
        else:
            waits.append((move.begins_on, move.resumed_on))
            if move.suspension.from_at.date() < move.begins_on < move.resumed_on:
                worked_before.add(move.suspension.from_at.date())
    counted: list[date] = []
    off: list[date] = []
    day = begin
    while True:
        if not any(begins <= day < resumed for begins, resumed in waits):
            worked = due.calendar.is_working(day)
            complete = len(counted) >= amount
            if day > begin and not complete and (worked or unit is LimitUnit.calendar_days):
                counted.append(day)
                complete = len(counted) >= amount
            elif not worked:
                off.append(day)
            if complete and worked and day not in worked_before:
                return counted, off, day
        day += _ONE_DAY


def _notes(due: Deadline, days: Sequence[date]) -> list[DayNote]:
    return [note for day in days if (note := due.calendar.note(day)) is not None]


def _days_off(due: Deadline, off: Sequence[date]) -> Iterator[StepValues]:
    """Each run of days off that holds a named one by itself; plain weekends together."""
    weekends = 0
    for _, group in groupby(enumerate(off), key=lambda numbered: numbered[1].toordinal() - numbered[0]):
        run = [day for _, day in group]
        notes = _notes(due, run)
        if not notes:
            weekends += len(run)
            continue
        yield {
            "step": "skipped",
            "days": len(run),
            "from_on": run[0],
            "until_on": run[-1],
            "span": (run[0], run[-1]),
            "names": notes,
            "basis": "; ".join(dict.fromkeys(note.legal_basis for note in notes if note.legal_basis)),
        }
    if weekends:
        yield {"step": "weekends", "days": weekends}


def _suspensions(due: Deadline, moved: Sequence[SuspensionShift]) -> Iterator[StepValues]:
    """Each suspension of a limit in days, and why its end counts as another day's where the cut-off is the reason."""
    for move in moved:
        yield _suspension(move)
        ended_at = move.suspension.to_at
        if ended_at is not None and move.resumed_on is not None and _is_after_cutoff(due, ended_at):
            yield {
                "step": "resumed_after_cutoff",
                "at": ended_at,
                "cutoff": due.cutoff,
                "from_on": move.resumed_on,
                "basis": _cutoff_basis(due),
            }


def _suspension(move: SuspensionShift) -> StepValues:
    values: StepValues = {"kind": move.suspension.kind, "from_at": move.suspension.from_at, "from_on": move.begins_on}
    if move.resumed_on is None:
        return {"step": "suspended_now", **values}
    return {
        "step": "restarted" if move.effect is Effect.restart else "suspended",
        **values,
        "to_at": move.suspension.to_at,
        "until_on": move.resumed_on,
        "before": move.due_before,
        "after": move.due_after,
    }


def _in_hours(due: Deadline, moved: Sequence[SuspensionShift]) -> Iterator[StepValues]:
    yield {
        "step": "limit_in_hours",
        "limit": due.limit,
        "minutes": due.limit.amount * 60,
        "basis": _CIVIL_CODE_147,
    }
    clock = office_clock(due.calendar, due.hours)
    begin = due.runs_from
    opens = clock.next_open(begin)
    if opens != due.received_at:
        yield {"step": "opens", "at": opens}
    waits: list[tuple[datetime, datetime]] = []
    for move in moved:
        yield _suspension(move)
        if move.suspension.to_at is None:
            continue
        if move.effect is Effect.restart:
            begin, waits = max(begin, move.suspension.to_at), []
        else:
            waits.append((move.suspension.from_at, move.suspension.to_at))
    end = due.legal_due_at
    assert end is not None
    total = 0
    midnight = begin.replace(hour=0, minute=0, second=0)
    while midnight < end:
        first, last = max(midnight, begin), min(midnight + _ONE_DAY, end)
        seconds = clock.elapsed(last) - clock.elapsed(first)
        for waits_from, waits_to in waits:
            if waits_from < last and first < waits_to:
                seconds -= clock.elapsed(min(waits_to, last)) - clock.elapsed(max(waits_from, first))
        if seconds:
            total += seconds
            yield {
                "step": "counted_on_day",
                "from_on": first.date(),
                "until_on": first.date(),
                "minutes": seconds // 60,
                "total": total // 60,
            }
        midnight += _ONE_DAY
    if total != due.limit.amount * 3600:
        raise AssertionError(f"the walk counts {total} seconds, the limit has {due.limit.amount} hours: {due}")


def _extensions(due: Deadline) -> Iterator[StepValues]:
    valid, basis = valid_extension(due.extensions, due.legal_due_on), due.policy.extension_basis
    for extension in due.extensions:
        if extension is not valid:
            yield {"step": "extension_void", "until_on": extension.until, "basis": basis}
        elif due.policy.extension is ExtensionRule.apart:
            yield {"step": "extended_apart", "letter": extension.letter, "until_on": due.extended_due_on, "basis": basis}
        else:
            assert due.basis is DueBasis.extended
            until = due.calendar.next_working(extension.until)
            yield {"step": "extended", "letter": extension.letter, "until_on": until, "basis": basis}
            moved = extension_shifts(due)
            yield from _suspensions(due, moved)
            _, _, end = _walk(due, due.legal_due_on, extension_days(due, until), extension_unit(due), moved)
            if end != due.due_on:
                raise AssertionError(f"the walk of the extension ends on {end}, the tables on {due.due_on}: {due}")


def _unverified(due: Deadline) -> Iterator[StepValues]:
    """The days on which the due date rests and of which a decision speaks whose published text was not seen."""
    if not due.calendar.unverified:
        return
    spans = list(_relied_on(due))
    days = [day for day in due.calendar.unverified if any(first <= day <= last for first, last in spans)]
    if days:
        yield {
            "step": "unverified",
            "from_on": days[0],
            "until_on": days[-1],
            "decided": days,
            "basis": "; ".join(dict.fromkeys(note.legal_basis for note in _notes(due, days))),
        }


def _relied_on(due: Deadline) -> Iterator[tuple[date, date]]:
    """Spans of days, ends included, of which it matters whether they are worked."""
    legal = suspension_shifts(due)
    moved = [*legal, *extension_shifts(due)]
    received_on = due.received_at.date()
    if due.limit.unit is not LimitUnit.calendar_days:
        begins = received_on
        for move in moved:  # what is off while the clock stands still does not matter
            if move.suspension.to_at is not None:
                yield begins, move.begins_on - _ONE_DAY
                begins = max(begins, move.suspension.to_at.date())
        yield begins, due.due_on
        return
    # Calendar days run through days off: these matter only where a limit begins, goes on or ends.
    yield received_on, due.start_on
    for move in moved:
        if move.suspension.to_at is not None and move.resumed_on is not None:
            yield move.suspension.to_at.date(), move.resumed_on
    counted, _, end = _walk(due, due.start_on, due.limit.amount, due.limit.unit, legal)
    yield counted[-1] if counted else end, end
    if (valid := valid_extension(due.extensions, due.legal_due_on)) is not None and due.basis is DueBasis.extended:
        yield valid.until, due.due_on
