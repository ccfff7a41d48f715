"""Names of departments and of steps of the internal process, as far as they may be kept: never a person's.

`PhongBanXuLy`, `ChucDanh` and the names of tasks are free text, and people write their own names there. So nothing of such a
text is kept: it is compared with the names that are known, and what is kept is the known name. Known are those of this module
and of the settings of a source; a text may go on after a known name (`Phòng Tài nguyên và Môi trường huyện Thanh Hà`), and what
follows is dropped. A department may also be told by a code with digits, which no name is. Everything else is unknown: the step
is kept without it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, TypeAlias

import msgspec

from services.ingest.sources.fields.codes import holds_a_person
from shared.vietnamese import unaccented

KnownName: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
"""A name as it is kept, counted and printed."""

_MAX_TEXT = 200
_CODE = re.compile(r"(?=[^0-9]*[0-9])[A-Z0-9]{1,12}(?:[.\-][A-Z0-9]{1,12}){0,6}").fullmatch
_NEXT_WORD = re.compile(r"\W|$").match


class KnownNames:
    """Looks up the known name that a text begins with."""

    def __init__(self, known: Mapping[str, tuple[str, ...]], own: Mapping[str, str], *, codes: bool = False) -> None:
        """`known`: other spellings by name; `own`: names by what a source writes, which go first; `codes`: also codes."""
        names = {unaccented(spelling): name for name, spellings in known.items() for spelling in (name, *spellings)}
        names |= {unaccented(name): name for name in own.values()}
        names |= {unaccented(written): name for written, name in own.items()}
        self._names = names
        self._longest_first = sorted(names, key=len, reverse=True)
        self._codes = codes
        self._seen: dict[str, str | None] = {}

    def get(self, text: str | None) -> str | None:
        """The known name; None where there is none, or no text."""
        if not text or len(text) > _MAX_TEXT:
            return None
        try:
            return self._seen[text]
        except KeyError:
            pass
        name = self._find(text)
        # A source has some dozens of names that are known; what is not may be a person, and is not remembered.
        if name is not None and len(self._seen) < 4_096:
            self._seen[text] = name
        return name

    def _find(self, text: str) -> str | None:
        plain = unaccented(text)
        if (name := self._names.get(plain)) is not None:
            return name
        for one in self._longest_first:
            if plain.startswith(one) and _NEXT_WORD(plain, len(one)):
                return self._names[one]
        code = text.strip()
        return code if self._codes and _CODE(code) and not holds_a_person(code) else None


def check_names(own: Mapping[str, str], field: str) -> None:
    """Raise `ValueError` for names that cannot be those of a department or a step."""
    for name in own.values():
        if not name.isprintable() or name != " ".join(name.split()) or holds_a_person(name):
            raise ValueError(f"{field} maps to a text that can be no name: one line, no address and no number of a person")


DEPARTMENTS: dict[str, tuple[str, ...]] = {
    "Bộ phận Một cửa": (
        "Bộ phận Tiếp nhận và Trả kết quả",
        "Bộ phận TN&TKQ",
        "Bộ phận TN và TKQ",
        "Bộ phận tiếp nhận",
        "BP Một cửa",
        "BPMC",
        "Một cửa",
        "Trung tâm Phục vụ hành chính công",
        "Trung tâm hành chính công",
        "TTPVHCC",
        "Quầy tiếp nhận",
    ),
    "Lãnh đạo Ủy ban nhân dân": (
        "Lãnh đạo UBND",
        "Thường trực UBND",
        "Thường trực Ủy ban nhân dân",
        "Lãnh đạo phường",
        "Lãnh đạo xã",
        "Lãnh đạo huyện",
    ),
    "Ủy ban nhân dân": ("UBND",),
    "Văn phòng Hội đồng nhân dân và Ủy ban nhân dân": ("Văn phòng HĐND và UBND", "Văn phòng HĐND&UBND", "VP HĐND và UBND"),
    "Văn phòng Đăng ký đất đai": ("VPĐKĐĐ", "Văn phòng ĐKĐĐ", "Chi nhánh Văn phòng Đăng ký đất đai", "Chi nhánh VPĐKĐĐ"),
    "Văn phòng": ("Văn phòng Sở",),
    "Văn thư": ("Bộ phận Văn thư",),
    "Phòng Tài nguyên và Môi trường": ("Phòng TNMT", "Phòng TN&MT", "Phòng TN-MT"),
    "Phòng Tài chính - Kế hoạch": ("Phòng TCKH", "Phòng TC-KH", "Phòng Tài chính Kế hoạch", "Phòng Tài chính-Kế hoạch"),
    "Phòng Tài chính": (),
    "Phòng Kinh tế và Hạ tầng": ("Phòng KTHT", "Phòng KT&HT", "Phòng Kinh tế - Hạ tầng"),
    "Phòng Kinh tế, Hạ tầng và Đô thị": ("Phòng Kinh tế Hạ tầng và Đô thị",),
    "Phòng Kinh tế": (),
    "Phòng Quản lý đô thị": ("Phòng QLĐT",),
    "Phòng Lao động - Thương binh và Xã hội": (
        "Phòng LĐTBXH",
        "Phòng LĐTB&XH",
        "Phòng LĐ-TB&XH",
        "Phòng LĐ-TBXH",
        "Phòng Lao động Thương binh và Xã hội",
    ),
    "Phòng Văn hóa - Xã hội": ("Phòng VHXH", "Phòng Văn hóa Xã hội", "Phòng Văn hóa và Xã hội"),
    "Phòng Văn hóa và Thông tin": ("Phòng VHTT", "Phòng Văn hóa Thông tin"),
    "Phòng Giáo dục và Đào tạo": ("Phòng GDĐT", "Phòng GD&ĐT"),
    "Phòng Nông nghiệp và Phát triển nông thôn": ("Phòng NN&PTNT", "Phòng Nông nghiệp"),
    "Phòng Nông nghiệp và Môi trường": ("Phòng NN&MT",),
    "Phòng Đăng ký kinh doanh": ("Phòng ĐKKD",),
    "Phòng Tư pháp": ("Bộ phận Tư pháp - Hộ tịch", "Tư pháp - Hộ tịch", "Tư pháp Hộ tịch"),
    "Phòng Nội vụ": (),
    "Phòng Y tế": (),
    "Phòng Dân tộc": (),
    "Thanh tra": ("Thanh tra huyện",),
    "Công an": (),
    "Chi cục Thuế": ("Cơ quan thuế", "Thuế cơ sở"),
    "Kho bạc Nhà nước": (),
    "Địa chính - Xây dựng": ("Địa chính", "Bộ phận Địa chính"),
    "Phòng chuyên môn": (),
}
"""Departments of districts, communes and departments of provinces, with other spellings."""

STEP_NAMES: dict[str, tuple[str, ...]] = {
    "Tiếp nhận hồ sơ": ("Tiếp nhận", "Cán bộ tiếp nhận", "Công chức tiếp nhận", "Chuyên viên tiếp nhận", "Cán bộ một cửa",
                        "Công chức một cửa", "Nhân viên một cửa"),
    "Phân công thụ lý": ("Phân công", "Phân công xử lý", "Chuyển hồ sơ", "Chuyển xử lý"),
    "Thụ lý hồ sơ": ("Thụ lý", "Xử lý hồ sơ", "Xử lý", "Giải quyết hồ sơ", "Chuyên viên", "Công chức thụ lý",
                     "Cán bộ thụ lý", "Chuyên viên thụ lý", "Công chức chuyên môn", "Cán bộ chuyên môn", "Cán bộ xử lý"),
    "Thẩm định hồ sơ": ("Thẩm định", "Thẩm tra", "Thẩm tra hồ sơ", "Xác minh", "Rà soát hồ sơ"),
    "Trình ký": ("Trình lãnh đạo", "Trình phê duyệt", "Trình duyệt", "Lãnh đạo phòng", "Trưởng phòng", "Phó Trưởng phòng",
                 "Chánh Văn phòng", "Phó Chánh Văn phòng", "Lãnh đạo phòng duyệt"),
    "Phê duyệt": ("Ký duyệt", "Ký số", "Lãnh đạo ký", "Lãnh đạo phê duyệt", "Lãnh đạo duyệt", "Lãnh đạo", "Chủ tịch",
                  "Phó Chủ tịch", "Giám đốc", "Phó Giám đốc", "Duyệt"),
    "Đóng dấu": ("Văn thư", "Phát hành", "Vào sổ", "Nhân viên văn thư"),
    "Lấy ý kiến": ("Xin ý kiến", "Phối hợp", "Phối hợp xử lý"),
    "Yêu cầu bổ sung giấy tờ": ("Yêu cầu bổ sung hồ sơ", "Yêu cầu bổ sung", "Chờ bổ sung"),
    "Thực hiện nghĩa vụ tài chính": ("Yêu cầu thực hiện nghĩa vụ tài chính", "Chờ thực hiện nghĩa vụ tài chính"),
    "Tạm dừng xử lý": ("Tạm dừng", "Dừng xử lý"),
    "Trả kết quả": ("Chờ trả kết quả", "Có kết quả", "Cán bộ trả kết quả"),
    "Kết thúc": ("Đã trả kết quả",),
}  # fmt: skip
"""Steps of the internal process, with the names of tasks and the roles that take them."""
