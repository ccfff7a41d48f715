"""Imports and rehearsals of files as callers see them."""

from __future__ import annotations

from services.ingest.components import Example
from services.ingest.dossiers.api.examples import UNMAPPED
from services.ingest.events.model import Reason
from services.ingest.events.reasons import WORDINGS

IMPORTED: Example = {
    "id": 7,
    "source": "lists",
    "province": "30",
    "state": "complete",
    "row_count": 5210,
    "accepted": 5180,
    "known": 21,
    "superseded": 0,
    "quarantined": 9,
    "lines": 5223,
    "skipped": {"title": 2, "heading": 2, "group": 6, "total": 1, "signature": 2},
    "started_at": "2023-07-20T03:16:00Z",
    "touched_at": "2023-07-20T03:16:09Z",
    "finished_at": "2023-07-20T03:16:09Z",
    "last_error": None,
    "dismissed_at": None,
    "dismissed_by": None,
    "dismissed_for": None,
}
INTERRUPTED: Example = {
    **IMPORTED,
    "state": "interrupted",
    "lines": None,
    "skipped": {},
    "last_error": "Cut off after 5210 rows (the sender went away): send the file again with resume=7.",
}
WITHDRAWN: Example = {
    **IMPORTED,
    "state": "failed",
    **dict.fromkeys(("row_count", "accepted", "known", "superseded", "quarantined"), 0),
    "lines": None,
    "skipped": {},
    "finished_at": "2023-07-20T08:05:00Z",
    "last_error": "Withdrawn by văn phòng: Gửi nhầm tệp của tháng trước.",
}
DISMISSED: Example = {
    **INTERRUPTED,
    "dismissed_at": "2023-07-20T08:05:00Z",
    "dismissed_by": "văn phòng",
    "dismissed_for": "Hồ sơ thử của đơn vị cung cấp phần mềm",
}

_DATES: list[Example] = [{"field": "received_at", "order": "dd/mm", "proven": True}]
_CORRECTED: list[Example] = [{"kind": "agency", "written": "1273", "taken": "01273", "count": 4}]
_SHEETS: list[Example] = [
    {"name": "Tháng 6", "read": True, "why_not": None, "rows": 3},
    {"name": "Hướng dẫn", "read": False, "why_not": "no_headings", "rows": 0},
]
_DUPLICATES: list[Example] = [{"field": "code", "headings": ["Mã hồ sơ", "Số hồ sơ"]}]

TAKEN: Example = {
    **IMPORTED,
    "unmapped": UNMAPPED,
    "corrected": _CORRECTED,
    "dates": _DATES,
    "sheets": _SHEETS,
    "duplicates": _DUPLICATES,
}


REHEARSED: Example = {
    "format": "sheet",
    "sheets": _SHEETS,
    "delimiter": None,
    "encodings": [],
    "columns": {"Mã hồ sơ": "code", "Số hồ sơ": "code", "Ngày tiếp nhận": "received_at", "Người nộp": None},
    "unused": ["Người nộp"],
    "missing_fields": ["agency", "procedure", "channel", "due_at", "ended_at"],
    "duplicates": _DUPLICATES,
    "dates": _DATES,
    "lines": 5,
    "skipped": {"heading": 1, "group": 1},
    "skipped_rows": [{"sheet": "Tháng 6", "line": 2, "kind": "group"}],
    "rows": 3,
    "readable": 1,
    "first": [
        {
            "code": "000.00.19.H30-230615-0042",
            "at": "2023-06-15T01:00:00Z",
            "status": "processing",
            "received_at": "2023-06-15T01:00:00Z",
        }
    ],
    "reasons": {"bad_date": 1, "unknown_status": 1},
    "problems": [
        {
            "row": 2,
            "line": 4,
            "sheet": "Tháng 6",
            "code": "000.00.19.H30-230615-0043",
            "reason": "bad_date",
            "detail": "received_at is no date. Ngày giờ không đúng định dạng.",
            "vi": "Ngày giờ không đúng định dạng.",
            "todo_vi": WORDINGS[Reason.bad_date].todo_vi,
        }
    ],
    "unknown_words": [{"field": "status", "word": "Xong", "setting": "statuses", "count": 1}],
    "unmapped": UNMAPPED,
    "corrected": _CORRECTED,
    "changes": {"new_dossiers": 1, "changed_dossiers": 0, "known_rows": 0},
}
