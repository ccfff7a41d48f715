"""The law and the catalogue as tables: CSV files that ship with the code, and their one reader.

| file | a row is |
|---|---|
| `calendar_base.csv` | a day off or make-up day that PyPI `holidays` knows (`python -m shared.workdays` writes it) |
| `calendar_overrides.csv` | a decision about one day; `verified` 0: from memory, its published text was not seen |
| `policies.csv` | the choices of the deadline clock in force from a day on |
| `agencies.csv`, `procedures.csv`, `sectors.csv` | the reference catalogue: Thanh Hà before and after its reorganisations |
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib.resources import files


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a table by column name; empty cells are empty strings."""
    text = (files(__name__) / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def cell(value: object) -> str:
    """A cell of a CSV or XLSX table as text: spreadsheets hand out whole numbers as floats, dates as dates, blanks as None."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()[:10]
    return "" if value is None else str(value).strip()


_VIETNAMESE_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def day_cell(value: object) -> str:
    """A cell that holds a day, in ISO: 01/7/2025 as clerks write it becomes 2025-07-01; what is no day stays as it is."""
    text = cell(value)
    match = _VIETNAMESE_DAY.fullmatch(text)
    return f"{match[3]}-{int(match[2]):02d}-{int(match[1]):02d}" if match else text


def folded(text: object) -> str:
    """A heading or a word of a table as it is compared: composed, lower case, single blanks, no mark at its end."""
    return " ".join(unicodedata.normalize("NFC", cell(text)).lower().split()).rstrip(" :*")


def by_column(
    grid: Iterable[Sequence[object]], columns: Sequence[str], headings: Mapping[str, str]
) -> tuple[list[dict[str, object]], list[str]]:
    """The rows of a sheet by column name, and the headings that are unknown.

    The head is the first row that names two columns, by their own names or by `headings` (folded heading to column); titles
    above it and empty rows are passed over. No such row: no rows.
    """
    known = {folded(column): column for column in columns} | {folded(column.replace("_", " ")): column for column in columns}
    known |= {folded(heading): column for heading, column in headings.items()}
    head: list[str | None] | None = None
    unknown: list[str] = []
    found: list[dict[str, object]] = []
    for row in grid:
        if head is None:
            names = [known.get(folded(one)) for one in row]
            if sum(name is not None for name in names) >= 2:
                head = names
                unknown = [cell(one) for one, name in zip(row, names, strict=True) if name is None and cell(one)]
        elif any(cell(one) for one in row):
            found.append({name: value for name, value in zip(head, row, strict=False) if name is not None})
    return found, unknown
