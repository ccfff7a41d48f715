"""The same total said twice. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.notices.audit.claims.facts import meaning_of
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.solver import Equation, Form, Term

_UNCLEAR = frozenset(("received", "in_process", "digitised", "supplemented", "suspended", "feedback"))


def repetitions(figures: Sequence[Figure]) -> Iterator[list[Equation]]:
    """Figures of one measure, scope, period and topic, against the first of them."""
    first: dict[tuple[object, ...], list[Figure]] = {}
    for figure in figures:
        if not figure.exact or figure.qualified or not figure.meaning or figure.kind not in (FigureKind.count, FigureKind.rate):
            continue
        if figure.kind is FigureKind.count and figure.unit not in (None, "dossier"):
            continue
        if (figure.kind is FigureKind.count and "default" in figure.inherited) or figure.roles & {
            "increase",
            "decrease",
            "target",
            "examples",
            "prior",
            "against",
        }:
            continue
        measure = {**figure.meaning, "stage": "new"} if figure.meaning.get("stage") == "received" else figure.meaning
        key = (figure.kind, figure.unit or "dossier", figure.scope, figure.period, figure.topic, meaning_of(measure))
        first.setdefault(key, []).append(figure)
    for told in first.values():
        for later in told[1:]:
            one = told[0]
            if (later.paragraph, later.sentence) == (one.paragraph, one.sentence):
                continue
            stage = later.meaning.get("stage", "")
            if not _slipped(later, one) and later.value != one.value:
                continue
            if later.kind is FigureKind.rate:
                yield [
                    Equation(
                        "repeat",
                        Form.total,
                        Term(later),
                        (Term(one),),
                        certain="stage" not in later.inherited | one.inherited,
                        guessed=True,
                    )
                ]
                continue
            certain = (
                stage not in _UNCLEAR
                and later.meaning == one.meaning
                and "stage" not in later.inherited | one.inherited
                and bool(stage)
            )
            yield [Equation("repeat", Form.total, Term(later), (Term(one),), certain=certain, guessed=True)]


def _slipped(one: Figure, other: Figure) -> bool:
    """Whether one figure may be a slip of the other: digits exchanged, or one of them another."""
    mine, its = ([char for char in figure.text if char.isdigit()] for figure in (one, other))
    if len(mine) != len(its):
        return False
    return sorted(mine) == sorted(its) or sum(a != b for a, b in zip(mine, its, strict=True)) == 1
