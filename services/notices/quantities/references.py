"""Digits that count nothing: numbers of documents, articles, days, periods, hours, telephones and names.

Pure. What is left when they are taken away are the quantities of a text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.notices.quantities.designations import without_designations


def _beginning(words: Sequence[str]) -> str:
    """A pattern of what begins with one of some words in any case, letter by letter: another word costs a look or two."""
    following: dict[str, list[str]] = {}
    for word in words:
        if not word:
            return ""
        following.setdefault(word[0], []).append(word[1:])
    return "(?:" + "|".join(f"[{letter}{letter.upper()}]{_beginning(rest)}" for letter, rest in following.items()) + ")"


_MONTHS = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:19|20)\d{2}"
_PERIODS = rf"""
      (?i:(?:{_MONTHS}|một|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười(?:[ ]một)?)[ ]tháng[ ](?:đầu|cuối)[ ]năm)
      (?:[ ]{_YEAR}\b|[ ](?:ngoái|trước|nay)\b)?
    | (?i:(?:ba|sáu|chín|0?[369])[ ]tháng)(?=[ ]?/?[ ]?(?:năm[ ])?{_YEAR}\b)(?:[ ]?/?[ ]?(?:năm[ ])?{_YEAR})
    | (?i:nửa[ ](?:đầu|cuối)[ ]năm)(?:[ ]{_YEAR}\b|[ ](?:ngoái|trước|nay)\b)?
    | (?i:các[ ]quý|quý|quí)[ ](?:(?:IV|III|II|I|[1-4](?![.,]\d{{3}}))\b(?:[ ]?(?:,|và|-|–)[ ]?(?:IV|III|II|I
            |[1-4])\b)*)(?:(?:[ ]năm[ ]|[ ]?[/-][ ]?|[ ]){_YEAR}\b)?
    | (?i:tháng)[ ]{_MONTHS}(?:(?:[ ]năm[ ]|[ ]?[/.-][ ]?){_YEAR}\b|\b(?![.,/]?\d))
    | (?i:tuần)[ ](?:thứ[ ])?\d{{1,2}}\b(?![.,/]?\d)
    | (?i:giai[ ]đoạn|nhiệm[ ]kỳ|nhiệm[ ]kì|các[ ]năm|những[ ]năm)[ ]{_YEAR}(?:(?:[ ]?[-–][ ]?|[ ]đến[ ]|[ ]và[ ]
            |,[ ]){_YEAR})+\b
    | (?i:năm)[ ]{_YEAR}(?:(?:[ ]?[-–][ ]?|,[ ]|[ ]và[ ]){_YEAR}\b(?![.,]?\d|[ ]?%|[ ]hồ))*\b
"""
_PERIODS_BEGIN = (
    *("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười", "nửa", "các quý", "quý", "quí", "tháng", "tuần"),
    *("giai đoạn", "nhiệm k", "các năm", "những năm"),
)
"""What periods begin with but for digits: no other is found."""
PERIOD = re.compile(_PERIODS, re.VERBOSE)
"""Stretches of time that figures are told for."""

_NUMBERED = rf"""
      \d+[a-zđ]?/{_YEAR}/[A-ZĐ][\wĐđ.&/-]*                                         # 45/2020/NĐ-CP
    | \d+[a-zđ]?[ ]?[/-][A-ZĐ][A-ZĐ]+[\wĐđ.&/-]*                                   # 895/QĐ-UBND, 01-NQ/TW
    | (?<!\d[.,])\d{{1,2}}(?:[hg]|[ ]?giờ)(?:[ ]?\d{{2}})?(?:[ ]?(?:phút|['’]))?(?=[ ]?(?:-|–|đến|ngày|sáng|chiều|tối|hằng
            |hàng|các|mỗi|,|\.|;|\)|$))
    | \d{{1,2}}[ ]?[/.-][ ]?\d{{1,2}}[ ]?[/.-]+[ ]?{_YEAR}\b                           # 30/3/2023
    | {_PERIODS}
    | {_YEAR}[ ]?[-–][ ]?{_YEAR}\b
    | (?:0?[1-9]|1[0-2])/{_YEAR}\b                                                # 9/2023
    | 0\d{{2,3}}[. -]\d{{3,4}}[. -]\d{{3,4}}\b | 0\d{{9}}\b | 1[89]00[. ]?\d{{4,6}}\b
    | \d{{1,2}}(?:[ ]?[-–][ ]?\d{{1,2}})?[ ](?i:tuổi)\b
    | (?i:5S[ -])\d+(?:[:.-]\d+)*\b(?![.,]?\d*[ ]?%)
    | \d{{1,2}}[ ](?i:trong)[ ]1\b(?![.,]?\d)                                         # vắc xin 5 trong 1
    | \d{{1,2}}(?=[ ]tại[ ]chỗ\b) | \d{{1,2}}[A-ZĐ]\b                              # 4 tại chỗ, 5S, 4G
"""
"""References that begin with a digit."""
_NO_THOUSANDS = r"(?![1-9]\d{0,2}(?:\.\d{3})+(?![\d.]\d))"
"""`trang 1.234` of a count, not of a book: no article or page has so high a number with a dot in it."""
_NO_COUNT = (
    r"(?![1-9]\d{0,2}\.\d{3}(?![.\- ]?\d)|\d+[ ](?:lượt|cuộc|hồ[ ]sơ|phiếu|yêu[ ]cầu|ý[ ]kiến|phản[ ]ánh|câu|trường|đơn|người))"
)
"""No thousands, and no unit behind: `tổng đài 7.385` tells how many came that way, `tổng đài 1900 9095` where to call."""
_WORDED = rf"""
      (?i:số[ ])\d+[a-zđ]?[ ]?[/-][ ]?[A-ZĐ][\wĐđ.&/-]*                             # số 34/KH-UBND, Số 05-NQ/TW
    | (?i:số[ ])\d+/{_YEAR}/[A-ZĐ][\wĐđ.&/-]*
    | (?i:ngày)[ ]\d{{1,2}}[ ]tháng[ ]\d{{1,2}}(?:[ ]năm[ ]{_YEAR})?\b
    | (?i:(?:ngày|từ|đến|trước|hết|thời[ ]điểm|sáng|chiều))[ ]\d{{1,2}}[/-]\d{{1,2}}(?:[/-]{_YEAR})?\b(?![/\d]|\.\d|[ ]?(?:hồ
            |đơn|xã|TTHC|HS|bộ))
    | (?i:đến[ ]hết)[ ](?:ngày[ ])?\d{{1,2}}/\d{{1,2}}(?:/{_YEAR})?\b
    | {_PERIODS}
    | (?<!(?i:danh|hạng)[ ])(?<!(?i:tài)[ ])(?<!(?i:chuyển)[ ])(?<!(?i:chuyên)[ ])
        (?i:(?:Điều|Khoản|khoản|Mục|mục|Chương|Mẫu[ ]số|Biểu[ ]số|Biểu|Phụ[ ]lục
            |(?<!cổ[ ])(?<!một[ ])(?<!toàn[ ])Phần|trang|Tiết|tiêu[ ]chí[ ]số
            |chỉ[ ]số[ ]thành[ ]phần[ ]số|STT))[ ](?:số[ ])?{_NO_THOUSANDS}\d+(?:\.\d+)*(?:[ ]?(?:,|và)[ ]?\d+)*\b
            (?![.,]?\d|[ ]?%|[ ](?:triệu|tỷ|nghìn|đồng)\b)
    | (?i:mức(?:[ ]độ)?)[ ]\d(?:[ ]?(?:,|và|/|-|–)[ ]?\d)*\b(?![.,]?\d|[ ]?%)
    | (?i:Đề[ ]án)(?:[ ]số)?[ ]\d+\b
    | (?i:(?:quyết[ ]định|chỉ[ ]thị|công[ ]văn|kế[ ]hoạch|thông[ ]tư|nghị[ ]định|nghị[ ]quyết|thông[ ]báo
            |tờ[ ]trình|báo[ ]cáo|luật)[ ]số)[ ]\d+(?:[ ]?[/-][\wĐđ.&/-]*\w)?
    | (?i:(?:hotline|đường[ ]dây[ ]nóng|điện[ ]thoại|số[ ]máy|ĐT|tổng[ ]đài|fax|zalo
            |di[ ]động))(?:[ ]số)?[ ]?:?[ ]?{_NO_COUNT}\(?\+?\d[\d.\- ()]{{2,}}\d
    | (?i:(?:từ|trên|đủ)[ ](?:đủ[ ])?\d{{1,2}}[ ](?:tuổi[ ])?(?:đến|tới)[ ](?:dưới[ ]|hết[ ]|đủ[ ])?\d{{1,2}}[ ]tuổi)\b
    | (?i:tuổi[ ](?:đời[ ])?(?:cao|lớn|thấp|nhỏ|trẻ|ít)[ ]nhất(?:[ ]là)?[ ])\d{{1,2}}\b(?![.,]?\d)
        (?:(?i:(?:,|;|[ ]và)[ ](?:người[ ])?(?:cao|lớn|thấp|nhỏ|trẻ|ít)[ ]nhất(?:[ ]là)?[ ])\d{{1,2}}\b(?![.,]?\d))?
    | (?i:(?:dưới|trên|từ|đủ|độ)[ ])\d{{1,2}}(?:[ ]?[-–][ ]?\d{{1,2}})?[ ](?i:tuổi)\b
    | (?i:(?:Covid|SARS-CoV|Chương[ ]trình|Nghị[ ]quyết|Chỉ[ ]thị|Windows|Office|ISO|TCVN|QCVN|Mức|Top|Zalo[ ]OA
            |Web|Android|iOS)[ -])\d+(?:[:.-]\d+)*\b(?![.,]?\d*[ ]?%)
    | (?i:(?:trước|đến|từ|vào|sau|hết)[ ]ngày)[ ](?:mùng[ ])?\d{{1,2}}\b(?![.,/-]?\d|[ ]?%|[ ](?:hồ|đơn|lượt|phiếu))
    | (?i:ngày)[ ]\d{{1,2}}(?=[ ](?:hằng|hàng|mỗi|của)[ ]tháng)
    | (?i:(?:cơ[ ]chế|phương[ ]châm|mô[ ]hình|nguyên[ ]tắc|phong[ ]trào|khẩu[ ]hiệu))[ ]["“']?\d{{1,2}}(?=[ ][a-zđ])
    | [A-ZĐ]{{1,4}}\d{{1,3}}\b
"""
"""References that begin with a word; but for periods a number follows."""
_WORDED_BEGIN = (
    *_PERIODS_BEGIN,
    *(
        "số",
        "ngày",
        "từ",
        "đến",
        "trước",
        "hết",
        "thời điểm",
        "sáng",
        "chiều",
        "vào",
        "sau",
        "trên",
        "dưới",
        "đủ",
        "độ",
        "tuổi",
    ),
    *("điều", "khoản", "mục", "chương", "mẫu số", "biểu", "phụ lục", "phần", "trang", "tiết", "tiêu chí số", "chỉ số", "stt"),
    *("mức", "đề án", "quyết định", "chỉ thị", "công văn", "kế hoạch", "thông tư", "nghị định", "nghị quyết", "thông báo"),
    *("tờ trình", "báo cáo", "luật", "hotline", "đường dây", "điện thoại", "đt", "tổng đài", "fax", "zalo", "di động"),
    *("covid", "sars", "windows", "office", "iso", "tcvn", "qcvn", "top", "web", "android", "ios"),
    *("cơ chế", "phương châm", "mô hình", "nguyên tắc", "phong trào", "khẩu hiệu"),
)
"""What they begin with but for capitals and digits: no other is found."""
_ADDRESSES = r"https?://\S+ | www\.\S+ | [\w.+-]{1,64}+@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}"

_BEFORE_NUMBER = 40
"""No reference has its first digit further from its begin."""

REFERENCE = re.compile(
    rf"""
    \b(?=\w)(?:  # a word begins: nothing is tried elsewhere
      (?=[hw]|[\w.+-]{{1,64}}+@)(?:{_ADDRESSES})
    | (?=\d)(?:{_NUMBERED})
    | (?={_beginning(_WORDED_BEGIN)}|[A-ZĐ]{{1,4}}\d)(?=\D{{1,{_BEFORE_NUMBER}}}+\d)(?:{_WORDED})
    | (?={_beginning(_PERIODS_BEGIN)})(?:{_PERIODS})
    )
    """,
    re.VERBOSE,
)
"""Patterns of administrative references, as decree 30/2020 and usage write them."""

NAME = re.compile(
    r"(?i:\b(?:tổ|thôn|khu|khu phố|phố|xóm|ấp|quầy|bàn|phòng|cửa|tuần|tầng|kênh|nhà|lần thứ|thứ|biểu|mẫu|phụ lục)(?: số)? )"
    r"\d{1,4}[a-zđ]?\b(?![.,/]?\d| ?%| (?:hồ|bộ|hs|tthc|thủ|đơn|lượt|phiếu|cán|công|người|trường|ngày|xã|phường|cơ|văn|đồng"
    r"|đảng|nhân|hộ|thành viên))",
    re.IGNORECASE,
)
"""Names that are numbers: `Tổ 7`, `quầy số 3`, `lần thứ 2`; with a unit behind it the number counts."""

_NUMBER = re.compile(r"\d[\d.,/]*\d|\d")


def without_references(text: str) -> str:
    """The text with every reference blanked out, of the same length."""
    return REFERENCE.sub(lambda match: " " * len(match.group()), text)


def quantities(text: str) -> list[str]:
    """The numbers in `text` that count something, as written."""
    return [text[start:end] for start, end in quantity_spans(text)]


def quantity_spans(text: str) -> list[tuple[int, int]]:
    """Where the numbers in `text` that count something begin and end."""
    blanked = NAME.sub(lambda match: " " * len(match.group()), without_references(without_designations(text)))
    return [match.span() for match in _NUMBER.finditer(blanked)]
