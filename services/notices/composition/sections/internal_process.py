"""II.2.b Giải quyết TTHC theo quy trình nội bộ, quy trình điện tử: late steps, results of interlinked procedures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
from services.notices.figures.model import Figure, Subject
from services.notices.quantities import wording
from shared.vietnamese import sort_key

MAX_LISTED = 5
"""Departments, and steps, that a list of late ones names at most."""


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
    if not figures["steps_ended"].is_known or figures["steps_ended"].size == 0:
        return ()
    # A process has a few steps: what is counted by the thousand is how often a dossier passed one.
    said = "Các bộ phận đã hoàn thành {n} lượt xử lý theo các bước của quy trình nội bộ (hồ sơ qua mỗi bước tính là một lượt)"
    runs = [*sentence(said, n=figures["steps_ended"])]
    if figures["steps_overdue"].is_known and figures["steps_overdue"].size:
        runs.extend(
            sentence(
                ". Trong số {timed} lượt có thời hạn, {n} lượt quá hạn, chiếm {rate}{where}",
                timed=figures["steps_timed"],
                n=figures["steps_overdue"],
                rate=figures["steps_overdue_share"],
                where=_late_departments(context),
            )
        )
        runs.extend(_late_steps(context))
    elif figures["steps_timed"].size:
        runs.extend(sentence(". Trong số {timed} lượt có thời hạn, không có lượt quá hạn", timed=figures["steps_timed"]))
    if figures["misrouted"].is_known and figures["misrouted"].size:
        runs.extend(
            sentence(". {n} hồ sơ kết thúc trong kỳ đã bị chuyển nhầm, chuyển vòng giữa các bộ phận", n=figures["misrouted"])
        )
    return merged([*runs, TextRun(".")])


def _late_departments(context: CompositionContext) -> tuple[Run, ...]:
    """The departments of steps overdue, the worst first; empty where none of them is known."""
    late = _late(context, context.departments, ":")
    known = [one for one in late if one[0].key]
    if not known:
        return ()
    if len(late) == 1:
        department, figure = known[0]
        return sentence(", {front} {name}", front="thuộc" if figure.size == 1 else "đều thuộc", name=department.name)
    return sentence(": {parts}", parts=_ranked(context, late, ("steps_overdue.rest", "các bộ phận còn lại")))


def _late_steps(context: CompositionContext) -> tuple[Run, ...]:
    """The names of the steps that were late, the worst first; empty where none of them is known."""
    late = _late(context, context.steps, ">")
    known = [one for one in late if one[0].key]
    if not known:
        return ()
    if len(late) == 1:
        step, figure = known[0]
        return sentence(". {front} bước {name}", front="Quá hạn ở" if figure.size == 1 else "Quá hạn đều ở", name=step.name)
    parts = _ranked(context, late, ("late_steps.rest", "các bước còn lại"))
    return sentence(". Quá hạn ở các bước: {parts}", parts=parts)


def _late(context: CompositionContext, subjects: Iterable[Subject], mark: str) -> list[tuple[Subject, Figure]]:
    """Departments or steps with what was late of them, the worst first."""
    found = [(one, context.figures[f"steps_overdue{mark}{one.key}"]) for one in subjects]
    return sorted(
        (one for one in found if one[1].is_known and one[1].size), key=lambda one: (-one[1].size, sort_key(one[0].name))
    )


def _ranked(context: CompositionContext, late: Sequence[tuple[Subject, Figure]], rest: tuple[str, str]) -> tuple[Run, ...]:
    """The worst by their names, the sum of the others as `rest` (its key and its words), and those that are not known."""
    known = [one for one in late if one[0].key]
    cut = leading(known, MAX_LISTED)
    parts = [sentence("{name} {n} lượt", name=before_number(one.name), n=figure) for one, figure in known[:cut]]
    if cut < len(known):
        key, words = rest
        others = context.figures.add_sum(key, [figure.key for _, figure in known[cut:]])
        parts.append(sentence(f"{words} {{n}} lượt", n=others))
    parts += [sentence("{name} {n} lượt", name=wording.lower_first(one.name), n=figure) for one, figure in late if not one.key]
    return joined(parts)
