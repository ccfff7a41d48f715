"""PDF/A-3a and PDF/UA-1 of a notice by typst, with its figures attached as JSON."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import typst

from services.notices.composition.model import Heading, NoticeDocument
from services.notices.figures.model import Figure
from services.notices.rendering.line_breaks import Part, held_in_heading, parts
from services.notices.rendering.model import IssueMarks, attached_figures, leads_in, printed, with_title
from shared.errors import Guidance, Problem
from shared.languages import bilingual

_FOLDER = Path(__file__).parent


class Unprintable(Problem):
    """The typesetter cannot set the notice well, as when a letter is missing: it is printed well or not at all."""

    type = "notice-unprintable"
    title = "The notice cannot be printed"
    guidance = Guidance(
        "Take out what the detail names, in the inspection, its evidence or the edit, then order it anew.",
        "Không in được thông báo",
        "Thông báo có nội dung không in được, ví dụ ký tự không có trong phông chữ.",
        "Bỏ nội dung nêu trong chi tiết (ở cuộc kiểm tra, phiếu kiểm tra hoặc bản sửa), rồi yêu cầu lại.",
    )

    def __init__(self, reason: str) -> None:
        """`reason` is what the typesetter says of it."""
        super().__init__(
            bilingual(
                "The notice cannot be printed: {reason}. Take that out where it was written.",
                "Không in được thông báo: {reason}. Bỏ nội dung đó ở nơi đã nhập.",
                reason=reason,
            )
        )
        self.reason = reason


def pdf(notice: NoticeDocument, figures: dict[str, Figure], *, dated_at: datetime, marks: IssueMarks | None = None) -> bytes:
    """The PDF; `dated_at` is the instant its figures were pinned at, or at which it was issued, and its only date.

    `marks`: of an issued notice, what is seen of its signatures, and where it is verified.

    Raises `Unprintable` on any warning of the typesetter, and for a text that it refuses to set.
    """
    try:
        document, warnings = _compiler().compile_with_warnings(
            format="pdf",
            pdf_standards=["a-3a", "ua-1"],
            timestamp=dated_at,
            sys_inputs=_inputs(notice, figures) | ({} if marks is None else {"marks": _json(marks)}),
        )
    except typst.TypstError as error:  # whatever else it raises is a fault of the program
        raise Unprintable(str(error)[:500]) from error
    if warnings:
        raise Unprintable("; ".join(str(one) for one in warnings)[:500])
    assert isinstance(document, bytes)
    return document


def _inputs(notice: NoticeDocument, figures: dict[str, Figure]) -> dict[str, str]:
    return {
        "notice": _json(
            msgspec.structs.replace(with_title(notice), abstract=tuple(held_in_heading(one) for one in notice.abstract))
        ),
        "body": _json(
            [_SetBlock(parts(printed(block), is_heading=isinstance(block, Heading)), leads_in(block)) for block in notice.body]
        ),
        "figures": attached_figures(figures).decode(),
    }


class _SetBlock(msgspec.Struct, frozen=True):
    """A block of the body as it is set."""

    parts: tuple[Part, ...]
    leads_in: bool
    """Whether it stays on the page of the block after it."""


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


_COMPILATIONS = 10
"""Compilations for which the typesetter keeps what it worked out and did not use again."""


def forget() -> None:
    """Make the typesetter drop what it keeps of notices: 300 MB of ten, in which it finds nothing for another notice."""
    for _ in range(_COMPILATIONS):
        _blank().compile(format="svg")


@cache
def _compiler() -> Any:
    """Fonts are read and the template is parsed once per process."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FOLDER / "fonts")])
    return typst.Compiler(_FOLDER / "notice.typ", root=_FOLDER, font_paths=fonts)


@cache
def _blank() -> Any:
    """Sets an empty page. The typesetter cannot be told to forget: each compilation makes it one older."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False)
    return typst.Compiler(_FOLDER / "blank.typ", root=_FOLDER, font_paths=fonts)
