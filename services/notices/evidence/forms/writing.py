"""The form of an agency as an XLSX workbook: the items of the template, with what is known of them. Pure."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

from services.notices.evidence.forms.columns import COLUMNS, FIRST_ROW, MARK_OF_FORM, MARKS, SHEET
from services.notices.evidence.model import LEVELS, TAKEN, EvidenceItem, EvidenceSet, LevelWords, TemplateItem
from services.notices.figures.model import Subject
from shared.spreadsheets import WORKBOOK

SPARE_ROWS = 3
"""Empty rows of an item that an agency has several of."""


def form(inspection: int, evidence: EvidenceSet, agency: Subject | None, *, title: str, dated_at: datetime) -> bytes:
    """The form of an agency, or of what is established by level and for the whole; `dated_at` is its only date.

    It has the number of its inspection, the version of the evidence and the year of its template, so what was changed since is
    told when it comes back.
    """
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, WORKBOOK)
    book.set_properties({"title": title[:255], "created": dated_at.replace(tzinfo=None)})
    sheet = book.add_worksheet(SHEET)
    plain, grey = book.add_format({"text_wrap": True, "valign": "top", "border": 1}), {"bg_color": "#D9D9D9", "border": 1}
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center", "border": 1})
    day, closed = book.add_format({"num_format": "dd/mm/yyyy", "border": 1, "valign": "top"}), book.add_format(grey)
    bold = book.add_format({"bold": True, "font_size": 14})
    unseen = book.add_format({"font_color": "#FFFFFF", "font_size": 6})
    sheet.write_string(0, 0, MARK_OF_FORM, unseen)
    sheet.write_number(0, 1, inspection, unseen)
    sheet.write_number(0, 2, evidence.version, unseen)
    sheet.write_number(0, 3, evidence.template.year, unseen)
    sheet.write_string(1, 2, title, bold)
    sheet.write_string(2, 2, agency.name if agency is not None else "Theo cấp và chung cho cuộc kiểm tra", bold)
    sheet.write_string(3, 2, "Điền vào các ô trắng; để trống dòng chưa có kết quả. Không sửa hai cột đầu và dòng đầu.")
    for index, column in enumerate(COLUMNS):
        sheet.set_column(index, index, column.width)
        sheet.write_string(FIRST_ROW - 2, index, column.head, head)
    line = FIRST_ROW - 1
    for of, subject, item in _rows(evidence, agency):
        taken = {*TAKEN[of.kind], "note", "citation", "attachment", *(("about",) if of.about else ())}
        if of.of is not None:
            taken.discard("of")
        for index, column in enumerate(COLUMNS):
            if column.field in ("item", "subject", "title"):
                text = {"item": of.id, "subject": subject, "title": _title(of, subject, evidence.template.levels)}[column.field]
                sheet.write_string(line, index, text, plain)
            elif column.field not in taken:
                sheet.write_blank(line, index, None, closed)
            else:
                _write(sheet, line, index, _known(item, column.field), plain, day)
        line += 1
    marks = COLUMNS.index(next(one for one in COLUMNS if one.field == "mark"))
    sheet.data_validation(
        FIRST_ROW - 1, marks, line, marks, {"validate": "list", "source": list(MARKS.values()), "ignore_blank": True}
    )
    sheet.freeze_panes(FIRST_ROW - 1, 3)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    book.close()
    return packed.getvalue()


def _rows(evidence: EvidenceSet, agency: Subject | None) -> Iterator[tuple[TemplateItem, str, EvidenceItem | None]]:
    for of in evidence.template.items:
        for subject in _subjects(of, agency):
            known = evidence.by_subject(of.id).get(subject, ())
            yield from ((of, subject, item) for item in known)
            spare = SPARE_ROWS if of.about else int(not known)
            yield from ((of, subject, None) for _ in range(spare))


def _subjects(of: TemplateItem, agency: Subject | None) -> tuple[str, ...]:
    if agency is not None:
        return (agency.key,) if of.per == "agency" else ()
    return tuple(f"group:{level}" for level in LEVELS) if of.per == "level" else ("",) if of.per == "whole" else ()


def _title(of: TemplateItem, subject: str, levels: Sequence[LevelWords]) -> str:
    names = {one.name: None for one in levels if f"group:{one.level}" == subject}
    level = " hoặc ".join(name[:1].lower() + name[1:] for name in names)
    about = f" [Về: {of.about}]" if of.about else ""
    return of.title + (f" ({level})" if level else "") + about


def _known(item: EvidenceItem | None, field: str) -> object:
    if item is None:
        return None
    value = getattr(item, field)
    return MARKS[value] if field == "mark" and value is not None else value


def _write(sheet: Any, line: int, index: int, value: object, plain: Any, day: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(line, index, None, plain)
    elif isinstance(value, date):
        sheet.write_datetime(line, index, value, day)
    elif isinstance(value, int):
        sheet.write_number(line, index, value, plain)
    else:
        sheet.write_string(line, index, str(value), plain)
