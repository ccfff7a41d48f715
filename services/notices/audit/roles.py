"""What the amounts of a report stand for, told by the words beside them.

Pure. A word pattern more is an entry more; the first that fits decides.
"""

from __future__ import annotations

import re
from enum import Enum

from services.notices.audit.reading import Amount, Breakdown, Kind, Sentence


class Role(Enum):
    """Counts of form II.06a; the values are their Vietnamese names."""

    handled = "phải giải quyết"
    received_new = "mới tiếp nhận"
    online = "trực tuyến"
    carried_over = "kỳ trước chuyển sang"
    resolved = "đã giải quyết"
    in_time = "trước hạn và đúng hạn"
    resolved_overdue = "giải quyết quá hạn"
    in_process = "đang giải quyết"
    within_limit = "trong hạn"
    in_process_overdue = "đang giải quyết quá hạn"
    returned = "trả lại"
    digitised_intake = "số hóa khi tiếp nhận"
    digitised_result = "số hóa kết quả"

    @property
    def is_said_of_the_whole(self) -> bool:
        """Whether a second number under this name is the same number again."""
        return self in (Role.online, Role.received_new, Role.returned, Role.resolved_overdue, Role.in_process_overdue)


_COUNTS: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (Role.returned, re.compile(r"trả lại")),
    (Role.in_process_overdue, re.compile(r"đang giải quyết.*quá hạn")),
    (Role.resolved_overdue, re.compile(r"giải quyết quá hạn")),
    (Role.received_new, re.compile(r"mới tiếp nhận|tiếp nhận mới")),
    (Role.online, re.compile(r"(?<!công )trực tuyến")),
    (Role.carried_over, re.compile(r"kỳ (?:báo cáo )?trước")),
)
_WHOLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (Role.handled, re.compile(r"tổng số|trách nhiệm giải quyết|phải giải quyết")),
    (Role.in_process, re.compile(r"đang giải quyết|chưa giải quyết")),
    (Role.resolved, re.compile(r"giải quyết")),
)
_RATES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (Role.in_time, re.compile(r"trước hạn.*đúng hạn|đúng hạn.*trước hạn|trước và đúng hạn")),
    (Role.resolved_overdue, re.compile(r"quá hạn")),
    (Role.digitised_result, re.compile(r"số hóa.*kết quả")),
    (Role.digitised_intake, re.compile(r"số hóa.*(?:tiếp nhận|thành phần)")),
    (Role.online, re.compile(r"(?<!công )trực tuyến")),
)


def role_of(amount: Amount, *, whole: bool) -> Role | None:
    """What a count stands for; `whole`: it has parts of its own."""
    for role, pattern in (*_COUNTS, *(_WHOLES if whole else ())):
        if pattern.search(amount.label):
            return role
    return None


def roles_of_parts(whole: Role | None, found: Breakdown) -> dict[int, Role]:
    """What the parts of a total stand for, as the total tells."""
    roles = {}
    for part in found.parts:
        if whole is Role.resolved and "quá hạn" in part.label:
            roles[part.place] = Role.resolved_overdue
        elif whole is Role.in_process and "quá hạn" in part.label:
            roles[part.place] = Role.in_process_overdue
        elif whole is Role.in_process and re.search(r"trong hạn|chưa đến hạn|còn hạn", part.label):
            roles[part.place] = Role.within_limit
    return roles


def rate_role(sentence: Sentence, order: int) -> Role | None:
    """What a rate is the rate of, by the words since the last stop or the last rate."""
    rate = sentence.amounts[order]
    start = 0
    for earlier in sentence.amounts[:order]:
        if earlier.kind in (Kind.rate, Kind.points):
            start = earlier.end - sentence.start
    words = re.split(r"[;.]", sentence.text[start : rate.start - sentence.start])[-1].lower()
    # A name right before the number (`Thanh Thủy 49,42 %`) makes it the rate of one agency.
    if not re.search(r"đạt|còn|chiếm|là|tỷ lệ|bằng", words):
        return None
    for role, pattern in _RATES:
        if pattern.search(words):
            return role
    return None


def base_roles(rate: Amount) -> tuple[Role, ...]:
    """What the words after a rate say that it is a share of: `chiếm 0,84 % tổng số hồ sơ tiếp nhận`."""
    if "tổng số" in rate.unit:
        return (Role.handled, Role.received_new)
    return (Role.resolved,) if "đã giải quyết" in rate.unit else ()
