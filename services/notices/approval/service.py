"""Deciding on a notice: submit, return, approve, withdraw; and what stands against its approval."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from typing import Self

import msgspec

from services.notices.approval import store
from services.notices.approval.model import (
    Hand,
    Obstacle,
    StatedVersions,
    WaivedObstacle,
    is_of_hands,
    obstacles_of,
    unapproved,
    waived,
)
from services.notices.approval.store import StepRow
from services.notices.audit import service as auditing
from services.notices.audit.checks import Check, audited_text, recheck
from services.notices.audit.messages import AuditOrder
from services.notices.composition.model import NoticeDocument
from services.notices.drafting.model import TRANSITIONS, LifeStep
from services.notices.drafting.store.notices import Content, NoticeRow
from services.notices.figures.counts import CountedDays
from services.notices.figures.model import Figure, Pinned
from shared.access.principals import Principal
from shared.database import Connection
from shared.errors import Conflict, Forbidden, Guidance
from shared.languages import Bilingual, bilingual
from shared.sandbox.parent import Sandbox

_DOCUMENT = msgspec.json.Decoder(NoticeDocument)
_PINNED = msgspec.json.Decoder(Pinned)
_FIGURES = msgspec.json.Decoder(dict[str, Figure])
_COUNTS = msgspec.json.Decoder(CountedDays)
_WAIVED = msgspec.json.Decoder(list[WaivedObstacle])


class StepNotPossible(Conflict):
    """The state of the notice does not allow this step."""

    type = "notice-step-not-possible"
    title = "The state of the notice does not allow this step"
    guidance = Guidance(
        "Read the notice: its `state` tells which steps are possible. docs/notice.md draws them.",
        "Trạng thái thông báo không cho phép bước này",
        "Trạng thái của thông báo không cho phép bước này.",
        "Đọc lại thông báo: `state` cho biết có thể làm bước nào.",
    )


class ObstacleList(msgspec.Struct, frozen=True, kw_only=True):
    """What stands against an approval."""

    obstacles: list[Obstacle] | msgspec.UnsetType = msgspec.UNSET
    """Each with the id under which it is waived."""


class NotApprovable(Conflict):
    """Something stands against the approval that is not waived: `obstacles` lists it."""

    type = "notice-not-approvable"
    title = "Something stands against the approval"
    guidance = Guidance(
        "Return the notice and mend it, or approve it with a reason in `waive` for each of `obstacles`.",
        "Còn vướng mắc khi duyệt",
        "Còn nội dung cản trở việc duyệt mà chưa được bỏ qua kèm lý do: xem `obstacles`.",
        "Trả lại để sửa, hoặc duyệt và ghi lý do trong `waive` cho từng mục của `obstacles`.",
    )

    def __init__(self, unwaived: list[Obstacle]) -> None:
        """`unwaived`: at least one."""
        first = unwaived[0]
        super().__init__(
            bilingual(
                "{n} things stand against the approval; the first: {first} Mend them, or waive each with a reason.",
                "Còn {n} nội dung cản trở việc duyệt; đầu tiên: {first} Sửa, hoặc bỏ qua từng mục kèm lý do.",
                n=len(unwaived),
                first=Bilingual(first.detail, first.detail_vi),
            ),
            members=ObstacleList(obstacles=unwaived),
        )

    @classmethod
    def example(cls) -> Self:
        """A contradiction."""
        return cls(
            [
                Obstacle(
                    "contradiction-1f0c3a5b7d9e",
                    "contradiction",
                    "The text contradicts itself: 30.556 = 24.458 + 6.108 is claimed, 30.566 follows. Around it: nhận 30.556",
                    "Nội dung mâu thuẫn: nêu 30.556 = 24.458 + 6.108, tính ra 30.566. Đoạn: nhận 30.556",
                )
            ]
        )


class ChangedSinceApproval(Conflict):
    """Inspection or evidence changed after the approval: nobody has approved the notice beside that."""

    type = "notice-changed-since-approval"
    title = "What the notice stands on changed after the approval"
    guidance = Guidance(
        "Return the notice, regenerate it, and have it approved anew; or have it approved anew with a reason in `waive`.",
        "Căn cứ của thông báo đã thay đổi sau khi duyệt",
        "Cuộc kiểm tra hoặc kết quả kiểm tra đã thay đổi sau khi thông báo được duyệt.",
        "Trả lại, lập lại rồi trình duyệt lại; hoặc trình duyệt lại và ghi lý do trong `waive`.",
    )


class PersonNeeded(Forbidden):
    """This is decided by a person: the key is not one person's."""

    type = "person-needed"
    title = "This is decided by a person"
    guidance = Guidance(
        "Ask the operator for a key of your own, made with `--person`.",
        "Việc này do một người quyết định",
        "Khóa này không phải của một người cụ thể.",
        "Xin người vận hành cấp khóa riêng, tạo với `--person`.",
    )


class SamePerson(Forbidden):
    """Whoever drafted a notice, composed it anew or edited it last, does not approve it."""

    type = "same-person"
    title = "Somebody else must approve it"
    guidance = Guidance(
        "Have another person approve it, who neither drafted the notice nor edited it last.",
        "Cần người khác duyệt",
        "Người lập thông báo hoặc người sửa sau cùng không được duyệt thông báo đó.",
        "Nhờ người khác duyệt: người không lập và không sửa sau cùng.",
    )


async def obstacles(sandbox: Sandbox, row: NoticeRow, content: Content, counts: str | None) -> list[Obstacle]:
    """What stands against the approval of a notice: its text is audited as a stranger's, its annexes and its figures are
    recomputed, these by `counts` where it has them. Raises what `finding` raises."""
    document, pinned = _DOCUMENT.decode(content.document), _PINNED.decode(content.pinned)
    text = audited_text(document, pinned).encode()

    async def chunks() -> AsyncIterator[bytes]:
        yield text

    found = await auditing.finding(sandbox, AuditOrder("text/plain; charset=utf-8", None), chunks())
    checks = await asyncio.to_thread(rechecked, content, counts)
    return obstacles_of(found.audit.contradictions, checks, pinned, _versions(row))


def rechecked(content: Content, counts: str | None) -> list[Check]:
    """The checks of a notice as it is stored now: what it was drafted with may be long ago."""
    document, figures = _DOCUMENT.decode(content.document), _FIGURES.decode(content.figures)
    counted = None if counts is None else _COUNTS.decode(counts)
    return recheck(document, figures, _PINNED.decode(content.pinned), counted)


def _versions(row: NoticeRow) -> StatedVersions:
    return StatedVersions(row.inspection_version, row.evidence_version or 0, row.newest_inspection, row.newest_evidence)


def demand_as_approved(row: NoticeRow, steps: Iterable[StepRow], checks: Iterable[Check]) -> None:
    """Raise `ChangedSinceApproval` where inspection or evidence of an approved notice is not what its approval saw, or where
    one of `checks`, made of it as it is to be issued, fails that nobody waived. `steps`: decided on it so far."""
    approvals = [one for one in steps if one.step == "approve"]
    known = {one.obstacle.id for one in _WAIVED.decode(approvals[-1].waived)} if approvals else set()
    for outdated in unapproved(_versions(row), checks, known):
        raise ChangedSinceApproval(
            bilingual(
                "Notice {n} was approved without knowing this. {detail} Return it, and have it approved anew.",
                "Thông báo {n} được duyệt khi chưa có nội dung này. {detail} Trả lại và trình duyệt lại.",
                n=row.id,
                detail=Bilingual(outdated.detail, outdated.detail_vi),
            )
        )


def demand_person(principal: Principal) -> None:
    """Raise `PersonNeeded` unless the key is one person's."""
    if not principal.person:
        raise PersonNeeded(
            Bilingual(
                "This is decided by a person, and this key is not one person's. Use a key that was made with --person.",
                "Việc này do một người quyết định, khóa này không phải của một người. Dùng khóa tạo với --person.",
            )
        )


def demand_another(row: NoticeRow, key_id: str, name: str, hands: Iterable[Hand]) -> None:
    """Raise `SamePerson` where the person of a key is one of those through whose hands a notice went."""
    if is_of_hands(key_id, name, hands):
        raise SamePerson(
            bilingual(
                "{name} drafted notice {n} or edited it last: another person approves it.",
                "{name} đã lập hoặc sửa sau cùng thông báo {n}: cần người khác duyệt.",
                name=name,
                n=row.id,
            )
        )


async def approve(
    tx: Connection,
    row: NoticeRow,
    found: list[Obstacle],
    reasons: Mapping[str, str],
    principal: Principal,
    reason: str | None,
    now: datetime,
) -> None:
    """Approve a notice that the caller holds, against which `found` stands; `reasons` waive obstacles by their ids.

    Raises `PersonNeeded`, `SamePerson`, `NotApprovable` and `StepNotPossible`.
    """
    demand_person(principal)
    demand_another(row, principal.key_id, principal.name, await store.hands(tx, row.id))
    accepted, unwaived = waived(found, reasons)
    if row.state in TRANSITIONS["approve"].sources and unwaived:
        raise NotApprovable(unwaived)
    await take(tx, row, "approve", principal, reason, now, accepted)


async def take(
    tx: Connection,
    row: NoticeRow,
    step: LifeStep,
    principal: Principal,
    reason: str | None,
    now: datetime,
    accepted: list[WaivedObstacle] | None = None,
) -> None:
    """Take a step with a notice that the caller holds. Raises `StepNotPossible`."""
    if not await store.move(
        tx,
        row.id,
        step,
        key_id=principal.key_id,
        name=principal.name,
        person=principal.person,
        reason=reason,
        waived=accepted or [],
        now=now,
    ):
        raise _not_possible(row, step)


def demand_possible(row: NoticeRow, step: LifeStep) -> None:
    """Raise `StepNotPossible` where the state of a notice does not allow a step."""
    if row.state not in TRANSITIONS[step].sources or row.pending_revision is not None:
        raise _not_possible(row, step)


_WAIT = Bilingual("Wait until that has ended.", "Chờ lập xong bản sửa.")
_NEXT = {
    "queued": Bilingual("Wait until it is drafted.", "Chờ soạn xong dự thảo."),
    "drafting": Bilingual("Wait until it is drafted.", "Chờ soạn xong dự thảo."),
    "failed": Bilingual("Order the notice anew.", "Lập lại thông báo."),
    "draft": Bilingual("Next: `submit`.", "Bước tiếp theo: trình duyệt (`submit`)."),
    "in_review": Bilingual("Next: `approve`, or `return`.", "Bước tiếp theo: duyệt (`approve`) hoặc trả lại (`return`)."),
    "approved": Bilingual("Next: its issue, or `return`.", "Bước tiếp theo: ban hành, hoặc trả lại (`return`)."),
    "issued": Bilingual(
        "Next: `withdraw`, or the issue of another with `corrects`.",
        "Có thể thu hồi (`withdraw`), hoặc ban hành thông báo khác với `corrects`.",
    ),
}
"""What can be done with a notice, by its state."""
_NOTHING_LEFT = Bilingual("It is in force no more, and stays so.", "Thông báo đã hết hiệu lực và giữ nguyên như vậy.")


def _not_possible(row: NoticeRow, step: LifeStep) -> StepNotPossible:
    pending = row.pending_revision is not None
    return StepNotPossible(
        bilingual(
            "{step} is possible in the state {sources}; notice {n} is in the state {state}{pending}. {advice}",
            "Bước {step} chỉ làm được ở trạng thái {sources}; thông báo {n} đang ở trạng thái {state}{pending}. {advice}",
            step=step,
            sources=", ".join(TRANSITIONS[step].sources),
            n=row.id,
            state=row.state,
            pending=Bilingual(", and a revision of it is being made", ", và đang lập một bản sửa") if pending else "",
            advice=_WAIT if pending else _NEXT.get(row.state, _NOTHING_LEFT),
        )
    )
