"""Annexes as offices write them, each true: heads of several rows, groups, blanks for nothing, totals at either end.

Rows are lines of cells set apart by bars. `<` is a cell that the one to its left spans, `^` one that the one above spans.
"""

from __future__ import annotations

import html
import io
import random
import re
from typing import NamedTuple

import docx
import typst

from services.notices.audit.documents.model import Document, DocumentBuilder

_MARKUP = re.compile(r"([-+*#_@<>$/\\])")
_ESCAPED = r"\\\1"


class Annex(NamedTuple):
    """A table, and one figure of it that is a total."""

    rows: str
    total: str
    wrong: str
    """The same with one digit exchanged."""
    note: str = ""

    def with_slip(self) -> Annex:
        """The annex with its total mistyped."""
        assert self.rows.count(self.total) == 1, self.total
        return self._replace(rows=self.rows.replace(self.total, self.wrong))

    def cells(self) -> list[list[str]]:
        """By row and column."""
        return [[cell.strip() for cell in row.split("|")] for row in self.rows.strip().splitlines()]


ANNEXES = {
    "results by agency, form II.06a": Annex(
        """
STT | Lĩnh vực, công việc giải quyết | Số hồ sơ nhận giải quyết | < | < | < | Kết quả giải quyết | < | < | < | < | < | <
^ | ^ | Tổng số | Trong đó | < | < | Số hồ sơ đã giải quyết | < | < | < | Số hồ sơ đang giải quyết | < | <
^ | ^ | ^ | Trực tuyến | Kỳ cũ | Trực tiếp, bưu chính | Tổng số | Trước hạn | Đúng hạn | Quá hạn | Tổng số | Còn hạn | Quá hạn
(1) | (2) | (3)=(4)+(5)+(6) | (4) | (5) | (6) | (7)=(8)+(9)+(10) | (8) | (9) | (10) | (11)=(12)+(13) | (12) | (13)
A | CẤP HUYỆN | 1.362 | 1.011 | 47 | 304 | 1.317 | 1.196 | 116 | 5 | 45 | 43 | 2
1 | Đất đai | 512 | 371 | 33 | 108 | 478 | 402 | 71 | 5 | 34 | 32 | 2
2 | Đăng ký kinh doanh | 208 | 207 | 1 | | 205 | 205 | - | - | 3 | 3 |
3 | Tư pháp | 642 | 433 | 13 | 196 | 634 | 589 | 45 | | 8 | 8 | -
B | CẤP XÃ | 2.817 | 1.530 | 7 | 1.280 | 2.812 | 2.702 | 110 | | 5 | 5 |
1 | Chứng thực | 2.208 | 1.014 | | 1.194 | 2.208 | 2.166 | 42 | | | |
2 | Hộ tịch | 609 | 516 | 7 | 86 | 604 | 536 | 68 | | 5 | 5 |
Tổng cộng | < | 4.179 | 2.541 | 54 | 1.584 | 4.129 | 3.898 | 226 | 5 | 50 | 48 | 2
""", "4.179", "4.719",
    ),
    "communes in two groups, rates beside counts": Annex(
        """
STT | Đơn vị | Đã giải quyết | < | < | Tỷ lệ đúng hạn (%)
^ | ^ | Tổng | Đúng hạn | Trễ hạn | ^
I | Các phường | 1.911 | 1.903 | 8 | 99,58
1 | Phường Hải Tân | 844 | 844 | 0 | 100
2 | Phường Cẩm Thượng | 613 | 606 | 7 | 98,86
3 | Phường Tứ Minh | 454 | 453 | 1 | 99,78
II | Các xã | 1.172 | 1.166 | 6 | 99,49
1 | Xã An Thượng | 402 | 402 | 0 | 100
2 | Xã Liên Hồng | 251 | 251 | 0 | 100
3 | Xã Gia Xuyên | 331 | 325 | 6 | 98,19
4 | Xã Tiền Tiến | 188 | 188 | 0 | 100
 | Toàn thành phố | 3.083 | 3.069 | 14 | 99,55
""", "3.083", "3.038",
    ),
    "total first, two years and the change": Annex(
        """
TT | Xã, thị trấn | Năm 2023 | < | Năm 2024 | < | Tăng (+), giảm (-) | <
^ | ^ | Tiếp nhận | Trực tuyến | Tiếp nhận | Trực tuyến | Tiếp nhận | Trực tuyến
 | TỔNG CỘNG | 3.216 | 1.410 | 3.404 | 2.611 | 188 | 1.201
1 | Thị trấn Phố Lu | 1.204 | 702 | 1.318 | 1.166 | 114 | 464
2 | Xã Gia Phú | 846 | 311 | 790 | 602 | -56 | 291
3 | Xã Thái Niên | 508 | 180 | 611 | 411 | 103 | 231
4 | Xã Phú Nhuận | 658 | 217 | 685 | 432 | 27 | 215
""", "3.404", "3.440",
    ),
    "what is left, with examples below a row": Annex(
        """
Nội dung | Tồn đầu kỳ | Nhận mới | Tổng phải giải quyết | Đã giải quyết | Còn lại
Cấp giấy chứng nhận lần đầu | 102 | 318 | 420 | 361 | 59
Đăng ký biến động | 74 | 1.266 | 1.340 | 1.288 | 52
Trong đó: chuyển nhượng | 31 | 604 | 635 | 612 | 23
Đính chính | 5 | 41 | 46 | 44 | 2
Xóa đăng ký thế chấp | - | 977 | 977 | 977 | -
Cộng | 181 | 2.602 | 2.783 | 2.670 | 113
""", "2.670", "2.760",
    ),
    "nothing overdue but in one commune": Annex(
        """
TT | Đơn vị | Tiếp nhận | Trước hạn | Đúng hạn | Ghi chú
1 | Xã Bình Minh | 210 | 180 | 30 |
2 | Xã Tân Việt | 154 | 101 | 53 |
3 | Xã Hồng Khê | 98 | 77 | 21 |
4 | Xã Cổ Bì | 167 | 120 | 41 | còn 06 hồ sơ
5 | Xã Vĩnh Hồng | 122 | 92 | 30 |
 | Cộng | 751 | 570 | 175 |
""", "570", "507",
    ),
    "procedures that all communes have": Annex(
        """
STT | Đơn vị | Số TTHC | DVC toàn trình | DVC một phần | Số hồ sơ | Điểm
1 | Xã Ngọc Kỳ | 131 | 60 | 42 | 318 | 91,5
2 | Xã Quang Phục | 131 | 60 | 42 | 277 | 88,2
3 | Xã Tái Sơn | 131 | 60 | 42 | 405 | 95,0
4 | Xã Văn Tố | 131 | 60 | 42 | 351 | 90,4
 | Toàn huyện | 131 | 60 | 42 | 1.351 | 91,3
""", "1.351", "1.531",
    ),
    "petitions, form II.05a": Annex(
        """
STT | Lĩnh vực | Số phản ánh, kiến nghị tiếp nhận | < | < | Kết quả xử lý | < | <
^ | ^ | Tổng số | Về hành vi hành chính | Về nội dung quy định | Đã xử lý | < | Đang xử lý
^ | ^ | ^ | ^ | ^ | Trong kỳ | Kỳ trước | ^
(1) | (2) | 3=4+5 | 4 | 5 | 6 | 7 | 8
1 | Đất đai | 42 | 31 | 11 | 30 | 9 | 3
2 | Xây dựng | 27 | 25 | 2 | 22 | 4 | 1
3 | Hộ tịch | 9 | 9 | | 9 | |
4 | Lao động | 14 | 8 | 6 | 11 | 2 | 1
Tổng số | < | 92 | 73 | 19 | 72 | 15 | 5
""", "92", "29",
    ),
    "shares by a printed formula": Annex(
        """
STT | Cơ quan | Hồ sơ mới tiếp nhận | Hồ sơ trực tuyến | Tỷ lệ | Kết quả phải số hóa | Đã số hóa | Tỷ lệ
A | B | 1 | 2 | 3=2/1 | 4 | 5 | 6=5/4
1 | Sở Tư pháp | 2.140 | 1.926 | 90,00% | 2.088 | 2.088 | 100,00%
2 | Sở Y tế | 866 | 711 | 82,10% | 840 | 798 | 95,00%
3 | Sở Xây dựng | 412 | 412 | 100,00% | 390 | 372 | 95,38%
 | Cộng | 3.418 | 3.049 | 89,20% | 3.318 | 3.258 | 98,19%
""", "3.418", "3.481",
    ),
    "subtotals below their groups": Annex(
        """
Đơn vị | Trực tiếp | Trực tuyến | Bưu chính | Tổng
Văn phòng | 12 | 55 | 3 | 70
Phòng Kinh tế | 40 | 317 | 8 | 365
Phòng Văn hóa - Xã hội | 66 | 128 | | 194
Cộng khối phòng | 118 | 500 | 11 | 629
Thôn Đông | 31 | 12 | | 43
Thôn Đoài | 27 | 8 | | 35
Thôn Trung | 44 | 19 | 1 | 64
Cộng khối thôn | 102 | 39 | 1 | 142
Tổng cộng | 220 | 539 | 12 | 771
""", "629", "692",
    ),
    "a note says what the columns are": Annex(
        """
STT | Thủ tục | Tiếp nhận | < | < | Đã giải quyết | < | Đang giải quyết
^ | ^ | Tổng số | Kỳ trước | Trong kỳ | Tổng số | Quá hạn | ^
1 | 2 | 3 | 4 | 5 | 6 | 7 | 8
1 | Cấp phép xây dựng nhà ở | 88 | 6 | 82 | 80 | 1 | 8
2 | Hỗ trợ mai táng phí | 31 | 1 | 30 | 30 | | 1
3 | Khai sinh, thẻ bảo hiểm | 176 | | 176 | 176 | |
4 | Chuyển mục đích sử dụng đất | 59 | 20 | 39 | 41 | 7 | 18
 | Tổng cộng | 354 | 27 | 327 | 327 | 8 | 27
""", "354", "345", "Ghi chú: Cột 3 = 4 + 5 = 6 + 8; cột 7 đã tính trong cột 6.",
    ),
}  # fmt: skip
"""By what is hard in them."""


def cut(annex: Annex, seed: int) -> Document:
    """The annex without some of its columns, as a table that was copied in parts."""
    chance = random.Random(seed)
    cells = annex.cells()
    for row, texts in enumerate(cells):
        for column, text in enumerate(texts):
            if text == "<":
                cells[row][column] = cells[row][column - 1]
            elif text == "^":
                cells[row][column] = cells[row - 1][column]
    kept = [column for column in range(len(cells[0])) if column < 2 or chance.random() < 0.6]
    builder = DocumentBuilder()
    builder.table([[row[column] for column in kept] for row in cells])
    return builder.build()


def as_docx(annex: Annex) -> bytes:
    """A Word document with merged cells."""
    cells = annex.cells()
    file, out = docx.Document(), io.BytesIO()
    file.add_paragraph("BIỂU TỔNG HỢP")
    table = file.add_table(rows=len(cells), cols=len(cells[0]))
    for row, texts in enumerate(cells):
        for column, text in enumerate(texts):
            if text not in "<^" or not text:
                table.cell(row, column).text = text
                across, down = _span(cells, row, column)
                if across > 1 or down > 1:
                    table.cell(row, column).merge(table.cell(row + down - 1, column + across - 1))
    file.add_paragraph(annex.note)
    file.save(out)
    return out.getvalue()


def as_html(annex: Annex) -> bytes:
    """A page."""
    lines = [
        "".join(f"<td colspan={across} rowspan={down}>{html.escape(text)}" for text, across, down in row)
        for row in _rows(annex)
    ]
    table = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<html><body><h2>Biểu tổng hợp</h2><table>{table}</table><p>{annex.note}</p></body></html>".encode()


def as_pdf(annex: Annex) -> bytes:
    """A PDF with drawn lines."""
    cells = ", ".join(
        f"table.cell(colspan: {across}, rowspan: {down})[{_MARKUP.sub(_ESCAPED, text)}]"
        for row in _rows(annex)
        for text, across, down in row
    )
    head = '#set page(paper: "a4", flipped: true)\n#set text(size: 9pt)\n= Biểu tổng hợp\n'
    return bytes(typst.compile(f"{head}#table(columns: {len(annex.cells()[0])}, {cells})\n{annex.note}".encode()))


FORMATS = {"docx": as_docx, "html": as_html, "pdf": as_pdf}


def _rows(annex: Annex) -> list[list[tuple[str, int, int]]]:
    cells = annex.cells()
    return [
        [(text, *_span(cells, row, column)) for column, text in enumerate(texts) if not text or text not in "<^"]
        for row, texts in enumerate(cells)
    ]


def _span(cells: list[list[str]], row: int, column: int) -> tuple[int, int]:
    across = down = 1
    while column + across < len(cells[row]) and cells[row][column + across] == "<":
        across += 1
    while row + down < len(cells) and cells[row + down][column] == "^":
        down += 1
    return across, down
