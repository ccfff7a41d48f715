"""Tables: columns that add up to a total row, columns that are parts of another, columns of rates. Pure.

What a column counts is said by its heading; where headings say too little, a relation that nearly every row fulfils is meant
for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, pairwise

from services.notices.audit.documents.model import Block, Cell
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.groups import DIVIDING
from services.notices.audit.measures import stated_by
from services.notices.audit.paragraphs import read_paragraph
from services.notices.audit.solver import Equation, Form, Term
from services.notices.audit.vocabulary import Dimensions, vocabulary

MAX_COLUMNS = 40
MAX_ROWS = 2_000

_NUMERIC = re.compile(r"^[\s(]*-?\d[\d.,\s\u00a0]*\s*%?[\s)]*$")
_ORDER = re.compile(r"^\s*(?:\d{1,3}|[IVX]+|[A-ZĐ])\.?\s*$")
_BLANK = re.compile(r"^[\s\-–—.…/]*$")
_NUMBERED = re.compile(r"^\s*\(?\s*(?:\d{1,2}|[A-Za-z])(?:\s*[=:].*)?\s*\)?\s*$")
RATE_HEADING = re.compile(r"tỷ lệ|tỉ lệ|tỷ trọng|ty le|ti le|%", re.IGNORECASE)


@dataclass(slots=True)
class Column:
    """A column of numbers."""

    number: int
    heading: str
    meaning: Dimensions
    rate: bool
    total: bool
    """Whether its heading says that it is a total."""


@dataclass(slots=True)
class Row:
    """A row of numbers."""

    number: int
    label: str
    order: str
    """Its number or letter, when the table has a column of them."""
    total: bool
    group: bool
    """A row that adds up the ones below it."""
    figures: dict[int, Figure] = field(default_factory=dict)
    """By column."""


@dataclass(slots=True)
class ReadTable:
    """A table as it was read."""

    paragraph: int
    columns: list[Column]
    rows: list[Row]

    @property
    def figures(self) -> list[Figure]:
        """All its figures."""
        return [figure for row in self.rows for figure in row.figures.values()]


def read_table(block: Block, number: int, caption: str) -> ReadTable | None:
    """The figures of a table; None where it has no rows of numbers."""
    assert block.rows is not None
    rows = [row for row in block.rows[:MAX_ROWS] if any(cell.text.strip() for cell in row)]
    if not rows or len(rows[0]) > MAX_COLUMNS:
        return None
    first = next((position for position, row in enumerate(rows) if _is_data(row)), None)
    if first is None or first == 0:
        return None
    body = [row for row in rows[first:] if not _is_numbering(row)]
    width = max(len(row) for row in rows)
    numeric = [
        column
        for column in range(width)
        if sum(column < len(row) and bool(_NUMERIC.match(row[column].text)) for row in body) * 2 >= len(body)
    ]
    order = numeric[0] if numeric and _counts_up([row[numeric[0]].text for row in body if numeric[0] < len(row)]) else None
    if order is None:
        order = next((column for column in range(min(2, width)) if column not in numeric and _is_order(body, column)), None)
    numeric = [column for column in numeric if column != order]
    if not numeric:
        return None
    columns = [_column(rows[:first], column, caption) for column in numeric]
    labels = [column for column in range(width) if column not in numeric and column != order and column < numeric[0]]
    read = ReadTable(number, columns, [])
    for position, row in enumerate(body):
        label = next((row[column].text.strip() for column in labels if column < len(row) and row[column].text.strip()), "")
        ordered = row[order].text.strip() if order is not None and order < len(row) else ""
        if not label and order is not None and not _ORDER.match(ordered):
            label = ordered
        words = label.lower()
        total = bool(re.match(r"^\W*(?:tổng(?! (?:đài|cục|công ty))|cộng|toàn |chung|tất cả|cả |tong|cong)", words)) or (
            not label and not ordered
        )
        group = bool(re.fullmatch(r"[IVX]+|[A-ZĐ]", ordered.rstrip("."))) or (
            bool(label) and label.isupper() and not total and len(label.split()) > 1
        )
        made = Row(position, label, ordered, total, group)
        for column in columns:
            figure = _figure(row, column, number, position) if column.number < len(row) else None
            if figure is not None:
                figure.meaning = dict(column.meaning)
                figure.own = dict(column.meaning)
                figure.scope = "" if total else words
                figure.cell = (number, position, column.number)
                made.figures[column.number] = figure
        if made.figures:
            read.rows.append(made)
    return read if read.rows else None


def _is_data(row: Sequence[Cell]) -> bool:
    cells = [cell.text for cell in row]
    numbers = [bool(_NUMERIC.match(text)) for text in cells]
    if _is_numbering(row):
        return False
    return sum(numbers[1:]) >= 1 and sum(numbers[1:]) * 3 >= len([text for text in cells[1:] if text.strip()]) - 1


def _is_numbering(row: Sequence[Cell]) -> bool:
    """A row that only numbers the columns: `(1) (2) (3)=(1)+(2)`, `A B 1 2 3`."""
    texts = [cell.text.strip() for cell in row if cell.text.strip()]
    if len(texts) < 2 or not all(_NUMBERED.match(text) for text in texts):
        return False
    numbers = [int(match.group()) for text in texts if (match := re.search(r"\d+", text))]
    return len(numbers) >= 2 and all(other - one in (0, 1) for one, other in pairwise(numbers)) and numbers[0] <= 3


def _counts_up(texts: Sequence[str]) -> bool:
    numbers = [int(text.strip()) for text in texts if text.strip().isdigit()]
    return len(numbers) >= 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] in (0, 1)


def _is_order(body: Sequence[Sequence[Cell]], column: int) -> bool:
    texts = [row[column].text for row in body if column < len(row)]
    return sum(bool(_ORDER.match(text)) for text in texts) * 2 > len(texts)


def _column(heads: Sequence[Sequence[Cell]], column: int, caption: str) -> Column:
    texts: list[str] = []
    for row in heads:
        if column < len(row):
            text = row[column].text.strip()
            if text and text not in texts and not _NUMBERED.match(text):
                texts.append(text)
    heading = " / ".join(texts)
    meaning: Dimensions = {}
    for text in texts:
        read = read_paragraph(text, 0, 0)
        measure = stated_by([cue for segment in read.segments for cue in segment.cues])
        if "stage" in measure and "stage" in meaning and measure["stage"] == "received":
            measure.pop("stage")
        meaning |= measure
    if "stage" not in meaning:
        above = read_paragraph(caption, 0, 0)
        stage = stated_by([cue for segment in above.segments for cue in segment.cues]).get("stage")
        if stage and (meaning or "tổng" in heading.lower()):
            meaning["stage"] = stage
        elif "time" in meaning:
            meaning["stage"] = "resolved"
        elif "channel" in meaning:
            meaning["stage"] = "received"
    last = texts[-1] if texts else ""
    rate = bool(
        RATE_HEADING.search(last)
        or (RATE_HEADING.search(heading) and not re.search(r"số (?:lượng|hồ sơ)|tổng", last, re.IGNORECASE))
    )
    return Column(column, heading, meaning, rate, bool(re.search(r"^\W*(?:tổng|cộng)", last, re.IGNORECASE)))


def _figure(row: Sequence[Cell], column: Column, paragraph: int, position: int) -> Figure | None:
    cell = row[column.number]
    if _BLANK.match(cell.text) or not _NUMERIC.match(cell.text):
        return None
    text = cell.text.strip().strip("()")
    lead = cell.text.find(text) if text else 0
    body = text if not column.rate or text.rstrip().endswith("%") else text + "%"
    body += "" if body.endswith("%") else " hồ sơ"
    found = read_paragraph("= " + body, paragraph, cell.start + lead - 2).figures
    if len(found) != 1:
        return None
    figure = found[0]
    figure.text = text
    figure.end = figure.start + len(text)
    figure.paragraph = paragraph
    if figure.kind not in (FigureKind.count, FigureKind.rate):
        return None
    figure.unit = "dossier" if figure.kind is FigureKind.count else None
    return figure


def of_table(table: ReadTable) -> Iterator[list[Equation]]:
    """The claims of a table."""
    yield from _columns(table)
    yield from _parts(table)
    yield from _balances(table)
    yield from _rates(table)


def _columns(table: ReadTable) -> Iterator[list[Equation]]:
    totals = [row for row in table.rows if row.total]
    groups = [row for row in table.rows if row.group and not row.total]
    plain = [row for row in table.rows if not row.total and not row.group]
    for column in table.columns:
        if column.rate:
            continue
        for position, group in enumerate(groups):
            until = groups[position + 1].number if position + 1 < len(groups) else len(table.rows) + 10_000
            below = [row for row in plain if group.number < row.number < until]
            if column.number in group.figures and len(below) > 1:
                yield [_added(group.figures[column.number], below, column.number)]
        for total in totals:
            if column.number not in total.figures:
                continue
            claimed = total.figures[column.number]
            before = [row for row in plain if row.number < total.number] if total.number > 0 else plain
            ways = ([*groups] if len(groups) > 1 else [], before or plain, plain)
            readings = [_added(claimed, rows, column.number) for rows in ways if len(rows) > 1]
            if readings:
                for one in readings[1:]:
                    one.certain = False
                yield readings


def _added(claimed: Figure, rows: Sequence[Row], column: int) -> Equation:
    terms = tuple(Term(row.figures[column]) for row in rows if column in row.figures)
    return Equation("table", Form.total, Term(claimed), terms, certain=len(terms) > 1)


def _parts(table: ReadTable) -> Iterator[list[Equation]]:
    """Columns that are parts of another."""
    for whole, parts, sure in _divisions(table):
        made = [
            (
                row,
                Equation(
                    "table",
                    Form.total,
                    Term(row.figures[whole]),
                    tuple(Term(row.figures[part]) for part in parts if part in row.figures),
                ),
            )
            for row in table.rows
            if whole in row.figures and sum(part in row.figures for part in parts) > 1
        ]
        holding = sum(one.holds() for _, one in made)
        if not made or (len(made) >= 3 and holding * 2 <= len(made)) or (len(made) < 3 and not sure and holding < len(made)):
            continue
        for _, one in made:
            yield [one]


def _balances(table: ReadTable) -> Iterator[list[Equation]]:
    """Columns of which nearly every row shows that the last is what is left: carried over and new, without what was done."""
    numbers = [column.number for column in table.columns if not column.rate]
    for start in range(len(numbers) - 3):
        carried, new, done, left = numbers[start : start + 4]
        rows = [row for row in table.rows if all(number in row.figures for number in (carried, new, done, left))]
        made = []
        for row in rows:
            terms = (Term(row.figures[carried]), Term(row.figures[new]), Term(row.figures[done], -1))
            made.append(Equation("table", Form.total, Term(row.figures[left]), terms))
        holding = sum(one.holds() for one in made)
        telling = all(sum(row.figures[number].value > 0 for row in rows) >= 2 for number in (carried, new, done))
        if len(made) >= 3 and holding * 2 > len(made) and holding >= 2 and telling:
            yield from ([one] for one in made)


def _divisions(table: ReadTable) -> Iterator[tuple[int, tuple[int, ...], bool]]:
    """A column and those that make it up, by their meaning; then by what nearly every row shows."""
    counts = [column for column in table.columns if not column.rate]
    by_meaning: dict[frozenset[tuple[str, str]], int] = {}
    for column in counts:
        if column.meaning:
            by_meaning.setdefault(frozenset(column.meaning.items()), column.number)
    found: set[int] = set()
    seen: set[tuple[int, tuple[int, ...]]] = set()
    for column in counts:
        for dimension in (*DIVIDING, "stage", "progress"):
            name = "stage" if dimension == "progress" else dimension
            rest = {key: value for key, value in column.meaning.items() if key != name}
            best: tuple[int, ...] = ()
            for values in vocabulary().complete.get(dimension, ()):
                options = [by_meaning.get(frozenset({**rest, name: value}.items())) for value in values]
                if all(option is not None for option in options) and len(options) > len(best):
                    best = tuple(sorted(option for option in options if option is not None))
            if not best or column.number not in best:
                continue
            stages = ("handled", "received", "") if name == "stage" else (rest.get("stage", ""),)
            for stage in stages:
                wanted = {**rest, "stage": stage} if stage else rest
                whole = by_meaning.get(frozenset(wanted.items()))
                if whole is not None and whole not in best and (whole, best) not in seen:
                    seen.add((whole, best))
                    found.add(whole)
                    yield whole, best, True
                    break
    for whole, parts in _observed(table, counts):
        if (whole, parts) not in seen:
            seen.add((whole, parts))
            yield whole, parts, False


def _observed(table: ReadTable, counts: Sequence[Column]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Columns that add up in nearly every row: neighbours first, then any two."""
    numbers = [column.number for column in counts]
    taken: set[int] = set()
    seen: set[tuple[int, bool]] = set()
    for position, whole in enumerate(numbers):
        runs = [numbers[position + 1 : position + 1 + many] for many in range(12, 1, -1)]
        runs += [numbers[max(0, position - many) : position] for many in range(12, 1, -1)]
        for run in runs:
            side = run[:1] > [whole]
            if len(run) > 1 and (whole, side) not in seen and _mostly(table, whole, tuple(run)):
                taken.add(whole)
                seen.add((whole, side))
                yield whole, tuple(run)
    if len(numbers) > 14:
        return
    for whole in numbers:
        for one, other in combinations([number for number in numbers if number != whole], 2):
            if whole not in taken and _mostly(table, whole, (one, other)):
                taken |= {whole, one, other}
                yield whole, (one, other)


def _mostly(table: ReadTable, whole: int, parts: tuple[int, ...]) -> bool:
    rows = [row for row in table.rows if whole in row.figures and all(part in row.figures for part in parts)]
    held = sum(row.figures[whole].value == sum((row.figures[part].value for part in parts), Fraction(0)) for row in rows)
    telling = all(sum(row.figures[part].value > 0 for row in rows) >= 2 for part in parts)
    return len(rows) >= 3 and held * 2 > len(rows) and held >= 2 and telling


def _rates(table: ReadTable) -> Iterator[list[Equation]]:
    counts = [column for column in table.columns if not column.rate]
    for column in table.columns:
        if not column.rate:
            continue
        rows = [row for row in table.rows if column.number in row.figures]
        best: tuple[int, int, list[list[Equation]]] | None = None
        for order, (parts, base) in enumerate(_shares(column, counts)):
            made = [
                [_share(row, column.number, parts, base)]
                for row in rows
                if base in row.figures and all(part in row.figures for part in parts)
            ]
            held = sum(one[0].holds() for one in made)
            if made and (best is None or held > best[0]):
                best = (held, order, made)
        if best is not None and best[0] * 2 > len(best[2]):
            yield from best[2]


def _share(row: Row, rate: int, parts: tuple[int, ...], base: int) -> Equation:
    terms = tuple(Term(row.figures[part]) for part in parts)
    return Equation("rate", Form.ratio, Term(row.figures[rate]), terms, (Term(row.figures[base]),))


def _shares(column: Column, counts: Sequence[Column]) -> Iterator[tuple[tuple[int, ...], int]]:
    """Which columns a rate may be of, the most natural first."""
    before = [one for one in counts if one.number < column.number]
    by = {frozenset(one.meaning.items()): one.number for one in reversed(counts) if one.meaning}
    for dimension in DIVIDING:
        if dimension in column.meaning:
            rest = frozenset((name, value) for name, value in column.meaning.items() if name != dimension)
            part, base = by.get(frozenset(column.meaning.items())), by.get(rest)
            if part is not None and base is not None:
                yield (part,), base
    for part_column, base_column in sorted(
        ((one, other) for one in counts for other in counts if one is not other),
        key=lambda pair: (abs(pair[0].number - column.number), pair[1].number),
    ):
        yield (part_column.number,), base_column.number
    for one, other in combinations(before[-6:], 2):
        for base_column in counts:
            if base_column not in (one, other):
                yield (one.number, other.number), base_column.number
