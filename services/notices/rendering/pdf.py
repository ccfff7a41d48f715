"""PDF/A-3 of a notice by typst, with its figures attached as JSON."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import typst

from services.notices.composition.model import NoticeDocument
from services.notices.figures.model import Figure
from services.notices.rendering.model import with_title


class Unprintable(Exception):
    """The typesetter warned of something, such as a missing font or letter; a notice is printed well or not at all."""


def pdf(notice: NoticeDocument, figures: dict[str, Figure], *, dated_at: datetime) -> bytes:
    """The PDF; `dated_at` is the instant its figures were pinned at and its only date.

    Raises `Unprintable` on any warning of the typesetter.
    """
    document, warnings = _compiler().compile_with_warnings(
        format="pdf",
        pdf_standards=["a-3a"],
        timestamp=dated_at,
        sys_inputs={"notice": _json(with_title(notice)), "figures": _json(list(figures.values()))},
    )
    if warnings:
        raise Unprintable("; ".join(str(one) for one in warnings)[:500])
    assert isinstance(document, bytes)
    return document


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


@cache
def _compiler() -> Any:
    """Fonts are read and the template is parsed once per process."""
    folder = Path(__file__).parent
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder / "fonts")])
    return typst.Compiler(folder / "notice.typ", root=folder, font_paths=fonts)
