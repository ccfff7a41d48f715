"""Every reason why an answer is not complete: when it holds, what it counts, and that nothing unknown is told as 0."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from deploy.local.services import ROOT
from services.metrics.monitoring.incomplete import due
from services.metrics.periods import Period
from services.metrics.polling.fingerprint import fingerprint_of
from services.metrics.provinces.completeness import freshness as freshness_by
from services.metrics.provinces.completeness import together
from services.metrics.provinces.model import IngestHead, Province
from services.metrics.provinces.shortfalls import SHORTFALLS
from shared.contracts.feed import Missing, Quality, UnmappedDay, UnmappedDossiers
from shared.contracts.kpis import Freshness, Reason, Text
from shared.heartbeat import WorkerOutage
from tests.metrics.worlds import quiet_quality

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
SINCE = NOW - timedelta(hours=2)
PERIOD = Period(date(2026, 3, 1), date(2026, 3, 31))
HEAD = IngestHead(9, "first", 9, None, False, None, NOW, NOW + timedelta(seconds=20))
GOOD = Province(
    "30", 9, 9, 12, 1, NOW, date(2026, 1, 2), quiet_quality(), 3, 0.5, "first", "d", None, None, "now", 0, None, HEAD, NOW
)

freshness = partial(freshness_by, definition="now")


def of_quality(**values: Any) -> Province:
    return with_quality(msgspec.structs.replace(quiet_quality(), **values))


def with_quality(quality: Quality | None) -> Province:
    return changed(quality=quality)


def changed(**values: Any) -> Province:
    return replace(GOOD, **values)


def told(found: Freshness) -> dict[str, tuple[int, datetime | None]]:
    assert found.complete is not bool(found.reasons)
    assert all(one.what_to_do.vi and one.what_to_do.en for one in found.reasons)
    return {one.kind: (one.count, one.since) for one in found.reasons}


def missing(reason: Any) -> Province:
    return of_quality(missing=[Missing("a", reason, SINCE), Missing("b", reason, None)])


UNMAPPED = UnmappedDossiers(
    [UnmappedDay(date(2026, 2, 10), 3, 0, 1, 0), UnmappedDay(date(2026, 2, 20), 0, 1, 0, 1)], others=False
)
CASES = {
    "worker_silent": (GOOD, WorkerOutage(["following", "noting"], SINCE), PERIOD, (2, SINCE)),
    "ingest_restored": (changed(restored="x", restored_at=SINCE), None, PERIOD, (1, SINCE)),
    "ingest_unreachable": (changed(read_at=NOW + timedelta(seconds=21)), None, PERIOD, (1, NOW)),
    "ingest_worker_silent": (changed(ingest=replace(HEAD, worker_silent=True, worker_since=SINCE)), None, PERIOD, (1, SINCE)),
    "sources_unknown": (with_quality(None), None, PERIOD, (1, None)),
    "behind": (changed(head=14), None, PERIOD, (5, NOW)),
    "recounting": (changed(counted_by="before"), None, PERIOD, (1, None)),
    "source_missing": (missing("late"), None, PERIOD, (2, SINCE)),
    "source_silent": (missing("silent"), None, PERIOD, (2, SINCE)),
    "pull_unverified": (missing("unverified"), None, PERIOD, (2, SINCE)),
    "import_running": (missing("importing"), None, PERIOD, (2, SINCE)),
    "import_interrupted": (missing("interrupted"), None, PERIOD, (2, SINCE)),
    "quarantined": (of_quality(quarantined=4, quarantined_since=SINCE), None, PERIOD, (4, SINCE)),
    "petitions_rejected": (changed(petitions_rejected=2, petitions_rejected_since=SINCE), None, PERIOD, (2, SINCE)),
    "reconciliation_gap": (of_quality(gap=7, gap_since=SINCE), None, PERIOD, (7, SINCE)),
    "redating": (of_quality(redating=8, redating_since=SINCE), None, PERIOD, (8, SINCE)),
    "agency_unmapped": (of_quality(unmapped=UNMAPPED), None, PERIOD, (2, None)),
    "procedure_unmapped": (of_quality(unmapped=UnmappedDossiers([], others=True)), None, PERIOD, (1, None)),
    "nothing_counted": (changed(position=0, head=0, ingest=replace(HEAD, head=0, position=0)), None, PERIOD, (1, None)),
    "period_before_data": (GOOD, None, Period(date(2025, 12, 30), date(2026, 1, 31)), (3, None)),
    "period_not_over": (GOOD, None, Period(date(2026, 11, 1), date(2026, 11, 23)), (3, None)),
}


def test_every_reason_has_a_case_here() -> None:
    assert set(CASES) == {one.kind for one in SHORTFALLS}


@pytest.mark.parametrize("kind", CASES)
def test_a_reason_says_how_many_since_when_and_what_to_do(kind: str) -> None:
    province, outage, period, count = CASES[kind]
    assert told(freshness(GOOD, None, PERIOD)) == {}
    assert told(freshness(province, outage, period)) == {kind: count}


def test_what_to_do_names_routes_that_there_are() -> None:
    documents = [
        msgspec.json.decode((ROOT / "docs" / "openapi" / f"{name}.json").read_bytes()) for name in ("ingest", "metrics")
    ]
    routes = {
        f"{method.upper()} {re.sub('{[^}]*}', '<>', path)}"
        for document in documents
        for path, methods in document["paths"].items()
        for method in methods
    }
    named = [
        re.sub("<[^>]*>", "<>", route)
        for one in SHORTFALLS
        for text in (one.what_to_do.vi, one.what_to_do.en)
        for route in re.findall(r"[A-Z]+ /v1/[^ .;:,)]+", text)
    ]
    assert len(named) >= 10
    assert set(named) <= routes


def test_of_unmapped_dossiers_those_count_that_were_in_hand_in_the_period() -> None:
    province = of_quality(unmapped=UNMAPPED)
    for since, until, agency, procedure in (
        (date(2026, 1, 5), date(2026, 2, 9), 0, 0),
        (date(2026, 1, 5), date(2026, 2, 10), 3, 1),
        (date(2026, 2, 20), date(2026, 2, 28), 3, 1),
        (date(2026, 2, 21), date(2026, 2, 28), 2, 0),
    ):
        counts = told(freshness(province, None, Period(since, until)))
        wanted = {"agency_unmapped": (agency, None), "procedure_unmapped": (procedure, None)}
        assert counts == {kind: count for kind, count in wanted.items() if count[0]}
    assert told(freshness(province, None)) == {"agency_unmapped": (3, None), "procedure_unmapped": (1, None)}


def test_without_any_received_dossier_every_period_lies_before_the_data() -> None:
    assert told(freshness(changed(first_on=None), None, PERIOD)) == {"period_before_data": (31, None)}


def test_a_position_before_all_data_is_not_complete() -> None:
    assert told(freshness(GOOD, None, PERIOD, 0)) == {"nothing_counted": (1, None)}


@pytest.mark.parametrize(
    ("province", "outage"),
    [
        (changed(read_at=NOW + timedelta(seconds=21)), None),
        (GOOD, WorkerOutage([], SINCE)),
        (GOOD, WorkerOutage(["noting"], SINCE)),
        (with_quality(None), None),
    ],
)
def test_what_nobody_asks_for_any_more_is_null_and_never_0(province: Province, outage: WorkerOutage | None) -> None:
    found = freshness(province, outage, PERIOD)
    assert (found.quarantined, found.gap, found.complete) == (None, None, False)


def test_the_fingerprint_moves_with_every_reason_that_the_revision_does_not_tell() -> None:
    seen = {fingerprint_of(freshness(GOOD, None, PERIOD))}
    of_queries = {one.kind for one in SHORTFALLS if one.of_period or one.of_query}
    for kind, (province, outage, period, _) in CASES.items():
        found = fingerprint_of(freshness(province, outage, period))
        # What a process knows of the province alone is what it compares cached responses with.
        assert found == fingerprint_of(freshness(province, outage))
        assert kind in of_queries or found not in seen
        seen.add(found)


def test_a_response_over_two_periods_has_the_reasons_of_both() -> None:
    ahead = freshness(GOOD, None, Period(date(2026, 11, 1), date(2026, 11, 23)))
    early = freshness(GOOD, None, Period(date(2025, 12, 30), date(2026, 1, 31)))
    assert told(together(ahead, early)) == {"period_before_data": (3, None), "period_not_over": (3, None)}


def test_an_alert_waits_for_what_was_never_seen_otherwise_and_for_what_passes_by_itself() -> None:
    def of(kind: str, since: datetime | None) -> Reason:
        return Reason(kind, 2, since, Text("", ""))

    seen = {"ingest_unreachable": NOW - timedelta(seconds=29)}
    assert due([of("ingest_unreachable", None)], seen, NOW) == ({}, frozenset({"ingest_unreachable"}))
    assert due([of("ingest_unreachable", None)], seen, NOW + timedelta(seconds=1)) == ({"ingest_unreachable": 2}, frozenset())
    assert due([of("worker_silent", NOW)], {}, NOW) == ({"worker_silent": 2}, frozenset())
    assert due([of("behind", NOW)], {}, NOW + timedelta(seconds=59)) == ({}, frozenset({"behind"}))
    assert due([of("behind", NOW)], {}, NOW + timedelta(seconds=60)) == ({"behind": 2}, frozenset())
    nothing: dict[str, int] = {}
    assert due([of("quarantined", SINCE)], {}, NOW) == (nothing, frozenset())
