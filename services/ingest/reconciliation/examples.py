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
    "applied": 0,
    "remarks": 0,
    "dismissed_at": None,
    "dismissed_by": None,
    "dismissed_for": None,
    "failure": None,
    "last_error": None,
    "equal": None,
    "received_means": None,
    "judged_at": None,
    "vi": None,
    "en": None,
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
    "remarks": 3,
    "equal": False,
    "received_means": "with_carried_over",
    "judged_at": "2023-07-20T23:59:59.999000Z",
    "vi": "Số liệu của 1 cơ quan còn lệch. Có 1 hồ sơ trong danh sách kèm nguyên nhân, đã nhận bổ sung 0 hồ sơ.",
    "en": "The totals of 1 agencies differ. 1 dossiers are listed with the likely cause; 0 of them were taken in.",
    "totals": [
        {
            "agency": "10813",
            "id": "6193a5f0c2f5b4d0e8b0f6f0",
            "source": _TOTALS,
            "ours": _OURS,
            "ours_in_civil_days": _OURS,
            "equal": False,
            "late_alike": True,
        }
    ],
}


DIFFERING: Example = {
    "differences": [
        {
            "code": "000.00.19.H30-230615-0042",
            "cause": "finished_there_open_here",
            "agency": "10813",
            "vi": "Tại nguồn đã kết thúc, tại đây còn đang giải quyết.",
            "en": "Finished at the source, in process here.",
            "there": {
                "received_at": "2023-06-15T01:00:00Z",
                "closed_at": "2023-06-20T03:00:00Z",
                "due_at": "2023-06-20T10:00:00Z",
                "outcome": "resolved",
                "agency": "10813",
                "channel": "online",
                "deleted": False,
            },
            "here": {
                "received_at": "2023-06-15T01:00:00Z",
                "closed_at": None,
                "due_at": "2023-06-20T10:00:00Z",
                "outcome": None,
                "agency": "10813",
                "channel": "online",
                "deleted": False,
            },
            "applied": False,
            "remark": False,
        }
    ],
    "next_cursor": None,
}


DISMISSED: Example = {
    **RECONCILED,
    "dismissed_at": "2023-07-22T08:05:00Z",
    "dismissed_by": "văn phòng",
    "dismissed_for": "Cổng cũ đã đóng; hồ sơ được kiểm tra tại đơn vị",
}
