"""Why responses may be incomplete: the list of reasons, what each counts, and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.metrics.provinces.model import Province
from shared.contracts.kpis import Freshness, Reason, Text
from shared.heartbeat import WorkerOutage

ReasonKind = Literal[
    "worker_silent",
    "ingest_restored",
    "ingest_unreachable",
    "ingest_worker_silent",
    "sources_unknown",
    "behind",
    "source_missing",
    "quarantined",
]
ShortfallCount = tuple[int, datetime | None]
"""How many, and since when (None: not known)."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One way in which a response can be incomplete."""

    kind: ReasonKind
    counts: str
    """What `count` of such a reason counts."""
    what_to_do: Text
    alerted: Text | None = None
    """Name of the alert that it opens by itself; None: it opens none."""


SHORTFALLS: tuple[Shortfall, ...] = (
    Shortfall(
        "worker_silent",
        "loops of the metrics worker that stand still; 1 when no worker is alive",
        Text(
            "Tiến trình tính số liệu (metrics worker) không hoạt động: xem nhật ký và khởi động lại.",
            "The metrics worker does not count: read its log and start it again.",
        ),
        Text("Metrics worker không hoạt động", "The metrics worker shows no sign of life"),
    ),
    Shortfall(
        "ingest_restored",
        "1: ingest's feed is not the one that was counted, so nothing is counted",
        Text(
            "Dữ liệu của ingest đã được khôi phục hoặc thay thế: trỏ lại đúng cơ sở dữ liệu, hoặc gọi"
            " POST /v1/provinces/<province>/resync để tính lại từ đầu.",
            "Ingest was restored from a backup or exchanged: point metrics back to the one it followed, or"
            " POST /v1/provinces/<province>/resync to count the restored one from the beginning.",
        ),
        Text("Dữ liệu của ingest đã bị khôi phục hoặc thay thế", "Ingest was restored or exchanged"),
    ),
    Shortfall(
        "ingest_unreachable",
        "1: ingest does not answer, so it is not known how far its feed is",
        Text(
            "Không hỏi được ingest: kiểm tra ingest, INGEST_URL và INGEST_KEY của metrics API.",
            "Ingest does not respond: check that it runs, and INGEST_URL and INGEST_KEY of the metrics API.",
        ),
        Text("Không hỏi được ingest", "Ingest does not answer"),
    ),
    Shortfall(
        "ingest_worker_silent",
        "1: ingest's worker is silent, so its sources are not read",
        Text(
            "Tiến trình đồng bộ (ingest worker) không hoạt động: xem /readyz và nhật ký của ingest rồi khởi động lại.",
            "The ingest worker reads nothing: read ingest's /readyz and its log, and start it again.",
        ),
        Text("Ingest worker không hoạt động", "The ingest worker shows no sign of life"),
    ),
    Shortfall(
        "sources_unknown",
        "1: the quality of ingest's sources is not known yet",
        Text(
            "Chờ vài giây; nếu kéo dài, xem nhật ký của metrics worker.",
            "Wait a few seconds; if it lasts, read the metrics worker's log.",
        ),
    ),
    Shortfall(
        "behind",
        "versions in ingest's feed that are not counted yet",
        Text(
            "Chờ số liệu được tính tiếp; nếu kéo dài, xem nhật ký của metrics worker.",
            "Wait until they are counted; if it lasts, read the metrics worker's log.",
        ),
    ),
    Shortfall(
        "source_missing",
        "sources that fail or are late",
        Text(
            "Xem `missing` và GET /v1/sources của ingest; khôi phục kết nối với các nguồn đó.",
            "Read `missing` and ingest's GET /v1/sources; repair the connection to those sources.",
        ),
    ),
    Shortfall(
        "quarantined",
        "records that could not be read",
        Text(
            "Xem GET /v1/quarantine của ingest; bổ sung danh mục hoặc ánh xạ rồi đọc lại.",
            "Read ingest's GET /v1/quarantine; correct the catalogue or the mapping and replay.",
        ),
    ),
)
"""In the order in which responses give them. Add a reason here, and how it is found in `freshness`."""


def reasons(counts: Mapping[ReasonKind, ShortfallCount]) -> list[Reason]:
    """What was found, in the order of `SHORTFALLS`."""
    return [Reason(one.kind, *counts[one.kind], one.what_to_do) for one in SHORTFALLS if counts.get(one.kind, (0, None))[0]]


def freshness(province: Province, outage: WorkerOutage | None) -> Freshness:
    """How far responses of a province reach, and what may be missing from them; complete: there is no such reason.

    `outage`: what the worker does not do. What is not known is None, never 0.
    """
    fetched, lag, quality = province.ingest, province.lag, province.quality
    missing = quality.missing if quality else []
    counts: dict[ReasonKind, ShortfallCount] = {
        "source_missing": (len(missing), min((one.since for one in missing if one.since), default=None))
    }
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
    if quality is None:
        counts["sources_unknown"] = (1, None)
    else:
        counts["quarantined"] = (quality.quarantined, None)
    incomplete = reasons(counts)
    return Freshness(
        head=fetched.head
        if fetched and province.other_feed
        else max(province.head, province.position, (fetched and fetched.head) or 0),
        behind=lag,
        applied_at=province.applied_at,
        quarantined=quality.quarantined if quality else None,
        gap=quality.gap if quality else None,
        missing=missing,
        complete=not incomplete,
        reasons=incomplete,
    )
