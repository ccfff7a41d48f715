"""Plain text: broken lines joined into paragraphs, and tables drawn with bars, tabs or wide blanks. Pure.

Every character keeps its place: a joined line's break becomes a blank.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from services.notices.audit.documents.bare_rows import bare_rows_at
from services.notices.audit.documents.characters import shaped, unseen
from services.notices.audit.documents.model import Block, Cell, Document
from services.notices.audit.markers import marker

WRAPPED_WIDTH = 160
"""Lines of a text that was broken at a margin are no longer than this."""
BROKEN = 50
"""Characters of a line from which on it may be broken at a margin, though few others are."""
HEAD = 2
"""Rows of a table, and columns of a row, from which a row of words is the head of another table."""
TAIL = 400
"""Characters at the end of a paragraph by which one sees whether the next line goes on from it."""

_RULE = re.compile(r"^[\s|:+=\u2500-\u257f-]+$")
_DRAWN = dict.fromkeys(map(ord, "│┃║"), "|")
_WIDE = re.compile(r"\s{3,}|\t+")
_APART = re.compile(r"[|│┃║\s](?:(?<![^\S\t])|\s\s)")
"""What must stand between the columns of a row: a bar, a tab or three blanks."""
ITEM = re.compile(r"\(?(?:\d{1,2}(?:\.\d{1,2})*[.)]|[IVX]+[.)]|[a-zđ][.)])|[-–—+•●▪◦*·✓➢]")
_TOTAL = re.compile(r"\W*(?:tổng|cộng|toàn|chung|tất cả)\b", re.IGNORECASE)
_CLUSTER = re.compile(r".[\u0300-\u036f]*", re.DOTALL)
_LEADS = re.compile(r"(?:trong đó|gồm|là|và|còn|cộng|đạt|với|bằng|của|thành|được|có|xuống|lên|từ)\s*$", re.IGNORECASE)
"""Words that no line of its own ends with: a figure follows."""
_LAST = re.compile(r"\s*\d[\d.,]*[.;,]\s*")
"""A line of nothing but the last number of a sentence."""
_PAGE = re.compile(
    r"(?P<last>[^\s.;:!?])[ \t]*\n\s*\d{1,3}[ \t]*\n\s*(?P<head>[^\W\d_][^\n]{9,120})\n\s*(?=(?P<next>[^\W\d_]))"
)
"""The end of a page within a sentence: its number, the running head of the next, and words that go on."""
_NUMBER_ALONE = re.compile(r"\n\s*\d{1,3}[ \t]*\n")
"""What every end of a page has, and few texts do."""
_CLOSING = re.compile(r"\s*\d[\d.,]*\s*%?\)")
_ENDS = re.compile(r"[.;:!?…]\s*$|\./\.\s*$")


def read_text(text: str) -> Document:
    """The document of a plain text."""
    plain, origin = _composed(text)
    plain = plain.replace("\r\n", " \n").replace("\r", "\n")
    plain = plain.replace("\f", "\n").replace("\u2028", "\n")
    read = _without_page_breaks(plain)
    lines: list[tuple[int, str]] = []
    place = 0
    for line in read.split("\n"):
        lines.append((place, line))
        place += len(line) + 1
    return Document(plain, tuple(_blocks(read, lines)), (), origin)


def _without_page_breaks(text: str) -> str:
    """The text with the number of a page and the running head below it blanked out, where a sentence goes on behind them."""
    if not (_NUMBER_ALONE.search(text) and _PAGE.search(text)):
        return text
    lines = Counter(line.strip() for line in text.split("\n"))

    def joined(found: re.Match[str]) -> str:
        again = found["next"].islower() and lines[found["head"].strip()] > 1
        return found["last"] + " " * (found.end() - found.end("last")) if again else found[0]

    return _PAGE.sub(joined, text)


def _composed(text: str) -> tuple[str, tuple[int, ...] | None]:
    """The text in NFC without characters that take no room, and where each of its characters stood."""
    left_out = unseen(text)
    if not left_out and unicodedata.is_normalized("NFC", text):
        return shaped(text), None
    out: list[str] = []
    origin: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        begin = cluster.start()
        seen = "".join(sign for place, sign in enumerate(cluster.group(), begin) if place not in left_out)
        composed = unicodedata.normalize("NFC", seen)
        out.append(composed)
        origin += [begin] * len(composed)
    return shaped("".join(out)), (*origin, len(text))


def _blocks(text: str, lines: list[tuple[int, str]]) -> Iterator[Block]:
    wrapped = _is_wrapped([line for _, line in lines])
    number = 0
    while number < len(lines):
        table = _table_at(lines, number)
        if table is not None:
            rows, number = table
            yield Block("", rows[0][0].start, rows=rows)
            continue
        bare = bare_rows_at(lines, number)
        if bare is not None:
            rows, number = bare
            yield Block("", rows[0][0].start, rows=rows, headless=True)
            continue
        start, line = lines[number]
        number += 1
        if not line.strip():
            continue
        end = start + len(line)
        while number < len(lines):
            blank = not lines[number][1].strip()
            follow = number + 1 if blank else number
            if follow >= len(lines) or not lines[follow][1].strip() or _table_at(lines, follow) is not None:
                break
            if bare_rows_at(lines, follow) is not None:
                break
            if not _continues(text[max(start, end - TAIL) : end], lines[follow][1], wrapped=wrapped, blank=blank):
                break
            end = lines[follow][0] + len(lines[follow][1])
            number = follow + 1
        yield Block(text[start:end].replace("\n", " "), start)


def _is_wrapped(lines: list[str]) -> bool:
    lengths = sorted(len(line.rstrip()) for line in lines if line.strip())
    if len(lengths) < 4 or lengths[-1] > WRAPPED_WIDTH:
        return False
    broken = sum(
        bool(one.strip())
        and bool(other.strip())
        and not _ENDS.search(one)
        and not marker(other)
        and other.strip()[:1].islower()
        for one, other in pairwise(lines)
    )
    return broken * 5 >= len(lengths) or broken >= 3


def _continues(before: str, line: str, *, wrapped: bool, blank: bool) -> bool:
    first = line.strip()[:1]
    if not blank and _CLOSING.match(line) and before.count("(") > before.count(")"):
        return True  # `(trực tuyến 644, bưu chính` / `25).`: no item of a list
    if before.rstrip().endswith(":") and before.count("(") > before.count(")") and ")" in line and not blank:
        return True  # `là 10.371 hồ sơ (mới:` goes on with `10.469; tồn: 262).`
    ended = _ENDS.search(before) is not None
    broken = not blank and len(before) - before.rfind("\n") > BROKEN
    if broken and not ended and first.isdigit() and (_LAST.fullmatch(line) or _lacks_figure(before)):
        return True  # `... đúng hạn 837; quá hạn` / `40. Tỷ lệ ...`
    if broken and not ended and ";" in before and _lacks_figure(before) and any(char.isdigit() for char in line):
        return True  # `Phòng Nội vụ 106 hồ sơ; Phòng` / `Tư pháp 21 hồ sơ`
    if broken and first.islower() and before.rstrip().endswith(";") and not marker(line):
        return True  # `...; đúng hạn 16.839;` / `quá hạn 451.`
    if marker(line):
        return False
    if not blank and first.isdigit() and _LEADS.search(before):
        return True  # `... Trong đó` / `12.884 hồ sơ phát sinh mới`
    if blank:
        return wrapped and not ended and (first.islower() or first.isdigit()) and len(before) > 60
    if not wrapped:
        return not ended and (first.islower() or (first in "(0123456789" and len(before) > 60))
    last = before[before.rfind("\n") + 1 :]
    if ended and (first.isupper() or first in '“"(') and len(last.rstrip()) < 60:
        return False
    letters = [char for char in last if char.isalpha()]
    return not (letters and all(char.isupper() for char in letters))


def _lacks_figure(before: str) -> bool:
    """Whether a line ends with an item of a list that has no figure yet, though those before it have one."""
    items = re.split(r"[;,:](?!\d)", before[before.rfind("\n") + 1 :])
    return len(items) > 1 and not any(char.isdigit() for char in items[-1]) and any(char.isdigit() for char in items[-2])


def _table_at(lines: list[tuple[int, str]], number: int) -> tuple[tuple[tuple[Cell, ...], ...], int] | None:
    """The table that begins at a line, and the line after it."""
    if not _APART.search(lines[number][1]):
        return None
    first = lines[number][1].strip()
    for split in (partial(_by_bars, edged=first[:1] in ("|", "│", "┃", "║")), _by_tabs, _by_blanks):
        rows: list[tuple[Cell, ...]] = []
        place = number
        while place < len(lines):
            start, line = lines[place]
            if rows and _RULE.match(line) and line.strip():
                place += 1
                continue
            cells = split(start, line)
            if cells is None or (len(rows) > HEAD and _is_head(cells) and not _is_head(rows[-1])):
                break
            rows.append(cells)
            place += 1
        counted = sum(any(char.isdigit() for char in cell.text) for row in rows for cell in row[1:])
        if len(rows) >= 3 and counted >= 2 and (isinstance(split, partial) or len({len(row) for row in rows}) <= 2):
            width = max(len(row) for row in rows)
            return tuple(_filled(row, width) for row in rows), place
    return None


def _is_head(cells: tuple[Cell, ...]) -> bool:
    """Whether a row has a heading over every column and no figure: the table below begins with it."""
    texts = [cell.text for cell in cells]
    return len(texts) > HEAD and all(text[:1].isupper() and not any(char.isdigit() for char in text) for text in texts)


def _filled(row: tuple[Cell, ...], width: int) -> tuple[Cell, ...]:
    """A row with the cells that it lacks: those of a total that spans the first columns, otherwise the last ones."""
    blank = [Cell("", row[-1].start) for _ in range(width - len(row))]
    spans = _TOTAL.match(row[0].text) and all(cell.text[:1].isdigit() for cell in row[1:])
    return (row[0], *blank, *row[1:]) if spans else (*row, *blank)


def _by_bars(start: int, line: str, *, edged: bool) -> tuple[Cell, ...] | None:
    line = line.translate(_DRAWN)
    if line.count("|") < 2 and not (line.count("|") == 1 and not line.strip().startswith("|")):
        return None
    out = []
    place = 0
    pieces = line.split("|")
    for order, piece in enumerate(pieces):
        edge = (order == 0 and edged and line.strip().startswith("|")) or (
            order == len(pieces) - 1 and line.strip().endswith("|")
        )
        if not edge:
            lead = len(piece) - len(piece.lstrip())
            text, place_ = piece.strip(), start + place + lead
            stars = len(text) - len(text.lstrip("*"))
            if 0 < stars < 4 and text.endswith("*" * stars) and len(text) > 2 * stars:
                text, place_ = text[stars:-stars], place_ + stars  # Markdown marks what is bold
            out.append(Cell(text, place_))
        place += len(piece) + 1
    return tuple(out) if len(out) > 1 else None


def _by_tabs(start: int, line: str) -> tuple[Cell, ...] | None:
    if "\t" not in line.strip():
        return None
    out = []
    place = 0
    for piece in line.split("\t"):
        lead = len(piece) - len(piece.lstrip())
        out.append(Cell(piece.strip(), start + place + lead))
        place += len(piece) + 1
    return None if _is_item(out) else tuple(out)


def _by_blanks(start: int, line: str) -> tuple[Cell, ...] | None:
    stripped = line.strip()
    if len(_WIDE.findall(stripped)) < 1:
        return None
    out = []
    place = len(line) - len(line.lstrip())
    for match in [*_WIDE.finditer(line, place), None]:
        end = match.start() if match else len(line.rstrip())
        if end > place:
            out.append(Cell(line[place:end].strip(), start + place))
        if match:
            place = match.end()
    return tuple(out) if len(out) > 1 and not _is_item(out) else None


def _is_item(cells: list[Cell]) -> bool:
    """Whether the number or dash of an item stands apart from its words."""
    return len(cells) == 2 and ITEM.fullmatch(cells[0].text) is not None and any(map(str.isalpha, cells[1].text))
