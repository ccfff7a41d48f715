"""II.1.b Tiếp nhận và giải quyết TTHC: intake, results and what is still in process, in the order of form II.06a."""

from __future__ import annotations

from services.notices.composition.conduct import listed
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, Run, TextRun
from services.notices.composition.phrases import (
    MAX_AGENCIES_LISTED,
    by_agency,
    divided,
    figures_paragraph,
    joined,
    merged,
    sentence,
)
from services.notices.composition.sections.lateness import cause_paragraphs, overdue_by_portal
from services.notices.composition.sections.sample import sample
from services.notices.quantities import wording


def handling(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs; one sentence where no dossiers came in, or metrics has no figures yet."""
    figures = context.figures
    period = context.inspection.period
    when = f"Trong kỳ báo cáo (từ ngày {wording.day(period.start)} đến ngày {wording.day(period.end)})"
    observed = sample(context)
    if context.lacks_figures:
        unknown = sentence(when + ", hệ thống chưa có số liệu về hồ sơ TTHC của {everyone}.", everyone=context.words.everyone)
        return [*observed, figures_paragraph("intake", unknown)]
    if figures["handled"].size == 0:
        nothing = sentence(when + ", {everyone} không phát sinh hồ sơ TTHC.", everyone=context.words.everyone)
        return [*observed, figures_paragraph("intake", nothing)]
    paragraphs = [
        *observed,
        figures_paragraph("intake", merged([TextRun(when), *_intake(context)])),
        figures_paragraph("resolved", _resolved(context)),
    ]
    paragraphs.extend(cause_paragraphs(context, "overdue_causes", "giải quyết quá hạn"))
    paragraphs.append(figures_paragraph("in_process", _in_process(context)))
    paragraphs.extend(cause_paragraphs(context, "pending_causes", "đang giải quyết quá hạn"))
    paragraphs.extend(overdue_by_portal(context))
    idle = [agency for agency in context.agencies if figures[f"handled@{agency.key}"].size == 0]
    if idle:
        text = "Trong kỳ, không phát sinh hồ sơ TTHC tại: {names}."
        paragraphs.append(figures_paragraph("idle", sentence(text, names=listed(context, idle))))
    apart = _apart(context)
    if apart:
        paragraphs.append(figures_paragraph("apart", apart))
    return paragraphs


def _intake(context: CompositionContext) -> tuple[Run, ...]:
    figures = context.figures
    new, online, direct, carried = (
        figures[key] for key in ("received_new", "received_online", "received_direct", "carried_over")
    )
    total = sentence(", {everyone} có trách nhiệm giải quyết {n} hồ sơ", everyone=context.words.everyone, n=figures["handled"])
    if new.size == 0:
        return merged([*total, TextRun(", đều từ kỳ trước chuyển sang; không có hồ sơ mới tiếp nhận.")])
    if direct.size == 0:
        channels = sentence(" (đều nộp trực tuyến)")
    elif online.size == 0:
        channels = sentence(" (đều nộp trực tiếp hoặc qua dịch vụ bưu chính công ích)")
    else:
        channels = sentence(
            " (trực tuyến {online} hồ sơ; trực tiếp và qua dịch vụ bưu chính công ích {direct} hồ sơ)",
            online=online,
            direct=direct,
        )
    if carried.size == 0:
        return merged(
            [*total, *sentence(", đều mới tiếp nhận trong kỳ"), *channels, TextRun("; không có hồ sơ từ kỳ trước chuyển sang.")]
        )
    return merged(
        [
            *total,
            *sentence(", gồm: {n} hồ sơ mới tiếp nhận", n=new),
            *channels,
            *sentence(" và {n} hồ sơ từ kỳ trước chuyển sang.", n=carried),
        ]
    )


def _resolved(context: CompositionContext) -> tuple[Run, ...]:
    figures = context.figures
    resolved, overdue, returned = (figures[key] for key in ("resolved", "resolved_overdue", "returned"))
    if resolved.size == 0:
        return sentence("Trong kỳ chưa có hồ sơ nào được giải quyết xong.")
    runs = [
        *divided(
            sentence("Đã giải quyết {n} hồ sơ", n=resolved),
            resolved,
            [("trước hạn", figures["resolved_early"]), ("đúng hạn", figures["resolved_on_time"]), ("quá hạn", overdue)],
            {"quá hạn": by_agency(context, "resolved_overdue", max_agencies=MAX_AGENCIES_LISTED)},
        )
    ]
    runs.extend(sentence(". Tỷ lệ hồ sơ giải quyết trước hạn và đúng hạn đạt {rate}.", rate=figures["in_time_share"]))
    if returned.size:
        # Form II.06a counts them among the dossiers on time; here they are always stated apart.
        runs.extend(
            sentence(" Số hồ sơ giải quyết đúng hạn bao gồm {n} hồ sơ trả lại do không đủ điều kiện giải quyết.", n=returned)
        )
    return merged(runs)


def _in_process(context: CompositionContext) -> tuple[Run, ...]:
    figures = context.figures
    in_process = figures["in_process"]
    if in_process.size == 0:
        return sentence("Đến hết kỳ báo cáo không còn hồ sơ đang giải quyết.")
    runs = divided(
        sentence("Đang giải quyết {n} hồ sơ", n=in_process),
        in_process,
        [("trong hạn", figures["in_process_within_limit"]), ("quá hạn", figures["in_process_overdue"])],
        {"quá hạn": by_agency(context, "in_process_overdue", max_agencies=MAX_AGENCIES_LISTED)},
    )
    return merged([*runs, TextRun(".")])


def _apart(context: CompositionContext) -> tuple[Run, ...]:
    """Dossiers that were not accepted, and those that wait; empty where there are none, or metrics does not count them."""
    parts = []
    for kpi, text in (
        ("refused", "Ngoài số hồ sơ nêu trên, có {n} hồ sơ bị từ chối tiếp nhận{where}."),
        ("suspended", "Trong số hồ sơ đang giải quyết, {n} hồ sơ đang tạm dừng{where}."),
    ):
        figure = context.figures.find(kpi)
        if figure is None or figure.size == 0:
            continue
        by = by_agency(context, kpi, max_agencies=MAX_AGENCIES_LISTED)
        parts.append(sentence(text, n=figure, where=sentence(" ({by})", by=by) if by else ""))
    return joined(parts, " ")
