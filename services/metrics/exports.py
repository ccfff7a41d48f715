"""Answers as tables: CSV and XLSX in which no cell can become a formula. Pure; run in a child process, so nobody waits."""

from __future__ import annotations

import io
from typing import Any, Literal

import orjson
import xlsxwriter

from services.metrics.kpis import BY_ID
from shared.spreadsheets import WORKBOOK, to_csv

Language = Literal["vi", "en"]
Table = tuple[list[str], list[list[Any]]]

_HEADS = {
    "vi": {"total": "Tổng số", "numerator": "tử số", "denominator": "mẫu số", "rank": "Hạng", "code": "Mã", "name": "Tên"},
    "en": {
        "total": "Total",
        "numerator": "numerator",
        "denominator": "denominator",
        "rank": "Rank",
        "code": "Code",
        "name": "Name",
    },
}


def table(answer: dict[str, Any], language: Language) -> Table:
    """Head and rows of an answer with `rows` or `points`; a rate takes three columns, a count one."""
    words = _HEADS[language]
    lines = [_line(row) for row in answer.get("rows", answer.get("points", []))]
    if "total" in answer:
        lines.append(
            ({"code": "", "name": {"vi": _HEADS["vi"]["total"], "en": _HEADS["en"]["total"]}}, answer["total"]["figures"])
        )
    ids = list(lines[0][1]) if lines else []
    ranked = any("rank" in place for place, _ in lines)
    head = [words["rank"]] * ranked + [words["code"], words["name"]]
    for kpi_id in ids:
        name = getattr(BY_ID[kpi_id].name, language)
        head.append(name)
        if BY_ID[kpi_id].denominator is not None:
            head += [f"{name}, {words['numerator']}", f"{name}, {words['denominator']}"]
    rows = []
    for place, figures in lines:
        row: list[Any] = [place.get("rank")] * ranked + [place["code"] or "", place["name"][language]]
        for kpi_id in ids:
            figure = figures[kpi_id]
            row.append(figure["value"])
            if BY_ID[kpi_id].denominator is not None:
                row += [figure["numerator"], figure["denominator"]]
        rows.append(row)
    return head, rows


def _line(row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    if "period" in row:
        name = f"{row['period']['from']} – {row['period']['to']}"
        return {"code": row["period"]["from"], "name": {"vi": name, "en": name}}, row["figures"]
    return {**row, "code": row.get("procedure", row.get("code"))}, row["figures"]


def as_csv(body: bytes, language: Language) -> bytes:
    """The answer as CSV."""
    head, rows = table(orjson.loads(body), language)
    return to_csv([head, *rows])


def as_xlsx(body: bytes, language: Language) -> bytes:
    """One sheet; every text is written as text."""
    head, rows = table(orjson.loads(body), language)
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, WORKBOOK)
    sheet = book.add_worksheet("KPI")
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    for column, cell in enumerate(head):
        sheet.write_string(0, column, cell, bold)
    for line, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(line, column, cell)
            elif cell is not None:
                sheet.write_number(line, column, cell)
    sheet.freeze_panes(1, 2)
    sheet.set_column(1, 1, 32)
    book.close()
    return file.getvalue()
