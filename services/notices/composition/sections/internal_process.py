"""II.2.b Giải quyết TTHC theo quy trình nội bộ, quy trình điện tử: results of interlinked procedures."""

from __future__ import annotations

from services.notices.composition.context import Matter
from services.notices.composition.model import Paragraph, Words
from services.notices.composition.phrases import counted, merged, say, shares


def interlinked(matter: Matter) -> list[Paragraph]:
    """Results of interlinked procedures."""
    figures = matter.figures
    if matter.lacks_figures:
        return []
    if figures["interlinked_handled"].size == 0:
        return [counted(say("Trong kỳ báo cáo không phát sinh hồ sơ TTHC liên thông."))]
    intake = shares(
        [
            ("mới tiếp nhận", figures["interlinked_received_new"]),
            ("từ kỳ trước chuyển sang", figures["interlinked_carried_over"]),
        ]
    )
    runs = [
        *say(
            "Kết quả giải quyết TTHC liên thông: Trong kỳ có {procedures} TTHC liên thông phát sinh hồ sơ, tổng số "
            "{handled} hồ sơ, gồm: ",
            procedures=figures["interlinked_procedures"],
            handled=figures["interlinked_handled"],
        ),
        *intake,
        Words(". "),
    ]
    if figures["interlinked_resolved"].size:
        runs.extend(
            say(
                "Đã giải quyết {resolved} hồ sơ, trong đó: {parts}; tỷ lệ trước hạn và đúng hạn đạt {rate}. ",
                resolved=figures["interlinked_resolved"],
                parts=shares(
                    [
                        ("trước hạn và đúng hạn", figures["interlinked_resolved_in_time"]),
                        ("quá hạn", figures["interlinked_resolved_overdue"]),
                    ]
                ),
                rate=figures["interlinked_in_time_share"],
            )
        )
    else:
        runs.extend(say("Chưa có hồ sơ nào được giải quyết xong. "))
    if figures["interlinked_in_process"].size:
        runs.extend(
            say(
                "Đang giải quyết {n} hồ sơ, trong đó: {parts}.",
                n=figures["interlinked_in_process"],
                parts=shares(
                    [
                        ("trong hạn", figures["interlinked_in_process_within_limit"]),
                        ("quá hạn", figures["interlinked_in_process_overdue"]),
                    ]
                ),
            )
        )
    else:
        runs.extend(say("Không còn hồ sơ đang giải quyết."))
    return [counted(merged(runs))]
