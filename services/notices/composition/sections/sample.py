"""II.1.b, first part: what the team saw at the desk and in the dossiers that it looked through."""

from __future__ import annotations

from services.notices.composition.conduct import Conduct, by_about, conduct, counted_at, evidence_paragraph, examined
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, Run
from services.notices.composition.phrases import joined, merged, sentence
from services.notices.quantities import wording


def sample(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs."""
    return [
        *conduct(
            context,
            "rules",
            Conduct("sample.rules_followed", "tuân thủ quy định đã công bố khi tiếp nhận, giải quyết và trả kết quả"),
        ),
        *conduct(
            context,
            "officials",
            Conduct("sample.guidance", "có công chức hướng dẫn tận tình, giải thích rõ cho người nộp hồ sơ"),
            Conduct(
                "sample.responsibility",
                "thực hiện trách nhiệm theo Điều 18 và Điều 20 Nghị định số 63/2010/NĐ-CP ngày 08/6/2010 của Chính phủ",
            ),
            Conduct("sample.archived", "lưu hồ sơ đủ số lượng, thành phần, đúng thời hạn nộp lưu"),
        ),
        *_dossiers(context),
    ]


def _dossiers(context: CompositionContext) -> list[Paragraph]:
    """How many dossiers were looked through, and which faults they had, the commonest first."""
    item, faults = "sample.dossiers", "sample.faults"
    if not context.is_answered(item) or context.measured(item, "count").size == 0:
        return []
    alone = len(context.agencies) == 1
    front: list[Run] = [
        *sentence(
            "{team} kiểm tra {n} hồ sơ lưu tại {where}",
            team=context.inspection.team,
            n=context.measured(item, "count"),
            where=examined(context, item) if alone else sentence("{n} cơ quan, đơn vị", n=context.measured(item, "agencies")),
        )
    ]
    if not context.is_answered(faults):
        return [evidence_paragraph("dossiers", merged([*front, *sentence(".")]))]
    if context.measured(faults, "count").size == 0:
        same = context.evidence.by_subject(item).keys() == context.evidence.by_subject(faults).keys()
        where = () if same else sentence(" tại {who}", who=examined(context, faults))
        none = sentence("; không phát hiện sai sót{where}.", where=where)
        return [evidence_paragraph("dossiers", merged([*front, *none]))]
    parts = []
    named = []
    for kind, count in by_about(context, faults):
        who = [agency for agency in context.agencies if context.evidence.number(faults, "count", agency.key, kind)]
        named += [agency for agency in who if agency not in named]
        by = () if alone else sentence(" ({by})", by=counted_at(context, faults, "count", who, about=kind))
        words = wording.lower_first(kind) or "sai sót khác"
        parts.append(sentence("{kind} {n} hồ sơ{by}", kind=words, n=count, by=by))
    runs = merged([*front, *sentence("; sai sót phát hiện gồm: "), *joined(parts), *sentence(".")])
    return [evidence_paragraph("dossiers", runs, agencies=named)]
