"""What the routes of notices answer, as clients read it.

Instants carry an offset, days are civil days in Asia/Ho_Chi_Minh. A number of a sentence is a run with the key of the figure
that it prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import msgspec

from services.notices.audit.checks import Check
from services.notices.composition.model import Annex, Bound, Heading, Notice, Paragraph, Run, Source, words
from services.notices.drafting.model import State, Unmade
from services.notices.drafting.store.notices import NoticeRow
from services.notices.figures.caveats import ShownCaveat, shown
from services.notices.figures.model import Figure, FigureData, Pinned
from services.notices.rendering.model import RenderingFormat
from shared.contracts.feed import Missing
from shared.contracts.kpis import Reason

FILES: dict[RenderingFormat, str] = {"pdf": "document.pdf", "docx": "document.docx", "xlsx": "annexes.xlsx"}


class Period(msgspec.Struct, frozen=True):
    """Both days counted."""

    start: date = msgspec.field(name="from")
    """The first day."""
    end: date = msgspec.field(name="to")
    """The last day."""


class Confirmation(msgspec.Struct, frozen=True):
    """Which caveats whoever ordered a notice has confirmed, and why."""

    kinds: list[str]
    """Kinds of `reasons` of the 409, `no_figures` and the like; empty: nothing needed to be confirmed."""
    reason: str | None
    """Why a notice was wanted nevertheless; null: nothing was confirmed."""


class NoticeSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How a notice stands."""

    id: int
    """Its number."""
    inspection: int
    """Number of the inspection that it concludes."""
    province: str
    """The province."""
    scope: str
    """Code of the agency whose subtree was inspected."""
    period: Period
    """Whose figures it says."""
    state: State
    """`queued`: to be made; `drafting`: a worker has it; `draft`: made; `failed`: will not be made, `error` says why."""
    position: int | None
    """Of the feed, at which its figures are pinned; null until it is made."""
    error: str | None
    """What kept the last attempt from making it, and of a failed one what to do; null: nothing did."""
    attempts: int
    """How often a worker has begun to make it."""
    next_attempt_at: datetime | None
    """When a queued one is tried, at the earliest; null in any other state."""
    confirmed: Confirmation
    """What its order confirmed."""
    revision: int
    """Grows with each change of it; the ETag follows it."""
    asked_at: datetime
    """When it was ordered."""
    made_at: datetime | None
    """When it was made; null until then."""
    documents: dict[RenderingFormat, str]
    """Paths of its files by form; empty until it is made."""

    @staticmethod
    def of(row: NoticeRow) -> NoticeSummary:
        """As stored."""
        return NoticeSummary(
            id=row.id,
            inspection=row.inspection_id,
            province=row.province,
            scope=row.scope,
            period=Period(row.period_from, row.period_to),
            state=row.state,
            position=row.position,
            error=row.error,
            attempts=row.attempts,
            next_attempt_at=row.next_attempt_at,
            confirmed=Confirmation(row.confirmed, row.confirmed_because),
            revision=row.revision,
            asked_at=row.asked_at,
            made_at=row.made_at,
            documents={form: f"/v1/notices/{row.id}/{file}" for form, file in FILES.items()} if row.made_at else {},
        )


class NoticePage(msgspec.Struct, frozen=True):
    """Notices without their text, the newest first."""

    notices: list[NoticeSummary]
    """Those of this page."""
    next_cursor: str | None
    """`cursor` of the next page; null: this is the last."""


class UnmadeNotice(NoticeSummary, frozen=True, kw_only=True):
    """A notice that is still to be made, or has failed."""

    state: Unmade
    """`queued`: to be made; `drafting`: a worker has it; `failed`: will not be made, `error` says why."""
    checks: list[Check] = []
    """Empty: nothing is checked before it is made."""


class ShownFigure(FigureData, frozen=True, kw_only=True, omit_defaults=True):
    """A figure: what it is worth, how it is printed, and where it comes from.

    Exactly one of `opened_by`, `entered_at` and `derived` is there.
    """

    value: float | None
    """Count, per cent or points, rounded as printed; null for 0/0."""
    printed: str
    """As running text prints it."""

    @staticmethod
    def of(figure: Figure) -> ShownFigure:
        """As pinned, entered or derived."""
        value = figure.value
        return ShownFigure(
            **msgspec.structs.asdict(figure), value=None if value is None else float(value), printed=figure.prose()
        )


class SourcedFigure(ShownFigure, frozen=True, kw_only=True):
    """A figure and all that it follows from."""

    inputs: list[ShownFigure]
    """Every figure that it follows from, directly or by others; empty: it follows from none."""


def opened(figure: Figure, inputs: Sequence[Figure]) -> SourcedFigure:
    """A figure with what it follows from."""
    shown_alone = msgspec.structs.asdict(ShownFigure.of(figure))
    return SourcedFigure(**shown_alone, inputs=[ShownFigure.of(one) for one in inputs])


class Figures(msgspec.Struct, frozen=True):
    """Every figure of a notice."""

    figures: list[ShownFigure]
    """Those of text and annexes, and all that they follow from."""


class Head(msgspec.Struct, frozen=True):
    """The head of the document."""

    superior: str
    """The body above the issuing one, in capitals; empty where there is none."""
    issuer: tuple[str, ...]
    """The issuing body in capitals, line by line."""
    reference: str
    """`Số:        /TB-UBND`, with room for the number."""
    place_and_date: str
    """Place and date, with room for day and month."""
    kind: str
    """`THÔNG BÁO`."""
    abstract: tuple[str, ...]
    """Trích yếu, line by line."""


class ShownParagraph(msgspec.Struct, frozen=True):
    """A paragraph, whole and in runs."""

    section: str
    """Id of the section that says it: a key of `findings` of an inspection, `causes`, `recommendations` or `preamble`."""
    source: Source
    """`figures`: says what was counted; `evidence`: says what the inspection team found; `form`: belongs to the form."""
    lead: str
    """`-` or `+` before it, or nothing."""
    text: str
    """The whole paragraph as it reads, without `lead`."""
    runs: tuple[Run, ...]
    """The same in pieces: words, and numbers with the figures that they print."""


class Section(msgspec.Struct, frozen=True):
    """A heading with the paragraphs below it."""

    level: int
    """1 to 3; 0 of what stands before the first heading."""
    label: str
    """`I.` of level 1, `1.` of level 2, `a)` of level 3; empty of level 0."""
    title: str
    """The heading, of level 1 in capitals; empty of level 0."""
    paragraphs: list[ShownParagraph]
    """What stands directly below it; empty where only further headings do."""


class Signature(msgspec.Struct, frozen=True):
    """Who signs, and for whom."""

    authority: tuple[str, ...]
    """`TM. ...`, `KT. ...` and the title, line by line."""
    signatory: str
    """The full name."""


class PinnedFreshness(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How complete figures were when they were pinned; what the metrics of that day did not tell yet is absent."""

    head: int | msgspec.UnsetType | None = msgspec.UNSET
    """The newest position of ingest's feed; null: not known."""
    behind: int | msgspec.UnsetType | None = msgspec.UNSET
    """Versions of dossiers that were not counted yet; null: not known."""
    applied_at: datetime | msgspec.UnsetType | None = msgspec.UNSET
    """When the last batch was counted; null before the first."""
    quarantined: int | msgspec.UnsetType | None = msgspec.UNSET
    """Records of the sources that could not be read; null: not known."""
    gap: int | msgspec.UnsetType | None = msgspec.UNSET
    """Dossiers that differed from their sources, by the last reconciliations; null: not known."""
    missing: list[Missing] | msgspec.UnsetType = msgspec.UNSET
    """Sources that failed or were late."""
    complete: bool | msgspec.UnsetType = msgspec.UNSET
    """Nothing was missing: there are no reasons."""
    reasons: list[Reason] | msgspec.UnsetType = msgspec.UNSET
    """Why the figures may be incomplete."""


class MadeNotice(NoticeSummary, frozen=True, kw_only=True):
    """A notice with all that it says."""

    state: Literal["draft"]
    """It is made."""
    as_of: datetime | None
    """When the position of its figures was counted; null before the first of the province."""
    freshness: PinnedFreshness | None
    """What metrics said about the completeness of its figures; null: it is told in a form that is not read any more."""
    caveats: list[ShownCaveat]
    """What its reader is told of the figures: all that was confirmed."""
    checks: list[Check]
    """Every equation and rule that it was checked by."""
    head: Head
    """What stands above the text."""
    sections: list[Section]
    """The text, in reading order; what stands before the first heading comes first."""
    signature: Signature
    """Below the text, on the right."""
    recipients: tuple[str, ...]
    """Nơi nhận, line by line."""
    annexes: tuple[Annex, ...]
    """Its tables."""
    figures: dict[str, ShownFigure]
    """Those that the text prints, and all that they follow from, by key."""


def made(row: NoticeRow, notice: Notice, figures: dict[str, Figure], pinned: Pinned, checks: list[Check]) -> MadeNotice:
    """A notice with its text."""
    printed = {
        run.figure for block in notice.body if isinstance(block, Paragraph) for run in block.runs if isinstance(run, Bound)
    }
    return MadeNotice(
        **msgspec.structs.asdict(NoticeSummary.of(row)),
        as_of=pinned.as_of,
        freshness=_freshness(pinned.freshness),
        caveats=[shown(caveat) for caveat in pinned.caveats],
        checks=checks,
        head=Head(notice.superior, notice.issuer, notice.reference, notice.place_and_date, notice.kind, notice.abstract),
        sections=_sections(notice),
        signature=Signature(notice.authority, notice.signatory),
        recipients=notice.recipients,
        annexes=notice.annexes,
        figures={key: ShownFigure.of(figures[key]) for key in sorted(with_inputs(printed, figures))},
    )


def _freshness(told: object) -> PinnedFreshness | None:
    try:
        return msgspec.convert(told, PinnedFreshness)
    except msgspec.ValidationError:
        return None


def unmade(row: NoticeRow) -> UnmadeNotice:
    """A notice without text."""
    return UnmadeNotice(**msgspec.structs.asdict(NoticeSummary.of(row)))


def with_inputs(keys: set[str], figures: dict[str, Figure]) -> set[str]:
    """The keys and all that they follow from."""
    found: set[str] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            derived = figures[key].derived
            waiting.extend(derived.inputs if derived else ())
    return found


def _sections(notice: Notice) -> list[Section]:
    """Headings with the paragraphs below each; what stands before the first heading comes first, without one."""
    sections = [Section(0, "", "", [])]
    for block in notice.body:
        if isinstance(block, Heading):
            sections.append(Section(block.level, block.label, block.text, []))
        else:
            paragraph = ShownParagraph(block.section, block.source, block.lead, words(block), block.runs)
            sections[-1].paragraphs.append(paragraph)
    return sections
