"""PDF/A-3a and PDF/UA-1 of a notice by typst, with its figures attached as JSON; its pages as pictures."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import typst

from services.notices.composition.model import NoticeDocument
from services.notices.figures.model import Figure
from services.notices.rendering.line_breaks import Part, parts
from services.notices.rendering.model import leads_in, printed, with_title


class Unprintable(Exception):
    """The typesetter warned of something, such as a missing font or letter; a notice is printed well or not at all."""


def pdf(notice: NoticeDocument, figures: dict[str, Figure], *, dated_at: datetime) -> bytes:
    """The PDF; `dated_at` is the instant its figures were pinned at and its only date.

    Raises `Unprintable` on any warning of the typesetter.
    """
    document, warnings = _compiler().compile_with_warnings(
        format="pdf",
        pdf_standards=["a-3a", "ua-1"],
        timestamp=dated_at,
        sys_inputs=_inputs(notice, figures),
    )
    if warnings:
        raise Unprintable("; ".join(str(one) for one in warnings)[:500])
    assert isinstance(document, bytes)
    return document


def pictures(notice: NoticeDocument, *, resolution: float = 110) -> list[bytes]:
    """Every page as a PNG of `resolution` dots per inch."""
    pages = _compiler().compile(format="png", ppi=resolution, sys_inputs=_inputs(notice, {}))
    return pages if isinstance(pages, list) else [pages]


def _inputs(notice: NoticeDocument, figures: dict[str, Figure]) -> dict[str, str]:
    return {
        "notice": _json(with_title(notice)),
        "body": _json([_SetBlock(parts(printed(block)), leads_in(block)) for block in notice.body]),
        "figures": _json(list(figures.values())),
    }


class _SetBlock(msgspec.Struct, frozen=True):
    """A block of the body as it is set."""

    parts: tuple[Part, ...]
    leads_in: bool
    """Whether it stays on the page of the block after it."""


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


@cache
def _compiler() -> Any:
    """Fonts are read and the template is parsed once per process."""
    folder = Path(__file__).parent
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder / "fonts")])
    return typst.Compiler(folder / "notice.typ", root=folder, font_paths=fonts)
