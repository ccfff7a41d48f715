"""Examples of answers for OpenAPI: what a reader of the documentation sees, and what tests hold the answers to."""

from __future__ import annotations

from typing import Any

ROW: dict[str, Any] = {
    "id": 12,
    "inspection": 7,
    "stream": "30",
    "scope": "294",
    "period": {"from": "2022-12-15", "to": "2023-07-20"},
    "state": "draft",
    "position": 41234,
    "error": None,
    "attempts": 1,
    "next_attempt_at": None,
    "confirmed": {"kinds": [], "reason": None},
    "revision": 3,
    "asked_at": "2023-08-16T02:00:00Z",
    "made_at": "2023-08-16T02:00:01Z",
    "documents": {
        "pdf": "/v1/notices/12/document.pdf",
        "docx": "/v1/notices/12/document.docx",
        "xlsx": "/v1/notices/12/annexes.xlsx",
    },
}

CONFIRMING: dict[str, Any] = {"confirm": ["period_not_ended"], "reason": "Báo cáo nhanh theo yêu cầu của UBND tỉnh"}
UNCONFIRMED: dict[str, Any] = {
    "type": "https://motcua.example/problems/not-confirmed",
    "title": "The figures have caveats that must be confirmed",
    "status": 409,
    "detail": "The period ends on 2031-12-31; the figures were counted on 2026-11-26, before its last day was over.",
    "reasons": [
        {
            "kind": "period_not_ended",
            "detail": "The period ends on 2031-12-31; the figures were counted on 2026-11-26, before its last day was over.",
            "text": "Kỳ báo cáo kết thúc ngày 31/12/2031, nhưng số liệu được chốt khi kỳ chưa kết thúc.",
            "period_to": "2031-12-31",
            "counted_on": "2026-11-26",
        }
    ],
}

FIGURE: dict[str, Any] = {
    "key": "handled",
    "unit": "count",
    "numerator": 30938,
    "derived": {"how": "sum", "inputs": ["received_new", "carried_over"]},
    "value": 30938.0,
    "printed": "30.938",
}

MEASURED: dict[str, Any] = {
    "key": "received_new",
    "unit": "count",
    "numerator": 30566,
    "opened_by": "30~41234~received_new@1~294@2019-12-01~2022-12-15~2023-07-20~then",
    "rule": "received_new@1",
    "value": 30566.0,
    "printed": "30.566",
}

NOTICE: dict[str, Any] = {
    **ROW,
    "as_of": "2023-08-16T01:59:58Z",
    "freshness": {"head": 41234, "behind": 0, "complete": True},
    "caveats": [],
    "checks": [{"name": "resolved = resolved_early + resolved_on_time + resolved_overdue", "ok": True, "detail": ""}],
    "head": {
        "superior": "",
        "issuer": ["ỦY BAN NHÂN DÂN", "HUYỆN THANH HÀ"],
        "reference": "Số:        /TB-UBND",
        "place_and_date": "Thanh Hà, ngày        tháng        năm 2023",
        "kind": "THÔNG BÁO",
        "abstract": ["Kết luận kiểm tra công tác kiểm soát thủ tục hành chính"],
    },
    "sections": [
        {
            "level": 3,
            "label": "b)",
            "title": "Tiếp nhận và giải quyết TTHC",
            "paragraphs": [
                {
                    "section": "handling",
                    "source": "figures",
                    "lead": "-",
                    "text": "Các cơ quan, đơn vị có trách nhiệm giải quyết 30.938 hồ sơ.",
                    "runs": [
                        {"type": "text", "text": "Các cơ quan, đơn vị có trách nhiệm giải quyết "},
                        {"type": "figure", "text": "30.938", "figure": "handled"},
                        {"type": "text", "text": " hồ sơ."},
                    ],
                }
            ],
        }
    ],
    "signature": {"authority": ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"], "signatory": "Nguyễn Văn A"},
    "recipients": ["- Văn phòng UBND tỉnh;", "- Lưu: VT."],
    "annexes": [],
    "figures": {"handled": FIGURE, "received_new": MEASURED},
}

NOTICES: dict[str, Any] = {"notices": [ROW], "next_cursor": "wRqRu1q9DA"}
FIGURES: dict[str, Any] = {"figures": [FIGURE, MEASURED]}
OPENED: dict[str, Any] = {**FIGURE, "inputs": [MEASURED]}
INSPECTIONS: dict[str, Any] = {
    "inspections": [
        {
            "id": 7,
            "stream": "30",
            "scope": "294",
            "period_from": "2022-12-15",
            "period_to": "2023-07-20",
            "created_at": "2023-08-15T09:00:00Z",
        }
    ],
    "next_cursor": None,
}


def documented(example: Any, *other_media: str) -> dict[int | str, dict[str, Any]]:
    """OpenAPI of an answer that is sent as made, without a response model."""
    others: dict[str, Any] = {media: {"schema": {"type": "string", "format": "binary"}} for media in other_media}
    return {
        200: {"content": {"application/json": {"schema": {"type": "object"}, "example": example}, **others}},
        304: {"description": "The client has this answer already"},
    }


def file_of(media: str) -> dict[int | str, dict[str, Any]]:
    """OpenAPI of a file."""
    return {
        200: {"content": {media: {"schema": {"type": "string", "format": "binary"}}}},
        304: {"description": "The client has this file already"},
        409: {"description": "The notice is not made yet; `Retry-After` says when to ask again"},
    }
