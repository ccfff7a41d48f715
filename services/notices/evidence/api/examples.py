"""Examples of requests and responses for OpenAPI; tests compare the responses with them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec

from services.notices.evidence.api.schemas import (
    ChangedItem,
    EvidenceBody,
    EvidenceChanges,
    EvidencePage,
    EvidencePatch,
    EvidenceVersion,
    ListedItem,
    StoredEvidence,
    template_response,
)
from services.notices.evidence.model import EvidenceItem
from services.notices.evidence.templates import template_named

BODY = EvidenceBody.model_validate_json("""
{"items": [
  {"item": "publication.posted", "agencies": ["*"], "mark": "met"},
  {"item": "publication.posted", "agency": "10864", "mark": "partly", "note": "thiếu địa chỉ tiếp nhận phản ánh"},
  {"item": "reporting.reports", "agency": "10864", "about": "Báo cáo quý I/2023", "due": "2023-03-17", "on": "2023-03-21"},
  {"item": "review.repealed", "level": "commune", "about": "Người có công", "count": 1,
   "citation": "Quyết định số 895/QĐ-UBND ngày 15/5/2023 của Chủ tịch UBND tỉnh"}
]}
""")
PATCH = EvidencePatch.model_validate_json("""
{"items": [{"item": "publication.posted", "agency": "10864", "mark": "met"}],
 "remove": [{"item": "reporting.reports", "agency": "10864", "about": "Báo cáo quý I/2023"}]}
""")
STORED = StoredEvidence(7, 1, 34, 0, 0)
PATCHED = StoredEvidence(7, 2, 0, 1, 1)
REPORT = EvidenceItem(
    item="reporting.reports",
    agency="10864@2019-12-01",
    about="Báo cáo quý I/2023",
    due=date(2023, 3, 17),
    on=date(2023, 3, 21),
)
PAGE = EvidencePage(7, 1, 2023, [ListedItem(REPORT, "not_met", 4, 1)], None)
CHANGES = EvidenceChanges(
    inspection=7,
    start=1,
    end=2,
    versions=[EvidenceVersion(2, datetime(2023, 8, 16, 2, tzinfo=UTC), 0, 0, 1)],
    changes=[ChangedItem("removed", REPORT, None)],
    next_cursor=None,
)
_template = template_named(2023)
TEMPLATE = msgspec.structs.replace(template_response(_template), items=_template.items[:2])
