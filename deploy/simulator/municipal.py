"""The figures of an event log straight from the file, by nothing but the standard library.

The expected figures of the journey when the portal serves the log (`deploy.simulator.event_log`): a second implementation,
case by case, that shares no code with the services, the adapter or the world.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from deploy.simulator.expected import share

_VIETNAM = timezone(timedelta(hours=7))

Figure = dict[str, int | float | None]
Figures = dict[str, dict[str, Figure]]


@dataclass(frozen=True)
class Case:
    """One case of the log, in civil days of Việt Nam."""

    department: str
    group: str
    channel: str
    received_on: date
    due_on: date
    ended_on: date | None


def cases(path: Path) -> Iterator[Case]:
    """The cases; an end before the start counts as an end on the day of the start."""
    seen: set[str] = set()
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["case:concept:name"] in seen:
                continue
            seen.add(row["case:concept:name"])
            received_on = _day(row["case:startdate"])
            ended_on = _day(row["case:enddate"]) if row["case:enddate"] else None
            yield Case(
                department=row["case:department"].upper().replace(" ", "-"),
                group=row["case:group"].upper().replace(" ", "-"),
                channel=row["case:channel"],
                received_on=received_on,
                due_on=_day(row["case:deadline"]),
                ended_on=None if ended_on is None else max(ended_on, received_on),
            )


def _day(text: str) -> date:
    return datetime.fromisoformat(text).astimezone(_VIETNAM).date()


def middle_period(path: Path) -> tuple[date, date]:
    """A period that cuts through the log at both ends: the middle half of the days on which cases came in."""
    days = sorted(case.received_on for case in cases(path))
    span = (days[-1] - days[0]).days
    return days[0] + timedelta(days=span // 4), days[0] + timedelta(days=3 * span // 4)


def expected(path: Path, begin: date, end: date) -> Figures:
    """Every figure of `reports/demo.json` for the days from `begin` to `end`, per agency with all that is under it.

    Keys are the agency codes: `NL`, `NL.<department>`, `NL.<department>.<group>`.
    """
    under: dict[str, list[Case]] = {}
    for case in cases(path):
        codes = ["NL", f"NL.{case.department}"]
        if case.group:
            codes.append(f"NL.{case.department}.{case.group}")
        for code in codes:
            under.setdefault(code, []).append(case)
    return {code: _figures(ones, begin, end) for code, ones in sorted(under.items())}


def _figures(ones: list[Case], begin: date, end: date) -> dict[str, Figure]:
    def number(condition: Callable[[Case], bool], among: Iterable[Case]) -> int:
        return sum(1 for one in among if condition(one))

    new = [one for one in ones if begin <= one.received_on <= end]
    carried = [one for one in ones if one.received_on < begin and (one.ended_on is None or one.ended_on >= begin)]
    resolved = [one for one in ones if one.ended_on is not None and begin <= one.ended_on <= end]
    open_at_end = [one for one in ones if one.received_on <= end and (one.ended_on is None or one.ended_on > end)]
    counts = {
        "received_online": number(lambda one: one.channel in ("Internet", "e-mail"), new),
        "received_counter": number(lambda one: one.channel in ("Desk", "Intern"), new),
        "received_post": number(lambda one: one.channel == "Post", new),
        "received_new": len(new),
        "carried_over": len(carried),
        "resolved_early": number(lambda one: one.ended_on is not None and one.ended_on < one.due_on, resolved),
        "resolved_on_time": number(lambda one: one.ended_on == one.due_on, resolved),
        "resolved_overdue": number(lambda one: one.ended_on is not None and one.ended_on > one.due_on, resolved),
        "resolved": len(resolved),
        "in_process_within_limit": number(lambda one: one.due_on >= end, open_at_end),
        "in_process_overdue": number(lambda one: one.due_on < end, open_at_end),
        "in_process": len(open_at_end),
        # The log knows no returned cases, no interlinked procedures and no digitisation.
        "returned": 0,
        "interlinked_received_new": 0,
        "interlinked_carried_over": 0,
        "interlinked_resolved_in_time": 0,
        "interlinked_resolved_overdue": 0,
        "interlinked_in_process_within_limit": 0,
        "interlinked_in_process_overdue": 0,
    }
    rates = {
        "online_share": (counts["received_online"], counts["received_new"]),
        "in_time_share": (counts["resolved_early"] + counts["resolved_on_time"], counts["resolved"]),
        "digitised_intake": (0, 0),
        "digitised_result": (0, 0),
    }
    figures: dict[str, Figure] = {
        name: {"numerator": count, "denominator": None, "value": count} for name, count in counts.items()
    }
    for name, (numerator, denominator) in rates.items():
        figures[name] = {"numerator": numerator, "denominator": denominator, "value": share(numerator, denominator)}
    return figures
