"""Revising a notice: a person's edits and new figures become revisions, each checked and rendered before the notice states it.

A revision is a job of its own: until it is made, and when it fails, the notice states what it stated before, in its documents
too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from services.notices.audit.checks import names_with_numbers
from services.notices.composition.followed import FollowedNotice
from services.notices.composition.model import Heading, NoticeDocument
from services.notices.composition.service import compose
from services.notices.drafting import service as drafting
from services.notices.drafting.model import TRANSITIONS
from services.notices.drafting.service import RenderedNotice
from services.notices.drafting.store import counts as counts_store
from services.notices.drafting.store.notices import NoticeRow
from services.notices.evidence.model import EvidenceSet
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.figures.model import Figure, Pinned
from services.notices.inspections.model import Inspection
from services.notices.rendering.renderer import Renderer
from services.notices.revisions.editing import WantedEdit, edited
from services.notices.revisions.model import Edit, ParagraphOutcome, key_of, lay_over, outcomes
from services.notices.revisions.store import queue as revision_queue
from services.notices.revisions.store import revisions as revisions_store
from services.notices.revisions.store.queue import MadeRevision, RevisionJob
from services.notices.revisions.store.revisions import RevisionBase, RevisionRow
from shared.database import Connection
from shared.errors import Conflict, Guidance, Problem
from shared.languages import Bilingual, bilingual

DOCUMENT = msgspec.json.Decoder(NoticeDocument)
FIGURES = msgspec.json.Decoder(dict[str, Figure])
PINNED = msgspec.json.Decoder(Pinned)
EDITS = msgspec.json.Decoder(tuple[Edit, ...])

MAX_WAIT = timedelta(minutes=2)
"""How long after its order a regeneration waits for an unavailable service: until it ends, nobody can edit the notice."""

Step = Literal["figures", "text", "documents"]
"""`figures`: they are pinned; `text`: it is composed and checked; `documents`: they are rendered."""
STEPS: tuple[Step, ...] = ("figures", "text", "documents")


class RevisionPending(Conflict):
    """Another revision of the notice is being made: `Retry-After` states when to try again."""

    type = "revision-pending"
    title = "Another revision of the notice is being made"
    guidance = Guidance(
        "Follow the revision that the detail names until it is made, read the notice again, then edit that.",
        "Đang lập một bản sửa khác của thông báo",
        "Một bản sửa khác của thông báo này chưa lập xong.",
        "Chờ bản sửa đó lập xong, đọc lại thông báo rồi sửa trên bản mới.",
    )


class NotEditable(Conflict):
    """The notice is no draft any more: it is in review, approved, or was issued."""

    type = "notice-not-editable"
    title = "The notice cannot be edited any more"
    guidance = Guidance(
        "Have it given back: POST /v1/notices/{id}/steps with `return`. One that was issued is corrected by a new one.",
        "Thông báo không còn sửa được",
        "Thông báo đang trình duyệt, đã duyệt hoặc đã ban hành nên không sửa được.",
        "Trả lại để sửa (POST /v1/notices/{id}/steps với `return`). Thông báo đã ban hành thì lập thông báo đính chính.",
    )


class WithoutKeys(Conflict):
    """The notice was drafted by an earlier release, without keys of its paragraphs: it is edited after it is regenerated."""

    type = "paragraphs-without-keys"
    title = "The notice was drafted before paragraphs had keys"
    guidance = Guidance(
        "Regenerate it: POST /v1/notices/{id}/regenerations. Then edit that.",
        "Thông báo lập bằng phiên bản cũ",
        "Thông báo được lập khi các đoạn chưa có khóa nên chưa sửa được.",
        "Lập lại thông báo (POST /v1/notices/{id}/regenerations) rồi sửa.",
    )


_GIVEN_BACK = Bilingual("have it given back (step `return`) to edit it", "trả lại (bước `return`) rồi mới sửa được")
_CORRECTED = Bilingual(
    "what was issued stays as it is; order the notice of its inspection anew, and issue that one with `corrects`",
    "thông báo đã ban hành không sửa được; lập lại thông báo của cuộc kiểm tra rồi ban hành với `corrects`",
)


@dataclass(frozen=True)
class EditableNotice:
    """What edits are laid over, and those there are."""

    composed: NoticeDocument
    figures: dict[str, Figure]
    pinned: Pinned
    edits: tuple[Edit, ...]
    base: int


async def editable(tx: Connection, row: NoticeRow) -> EditableNotice:
    """A drafted notice that the caller holds. Raises `NotEditable` and `RevisionPending`."""
    if row.state != "draft":
        raise NotEditable(
            bilingual(
                "Notice {n} is no draft any more, its state is {state}: {advice}.",
                "Thông báo {n} không còn là dự thảo, trạng thái {state}: {advice}.",
                n=row.id,
                state=row.state,
                advice=_GIVEN_BACK if row.state in TRANSITIONS["return"].sources else _CORRECTED,
            )
        )
    if row.pending_revision is not None:
        raise RevisionPending(
            bilingual(
                "Revision {revision} of notice {n} is being made: follow GET /v1/notices/{n}/revisions/{revision}.",
                "Bản sửa {revision} của thông báo {n} đang được lập: xem GET /v1/notices/{n}/revisions/{revision}.",
                revision=row.pending_revision,
                n=row.id,
            ),
            headers={"Retry-After": "1"},
        )
    await revisions_store.store_draft(tx, row.id)
    current = await revisions_store.find(tx, row.id, row.text_revision)
    assert current is not None
    base = await revisions_store.base(tx, row.id, current.base)
    edits = EDITS.decode((await revisions_store.text(tx, current)).edits)
    composed, figures, pinned = decoded(base)
    return EditableNotice(composed, figures, pinned, edits, current.base)


def decoded(base: RevisionBase) -> tuple[NoticeDocument, dict[str, Figure], Pinned]:
    """The composed notice with its figures."""
    return DOCUMENT.decode(base.composed), FIGURES.decode(base.figures), PINNED.decode(base.pinned)


def edits_of(notice: EditableNotice, wanted: Sequence[WantedEdit], revision: int, number: int) -> tuple[Edit, ...]:
    """All edits with those wanted. Raises `Invalid` with the place of each that cannot be made, and `WithoutKeys`."""
    keys = [key_of(block) for block in notice.composed.body]
    if not all(keys) or not any(isinstance(block, Heading) for block in notice.composed.body):
        raise WithoutKeys(
            bilingual(
                "Notice {n} was drafted before its paragraphs had keys: POST /v1/notices/{n}/regenerations first.",
                "Thông báo {n} được lập khi các đoạn chưa có khóa: gọi POST /v1/notices/{n}/regenerations trước.",
                n=number,
            )
        )
    names = names_with_numbers(notice.pinned)
    return edited(notice.composed.body, notice.edits, wanted, notice.figures, names, revision=revision)


async def order_edits(
    tx: Connection, row: NoticeRow, wanted: Sequence[WantedEdit], *, author: str, reason: str, key_id: str
) -> int:
    """Queue a revision with these edits of a notice that the caller holds; its number. Raises what `edits_of` raises."""
    notice = await editable(tx, row)
    number = await revisions_store.newest(tx, row.id) + 1
    edits = await asyncio.to_thread(edits_of, notice, wanted, number, row.id)
    await revision_queue.insert(
        tx,
        notice_id=row.id,
        number=number,
        origin="edit",
        author=author,
        reason=reason,
        key_id=key_id,
        base=notice.base,
        as_of=None,
        confirmed=ConfirmedCaveats((), None),
        edits=msgspec.json.encode(edits).decode(),
    )
    return number


async def order_regeneration(
    tx: Connection,
    row: NoticeRow,
    *,
    as_of: str | None,
    confirmed: ConfirmedCaveats,
    author: str,
    reason: str,
    key_id: str,
) -> int:
    """Queue a revision on new figures and evidence, with the edits there are; its number."""
    notice = await editable(tx, row)
    number = await revisions_store.newest(tx, row.id) + 1
    await revision_queue.insert(
        tx,
        notice_id=row.id,
        number=number,
        origin="regeneration",
        author=author,
        reason=reason,
        key_id=key_id,
        base=number,
        as_of=as_of,
        confirmed=confirmed,
        edits=msgspec.json.encode(notice.edits).decode(),
    )
    return number


@dataclass(frozen=True)
class Remade:
    """A revision with all that is stored of it."""

    rendered: RenderedNotice
    composed: NoticeDocument | None
    """None of an edit: that of its base."""
    outcomes: list[ParagraphOutcome]
    inspection_version: int | None
    evidence_version: int | None


Note = Callable[[Step], Awaitable[None]]


async def revise(
    renderer: Renderer,
    job: RevisionJob,
    inspection: Inspection,
    before: RevisionBase,
    current: RevisionRow,
    note: Note,
) -> Remade:
    """Lay the edits over what was composed, check and render. Raises `Unprintable` and `RendererDied`."""
    await note("text")
    composed, figures, pinned = decoded(before)
    laid = await asyncio.to_thread(lay_over, composed.body, EDITS.decode(job.edits), figures, names_with_numbers(pinned))
    document = msgspec.structs.replace(composed, body=laid.body)
    await note("documents")
    rendered = await drafting.render_document(renderer, inspection, pinned, document, figures)
    return Remade(rendered, None, [], current.inspection_version, current.evidence_version)


async def regenerate(
    renderer: Renderer,
    job: RevisionJob,
    inspection: Inspection,
    before: RevisionBase,
    pinned: Pinned,
    evidence: EvidenceSet | None,
    followed: FollowedNotice | None,
    note: Note,
) -> Remade:
    """Compose anew, lay the edits over that, check and render. Raises what composing and rendering raise."""
    await note("text")
    composed, figures = await asyncio.to_thread(compose, inspection, pinned, evidence, followed)
    edits = EDITS.decode(job.edits)

    def over() -> tuple[NoticeDocument, list[ParagraphOutcome]]:
        laid = lay_over(composed.body, edits, figures, names_with_numbers(pinned))
        earlier, earlier_figures, _ = decoded(before)
        found = outcomes(earlier.body, earlier_figures, composed.body, figures, edits, laid)
        return msgspec.structs.replace(composed, body=laid.body), found

    document, found = await asyncio.to_thread(over)
    await note("documents")
    rendered = await drafting.render_document(renderer, inspection, pinned, document, figures)
    return Remade(rendered, composed, found, job.inspection_version, evidence.version if evidence else 0)


async def store(tx: Connection, job: RevisionJob, remade: Remade, now: datetime) -> bool:
    """Make the revision what the notice states; False when the lease was lost, and nothing is stored."""
    rendered = remade.rendered
    anew = remade.composed is not None
    made = MadeRevision(
        document=_json(rendered.document),
        checks=_json(rendered.checks),
        outcomes=_json(remade.outcomes),
        composed=_json(remade.composed) if anew else None,
        pinned=_json(msgspec.structs.replace(rendered.pinned, figures={})) if anew else None,
        figures=_json(rendered.figures) if anew else None,
    )
    completed = await revision_queue.complete(
        tx,
        job,
        made,
        drafting.files_of(rendered.renderings),
        position=rendered.pinned.position,
        inspection_version=remade.inspection_version,
        evidence_version=remade.evidence_version,
        now=now,
    )
    if completed and anew:
        await counts_store.put(tx, job.notice_id, rendered.counts)
    return completed


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def reschedule(tx: Connection, job: RevisionJob, error: Exception, now: datetime) -> None:
    """Store why an attempt failed, and when it is tried again; or fail it: the notice states what it stated before."""
    detail = error.detail if isinstance(error, Problem) else f"{type(error).__name__}: {error}"
    delay = drafting.retry_delay(error, attempt=job.attempt, waited=job.waited, max_wait=MAX_WAIT)
    if delay is None:
        guidance = " The notice states what it stated before. Mend that, then revise it anew."
        await revision_queue.fail(tx, job, detail[: 1000 - len(guidance)] + guidance, now)
    else:
        await revision_queue.reschedule(tx, job, detail[:1000], now, now + delay)
