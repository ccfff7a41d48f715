"""Random histories of dossiers, with every rarity made common."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta

from shared.contracts.feed import FeedItem, Quality, UnmappedDossiers
from shared.dossier import Channel, Contradiction, ContradictionKind, Facts, Outcome, Status, StepFacts, Timeliness
from shared.workdays.causes import DelayCause

FIRST = date(2023, 1, 20)
DAYS = 70
AGENCIES = ["10813@2019-12-01", "10828@2019-12-01", "10828@2024-12-01", "294.TNMT@2019-12-01", None]
PROCEDURES = ["1.000001", "1.000002", "2.000003"]
DEPARTMENTS = ["Bộ phận Một cửa", "Phòng Tư pháp", "H23.19.4", None]
STEP_NAMES = ["Tiếp nhận hồ sơ", "Thụ lý hồ sơ", None]
CAUSES = [*(cause.value for cause in DelayCause if cause is not DelayCause.other), "something_new", None]
"""What a dossier may be late of; whatever is none of ours counts as `other`."""
_STATUS = {
    Outcome.resolved: Status.resolved,
    Outcome.returned: Status.returned,
    Outcome.refused: Status.refused,
    Outcome.withdrawn: Status.withdrawn,
    None: Status.processing,
}


def quiet_quality(quarantined: int = 0) -> Quality:
    """What ingest tells of sources that lack nothing else."""
    return Quality(
        quarantined=quarantined,
        quarantined_since=None,
        missing=[],
        gap=None,
        gap_since=None,
        unmapped=UnmappedDossiers([], others=False),
    )


def day(offset: int) -> date:
    return FIRST + timedelta(days=offset)


def random_facts(random: random.Random, number: int) -> Facts:
    """Facts as ingest might publish them, with every rarity made common."""
    received = day(random.randrange(DAYS)) if random.random() < 0.93 else None
    base = received or day(random.randrange(DAYS))
    ended = base + timedelta(days=random.choice([0, 0, 1, 2, 5, 9, 14, 30])) if random.random() < 0.65 else None
    outcome = random.choices(list(Outcome), [8, 2, 1, 1])[0] if ended else None
    if received is None and outcome is not None and random.random() < 0.5:
        outcome = Outcome.refused
    due = base + timedelta(days=random.choice([0, 1, 3, 7, 20])) if random.random() < 0.9 else None
    portal_due = base + timedelta(days=random.choice([0, 1, 3, 7, 20])) if random.random() < 0.8 else None
    pauses: list[tuple[date, date | None]] = []
    if received is not None and random.random() < 0.3:
        at = received
        for _ in range(random.randint(1, 3)):
            since = at + timedelta(days=random.randint(0, 4))
            until = since + timedelta(days=random.randint(1, 6))
            if ended is not None:
                since, until = min(since, ended), min(until, ended)
            if since < until:
                pauses.append((since, until))
            at = until + timedelta(days=1)
        if ended is None and random.random() < 0.4:
            pauses.append((at + timedelta(days=1), None))
    late_from = due + timedelta(days=random.choice([0, 1, 1, 1])) if due else None
    soon = None
    if due is not None:
        soon = (due - timedelta(days=1), due - timedelta(days=random.randint(3, 4)), due - timedelta(days=random.randint(5, 8)))
    timeliness = None
    if ended is not None and due is not None:
        timeliness = Timeliness.early if ended < due else Timeliness.on_time if ended == due else Timeliness.overdue
    portal_timeliness = None
    if ended is not None and portal_due is not None:
        portal_timeliness = Timeliness.overdue if ended > portal_due else Timeliness.early
    interlinked = random.random() < 0.3
    timed = outcome is Outcome.resolved and random.random() < 0.8
    contradictions: tuple[Contradiction, ...] = ()
    if random.random() < 0.1:
        # Ingest derives nothing from what contradicts itself.
        wrong = random.sample(list(ContradictionKind), random.randint(1, 2))
        contradictions = tuple(Contradiction(kind, random.choice(["portal", "lists"])) for kind in wrong)
        due = portal_due = late_from = soon = portal_timeliness = None
        timeliness = Timeliness.on_time if outcome is not None and received is not None else None
        timed = False
    supplements = random.choice([0, 0, 0, 1, 2])
    index_due = None if portal_due is None or random.random() < 0.2 else portal_due + timedelta(days=random.choice([0, 0, 4]))
    index_ended = _closed_on(base, ended, number)
    steps: list[StepFacts] = []
    if received is not None and random.random() < 0.4:
        length = (ended - received).days if ended is not None else 20
        for _ in range(random.randint(1, 5)):
            over = random.choice([None, 0, 0, 30, 480, 2_000])
            on = received + timedelta(days=random.randint(0, length))
            steps.append(
                StepFacts(ended_on=on, department=random.choice(DEPARTMENTS), step=random.choice(STEP_NAMES), minutes_over=over)
            )
    return Facts(
        code=f"H23-{number:05d}",
        status=_STATUS[outcome],
        agency=random.choice(AGENCIES),
        procedure=random.choice(PROCEDURES) if random.random() < 0.9 else None,
        channel=random.choice([*Channel, None]),
        received_on=received,
        due_on=due,
        late_from=late_from,
        due_soon=soon,
        ended_on=ended,
        outcome=outcome,
        timeliness=timeliness,
        portal_late_from=portal_due + timedelta(days=1) if portal_due else None,
        portal_timeliness=portal_timeliness,
        suspensions=tuple(pauses),
        interlinked=interlinked,
        digitisation_required=random.random() < 0.6,
        digitised_intake=random.random() < 0.5 or (None if number % 4 == 0 else False),
        digitised_result=random.random() < 0.5 or (None if number % 4 == 1 else False),
        fee_required=random.random() < 0.5,
        fee_online=random.random() < 0.5 or (None if number % 4 == 2 else False),
        reused=random.random() < 0.2 or (None if number % 4 == 3 else False),
        supplements=supplements or (None if number % 3 == 1 else 0),
        spent_minutes=random.choice([30, 240, 241, 480, 481, 1500, 60_000]) if timed else None,
        limit_minutes=random.choice([480, 2400, None]) if timed else None,
        cause=None if contradictions else random.choice(CAUSES),
        contradictions=contradictions,
        synced_late=random.random() < 0.2 or (None if number % 3 == 2 else False),
        result_coded=random.random() < 0.5 or (None if number % 3 == 0 else False),
        from_storage=None if not random.random() < 0.3 and number % 7 == 0 else number % 3 == 0,
        account_verified=random.random() < 0.5 or (None if number % 5 == 0 else False),
        index_judged=True,
        index_ended_on=index_ended if received is not None and outcome is not Outcome.refused else None,
        index_due_on=index_due,
        index_late=index_ended is not None
        and received is not None
        and outcome is not Outcome.refused
        and (supplements > 1 or (index_due is not None and index_ended > index_due)),
        steps=tuple(steps),
        misrouted=random.choice([0, 0, 1, 2]) if len(steps) > 2 else 0,
        deleted=random.random() < 0.05,
    )


def _closed_on(base: date, ended: date | None, number: int) -> date | None:
    """The day its source closed it: before its result is handed over, where that stops the clock, or after it was ready."""
    if ended is None:
        return base + timedelta(days=4) if number % 11 == 0 else None
    shift = (0, 0, 0, -3, 6)[(number + ended.day) % 5]
    return max(base, ended + timedelta(days=shift))


def random_feed(random: random.Random, dossiers: int, versions: int) -> list[FeedItem]:
    """A feed in which dossiers are corrected, reopened, moved and deleted at any time."""
    return [
        FeedItem(position, number := random.randint(1, dossiers), random_facts(random, number))
        for position in range(1, versions + 1)
    ]


def state(feed: Iterable[FeedItem], position: int) -> dict[int, Facts]:
    """The last facts of each dossier up to a position."""
    return {item.number: item.facts for item in feed if item.position <= position}
