"""A document as HTML: each figure marked by what is known of it, with the equations in which it stands as its title. Pure.

All text is escaped. Marks speak no language: the page around them explains them in that of its reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from services.notices.audit.documents.model import Block, Cell, Document
from services.notices.audit.figures import Figure
from services.notices.audit.model import Audit, Claim, Verdict

_SIGNS = {Verdict.holds: "✓", Verdict.contradicted: "✗", Verdict.undecided: "?"}
_MAX_EQUATIONS = 6
"""That the title of one figure names."""


@dataclass(slots=True)
class _Known:
    """What is known of a figure."""

    rank: int = 0
    mark: str = "unclaimed"
    equations: list[str] = field(default_factory=list)

    def add(self, mark: str, rank: int, equation: str) -> None:
        if rank > self.rank:
            self.mark, self.rank = mark, rank
        if equation not in self.equations and len(self.equations) < _MAX_EQUATIONS:
            self.equations.append(equation)


def marked(document: Document, figures: Sequence[Figure], audit: Audit) -> str:
    """The document as a fragment of HTML, with its figures and what their audit found."""
    known: dict[int, _Known] = {}
    for claim in audit.claims:
        _note(claim, known)
    spans = _Spans(sorted({(figure.start, figure.end) for figure in figures}), known, document)
    return "\n".join(_block(block, spans) for block in document.blocks)


def _note(claim: Claim, known: dict[int, _Known]) -> None:
    equation = f"{_SIGNS[claim.verdict]} {claim.equation or claim.claimed}"
    if claim.verdict is Verdict.contradicted and claim.computed:
        equation += f" ({claim.computed})"
    elif claim.reason:
        equation += f" ({claim.reason})"
    # Worst is what a figure itself claims; one that a claim only uses is less suspect than one that holds elsewhere.
    rank = {Verdict.contradicted: 4, Verdict.holds: 3, Verdict.undecided: 2}[claim.verdict]
    at = [claim.at.start, *(repair.at.start for repair in claim.repairs)]
    for start in at:
        known.setdefault(start, _Known()).add(claim.verdict.value, rank, equation)
    used = 1 if claim.verdict is not Verdict.holds else 3
    for place in claim.operands:
        known.setdefault(place.start, _Known()).add(claim.verdict.value, used, equation)


class _Spans:
    """The figures in order, looked up by the spans between which a text stands."""

    def __init__(self, spans: Sequence[tuple[int, int]], known: dict[int, _Known], document: Document) -> None:
        self._document = document
        self._spans = spans
        self._known = known
        self._named: set[int] = set()

    def text(self, text: str, start: int) -> str:
        """A text that begins at a place of the document, with its figures marked."""
        out: list[str] = []
        place = 0
        for begin, end in self._within(start, start + len(text)):
            if begin - start < place:
                continue
            out.append(_lines(text[place : begin - start]))
            out.append(self._figure(text[begin - start : end - start], begin))
            place = end - start
        out.append(_lines(text[place:]))
        return "".join(out)

    def _within(self, start: int, end: int) -> Iterable[tuple[int, int]]:
        low, high = 0, len(self._spans)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self._spans[middle][0] < start else (low, middle)
        while low < len(self._spans) and self._spans[low][1] <= end:
            yield self._spans[low]
            low += 1

    def _figure(self, text: str, start: int) -> str:
        start = self._document.given(start)
        one = self._known.get(start, _Known())
        name = "" if start in self._named else f' id="f{start}"'
        self._named.add(start)
        title = f' title="{escape("; ".join(one.equations))}"' if one.equations else ""
        return f'<mark class="{one.mark}"{name}{title}>{escape(text)}</mark>'


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _block(block: Block, spans: _Spans) -> str:
    if block.rows is None:
        tag = "h3" if block.heading else "p"
        return f"<{tag}>{spans.text(block.text, block.start)}</{tag}>"
    rows = "".join(f"<tr>{_row(block.rows, number, spans)}</tr>" for number in range(len(block.rows)))
    return f"<table>{rows}</table>"


def _row(rows: tuple[tuple[Cell, ...], ...], number: int, spans: _Spans) -> str:
    row = rows[number]
    out: list[str] = []
    for column, cell in enumerate(row):
        above = number and column < len(rows[number - 1]) and _same(rows[number - 1][column], cell)
        if above or (column and _same(row[column - 1], cell)):
            continue
        wide = 1
        while column + wide < len(row) and _same(row[column + wide], cell):
            wide += 1
        high = 1
        while number + high < len(rows) and column < len(rows[number + high]) and _same(rows[number + high][column], cell):
            high += 1
        size = (f' colspan="{wide}"' if wide > 1 else "") + (f' rowspan="{high}"' if high > 1 else "")
        out.append(f"<td{size}>{spans.text(cell.text, cell.start)}</td>")
    return "".join(out)


def _same(one: Cell, other: Cell) -> bool:
    """Whether two spans of a table are one cell that spans both."""
    return bool(one.text) and one == other
