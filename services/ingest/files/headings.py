"""Headings of clerks' lists: which column is which field. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from shared.vietnamese import unaccented

KNOWN_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "code": (
        "Mã hồ sơ",
        "Mã số hồ sơ",
        "Mã HS",
        "Mã biên nhận",
        "Số biên nhận",
        "Số hồ sơ",
        "Số HS",
        "MaHoSo",
        "Mã số HS",
        "MaHS",
        "Mã HSo",
        "Số BN",
        "Mã số biên nhận",
        "Mã hồ sơ điện tử",
        "Số tiếp nhận",
    ),
    "procedure": ("Mã thủ tục", "Mã TTHC", "Mã thủ tục hành chính", "MaTTHC", "Mã số TTHC", "Mã TT"),
    "agency": (
        "Mã đơn vị",
        "Mã cơ quan",
        "Đơn vị",
        "Cơ quan",
        "Đơn vị xử lý",
        "Cơ quan xử lý",
        "Cơ quan giải quyết",
        "Đơn vị giải quyết",
        "Cơ quan thực hiện",
        "Đơn vị thực hiện",
        "DonViXuLy",
        "Đơn vị xử lý hồ sơ",
        "Cơ quan xử lý hồ sơ",
        "Đơn vị thụ lý",
        "Cơ quan thụ lý",
        "Mã định danh đơn vị",
        "Tên đơn vị",
        "Tên cơ quan",
    ),
    "channel": (
        "Hình thức nộp",
        "Hình thức nộp hồ sơ",
        "Hình thức tiếp nhận",
        "Kênh tiếp nhận",
        "Cách thức nộp",
        "KenhThucHien",
        "Hình thức tiếp nhận hồ sơ",
        "Phương thức nộp",
        "Kênh nộp",
    ),
    "status": (
        "Trạng thái",
        "Trạng thái hồ sơ",
        "Tình trạng",
        "Tình trạng hồ sơ",
        "Trạng thái xử lý",
        "TrangThaiHoSo",
        "Trạng thái xử lý hồ sơ",
        "Tình trạng xử lý",
        "Tình trạng giải quyết",
    ),
    "received_at": (
        "Ngày tiếp nhận",
        "Ngày nhận",
        "Ngày tiếp nhận hồ sơ",
        "Ngày nhận hồ sơ",
        "NgayTiepNhan",
        "Ngày nhận HS",
        "Ngày tiếp nhận HS",
    ),
    "due_at": (
        "Ngày hẹn trả",
        "Hẹn trả",
        "Ngày hẹn",
        "Ngày hẹn trả kết quả",
        "Ngày hẹn trả KQ",
        "Hạn giải quyết",
        "NgayHenTra",
        "Hạn trả",
        "Hạn trả kết quả",
        "Hạn xử lý",
        "Hạn xử lý hồ sơ",
        "Hẹn trả kết quả",
        "Ngày phải trả",
    ),
    "ended_at": (
        "Ngày kết thúc",
        "Ngày kết thúc xử lý",
        "Ngày hoàn thành",
        "Ngày có kết quả",
        "Ngày có KQ",
        "Ngày giải quyết xong",
        "NgayKetThucXuLy",
        "Ngày xử lý xong",
        "Ngày hoàn thành hồ sơ",
        "Ngày hoàn thành xử lý",
        "Ngày có kết quả xử lý",
    ),
    "delivered_at": (
        "Ngày trả",
        "Ngày trả kết quả",
        "Ngày trả KQ",
        "Ngày trả thực tế",
        "NgayTra",
        "Ngày trả kết quả thực tế",
        "Ngày trả KQ thực tế",
        "Ngày thực trả",
    ),
    "updated_at": ("Ngày cập nhật", "Cập nhật lúc"),
    "digitised_intake": ("Số hóa hồ sơ", "Số hóa thành phần hồ sơ", "HoSoCoThanhPhanSoHoa", "Số hóa TPHS"),
    "digitised_result": ("Số hóa kết quả", "Kết quả điện tử", "Số hóa KQ", "Số hóa kết quả giải quyết"),
    "fee_online": ("Thanh toán trực tuyến", "DuocThanhToanTrucTuyen", "Thanh toán online"),
    "result_coded": ("Kết quả có mã và đường dẫn", "Mã kết quả và đường dẫn"),
    "from_storage": ("Lấy từ kho dữ liệu cá nhân", "DuocLayTuKhoDMQG"),
    "account_verified": ("Xác thực VNeID", "TaiKhoanDuocXacThucVoiVNeID"),
}
"""Headings that clerks use, by field; of two columns for one field the one whose heading stands first here goes before."""

_DAY, _FURTHER = "Ngày ", ("Thời gian ", "Thời điểm ", "Ngày giờ ")
"""A heading of a column of dates begins with any of these."""

DATES = frozenset(
    {
        *("received_at", "due_at", "ended_at", "delivered_at", "updated_at"),
        *("received_on", "passed_on", "refused_on", "supplement_requested_on", "handled_on", "published_on"),
    }
)
"""Fields that hold dates, of dossiers and of petitions."""
MAX_HEADING = 100
"""Characters of a heading that are shown."""
MAX_REMEMBERED, MAX_FOUND = 200, 10_000
"""Characters of a cell whose reading as a heading is remembered, and how many such cells are."""
_BRACKETS = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]?")
_MARKS = re.compile(r"[^\w]+|_+")
_NUMBER = re.compile(r"(?:\d{1,2}|[ivx]{1,4}) (?=\S)")


class Column(NamedTuple):
    """What a heading names."""

    field: str
    rank: int
    """Of two columns for one field the one of the lower rank goes before."""


class Vocabulary:
    """The headings that a kind of table may have."""

    def __init__(
        self, known: Mapping[str, Iterable[str]], own: Mapping[str, str], required: str | None, min_fields: int = 2
    ) -> None:
        """`known` are headings by field; `own` fields by heading, which go before them, "" for a column that is dropped.

        A row of headings names `required` and so many fields in all.
        """
        self._plain: dict[str, Column] = {}
        self._bare: dict[str, Column] = {}
        for field, headings in known.items():
            for rank, heading in enumerate((*headings, *_with_time(headings), field)):
                self._plain.setdefault(unaccented(heading), Column(field, rank))
                self._bare.setdefault(bare(heading), Column(field, rank))
        self._own = {unaccented(heading): Column(field, -1) for heading, field in own.items()}
        self._own_bare = {bare(heading): column for heading, column in zip(own, self._own.values(), strict=False)}
        # Each delimiter and encoding that a file may have is tried on the same cells.
        self._found: dict[str, Column | None] = {}
        self.required = required
        self.min_fields = min_fields
        self.example = next(iter(known.get(required, ())), required) if required is not None else ""
        """A heading of the required field."""

    def column(self, heading: object) -> Column | None:
        """What a heading names; None for one that is not known, or that is to be dropped."""
        if not isinstance(heading, str) or not heading.strip():
            return None
        if len(heading) > MAX_REMEMBERED:
            return self._column(heading)
        if heading not in self._found:
            if len(self._found) >= MAX_FOUND:
                self._found.clear()
            self._found[heading] = self._column(heading)
        return self._found[heading]

    def _column(self, heading: str) -> Column | None:
        plain = unaccented(unwrapped(heading))
        found = self._own.get(plain)
        if found is None:
            short = bare(heading)
            found = self._own_bare.get(short) or self._plain.get(plain) or self._bare.get(short)
        return found if found is not None and found.field else None


class DuplicateField(NamedTuple):
    """A field that several columns of a list name."""

    field: str
    headings: tuple[str, ...]
    """The first goes before the others, unless it is empty in a row."""


def _with_time(headings: Iterable[str]) -> list[str]:
    days = [heading.removeprefix(_DAY) for heading in headings if heading.startswith(_DAY)]
    return [f"{further}{day}" for further in _FURTHER for day in days]


class ColumnMapping(NamedTuple):
    """How the columns of a list are understood."""

    headings: tuple[str, ...]
    fields: tuple[str | None, ...]
    """Field of each column; None: dropped."""
    columns: tuple[tuple[str, tuple[int, ...]], ...]
    """The columns of each field, the one that goes before first."""
    rows: tuple[tuple[str, ...], ...]
    """The rows of headings as they are compared."""

    @property
    def width(self) -> int:
        """Columns up to the last one that has a heading."""
        return max((place for place, heading in enumerate(self.headings, 1) if heading), default=0)

    def by_heading(self) -> dict[str, str | None]:
        """Field by heading, for people."""
        found: dict[str, str | None] = {}
        for heading, field in zip(self.headings, self.fields, strict=True):
            if heading or field:
                found[heading] = found.get(heading) or field
        return found

    def duplicates(self) -> list[DuplicateField]:
        """Fields that several columns name."""
        return [
            DuplicateField(field, tuple(self.headings[place] for place in places))
            for field, places in self.columns
            if len(places) > 1
        ]


def bare(heading: str) -> str:
    """A heading without what is written around it: marks, numbers before it, remarks in brackets."""
    text = unaccented(unwrapped(heading))
    without = _MARKS.sub(" ", _BRACKETS.sub(" ", text)).strip()
    text = without or _MARKS.sub(" ", text).strip()
    return _NUMBER.sub("", text, count=1) if _NUMBER.match(text) else text


_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
_APOSTROPHE = re.compile(r"['\u2018\u2019]\w[^'\u2018\u2019]*\Z")


def unwrapped(text: str) -> str:
    """A cell without what was written around it so that a spreadsheet leaves it alone: `="007"` and `'007` are 007."""
    text = text.strip()
    if text[:1] == "=" and (formula := _FORMULA.fullmatch(text)):
        return formula[1].replace('""', '"')
    return text[1:] if _APOSTROPHE.match(text) else text


def mapping_of(cells: Sequence[object], words: Vocabulary) -> ColumnMapping | None:
    """The mapping that a row of headings gives; None when it is none, as the titles above a list are none."""
    return _mapping([words.column(cell) for cell in cells], [_display(cell) for cell in cells], [cells], words)


def mapping_of_two(upper: Sequence[object], lower: Sequence[object], words: Vocabulary) -> ColumnMapping | None:
    """The mapping of two rows of headings, the upper of which may stand above several columns of the lower; None: none."""
    columns: list[Column | None] = []
    headings: list[str] = []
    over = ""
    for place in range(max(len(upper), len(lower))):
        above = _display(upper[place]) if place < len(upper) else ""
        below = _display(lower[place]) if place < len(lower) else ""
        over = above or over
        together = f"{over} {below}".strip() if below else above
        columns.append((words.column(below) or words.column(together)) if below else words.column(above))
        if below and columns[-1] is None and above:
            columns[-1] = words.column(above)
        headings.append(together if below and below != above and words.column(below) is None else below or above)
    return _mapping(columns, headings, [upper, lower], words)


def stacked(upper: Sequence[object], lower: Sequence[object]) -> list[str]:
    """Two rows of headings as one: of each column the text that stands nearest above what follows."""
    texts = []
    for place in range(max(len(upper), len(lower))):
        below = _display(lower[place]) if place < len(lower) else ""
        texts.append(below or (_display(upper[place]) if place < len(upper) else ""))
    return texts


def continues(mapping: ColumnMapping | None, upper: Sequence[object], lower: Sequence[object], words: Vocabulary) -> bool:
    """Whether `lower` is a second row of the headings that `upper` began, of which it alone gave `mapping`.

    Nothing stands below the heading of the code, and something there names a field that the upper row does not name.
    """
    both = mapping_of_two(upper, lower, words)
    if both is None:
        return False
    before = set() if mapping is None else {field for field, _ in mapping.columns}
    if before >= {field for field, _ in both.columns}:
        return False
    required = dict(both.columns).get(words.required or "", ())
    return all(place >= len(lower) or not _display(lower[place]) or words.column(lower[place]) for place in required)


def is_one_of(mapping: ColumnMapping, cells: Sequence[object]) -> bool:
    """Whether cells are one of the rows of headings, word by word."""
    texts = _without_end([compared(cell) for cell in cells])
    return any(_without_end(row) == texts for row in mapping.rows)


def _without_end(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(texts[: max((place for place, text in enumerate(texts, 1) if text), default=0)])


def disagrees(mapping: ColumnMapping, cells: Sequence[object], words: Vocabulary) -> bool:
    """Whether cells are headings of which one names another field than `mapping` has in its column."""
    named = [(place, column.field) for place, cell in enumerate(cells) if (column := words.column(cell)) is not None]
    known = {place: field for field, places in mapping.columns for place in places}
    return len({field for _, field in named}) >= words.min_fields and any(
        known.get(place, field) != field for place, field in named
    )


def _mapping(
    columns: list[Column | None], headings: list[str], rows: Sequence[Sequence[object]], words: Vocabulary
) -> ColumnMapping | None:
    by_field: dict[str, list[tuple[int, int]]] = {}
    for place, column in enumerate(columns):
        if column is not None:
            by_field.setdefault(column.field, []).append((column.rank, place))
    if len(by_field) < words.min_fields or (words.required is not None and words.required not in by_field):
        return None
    return ColumnMapping(
        headings=tuple(headings),
        fields=tuple(column.field if column is not None else None for column in columns),
        columns=tuple((field, tuple(place for _, place in sorted(places))) for field, places in by_field.items()),
        rows=tuple(tuple(compared(cell) for cell in row) for row in rows),
    )


def compared(cell: object) -> str:
    """A cell as it is compared with a heading."""
    return bare(cell) if isinstance(cell, str) else ""


def _display(cell: object) -> str:
    if isinstance(cell, str):
        return _remembered(cell) if len(cell) <= MAX_REMEMBERED else _displayed(cell)
    return "" if cell is None else str(cell)[:20]


def _displayed(cell: str) -> str:
    text = cell
    if not cell.isprintable():
        text = "".join(" " if one.isspace() else one for one in cell if one.isspace() or one.isprintable())
    return " ".join(unwrapped(text).split())[:MAX_HEADING]


_remembered = lru_cache(MAX_FOUND)(_displayed)
