"""Why dossiers are late: the counted causes, and the causes that the team states.

Overdue by law and overdue by the software alone are different things: the office is responsible for the first, the second is no
lateness. A conclusion states both.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.notices.composition.causes import EXPLAINED_KPIS, causes_stated, counts_of_pinned, unsupported_causes
from services.notices.composition.context import CompositionContext
from services.notices.composition.findings import team_text
from services.notices.composition.kpis import LATE_BY_LAW, LATE_BY_PORTAL
from services.notices.composition.model import Paragraph, Run
from services.notices.composition.phrases import figures_paragraph, joined, merged, sentence
from services.notices.figures.model import Figure
from services.notices.inspections.causes import PRINTED
from services.notices.inspections.model import StatedCause
from services.notices.quantities import wording
from shared.workdays.causes import DelayCause


def cause_paragraphs(context: CompositionContext, name: str, whose: str) -> list[Paragraph]:
    """The counted causes of dossiers overdue by law, and the causes that the team states under `name` of the inspection.

    `whose` are the words for these dossiers."""
    part = EXPLAINED_KPIS[name]
    figures = context.figures
    paragraphs = []
    if figures[part].size:
        causes = counted_causes(context, LATE_BY_LAW[part], figures[part])
        if figures[f"{part}.unexplained"].size > 0:
            unexplained = sentence("chưa xác định được nguyên nhân {n} hồ sơ", n=figures[f"{part}.unexplained"])
            causes = joined([causes, unexplained]) if causes else sentence("chưa xác định được")
        runs = sentence(
            "Nguyên nhân theo số liệu của hệ thống đối với {n} hồ sơ {whose}: {causes}.",
            n=figures[part],
            whose=whose,
            causes=causes,
        )
        paragraphs.append(figures_paragraph(f"{part}.causes", runs))
    unsupported = {one.path for one in unsupported_causes(context.inspection, counts_of_pinned(figures.pinned))}
    stated = [(f"{name}.{number}" in unsupported, one) for number, one in enumerate(causes_stated(context.inspection, name))]
    supported = [
        sentence("{text} (thuộc {n} hồ sơ nêu trên)", text=_text(context, one), n=figures[f"{part}_{one.cause}"])
        for is_unsupported, one in stated
        if not is_unsupported
    ]
    team = context.inspection.team
    if supported:
        runs = sentence("Qua kiểm tra, {team} làm rõ: {parts}.", team=team, parts=joined(supported))
        paragraphs.append(Paragraph(runs, lead="-", key=f"{part}.causes.stated", source="findings"))
    for is_unsupported, one in stated:
        if is_unsupported:
            runs = sentence(
                "Theo ghi nhận của {team} (căn cứ {record}) đối với hồ sơ {whose}: {text}; nội dung này không thể hiện qua số "
                "liệu của hệ thống.",
                team=team,
                record=wording.lower_first(one.own_finding or ""),
                whose=whose,
                text=_text(context, one),
            )
            key = f"{part}.causes.{one.cause}.own_finding"
            paragraphs.append(Paragraph(runs, lead="-", key=key, source="findings"))
    return paragraphs


def overdue_by_portal(context: CompositionContext) -> list[Paragraph]:
    """Dossiers that the software alone calls overdue, and why: they are not late by law, and the notice states that."""
    figures = context.figures
    alone, also = figures["overdue_by_portal_only"], figures["overdue.unexplained"]
    if alone.size == 0:
        return []
    front: tuple[Run, ...] = sentence(
        "Ngoài ra, phần mềm thể hiện quá hạn đối với {n} hồ sơ mà theo quy định chưa quá hạn, không tính vào số hồ sơ quá hạn "
        "nêu trên",
        n=alone,
    )
    if also.size > 0:
        front = merged([*front, *sentence(". Nguyên nhân (kể cả {n} hồ sơ nay đã quá hạn theo quy định)", n=also)])
    causes = counted_causes(context, LATE_BY_PORTAL, alone if also.size == 0 else None)
    runs = sentence("{front}: {causes}.", front=front, causes=causes)
    return [figures_paragraph("overdue_by_portal", runs)]


def counted_causes(context: CompositionContext, kpis: Mapping[str, DelayCause], whole: Figure | None) -> tuple[Run, ...]:
    """Causes with their counts, the largest first; a cause of all of `whole`, which stands before it, without its count."""
    found = sorted(((context.figures[kpi], cause) for kpi, cause in kpis.items()), key=lambda one: -one[0].size)
    some = [(figure, cause) for figure, cause in found if figure.size]
    if whole is not None and len(some) == 1 and some[0][0].size == whole.size:
        return sentence(PRINTED[some[0][1]])
    return joined([sentence("{cause} {n} hồ sơ", cause=PRINTED[cause], n=figure) for figure, cause in some])


def _text(context: CompositionContext, stated: StatedCause) -> tuple[Run, ...]:
    return team_text(context, wording.lower_first(stated.text.rstrip(" .;")))
