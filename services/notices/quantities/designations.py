"""Digits by which people call something: levels, versions, codes, steps, groups, years of an index, slogans. Pure.

They are let through in free texts; the audit of foreign notices reads by `references` alone. A number before a unit of
something counted is a quantity, whatever stands before it.
"""

from __future__ import annotations

import re

_MORE = r"(?:(?:, ?| và | đến | hoặc | ?[-–] ?)\d{1,4}[a-zđ]?)*"
"""The rest of an enumeration: `, 4, 6`, ` và 4`."""
_COUNTED = (
    "hồ sơ|bộ|hs|tthc|thủ|đơn|lượt|phiếu|cán|công chức|người|trường|ngày|xã|phường|cơ|văn|phản|kiến|giấy|nhiệm|báo|vụ|buổi|cuộc"
    "|đồng|nhân|đảng|đại|chuyên|lãnh|tin|bài|tổ chức|cá nhân|máy|điểm|kết|quyết|sổ|tháng|năm|giờ|lần|mẫu|quy|lĩnh|dịch|sai|lỗi"
    "|tờ|con|hộ|thành|học|trang|khoản"
)
"""First words of units of what is counted."""
_NO_UNIT = rf"\b(?![.,/]?\d| ?%| (?:{_COUNTED})\b)"
_ENDS = (
    r"(?=$|[,.;:)\"”'\n]| (?:và|của|đến|hoặc|theo|tại|trong|được|về|chưa|đã|là|thuộc|với|khi|do|để|cho|ở|vẫn|còn|phải|đều)\b)"
)
"""What stands after a number that is a name: a stop, or a word that begins no unit."""
_YEAR = r"(?:19|20)\d{2}"
_SLOGAN = r"\d [^\W\d]+(?: [^\W\d]+)?"

_KINDS: tuple[str, ...] = (
    rf"(?:các ngày )?thứ [2-7]{_MORE}{_NO_UNIT}",
    r"(?:24/7|24/24)\b",
    r"\d sao\b",  # sản phẩm 4 sao
    r"(?:điều|khoản|mục|tiểu mục) \d+ ?[-–] ?\d+\b",
    rf"(?:tháng|các tháng) \d{{1,2}}(?:(?:, ?| và | ?[-–] ?)(?:tháng )?\d{{1,2}})+(?:/{_YEAR})?{_NO_UNIT}",
    r"(?:lễ|dịp|tết|quốc khánh|chiến thắng)(?: lễ)? \d{1,2}/\d{1,2}(?:(?:, ?| và )\d{1,2}/\d{1,2})*" + _NO_UNIT,
    rf"(?:cấp độ|phiên bản|công nghệ|công nghiệp|chuyển đổi số|bậc|ngạch|bưu chính)(?: số)? \d+(?:[./]\d+)*{_NO_UNIT}",
    rf"(?:mã|mã số|mã bưu chính|mã định danh|mã đơn vị|mã tthc) \d+(?:\.\d+)*{_NO_UNIT}",
    r"(?-i:[A-Z][A-Za-z]+) \d+(?:\.\d+){2,}\b",  # VNeID 2.1.6
    r"\d\.\d{6}(?:\.\d{2,3})*(?:\.[A-Z]\d{2})?\b",  # 1.001612.000.00.00.H48
    r"(?:\d{2,3}\.){0,4}[A-Z]\d{2}(?:\.\d{1,3}){0,4}(?:-\d{6}-\d{3,6})?\b",  # 000.00.19.H23-230615-0042
    r"(?-i:[IVX]{1,5})\.\d+[a-zđ]?\b",  # II.06a
    r"(?-i:[A-ZĐ]{1,5}(?:[-./][A-ZĐ]{1,6}){1,3})[-./]\d+\b",  # TP-HT-2020
    r"(?-i:ĐT|QL|TL|HL)[ .]?\d{1,3}[A-Z]?\b",
    r"(?:[a-z]{1,30}\.){1,6}vn:\d+\b",
    r"(?:bước|đợt|câu|câu hỏi|dòng|cột|bảng|hình|tiêu chí|đường tỉnh|tỉnh lộ|quốc lộ|phường|quận|đội|xóm|quầy|cửa"
    r"|bàn|tổ|khu|khu dân cư|cụm|lớp|bcđ|ban chỉ đạo|tờ bản đồ|thửa|thửa đất|lô|vào sổ)"
    rf"(?: số)? \d{{1,4}}(?:\.\d+)*[a-zđ]?(?:(?:, | và )(?:[^\W\d]{{1,5}} ){{0,2}}(?:số )?\d{{1,4}})*{_NO_UNIT}",
    rf"(?:cấp|lần|nhóm|hạng|loại|vùng|huyện loại) \d{{1,2}}{_MORE}{_ENDS}",
    rf"(?:nghị định|thông tư|quyết định|nghị quyết|chỉ thị|công văn|bộ chỉ số|kế hoạch) \d{{1,5}}(?:/{_YEAR})?{_NO_UNIT}",
    rf"luật(?: [^\W\d]+){{1,7}}?(?: năm)? {_YEAR}\b",  # Luật Cư trú 2020
    rf"(?:tầm nhìn|tầm nhìn đến|so với|cùng kỳ|nguyên đán) {_YEAR}{_NO_UNIT}",
    rf"(?-i:[A-Z]{{2,8}}(?: [A-Z]{{2,8}}){{0,2}}) {_YEAR}{_NO_UNIT}",  # PAPI 2022
    r"(?:mô hình|chính quyền|chính quyền địa phương|một cửa|cơ chế) \d cấp\b",
    r"(?:1 cửa|360 độ|i[3579])\b",
    rf"(?:(?:phương châm|khẩu hiệu|phong trào|nguyên tắc) [\"“']?|[\"“'])\d (?!(?:{_COUNTED})\b)[^\W\d]+(?: [^\W\d]+)?"
    rf"(?:, {_SLOGAN}){{0,6}}(?=[\"”'.,;]|$| trong| và)",
    r"\d (?:tăng|giảm|không|biết|rõ|xin|luôn|dám)(?:, \d (?:tăng|giảm|không|biết|rõ|xin|luôn|dám|thể hiện)){1,6}",
    r"\d bước tại chỗ\b",
    r"số \d{1,4}[a-z]? (?:phố|đường|ngõ|ngách|hẻm)\b",
    rf"(?:hộp thư|số nhà|trường(?: \w+){{1,3}}|tổ(?: \w+){{1,4}}|(?:sổ|phiếu)(?: [^\W\d]+){{0,3}}) số \d{{1,4}}{_NO_UNIT}",
    r"số [A-Z]{1,3} ?\d{4,}\b",
    r"chỉ số \d\.\d\b(?!,)",
    r"tuổi từ \d{1,2}\b",
    r"\d{1,2} giờ hành chính\b",
    rf"(?:cuối|trước|trong) (?:giờ )?ngày \d{{1,2}}{_ENDS}",
)
DESIGNATION = re.compile(r"(?<!\w)(?:" + "|".join(_KINDS) + ")", re.IGNORECASE)
"""Any of them; each begins where a word begins."""


def without_designations(text: str) -> str:
    """The text with every designation blanked out, of the same length."""
    return DESIGNATION.sub(lambda match: " " * len(match.group()), text)
