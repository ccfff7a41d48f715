"""The head of a table: which headings stand over a column, how columns are numbered, which formulas are printed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.notices.audit.documents.model import Cell

_NUMBER = r"\(?\s*(?:\d{1,2}[a-z]?|[A-Za-zĐ])\s*\)?"
_NUMBERED = re.compile(rf"^\s*{_NUMBER}\s*(?:[=:].*)?$", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{2,}")
_OPERAND = re.compile(r"\s*\(?\s*(?:cột\s+)?(\d{1,2}[a-z]?)\s*\)?\s*", re.IGNORECASE)
_STATED = re.compile(r"(?<![\d.,])(?:cột\s+)?\(?\d{1,2}[a-z]?\)?\s*=[\s\d()+\-–:/x×*%a-z=]*", re.IGNORECASE)
_COLUMN = re.compile(r"\bcột\s+\(?\d{1,2}[a-z]?\)?", re.IGNORECASE)
_PER_CENT = re.compile(r"\s*[x×*]\s*100\s*%?|%|^\s*100\s*%?\s*[x×*]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Formula:
    """What a table prints of its columns: `(3) = (4) + (5)`, or `(9) = (7) : (6)`."""

    whole: int
    """Number of the column that it gives."""
    terms: tuple[tuple[int, int], ...]
    """Columns with their sign; of a share its part alone."""
    base: int | None = None


def is_numbering(row: Sequence[Cell]) -> bool:
    """Whether a row only numbers the columns: `(1) (2) (3)=(1)+(2)`, `A B 1 2 3`."""
    texts = [cell.text.strip() for cell in row if cell.text.strip()]
    if len(texts) < 2 or not all(_NUMBERED.match(text) and not _WORD.search(text) for text in texts):
        return False
    numbers = [int(match.group()) for text in texts if (match := re.search(r"\d+", text))]
    begins = len(texts) == len(row) and texts[0] in ("1", "A", "(1)", "(A)")
    if len(numbers) >= 3 and (begins or all(text.startswith("(") for text in texts)):
        return all(one < other for one, other in pairwise(numbers))
    return len(numbers) >= 2 and all(other - one in (0, 1) for one, other in pairwise(numbers)) and numbers[0] <= 3


def is_label(text: str) -> bool:
    """Whether a cell of the head is the number of its column."""
    return bool(_NUMBERED.match(text)) and not _WORD.search(text)


def paths(heads: Sequence[Sequence[Cell]], width: int) -> list[tuple[str, ...]]:
    """By column its headings from above. A heading over the whole table says nothing of a column; one beside blank cells spans
    them.
    """
    texts = [[" ".join(row[column].text.split()) if column < len(row) else "" for column in range(width)] for row in heads]
    texts = [row for row in texts if not is_numbering([Cell(text, 0) for text in row]) and (len({*row}) > 1 or len(heads) == 1)]
    for number, row in enumerate(texts[:-1]):
        for column in range(1, width):
            below = any(one[column] for one in texts[number + 1 :])
            above = any(one[column] for one in texts[:number])
            if not row[column] and row[column - 1] and below and not above and texts[number + 1][column - 1]:
                row[column] = row[column - 1]
    out: list[tuple[str, ...]] = []
    for column in range(width):
        path: list[str] = []
        for row in texts:
            text = row[column]
            if text and not is_label(text) and (not path or path[-1] != text):
                path.append(text)
        out.append(tuple(path))
    return out


def numbers_of(rows: Sequence[Sequence[Cell]]) -> dict[str, int]:
    """Columns by the number that is printed for them."""
    out: dict[str, int] = {}
    for row in rows:
        if is_numbering(row):
            for column, cell in enumerate(row):
                match = re.search(r"\d{1,2}[a-z]?|[A-Za-zĐ]", cell.text)
                if match:
                    out.setdefault(match.group(), column)
    return out


def formulas(texts: Sequence[str], columns: Mapping[str, int]) -> Iterator[Formula]:
    """The formulas that numbering cells, headings and notes print; those of columns without a number are none."""
    for text in texts:
        for stated in _STATED.findall(text) if columns else ():
            head, *sides = stated.split("=")
            whole = _operand(head, columns)
            if whole is None:
                continue
            for side in sides:
                made = _side(whole, side, columns)
                if made is not None and whole not in (made.base, *(column for column, _ in made.terms)):
                    yield made


def without_columns(text: str) -> str:
    """A text in which numbers of columns are blanks: they count nothing."""
    if "=" in text and (_COLUMN.search(text) or re.search(r"\(\d{1,2}\)\s*=", text)):
        text = _STATED.sub(lambda found: " " * len(found.group()), text)
    return _COLUMN.sub(lambda found: " " * len(found.group()), text) if "cột" in text.lower() else text


def _side(whole: int, side: str, columns: Mapping[str, int]) -> Formula | None:
    plain = _PER_CENT.sub("", side).strip(" .;,")
    if re.search(r"[:/]", plain):
        parts = [_operand(one, columns) for one in re.split(r"[:/]", plain)]
        if len(parts) != 2 or parts[0] is None or parts[1] is None:
            return None
        return Formula(whole, ((parts[0], 1),), parts[1])
    pieces = re.split(r"([+\-–])", plain)
    terms: list[tuple[int, int]] = []
    for place in range(0, len(pieces), 2):
        column = _operand(pieces[place], columns)
        if column is None:
            return None
        terms.append((column, 1 if place == 0 or pieces[place - 1] == "+" else -1))
    return Formula(whole, tuple(terms)) if len(terms) > 1 else None


def _operand(text: str, columns: Mapping[str, int]) -> int | None:
    match = _OPERAND.fullmatch(text)
    return columns.get(match[1].lower()) if match else None
