"""Contradictions: dates, steps and status of a dossier that cannot all be true, what each kind means, and what to correct.

A contradictory dossier is counted where its dates put it, and in time, as form II.06a has no other place; nothing else is
derived from what contradicts itself: neither early nor late, no time spent, no cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

import msgspec

from shared.languages import Bilingual


class ContradictionKind(StrEnum):
    """What contradicts what."""

    ended_before_received = "ended_before_received"
    received_missing = "received_missing"
    due_before_received = "due_before_received"
    in_process_after_delivery = "in_process_after_delivery"
    in_process_after_end = "in_process_after_end"
    ended_while_in_process = "ended_while_in_process"
    two_outcomes = "two_outcomes"


class Contradiction(msgspec.Struct, frozen=True, gc=False):
    """One thing that contradicts another in what the sources say of a dossier."""

    kind: ContradictionKind
    """What contradicts what."""
    source: str
    """Name of the source that told of it last: where it is to be corrected."""


class ContradictionText(NamedTuple):
    """A kind in words."""

    means: Bilingual
    """What contradicts what."""
    correct: Bilingual
    """What to correct at the source."""


CONTRADICTIONS: Mapping[ContradictionKind, ContradictionText] = {
    ContradictionKind.ended_before_received: ContradictionText(
        Bilingual("It was closed before it was received.", "Ngày kết thúc trước ngày tiếp nhận."),
        Bilingual(
            "Correct the date of receipt or the end date at the source.",
            "Sửa ngày tiếp nhận hoặc ngày kết thúc tại phần mềm nguồn.",
        ),
    ),
    ContradictionKind.received_missing: ContradictionText(
        Bilingual("It is closed, and nothing tells when it was received.", "Hồ sơ đã kết thúc nhưng không có ngày tiếp nhận."),
        Bilingual("Enter the date of receipt at the source.", "Bổ sung ngày tiếp nhận tại phần mềm nguồn."),
    ),
    ContradictionKind.due_before_received: ContradictionText(
        Bilingual("Its due date lies before its receipt.", "Ngày hẹn trả trước ngày tiếp nhận."),
        Bilingual(
            "Correct the due date or the date of receipt at the source.",
            "Sửa ngày hẹn trả hoặc ngày tiếp nhận tại phần mềm nguồn.",
        ),
    ),
    ContradictionKind.in_process_after_delivery: ContradictionText(
        Bilingual(
            "The result was handed over, and the status says it is in process.",
            "Đã trả kết quả nhưng trạng thái vẫn là đang giải quyết.",
        ),
        Bilingual(
            "Close the dossier at the source, or remove the date of delivery.",
            "Kết thúc hồ sơ tại phần mềm nguồn, hoặc bỏ ngày trả kết quả.",
        ),
    ),
    ContradictionKind.in_process_after_end: ContradictionText(
        Bilingual(
            "Its steps or dates show that it ended, and the status says it is in process.",
            "Các bước hoặc ngày kết thúc cho thấy đã xong nhưng trạng thái vẫn là đang giải quyết.",
        ),
        Bilingual(
            "Correct the status, or the step or date by which it ended.",
            "Sửa trạng thái, hoặc sửa bước hay ngày kết thúc.",
        ),
    ),
    ContradictionKind.ended_while_in_process: ContradictionText(
        Bilingual(
            "The status says that it ended, and its steps show it in process.",
            "Trạng thái là đã kết thúc nhưng các bước cho thấy vẫn đang giải quyết.",
        ),
        Bilingual(
            "Record the step by which it ended, or correct the status.",
            "Ghi nhận bước kết thúc, hoặc sửa trạng thái.",
        ),
    ),
    ContradictionKind.two_outcomes: ContradictionText(
        Bilingual(
            "The status and the steps tell of different outcomes, such as returned and resolved.",
            "Trạng thái và các bước cho hai kết quả khác nhau, như trả lại và đã giải quyết.",
        ),
        Bilingual(
            "Find out how it ended, and correct the status or the step.",
            "Xác minh hồ sơ kết thúc thế nào, rồi sửa trạng thái hoặc bước xử lý.",
        ),
    ),
}
"""Every kind and its words."""
