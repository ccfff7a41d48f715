"""Recommendations: listed when a notice is issued, answered, judged, and stated by the notice of the next inspection."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from typing import Self

import msgspec

from services.notices.composition.followed import FollowedNotice, ListedRecommendation
from services.notices.composition.model import NoticeDocument
from services.notices.drafting import orders as ordering
from services.notices.figures.model import Subject
from services.notices.inspections.model import Inspection
from services.notices.recommendations import store
from services.notices.recommendations.model import STEPS, RecommendationStep, addressed
from services.notices.recommendations.store import RecommendationRow, StepRow
from shared.access.principals import Principal
from shared.civil import civil_day
from shared.database import Connection
from shared.errors import Conflict, FieldFault, Forbidden, Guidance, Invalid, NotFound
from shared.languages import bilingual


class JudgedAlready(Conflict):
    """The state of the recommendation does not allow this, or the answer that is judged is not the last one."""

    type = "recommendation-step-not-possible"
    title = "The state of the recommendation does not allow this"
    guidance = Guidance(
        "Read the recommendation again: `steps` has every answer and judgement.",
        "Trạng thái kiến nghị không cho phép bước này",
        "Trạng thái của kiến nghị không cho phép bước này, hoặc báo cáo được xem xét không phải báo cáo mới nhất.",
        "Đọc lại kiến nghị: `steps` có mọi báo cáo và kết quả xem xét.",
    )

    @classmethod
    def example(cls) -> Self:
        """It was accepted a moment ago."""
        return cls("answer is possible in the states open, answered, not_accepted; recommendation 41 is done.")


async def list_issued(
    tx: Connection,
    document: NoticeDocument,
    agencies: Iterable[Subject],
    *,
    notice_id: int,
    province: str,
    scope: str,
    corrects: int | None,
) -> None:
    """List what a notice that is issued asks of whom; what was answered to the one that it corrects counts where the same is
    asked."""
    rows = addressed(document, tuple(agencies))
    await store.insert(tx, rows, notice_id=notice_id, province=province, scope=scope)
    if corrects is not None:
        await store.carry(tx, notice_id, corrects)


async def followed_notice(tx: Connection, inspection: Inspection) -> FollowedNotice | None:
    """The earlier notice that an inspection follows up, with what its list of recommendations states; None: it follows none.

    Of a notice that was corrected, the list is that of its correction: there agencies answer from its issue on.

    Raises what `ordering.followed_notice` raises.
    """
    found = await ordering.followed_notice(tx, inspection)
    if found is None or inspection.follows is None:
        return found
    # A correction may be of another scope: what it asks there is nothing that this inspection looked at.
    rows = [row for row in await store.of_newest(tx, inspection.follows) if row.scope == inspection.scope]
    by_key = groupby(rows, lambda row: row.key)
    return msgspec.structs.replace(found, listed=tuple(_listed(key, list(group)) for key, group in by_key))


def _listed(key: str, rows: list[RecommendationRow]) -> ListedRecommendation:
    def of(*states: str) -> tuple[Subject, ...]:
        return tuple(Subject(row.agency or "", row.code, row.name) for row in rows if row.state in states)

    return ListedRecommendation(key, rows[0].text, rows[0].deadline, of("done"), of("answered"), of("open", "not_accepted"))


async def visible(tx: Connection, principal: Principal, number: int, *, held: bool = False) -> RecommendationRow:
    """The recommendation, or the one of a corrected conclusion that repeats it; raises `NotFound` when there is none in force,
    or the key may not see it."""
    missing = bilingual(
        "There is no recommendation {n} of a notice in force. GET /v1/recommendations lists those there are.",
        "Không có kiến nghị {n} của thông báo đang có hiệu lực. Xem GET /v1/recommendations.",
        n=number,
    )
    row = principal.visible(await store.find(tx, number, held=held), missing)
    if principal.agencies is not None and not {row.agency, row.code, row.scope} & set(principal.agencies):
        raise NotFound(missing)
    return row


async def reply(
    tx: Connection, principal: Principal, number: int, *, text: str, dated: date, reference: str | None, now: datetime
) -> None:
    """Answer a recommendation. Raises `NotFound`, `Forbidden`, `JudgedAlready`, and `Invalid` for a day to come."""
    row = await visible(tx, principal, number, held=True)
    _demand_addressee(principal, row)
    if dated > civil_day(now):
        message = bilingual(
            "The day of the answer is still to come. Give one until {today}.",
            "Ngày báo cáo chưa đến. Ghi ngày không sau {today}.",
            today=civil_day(now),
        )
        raise Invalid.of_fields([FieldFault("body.on", message, "less_than_equal")])
    await _take(tx, principal, row, "answer", text=text, dated=dated, reference=reference, now=now)


def _demand_addressee(principal: Principal, row: RecommendationRow) -> None:
    """An answer is the word of whom the recommendation asks: others may see it, and do not answer in their place."""
    if principal.agencies is None:
        if _ENTER not in principal.scopes:
            raise Forbidden(
                bilingual(
                    "This key is bound to no agency, so it is nobody's word. Use the agency's key (--agencies), or one with the"
                    " scope {scope} to enter what came on paper.",
                    "Khóa này không gắn với cơ quan nào nên không trả lời thay được. Dùng khóa của cơ quan (--agencies), hoặc"
                    " khóa có phạm vi {scope} để nhập báo cáo giấy.",
                    scope=_ENTER,
                )
            )
    elif not {row.agency, row.code} & set(principal.agencies):
        raise Forbidden(
            bilingual(
                "This asks {name}, and is answered with the key of {name}; this key may only read it.",
                "Kiến nghị này dành cho {name} và do {name} trả lời bằng khóa của mình; khóa này chỉ được xem.",
                name=row.name,
            )
        )


_ENTER = "recommendations:enter"


async def judge(
    tx: Connection, principal: Principal, number: int, *, answered: int, accepted: bool, reason: str | None, now: datetime
) -> None:
    """Accept or decline the answer with the number `answered`. Raises `NotFound`, and `JudgedAlready` where it is not the last
    step."""
    row = await visible(tx, principal, number, held=True)
    step: RecommendationStep = "accept" if accepted else "decline"
    last = len(await store.steps(tx, row.id))
    if row.state == "answered" and last != answered:
        raise JudgedAlready(
            bilingual(
                "Step {answered} of recommendation {n} is not its last answer; that is {last}. Read and judge that.",
                "Bước {answered} của kiến nghị {n} không phải báo cáo mới nhất; mới nhất là {last}. Xem xét báo cáo đó.",
                answered=answered,
                n=row.id,
                last=last,
            )
        )
    await _take(tx, principal, row, step, text=reason, dated=None, reference=None, now=now)


async def _take(
    tx: Connection,
    principal: Principal,
    row: RecommendationRow,
    step: RecommendationStep,
    *,
    text: str | None,
    dated: date | None,
    reference: str | None,
    now: datetime,
) -> None:
    if row.state not in STEPS[step].sources:
        raise JudgedAlready(
            bilingual(
                "{step} is possible in the states {sources}; recommendation {n} is {state}.",
                "Bước {step} chỉ làm được ở trạng thái {sources}; kiến nghị {n} đang ở trạng thái {state}.",
                step=step,
                sources=", ".join(STEPS[step].sources),
                n=row.id,
                state=row.state,
            )
        )
    number = len(await store.steps(tx, row.id)) + 1
    await store.take(tx, StepRow(row.id, number, step, text, dated, reference, principal.key_id, principal.name, now))
