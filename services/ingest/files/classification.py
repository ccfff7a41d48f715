"""Rows of a list that are no dossiers: titles, groups, totals, numbers of pages, repeated headings, lines for signatures.

Pure. A row is passed over only where no dossier could be made of it: it has no date but that of the print or the signature, and
no code where one belongs. Whatever else there is goes on as a row of the list, and waits in quarantine when it cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from itertools import pairwise
from unicodedata import normalize

from services.ingest.files.headings import DATES, ColumnMapping, compared
from shared.vietnamese import unaccented


class RowKind(StrEnum):
    """What a row is that holds no dossier."""

    above_headings = "title"
    heading = "heading"
    repeated_heading = "repeated_heading"
    further_heading = "further_heading"  # names other columns: the rows below it are read by it
    column_numbers = "column_numbers"  # (1) (2) (3) below the headings
    group = "group"
    total = "total"
    signature = "signature"
    page = "page"  # number of a printed page, or when it was printed
    note = "note"  # below the list: what a mark means, of when the figures are
    blank = "blank"
    continued = "continued"  # a further line of a row whose cell holds line ends


_CODE = re.compile(r"[^\s()]*\d[^\s()]*").fullmatch
_MIN_CODE = 5
"""Shorter texts with a digit may be a number of a column."""
_DATED = re.compile(r"\d[/.:-]\d|\d{5}")
_NUMBERED = re.compile(r"[(\[]?(?:(\d{1,2})|[a-dđA-DĐ])[)\]]?(?:\s*=.*)?").fullmatch
_ROMAN = re.compile(r"(?:[ivxlc]{1,6}|[a-z])[.)]?").fullmatch
_TOTAL = re.compile(
    r"(?:tong(?: cong| so)?|cong|luy ke)(?:\s*[:(\d].*"
    r"| (?:muc|phan|nhom) [ivxlca-e]{1,4}(?:\s*\+\s*[ivxlca-e]{1,4})*\b[^a-z]*"
    r"| (?:ho so|cac|don vi|linh vuc)\b.*"
    r"| toan (?:tinh|tp|thanh pho|huyen|thi xa|xa|quan|phuong|thi tran|nganh|don vi|bo)\b.*"
    r"| trong (?:ky|thang|quy|nam|tuan|ngay)\b.*)?"
).fullmatch
_NUMERAL = r"[IVXLCA-E]{1,4}"
_TOTAL_OF_NUMERALS = re.compile(
    rf"(?:(?i:tổng(?: cộng| số)?|cộng|tong (?:cong|so)|l[uũ][yỹ] k[eế]|luỹ kế)) {_NUMERAL}(?:\s*\+\s*{_NUMERAL})*\b[\W\d_]*"
).fullmatch
_NAMED = re.compile(r"(?i:tống|công)\b").match
"""People are called so, and a total is not, though without accents both are spelt alike."""
_SIGNATURE = re.compile(
    r"nguoi (?:lap|ky|tong hop|bao cao)|lap (?:bieu|bang)|ky(?:, | va )?(?:ghi ro|ten|dong dau)|ghi ro ho|thu truong"
    r"|giam doc|truong phong|pho phong|chu tich|chanh van phong|ke toan|noi nhan|xac nhan cua|^(?:kt|tm|tl|tuq)\."
    r"|can bo (?:lap|tong hop)|^can bo (?:mot cua|tiep nhan(?: va tra ket qua)?|thong ke|theo doi|phu trach)$"
    r"|^lanh dao(?: (?:phong|don vi|co quan|ubnd|uy ban nhan dan|so|chi nhanh|trung tam|van phong|ban|huyen|xa|phuong))*$"
    r"|^nguoi (?:kiem tra|kiem soat|duyet|phe duyet|thong ke)$"
    r"|ngay (?:\d{1,2}|\.+|_+|…) thang"
).search
_SIGNED_ON = re.compile(
    r"(?:ngay|thoi gian|thoi diem) (?:ky|lap)\b|(?:lap|ky) (?:bieu |bao cao )?(?:ngay|luc|boi)\b"
    r"|(?:[a-z]+[ .-]){1,6}?[a-z]+, ?ngay \d"
).match
"""A sentence with the day of the signature: `Hồng Lạc, ngày 30/6/2023` is no date of a dossier."""
_PAGE = re.compile(
    r"(?:trang|page|tr\.)(?: ?so)? ?:? ?\d{1,5}(?: ?(?:/|-|of|tren|cua) ?(?:tong so )?\d{1,5})?(?: ?trang)?\.?"
    r"|[-\u2013\u2014] ?\d{1,5} ?[-\u2013\u2014]"
).fullmatch
_PRINTED = re.compile(r"(?:ngay|thoi gian|thoi diem|nguoi) (?:in|xuat)\b.*|(?:in|xuat) (?:ngay|luc|boi)\b.*").fullmatch
_TIME = re.compile(r"[\d/.:,\- ]{8,}(?:sa|ch|am|pm)?").fullmatch
_HAS_TOTAL = re.compile(r"\d\D+\d").search
_MAX_PAGE, _MAX_PAGE_TEXT = 6, 80
"""Filled cells of a line that numbers a page, and characters of one."""
_TOTAL_OF_PAGE = re.compile(
    r"(?i:(?:cộng|tổng(?: cộng| số)?|lũy kế|luỹ kế)(?: hết| đến hết)? trang(?: \d+| này| trước)?"
    r"|(?:(?:cộng|số) )?(?:(?:mang|chuyển) sang(?: trang (?:sau|tiếp|trước))?|chuyển trang(?: sau| tiếp)?"
    r"|trang trước(?: (?:mang|chuyển) sang)?))(?:\s*[:(\d].*)?"
).fullmatch
"""With its accents: people are called `Công Trang`."""
_NOTE = re.compile(r"(?:ghi chu|luu y|chu thich|nguon)\s*:.*|\(?\*+\)?\s.*").fullmatch
_GROUP = re.compile(
    r"(?:[ivxlc\d]{1,4}[.)/-]? )?(?:ubnd|uy ban|so|phong|ban|chi cuc|trung tam|van phong|xa|phuong|thi tran|huyen|thi xa"
    r"|thanh pho|tinh|linh vuc|thu tuc|don vi|co quan|bo phan|nhom|cap|thang|quy|nam|tuan|phan|muc|ho so)\b.*"
).fullmatch
_MEANS = re.compile(r"[^\W_]").search
"""Cells of marks alone rule a line under a table."""
_MAX_TEXTS = 3
"""Filled cells of a row of a group or for signatures."""


class Classifier:
    """Tells the rows of one list apart, in their order."""

    def __init__(self, mapping: ColumnMapping) -> None:
        """`mapping` is that of the list's headings."""
        columns = dict(mapping.columns)
        self._rows = mapping.rows
        self._codes = columns.get("code", ())
        self._code = self._codes[0] if self._codes else 0
        self._dates = tuple(place for field in DATES for place in columns.get(field, ()))
        self._signed = False
        self._signatories = _MAX_TEXTS

    def reads_as_row(self, cells: Sequence[object]) -> bool:
        """Whether cells surely are a row of the list: a code where one belongs, and a date."""
        size = len(cells)
        if size <= self._code:
            return False
        code = cells[self._code]
        if type(code) is not str or len(code) < _MIN_CODE or not _CODE(code):
            return False
        return any(place < size and cells[place] for place in self._dates)

    def is_row(self, cells: Sequence[object]) -> bool:
        """As `reads_as_row`, and the date looks like one: what may as well be the rest of another row is none."""
        return self.reads_as_row(cells) and any(place < len(cells) and is_dated(cells[place]) for place in self._dates)

    def has_date_or_code(self, cells: Sequence[object]) -> bool:
        """Whether a date stands in a column of dates, or what looks like a code in one of codes."""
        size = len(cells)
        if any(place < size and is_dated(cells[place]) and not _is_stated(cells[place]) for place in self._dates):
            return True
        codes = (_text(cells[place]) for place in self._codes if place < size)
        return any(len(text) >= _MIN_CODE and _CODE(text) for text in codes)

    def kind(self, cells: Sequence[object]) -> RowKind | None:
        """What a row is; None: a row of the list, which is read or waits in quarantine with its reason."""
        filled = filled_cells(cells)
        if not filled:
            return RowKind.blank
        if is_repeated_heading(filled, self._rows):
            return RowKind.repeated_heading
        if numbers_columns(filled):
            return RowKind.column_numbers
        if _is_page(filled):
            return RowKind.page
        if self.has_date_or_code(cells):
            return None
        if not any(map(_MEANS, (text for _, text in filled))):
            return RowKind.blank
        codes = [text for place, text in filled if place in self._codes]
        words = [unaccented(text) for _, text in filled]
        if _is_total(filled, words, self._codes):
            return RowKind.total
        if len(filled) == 1 and _NOTE(words[0]):
            return RowKind.note
        few = len(filled) <= _MAX_TEXTS
        signed = [word for word in words if _SIGNATURE(word) or _SIGNED_ON(word)]
        # Where four or more sign, so many names stand below.
        if (few and signed) or len(signed) >= _MAX_TEXTS or (self._signed and len(filled) <= self._signatories):
            self._signed = True
            self._signatories = max(self._signatories, len(filled))
            return RowKind.signature
        if few or _ROMAN(words[0]):
            first = words[1] if len(words) > 1 and _ROMAN(words[0]) else words[0]
            named = any(_GROUP(word) for word in words[:2])
            alone = len(filled) == 1 and not codes
            if named or alone or (first is not words[0] and not codes):
                return RowKind.group
        return None


def _is_total(filled: Sequence[tuple[int, str]], words: Sequence[str], codes: Sequence[int]) -> bool:
    """Whether cells are a total: one says so, and where a code belongs no other stands."""
    for (place, text), word in zip(filled[:3], words, strict=False):
        plain = " ".join(normalize("NFC", text).split())
        if (_TOTAL(word) and not _NAMED(plain)) or _TOTAL_OF_NUMERALS(plain) or _TOTAL_OF_PAGE(plain):
            return all(other == place for other, _ in filled if other in codes)
    return False


def _is_page(filled: Sequence[tuple[int, str]]) -> bool:
    """Whether cells number a printed page, in one or in several of them, and at most say besides when it was printed."""
    if len(filled) > _MAX_PAGE or any(len(text) > _MAX_PAGE_TEXT for _, text in filled):
        return False
    words = [" ".join(unaccented(text).split()) for _, text in filled]
    if _PAGE(" ".join(words)):
        return len(words) == 1 or words[0][:1].isalpha()
    pages = [word for word in words if _PAGE(word)]
    said = [word for word in words if _PRINTED(word)]
    times = [word for word in words if _TIME(word)]
    # A dossier without its code has a date, and may have a note such as `trang 2`.
    counts = said or not times or any(map(_HAS_TOTAL, pages))
    return bool(pages or said) and bool(counts) and len(pages) + len(said) + len(times) == len(words)


def _is_stated(cell: object) -> bool:
    """Whether a cell is a sentence that tells of a day, and no date."""
    return isinstance(cell, str) and cell[:1].isalpha() and _SIGNED_ON(unaccented(cell)) is not None


def filled_cells(cells: Sequence[object]) -> list[tuple[int, str]]:
    """The cells in which something stands, with their places."""
    return [(place, text) for place, cell in enumerate(cells) if (text := _text(cell))]


def is_repeated_heading(filled: Sequence[tuple[int, str]], rows: Sequence[Sequence[str]]) -> bool:
    """Whether cells repeat one of the rows of headings, as at the top of each printed page."""
    for row in rows:
        same = sum(place < len(row) and row[place] != "" and row[place] == compared(text) for place, text in filled)
        if same >= 2 and same * 2 > len(filled):
            return True
    return False


def numbers_columns(filled: Sequence[tuple[int, str]]) -> bool:
    """Whether cells number the columns: (1) (2) (3), or A B 1 2."""
    numbers = []
    for _, text in filled:
        match = _NUMBERED(text)
        if match is None:
            return False
        if match[1]:
            numbers.append(int(match[1]))
    return len(filled) >= 2 and len(numbers) >= 2 and all(b == a + 1 for a, b in pairwise(numbers))


def _text(cell: object) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, str):
        return cell.strip("\u200b\ufeff \t\r\n\u00a0\x1a")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def is_dated(cell: object) -> bool:
    """Whether a cell looks like a date."""
    if isinstance(cell, str):
        return _DATED.search(cell) is not None
    if isinstance(cell, bool):
        return False
    return isinstance(cell, date) or (isinstance(cell, int | float) and cell >= 1_000)
