"""Which days are compared after a storm: only those that the portal's clock and ours cannot judge differently."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from deploy.simulator.ledger import DAY, History, Snapshot, civil_day, snapshot
from deploy.simulator.random_world import SPAN_DAYS
from deploy.simulator.statistics import totals
from deploy.simulator.worlds import make_world
from services.ingest.reconciliation.model import portal_window
from tests.faults.storm import AGENCIES, BEFORE_ALL, PROVINCE, SHARE, SIZES, last_whole_day

HOUR = 3_600
OUR_CLOCK = int(datetime(2026, 11, 26, tzinfo=UTC).timestamp())
SEED = 378_931
"""Of a world where a dossier of V0026 is due six hours after the evening, before that day of UTC is over."""


def test_the_totals_compared_after_a_storm_are_the_same_by_every_clock() -> None:
    world = make_world(
        "random",
        dossiers=SIZES["ci"].dossiers,
        agencies=AGENCIES,
        seed=SEED,
        province=PROVINCE,
        live=True,
        share=SHARE,
        deleted_one_in=SIZES["ci"].deleted_one_in,
    )
    evening = world.starts_at + int(SPAN_DAYS * DAY * (1 - SHARE))
    unfinished = [one for one in world.histories() if _is_open(snapshot(one, evening))]

    for hour in range(24):
        now = evening + hour * HOUR
        assert _differing(unfinished, last_whole_day(now), now) == [], f"{hour} hours after the evening"
    # It has a dossier that tells the clocks apart.
    assert _differing(unfinished, civil_day(evening) - timedelta(days=1), evening) == ["V0026"]


def _is_open(shown: Snapshot | None) -> bool:
    return shown is not None and shown.completed_at is None


def _differing(histories: list[History], last: date, now: int) -> list[str]:
    """The agencies whose totals change with the clock of whoever counts."""
    shown = [one for one in (snapshot(history, now) for history in histories) if one is not None]
    window = portal_window(BEFORE_ALL, last, datetime.fromtimestamp(now, UTC))
    begin, end = int(window.begin.timestamp()), int(window.end.timestamp())
    theirs, ours = (totals(shown, begin, end, clock, cancelled_apart=True) for clock in (now, OUR_CLOCK))
    return [f"V{office:04d}" for office in sorted(theirs | ours) if theirs.get(office) != ours.get(office)]
