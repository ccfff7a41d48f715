"""The law and the catalogue as tables: CSV files that ship with the code, and their one reader.

| file | a row is |
|---|---|
| `calendar_base.csv` | a day off or make-up day that PyPI `holidays` knows (`python -m shared.workdays` writes it) |
| `calendar_overrides.csv` | a decision about one day; `verified` 0: from memory, its published text was not seen |
| `policies.csv` | the choices of the deadline clock in force from a day on; `from_memory`: its laws whose text was not seen |
| `agencies.csv`, `procedures.csv`, `sectors.csv` | the reference catalogue: Thanh Hà before and after its reorganisations |
"""

from __future__ import annotations

import csv
import re
import unicodedata
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


TRUTH = {"1": True, "true": True, "x": True, "có": True, "yes": True, "0": False, "false": False, "không": False, "no": False}
"""What a cell states: yes or no."""
