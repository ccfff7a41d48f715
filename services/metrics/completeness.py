"""Why an answer may be incomplete: the one list of reasons, what each counts, and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.metrics.kpis.algebra import Text

Kind = Literal["ingest_restored", "behind", "source_missing", "quarantined"]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One way in which an answer can be incomplete."""

    kind: Kind
    counts: str
    """What `count` of such a reason counts."""
    what_to_do: Text


SHORTFALLS: tuple[Shortfall, ...] = (
    Shortfall(
        "ingest_restored",
        "1: ingest's feed is not the one that was counted, so nothing is counted",
        Text(
            "Dữ liệu của ingest đã được khôi phục hoặc thay thế: trỏ lại đúng cơ sở dữ liệu, hoặc gọi"
            " POST /v1/streams/<stream>/resync để tính lại từ đầu.",
            "Ingest was restored from a backup or exchanged: point metrics back to the one it followed, or"
            " POST /v1/streams/<stream>/resync to count the restored one from the beginning.",
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
            "Look at `missing` and at ingest's GET /v1/sources; mend the connection to those sources.",
        ),
    ),
    Shortfall(
        "quarantined",
        "records that could not be read",
        Text(
            "Xem GET /v1/quarantine của ingest; bổ sung danh mục hoặc ánh xạ rồi đọc lại.",
            "Look at ingest's GET /v1/quarantine; mend the catalogue or the mapping and replay.",
        ),
    ),
)
"""In the order in which answers give them. Add a reason here, and what it is found by in `reasons`."""


def reasons(
    *,
    restored_at: datetime | None = None,
    behind: int = 0,
    behind_since: datetime | None = None,
    missing: Sequence[dict[str, Any]] = (),
    quarantined: int | None = 0,
) -> list[dict[str, Any]]:
    """What is wrong, in the order of `SHORTFALLS`: `kind`, `count`, `since` (null: not known) and `what_to_do`."""
    since = [one["since"] for one in missing if one.get("since")]
    found: dict[Kind, tuple[int, Any]] = {
        "ingest_restored": (int(restored_at is not None), restored_at),
        "behind": (behind, behind_since),
        "source_missing": (len(missing), min(since, default=None)),
        "quarantined": (quarantined or 0, None),
    }
    return [
        {
            "kind": one.kind,
            "count": found[one.kind][0],
            "since": found[one.kind][1],
            "what_to_do": {"vi": one.what_to_do.vi, "en": one.what_to_do.en},
        }
        for one in SHORTFALLS
        if found[one.kind][0]
    ]
