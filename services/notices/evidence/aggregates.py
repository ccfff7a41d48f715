"""What the evidence adds up to, as figures of a notice. Pure.

Keys are `evidence.<item>.<measure>` for all answers; of an agency with `@<unit key>`, of a level with `@group:office` or
`@group:commune`, and of those about one thing with `:<about>` after that.
"""

from __future__ import annotations

from services.notices.evidence.model import MEASURES, RATES, EvidenceSet, Measure, count
from services.notices.figures.model import EvidenceOrigin, Figure, FigureSet


def figure_key(item: str, measure: Measure, subject: str = "", about: str | None = None) -> str:
    """The key of a figure of evidence."""
    return f"evidence.{item}.{measure}" + (f"@{subject}" if subject else "") + (f":{about}" if about is not None else "")


def add_totals(figures: FigureSet, evidence: EvidenceSet) -> None:
    """Add every measure of every item that was answered, over all answers."""
    for item in evidence.template.items:
        if evidence.is_answered(item.id):
            for measure in MEASURES[item.kind]:
                measured(figures, evidence, item.id, measure)


def measured(
    figures: FigureSet, evidence: EvidenceSet, item: str, measure: Measure, subject: str = "", about: str | None = None
) -> Figure:
    """A measure of an item as a figure, added to the others where it is new.

    `subject`: unit key of an agency, or `group:office`, `group:commune` for the level's own answer and those of its agencies;
    empty for all. `about`: of the answers about that only. Raises `KeyError` for an unknown item.
    """
    key = figure_key(item, measure, subject, about)
    if measure in RATES:
        part, base = (measured(figures, evidence, item, one, subject, about) for one in RATES[measure])
        return figures.add_rate(key, part.key, base.key)
    return figures.add_evidence(
        key,
        _number(figures, evidence, item, measure, subject, about),
        EvidenceOrigin(item, measure, evidence.version, subject, about or ""),
    )


def _number(figures: FigureSet, evidence: EvidenceSet, item: str, measure: Measure, subject: str, about: str | None) -> int:
    kind = evidence.template[item].kind
    if not subject.startswith("group:"):
        return evidence.number(item, measure, subject or None, about)
    level = subject.removeprefix("group:")
    members = {subject, *(agency.key for agency in figures.pinned.agencies if agency.kind == level)}
    answers = tuple(one for one in evidence.of(item) if one.subject in members)
    return count(evidence.template, kind, measure, answers, about)
