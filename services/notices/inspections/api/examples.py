"""Examples of requests and responses for OpenAPI; tests compare the responses with them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from services.notices.inspections.api.schemas import InspectionPage, InspectionSummary
from services.notices.inspections.model import Inspection

INSPECTION = Inspection.model_validate_json("""
{
  "province": "30", "scope": "294", "period": {"from": "2022-12-15", "to": "2023-07-20"}, "year": 2023,
  "issuer": {"name": "Ủy ban nhân dân huyện Thanh Hà", "short_name": "UBND huyện", "place_of_issue": "Thanh Hà",
             "territory": "huyện", "lines": ["Ủy ban nhân dân", "huyện Thanh Hà"], "superior": null, "symbol": "UBND"},
  "subject": ["Kết luận kiểm tra công tác kiểm soát thủ tục hành chính"],
  "inspected": "các phòng chuyên môn thuộc UBND huyện và UBND các xã, thị trấn",
  "plans": [{"kind": "Kế hoạch", "number": "48/KH-UBND", "on": "2023-03-30", "issuer": "Ủy ban nhân dân huyện Thanh Hà",
             "subject": "kiểm tra công tác kiểm soát thủ tục hành chính năm 2023"}],
  "report": {"kind": "Báo cáo", "number": "01/BC-ĐKT", "on": "2023-08-15", "issuer": "Đoàn kiểm tra thủ tục hành chính",
             "subject": "kết quả kiểm tra"},
  "team": "Đoàn kiểm tra",
  "counts": {"published": {"value": 30, "of": 32, "source_document": "Biên bản kiểm tra, mục công khai TTHC"}},
  "findings": {
    "publication": [{"text": "{published}/{published.of} cơ quan, đơn vị niêm yết đầy đủ danh mục TTHC"}],
    "shortcomings": [{"text": "Một số đơn vị niêm yết chưa đầy đủ", "agencies": ["10816"],
                      "items": ["Danh mục TTHC chưa được cập nhật", "Chưa công khai địa chỉ tiếp nhận phản ánh, kiến nghị"]}]
  },
  "overdue_causes": [{"cause": "staff", "text": "Hồ sơ trình nhầm tài khoản người phê duyệt", "own_finding": null}],
  "pending_causes": [{"cause": "staff", "text": "Công chức phụ trách chậm tham mưu", "own_finding": "Biên bản kiểm tra"}],
  "comparisons": [{"kpi": "in_time_share", "period": "năm 2022", "rate": "99.66"}],
  "targets": {"online_share": "80.00", "digitised_intake": null, "digitised_result": null},
  "tasks": {"done": 30, "assigned": 32},
  "causes": [{"text": "Người đứng đầu một số đơn vị chưa quan tâm đúng mức", "agencies": [], "items": []}],
  "recommendations": [{"text": "Niêm yết đầy đủ danh mục TTHC tại trụ sở", "agencies": [], "items": []}],
  "signatory": {"authority": ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"], "name": "Nguyễn Văn A"},
  "recipients": ["- Văn phòng UBND tỉnh;", "- Lưu: VT."],
  "annex_naming": "Biểu số"
}
""")


SUBMITTED_AT = datetime(2023, 8, 15, 9, tzinfo=UTC)


INSPECTIONS = InspectionPage([InspectionSummary(7, "30", "294", date(2022, 12, 15), date(2023, 7, 20), SUBMITTED_AT, 1)], None)
