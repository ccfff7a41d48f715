"""What the earlier conclusion asked for, and what became of it."""

from __future__ import annotations

import re

from services.notices.composition.conduct import evidence_paragraph, listed
from services.notices.composition.context import CompositionContext
from services.notices.composition.findings import agency_of, team_text
from services.notices.composition.model import Paragraph
from services.notices.composition.phrases import joined, merged, sentence
from services.notices.quantities import wording
from services.notices.quantities.references import quantities

OUTCOMES = {
    "done": "đã thực hiện xong",
    "partly": "đã thực hiện một phần",
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
    if followed is None or not followed.outcomes:
        return []
    by_key = {one.key: one for one in followed.recommendations}
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
    for one in followed.outcomes:
        if one.outcome == "done" and one.text is None:
            continue
        named = [agency_of(context.agencies, code, "follow_ups") for code in one.agencies]
        text = quoted(by_key[one.recommendation].text)
        runs = [
            *sentence("“{text}”: {words}", text=text, words=OUTCOMES[one.outcome]),
            *(sentence(" ({names})", names=listed(context, named)) if named else ()),
            *([*sentence("; "), *team_text(context, wording.lower_first(one.text.rstrip(" .;")))] if one.text else ()),
            *sentence("."),
        ]
        paragraphs.append(evidence_paragraph(one.recommendation, merged(runs), agencies=named, lead="+"))
    return paragraphs
