"""Bodies and responses of the routes of evidence."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from pydantic import ConfigDict, Field

from services.notices.evidence.entries import AgencyName, EvidenceEntry
from services.notices.evidence.model import Band, EvidenceItem, Grade, Level, LevelWords, Mark, Template, TemplateItem, mark_of
from services.notices.evidence.service import ItemChange
from services.notices.evidence.store import ItemRow, VersionRow
from shared.fields import BodyModel, Line

MAX_ENTRIES = 20_000
"""Entries of one request: several times what a hundred communes have."""

Entries = Annotated[tuple[EvidenceEntry, ...], Field(max_length=MAX_ENTRIES)]


class _Body(BodyModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class EvidenceBody(_Body):
    """The whole evidence of an inspection."""

    items: Entries
    """What was established. What is not among them is removed."""


class EvidenceName(_Body):
    """An entry by what tells it from others."""

    item: Annotated[Line, Field(min_length=1, max_length=80)]
    """Id of the item."""
    agency: AgencyName | None = None
    """Code or unit key of its agency; null where it has none."""
    level: Level | None = None
    """Its level; null where it has none."""
    about: Annotated[Line, Field(max_length=300)] = ""
    """What it is about; empty where an agency has one only."""


class EvidencePatch(_Body):
    """Entries to be added, changed and removed; all others stand."""

    items: Entries = ()
    """What was established, in place of what stands for the same item, agency and `about`."""
    remove: Annotated[tuple[EvidenceName, ...], Field(max_length=MAX_ENTRIES)] = ()
    """What is to stand no more; what does not stand is no error."""


class StoredEvidence(msgspec.Struct, frozen=True):
    """What handing in evidence did."""

    inspection: int
    """Number of the inspection."""
    version: int
    """The newest version; the one before where nothing differed."""
    inserted: int
    """Items that are new."""
    changed: int
    """Items that state something else than before."""
    removed: int
    """Items that stand no more."""


class ListedItem(msgspec.Struct, frozen=True):
    """An item of evidence as it counts."""

    entry: EvidenceItem
    """As it was handed in, for one agency; its agency by unit key."""
    mark: Mark | None
    """Met, partly or not met, as stated or as numbers and days give it; null: the item has no marks."""
    days_late: int | None
    """Days after it was due; null: not known, or not sent."""
    first_version: int
    """The version with which it was handed in."""


class EvidencePage(msgspec.Struct, frozen=True):
    """Items of evidence in one version."""

    inspection: int
    """Number of the inspection."""
    version: int
    """Of the evidence; 0: none was handed in yet."""
    template: int
    """Year of the template that it answers."""
    items: list[ListedItem]
    """Those of this page, in the order in which they were handed in."""
    next_cursor: str | None
    """`cursor` of the next page; null: this is the last."""


class EvidenceVersion(msgspec.Struct, frozen=True):
    """A version of the evidence, and what it changed."""

    version: int
    """From 1 on."""
    created_at: datetime
    """When it was handed in."""
    inserted: int
    """Items that were new."""
    changed: int
    """Items that stated something else than before."""
    removed: int
    """Items that stood no more."""


class ChangedItem(msgspec.Struct, frozen=True):
    """What became of an item."""

    kind: Literal["inserted", "changed", "removed"]
    """Whether it is new, states something else, or stands no more."""
    before: EvidenceItem | None
    """As it stood in the earlier version; null: it did not."""
    after: EvidenceItem | None
    """As it stands in the later version; null: it does not."""


class EvidenceChanges(msgspec.Struct, frozen=True):
    """What differs between two versions of the evidence."""

    inspection: int
    """Number of the inspection."""
    start: int = msgspec.field(name="from")
    """The earlier version; 0: before any was handed in."""
    end: int = msgspec.field(name="to")
    """The later version."""
    versions: list[EvidenceVersion]
    """Those after the earlier one, up to the later."""
    changes: list[ChangedItem]
    """Those of this page, by item, agency and `about`."""
    next_cursor: str | None
    """`cursor` of the next page; null: this is the last."""


class GradeBand(msgspec.Struct, frozen=True):
    """A grade, and the points from which it is given."""

    grade: Grade
    """Of circular 01/2018/TT-VPCP."""
    at_least: int = msgspec.field(name="from")
    """Points."""


class EvidenceTemplate(msgspec.Struct, frozen=True):
    """What an inspection establishes."""

    year: int
    """Its name."""
    since: date
    """It is of inspections whose period ends on this day or later."""
    levels: tuple[LevelWords, ...]
    """The levels of agencies, as a scope of each kind calls them."""
    items: tuple[TemplateItem, ...]
    """Its items, in the order of the conclusion."""
    bands: list[GradeBand]
    """Grades by points, the best first."""


def template_response(template: Template) -> EvidenceTemplate:
    """A template as it is returned."""
    return EvidenceTemplate(template.year, template.since, template.levels, template.items, bands_of(template.bands))


def listed(row: ItemRow, kind_of: TemplateItem) -> ListedItem:
    """An item as it is returned."""
    item = row.item
    return ListedItem(item, mark_of(kind_of.kind, item), item.days_late, row.first_version)


def version_of(row: VersionRow) -> EvidenceVersion:
    """A version as it is returned."""
    return EvidenceVersion(row.version, row.created_at, row.inserted, row.changed, row.removed)


def changed_item(change: ItemChange) -> ChangedItem:
    """A change as it is returned."""
    return ChangedItem(change.kind, change.before, change.after)


def bands_of(bands: tuple[Band, ...]) -> list[GradeBand]:
    """Bands as they are returned."""
    return [GradeBand(band.grade, band.at_least) for band in bands]
