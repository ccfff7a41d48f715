"""A check as callers see it."""

from __future__ import annotations

from services.ingest.components import Example

CHECK: Example = {
    "source": "hai-duong",
    "province": "30",
    "kind": "igate",
    "enabled": False,
    "ok": False,
    "checked_at": "2023-07-20T03:16:00Z",
    "calls": 1,
    "seconds": 0.21,
    "steps": [
        {"step": "settings", "outcome": "works", "en": "The settings can be read.", "vi": "Thiết lập đọc được.", "change": []},
        {
            "step": "address",
            "outcome": "works",
            "en": "motcua.example:443 answers.",
            "vi": "motcua.example:443 có trả lời.",
            "change": [],
        },
        {
            "step": "token",
            "outcome": "fails",
            "en": "The source gives no tokens at /auth/realms/digi/protocol/openid-connect/token: nothing is there. Check"
            " base_url and realm.",
            "vi": "Không có gì tại /auth/realms/digi/protocol/openid-connect/token. Kiểm tra base_url và realm.",
            "change": ["settings.base_url", "settings.realm"],
        },
        {
            "step": "list",
            "outcome": "not_tried",
            "en": "Not tried, since the step token fails.",
            "vi": "Chưa thử vì bước token không được.",
            "change": [],
        },
    ],
    "record": None,
}
