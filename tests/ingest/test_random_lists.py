"""Random tables with random dirt, written and read back: every row is read as it was written, or waits with its reason.

2.000 tables in `make test`; SIZE=full makes it 100.000. Writes reports/files.json: rows that were lost or misread.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from services.ingest.events.model import Event, Rejected
from tests.ingest.lists import Seen, day, received, seen, tcvn3, workbook
from tests.ingest.test_lists_of_clerks import windows_1258
from tests.quick import FULL, cases

TABLES = 100_000 if FULL else 2_000
REPORT = Path("reports/files.json")
WORDS = (
    "nộp",
    "tại",
    "quầy",
    "Hồ sơ",
    "giấy tờ",
    "đất",
    'Ống 3"',
    '4"',
    'gọi là "mới"',
    "a;b",
    "x,y",
    "một\thai",
    "|",
    "=1+1",
    "'",
    "",
)
STATUSES = {"Đang xử lý": "processing", "Đã trả kết quả": "delivered", "Tạm dừng": "suspended", "Đã rút": "withdrawn"}
FIELDS = {"code": "Mã hồ sơ", "received_at": "Ngày tiếp nhận", "status": "Trạng thái", "agency": "Đơn vị", "note": "Ghi chú"}


class Written(NamedTuple):
    """A row as it was meant; `broken`: it cannot be read and must wait."""

    code: str
    received: str
    status: str
    agency: str
    broken: bool


class Table(NamedTuple):
    """A file, and what is in it."""

    body: bytes
    rows: list[Written]
    dirt: str


def table(chance: random.Random) -> Table:
    """A random table in a random container."""
    order = [*FIELDS, *("extra" for _ in range(chance.randrange(3)))]
    chance.shuffle(order)
    american = chance.random() < 0.1
    rows, cells = [], []
    for number in range(chance.randrange(1, 30)):
        row, values = _row(chance, number, american)
        rows.append(row)
        cells.append([values.get(field, chance.choice(WORDS)) for field in order])
    if american:
        rows[0], values = _row(chance, 0, american, day=25)
        cells[0] = [values.get(field, "") for field in order]
    kind = chance.choice(("csv", "csv", "csv", "csv", "xlsx", "html"))
    with_dirt = _with_dirt(chance, [_heading(chance, field) for field in order], cells, order)
    if kind == "xlsx":
        covers = [[["Hướng dẫn"]], []]
        sheets: list[list[list[str]]] = [with_dirt]
        sheets.insert(chance.randrange(2), covers[chance.randrange(2)])
        return Table(workbook(*sheets), rows, "xlsx")
    if kind == "html":
        return Table(_html(with_dirt), rows, "html")
    return _csv(chance, with_dirt, rows)


def _row(chance: random.Random, number: int, american: bool, *, day: int | None = None) -> tuple[Written, dict[str, str]]:
    at = datetime(2023, 1 + chance.randrange(12), day or 1 + chance.randrange(28), chance.randrange(24), chance.randrange(60))  # noqa: DTZ001
    code = chance.choice((f"000.00.19.H30-230615-{number:04}", f"H30-{number}", f"{100 + number}/2023/BN"))
    status = chance.choice(tuple(STATUSES))
    agency = chance.choice(("10813", "00815", "P.TNMT"))
    text = at.strftime("%m/%d/%Y %H:%M" if american else chance.choice(("%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M", "%H:%M %d/%m/%Y")))
    broken = day is None and chance.random() < 0.05
    values = {"code": code, "received_at": "hôm qua" if broken else text, "status": status, "agency": agency}
    values["note"] = " ".join(chance.choices(WORDS, k=chance.randrange(4)))
    return Written(code, at.strftime("%Y-%m-%d %H:%M:%S").removesuffix(" 00:00:00"), STATUSES[status], agency, broken), values


def _heading(chance: random.Random, field: str) -> str:
    text = FIELDS.get(field, "Cột khác")
    return chance.choice(("{}", "{}", "{}:", "* {}", "{} (*)", "{}\u200b", " {} ")).format(text)


def _with_dirt(chance: random.Random, head: list[str], cells: list[list[str]], order: list[str]) -> list[list[str]]:
    """Titles, blank rows, groups, headings again as they were or with another one, totals and signatures around the rows."""
    width = len(head)
    empty = [""] * width

    def alone(text: str, place: int = 0) -> list[str]:
        return [text if column == place else "" for column in range(width)]

    found = [alone("DANH SÁCH HỒ SƠ", chance.randrange(width)), empty][: chance.randrange(3)]
    found.append(head)
    if chance.random() < 0.2:
        found.append([f"({number})" for number in range(1, width + 1)])
    # The next part of the list has its columns in another order, and one that the first has not.
    turned = chance.randrange(len(cells)) + 1 if chance.random() < 0.1 else len(cells)
    places = chance.sample(range(width), width)
    note = order.index("note")
    other = [*head[:note], "Ngày hẹn trả", *head[note + 1 :]]
    for number, row in enumerate(cells):
        if number == turned:
            found.append([other[place] for place in places])
        if number >= turned:
            dated = [*row[:note], "", *row[note + 1 :]]
            row[:] = [dated[place] for place in places]
        if chance.random() < 0.05:
            found.append(
                chance.choice((empty, head if number < turned else empty, alone("UBND xã Hồng Lạc"), alone("Lĩnh vực đất đai")))
            )
        found.append(row)
    if chance.random() < 0.3:
        found += [alone("Tổng cộng"), empty, alone("Người lập biểu", order.index("code")), alone("Nguyễn Văn An")]
    return found


def _csv(chance: random.Random, grid: list[list[str]], rows: list[Written]) -> Table:
    delimiter, end = chance.choice(",;\t|"), chance.choice(("\n", "\r\n", "\r", "mixed"))
    encode = chance.choice(("utf-8", "utf-8-sig", "utf-16", "old", "old"))
    lines = []
    for row in grid:
        made = [_quoted(chance, cell, delimiter) for cell in row]
        lines.append(delimiter.join(made) + (chance.choice(("\n", "\r\n", "\r")) if end == "mixed" else end))
    text = "".join(lines)
    text = text if chance.random() < 0.8 else text.rstrip("\r\n")
    if encode != "old":
        return Table(text.encode(encode), rows, f"csv {delimiter!r} {end!r} {encode}")
    old = chance.choice((tcvn3, windows_1258))
    return Table(old(text.replace("\u200b", "")), rows, f"csv {delimiter!r} {end!r} {old.__name__}")


def _quoted(chance: random.Random, cell: str, delimiter: str) -> str:
    needed = delimiter in cell or cell.startswith('"')
    if chance.random() < 0.02 and " " in cell:
        cell, needed = cell.replace(" ", "\n", 1), True
    if needed or chance.random() < 0.2:
        doubled = cell.replace('"', '""')
        return f'"{doubled}"'
    return cell


def _html(grid: list[list[str]]) -> bytes:
    def cell(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")

    rows = "".join("<tr>" + "".join(f"<td>{cell(text)}</td>" for text in row) + "</tr>" for row in grid)
    return f"<html><body><table>{rows}</table></body></html>".encode()


def differences(found: Seen, rows: list[Written]) -> Counter[str]:
    """Rows that were lost, and rows that were read as something else than was written."""
    wrong: Counter[str] = Counter()
    wrong["lost"] += max(len(rows) - len(found.read), 0)
    wrong["invented"] += max(len(found.read) - len(rows), 0)
    for one, meant in zip(found.read, rows, strict=False):
        if isinstance(one, Rejected):
            wrong["misread"] += not meant.broken
        else:
            wrong["misread"] += meant.broken or _as_read(one) != (meant.code, meant.received, meant.status, meant.agency)
    return wrong


def _as_read(event: Event) -> tuple[str, str | None, str, str | None]:
    assert event.course is not None
    assert event.about is not None
    return event.code, received(event), event.course.status.value, event.about.agency


FOUND = (8528, 22502, 33599, 34177, 40902, 42307, 63941, 91716, 94592)
"""Tables of which cells were read in another code page once: a first line of one word said nothing of it, and decided."""


def test_random_tables_with_random_dirt_are_read_as_they_were_written() -> None:
    wrong: Counter[str] = Counter()
    rows = 0
    kinds: Counter[str] = Counter()
    for number in (*range(cases(TABLES)), *FOUND):
        chance = random.Random(number)
        made = table(chance)
        found = seen(made.body, chance.choice((61, 5_000, 100_000)))
        found_wrong = differences(found, made.rows)
        if found_wrong.total():
            print(number, made.dirt, found_wrong)  # pytest shows it when something is wrong
        wrong += found_wrong
        rows += len(made.rows)
        kinds[made.dirt.partition(" ")[0]] += 1
    report = {
        "tables": sum(kinds.values()),
        "rows": rows,
        "containers": kinds,
        "lost": wrong["lost"],
        "misread": wrong["misread"],
    }
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    assert (wrong["lost"], wrong["misread"], wrong["invented"]) == (0, 0, 0)
    assert day(datetime(2023, 1, 1, tzinfo=None) - timedelta(hours=7)) == "2023-01-01"  # noqa: DTZ001
