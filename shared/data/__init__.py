"""The law and the catalogue as tables: CSV files that ship with the code, and their one reader.

| file | a row is |
|---|---|
| `calendar_base.csv` | a day off or make-up day that PyPI `holidays` knows (`python -m shared.workdays` writes it) |
| `calendar_overrides.csv` | a decision about one day, with its legal basis and the day it was published |
| `policies.csv` | the choices of the deadline clock in force from a day on |
| `agencies.csv`, `procedures.csv`, `sectors.csv` | the reference catalogue: Thanh Hà through three generations |
"""

from __future__ import annotations

import csv
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
