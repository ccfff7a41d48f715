"""Quality of the synchronisation as it is now, which the catalogue of KPIs lists beside them. Pure."""

from __future__ import annotations

from shared.contracts.definitions import LiveValue
from shared.contracts.kpis import Text

LIVE: tuple[LiveValue, ...] = (
    LiveValue(
        id="quarantined",
        name=Text("Bản ghi chờ xử lý", "Records in quarantine"),
        description=Text(
            "Bản ghi của các nguồn chưa đọc được; chưa thành hồ sơ nên không gắn với cơ quan, kỳ báo cáo hay vị trí",
            "Records of the sources that could not be read: no dossiers yet, so of no agency, period or position, and"
            " nothing to open here; ingest lists them with their reasons",
        ),
        unit="records",
        read_in="freshness.quarantined",
        gauge="motcua_metrics_quarantined",
    ),
    LiveValue(
        id="freshness_seconds",
        name=Text("Độ trễ số liệu", "Freshness"),
        description=Text(
            "Thời gian từ lần cập nhật cuối khi nguồn còn dữ liệu chưa tính; tính từ thời điểm trong câu trả lời",
            "Time since the last batch while versions wait (`freshness.behind`), 0 when none do. It grows while an answer"
            " stays the same, so responses carry the instant to count from",
        ),
        unit="seconds",
        read_in="freshness.applied_at",
        gauge="motcua_metrics_lag_seconds",
    ),
)
"""Quality of the synchronisation, known of this moment only, whatever position is queried: no figures, and not pinned."""
