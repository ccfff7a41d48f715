"""A small district, counted by the real metrics: what tests draft notices from."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.metrics.provinces.model import IngestHead
from services.metrics.provinces.store import ingest_heads, provinces
from shared.contracts.feed import FeedItem
from shared.database import Connection, Database
from shared.dossier import Channel, Facts, Outcome, Status, StepFacts, Timeliness
from tests.conftest import url_of
from tests.metrics.conftest import count_feed
from tests.metrics.worlds import quiet_quality
from tests.notices import answers
from tests.notices.reference import inspection_body

PERIOD = {"from": "2023-02-01", "to": "2023-03-15"}
"""A period in which the dossiers of the district came in and were resolved."""

UNEXPLAINED: dict[str, Any] = inspection_body(overdue_causes=[], pending_causes=[]) | {"period": PERIOD}
"""The reference inspection over that period, without a word on why dossiers are late."""


def _facts(source: random.Random, number: int, units: list[str]) -> Facts:
    """A dossier as a sound province publishes it: dated, with its channel, and with a cause where it is late."""
    procedure, _, _ = source.choice(answers.PROCEDURES)
    received = date(2023, 1, 2) + timedelta(days=source.randrange(90))
    due = received + timedelta(days=source.choice([1, 3, 7, 20]))
    ended = min(received + timedelta(days=source.randrange(15)), due + timedelta(days=2)) if source.random() < 0.9 else None
    timeliness = None
    if ended is not None:
        timeliness = Timeliness.early if ended < due else Timeliness.on_time if ended == due else Timeliness.overdue
    is_late = ended is None or ended > due
    is_late_in_software = is_late or source.random() < 0.05
    steps = () if ended is None else tuple(_steps(random.Random(number), received, ended))
    return Facts(
        code=f"H23-{number:05d}",
        status=Status.processing if ended is None else Status.resolved,
        agency=source.choice(units),
        procedure=procedure,
        channel=source.choices(list(Channel), [8, 2, 1])[0],
        received_on=received,
        due_on=due,
        late_from=due + timedelta(days=1),
        ended_on=ended,
        outcome=None if ended is None else source.choices([Outcome.resolved, Outcome.returned], [20, 1])[0],
        timeliness=timeliness,
        portal_late_from=received + timedelta(days=1) if is_late_in_software and not is_late else due + timedelta(days=1),
        portal_timeliness=Timeliness.overdue if ended is not None and is_late_in_software else timeliness,
        interlinked=source.random() < 0.3,
        digitisation_required=source.random() < 0.6,
        digitised_intake=source.random() < 0.9,
        digitised_result=source.random() < 0.9,
        cause="staff" if is_late else "days_off_counted" if is_late_in_software else None,
        steps=steps,
        misrouted=1 if len(steps) > 3 else 0,
        index_judged=True,
        index_due_on=due,
        index_ended_on=ended,
        index_late=ended is not None and ended > due,
    )


DEPARTMENTS = (
    *("Bộ phận Một cửa", "Phòng Tư pháp", "Phòng Tài nguyên và Môi trường", "Văn thư"),
    *("Thanh tra", "Văn phòng", None),
)
"""Of the steps of the district; the last is not known."""


def _steps(source: random.Random, received: date, ended: date) -> Iterator[StepFacts]:
    """Steps of the internal process of a dossier, some late and some without a due time."""
    for _ in range(source.randrange(5)):
        yield StepFacts(
            ended_on=received + timedelta(days=source.randint(0, (ended - received).days)),
            department=source.choices(DEPARTMENTS, [9, 6, 5, 3, 3, 2, 2])[0],
            step="Thụ lý hồ sơ",
            minutes_over=source.choice([None, 0, 0, 0, 90]),
        )


def district_feed(versions: int = 600) -> list[FeedItem]:
    """Versions of dossiers at the agencies of the reference district; the same ones at each call."""
    source = random.Random(7)
    units = [f"{unit['code']}@{unit['valid_from']}" for unit in answers.agencies()]
    numbers = (source.randint(1, versions // 2) for _ in range(versions))
    return [FeedItem(position, number, _facts(source, number, units)) for position, number in enumerate(numbers, start=1)]


async def mark_complete(tx: Connection, position: int) -> None:
    """What a worker of metrics and an ingest with quiet sources leave behind: figures that count as complete."""
    now, later = datetime.now(UTC), datetime.now(UTC) + timedelta(days=1)
    await tx.execute(
        "INSERT INTO metrics.heartbeat (worker, loop, beat_at, alive_until) VALUES ('test', '', $1, $2) ON CONFLICT DO NOTHING",
        now,
        later,
    )
    await provinces.set_quality(tx, "30", quiet_quality())
    # The district had dossiers before its inspection began.
    await tx.execute("UPDATE metrics.province SET first_on = '2020-01-02'")
    head = IngestHead(position, "epoch", position, None, False, None, now, later)
    await ingest_heads.set_ingest_heads(tx, {"30": head})


async def count_district(owner_url: str) -> int:
    """Count the district in a database with the schema of metrics; its position."""
    database = Database(url_of("metrics", owner_url), size=2)
    feed = district_feed()
    await count_feed(database, feed, random.Random(7))
    await database.run(lambda tx: mark_complete(tx, feed[-1].position))
    await database.close()
    return feed[-1].position
