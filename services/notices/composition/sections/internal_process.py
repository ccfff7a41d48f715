"""II.2.b Giải quyết TTHC theo quy trình nội bộ, quy trình điện tử: steps of departments, results of interlinked procedures."""

from __future__ import annotations

from services.notices.composition.conduct import Conduct, conduct
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, Run, TextRun
from services.notices.composition.phrases import (
    before_number,
    divided,
    figures_paragraph,
    joined,
    leading,
    merged,
    sentence,
)
from services.notices.quantities import wording
from shared.vietnamese import sort_key

MAX_DEPARTMENTS_LISTED = 5
"""Departments that the list of late steps names at most."""


def internal_process(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs; none where metrics has no figures yet."""
    observed = conduct(
        context,
        "conduct",
        Conduct("desk.internal_process", "giải quyết hồ sơ theo quy trình nội bộ, quy trình điện tử đã được công bố"),
        Conduct("desk.software", "cập nhật hồ sơ vào phần mềm và triển khai số hóa"),
        Conduct("desk.single_place", "tiếp nhận hồ sơ và trả kết quả tại Bộ phận Tiếp nhận và Trả kết quả"),
    )
    if context.lacks_figures:
        return observed
    stated = (("steps", _steps(context)), ("interlinked", _interlinked(context)))
    return [*observed, *(figures_paragraph(key, runs) for key, runs in stated if runs)]


def _interlinked(context: CompositionContext) -> tuple[Run, ...]:
    figures = context.figures
    if figures["interlinked_handled"].size == 0:
        return sentence("Trong kỳ báo cáo không phát sinh hồ sơ TTHC liên thông.")
    handled, resolved, in_process = (figures[f"interlinked_{one}"] for one in ("handled", "resolved", "in_process"))
    intake = divided(
        sentence(
            "Kết quả giải quyết TTHC liên thông: trong kỳ có {procedures} TTHC liên thông phát sinh hồ sơ, tổng số "
            "{handled} hồ sơ",
            procedures=figures["interlinked_procedures"],
            handled=handled,
        ),
        handled,
        [
            ("mới tiếp nhận", figures["interlinked_received_new"]),
            ("từ kỳ trước chuyển sang", figures["interlinked_carried_over"]),
        ],
        leading_in=", gồm: ",
    )
    runs = [*intake, TextRun(". ")]
    if resolved.size:
        runs.extend(
            sentence(
                "{resolved}; tỷ lệ trước hạn và đúng hạn đạt {rate}. ",
                resolved=divided(
                    sentence("Đã giải quyết {n} hồ sơ", n=resolved),
                    resolved,
                    [
                        ("trước hạn và đúng hạn", figures["interlinked_resolved_in_time"]),
                        ("quá hạn", figures["interlinked_resolved_overdue"]),
                    ],
                ),
                rate=figures["interlinked_in_time_share"],
            )
        )
    else:
        runs.extend(sentence("Chưa có hồ sơ nào được giải quyết xong. "))
    if in_process.size:
        runs.extend(
            divided(
                sentence("Đang giải quyết {n} hồ sơ", n=in_process),
                in_process,
                [
                    ("trong hạn", figures["interlinked_in_process_within_limit"]),
                    ("quá hạn", figures["interlinked_in_process_overdue"]),
                ],
            )
        )
        runs.append(TextRun("."))
    else:
        runs.extend(sentence("Không còn hồ sơ đang giải quyết."))
    return merged(runs)


def _steps(context: CompositionContext) -> tuple[Run, ...]:
    """The steps of the internal process, and whose were late; empty where the sources tell none.

    Of steps without a due time nobody knows whether they were late: then nothing is stated of lateness.
    """
    figures = context.figures
    if figures["steps_ended"].size == 0:
        return ()
    runs = [*sentence("Các bộ phận đã hoàn thành {n} bước của quy trình nội bộ", n=figures["steps_ended"])]
    if figures["steps_overdue"].size:
        runs.extend(
            sentence(
                ". Trong số {timed} bước có thời hạn, {n} bước quá hạn, chiếm {rate}{where}",
                timed=figures["steps_timed"],
                n=figures["steps_overdue"],
                rate=figures["steps_overdue_share"],
                where=_late_departments(context),
            )
        )
    elif figures["steps_timed"].size:
        runs.extend(sentence(". Trong số {timed} bước có thời hạn, không có bước quá hạn", timed=figures["steps_timed"]))
    if figures["misrouted"].size:
        runs.extend(
            sentence(". {n} hồ sơ kết thúc trong kỳ đã bị chuyển nhầm, chuyển vòng giữa các bộ phận", n=figures["misrouted"])
        )
    return merged([*runs, TextRun(".")])


def _late_departments(context: CompositionContext) -> tuple[Run, ...]:
    """The departments of steps overdue, the worst first; empty where none of them is known."""
    found = [(department, context.figures[f"steps_overdue:{department.key}"]) for department in context.departments]
    late = sorted((one for one in found if one[1].size), key=lambda one: (-one[1].size, sort_key(one[0].name)))
    known = [one for one in late if one[0].key]
    if not known:
        return ()
    if len(late) == 1:
        department, figure = known[0]
        return sentence(", {front} {name}", front="thuộc" if figure.size == 1 else "đều thuộc", name=department.name)
    cut = leading(known, MAX_DEPARTMENTS_LISTED)
    parts = [sentence("{name} {n} bước", name=before_number(department.name), n=figure) for department, figure in known[:cut]]
    if cut < len(known):
        rest = context.figures.add_sum("steps_overdue.rest", [figure.key for _, figure in known[cut:]])
        parts.append(sentence("các bộ phận còn lại {n} bước", n=rest))
    parts += [
        sentence("{name} {n} bước", name=wording.lower_first(department.name), n=figure)
        for department, figure in late
        if not department.key
    ]
    return sentence(": {parts}", parts=joined(parts))
