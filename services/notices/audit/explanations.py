"""What was understood of each figure, for people: the text with a note at every figure. Pure."""

from __future__ import annotations

from services.notices.audit.documents.model import Document
from services.notices.audit.figures import Figure
from services.notices.audit.understanding import understand


def explained(document: Document) -> str:
    """The text of a document; behind each figure, in brackets, what it was taken for."""
    figures = sorted(understand(document).figures, key=lambda one: one.start)
    out: list[str] = []
    place = 0
    for figure in figures:
        if figure.start < place:
            continue
        out.append(document.text[place : figure.end])
        out.append(f" ⟦{_note(figure)}⟧")
        place = figure.end
    out.append(document.text[place:])
    return "".join(out)


def _note(figure: Figure) -> str:
    told = [figure.kind.value, *(f"{name}={value}" for name, value in sorted(figure.meaning.items()))]
    for name, value in (("unit", figure.unit), ("of", figure.scope), ("in", figure.period), ("about", figure.topic)):
        if value:
            told.append(f"{name}={value}")
    if figure.approximate:
        told.append(f"approximate={figure.approximate}")
    if figure.qualified:
        told.append("with words not known")
    return " ".join(told)
