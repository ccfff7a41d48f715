"""Nothing that is given away as CSV or XLSX can become a formula, whoever writes it."""

from __future__ import annotations

import ast
import csv
import io

import msgspec
import openpyxl
import pytest

from services.metrics.figures import exports
from services.metrics.figures.api.examples.figures import KPIS as EXAMPLE
from services.metrics.figures.kpis.catalogue import KPIS
from shared.contracts.kpis import KpiFigure, Text, Total, UnitRow
from shared.spreadsheets import WORKBOOK, escape_formula, to_csv, unescape_formula
from tests.guards.source import dotted, modules, tree

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'=", "''@")
DANGER = [f"{start}cmd|' /C calc'!A0" for start in STARTS]


def _cells(body: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=delimiter))


@pytest.mark.parametrize("text", DANGER)
def test_no_cell_of_a_csv_begins_like_a_formula_and_none_is_lost(text: str) -> None:
    assert _cells(to_csv([(text, -1.5, None, "tên")], "rfc4180")) == [["'" + text, "-1.5", "", "tên"]]
    assert _cells(to_csv([(text, -1.5, None, "tên")], "excel-vi"), ";") == [["'" + text, "-1,5", "", "tên"]]
    assert unescape_formula(escape_formula(text)) == text


@pytest.mark.parametrize("text", ["", "'", "'tên'", "1", " =1", "a=1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert escape_formula(text) == unescape_formula(text) == text


@pytest.mark.parametrize("text", DANGER)
def test_answers_keep_texts_as_texts(text: str) -> None:
    kpis = {"received_new": KpiFigure(1, None, 1, "received_new@1", "30~1~received_new@1~all~2023-01-01~2023-06-30~then")}
    row = UnitRow(agency=None, code="1", name=Text(text, text), kind=None, kpis=kpis)
    answer = msgspec.structs.replace(EXAMPLE, rows=[row], total=Total(kpis))
    assert _cells(exports.as_csv(answer, KPIS, "vi", "rfc4180"))[1][1] == "'" + text
    assert _cells(exports.as_csv(answer, KPIS, "vi", "excel-vi"), ";")[1][1] == "'" + text
    sheet = openpyxl.load_workbook(io.BytesIO(exports.as_xlsx(answer, KPIS, "vi"))).active
    assert sheet is not None
    assert sheet.cell(2, 2).data_type in ("s", "inlineStr")


def test_every_writer_keeps_the_rule() -> None:
    """CSV is written in one place; workbooks take the options that keep texts as texts, and name what they write."""
    csv_writers, workbooks, typeless = set(), [], []
    for path in modules("services", "shared"):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            name = dotted(node.func)
            if name in ("csv.writer", "csv.DictWriter"):
                csv_writers.add(path.as_posix())
            elif name.endswith("Workbook"):
                workbooks.append(dotted(node.args[1]))
            elif name.rpartition(".")[2] in ("write", "write_row", "write_column", "write_formula", "write_url") and (
                name.startswith("sheet.")
            ):
                typeless.append(f"{path}:{node.lineno}")
    # The calendar's source file is read by ourselves, and by nobody's spreadsheet.
    assert csv_writers == {"shared/spreadsheets.py", "shared/workdays/__main__.py"}
    assert set(workbooks) == {"WORKBOOK"}
    assert not any(value for name, value in WORKBOOK.items() if name != "in_memory")
    assert typeless == []
