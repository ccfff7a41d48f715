"""Of sources, their pulls and reconciliations."""

from __future__ import annotations

from services.ingest.components import Example

SOURCE: Example = {
    "name": "hai-duong",
    "province": "30",
    "kind": "igate",
    "settings": {
        "base_url": "https://motcua.example",
        "realm": "digo",
        "client_id": "motcua",
        "rate": 5,
        "statuses": {"Chờ liên thông thuế": "payment_requested"},
    },
    "secret": "HAI_DUONG",
    "reading": 2,
    "reread_since": None,
    "sent_again_at": None,
    "sent_again_by": None,
    "sent_again_for": None,
    "enabled": True,
    **dict.fromkeys(("retired_at", "retired_by", "retired_for", "dismissed_at", "dismissed_by", "dismissed_for")),
    "every_seconds": 60.0,
    "expected_every_seconds": None,
    "cursor": {"complete": True, "top": "2023-07-20T03:15:58Z"},
    "next_at": "2023-07-20T03:17:00Z",
    "attempts": 0,
    "breaker": {
        "state": "closed",
        "since": "2023-07-20T03:16:00Z",
        "failures": 0,
        "times_opened": 0,
        "last_failure": None,
    },
    "total": 32220,
}

SENT_AGAIN_FOR: Example = {"reason": "Đơn vị cung cấp phần mềm đã gửi lại toàn bộ hồ sơ"}
SENT_AGAIN: Example = {
    **SOURCE,
    "name": "so-tu-phap",
    "kind": "own",
    "settings": {},
    "secret": None,
    "expected_every_seconds": 86400.0,
    "cursor": None,
    "breaker": None,
    "total": None,
    "sent_again_at": "2023-07-20T08:05:00Z",
    "sent_again_by": "văn phòng",
    "sent_again_for": "Đơn vị cung cấp phần mềm đã gửi lại toàn bộ hồ sơ",
}
