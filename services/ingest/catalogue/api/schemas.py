"""What changes of the catalogue are asked for with, and how they are answered."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Literal, get_args

import msgspec
from pydantic import Field, WithJsonSchema

from services.ingest.catalogue.effects import AgencyEffect, Effect
from services.ingest.catalogue.model import SourcedField
from services.ingest.catalogue.service import CODE, MAX_TEXT, AgencyChanges
from services.ingest.files.tables import MAX_ROWS
from shared import fields
from shared.agencies import Agency
from shared.agencies.agency import MAX_SUCCESSIONS
from shared.fields import LINE, MAX_TEXT_LENGTH, TEXT, BodyModel, JsonObject, Line, Printed
from shared.procedures import Procedure
from shared.workdays import Policy, TimeLimit


class CatalogueChange(msgspec.Struct, frozen=True, kw_only=True):
    """The catalogue after a change; the dossiers it touches are dated anew by the worker."""

    province: str
    """The province."""
    version: int
    """Of the catalogue; with a dry run the one that stays."""
    entries: int
    """Rows or days that were handed in."""
    dry_run: bool = False
    """Nothing was changed."""


class AgencyChange(CatalogueChange, frozen=True, kw_only=True):
    """The agencies after a change, or what a dry run would change."""

    differences: AgencyChanges
    """Keys added, changed and removed, and the plan they make."""
    unknown_headings: list[str]
    """Columns of the file that were not read."""


FieldValue = str | bool | TimeLimit | None


class RowChange(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a procedure that is added, removed or changed."""

    code: str
    """Code of the procedure."""
    kind: Literal["added", "removed", "changed"]
    """What happens to the row."""
    valid_from: date
    """First day of the row; with `code` it is the row's identity."""
    fields: dict[str, tuple[FieldValue, FieldValue]]
    """Of a changed row: the old and the new value by field."""
    changes_due_dates: bool
    """Dossiers have to be dated again: a limit or the days on which the row holds are others."""


class ProcedureChange(CatalogueChange, frozen=True, kw_only=True):
    """The procedures after a change, or what a dry run would change."""

    differences: list[RowChange]
    """By code and first day."""
    unknown_headings: list[str]
    """Columns of the file that were not read."""


class AgencyList(msgspec.Struct, frozen=True):
    """The province's agencies."""

    agencies: list[Agency]
    """All rows over time, by code and first day."""


class ProcedureList(msgspec.Struct, frozen=True):
    """The province's procedures."""

    procedures: list[Procedure]
    """All rows over time, by code and first day."""


Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=CODE)]
TimeOfDay = Annotated[
    time, msgspec.Meta(tz=False, extra_json_schema={"pattern": r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$", "examples": ["15:00:00"]})
]
Words = Annotated[str, msgspec.Meta(max_length=MAX_TEXT, pattern=TEXT)]


# Bounds that `services.ingest.catalogue.service` checks, for the documents.


class AgencyIn(Agency, frozen=True, kw_only=True):
    """A unit as it is handed in, for as long as it keeps its name and its place."""

    code: Code
    name_vi: Words
    name_en: Words
    parent: Words | None = None
    successors: Annotated[tuple[Words, ...], msgspec.Meta(max_length=MAX_SUCCESSIONS)] = ()
    legal_basis: Words = ""


class ProcedureIn(Procedure, frozen=True, kw_only=True):
    """A procedure as it is sent, as the law has it from `valid_from` on."""

    code: Code
    name_vi: Words
    name_en: Words
    sector: Words
    receipt_cutoff: TimeOfDay | None = None


class AgencyListIn(msgspec.Struct, frozen=True):
    """The province's agencies as they are sent; GET gives the same form."""

    agencies: Annotated[list[AgencyIn], msgspec.Meta(max_length=MAX_ROWS)]
    """All rows over time, in any order."""


class ProcedureListIn(msgspec.Struct, frozen=True):
    """The province's procedures as they are sent; GET gives the same form."""

    procedures: Annotated[list[ProcedureIn], msgspec.Meta(max_length=MAX_ROWS)]
    """All rows over time, in any order."""


class ClockRuleIn(Policy, frozen=True, kw_only=True):
    """Choices that the law leaves open, as they are sent, in force from `valid_from`."""

    version: Annotated[str, msgspec.Meta(max_length=MAX_TEXT_LENGTH, pattern=TEXT)]
    same_day_cutoff: TimeOfDay | None = None
    same_day_basis: Annotated[str, msgspec.Meta(max_length=MAX_TEXT_LENGTH, pattern=TEXT)] = ""
    extension_basis: Annotated[str, msgspec.Meta(max_length=MAX_TEXT_LENGTH, pattern=TEXT)] = ""
    from_memory: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=MAX_TEXT_LENGTH, pattern=TEXT)], ...], msgspec.Meta(max_length=10)
    ] = ()
    legal_basis: Annotated[str, msgspec.Meta(max_length=MAX_TEXT_LENGTH, pattern=TEXT)] = ""


class DayOverrideIn(BodyModel):
    """A day off or a make-up day that was decided."""

    day: fields.Day = Field(description="The day that is off or worked", examples=["2023-09-01"])
    worked: bool = Field(description="true: a make-up day on a day off; false: a day off")
    legal_basis: Printed = Field(
        min_length=3, max_length=300, examples=["Thông báo số 12345/TB-BNV"], description="The decision"
    )
    known_from: fields.Day = Field(
        description="The day it was decided: appointments given before stand as they were", examples=["2023-08-20"]
    )
    verified: bool = Field(
        default=True,
        description="Whether the published text of the decision was seen; due dates that rest on one that was not say so",
    )


SourceNames = Annotated[list[fields.SourceName], Field(max_length=50)]


class SourceOrderIn(BodyModel):
    """Which source is believed where several tell of one dossier: the first that tells a field.

    Those that are not named come after it; among them the newest word counts.
    """

    order: SourceNames = Field(default=[], examples=[["hai-duong-igate", "cong-quoc-gia"]], description="For all fields")
    fields: dict[SourcedField, SourceNames] = Field(
        default={},
        max_length=len(get_args(SourcedField)),
        examples=[{"due_at": ["cong-quoc-gia"]}],
        description="For single fields, in the place of `order`. `course`: status with its dates, pauses and steps; `work`:"
        " steps of the internal process",
    )


class PoliciesIn(BodyModel):
    """Choices of a province."""

    office_hours: Line | None = Field(
        default=None,
        max_length=300,
        examples=["mon-thu 07:30-11:30 13:30-17:00; fri 07:30-11:30 13:30-16:30"],
        description="For limits in hours and for receipts after closing",
    )
    agency_hours: Annotated[
        dict[Annotated[Line, Field(max_length=80)], Annotated[Line, Field(max_length=300)]],
        WithJsonSchema(
            {
                "type": "object",
                "propertyNames": {"type": "string", "maxLength": 80, "pattern": LINE},
                "additionalProperties": {"type": "string", "maxLength": 300, "pattern": LINE},
                "maxProperties": 2_000,
            }
        ),
    ] = Field(default={}, max_length=2_000, description="Code or unit key to its own hours, which hold for all below it too")
    clock: Annotated[
        list[JsonObject],
        WithJsonSchema({"type": "array", "items": {"$ref": "#/components/schemas/ClockRuleIn"}, "maxItems": 50}),
    ] = Field(
        default=[],
        max_length=50,
        description="Rules of the deadline clock that replace the published ones from `valid_from` on",
    )
    sources: SourceOrderIn | None = Field(
        default=None,
        description="Where several systems tell of one dossier: which is believed. None: of each field the newest word counts",
    )


class Restatement(msgspec.Struct, frozen=True):
    """Parameters of metrics' GET /v1/restatements: between which positions figures moved."""

    after: int
    """The position before the change of the catalogue."""
    upto: int
    """The position of the last version of a dossier that it made."""


class EffectCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What a change of the catalogue did to the dossiers that got a new version, as a preview tells beforehand; nothing is
    counted of changes from before this was."""

    due_dates: int
    """Those with another due date."""
    judgements: dict[str, int]
    """Those judged otherwise, by `before>after`, such as `overdue>on_time`; `none`: in process or not judged."""
    agencies_changed: int
    """Those with another agency."""
    agencies: dict[str, AgencyEffect]
    """By unit key, `unmapped` without a known agency; those of which a dossier changed."""
    since: date | None
    """First day on which one of them was received or ended; null: none."""
    until: date | None
    """Last such day."""

    @staticmethod
    def of(effect: Effect) -> EffectCounts:
        """As counted."""
        return EffectCounts(**{name: getattr(effect, name) for name in EffectCounts.__struct_fields__})


class Redating(msgspec.Struct, frozen=True, kw_only=True):
    """What a change of the catalogue did to the dossiers so far."""

    id: int
    """Its number."""
    province: str
    """The province."""
    reason: str
    """What was changed: agencies, procedures, days, policies; or that somebody asked for it."""
    catalogue: int
    """Version of the catalogue by which dossiers are dated."""
    only_unmapped: bool
    """Only dossiers of an agency or procedure that was not known."""
    done_to: int
    """Number of the last dossier that was looked at."""
    upto: int
    """Number of the last dossier that is to be."""
    examined: int
    """Dossiers that were looked at."""
    changed: int
    """Dossiers that got a new version."""
    from_position: int | None
    """Position of the first new version; null: there is none."""
    to_position: int | None
    """Position of the last new version; null: there is none."""
    created_at: datetime
    """When the change was made."""
    finished_at: datetime | None
    """Null while it goes on."""
    effect: EffectCounts
    """What became of those that got a new version."""
    restatement: Restatement | None
    """Where metrics lists the figures that changed; null while none can have."""


class CatalogueVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the catalogue."""

    version: int
    """Its number."""
    position: int
    """Of the feed, from which it holds; 0: from before the first dossier."""
    reason: str
    """What was changed: agencies, procedures, calendar, policies; `restored`, `release` or `asked for`."""
    decided_at: datetime
    """When."""
    decided_by: str | None
    """Name of the key; null: a release of the software, or a change of before this was noted."""
    note: str | None
    """Why, as it was given."""
    examined: int
    """Dossiers that were looked at since."""
    changed: int
    """Dossiers that got a new version."""
    finished_at: datetime | None
    """Null while dossiers are still dated anew."""
    effect: EffectCounts
    """What became of those that got a new version."""


class CatalogueVersionList(msgspec.Struct, frozen=True):
    """Newest first."""

    versions: list[CatalogueVersion]
    """At most `limit`."""


class RestoredCatalogue(msgspec.Struct, frozen=True, kw_only=True):
    """The catalogue after it went back to a version."""

    province: str
    """The province."""
    version: int
    """Of the catalogue now: a new one, unless nothing was other."""
    restored: int
    """The version that it is like."""
    parts: list[Literal["agencies", "procedures", "calendar", "policies"]]
    """What was other and is as it was."""


class RedatingList(msgspec.Struct, frozen=True):
    """Newest first."""

    redatings: list[Redating]
    """At most `limit`."""
