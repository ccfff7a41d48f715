"""Of the catalogue and its changes."""

from __future__ import annotations

from services.ingest.components import Example

AGENCY: Example = {
    "code": "10828",
    "name_vi": "Xã Cẩm Việt",
    "name_en": "Cẩm Việt commune",
    "kind": "commune",
    "parent": "294",
    "valid_from": "2024-12-01",
    "valid_to": "2025-07-01",
    "successors": ["10828@2025-07-01"],
    "legal_basis": "Nghị quyết 1250/NQ-UBTVQH15",
}
PROCEDURE: Example = {
    "code": "1.001193",
    "name_vi": "Đăng ký khai sinh",
    "name_en": "Registration of birth",
    "sector": "HT",
    "level": "full",
    "limit": {"amount": 1, "unit": "working_days"},
    "valid_from": "2019-12-01",
}
CHANGED: Example = {"province": "30", "version": 3, "entries": 1, "dry_run": False}
AGENCY_CHANGE: Example = {
    **CHANGED,
    "dry_run": True,
    "differences": {
        "added": ["10828@2025-07-01"],
        "changed": ["10828@2024-12-01"],
        "removed": [],
        "plan": {
            "begins": ["10828@2025-07-01"],
            "ends": ["10828@2024-12-01"],
            "moves": {"10828@2024-12-01": ["10828@2025-07-01"]},
            "abolished": [],
            "without_parent": [],
            "findings": [],
        },
    },
    "unknown_headings": ["STT"],
}
PROCEDURE_CHANGE: Example = {
    **CHANGED,
    "differences": [
        {
            "code": "1.001193",
            "kind": "changed",
            "valid_from": "2019-12-01",
            "fields": {"limit": [{"amount": 3, "unit": "working_days"}, {"amount": 1, "unit": "working_days"}]},
            "changes_due_dates": True,
        }
    ],
    "unknown_headings": [],
}
DAYS: list[Example] = [
    {
        "day": "2024-04-29",
        "worked": False,
        "legal_basis": "Công văn 2450/VPCP-KGVX",
        "known_from": "2024-04-12",
        "verified": True,
    },
    {"day": "2024-05-04", "worked": True, "legal_basis": "Công văn 2450/VPCP-KGVX", "known_from": "2024-04-12"},
]
POLICIES: Example = {
    "office_hours": "mon-thu 07:30-11:30 13:30-17:00; fri 07:30-11:30 13:30-16:30",
    "agency_hours": {"10813": "mon-fri 07:00-11:30 13:30-17:00"},
    "clock": [
        {
            "version": "hai-duong@1",
            "valid_from": "2023-01-01",
            "supplement": "restart",
            "stop_event": "result_ready",
            "legal_basis": "Quyết định 12/2022/QĐ-UBND",
        }
    ],
    "sources": {"order": ["hai-duong-igate", "cong-quoc-gia"], "fields": {"due_at": ["cong-quoc-gia"]}},
}
EFFECT: Example = {
    "due_dates": 118,
    "judgements": {"overdue>on_time": 9},
    "agencies_changed": 0,
    "agencies": {"10816@2019-12-01": {"dossiers": 118, "due_dates": 118, "judgements": 9, "joined": 0, "left": 0}},
    "since": "2023-03-01",
    "until": "2023-07-19",
}
REDATINGS: Example = {
    "redatings": [
        {
            "id": 5,
            "province": "30",
            "reason": "procedures",
            "catalogue": 3,
            "only_unmapped": False,
            "done_to": 32220,
            "upto": 32220,
            "examined": 32220,
            "changed": 118,
            "from_position": 41235,
            "to_position": 41352,
            "created_at": "2023-07-20T03:16:00Z",
            "finished_at": "2023-07-20T03:16:20Z",
            "effect": EFFECT,
            "restatement": {"after": 41234, "upto": 41352},
        }
    ]
}
VERSIONS: Example = {
    "versions": [
        {
            "version": 3,
            "position": 41235,
            "reason": "agencies",
            "decided_at": "2025-07-01T01:00:00Z",
            "decided_by": "so-noi-vu",
            "note": "Nghị quyết 1665/NQ-UBTVQH15",
            "examined": 32220,
            "changed": 118,
            "finished_at": "2025-07-01T01:00:20Z",
            "effect": EFFECT,
        }
    ]
}
RESTORED: Example = {"province": "30", "version": 4, "restored": 2, "parts": ["agencies"]}
