"""The index of decision 766/QĐ-TTg in the section of the assessment: points, groups, losses, who stands first and last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, Run
from services.notices.composition.phrases import before_number, figures_paragraph, joined, merged, sentence
from services.notices.figures.index_766 import Index766, IndexedAgency, IndexLine, out_of, points_of, rounded
from services.notices.figures.index_periods import index_period
from services.notices.figures.model import Subject
from services.notices.quantities import wording

MAX_LOSSES = 3
"""Components that are named for the points that they lost."""
_DECISION = "Bộ chỉ số theo Quyết định số 766/QĐ-TTg ngày 23/6/2022 của Thủ tướng Chính phủ"


def index_766(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs; none where metrics has no figures."""
    index, inspected = context.figures.pinned.index, context.inspection.period
    if context.lacks_figures:
        return []
    if index_period(inspected.start, inspected.end) is None:
        text = "{decision} không được chấm, do kỳ kiểm tra không trọn tháng nào."
        return [figures_paragraph("index", sentence(text, decision=_DECISION))]
    if index is msgspec.UNSET:
        return []
    if not out_of(index.lines):
        text = "{decision}: chưa có số liệu để chấm điểm{period}."
        return [figures_paragraph("index", sentence(text, decision=_DECISION, period=_period(context, index)))]
    found = [figures_paragraph("index", _total(context, index))]
    for key, runs in (
        ("index.groups", _groups(context, index)),
        ("index.lost", _lost(context, index)),
        ("index.agencies", _agencies(context, index)),
    ):
        if runs:
            found.append(figures_paragraph(key, runs))
    return found


def _total(context: CompositionContext, index: Index766) -> tuple[Run, ...]:
    figures = context.figures
    points, base, of = (figures[key] for key in ("index", "index.out_of", "index.of"))
    front = sentence("{decision}: {who} đạt {points} điểm", decision=_DECISION, who=context.words.whole, points=points)
    if base.value == of.value:
        whole = sentence(" trên tổng số {of} điểm", of=of)
    else:
        whole = sentence(" trên {base} điểm có số liệu để chấm (toàn bộ Bộ chỉ số là {of} điểm)", base=base, of=of)
    return merged([*front, *whole, *_period(context, index), *sentence("."), *_rules(index)])


def _period(context: CompositionContext, index: Index766) -> tuple[Run, ...]:
    """Which period it is of, where that is another than the inspection's."""
    inspected = context.inspection.period
    if (inspected.start, inspected.end) == (index.since, index.until):
        return ()
    text = ", tính theo {period} là kỳ chấm điểm dài nhất nằm trong kỳ kiểm tra"
    return sentence(text, period=index.period)


def _rules(index: Index766) -> tuple[Run, ...]:
    if index.in_force:
        return ()
    text = " Cách tính áp dụng từ ngày {day}; điểm của kỳ trước ngày này để tham khảo."
    return sentence(text, day=wording.day(index.valid_from))


def _groups(context: CompositionContext, index: Index766) -> tuple[Run, ...]:
    """Points by group, and what is not available, which is not 0."""
    parts = []
    for number, (name, lines) in enumerate(index.groups.items(), 1):
        if out_of(lines):
            points, base = (context.figures[f"index.group{number}{of}"] for of in ("", ".out_of"))
            parts.append(sentence("{name} {points}/{base} điểm", name=wording.lower_first(name), points=points, base=base))
    runs = sentence("Theo nhóm chỉ số: {parts}.", parts=joined(parts))
    if sum(rounded(points_of(lines)) for lines in index.groups.values()) != rounded(points_of(index.lines)):
        # Each is computed exactly and rounded once: who adds up what is printed would find the total wrong.
        runs = merged([*runs, *sentence(" Điểm từng nhóm đã làm tròn nên cộng lại có thể lệch so với tổng.")])
    if without := list(_not_available(index)):
        runs = merged([*runs, *sentence(" Chưa có số liệu nên không chấm: {names}.", names="; ".join(without))])
    return runs


def _not_available(index: Index766) -> Iterator[str]:
    """What gives no points, since nobody knows its counts: whole groups by their name, else components by theirs."""
    for group, lines in index.groups.items():
        if not out_of(lines):
            yield f"nhóm {wording.lower_first(group)}"
        else:
            yield from (f"chỉ số {wording.lower_first(line.name)}" for line in lines if line.points is None)


def _lost(context: CompositionContext, index: Index766) -> tuple[Run, ...]:
    """The components that lost most, each with the dossiers that cost the points."""
    figures = context.figures
    short = [line for line in index.lines if line.points is not None and figures[f"index.{line.id}.lost"].value]
    if not short:
        return sentence("Không mất điểm ở chỉ số có số liệu.")
    short.sort(key=lambda line: -line.lost)
    parts = [
        sentence(
            "{name} {lost} điểm{because}",
            name=wording.lower_first(line.name),
            lost=figures[f"index.{line.id}.lost"],
            because=_because(context, line),
        )
        for line in short[:MAX_LOSSES]
    ]
    front = "Mất điểm nhiều nhất ở chỉ số: {parts}." if len(short) > MAX_LOSSES else "Mất điểm ở chỉ số: {parts}."
    return sentence(front, parts=joined(parts))


def _because(context: CompositionContext, line: IndexLine) -> tuple[Run, ...]:
    causes = [cause for part in line.parts for cause in part.causes]
    if not causes:
        nothing = any(part.points == 0 and not part.denominator for part in line.parts)
        return sentence(" (không phát sinh hồ sơ được tính)") if nothing else ()
    parts = [sentence("{n} hồ sơ {name}", n=context.figures[f"index.cause.{cause.kpi}"], name=cause.name) for cause in causes]
    return sentence(" (do {parts})", parts=joined(parts, ", "))


def _agencies(context: CompositionContext, index: Index766) -> tuple[Run, ...]:
    """Who reaches the largest and the smallest share of the points that are available for it."""
    named = {agency.key: agency for agency in context.agencies}
    ranked = [one for one in index.agencies if one.key in named]
    if len(ranked) < 2:
        return ()
    best = [one for one in ranked if one.share == ranked[0].share]
    worst = [one for one in ranked if one.share == ranked[-1].share]
    if best == worst:
        rate = context.figures[f"index.share@{best[0].key}"]
        return sentence("Các cơ quan, đơn vị có hồ sơ đều đạt {rate} số điểm được chấm.", rate=rate)
    most = context.thresholds.max_lowest
    parts = [
        sentence("{front} {who}", front=front, who=_named(context, which, named))
        for front, which in (("cao nhất là", best), ("thấp nhất là", worst))
        if len(which) <= most
    ]
    return sentence("Tỷ lệ điểm đạt trên số điểm được chấm: {parts}.", parts=joined(parts)) if parts else ()


def _named(context: CompositionContext, which: Sequence[IndexedAgency], named: dict[str, Subject]) -> tuple[Run, ...]:
    rates = [(named[one.key], context.figures[f"index.share@{one.key}"]) for one in which]
    return joined([sentence("{name} {rate}", name=before_number(one.printed), rate=rate) for one, rate in rates], ", ")
