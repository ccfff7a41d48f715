"""Imports and rehearsals of files as callers see them."""

from __future__ import annotations

from services.ingest.components import Example

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
    "started_at": "2023-07-20T03:16:00Z",
    "touched_at": "2023-07-20T03:16:09Z",
    "finished_at": "2023-07-20T03:16:09Z",
    "last_error": None,
}


REHEARSED: Example = {
    "format": "csv",
    "columns": {"Mã hồ sơ": "code", "Ngày tiếp nhận": "received_at", "Người nộp": None},
    "rows": 2,
    "readable": 1,
    "first": [
        {
            "code": "000.00.19.H30-230615-0042",
            "at": "2023-06-15T01:00:00Z",
            "status": "processing",
            "received_at": "2023-06-15T01:00:00Z",
        }
    ],
    "reasons": {"bad_date": 1},
    "problems": [
        {
            "row": 2,
            "code": "000.00.19.H30-230615-0043",
            "reason": "bad_date",
            "detail": "received_at is no date. Ngày giờ không đúng định dạng.",
        }
    ],
}
