"""Reconciliations as callers see them."""

from __future__ import annotations

from services.ingest.components import Example

RECONCILIATION_PLANNED: Example = {
    "id": 31,
    "source": "hai-duong",
    "province": "30",
    "from_on": "2022-12-15",
    "to_on": "2023-07-20",
    "nightly_on": None,
    "state": "planned",
    "planned_at": "2023-07-21T01:00:00Z",
    "finished_at": None,
    "position": None,
    "examined": None,
    "differences": 0,
    "failure": None,
    "last_error": None,
    "equal": None,
    "totals": [],
}


_TOTALS: Example = {
    "received": 1204,
    "receivedOnline": 970,
    "receivedDirect": 180,
    "resolved": 1100,
    "resolvedEarly": 800,
    "resolvedOnTime": 280,
    "resolvedOverdue": 20,
    "unresolved": 100,
    "unresolvedOnTime": 96,
    "unresolvedOverdue": 4,
    "cancelled": 4,
}


_OURS: Example = {**_TOTALS, "received": 1203, "unresolved": 99, "unresolvedOnTime": 95}


RECONCILED: Example = {
    **RECONCILIATION_PLANNED,
    "state": "complete",
    "finished_at": "2023-07-21T01:00:40Z",
    "position": 41234,
    "examined": 1204,
    "differences": 1,
    "equal": False,
    "totals": [
        {
            "agency": "10813",
            "id": "6193a5f0c2f5b4d0e8b0f6f0",
            "source": _TOTALS,
            "ours": _OURS,
            "ours_in_civil_days": _OURS,
            "equal": False,
        }
    ],
}


DIFFERING: Example = {
    "differences": [
        {
            "code": "000.00.19.H30-230615-0042",
            "cause": "never_served",
            "agency": "10813",
            "vi": "Nguồn có hồ sơ này nhưng chưa từng gửi trong các lần đồng bộ; lần đối soát này đã nhận vào.",
            "en": "The source has it and never served it in a pull; this reconciliation took it in.",
            "there": {
                "received_at": "2023-06-15T01:00:00Z",
                "closed_at": None,
                "due_at": "2023-06-20T10:00:00Z",
                "outcome": None,
                "agency": "10813",
                "channel": "online",
                "deleted": False,
            },
            "here": None,
            "applied": True,
        }
    ],
    "next_cursor": None,
}
