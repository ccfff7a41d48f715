"""Finds the notice that a caller may read, and checks that it is drafted."""

from __future__ import annotations

from typing import Self, get_args

from services.notices.drafting.model import UndraftedState
from services.notices.drafting.store import notices as notices_store
from services.notices.drafting.store.notices import NoticeRow
from shared.access.principals import Principal
from shared.database import Connection
from shared.errors import Conflict, Guidance
from shared.languages import bilingual


class NotDrafted(Conflict):
    """The notice is not drafted yet, or its order failed: `Retry-After` states when to try again."""

    type = "notice-not-drafted"
    title = "The notice is not drafted"
    guidance = Guidance(
        "Try again after `Retry-After`. When the notice has failed, read its `error` and order it anew.",
        "Thông báo chưa được lập",
        "Thông báo chưa lập xong hoặc không lập được: `Retry-After` cho biết khi nào hỏi lại.",
        "Hỏi lại sau `Retry-After`. Nếu thông báo thất bại, đọc `error` rồi đặt lại.",
    )

    @classmethod
    def example(cls) -> Self:
        """Ordered a moment ago."""
        return cls("Notice 12 is not drafted, its state is queued.")


async def visible_notice(tx: Connection, principal: Principal, number: int) -> NoticeRow:
    """The notice; raises `NotFound` when there is none or the key may not see it."""
    row = await notices_store.find(tx, number)
    return principal.visible(
        row,
        bilingual(
            "There is no notice {n}. GET /v1/notices lists those there are.",
            "Không có thông báo {n}. Xem GET /v1/notices.",
            n=number,
        ),
    )


def notice_tag(row: NoticeRow) -> str:
    """The ETag of a notice: which text it states, then all that moves without the text."""
    return f'"notice-{row.id}-{row.text_revision}.{row.revision}-{row.newest_inspection}-{row.newest_evidence}"'


def text_of_tag(tag: str) -> str:
    """What of such an ETag tells the text: whoever edits it is not hindered by a colleague's new evidence."""
    return tag.split(".", 1)[0]


def step_of_tag(tag: str) -> str:
    """What of such an ETag tells the text and the state: new evidence hinders no step."""
    return tag.rsplit("-", 2)[0]


def demand_drafted(row: NoticeRow) -> None:
    """Raise `NotDrafted` for a notice without text."""
    if row.state in get_args(UndraftedState):
        reason = f": {row.error}" if row.error else "."
        raise NotDrafted(
            bilingual(
                "Notice {n} is not drafted, its state is {state}{reason}",
                "Thông báo {n} chưa soạn xong, trạng thái {state}{reason}",
                n=row.id,
                state=row.state,
                reason=reason,
            ),
            headers={"Retry-After": "1"},
        )
