"""The ledger of the reference world: the planned dossiers with their dates, and dossiers outside the period."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from functools import cache

from deploy.simulator.draw import Draw
from deploy.simulator.ledger import DAY, History, Offering, Office, Promise, Step, at, civil_day, moment
from deploy.simulator.reference.calibration import DISTRICT, FIRST_DAY, LAST_DAY, calibration
from deploy.simulator.reference.dating import Timeline, due_instant, office_time, timeline_of
from deploy.simulator.reference.plans import (
    HANDLED_BY,
    MISROUTED,
    OF_COMMUNES,
    Divergence,
    DossierPlan,
    EndState,
    dossier_plans,
)
from deploy.simulator.world import LedgerWorld
from shared.agencies import Agency, reference_structure
from shared.dossier import Channel, Status
from shared.procedures import Procedure, reference_procedures, sectors
from shared.workdays import Calendar, LimitUnit, TimeLimit, calendar_for, deadline

PROVINCE = "30"
NOW = at(date(2023, 8, 15), 17)
"""The day on which the inspection team reported."""
LIVE_FROM = at(LAST_DAY + timedelta(days=1), 0)
"""A live reference world starts on the morning after the period."""
ONLINE_PAYMENT_FROM = date(2023, 7, 1)
SEED = 20230720


def offices() -> list[Office]:
    """The district, its offices and its communes as they were in the period."""
    return [
        Office(unit.code, unit.name_vi, unit.name_en, unit.parent, unit.kind.value, unit.valid_from)
        for unit in reference_structure()
        if unit.exists_on(LAST_DAY) and (unit.code in (PROVINCE, DISTRICT) or unit.parent == DISTRICT)
    ]


def offerings() -> list[Offering]:
    """The procedures in force in the period."""
    names = sectors()
    found = []
    for procedure in reference_procedures():
        if procedure.valid_from > FIRST_DAY or (procedure.valid_to is not None and procedure.valid_to <= LAST_DAY):
            continue
        assert procedure.limit is not None
        found.append(
            Offering(
                code=procedure.code,
                name_vi=procedure.name_vi,
                name_en=procedure.name_en,
                sector=procedure.sector,
                sector_name=names[procedure.sector].name_vi,
                amount=procedure.limit.amount,
                unit=procedure.limit.unit.value,
                interlinked=procedure.interlinked,
                digitisation_required=procedure.digitisation_required,
                fee_required=procedure.fee_required,
                level=procedure.handled_by.value if procedure.handled_by else "commune",
            )
        )
    return found


@cache
def _ledger() -> tuple[History, ...]:
    calendar = calendar_for(PROVINCE)
    catalogue = offerings()
    position = {office.code: index for index, office in enumerate(offices())}
    number = {offering.code: index for index, offering in enumerate(catalogue)}
    drafts: list[_Draft] = []
    misrouted = {agency: [department] * count for agency, (department, count) in MISROUTED.items()}
    for count, plan in enumerate(dossier_plans(catalogue)):
        draw = Draw(SEED, count)
        assert plan.offering is not None
        timeline = timeline_of(plan, draw, calendar)
        detours = misrouted.get(plan.agency, []) if _may_go_astray(plan, timeline) else []
        drafts.append(
            _Draft(
                position[plan.agency],
                number[plan.offering.code],
                plan.channel,
                timeline,
                plan.digitised_intake,
                plan.digitised_result,
                plan.digitised_intake and draw.chance(3),
                plan.channel is Channel.online and draw.chance(12),
                detour=detours.pop() if detours else None,
            )
        )
    drafts += _outside(calendar, catalogue, position, number)
    drafts.sort(key=lambda draft: (draft.timeline.applied_at, draft.office, draft.offering))
    order: Counter[tuple[int, date]] = Counter()
    departments = [department_of(office) for office in offices()]
    return tuple(draft.history(index, catalogue, departments, order) for index, draft in enumerate(drafts))


def _may_go_astray(plan: DossierPlan, timeline: Timeline) -> bool:
    """Whether it is resolved early without anything else to be said of it, and long enough at work."""
    if plan.end_state is not EndState.early or plan.divergence is not Divergence.none:
        return False
    begun = next(step.at for step in timeline.steps if step.status is Status.processing)
    return next(step.at for step in timeline.steps if step.status is Status.resolved) - begun > 2 * DAY


def department_of(office: Office) -> str:
    """As the portal writes who works on the dossiers of an agency."""
    name = office.name_vi
    return f"UBND {name[0].lower()}{name[1:]}" if office.level == "commune" else name


class _Draft:
    """A dossier before it has its code."""

    def __init__(
        self,
        office: int,
        offering: int,
        channel: Channel,
        timeline: Timeline,
        digitised_intake: bool = False,
        digitised_result: bool = False,
        reused: bool = False,
        fee_online: bool = False,
        detour: str | None = None,
    ) -> None:
        self.office = office
        self.offering = offering
        self.channel = channel
        self.timeline = timeline
        self._digitised = (digitised_intake, digitised_result, reused)
        self._fee_online = fee_online
        self._detour = detour

    def history(
        self, index: int, catalogue: list[Offering], departments: list[str], order: Counter[tuple[int, date]]
    ) -> History:
        day = civil_day(self.timeline.applied_at)
        order[self.office, day] += 1
        return History(
            index=index,
            code=f"000.{self.office:02d}.19.H30-{day:%y%m%d}-{order[self.office, day]:04d}",
            office=self.office,
            offering=self.offering,
            channel=self.channel,
            steps=self.timeline.steps,
            promises=self.timeline.promises,
            digitised_intake=self._digitised[0],
            digitised_result=self._digitised[1],
            reused=self._digitised[2],
            fee_online=self._fee_online and catalogue[self.offering].fee_required and day >= ONLINE_PAYMENT_FROM,
            cause=self.timeline.cause,
            legal_due_at=self.timeline.legal_due_at,
            department=departments[self.office],
            detour=self._detour,
        )


_BEFORE, _AFTER, _REFUSED, _WITHDRAWN, _REGISTERED = 420, 760, 37, 25, 40


def _outside(calendar: Calendar, catalogue: list[Offering], position: dict[str, int], number: dict[str, int]) -> list[_Draft]:
    """Dossiers that the period must not count: ended before it, received after it, refused, withdrawn, only registered.

    Some refusals lie inside the period and count there as refusals only.
    """
    draw = Draw(SEED, -1)
    codes: dict[str, list[Offering]] = defaultdict(list)
    by_code = {offering.code: offering for offering in catalogue}
    busy = [row.agency for row in calibration() if row.received_new]
    for agency in busy:
        codes[agency] = [by_code[code] for code in HANDLED_BY.get(agency, OF_COMMUNES) if by_code[code].unit != "hours"]
    weights = [row.agency for row in calibration() for _ in range(row.received_new // 40)]

    def draft(begin: date, end: date, kind: str) -> _Draft:
        agency = draw.pick(weights)
        offering = draw.pick(codes[agency])
        channel = Channel.online if draw.chance(78) else Channel.counter
        day = calendar.next_working(begin + timedelta(days=draw.below((end - begin).days)))
        received_at = office_time(day, draw)
        due = deadline(moment(received_at), TimeLimit(offering.amount, LimitUnit(offering.unit)), calendar)
        applied_at = received_at - draw.between(300, 3000)
        steps = [Step(Status.registered, applied_at, applied_at)]
        promises: tuple[Promise, ...] = ()
        if kind == "refused":
            steps.append(Step(Status.refused, received_at, received_at))
        elif kind != "registered":
            promises = (Promise(due_instant(due), received_at),)
            room = calendar.working_days_between(day, due.due_on)
            ended_at = office_time(calendar.add_working_days(day, draw.between(1, max(room, 1))), draw)
            if kind == "before":
                ended_at = min(ended_at, at(FIRST_DAY, 0) - draw.between(8 * 3600, 60 * 3600))
                ended_at = max(ended_at, received_at + 600)
            steps += [
                Step(Status.received, received_at, received_at),
                Step(Status.processing, received_at + 300, received_at + 300),
            ]
            if kind == "withdrawn":
                steps.append(Step(Status.withdrawn, ended_at, ended_at))
            else:
                picked_up = ended_at + draw.between(120, 2 * 86400)
                steps += [Step(Status.resolved, ended_at, ended_at), Step(Status.delivered, picked_up, picked_up)]
        digitised = draw.chance(95)
        return _Draft(
            position[agency],
            number[offering.code],
            channel,
            Timeline(applied_at, tuple(steps), promises, due_instant(due)),
            digitised,
            digitised and kind not in ("refused", "registered", "withdrawn"),
            fee_online=channel is Channel.online and draw.chance(15),
        )

    before = (date(2022, 11, 7), date(2022, 12, 13))
    after = (LAST_DAY + timedelta(days=1), date(2023, 8, 15))
    found = [draft(*before, "before") for _ in range(_BEFORE)]
    found += [draft(*after, "after") for _ in range(_AFTER)]
    found += [draft(FIRST_DAY, after[1], "refused") for _ in range(_REFUSED)]
    found += [draft(*after, "withdrawn") for _ in range(_WITHDRAWN)]
    found += [draft(date(2023, 8, 11), after[1], "registered") for _ in range(_REGISTERED)]
    return found


class ReferenceWorld(LedgerWorld):
    """Its catalogue is the reference catalogue, with the generations of before and after."""

    def agencies(self) -> list[Agency]:
        return list(reference_structure())

    def procedures(self) -> list[Procedure]:
        return list(reference_procedures())


def reference_world(*, live: bool = False) -> LedgerWorld:
    """The world as of 15/8/2023, 17:00; a live one starts on 21/7/2023 with the days after the period still to come."""
    return ReferenceWorld(
        province=PROVINCE,
        offices=offices(),
        offerings=offerings(),
        ledger=_ledger(),
        starts_at=LIVE_FROM if live else NOW,
    )
