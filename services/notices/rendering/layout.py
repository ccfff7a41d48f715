"""What is wrong with the pages of a rendered notice, found from the PDF alone: words with their boxes, and the lines drawn.

The rules are those that a reader of the page would name: no number without its unit at the end of a line, no citation broken,
no heading or lead-in at the foot of a page, no line of a table alone, nothing outside the margins, no letter that touches a
line or another letter. Takes some 0,1 s a page: it is for tests and for `make demo`, not for every notice.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
import pypdfium2
import pypdfium2.raw as pdfium

from services.notices.rendering.line_breaks import ends_with_year

Rule = Literal[
    "outside the margins",
    "a number parted from its unit",
    "a reference number broken",
    "a word parted from its number",
    "a dash begins a line",
    "a last line of one short word",
    "a heading at the foot of a page",
    "a lead-in at the foot of a page",
    "an empty foot",
    "a group's row at the foot of a page",
    "a row alone on a page",
    "a letter touches a line",
    "letters touch",
]


class Finding(msgspec.Struct, frozen=True):
    """A place where a page breaks a rule."""

    rule: Rule
    """Which rule."""
    page: int
    """From 1, over all pages of the file."""
    text: str
    """The words at the place."""


class Box(NamedTuple):
    """A rectangle in points, from the lower left corner of the page."""

    left: float
    bottom: float
    right: float
    top: float


class Letter(NamedTuple):
    """A printed character: its ink, and the line that it stands on."""

    text: str
    ink: Box
    baseline: float


class Line(NamedTuple):
    """Letters on one baseline."""

    text: str
    box: Box
    letters: tuple[Letter, ...]


class Page(NamedTuple):
    """A page as it was printed, without its number."""

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    strokes: tuple[Box, ...]

    @property
    def landscape(self) -> bool:
        """Whether it belongs to an annex."""
        return self.width > self.height


MM = 72 / 25.4
LEFT, RIGHT, EDGE = 30 * MM, 20 * MM, 20 * MM
"""Margins at the left, at the right, and at top and bottom."""
SLACK = 1.5
"""Points by which ink may reach over a margin: a comma or a quotation mark at the end of a line."""
INDENT = 1.0 * 10 * MM
"""A line that begins this far from the margin begins a paragraph."""
TOUCH = 0.05
"""Points that ink must overlap before it counts as touching."""
MAX_EMPTY_LINES = 4.5
"""Lines that may stay empty at the foot of a page whose successor begins with something that is kept together."""
PITCH = 14 * 1.265
"""Height of a line of the body in points."""

SPACING = 6 / PITCH
"""Between two paragraphs, in lines."""

_HEADING = re.compile(r"(?:[IVX]+\. [A-ZĐÀ-Ỹ ,]+|\d\. [A-ZĐÀ-Ỹ]|[a-zđ]\) [A-ZĐÀ-Ỹ])")
_UNIT = re.compile(r"(?:TTHC|hồ sơ|cơ quan|đơn vị|nhiệm vụ|phiếu|lượt|bước|đồng|thủ tục|phản ánh|điểm phần|%|ngày làm)")
_CITED = re.compile(r"(?:số|Điều|khoản|điểm|ngày|tháng|năm|Quý|quý|mức độ|Biểu số|Phụ lục)$")


def findings(pages: Sequence[Page]) -> list[Finding]:
    """Every place where the pages break a rule."""
    found: list[Finding] = []
    for page, after in zip(pages, [*pages[1:], None], strict=True):
        found.extend(_outside(page))
        found.extend(_touching(page))
        found.extend(_of_annex(page, after) if page.landscape else _of_text(page, after))
    return found


def read(document: bytes) -> list[Page]:
    """The pages of a PDF with their lines, top to bottom, and the strokes drawn on them."""
    with pypdfium2.PdfDocument(document) as opened:
        return [_read_page(opened[index], index + 1) for index in range(len(opened))]


def _read_page(page: Any, number: int) -> Page:
    width, height = page.get_size()
    strokes = [
        box
        for shape in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH])
        if (box := Box(*shape.get_bounds())) and min(box.right - box.left, box.top - box.bottom) < 2
    ]
    lines = tuple(line for line in _lines(list(_letters(page))) if not _is_page_number(line, height))
    return Page(number, width, height, lines, tuple(strokes))


def _letters(page: Any) -> Iterator[Letter]:
    """Every letter that is inked, with the blank after it."""
    text = page.get_textpage()
    left, right, bottom, top, x, baseline = (ctypes.c_double() for _ in range(6))
    waiting: Letter | None = None
    for index in range(text.count_chars()):
        character = chr(pdfium.FPDFText_GetUnicode(text, index))
        if not character.strip():
            waiting = waiting and waiting._replace(text=waiting.text[0] + " ")
            continue
        if waiting:
            yield waiting
        pdfium.FPDFText_GetCharBox(text, index, left, right, bottom, top)
        pdfium.FPDFText_GetCharOrigin(text, index, x, baseline)
        waiting = Letter(character, Box(left.value, bottom.value, right.value, top.value), baseline.value)
    if waiting:
        yield waiting


def _lines(letters: Sequence[Letter]) -> Iterator[Line]:
    """Letters in the order of the text, cut where the baseline changes."""
    start = 0
    for place in range(1, len(letters) + 1):
        if place == len(letters) or abs(letters[place].baseline - letters[start].baseline) > 3:
            part = tuple(letters[start:place])
            yield Line("".join(letter.text for letter in part).strip().replace("\u00a0", " "), _around(part), part)
            start = place


def _around(letters: Sequence[Letter]) -> Box:
    boxes = [letter.ink for letter in letters]
    return Box(
        min(box.left for box in boxes),
        min(box.bottom for box in boxes),
        max(box.right for box in boxes),
        max(box.top for box in boxes),
    )


def _is_page_number(line: Line, height: float) -> bool:
    return line.text.isdigit() and line.box.bottom > height - EDGE


def _outside(page: Page) -> Iterator[Finding]:
    for line in page.lines:
        box = line.box
        beside = box.left < LEFT - SLACK or box.right > page.width - RIGHT + SLACK
        if beside or box.bottom < EDGE - SLACK or box.top > page.height - EDGE + SLACK:
            yield Finding("outside the margins", page.number, line.text)


def _touching(page: Page) -> Iterator[Finding]:
    """Ink on a stroke, and ink of a line on ink of the line below it."""
    for line in page.lines:
        near = [stroke for stroke in page.strokes if _overlap(stroke, line.box)]
        for letter in line.letters:
            if any(_overlap(stroke, letter.ink) for stroke in near):
                yield Finding("a letter touches a line", page.number, line.text)
                break
    lines = sorted(page.lines, key=lambda line: -line.box.top)
    for place, line in enumerate(lines):
        for below in lines[place + 1 : place + 16]:
            if abs(line.letters[0].baseline - below.letters[0].baseline) > 3 and _overlap(line.box, below.box):
                close = [letter for letter in below.letters if letter.ink.top > line.box.bottom]
                if any(_overlap(upper.ink, lower.ink) for lower in close for upper in line.letters):
                    yield Finding("letters touch", page.number, f"{line.text} / {below.text}")


def _overlap(one: Box, other: Box) -> bool:
    return (
        min(one.right, other.right) - max(one.left, other.left) > TOUCH
        and min(one.top, other.top) - max(one.bottom, other.bottom) > TOUCH
    )


def _of_text(page: Page, after: Page | None) -> Iterator[Finding]:
    """Rules of the running text: between a line and the one after it, also over the page's end."""
    lines = _body(page)
    following = _body(after) if after and not after.landscape else []
    for line, below in zip(lines, [*lines[1:], *following[:1]], strict=False):
        if not _begins_paragraph(below):
            yield from _between(page, line, below)
    for line, beneath in zip(lines, [*lines[1:], None], strict=True):
        ends = beneath is None or _begins_paragraph(beneath)
        if ends and not _begins_paragraph(line) and " " not in line.text and len(line.text) < 9:
            yield Finding("a last line of one short word", page.number, line.text)
    if not following or not lines:
        return
    foot = lines[-1]
    if _begins_paragraph(foot) and _HEADING.match(foot.text):
        yield Finding("a heading at the foot of a page", page.number, foot.text)
    elif foot.text.endswith(":") and _begins_paragraph(following[0]):
        yield Finding("a lead-in at the foot of a page", page.number, foot.text)
    empty = (foot.box.bottom - EDGE) / PITCH
    unparted = _unparted_lines(following)
    if empty >= unparted + 1:
        yield Finding("an empty foot", page.number, f"{empty:.1f} lines below: {foot.text}")


def _body(page: Page) -> list[Line]:
    """The running text of a page: below the line under the title on the first, above the recipients on the last."""
    title = min((stroke.bottom for stroke in page.strokes), default=page.height) if page.number == 1 else page.height
    lines = [line for line in page.lines if line.box.top < title]
    end = next((place for place, line in enumerate(lines) if line.text.startswith("Nơi nhận:")), len(lines))
    return lines[:end]


def _begins_paragraph(line: Line) -> bool:
    return line.box.left > LEFT + INDENT


def _between(page: Page, line: Line, below: Line) -> Iterator[Finding]:
    place = f"{line.text[-24:]} / {below.text[:24]}"
    last, first = line.text.split(" ")[-1], below.text.split(" ")[0]
    if re.search(r"\d[/-]$|[A-ZĐ]-$", last) or (re.search(r"\d/[A-ZĐ]*$|[0-9]$", last) and re.match(r"[/-][A-ZĐ]", first)):
        yield Finding("a reference number broken", page.number, place)
    if re.search(r"[0-9]$", last) and _UNIT.match(below.text) and not ends_with_year(line.text, len(line.text)):
        yield Finding("a number parted from its unit", page.number, place)
    if _CITED.search(line.text) and re.match(r"[0-9]", first):
        yield Finding("a word parted from its number", page.number, place)
    if first in ("-", "–"):
        yield Finding("a dash begins a line", page.number, place)


def _unparted_lines(following: Sequence[Line]) -> float:
    """Lines at the head of a page that could not have been parted: headings and lead-ins with two lines of what they lead to,
    and what stands between paragraphs."""
    count, place = 0.0, 0
    while place < len(following):
        end = place + 1
        while end < len(following) and not _begins_paragraph(following[end]):
            end += 1
        paragraph = following[place:end]
        leads = _HEADING.match(paragraph[0].text) is not None or paragraph[-1].text.endswith(":")
        if not leads:
            # A paragraph of up to three lines is never parted, a longer one has two lines on either side.
            ends = any(re.search(r"\./\.$", line.text) for line in paragraph)
            return MAX_EMPTY_LINES * 3 if ends else count + (len(paragraph) if len(paragraph) <= 3 else 2)
        count += len(paragraph) + SPACING
        place = end
    return count


def _of_annex(page: Page, after: Page | None) -> Iterator[Finding]:
    """Rules of a table: its lines by baselines, because cells are read one by one."""
    rows = _rows(page)
    if not rows:
        return
    goes_on = after is not None and after.landscape and _goes_on(after)
    if goes_on and re.match(r"[IVX]+ ", rows[-1] + " "):
        yield Finding("a group's row at the foot of a page", page.number, rows[-1])
    units = [row for row in rows if re.match(r"\d+ ", row)]
    if _goes_on(page) and len(units) < 1:
        yield Finding("a row alone on a page", page.number, rows[0])


def _goes_on(page: Page) -> bool:
    """Whether a page carries on the table of the page before it: it has no title."""
    return not any(line.text.startswith(("(Kèm theo", "Biểu số", "Phụ lục")) for line in page.lines[:5])


def _rows(page: Page) -> list[str]:
    """What stands side by side on the page below the line of column numbers, top to bottom."""
    by_height: dict[int, list[Line]] = {}
    for line in page.lines:
        by_height.setdefault(round(line.letters[0].baseline / 3), []).append(line)
    joined = [
        " ".join(line.text for line in sorted(lines, key=lambda line: line.box.left))
        for _, lines in sorted(by_height.items(), reverse=True)
    ]
    heads = [place for place, text in enumerate(joined) if text.startswith(("(1) (2)", "(1)(2)"))]
    return [text for text in joined[heads[-1] + 1 :] if not text.startswith("Ghi chú")] if heads else []
