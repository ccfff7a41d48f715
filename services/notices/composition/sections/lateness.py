"""Why dossiers are late: the counted causes, and beside them what the team states.

Overdue by law and overdue by the software alone are different things: the first is what an office answers for, the second is no
lateness at all, and a conclusion hides neither.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.notices.composition.causes import STATED, causes_stated, counts_in, unborne
from services.notices.composition.context import Matter
from services.notices.composition.findings import evidence
from services.notices.composition.kpis import LATE_BY_LAW, LATE_BY_PORTAL
from services.notices.composition.model import Paragraph, Run
from services.notices.composition.phrases import between, merged, say
from services.notices.inspections.causes import PRINTED
from services.notices.inspections.model import LateCause
from services.notices.quantities import wording
from shared.workdays.causes import DelayCause


def causes_of(matter: Matter, name: str, whose: str) -> list[Paragraph]:
    """The counted causes of dossiers overdue by law, and beside them what the team states under `name`."""
    part = STATED[name]
    figures = matter.figures
    out = []
    if figures[part].size:
        parts = _listed(matter, LATE_BY_LAW[part])
        if figures[f"{part}.unexplained"].size > 0:
            parts.append(say("chưa xác định được nguyên nhân {n} hồ sơ", n=figures[f"{part}.unexplained"]))
        runs = say(
            "Nguyên nhân theo số liệu của hệ thống đối với {n} hồ sơ {whose}: {parts}.",
            n=figures[part],
            whose=whose,
            parts=between(parts),
        )
        out.append(Paragraph(runs, lead="-", source="figures"))
    doubted = {one.path for one in unborne(matter.inspection, counts_in(figures.pinned))}
    stated = [(f"{name}.{number}" in doubted, one) for number, one in enumerate(causes_stated(matter.inspection, name))]
    borne = [
        say("{text} (thuộc {n} hồ sơ nêu trên)", text=_text(matter, one), n=figures[f"{part}_{one.cause}"])
        for doubt, one in stated
        if not doubt
    ]
    team = matter.inspection.team
    if borne:
        runs = say("Qua kiểm tra, {team} làm rõ: {parts}.", team=team, parts=between(borne))
        out.append(Paragraph(runs, lead="-", source="evidence"))
    for doubt, one in stated:
        if doubt:
            runs = say(
                "Theo ghi nhận của {team} (căn cứ {record}) đối với hồ sơ {whose}: {text}; nội dung này không thể hiện qua số "
                "liệu của hệ thống.",
                team=team,
                record=wording.lower_first(one.own_finding or ""),
                whose=whose,
                text=_text(matter, one),
            )
            out.append(Paragraph(runs, lead="-", source="evidence"))
    return out


def overdue_by_portal(matter: Matter) -> list[Paragraph]:
    """Dossiers that the software alone calls overdue, and why: they are late by no law, and are said to be none."""
    figures = matter.figures
    alone, also = figures["overdue_by_portal_only"], figures["overdue.unexplained"]
    if alone.size == 0:
        return []
    front: tuple[Run, ...] = say(
        "Ngoài ra, phần mềm thể hiện quá hạn đối với {n} hồ sơ mà theo quy định chưa quá hạn, không tính vào số hồ sơ quá hạn "
        "nêu trên",
        n=alone,
    )
    if also.size > 0:
        front = merged([*front, *say(". Nguyên nhân (kể cả {n} hồ sơ nay đã quá hạn theo quy định)", n=also)])
    runs = say("{front}: {parts}.", front=front, parts=between(_listed(matter, LATE_BY_PORTAL)))
    return [Paragraph(runs, lead="-", source="figures")]


def _listed(matter: Matter, kpis: Mapping[str, DelayCause]) -> list[tuple[Run, ...]]:
    """Causes with their counts, the largest first."""
    found = sorted(((matter.figures[kpi], cause) for kpi, cause in kpis.items()), key=lambda one: -one[0].size)
    return [say("{cause} {n} hồ sơ", cause=PRINTED[cause], n=figure) for figure, cause in found if figure.size]


def _text(matter: Matter, stated: LateCause) -> tuple[Run, ...]:
    return evidence(matter, wording.lower_first(stated.text.rstrip(" .;")), "causes")
