"""II.2.b Giải quyết TTHC theo quy trình nội bộ, quy trình điện tử: results of interlinked procedures."""

from __future__ import annotations

from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, TextRun
from services.notices.composition.phrases import breakdown, figures_paragraph, merged, sentence


def internal_process(context: CompositionContext) -> list[Paragraph]:
    """Its paragraph; none where metrics has no figures yet."""
    figures = context.figures
    if context.lacks_figures:
        return []
    if figures["interlinked_handled"].size == 0:
        return [figures_paragraph(sentence("Trong kỳ báo cáo không phát sinh hồ sơ TTHC liên thông."))]
    intake = breakdown(
        [
            ("mới tiếp nhận", figures["interlinked_received_new"]),
            ("từ kỳ trước chuyển sang", figures["interlinked_carried_over"]),
        ]
    )
    runs = [
        *sentence(
            "Kết quả giải quyết TTHC liên thông: Trong kỳ có {procedures} TTHC liên thông phát sinh hồ sơ, tổng số "
            "{handled} hồ sơ, gồm: ",
            procedures=figures["interlinked_procedures"],
            handled=figures["interlinked_handled"],
        ),
        *intake,
        TextRun(". "),
    ]
    if figures["interlinked_resolved"].size:
        runs.extend(
            sentence(
                "Đã giải quyết {resolved} hồ sơ, trong đó: {parts}; tỷ lệ trước hạn và đúng hạn đạt {rate}. ",
                resolved=figures["interlinked_resolved"],
                parts=breakdown(
                    [
                        ("trước hạn và đúng hạn", figures["interlinked_resolved_in_time"]),
                        ("quá hạn", figures["interlinked_resolved_overdue"]),
                    ]
                ),
                rate=figures["interlinked_in_time_share"],
            )
        )
    else:
        runs.extend(sentence("Chưa có hồ sơ nào được giải quyết xong. "))
    if figures["interlinked_in_process"].size:
        runs.extend(
            sentence(
                "Đang giải quyết {n} hồ sơ, trong đó: {parts}.",
                n=figures["interlinked_in_process"],
                parts=breakdown(
                    [
                        ("trong hạn", figures["interlinked_in_process_within_limit"]),
                        ("quá hạn", figures["interlinked_in_process_overdue"]),
                    ]
                ),
            )
        )
    else:
        runs.extend(sentence("Không còn hồ sơ đang giải quyết."))
    return [figures_paragraph(merged(runs))]
