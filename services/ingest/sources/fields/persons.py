"""Names of persons where an agency, a procedure or a word of a list should stand. Pure.

A name is told by its family name, or by `Văn` or `Thị` after the first word, and by words that all begin with a capital letter
and name no agency: `Nguyễn Văn An` is one, `Phường Nguyễn Văn Linh` and `Phòng Văn hóa` are none. What is withheld in error is
an agency that is told by its name alone and looks like a person's: its portal's code is mapped instead.
"""

from __future__ import annotations

import re
import unicodedata

from shared.vietnamese import unaccented

_FAMILIES = (
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Đào Đoàn Lâm Mai Trịnh Trương Cao "
    "Châu Lương Lưu Tạ Tô Thái Thạch Tống Quách Kiều Nghiêm Hà Phùng Lại Triệu Vương Tăng La Khuất Giang Chu Nông "
    "Vi Hứa Sầm Danh Thân Từ Mạc Lò Giàng Vàng Sùng Thào Cầm Quàng Tòng Bế Ma Tôn Bạch Doãn Đàm Lục Ninh Phí Viên"
)
_PLAIN_FAMILIES = "nguyen tran pham hoang huynh phan bui ngo dinh trinh phung quach nghiem trieu vuong khuat"
_FAMILY_NAMES, _PLAIN_FAMILY_NAMES = frozenset(_FAMILIES.split()), frozenset(_PLAIN_FAMILIES.split())
"""Without accents: those that are no other word's spelling then."""
_MIDDLE = frozenset(("van", "thi"))
_OF_AGENCIES = re.compile(
    r"\b(?:ubnd|hđnd|ủy ban|uỷ ban|hội đồng|sở|phòng|ban|chi cục|cục|bộ|vụ|trung tâm|văn phòng|công an|trường|bệnh viện|trạm"
    r"|đội|tổ|xã|phường|thị trấn|thị xã|huyện|quận|tỉnh|thành phố|tp|đặc khu|chi nhánh|công ty|đơn vị|cơ quan|tòa án|kho bạc"
    r"|thuế|quỹ|bảo hiểm|thanh niên|thanh tra|nhà|đăng ký|hồ sơ|thủ tục|lĩnh vực|tư pháp|hộ tịch|một cửa"
    r"|xử lý|tiếp nhận|nghiệp)\b"
)
"""Words of which one makes a text no name of a person."""
_PLAIN_AGENCIES = frozenset(["ubnd", "so", "phong", "ban", "bo", "cuc", "vu", "nha", "xa", "phuong", "huyen", "tinh", "tp"])
_TITLES = frozenset(("ong", "ba", "anh", "chi", "dong", "dc"))
_BETWEEN = re.compile(r"[\s\-._]+")


def is_name_of_person(text: str) -> bool:
    """Whether a text is a person's full name and nothing else, with or without accents, and with a title before it."""
    words = _BETWEEN.split(unicodedata.normalize("NFC", text).strip())
    while len(words) > 2 and unaccented(words[0]) in _TITLES:
        words = words[1:]
    if not 2 <= len(words) <= 6 or not all(word.isalpha() and word[0].isupper() for word in words):
        return False
    plain = [unaccented(word) for word in words]
    has_middle = len(words) > 2 and plain[1] in _MIDDLE
    if all(word.isascii() for word in words):
        return plain[0] in _PLAIN_FAMILY_NAMES or (has_middle and plain[0] not in _PLAIN_AGENCIES)
    if _OF_AGENCIES.search(" ".join(words).lower()):
        return False
    return has_middle or words[0].title() in _FAMILY_NAMES
