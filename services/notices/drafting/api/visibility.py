"""Which notice a caller may read, and whether there is a text to read yet."""

from __future__ import annotations

from typing import Self

from services.notices.drafting.store import notices as notices_store
from services.notices.drafting.store.notices import NoticeRow
from shared.access import Principal
from shared.database import Connection
from shared.errors import Conflict, Guidance


class NotMade(Conflict):
    """The notice is not made yet, or could not be: `Retry-After` says when to ask again."""

    type = "notice-not-made"
    title = "The notice is not made"
    guidance = Guidance(
        "Ask again after `Retry-After`. When the notice has failed, read its `error` and order it anew.",
        "Thông báo chưa được lập",
        "Thông báo chưa lập xong hoặc không lập được: `Retry-After` cho biết khi nào hỏi lại.",
        "Hỏi lại sau `Retry-After`. Nếu thông báo thất bại, đọc `error` rồi đặt lại.",
    )

    @classmethod
    def example(cls) -> Self:
        """Ordered a moment ago."""
        return cls("Notice 12 is not made, its state is queued.")


async def visible_notice(tx: Connection, principal: Principal, number: int) -> NoticeRow:
    row = await notices_store.find(tx, number)
    return principal.visible(row, f"There is no notice {number}. GET /v1/notices lists those there are.")


def demand_made(row: NoticeRow) -> None:
    if row.state != "draft":
        because = f": {row.error}" if row.error else "."
        raise NotMade(f"Notice {row.id} is not made, its state is {row.state}{because}", headers={"Retry-After": "1"})
