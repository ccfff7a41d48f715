"""Names of persons where an agency, a procedure or a word of a list should stand. Pure.

Wards, communes and schools are named after people (`Trần Phú`, `Nguyễn Văn Cừ`), and family names are words of agencies too
(`Tôn Giáo`, `Cao Đẳng Y Tế`): a name alone does not tell. An agency that is withheld is lost to every figure, and an official's
name in its place is rare. So in doubt a text is none of a person: withheld is what is written as only people are, with `Văn` or
`Thị` after a family name, three words of which the first is nothing but a family name, or a title before a family name.
"""

from __future__ import annotations

import re
import unicodedata

from shared.vietnamese import unaccented

_ONLY_FAMILIES = "Nguyễn Trần Lê Phạm Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Trịnh Trương Phùng Quách Khuất Doãn Đàm"
_WORDS_TOO = (
    "Hoàng Đào Đoàn Lâm Mai Cao Châu Lương Lưu Tạ Tô Thái Thạch Tống Kiều Nghiêm Hà Lại Triệu Vương Tăng La Giang Chu Nông "
    "Vi Hứa Sầm Danh Thân Từ Mạc Lò Giàng Vàng Sùng Thào Cầm Quàng Tòng Bế Ma Tôn Bạch Lục Ninh Phí Viên Siu Ksor Kpă Nay "
    "Rah Rmah Rơ Điểu Lù Vừ Mùa Hạng Cứ Ly Chảo Tẩn Hầu Phàn Lầu Lường Đèo Khổng Ngụy"
)
_FAMILIES = frozenset(_ONLY_FAMILIES.split())
"""Three words that begin with one of these are a person's name, unless a word of agencies is among them."""
_ALL_FAMILIES = _FAMILIES | frozenset(_WORDS_TOO.split())
"""With those that are also words or places: they count before `Văn` or `Thị`, and after a title."""
_PLAIN_FAMILIES = frozenset(("nguyen", "tran", "huynh", "hoang", "bui", "ngo", "quach"))
"""Without accents: those that are no other word's spelling then."""
_ALL_PLAIN_FAMILIES = frozenset(map(unaccented, _ALL_FAMILIES - {"Đỗ"}))
"""Without Đỗ: `DO THI` is a city."""
_MIDDLE = frozenset(("van", "thi"))
_OF_AGENCIES = re.compile(
    r"\b(?:ubnd|hđnd|ủy ban|uỷ ban|hội đồng|chi cục|trung tâm|văn phòng|công an|bệnh viện|thị trấn|thị xã|thành phố|đặc khu"
    r"|chi nhánh|công ty|đơn vị|cơ quan|tòa án|kho bạc|bảo hiểm|thanh niên|thanh tra|đăng ký|hồ sơ|thủ tục|lĩnh vực|tư pháp"
    r"|hộ tịch|một cửa|xử lý|tiếp nhận|giải quyết|kết quả|đất đai|y tế|giáo dục|xã hội|lý lịch|lý do|vũ trang|võ thuật"
    r"|đỗ xe|văn công"
    r"|(?:sở|phòng|ban|cục|bộ|vụ|trạm|đội|tổ|xã|phường|huyện|quận|tỉnh|tp|thuế|quỹ|nhà)(?= ))\b"
)
"""Words of which one makes a text no name of a person; those of one syllable are given names too where they stand last."""
_PLAIN_AGENCIES = re.compile(r"\b(?:ubnd|chi cuc|trung tam|van phong|thi tran|thi xa|thanh pho|ho so|cong ty|mot cua)\b")
_TITLE = re.compile(r"(?:ông|bà|anh|chị|đồng chí|đ/c|đc|ong|ba|chi|dong chi|dc)[.:]?\s+", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s\-._]+")
_PARENTHESES = re.compile(r"\s*\([^()]*\)$")
"""An office after the name: `Nguyễn Văn An (PCT)`."""
_PARTS = re.compile(r"\s+[-–]\s+")

_NAMESAKES = (
    "Bùi Thị Xuân, Châu Văn Liêm, Chu Văn An, Dương Minh Châu, Đặng Thùy Trâm, Đinh Bộ Lĩnh, Đinh Công Tráng, Đinh Tiên "
    "Hoàng, Đinh Trang Hòa, Đinh Trang Thượng, Hồ Chí Minh, Hồ Đắc Kiện, Hồ Thị Kỷ, Hồ Tùng Mậu, Hoàng Hoa Thám, Hoàng Quốc "
    "Việt, Hoàng Văn Thụ, Huỳnh Hữu Nghĩa, Huỳnh Thúc Kháng, Lâm Văn Bền, Lê Chánh Nguyên, Lê Đại Hành, Lê Hồng Phong, Lê "
    "Quý Đôn, Lê Thanh Nghị, Lê Thánh Tôn, Lê Thánh Tông, Lê Thị Hồng Gấm, Lê Thị Riêng, Lê Trí Viễn, Lương Hòa Lạc, Lương "
    "Khánh Thiện, Lương Thế Trân, Lương Thế Vinh, Lương Văn Tri, Lưu Nghiệp Anh, Lý Nam Đế, Lý Thái Tổ, Lý Thường Kiệt, Lý "
    "Tự Trọng, Lý Văn Lâm, Mạc Đĩnh Chi, Mạc Thị Bưởi, Mai Thúc Loan, Ngô Gia Tự, Ngô Thì Nhậm, Nguyễn An Ninh, Nguyễn Bỉnh "
    "Khiêm, Nguyễn Chí Thanh, Nguyễn Công Trứ, Nguyễn Cư Trinh, Nguyễn Đại Năng, Nguyễn Đình Chiểu, Nguyễn Đức Cảnh, Nguyễn "
    "Hữu Cảnh, Nguyễn Hữu Huân, Nguyễn Lương Bằng, Nguyễn Thái Bình, Nguyễn Thái Học, Nguyễn Thái Sơn, Nguyễn Thị Định, "
    "Nguyễn Thị Minh Khai, Nguyễn Thị Thập, Nguyễn Trung Trực, Nguyễn Tri Phương, Nguyễn Văn Cừ, Nguyễn Văn Linh, Nguyễn "
    "Văn Thảnh, Nguyễn Văn Trỗi, Nguyễn Việt Hồng, Nguyễn Việt Khái, Phạm Đình Hổ, Phạm Hồng Thái, Phạm Ngũ Lão, Phạm Văn "
    "Cội, Phạm Văn Đồng, Phạm Văn Hai, Phan Bội Châu, Phan Châu Trinh, Phan Chu Trinh, Phan Đình Phùng, Phan Huy Chú, Phan "
    "Rang Tháp Chàm, Phan Sào Nam, Phan Thị Ràng, Phan Văn Trị, Tạ An Khương, Tạ Quang Bửu, Tô Hiến Thành, Tôn Đức Thắng, "
    "Trần Cao Vân, Trần Đại Nghĩa, Trần Đăng Ninh, Trần Hưng Đạo, Trần Khánh Dư, Trần Nguyên Hãn, Trần Nhân Tông, Trần Nhật "
    "Duật, Trần Quang Diệu, Trần Quang Khải, Trần Quốc Toản, Trần Quý Cáp, Trần Tế Xương, Trần Văn Thời, Trương Công Định, "
    "Trương Quang Trọng, Võ Nguyên Giáp, Võ Thị Sáu, Võ Trường Toản, Võ Văn Kiệt, Võ Văn Tần"
)
_NAMESAKES_OF_AGENCIES = frozenset(_NAMESAKES.lower().split(", "))
"""People after whom wards, communes and schools are named: one of these is meant as likely as somebody of that name."""
_PLAIN_NAMESAKES = frozenset(map(unaccented, _NAMESAKES_OF_AGENCIES))


def is_name_of_person(text: str) -> bool:
    """Whether a text is a person's full name and nothing else, with or without accents, and with a title before it.

    So is one with a part between spaced dashes that is.
    """
    return any(map(_is_name, _PARTS.split(_PARENTHESES.sub("", unicodedata.normalize("NFC", text).strip(" .,;:\t")))))


def _is_name(text: str) -> bool:
    untitled = _TITLE.sub("", text, count=1) if _TITLE.match(text) else text
    words = _BETWEEN.split(untitled)
    if not 2 <= len(words) <= 6 or not all(word.isalpha() and word[0].isupper() for word in words):
        return False
    joined, plain = " ".join(words).lower(), [unaccented(word) for word in words]
    is_ascii = joined.isascii()
    if (_PLAIN_AGENCIES if is_ascii else _OF_AGENCIES).search(joined):
        return False
    certain, possible = (_PLAIN_FAMILIES, _ALL_PLAIN_FAMILIES) if is_ascii else (_FAMILIES, _ALL_FAMILIES)
    first = plain[0] if is_ascii else words[0].title()
    if untitled != text and first in (certain if is_ascii else possible):
        return True
    if len(words) < 3 or joined in (_PLAIN_NAMESAKES if is_ascii else _NAMESAKES_OF_AGENCIES):
        return False
    if plain[1] in _MIDDLE:
        return first in possible
    # What is written without accents and spaces is a code, and short ones are made of places.
    return first in certain and (not is_ascii or " " in untitled)
