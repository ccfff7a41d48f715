"""The templates of evidence, a file for each day from which they change, named after its year."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import msgspec

from services.notices.evidence.model import Band, LevelWords, Template, TemplateItem


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    year: int
    since: date
    communes: tuple[str, ...]
    levels: tuple[LevelWords, ...]
    items: tuple[TemplateItem, ...]
    bands: tuple[Band, ...]
    renamed: dict[str, str] = {}


@cache
def templates() -> tuple[Template, ...]:
    """All templates, the newest first, read once."""
    files = [msgspec.toml.decode(path.read_bytes(), type=_File) for path in Path(__file__).parent.glob("*.toml")]
    return tuple(
        Template(one.year, one.since, one.items, one.bands, one.levels, one.communes, one.renamed)
        for one in sorted(files, key=lambda file: file.since, reverse=True)
    )


def template_of(period_end: date) -> Template:
    """The template for inspections whose period ends on a day: the newest that is not later, else the oldest."""
    return next((one for one in templates() if one.since <= period_end), templates()[-1])


def item_of(template: Template, item: str) -> TemplateItem:
    """The item of an id in a template, or in the newest that has it: what was handed in may outlast its template."""
    return next(one for one in (template, *templates()) if item in one)[item]


def template_named(year: int) -> Template:
    """The template that evidence was stored by; the oldest where there is none of that name."""
    return next((one for one in templates() if one.year == year), templates()[-1])
