"""What the amounts of a report stand for, by the words next to them.

Pure. To add a pattern, add an entry; the first that matches decides.
"""

from __future__ import annotations

import re
from enum import Enum

from services.notices.audit.reading import Amount, AmountKind, Breakdown, Sentence


class AmountRole(Enum):
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
    def is_stated_once(self) -> bool:
        """Whether a second number under this name is the same number again."""
        return self in (
            AmountRole.online,
            AmountRole.received_new,
            AmountRole.returned,
            AmountRole.resolved_overdue,
            AmountRole.in_process_overdue,
        )


_COUNTS: tuple[tuple[AmountRole, re.Pattern[str]], ...] = (
    (AmountRole.returned, re.compile(r"trả lại")),
    (AmountRole.in_process_overdue, re.compile(r"đang giải quyết.*quá hạn")),
    (AmountRole.resolved_overdue, re.compile(r"giải quyết quá hạn")),
    (AmountRole.received_new, re.compile(r"mới tiếp nhận|tiếp nhận mới")),
    (AmountRole.online, re.compile(r"(?<!công )trực tuyến")),
    (AmountRole.carried_over, re.compile(r"kỳ (?:báo cáo )?trước")),
)
_WHOLES: tuple[tuple[AmountRole, re.Pattern[str]], ...] = (
    (AmountRole.handled, re.compile(r"tổng số|trách nhiệm giải quyết|phải giải quyết")),
    (AmountRole.in_process, re.compile(r"đang giải quyết|chưa giải quyết")),
    (AmountRole.resolved, re.compile(r"giải quyết")),
)
_RATES: tuple[tuple[AmountRole, re.Pattern[str]], ...] = (
    (AmountRole.in_time, re.compile(r"trước hạn.*đúng hạn|đúng hạn.*trước hạn|trước và đúng hạn")),
    (AmountRole.resolved_overdue, re.compile(r"quá hạn")),
    (AmountRole.digitised_result, re.compile(r"số hóa.*kết quả")),
    (AmountRole.digitised_intake, re.compile(r"số hóa.*(?:tiếp nhận|thành phần)")),
    (AmountRole.online, re.compile(r"(?<!công )trực tuyến")),
)


def role_of(amount: Amount, *, whole: bool) -> AmountRole | None:
    """What a count stands for; `whole`: it has parts of its own."""
    for role, pattern in (*_COUNTS, *(_WHOLES if whole else ())):
        if pattern.search(amount.label):
            return role
    return None


def roles_of_parts(whole: AmountRole | None, found: Breakdown) -> dict[int, AmountRole]:
    """What the parts of a total stand for, by the role of the total."""
    roles = {}
    for part in found.parts:
        if whole is AmountRole.resolved and "quá hạn" in part.label:
            roles[part.index] = AmountRole.resolved_overdue
        elif whole is AmountRole.in_process and "quá hạn" in part.label:
            roles[part.index] = AmountRole.in_process_overdue
        elif whole is AmountRole.in_process and re.search(r"trong hạn|chưa đến hạn|còn hạn", part.label):
            roles[part.index] = AmountRole.within_limit
    return roles


def rate_role(sentence: Sentence, order: int) -> AmountRole | None:
    """What a rate is the rate of, by the words since the last stop or the last rate."""
    rate = sentence.amounts[order]
    start = 0
    for earlier in sentence.amounts[:order]:
        if earlier.kind in (AmountKind.rate, AmountKind.points):
            start = earlier.end - sentence.start
    words = re.split(r"[;.]", sentence.text[start : rate.start - sentence.start])[-1].lower()
    # A name right before the number (`Thanh Thủy 49,42 %`) makes it the rate of one agency.
    if not re.search(r"đạt|còn|chiếm|là|tỷ lệ|bằng", words):
        return None
    for role, pattern in _RATES:
        if pattern.search(words):
            return role
    return None


def base_roles(rate: Amount) -> tuple[AmountRole, ...]:
    """What a rate is a share of, by the words after it: `chiếm 0,84 % tổng số hồ sơ tiếp nhận`."""
    if "tổng số" in rate.unit:
        return (AmountRole.handled, AmountRole.received_new)
    return (AmountRole.resolved,) if "đã giải quyết" in rate.unit else ()
