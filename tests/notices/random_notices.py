"""Random trees of notices, as unlike one another as inspections are: the rules of layout hold for all of them."""

from __future__ import annotations

import random
from collections.abc import Iterator

import msgspec

from services.notices.composition.model import Annex, Block, Cell, Heading, NoticeDocument, Paragraph, Row, TextRun
from tests.notices.reference import composed

TEXT = """công tác kiểm soát thủ tục hành chính được triển khai đồng bộ nghiêm túc tại các xã phường đặc khu cán bộ công
chức Bộ phận Một cửa hướng dẫn tận tình người dân doanh nghiệp nộp hồ sơ trực tuyến Cổng Dịch vụ công quốc gia bảo đảm tiến độ
theo quy định còn một số nơi chưa thường xuyên cập nhật niêm yết đầy đủ nội dung rà soát đánh giá đề nghị Phòng Tài chính - Kế
hoạch Ủy ban nhân dân thị trấn Thanh Hà phối hợp giải quyết"""
WORDS = TEXT.split()
NUMBERED = (
    *("{n} hồ sơ", "{n} TTHC", "{n} phiếu", "{n} đơn vị", "{n} cơ quan, đơn vị", "{n} phản ánh, kiến nghị", "({n} hồ sơ)"),
    *("đạt {r} %", "tăng {r} điểm phần trăm", "{n} thủ tục hành chính", "{n}/{m} nhiệm vụ", "quý III/2023", "mức độ {s}"),
    *("Quyết định số {n}/QĐ-UBND ngày {d}", "Nghị định số {n}/2010/NĐ-CP", "Thông tư số 01/2018/TT-VPCP", "ngày {d}"),
    *("Kế hoạch số {n}/KH-UBND", "Nghị quyết số {n}-NQ/TW", "khoản {s} Điều {s}", "Biểu số 0{s}", "Văn phòng HĐND-UBND"),
)


def random_notice(seed: int) -> NoticeDocument:
    """A notice with random sections, sentences and annexes; its form is that of the reference."""
    source = random.Random(seed)
    notice, _ = composed()
    lines = source.randrange(1, 5)
    return msgspec.structs.replace(
        notice,
        superior=source.choice(["", "TỈNH HẢI DƯƠNG"]),
        abstract=tuple(" ".join(source.choices(WORDS, k=source.randrange(5, 12))) for _ in range(lines)),
        body=(*_body(source), Paragraph((TextRun(_sentence(source, 30) + "./."),), section="closing")),
        recipients=tuple(
            f"- {' '.join(source.choices(WORDS, k=source.randrange(2, 6)))};" for _ in range(source.randrange(2, 9))
        ),
        annexes=tuple(_annex(source, annex) for annex in notice.annexes[: source.randrange(4)]),
    )


def _body(source: random.Random) -> Iterator[Block]:
    yield Paragraph((TextRun(_sentence(source, 60) + ":"),), section="preamble")
    for first in range(source.randrange(1, 5)):
        yield Heading(1, f"{('I', 'II', 'III', 'IV', 'V')[first]}.", _title(source).upper())
        for second in range(source.randrange(1, 4)):
            yield Heading(2, f"{second + 1}.", _title(source))
            for third in range(source.randrange(1, 4)):
                if source.random() < 0.8:
                    yield Heading(3, f"{'abc'[third]})", _title(source))
                yield from _paragraphs(source)


def _paragraphs(source: random.Random) -> Iterator[Paragraph]:
    for _ in range(source.randrange(1, 5)):
        if source.random() < 0.3:
            yield Paragraph((TextRun(_sentence(source, 25) + ":"),), lead="-")
            for _ in range(source.randrange(1, 5)):
                yield Paragraph((TextRun(_sentence(source, 30) + ";"),), lead="+")
        else:
            yield Paragraph((TextRun(_sentence(source, 90) + "."),), lead="-")
    if source.random() < 0.3:
        yield Paragraph((TextRun("(Chi tiết tại Biểu số 01 kèm theo)"),), emphasis=True)


def _title(source: random.Random) -> str:
    text = " ".join(source.choices(WORDS, k=source.randrange(3, 22)))
    return text[0].upper() + text[1:]


def _sentence(source: random.Random, longest: int) -> str:
    parts = []
    for _ in range(source.randrange(4, longest)):
        parts.append(_numbered(source) if source.random() < 0.15 else source.choice(WORDS))
        if source.random() < 0.08:
            parts[-1] += source.choice([",", ";"])
    text = " ".join(parts)
    return text[0].upper() + text[1:]


def _numbered(source: random.Random) -> str:
    n = source.choice([source.randrange(2, 10), source.randrange(10, 1000), source.randrange(1000, 60000)])
    written = f"{n:02}" if n < 10 else f"{n:,}".replace(",", ".")
    day = f"{source.randrange(1, 29):02}/{source.randrange(3, 13)}/2023"
    return source.choice(NUMBERED).format(
        n=written, m=n + 3, r=f"{source.randrange(100)},{source.randrange(100):02}", d=day, s=source.randrange(1, 10)
    )


def _annex(source: random.Random, annex: Annex) -> Annex:
    """The annex with another number of rows, some with long names."""
    units = [row for row in annex.rows if row.kind == "unit"]
    groups = [row for row in annex.rows if row.kind == "group"]
    rows: list[Row] = []
    for group in [*groups, None][: 3 if groups else 1]:
        if group is not None:
            rows.append(group)
        count = source.randrange(1, 60)
        for number in range(count):
            row = source.choice(units)
            name = row.cells[1].text + (f" {_title(source)}" if source.random() < 0.2 else "")
            rows.append(msgspec.structs.replace(row, cells=(Cell(str(number + 1)), Cell(name), *row.cells[2:])))
    return msgspec.structs.replace(annex, rows=(*rows, *(row for row in annex.rows if row.kind == "total")))
