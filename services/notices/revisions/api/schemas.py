"""Bodies and responses of the routes of revisions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

import msgspec
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from services.notices.audit.checks import Check
from services.notices.drafting.api.orders import NoticeOrder
from services.notices.drafting.api.schemas import NoticeSection, PinnedFreshness, pinned_freshness, sections_of
from services.notices.figures.model import Pinned
from services.notices.inspections.model import PrintedLine
from services.notices.revisions.changes import ParagraphChange
from services.notices.revisions.editing import WantedEdit
from services.notices.revisions.model import Edit, Lead, ParagraphOutcome, RevisionOrigin, RevisionState
from services.notices.revisions.service import DOCUMENT, EDITS, STEPS, Step
from services.notices.revisions.store.revisions import RevisionRow, RevisionText
from shared.fields import LINE, MAX_TEXT_LENGTH, BodyModel, Line
from shared.languages import Bilingual
from shared.model_errors import FieldValueError
from shared.printing import printed

MAX_WANTED = 200
"""Edits of one request."""

BlockKey = Annotated[Line, Field(max_length=200)]
ParagraphText = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_TEXT_LENGTH, pattern=LINE), AfterValidator(printed)
]
"""A text that documents print, on one line."""


class ParagraphEdit(BodyModel):
    """A change of one paragraph: what is left out stays as it is."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    key: BlockKey | None = None
    """Of the paragraph; null: a new one, which needs `text` and `after`."""
    text: ParagraphText | None = None
    """What is to stand there, without `lead`. A figure of the notice is written as its key in braces, `{resolved}`; a number
    that the paragraph prints already is found again where the text holds it as often. Any other number is marked as typed by
    hand."""
    lead: Lead | None = None
    """What stands before it."""
    after: BlockKey | None = None
    """Where it is to stand: behind the paragraph of this key, or right below the heading of this section; empty: before all."""
    remove: bool = False
    """It is to stand no more; `restore` brings it back."""
    restore: bool = False
    """What was removed is to stand again as it stood before; what stands, as it was composed, and what a person added is
    gone."""

    @model_validator(mode="after")
    def _one_change(self) -> Self:
        written = self.text is not None or self.lead is not None or self.after is not None
        if self.remove + self.restore + written != 1 or (self.key is None and not written):
            raise ValueError(
                Bilingual(
                    "Give what changes (`text`, `lead`, `after`), or `remove`, or `restore`.",
                    "Nêu nội dung thay đổi (`text`, `lead`, `after`), hoặc `remove`, hoặc `restore`.",
                )
            )
        return self

    def wanted(self) -> WantedEdit:
        """As the model takes it."""
        return WantedEdit(**self.model_dump())


class NoticeEdits(BodyModel):
    """Changes of a notice that are made together, in this order."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    author: PrintedLine
    """Who made them, as the history states it; with a person's key that person."""
    reason: PrintedLine
    """Why; stored with the revision, not printed."""
    edits: Annotated[tuple[ParagraphEdit, ...], Field(min_length=1, max_length=MAX_WANTED)]
    """One after another; one that cannot be made refuses all."""


class RegenerationOrder(NoticeOrder):
    """From which figures the notice is to be composed anew."""

    author: PrintedLine = Field(description="Who wants it, as the history states it; with a person's key that person")
    reason: PrintedLine | None = Field(
        default=None, description="Why, as the history states it; with `confirm`, why a notice is wanted nevertheless"
    )

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.confirm and self.reason is None:
            raise FieldValueError(
                "reason",
                Bilingual(
                    "`confirm` needs `reason`: why a notice is wanted nevertheless.",
                    "`confirm` cần `reason`: lý do vì sao vẫn cần thông báo.",
                ),
            )
        return self


class RevisionProgress(msgspec.Struct, frozen=True):
    """How far the work on a revision is."""

    done: int
    """Steps that are done."""
    of: int
    """Steps in all: figures, text, documents."""
    step: Step | None
    """`figures`: they are pinned; `text`: it is composed and checked; `documents`: they are rendered; null: no worker has
    it."""


class RevisionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A revision of a notice, without its text."""

    notice: int
    """Number of the notice."""
    revision: int
    """From 1, which is what was drafted."""
    origin: RevisionOrigin
    """`draft`: as it was drafted; `edit`: a person's edits; `regeneration`: composed anew, with all edits laid over."""
    state: RevisionState
    """`queued`: waits for a worker; `making`: a worker checks and renders it; `made`: the notice states it, or did; `failed`:
    the notice states what it stated before, and `error` states why."""
    progress: RevisionProgress
    """How far the work is."""
    author: str | None
    """Who made it; null of what was drafted."""
    reason: str | None
    """Why; null of what was drafted."""
    created_at: datetime
    """When it was ordered."""
    made_at: datetime | None
    """When it was made; null until then."""
    position: int | None
    """Of the feed, at which its figures are pinned; null until it is made."""
    inspection_version: int | None
    """Of the inspection that it states; null until it is made, and of notices drafted before versions were stored."""
    evidence_version: int | None
    """Of the evidence that it states, 0: none was handed in; null as above."""
    error: str | None
    """Why the last attempt failed; null: none failed."""
    attempts: int
    """How often a worker has begun it."""

    @staticmethod
    def of(row: RevisionRow) -> RevisionSummary:
        """As stored."""
        step = next((one for one in STEPS if one == row.step), None)
        done = len(STEPS) if row.state == "made" else STEPS.index(step) if step else 0
        return RevisionSummary(
            notice=row.notice_id,
            revision=row.number,
            origin=row.origin,
            state=row.state,
            progress=RevisionProgress(done, len(STEPS), step if row.state == "making" else None),
            author=row.author,
            reason=row.reason,
            created_at=row.created_at,
            made_at=row.made_at,
            position=row.position,
            inspection_version=row.inspection_version,
            evidence_version=row.evidence_version,
            error=row.error,
            attempts=row.attempts,
        )


class RevisionPage(msgspec.Struct, frozen=True):
    """Revisions of a notice, the newest first."""

    revisions: list[RevisionSummary]
    """Those of this page."""
    next_cursor: str | None
    """`cursor` of the next page; null: this is the last."""


class RevisionEdit(msgspec.Struct, frozen=True, kw_only=True):
    """What a person did to one paragraph, in this revision or before it."""

    key: str
    """Of the paragraph; of an added one `own.<revision>.<number>`."""
    revision: int
    """With which it was made."""
    text: str | None
    """What is to stand there, figures as their keys in braces: it can be sent again as it is; null: the text stays."""
    lead: Lead | None
    """What is to stand before it; null: as it was."""
    removed: bool
    """Whether it is to stand no more; `restore` with its key brings it back."""
    after: str | None
    """Key of the paragraph or section behind which it is to stand, empty: before all; null: where it was."""
    base: str | None
    """The composed text on which the edit was made, figures as their keys in braces; null of an added paragraph."""

    @staticmethod
    def of(edit: Edit) -> RevisionEdit:
        """As stored."""
        return RevisionEdit(
            key=edit.key,
            revision=edit.revision,
            text=edit.text,
            lead=edit.lead,
            removed=edit.removed,
            after=next(iter(edit.anchors), "") if edit.moved else None,
            base=edit.base,
        )


class NoticeRevision(RevisionSummary, frozen=True, kw_only=True):
    """A revision of a notice with its text."""

    sections: list[NoticeSection]
    """The text, in reading order; empty until it is made."""
    checks: list[Check]
    """Every equation and rule that it was checked by; empty until it is made."""
    outcomes: list[ParagraphOutcome]
    """Of a regeneration: what became of each paragraph; else empty."""
    edits: list[RevisionEdit]
    """All edits that it lays over the composed text, in the order in which they were made; also before it is made, and when it
    failed."""
    freshness: PinnedFreshness | None
    """How complete metrics called its figures; null until it is made, and where it is stored in a form that is not read any
    more."""

    @staticmethod
    def of_text(row: RevisionRow, text: RevisionText, pinned: Pinned | None) -> NoticeRevision:
        """As stored."""
        return NoticeRevision(
            freshness=pinned_freshness(pinned.freshness) if pinned else None,
            **{name: getattr(RevisionSummary.of(row), name) for name in RevisionSummary.__struct_fields__},
            sections=sections_of(DOCUMENT.decode(text.document)) if text.document else [],
            checks=msgspec.json.decode(text.checks, type=list[Check]) if text.checks else [],
            outcomes=msgspec.json.decode(text.outcomes, type=list[ParagraphOutcome]) if text.outcomes else [],
            edits=[RevisionEdit.of(edit) for edit in EDITS.decode(text.edits)],
        )


class RevisionChanges(msgspec.Struct, frozen=True):
    """What differs between two revisions of a notice."""

    notice: int
    """Number of the notice."""
    start: int = msgspec.field(name="from")
    """The earlier revision."""
    end: int = msgspec.field(name="to")
    """The later revision."""
    paragraphs: list[ParagraphChange]
    """Those that differ, in the order of the later one, then those that were removed; empty: the texts are the same."""
