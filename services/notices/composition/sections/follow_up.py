"""What the earlier conclusion asked for, and what became of it."""

from __future__ import annotations

import re

from services.notices.composition.conduct import evidence_paragraph, listed
from services.notices.composition.context import CompositionContext
from services.notices.composition.findings import agency_of, team_text
from services.notices.composition.followed import stated_outcomes
from services.notices.composition.model import Paragraph
from services.notices.composition.phrases import joined, merged, sentence
from services.notices.quantities import wording
from services.notices.quantities.references import quantities

OUTCOMES = {
    "done": "đã thực hiện xong",
    "partly": "đã thực hiện một phần",
    "answered": "đã báo cáo kết quả, chưa được xem xét",
    "not_done": "chưa thực hiện",
}
"""Words for what became of a recommendation."""


def quoted(text: str) -> str:
    """A recommendation of the earlier notice without its numbers: they count what was then, and no figure proves them here."""
    text = text.rstrip(" .;")
    for number in dict.fromkeys(quantities(text)):
        text = re.sub(rf"(?<![\d.,/]){re.escape(number)}(?![\d/])( ?%)?", "(...)", text)
    return text


def follow_up(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs; none where no earlier notice was followed up, or nothing was established of it."""
    followed = context.followed
    outcomes = stated_outcomes(followed) if followed is not None else []
    if not outcomes:
        return []
    counts = {outcome: context.figures[f"followed.{outcome}"] for outcome in OUTCOMES}
    parts = [
        sentence("{n} kiến nghị {words}", n=counts[outcome], words=words)
        for outcome, words in OUTCOMES.items()
        if counts[outcome].size
    ]
    paragraphs = [
        evidence_paragraph(
            "whole",
            sentence(
                "Trong {n} kiến nghị của kết luận kiểm tra kỳ trước được kiểm tra việc thực hiện: {parts}.",
                n=context.figures["followed"],
                parts=joined(parts),
            ),
        )
    ]
    for one in outcomes:
        if one.outcome == "done" and one.text is None:
            continue
        named = [*(agency_of(context.agencies, code, "follow_ups") for code in one.codes), *one.agencies]
        text = quoted(one.wanted)
        runs = [
            *sentence("“{text}”: {words}", text=text, words=OUTCOMES[one.outcome]),
            *(sentence(" ({names})", names=listed(context, named)) if named else ()),
            *([*sentence("; "), *team_text(context, wording.lower_first(one.text.rstrip(" .;")))] if one.text else ()),
            *sentence("."),
        ]
        paragraphs.append(
            evidence_paragraph(one.key, merged(runs), agencies=[agency for agency in named if agency.key], lead="+")
        )
    return paragraphs
