"""The templates of evidence, a file of items for each year from which they change."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from services.notices.evidence.model import Band, Template, TemplateItem


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    year: int
    items: tuple[TemplateItem, ...]
    bands: tuple[Band, ...]


@cache
def templates() -> tuple[Template, ...]:
    """All templates, the newest first, read once."""
    files = [msgspec.toml.decode(path.read_bytes(), type=_File) for path in Path(__file__).parent.glob("*.toml")]
    return tuple(Template(one.year, one.items, one.bands) for one in sorted(files, key=lambda file: -file.year))


def template_of(year: int) -> Template:
    """The template for inspections of a year: the newest that is not later, else the oldest."""
    return next((one for one in templates() if one.year <= year), templates()[-1])
