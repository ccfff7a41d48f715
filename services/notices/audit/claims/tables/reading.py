"""What stands in a table: its columns with what their headings say, its rows, and the formulas that it prints. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from services.notices.audit.claims.tables.headings import Formula, formulas, is_numbering, numbers_of, paths
from services.notices.audit.documents.model import Block, Cell
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.measures import stated_by
from services.notices.audit.paragraphs import read_paragraph
from services.notices.audit.vocabulary import Dimensions

MAX_COLUMNS = 40
MAX_ROWS = 2_000

_NUMERIC = re.compile(r"^[\s(]*[-−+]?\s?\d[\d.,\s\u00a0]*\s*%?[\s)]*$")
_ORDER = re.compile(r"^\s*(?:\d{1,3}|[IVX]+|[A-ZĐ])\.?\s*$")
_BLANK = re.compile(r"^[\s\-–—.…/]*$")
_RATE = re.compile(r"tỷ lệ|tỉ lệ|tỷ trọng|ty le|ti le|%", re.IGNORECASE)
_TOTAL = re.compile(r"^\W*(?:tổng(?! (?:đài|cục|công ty))|cộng|toàn |chung|tất cả|cả |tong|cong)")
_NO_COUNT = re.compile(
    r"^\W*(?:mã|số hiệu|số ký hiệu|điện thoại|sđt|năm sinh|(?:xếp |thứ )?hạng|thứ tự|năm ban hành|ngày)\b", re.IGNORECASE
)
"""Columns of numbers that count nothing."""
_MEAN = re.compile(r"bình quân|trung bình|thời gian|định mức|đơn giá|mức (?:thu|phí|giá)|(?<!tổng )điểm", re.IGNORECASE)
"""Columns whose total row is no sum."""
_CHANGE = re.compile(r"tăng|giảm|so sánh|so với|chênh lệch|\+/-|±", re.IGNORECASE)
_ORDER_HEADING = re.compile(r"^\W*(?:s\.?t\.?t|t\.?t|số t\.?t|số thứ tự|thứ tự)\W*$", re.IGNORECASE)
_PERIOD = re.compile(r"\b(?:19|20)\d\d\b|cùng kỳ|quý [ivx1-4]+\b|tháng \d+|năm (?:trước|nay)", re.IGNORECASE)
_YEAR = re.compile(r"^\s*(?:năm\s+)?(?:19|20)\d\d\s*$", re.IGNORECASE)


@dataclass(slots=True)
class Column:
    """A column of numbers."""

    number: int
    path: tuple[str, ...]
    """Its headings from above."""
    meaning: Dimensions
    period: str
    """The time that its headings name, in lower case."""
    rate: bool
    total: bool
    """Whether its heading says that it is a total."""
    changes: bool
    """Whether it says by how much something rose or fell."""
    mean: bool
    """Whether it is an average, a price, a mark: its total row is no sum."""

    @property
    def heading(self) -> str:
        """All its headings."""
        return " / ".join(self.path)

    @property
    def counts(self) -> bool:
        """Whether it may be a sum of columns, or a part of one."""
        return not self.rate and not self.changes

    @property
    def additive(self) -> bool:
        """Whether its rows may add up."""
        return self.counts and not self.mean


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
    """With those of headings, which have no figures."""
    formulas: tuple[Formula, ...] = ()
    """What it prints of its columns."""
    headless: bool = False
    """Whether nothing says what its columns are."""

    @property
    def figures(self) -> list[Figure]:
        """All its figures."""
        return [figure for row in self.rows for figure in row.figures.values()]


def read_table(block: Block, number: int, caption: str, notes: Sequence[str] = ()) -> ReadTable | None:
    """The figures of a table; None where it has no rows of numbers. `notes` stand below it."""
    assert block.rows is not None
    rows = [row for row in block.rows[:MAX_ROWS] if any(cell.text.strip() for cell in row)]
    if not rows or len(rows[0]) > MAX_COLUMNS:
        return None
    first = next((position for position, row in enumerate(rows) if _is_data(row)), None)
    if block.headless:
        first = 0
    elif first is None or first == 0:
        return None
    body = [row for row in rows[first:] if not is_numbering(row)]
    filled = [row for row in body if sum(bool(_NUMERIC.match(cell.text)) for cell in row)]
    width = max(len(row) for row in rows)
    above = _without_group(rows[:first]) if first else ()
    heads = paths(above, width)
    numeric = [
        column
        for column in range(width)
        if sum(column < len(row) and bool(_NUMERIC.match(row[column].text)) for row in body) * 2 >= len(filled)
        or (_is_figures(body, column) and column > 1)
    ]
    order = _order(body, heads, numeric)
    numeric = [column for column in numeric if column != order and not _NO_COUNT.search("".join(heads[column][-1:]))]
    if not numeric:
        return None
    columns = [_column(heads[column], column, caption) for column in numeric]
    for column in columns if block.headless else ():
        column.rate = any(row[column.number].text.endswith("%") for row in body)
    labels = [column for column in range(width) if column not in numeric and column != order and column < numeric[0]]
    numbered = numbers_of(rows)
    texts = [cell.text for row in rows for cell in row if "=" in cell.text]
    stated = tuple(dict.fromkeys(formulas([*dict.fromkeys(texts), *notes], numbered)))
    read = ReadTable(number, columns, [], stated, block.headless)
    for position, row in enumerate([*rows[len(above) : first], *body]):
        made = _row(row, position, number, columns, labels, order)
        if made is not None:
            read.rows.append(made)
    return read if read.figures else None


def _without_group(heads: Sequence[Sequence[Cell]]) -> Sequence[Sequence[Cell]]:
    """The head, without the heading of a group that stands below its last row."""
    last = heads[-1]
    texts = {cell.text.strip() for cell in last}
    marked = _ORDER.match(last[0].text) and len(texts - {""}) <= 2
    alone = len(texts) == 1 or (len(texts - {""}) == 1 and last[0].text.strip())
    return heads[:-1] if len(heads) > 1 and (marked or alone) and not is_numbering(last) else heads


def _order(body: Sequence[Sequence[Cell]], heads: Sequence[tuple[str, ...]], numeric: Sequence[int]) -> int | None:
    """The column of running numbers."""
    for column in range(min(2, len(heads))):
        if heads[column] and _ORDER_HEADING.match(heads[column][-1]):
            return column
    if numeric and numeric[0] < 2:
        texts = [row[numeric[0]].text for row in body if numeric[0] < len(row)]
        if _counts_up(texts, again=numeric[0] == 0):
            return numeric[0]
    return next((column for column in range(min(2, len(heads))) if column not in numeric and _is_order(body, column)), None)


def _row(
    row: Sequence[Cell], position: int, number: int, columns: Sequence[Column], labels: Sequence[int], order: int | None
) -> Row | None:
    label = next((row[column].text.strip() for column in labels if column < len(row) and row[column].text.strip()), "")
    ordered = row[order].text.strip() if order is not None and order < len(row) else ""
    if not label and order is not None and not _ORDER.match(ordered):
        label = ordered
    ordered = "" if ordered == label else ordered
    words = label.lower()
    total = bool(_TOTAL.match(words)) or (not label and not ordered)
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
    return made if made.figures or (label and not total) else None


def _is_figures(body: Sequence[Sequence[Cell]], column: int) -> bool:
    """Whether a column holds figures and blanks alone."""
    texts = [row[column].text for row in body if column < len(row)]
    found = sum(bool(_NUMERIC.match(text)) for text in texts)
    return found > 0 and found + sum(bool(_BLANK.match(text)) for text in texts) == len(texts)


def _is_data(row: Sequence[Cell]) -> bool:
    cells = [cell.text for cell in row]
    numbers = [bool(_NUMERIC.match(text)) for text in cells]
    counts = [text for text in cells[1:] if _NUMERIC.match(text) and not _YEAR.match(text)]
    if is_numbering(row) or (sum(bool(_YEAR.match(text)) for text in {*cells}) > 1 and not counts):
        return False
    return sum(numbers[1:]) >= 1 and sum(numbers[1:]) * 3 >= len([text for text in cells[1:] if text.strip()]) - 1


def _counts_up(texts: Sequence[str], *, again: bool) -> bool:
    """Whether numbers run from 1; `again`: they may begin anew in each group."""
    numbers = [int(text.strip()) for text in texts if text.strip().isdigit() and len(text.strip()) < 5]
    if len(numbers) < 2 or numbers[0] not in (0, 1):
        return False
    return all(other == one + 1 or (again and other == 1) for one, other in pairwise(numbers)) and max(numbers) > 1


def _is_order(body: Sequence[Sequence[Cell]], column: int) -> bool:
    texts = [row[column].text for row in body if column < len(row)]
    return sum(bool(_ORDER.match(text)) for text in texts) * 2 > len(texts)


def _column(texts: tuple[str, ...], column: int, caption: str) -> Column:
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
        _RATE.search(last) or (_RATE.search(heading) and not re.search(r"số (?:lượng|hồ sơ)|tổng", last, re.IGNORECASE))
    )
    period = " ".join(found.group().lower() for found in _PERIOD.finditer(heading))
    total = bool(re.search(r"^\W*(?:tổng|cộng)", last, re.IGNORECASE))
    changes = bool(_CHANGE.search(last) and not rate) or (bool(_CHANGE.search(heading)) and not total and not rate)
    return Column(column, texts, meaning, period, rate, total, changes, bool(_MEAN.search(last)))


def _figure(row: Sequence[Cell], column: Column, paragraph: int, position: int) -> Figure | None:
    cell = row[column.number]
    if _BLANK.match(cell.text) or not _NUMERIC.match(cell.text):
        return None
    text = cell.text.strip().strip("()")
    lead = cell.text.find(text) if text else 0
    minus = text[:1] in ("-", "−")
    plain = text.lstrip("-−+ ")
    lead += len(text) - len(plain)
    body = plain if not column.rate or plain.rstrip().endswith("%") else plain + "%"
    body += "" if body.endswith("%") else " hồ sơ"
    found = read_paragraph("= " + body, paragraph, cell.start + lead - 2).figures
    if len(found) != 1:
        return None
    figure = found[0]
    figure.text = text
    figure.start -= len(text) - len(plain)
    figure.end = figure.start + len(text)
    figure.paragraph = paragraph
    if figure.kind not in (FigureKind.count, FigureKind.rate):
        return None
    if minus:
        exact = figure.low is figure.high
        figure.value, figure.low, figure.high = -figure.value, -figure.high, -figure.low
        if exact:
            figure.low = figure.high = figure.value
    figure.unit = "dossier" if figure.kind is FigureKind.count else None
    return figure
