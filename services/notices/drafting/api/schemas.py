"""Responses of the routes of notices.

Instants carry an offset, days are civil days in Asia/Ho_Chi_Minh. A number of a sentence is a run with the key of the figure
that it prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from services.notices.audit.checks import Check
from services.notices.composition.excerpts import Excerpt
from services.notices.composition.model import (
    Annex,
    FigureRun,
    Heading,
    NoticeDocument,
    Paragraph,
    ParagraphSource,
    Recommendation,
    Run,
    words,
)
from services.notices.drafting.api.stands_on import StandsOn
from services.notices.drafting.model import DraftedState, NoticeState, UndraftedState
from services.notices.drafting.store.notices import NoticeRow
from services.notices.figures.caveats import CaveatDetails, caveat_details
from services.notices.figures.model import Figure, FigureData, Pinned
from shared.contracts.feed import Missing
from shared.contracts.kpis import Reason

FILES = {
    "pdf": "document.pdf",
    "docx": "document.docx",
    "xlsx": "annexes.xlsx",
    "html": "document.html",
    "png": "pages/1.png",
}
"""What a drafted notice can be read as; `png`: its first page."""


class NoticePeriod(msgspec.Struct, frozen=True):
    """Both days counted."""

    start: date = msgspec.field(name="from")
    """The first day."""
    end: date = msgspec.field(name="to")
    """The last day."""


class Confirmation(msgspec.Struct, frozen=True):
    """The caveats that an order confirmed, and why."""

    kinds: list[str]
    """Kinds of `reasons` of the 409, `no_figures` and the like; empty: nothing needed to be confirmed."""
    reason: str | None
    """Why a notice was wanted nevertheless; null: nothing was confirmed."""


class NoticeSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a notice."""

    id: int
    """Its number."""
    inspection: int
    """Number of its inspection."""
    stands_on: StandsOn
    """The versions of its inspection and of the evidence, and whether they have changed since."""
    province: str
    """The province."""
    scope: str
    """Code of the agency whose subtree was inspected."""
    period: NoticePeriod
    """The period of its figures."""
    state: NoticeState
    """`queued`: waits for a worker; `drafting`: a worker drafts it; `draft`: drafted, may be edited; `failed`: will not be
    drafted, `error` states why; `in_review`, `approved`, `issued`, `superseded`, `withdrawn`: what people decided since."""
    position: int | None
    """Of the feed, at which its figures are pinned; null until it is drafted."""
    error: str | None
    """Why the last attempt failed, and what to do about a failed order; null: none failed."""
    attempts: int
    """How often a worker has begun to draft it."""
    next_attempt_at: datetime | None
    """When a queued one is tried, at the earliest; null in any other state."""
    confirmed: Confirmation
    """The caveats that its order confirmed."""
    revision: int
    """Grows with each change of it; the ETag follows it."""
    text_revision: int
    """Which of its revisions it states; 1: as it was drafted. `GET /v1/notices/{id}/revisions` lists them."""
    pending_revision: int | None
    """The revision that is checked and rendered just now; null: none is."""
    ordered_at: datetime
    """When it was ordered."""
    drafted_at: datetime | None
    """When it was drafted; null until then."""
    documents: dict[str, str]
    """Paths of its files by form, of its preview (`html`) and its first page (`png`); empty until it is drafted."""

    @staticmethod
    def of(row: NoticeRow) -> NoticeSummary:
        """As stored."""
        return NoticeSummary(
            id=row.id,
            inspection=row.inspection_id,
            stands_on=StandsOn.of(row),
            province=row.province,
            scope=row.scope,
            period=NoticePeriod(row.period_from, row.period_to),
            state=row.state,
            position=row.position,
            error=row.error,
            attempts=row.attempts,
            next_attempt_at=row.next_attempt_at,
            confirmed=Confirmation(row.confirmed, row.confirmed_reason),
            revision=row.revision,
            text_revision=row.text_revision,
            pending_revision=row.pending_revision,
            ordered_at=row.ordered_at,
            drafted_at=row.drafted_at,
            documents={form: f"/v1/notices/{row.id}/{file}" for form, file in FILES.items()} if row.drafted_at else {},
        )


class NoticePage(msgspec.Struct, frozen=True):
    """Notices without their text, the newest first."""

    notices: list[NoticeSummary]
    """Those of this page."""
    next_cursor: str | None
    """`cursor` of the next page; null: this is the last."""


class RecommendationList(msgspec.Struct, frozen=True):
    """What a notice asks for."""

    recommendations: list[Recommendation]
    """Each with its addressees and its deadline, in the order of the notice; empty in earlier notices."""


class UndraftedNotice(NoticeSummary, frozen=True, kw_only=True):
    """A notice that is still to be drafted, or whose order failed."""

    state: UndraftedState
    """`queued`: waits for a worker; `drafting`: a worker drafts it; `failed`: will not be drafted, `error` states why."""
    checks: list[Check] = []
    """Empty: nothing is checked before it is drafted."""


class NoticeFigure(FigureData, frozen=True, kw_only=True, omit_defaults=True):
    """A figure: its value, its printed form, and its origin.

    Exactly one of `figure_id`, `input_path` and `derived` is there.
    """

    value: float | None
    """Count, per cent or points, rounded as printed; null for 0/0."""
    printed: str
    """As running text prints it."""

    @staticmethod
    def of(figure: Figure) -> NoticeFigure:
        """The response for a figure."""
        value = figure.value
        return NoticeFigure(
            **msgspec.structs.asdict(figure), value=None if value is None else float(value), printed=figure.prose()
        )


class FigureWithInputs(NoticeFigure, frozen=True, kw_only=True):
    """A figure and all figures that it follows from."""

    inputs: list[NoticeFigure]
    """Every figure that it follows from, directly or indirectly; empty: none."""
    freshness: PinnedFreshness | None
    """How complete metrics called the figures of the notice; null: stored in a form that is not read any more."""


def figure_with_inputs(figure: Figure, inputs: Sequence[Figure], pinned: Pinned) -> FigureWithInputs:
    """The response for a figure with all that it follows from."""
    fields = msgspec.structs.asdict(NoticeFigure.of(figure))
    return FigureWithInputs(
        **fields, inputs=[NoticeFigure.of(one) for one in inputs], freshness=pinned_freshness(pinned.freshness)
    )


class FigureList(msgspec.Struct, frozen=True):
    """Every figure of a notice."""

    figures: list[NoticeFigure]
    """Those of text and annexes, and all that they follow from."""
    freshness: PinnedFreshness | None
    """How complete metrics called them; null: stored in a form that is not read any more."""


class DocumentHead(msgspec.Struct, frozen=True):
    """The head of the document."""

    superior: str
    """The body above the issuing one, in capitals; empty where there is none."""
    issuer: tuple[str, ...]
    """The issuing body in capitals, line by line."""
    reference: str
    """`Số:        /TB-UBND`, with space for the number."""
    locality_and_date: str
    """Locality and date of issue, with space for day and month."""
    kind: str
    """`THÔNG BÁO`."""
    abstract: tuple[str, ...]
    """Trích yếu, line by line."""


class SectionParagraph(msgspec.Struct, frozen=True):
    """A paragraph, whole and in runs."""

    section: str
    """Id of its section: a key of `findings` of an inspection, `causes`, `recommendations` or `preamble`."""
    key: str
    """Which paragraph it is, the same at every drafting: `handling.resolved`; empty in earlier notices."""
    source: ParagraphSource
    """`figures`: states what was counted; `evidence`: states items that the team entered; `findings`: words of the inspection
    team; `form`: belongs to the form; `person`: was written or changed by a person."""
    lead: str
    """`-` or `+` before it, or nothing."""
    text: str
    """The whole text of the paragraph, without `lead`."""
    runs: tuple[Run, ...]
    """The same in runs: words, and numbers with the figures that they print."""
    typed: tuple[str, ...] = ()
    """Numbers that a person typed by hand: they print no figure."""


class NoticeSection(msgspec.Struct, frozen=True):
    """A heading with the paragraphs below it."""

    level: int
    """1 to 3; 0 of the paragraphs before the first heading."""
    label: str
    """`I.` of level 1, `1.` of level 2, `a)` of level 3; empty of level 0."""
    title: str
    """The heading, of level 1 in capitals; empty of level 0."""
    section: str
    """Its id: `after` of an edit places a paragraph right below the heading; empty of level 0, and in earlier notices."""
    paragraphs: list[SectionParagraph]
    """The paragraphs directly below it; empty where only further headings follow."""


class Signature(msgspec.Struct, frozen=True):
    """Who signs, and for whom."""

    authority: tuple[str, ...]
    """`TM. ...`, `KT. ...` and the title, line by line."""
    signatory: str
    """The full name."""


class PinnedFreshness(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How complete figures were when they were pinned; what the metrics of that day did not give yet is absent."""

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
    doubtful: int | msgspec.UnsetType = msgspec.UNSET
    """Dossiers in the figures that contradicted themselves."""
    doubtful_figure: str | msgspec.UnsetType = msgspec.UNSET
    """The figure of metrics that opens them."""


class DraftedNotice(NoticeSummary, frozen=True, kw_only=True):
    """A drafted notice with its whole content."""

    state: DraftedState
    """`draft`: drafted, may be edited; `in_review`: handed to whoever approves it; `approved`: may be issued; `issued`: in
    force; `superseded`: a corrected one was issued; `withdrawn`: not in force any more."""
    as_of: datetime | None
    """When the position of its figures was counted; null before the first of the province."""
    freshness: PinnedFreshness | None
    """How complete metrics called its figures; null: stored in a form that is not read any more."""
    caveats: list[CaveatDetails]
    """The caveats of its figures: all were confirmed."""
    checks: list[Check]
    """Every equation and rule that it was checked by."""
    head: DocumentHead
    """The head above the text."""
    sections: list[NoticeSection]
    """The text, in reading order; the paragraphs before the first heading come first."""
    signature: Signature
    """Below the text, on the right."""
    recipients: tuple[str, ...]
    """Nơi nhận, line by line."""
    annexes: tuple[Annex, ...]
    """Its tables."""
    figures: dict[str, NoticeFigure]
    """Those that the text prints, and all that they follow from, by key."""


def drafted_notice(
    row: NoticeRow, notice: NoticeDocument, figures: dict[str, Figure], pinned: Pinned, checks: list[Check]
) -> DraftedNotice:
    """A notice with its text."""
    printed = {
        run.figure for block in notice.body if isinstance(block, Paragraph) for run in block.runs if isinstance(run, FigureRun)
    }
    return DraftedNotice(
        **msgspec.structs.asdict(NoticeSummary.of(row)),
        as_of=pinned.as_of,
        freshness=pinned_freshness(pinned.freshness),
        caveats=[caveat_details(caveat) for caveat in pinned.caveats],
        checks=checks,
        head=DocumentHead(
            notice.superior, notice.issuer, notice.reference, notice.locality_and_date, notice.kind, notice.abstract
        ),
        sections=sections_of(notice),
        signature=Signature(notice.authority, notice.signatory),
        recipients=notice.recipients,
        annexes=notice.annexes,
        figures={key: NoticeFigure.of(figures[key]) for key in sorted(with_inputs(printed, figures))},
    )


class NoticeExcerpt(Excerpt, frozen=True, kw_only=True):
    """What a notice states of one agency, and how complete its figures were."""

    freshness: PinnedFreshness | None
    """As metrics stated it when the figures were pinned; null: in a form that is not read any more."""


def pinned_freshness(freshness: object) -> PinnedFreshness | None:
    """What metrics stated of the completeness of a notice's figures; None: in a form that is not read any more."""
    try:
        return msgspec.convert(freshness, PinnedFreshness)
    except msgspec.ValidationError:
        return None


def undrafted_notice(row: NoticeRow) -> UndraftedNotice:
    """A notice without text."""
    return UndraftedNotice(**msgspec.structs.asdict(NoticeSummary.of(row)))


def with_inputs(keys: set[str], figures: dict[str, Figure]) -> set[str]:
    """The keys, and the keys of all figures that they follow from."""
    closure: set[str] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in closure:
            closure.add(key)
            derived = figures[key].derived
            waiting.extend(derived.inputs if derived else ())
    return closure


def sections_of(notice: NoticeDocument) -> list[NoticeSection]:
    """Headings with the paragraphs below each; the paragraphs before the first heading come first, without one."""
    sections = [NoticeSection(0, "", "", "", [])]
    for block in notice.body:
        if isinstance(block, Heading):
            sections.append(NoticeSection(block.level, block.label, block.text, block.section, []))
        else:
            paragraph = SectionParagraph(
                block.section, block.key, block.source, block.lead, words(block), block.runs, block.typed
            )
            sections[-1].paragraphs.append(paragraph)
    return sections
