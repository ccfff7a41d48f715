"""The index of decision 766 as a national portal publishes it about this world: its own count of the dossiers of this portal.

`POST /published/progress`, `/published/payment` and `/published/digitisation` take `{"province", "year", "quarter", "month"}`,
of which the last two may be null, and answer in the two shapes of the national portal. No token: they are public.

- progress: of the dossiers received, or closed, in the period the share on time: closed by the due date that the portal shows,
  the days in which the applicant supplied papers off; with two requests for papers late; in process by the last day.
- payment: dossiers received with a fee, and those of them that were paid online.
- digitisation: results, whole dossiers and re-used papers.

A unit has its own dossiers and those of all below it. `Plants` make the row of a unit differ from the world.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from deploy.simulator.ledger import Snapshot, civil_day, suspensions
from deploy.simulator.world import World
from shared.dossier import Outcome, Status

Group = Literal["progress", "payment", "digitisation"]
LACKING = 3
"""Of a unit that does not synchronise, each dossier of this number is missing."""
DAYS_BEHIND = 7
"""So much earlier are the figures of a unit that is shown as of another day."""


@dataclass(slots=True)
class Plants:
    """Codes of units whose rows differ from the world, each in another way; empty: none does."""

    not_synchronised: str = ""
    """A third of its dossiers has not arrived."""
    other_base: str = ""
    """Dossiers that were carried over count too."""
    other_day: str = ""
    """It is shown as it was some days before the period's end."""
    judged_otherwise: str = ""
    """Its late dossiers count as on time."""
    unmapped_unit: str = ""
    """It stands under a code that nobody else knows."""

    def change(self, values: Mapping[str, object]) -> None:
        """Plant others; ValueError names what cannot be planted."""
        known = {one.name for one in fields(self)}
        for name, value in values.items():
            if name not in known or not isinstance(value, str):
                raise ValueError(f"nothing to plant: {name}={value!r}; known are {', '.join(sorted(known))}")
        for name, value in values.items():
            setattr(self, name, value)


def civil_period(year: int, quarter: int | None, month: int | None) -> tuple[date, date]:
    """The first and the last day of a month, a quarter or a year; ValueError where there is no such one."""
    first, last = (month, month) if month else (quarter * 3 - 2, quarter * 3) if quarter else (1, 12)
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def published(
    world: World, dossiers: Iterable[Snapshot], group: Group, since: date, until: date, plants: Plants
) -> dict[str, object]:
    """What the national portal answers about the world."""
    of_office: dict[int, list[Snapshot]] = {}
    for one in dossiers:
        if one.received_at is not None and one.outcome is not Outcome.refused:
            of_office.setdefault(one.history.office, []).append(one)
    rows = []
    for index, office in enumerate(world.offices):
        members = [one for below in _below(world, index) for one in of_office.get(below, ())]
        if members:
            rows.append((office.code, _planted(world, members, office.code, group, since, until, plants)))
    everything = [one for of_one in of_office.values() for one in of_one]
    whole = _counted(world, everything, group, since, until)
    shown = [(f"X{code}" if code == plants.unmapped_unit else code, row) for code, row in rows]
    if group == "digitisation":
        evaluation = [{"departmentCode": code, "metrics": row} for code, row in shown]
        return {"data": {"overview": {"metrics": whole}, "evaluation": evaluation}}
    children = [{"departmentCode": code, **row} for code, row in shown if isinstance(row, dict)]
    return {"data": {"parent": whole, "children": children}}


def _below(world: World, index: int) -> list[int]:
    """An office and all below it."""
    codes, found = {world.offices[index].code}, [index]
    added = True
    while added:
        more = [n for n, one in enumerate(world.offices) if one.parent in codes and n not in found]
        added = bool(more)
        found += more
        codes |= {world.offices[n].code for n in more}
    return found


def _planted(
    world: World, members: Sequence[Snapshot], code: str, group: Group, since: date, until: date, plants: Plants
) -> dict[str, object] | list[dict[str, object]]:
    if code == plants.not_synchronised:
        members = [one for number, one in enumerate(members) if number % LACKING]
    if code == plants.other_day:
        until -= timedelta(days=DAYS_BEHIND)
    carried = code == plants.other_base
    lenient = code == plants.judged_otherwise
    return _counted(world, members, group, since, until, carried=carried, lenient=lenient)


def _counted(
    world: World,
    dossiers: Sequence[Snapshot],
    group: Group,
    since: date,
    until: date,
    *,
    carried: bool = False,
    lenient: bool = False,
) -> dict[str, object] | list[dict[str, object]]:
    begin = date.min if carried else since
    received = [one for one in dossiers if begin <= _on(one.received_at) <= until]
    if group == "progress":
        base = [one for one in dossiers if begin <= _on(one.received_at) <= until or begin <= _done(one) <= until]
        on_time = len(base) if lenient else sum(_is_on_time(one, until) for one in base)
        return {
            "totalReceived": len(base),
            "totalOnTime": on_time,
            "totalOverdue": len(base) - on_time,
            "ratio": _rounded(on_time, len(base)),
            "score": _rounded(20 * on_time, len(base)),
            "maxScore": 20,
        }
    if group == "payment":
        due = [one for one in received if world.offerings[one.history.offering].fee_required]
        paid = sum(one.history.fee_online for one in due)
        return {
            "totalDossierOnlinePaymentSuccess": paid,
            "totalDossierFinancialObligation": len(due),
            "totalScore": None,  # what it counts of procedures is known to nobody
            "maxScore": 10,
        }
    ended = [one for one in dossiers if one.outcome is Outcome.resolved and begin <= _on(one.ended_at) <= until]
    with_result = [one for one in ended if world.offerings[one.history.offering].digitisation_required]
    whole = sum(one.history.digitised_intake for one in ended) - sum(
        one.history.digitised_intake and not one.history.digitised_result for one in with_result
    )
    return [
        _metric("ORIGINAL_RESULT_AVAILABLE", sum(one.history.digitised_result for one in with_result), len(with_result), 6),
        _metric("SO_HOA_GIAY_TO_GIAI_QUYET", whole, len(ended), 4),
        _metric(
            "REUSED_DIGITIZED_DATA", sum(one.history.digitised_intake for one in received), len(received), 2, Decimal("0.8")
        ),
    ]


def _metric(code: str, above: int, below: int, max_points: int, full_at: Decimal = Decimal(1)) -> dict[str, object]:
    points = None if not below else min(Decimal(max_points), max_points * Decimal(above) / below / full_at)
    return {
        "code": code,
        "numerator": above,
        "denominator": below,
        "rate": _rounded(above, below),
        "score": None if points is None else float(points.quantize(Decimal("0.01"), ROUND_HALF_UP)),
        "maxScore": max_points,
    }


def _on(at: int | None) -> date:
    return date.max if at is None else civil_day(at)


def _done(one: Snapshot) -> date:
    """The day by which it is judged: when the office closed it, which may be long after the result was ready."""
    return _on(one.completed_at)


def _is_on_time(one: Snapshot, until: date) -> bool:
    requests = sum(step.status is Status.supplement_requested for step in one.steps)
    done = min(_done(one), until)
    if requests > 1:
        return False
    due = one.due_at
    if due is None:
        return True
    supplied = sum(
        max(0, (min(civil_day(end), done) - civil_day(begin)).days)
        for begin, end, status in suspensions(one)
        if status is Status.supplement_requested and end is not None
    )
    return done <= civil_day(due) + timedelta(days=supplied)


def _rounded(above: int, below: int) -> float | None:
    return float((Decimal(above) / below).quantize(Decimal("0.01"), ROUND_HALF_UP)) if below else None
