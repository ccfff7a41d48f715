"""Formats of responses: JSON, tables and documents, by the parameter `format` or else by `Accept`.

Links in pages and mails cannot send headers, so whatever `Accept` and `Accept-Language` choose has a parameter, which wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal

from fastapi import Depends, Query, Request

from shared.errors import FieldFault, Invalid
from shared.languages import Bilingual, Language
from shared.spreadsheets import CSV, XLSX, Dialect
from shared.web.routes import JSON

Format = Literal["json", "csv", "xlsx", "pdf", "docx", "text"]

PDF = "application/pdf"
TEXT = "text/plain"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MEDIA: Mapping[Format, str] = {"json": JSON, "csv": CSV, "xlsx": XLSX, "pdf": PDF, "docx": DOCX, "text": TEXT}

_FORMAT = "Form of the answer, for links that cannot send `Accept`; it wins over that header"
_DIALECT = (
    "How CSV is written: `rfc4180` (comma, decimal point, no byte order mark) as programs read it, or `excel-vi` (semicolon,"
    " decimal comma, byte order mark) as Excel opens it with Vietnamese settings. None: `excel-vi` for `Accept-Language: vi`,"
    " else `rfc4180`, since who names no language is rather a program. With CSV only: else a 422"
)
_NO_CSV = Bilingual(
    "`dialect` may be given with CSV only: add `format=csv`, or leave it out.",
    "Chỉ dùng `dialect` khi lấy CSV: thêm `format=csv`, hoặc bỏ `dialect`.",
)
_CHOSEN = 256
"""Header values whose result is cached: clients send few different ones."""


@dataclass(frozen=True, slots=True)
class FormatChoice:
    """The format, CSV dialect and language that a client prefers."""

    format: Format
    dialect: Dialect
    """Of CSV."""
    language: Language
    """Of a table."""

    @property
    def media_type(self) -> str:
        """As the answer names it."""
        return f"{MEDIA[self.format]}; charset=utf-8" if self.format in ("csv", "text") else MEDIA[self.format]


DialectParameter = Annotated[Dialect | None, Query(description=_DIALECT)]


async def _table(
    request: Request,
    format: Annotated[Literal["json", "csv", "xlsx"] | None, Query(alias="format", description=_FORMAT)] = None,
    dialect: DialectParameter = None,
) -> FormatChoice:
    return _wanted(request, format, dialect, ("csv", "xlsx"))


async def _csv(
    request: Request,
    format: Annotated[Literal["json", "csv"] | None, Query(alias="format", description=_FORMAT)] = None,
    dialect: DialectParameter = None,
) -> FormatChoice:
    return _wanted(request, format, dialect, ("csv",))


async def _document(
    request: Request,
    format: Annotated[Literal["json", "pdf", "docx", "xlsx"] | None, Query(alias="format", description=_FORMAT)] = None,
) -> FormatChoice:
    return _wanted(request, format, None, ("pdf", "docx", "xlsx"))


async def _text(
    request: Request,
    format: Annotated[Literal["json", "text"] | None, Query(alias="format", description=_FORMAT)] = None,
) -> FormatChoice:
    return _wanted(request, format, None, ("text",))


TableFormat = Annotated[FormatChoice, Depends(_table)]
"""JSON, CSV or XLSX."""
CsvFormat = Annotated[FormatChoice, Depends(_csv)]
"""JSON or CSV."""
TextFormat = Annotated[FormatChoice, Depends(_text)]
"""JSON or a page of text."""
DocumentFormat = Annotated[FormatChoice, Depends(_document)]
"""JSON, PDF, DOCX or XLSX."""


def _wanted(request: Request, format: Format | None, dialect: Dialect | None, offered: Sequence[Format]) -> FormatChoice:
    headers = dict(request.scope["headers"])
    language = language_of(headers)
    chosen = format or format_of(headers, tuple(offered))
    if dialect is not None and chosen != "csv":
        raise Invalid.of_fields([FieldFault("query.dialect", _NO_CSV, "not_applicable")])
    return FormatChoice(
        chosen,
        dialect or ("excel-vi" if language == "vi" else "rfc4180"),
        language or "vi",
    )


def format_of(headers: Mapping[bytes, bytes], offered: tuple[Format, ...]) -> Format:
    """What `Accept` prefers of JSON and the forms that are offered; where it names none of them JSON, better than nothing."""
    return _accepted(headers.get(b"accept", b""), offered)


def language_of(headers: Mapping[bytes, bytes]) -> Language | None:
    """Which of our languages `Accept-Language` prefers; None: neither is named."""
    return _spoken(headers.get(b"accept-language", b""))


@lru_cache(_CHOSEN)
def _accepted(accept: bytes, offered: tuple[Format, ...]) -> Format:
    by_media: dict[str, Format] = {MEDIA[format]: format for format in ("json", *offered)}
    return next((by_media.get(media, "json") for media in _ranked(accept) if media in by_media or media in _ANY), "json")


_ANY = frozenset({"*/*", "application/*"})


@lru_cache(_CHOSEN)
def _spoken(accepted: bytes) -> Language | None:
    for one in _ranked(accepted):
        match one.partition("-")[0]:
            case "vi":
                return "vi"
            case "en":
                return "en"
    return None


def _ranked(header: bytes) -> list[str]:
    """The values of a header with weights (RFC 9110, 12.4.2), the best first; those of weight 0 are not wanted."""
    weighted = []
    for one in header.decode("latin-1").lower().split(","):
        value, *parameters = (part.strip() for part in one.split(";"))
        weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        try:
            weighted.append((float(weight), value))
        except ValueError:
            continue  # a weight that is none
    return [value for weight, value in sorted(weighted, key=lambda one: -one[0]) if weight > 0]


TABLE_HEADERS = {
    "Content-Disposition": "The name of the file, of tables only; it ends in `-incomplete` when their figures are not complete",
    "Figures-Complete": "Of tables: `true` or `false`, as `freshness.complete`",
    "Figures-Incomplete": "Of tables that are not complete: the kinds of `freshness.reasons` and the count of each",
    "Figures-Doubtful": "Of tables of the figures of a period: how many dossiers in them contradict themselves, as "
    "`freshness.doubtful`",
}
"""Headers that come with tables of figures."""
PAGE_HEADERS = {**TABLE_HEADERS, "Link": "Of CSV: the following page, with `rel=next`; none at the end"}
"""Headers of a list that comes in pages."""


def table_headers(name: str, extension: str, incomplete: str, doubtful: int | None = None) -> dict[str, str]:
    """What stands beside a table of figures: a file of CSV has room for rows only, and its name is what is kept of the rest.

    `incomplete`: `Freshness.incompleteness`. `doubtful`: `FigureFreshness.doubtful`; None: they are of no one period.
    """
    name += "-incomplete" if incomplete else ""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{extension}"'}
    headers["Figures-Complete"] = "false" if incomplete else "true"
    if doubtful is not None:
        headers["Figures-Doubtful"] = str(doubtful)
    return headers | ({"Figures-Incomplete": incomplete} if incomplete else {})
