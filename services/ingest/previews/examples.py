"""Examples of previews."""

from __future__ import annotations

from typing import Any

CHANGE: dict[str, Any] = {
    "days": [{"day": "2023-09-01", "worked": False, "legal_basis": "Thông báo số 12345/TB-BNV", "known_from": "2023-08-20"}]
}
FINISHED: dict[str, Any] = {
    "id": 3,
    "province": "30",
    "catalogue": 4,
    "examined": 32220,
    "share": 1.0,
    "finished_at": "2023-08-20T03:16:20Z",
    "outdated": False,
    "dossiers": 118,
    "due_dates": 118,
    "judgements": {"overdue>on_time": 9},
    "agencies_changed": 0,
    "agencies": {"10813@2019-12-01": {"dossiers": 118, "due_dates": 118, "judgements": 9, "joined": 0, "left": 0}},
    "since": "2023-08-28",
    "until": "2023-09-12",
}
PLANNED: dict[str, Any] = {
    **FINISHED,
    "examined": 0,
    "share": 0.0,
    "finished_at": None,
    "dossiers": 0,
    "due_dates": 0,
    "judgements": {},
    "agencies": {},
    "since": None,
    "until": None,
}
_FACTS = {
    "code": "000.00.19.H23-230828-0042",
    "status": "resolved",
    "agency": "10813@2019-12-01",
    "received_on": "2023-08-28",
    "ended_on": "2023-09-05",
    "outcome": "resolved",
}
PAGE: dict[str, Any] = {
    "catalogue": 4,
    "finished": True,
    "outdated": False,
    "dossiers": 118,
    "agencies": None,
    "items": [
        {
            "number": 42,
            "before": {**_FACTS, "due_on": "2023-09-01", "timeliness": "overdue"},
            "after": {**_FACTS, "due_on": "2023-09-05", "timeliness": "on_time"},
        }
    ],
}
