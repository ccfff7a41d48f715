"""Invented worlds of any size: dossier `i` is a function of the seed and `i`, so that millions cost no memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from deploy.simulator.ledger import DAY, History, Offering, Office, Promise, Step, at, civil_day
from deploy.simulator.rendering import mix
from deploy.simulator.world import LedgerWorld, Listing, StillListing, World
from shared.dossier import Channel, Status
from shared.workdays import national_calendar

FIRST_DAY = date(2022, 1, 3)
SPAN_DAYS = 400
"""Newest changes are spread evenly over these days."""

_SECTORS = (
    ("HT", "Hộ tịch"),
    ("DD", "Đất đai"),
    ("CT", "Chứng thực"),
    ("HKD", "Hộ kinh doanh"),
    ("BTXH", "Bảo trợ xã hội"),
)
_LIMITS = (("working_days", 3), ("working_days", 15), ("calendar_days", 20), ("hours", 8), ("working_days", 1))


def invented_offices(count: int) -> list[Office]:
    """One province, a department in ten, communes under it: codes `V0000`, `V0001` ..."""
    if count < 1:
        raise ValueError("a world needs at least one agency")
    since = date(2000, 1, 1)
    offices = [Office("V0000", "Tỉnh Thử Nghiệm", "Trial Province", None, "province", since)]
    for number in range(1, count):
        if number % 10 == 1:
            offices.append(Office(f"V{number:04d}", f"Sở số {number}", f"Department {number}", "V0000", "department", since))
        else:
            parent = f"V{number - (number - 1) % 10:04d}"
            offices.append(Office(f"V{number:04d}", f"Đơn vị số {number}", f"Unit {number}", parent, "commune", since))
    return offices


def invented_offerings(count: int = 40) -> list[Offering]:
    """Procedures of every kind of limit; each fifth is interlinked, three in four need digitisation, each third has a fee."""
    return [
        Offering(
            code=f"9.{number:06d}",
            name_vi=f"Thủ tục thử nghiệm số {number}",
            name_en=f"Trial procedure {number}",
            sector=_SECTORS[number % len(_SECTORS)][0],
            sector_name=_SECTORS[number % len(_SECTORS)][1],
            amount=_LIMITS[number % len(_LIMITS)][1],
            unit=_LIMITS[number % len(_LIMITS)][0],
            interlinked=number % 5 == 4,
            digitisation_required=number % 4 != 3,
            fee_required=number % 3 == 0,
        )
        for number in range(count)
    ]


class RandomWorld(World):
    """`dossiers` histories over `agencies` offices from `seed`, all of them over at `starts_at`.

    `dirt` is the share of dossiers with something wrong about them: sent as finished while paused, told days late, gone back
    to work after the result, an appointment that nobody can explain.
    """

    def __init__(self, *, dossiers: int, agencies: int = 20, seed: int = 1, province: str = "99", dirt: float = 0.05) -> None:
        self.province = province
        self.offices = invented_offices(agencies)
        self.offerings = invented_offerings()
        self._count = dossiers
        self._seed = seed
        self._dirt = int(dirt * 10_000)
        self._first = at(FIRST_DAY, 0)
        self._calendar = national_calendar()
        self.starts_at = self._first + SPAN_DAYS * DAY

    def __len__(self) -> int:
        return self._count

    def listing(self) -> Listing:
        return StillListing(self._count)

    def index_of(self, code: str) -> int | None:
        tail = code.rpartition("-")[2]
        if not tail.isdecimal() or int(tail) >= self._count:
            return None
        return int(tail) if self.history(int(tail)).code == code else None

    def history(self, index: int) -> History:
        bits = mix(self._seed, index)
        more = mix(self._seed, index, 1)
        newest = self._first + (index + 1) * SPAN_DAYS * DAY // (self._count + 1)
        office = bits % len(self.offices)
        number = (bits >> 12) % len(self.offerings)
        offering = self.offerings[number]
        draw = (bits >> 24) % 1000
        channel = Channel.online if draw < 750 else Channel.counter if draw < 950 else Channel.post
        dirty = (more >> 50) % 10_000 < self._dirt
        kind = (bits >> 34) % 1000
        lag = DAY * (2 + more % 9) if dirty and more & 0x100 else 0
        span = (3600 if offering.unit == "hours" else DAY) * offering.amount
        # How much of the limit the office used: mostly less than it has, sometimes more.
        used = span * (20 + (more >> 12) % 90) // 100 + (more >> 20) % 7200
        pause = DAY * (1 + (more >> 28) % 6) if (more >> 34) % 100 < 8 else 0

        last = newest - lag
        handed_over = last
        ready = last - (more >> 40) % (2 * DAY)
        if kind < 840:
            end: list[Step] = [Step(Status.resolved, ready, ready), Step(Status.delivered, handed_over, newest)]
            start = ready - used - pause
        elif kind < 900:
            end = [Step(Status.resolved, last, newest)]
            start = last - used - pause
        elif kind < 920:
            end = [Step(Status.returned, last, newest)]
            start = last - used - pause
        elif kind < 930:
            end = [Step(Status.withdrawn, last, newest)]
            start = last - used - pause
        elif kind < 940:
            applied = newest - DAY
            return self._history(
                index,
                office,
                number,
                channel,
                (Step(Status.registered, applied, applied), Step(Status.refused, newest, newest)),
            )
        elif kind < 950:
            return self._history(index, office, number, channel, (Step(Status.registered, newest, newest),))
        elif kind < 970:
            end = [Step((Status.supplement_requested, Status.payment_requested, Status.suspended)[index % 3], newest, newest)]
            start = newest - used - pause
        else:
            end = []
            start = newest - 1 - pause
        steps = [Step(Status.registered, start - 1800, start - 1800), Step(Status.received, start, start)]
        begin = start + min(600, max(used // 4, 0))
        if kind >= 970:
            if pause:
                steps.append(Step(Status.supplement_requested, start + 1, start + 1))
            steps.append(Step(Status.processing, newest, newest))
        else:
            steps.append(Step(Status.processing, begin, begin))
            if pause:
                asked = start + used // 2
                steps.append(Step(Status.supplement_requested, asked, asked))
                steps.append(Step(Status.processing, asked + pause, asked + pause))
            if dirty and more & 0x200 and kind < 840:
                # The result was wrong, and went back to work before it was handed over.
                third = max((ready - steps[-1].at) // 3, 1)
                steps.append(Step(Status.resolved, steps[-1].at + third, steps[-1].at + third))
                steps.append(Step(Status.processing, steps[-1].at + third, steps[-1].at + third))
            steps.extend(end)
        if offering.unit == "hours":
            due = start + span
        elif offering.unit == "working_days":
            due = at(self._calendar.add_working_days(civil_day(start), offering.amount), 17)
        else:
            due = at(civil_day(start + span), 17)
        if dirty and more & 0x400:
            due -= DAY * (1 + more % 4)
        promises = [Promise(due, start)]
        if pause and kind < 970 and more & 0x800:
            promises.append(Promise(due + pause, start + used // 2 + pause))
        done = kind < 900 and offering.digitisation_required
        return self._history(
            index,
            office,
            number,
            channel,
            tuple(steps),
            promises=tuple(promises),
            digitised_intake=(more >> 44) % 100 < 97 and offering.digitisation_required,
            digitised_result=done and (more >> 46) % 100 < 95,
            reused=bool(dirty and more & 0x1000),
            fee_online=offering.fee_required and channel is Channel.online and bool(more & 0x2000),
            sent_as_finished=bool(dirty and more & 0x4000),
        )

    def _history(
        self,
        index: int,
        office: int,
        offering: int,
        channel: Channel,
        steps: tuple[Step, ...],
        *,
        promises: tuple[Promise, ...] = (),
        digitised_intake: bool = False,
        digitised_result: bool = False,
        reused: bool = False,
        fee_online: bool = False,
        sent_as_finished: bool = False,
    ) -> History:
        day = civil_day(steps[0].at)
        return History(
            index=index,
            code=f"000.{office:04d}.19.H{self.province}-{day:%y%m%d}-{index:04d}",
            office=office,
            offering=offering,
            channel=channel,
            steps=steps,
            promises=promises,
            digitised_intake=digitised_intake,
            digitised_result=digitised_result,
            reused=reused,
            fee_online=fee_online,
            sent_as_finished=sent_as_finished,
        )


def live_world(world: RandomWorld, *, share: float = 0.5, deletions: bool = True, one_in: int = 100) -> LedgerWorld:
    """The same dossiers with the clock set back, so that the rest of the steps is still to come.

    `share` of the span is over when the portal starts. With `deletions` one dossier in `one_in` will be deleted at the
    source, up to two months after its last step.
    """
    if one_in < 1:
        raise ValueError("one dossier in so many is deleted: the number begins at 1")
    ledger = [world.history(index) for index in range(len(world))]
    for index in range(one_in // 2, len(ledger) if deletions else 0, one_in):
        one = ledger[index]
        ledger[index] = replace(one, deleted_at=one.steps[-1].recorded_at + DAY * (1 + mix(index) % 60))
    first = at(FIRST_DAY, 0)
    return LedgerWorld(
        province=world.province,
        offices=world.offices,
        offerings=world.offerings,
        ledger=ledger,
        starts_at=first + int(SPAN_DAYS * DAY * share),
    )
