"""How complete responses are: which of the reasons hold for a province, and for a period of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final, TypeVar

from msgspec.structs import replace

from services.metrics.periods import Period
from services.metrics.provinces.model import Province
from services.metrics.provinces.shortfalls import SHORTFALLS, ReasonKind
from shared.civil import civil_day
from shared.contracts.feed import Missing, Quality, UnmappedDay
from shared.contracts.kpis import Freshness, Reason
from shared.heartbeat import WorkerOutage

ShortfallCount = tuple[int, datetime | None]
"""How many, and since when (None: not known)."""
Counts = dict[ReasonKind, ShortfallCount]
F = TypeVar("F", bound=Freshness)

QUALITY_LOOP: Final = "noting"
"""The loop of the worker that fetches the quality of ingest's sources."""
_OF_SOURCES: Mapping[str, ReasonKind] = {
    "failing": "source_missing",
    "late": "source_missing",
    "silent": "source_silent",
    "unverified": "pull_unverified",
    "importing": "import_running",
    "interrupted": "import_interrupted",
}


def reasons(counts: Mapping[ReasonKind, ShortfallCount]) -> list[Reason]:
    """What was found, in the order of `SHORTFALLS`."""
    return [Reason(one.kind, *counts[one.kind], one.what_to_do) for one in SHORTFALLS if counts.get(one.kind, (0, None))[0]]


def freshness(
    province: Province,
    outage: WorkerOutage | None,
    period: Period | None = None,
    position: int | None = None,
    *,
    definition: str,
) -> Freshness:
    """How far responses of a province reach, and what may be missing from them; complete: there is no such reason.

    `outage`: what the worker does not do. `period`: of the query; None: the state of the province, with unmapped dossiers of
    any day. `position`: at which it is answered; None: the newest. `definition`: the revision of the definition of counters
    that the response is computed by. What is not known is None, never 0.
    """
    fetched, quality = province.ingest, province.quality
    counts = _of_following(province, outage)
    if province.position and province.counted_by != definition:
        counts["recounting"] = (1, None)
    counts["petitions_rejected"] = (province.petitions_rejected, province.petitions_rejected_since)
    if quality is None:
        counts["sources_unknown"] = (1, None)
    else:
        counts |= _of_quality(quality) | _of_unmapped(quality.unmapped.days, quality.unmapped.others, period)
    if period is not None:
        counts |= _of_period(province, period, province.position if position is None else position)
    incomplete = reasons(counts)
    is_known = quality is not None and _is_current(province, outage)
    return Freshness(
        head=fetched.head
        if fetched and province.other_feed
        else max(province.head, province.position, (fetched and fetched.head) or 0),
        behind=province.lag,
        applied_at=province.applied_at,
        quarantined=quality.quarantined if quality and is_known else None,
        gap=quality.gap if quality and is_known else None,
        missing=quality.missing if quality else [],
        complete=not incomplete,
        reasons=incomplete,
    )


def together(one: F, other: Freshness) -> F:
    """`one` of a response over two periods: what holds for either is a reason."""
    counts: dict[str, Reason] = {}
    for reason in (*one.reasons, *other.reasons):
        known = counts.get(reason.kind)
        if known is None or known.count < reason.count:
            counts[reason.kind] = reason
    found = [counts[shortfall.kind] for shortfall in SHORTFALLS if shortfall.kind in counts]
    return replace(one, complete=not found, reasons=found)


def _is_current(province: Province, outage: WorkerOutage | None) -> bool:
    """Whether what ingest reported of its sources still holds: ingest responds, and the worker asks it."""
    asked = outage is None or (bool(outage.loops) and QUALITY_LOOP not in outage.loops)
    return asked and province.ingest_known


def _of_following(province: Province, outage: WorkerOutage | None) -> Counts:
    counts: Counts = {}
    fetched, lag = province.ingest, province.lag
    if outage is not None:
        counts["worker_silent"] = (len(outage.loops) or 1, outage.since)
    if province.other_feed is not None:
        counts["ingest_restored"] = (1, province.other_feed[1])
    if not province.ingest_known:
        counts["ingest_unreachable"] = (1, fetched.fetched_at if fetched else None)
    elif fetched is not None and fetched.worker_silent:
        counts["ingest_worker_silent"] = (1, fetched.worker_since)
    if lag:
        counts["behind"] = (lag, (fetched and fetched.behind_since) or province.applied_at)
    return counts


def _of_quality(quality: Quality) -> Counts:
    sources: dict[ReasonKind, list[Missing]] = {}
    for missing in quality.missing:
        sources.setdefault(_OF_SOURCES[missing.reason], []).append(missing)
    counts: Counts = {
        kind: (len(found), min((one.since for one in found if one.since), default=None)) for kind, found in sources.items()
    }
    counts["quarantined"] = (quality.quarantined, quality.quarantined_since)
    counts["reconciliation_gap"] = (quality.gap or 0, quality.gap_since)
    counts["redating"] = (quality.redating, quality.redating_since)
    return counts


def _of_unmapped(days: Iterable[UnmappedDay], others: bool, period: Period | None) -> Counts:
    """Dossiers that were received up to the period's end and not ended before it began; `others`: there are older ones."""
    agency = procedure = 0
    for one in days:
        if period is None or one.day <= period.until:
            agency += one.agency_received
            procedure += one.procedure_received
        if period is not None and one.day < period.since:
            agency -= one.agency_ended
            procedure -= one.procedure_ended
    return {"agency_unmapped": (agency, None), "procedure_unmapped": (procedure or int(others and not agency), None)}


def _of_period(province: Province, period: Period, position: int) -> Counts:
    counts: Counts = {}
    today: date = civil_day(province.read_at)
    if position == 0:
        counts["nothing_counted"] = (1, None)
    elif province.first_on is None:  # whatever was counted, no dossier of it was received
        counts["period_before_data"] = (period.days, None)
    elif period.since < province.first_on:
        counts["period_before_data"] = (min((province.first_on - period.since).days, period.days), None)
    if period.until > today:
        counts["period_not_over"] = (min((period.until - today).days, period.days), None)
    return counts
