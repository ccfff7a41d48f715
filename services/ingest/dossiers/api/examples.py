"""Of dossiers and due dates."""

from __future__ import annotations

from services.ingest.components import Example
from services.ingest.deadlines.examples import EXPLAINED

DEADLINE: Example = {
    "province": "30",
    "code": "000.00.19.H30-230428-0042",
    "position": 41234,
    "due_on": "2023-05-08",
    "due_basis": "legal",
    "legal_due_on": "2023-05-08",
    "extended_due_on": None,
    "portal_due_on": "2023-05-03",
    "timeliness": "on_time",
    "portal_timeliness": "overdue",
    "cause": "days_off_counted",
    "cause_explained": {
        "vi": {
            "text": "Phần mềm tính cả ngày nghỉ nên hẹn trả thứ Tư 03/5/2023; hạn đúng luật là thứ Hai 08/5/2023.",
            "action": "Cập nhật lịch ngày nghỉ của phần mềm và sửa ngày hẹn trả; không tính là quá hạn.",
        },
        "en": {
            "text": "The software counted days off and set Wednesday 2023-05-03; the legal date is Monday 2023-05-08.",
            "action": "Bring the software's calendar up to date and correct the appointment; it is not overdue.",
        },
    },
    "contradictions": [],
    "version_computed_by": {
        "catalogue": 3,
        "calendar": "vn-6217ac34",
        "rules": ["clock@3", "clock@4"],
        "decided_at": "2023-07-01T00:00:00Z",
    },
    "to_be_redated": False,
    "calendar_version": "vn-6217ac34",
    "rule_version": "clock@3",
    "explained": EXPLAINED,
}
DOSSIER: Example = {
    "province": "30",
    "code": "000.00.19.H30-230428-0042",
    "number": 1702,
    "source": "hai-duong",
    "position": 41234,
    "mapped": True,
    "facts": {
        "code": "000.00.19.H30-230428-0042",
        "status": "resolved",
        "agency": "10813@2019-01-01",
        "procedure": "1.001612",
        "sector": "KD",
        "channel": "online",
        "received_on": "2023-04-28",
        "due_on": "2023-05-08",
        "due_basis": "legal",
        "legal_due_on": "2023-05-08",
        "portal_due_on": "2023-05-03",
        "late_from": "2023-05-09",
        "due_soon": ["2023-05-05", "2023-04-28", "2023-04-26"],
        "ended_on": "2023-05-08",
        "outcome": "resolved",
        "timeliness": "on_time",
        "portal_late_from": "2023-05-04",
        "portal_timeliness": "overdue",
        "spent_minutes": 1440,
        "limit_minutes": 1440,
        "cause": "days_off_counted",
    },
    "findings": [{"kind": "step_after_end", "at": "2023-05-08T09:00:00Z", "before": "resolved", "after": "processing"}],
    "sources": [
        {
            "source": "hai-duong",
            "at": "2023-05-08T08:30:00Z",
            "believed": ["agency", "procedure", "channel", "due_at", "course"],
            "about": {"agency": "10813", "procedure": "1.001612", "channel": "online"},
            "due_at": "2023-05-03T10:00:00Z",
            "course": {"status": "resolved", "received_at": "2023-04-28T02:00:00Z", "ended_at": "2023-05-08T08:30:00Z"},
        }
    ],
    "events": [
        {
            "code": "000.00.19.H30-230428-0042",
            "source": "hai-duong",
            "id": "63900000",
            "at": "2023-05-08T08:30:00Z",
            "about": {"agency": "10813", "procedure": "1.001612", "channel": "online"},
            "due_at": "2023-05-03T10:00:00Z",
            "course": {"status": "resolved", "received_at": "2023-04-28T02:00:00Z", "ended_at": "2023-05-08T08:30:00Z"},
            "pauses": [],
            "steps": [{"at": "2023-05-04T01:00:00Z", "status": "processing", "proven": True}],
            "reading": 2,
            "served_at": "2023-05-08T08:31:05Z",
        }
    ],
}


UNMAPPED = [
    {"kind": "agency", "code": "108I3", "count": 1, "nearest": "10813"},
    {"kind": "procedure", "code": "NB-17", "count": 1, "nearest": None},
]
