"""Headings and words of the lists in which offices keep petitions. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from services.ingest.sources.fields.vocabulary import FLAGS

DAYS = ("received_on", "passed_on", "refused_on", "supplement_requested_on", "handled_on", "published_on")
"""Fields that hold days."""

KNOWN_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "code": (
        *("Mã phản ánh", "Mã phản ánh, kiến nghị", "Mã phản ánh kiến nghị", "Mã PAKN", "Mã số phản ánh", "Mã số PAKN"),
        *("Mã số phản ánh, kiến nghị", "Mã kiến nghị", "Mã PA", "Số phản ánh", "Số PAKN", "Số phiếu", "MaPhanAnh", "MaPAKN"),
    ),
    "agency": (
        *("Cơ quan xử lý", "Đơn vị xử lý", "Cơ quan giải quyết", "Đơn vị giải quyết", "Cơ quan trả lời", "Đơn vị trả lời"),
        *("Cơ quan chủ trì", "Đơn vị chủ trì", "Đơn vị chủ trì xử lý", "Cơ quan có thẩm quyền", "Đơn vị thực hiện"),
        *("Cơ quan thực hiện", "Mã đơn vị", "Mã cơ quan", "Đơn vị", "Cơ quan", "Tên đơn vị", "Tên cơ quan", "DonViXuLy"),
    ),
    "subject": (
        *("Loại phản ánh", "Loại phản ánh, kiến nghị", "Loại PAKN", "Loại kiến nghị", "Phân loại", "Phân loại phản ánh"),
        *("Phân loại PAKN", "Nhóm phản ánh", "Đối tượng phản ánh"),
    ),
    "received_on": (
        *("Ngày tiếp nhận", "Ngày nhận", "Ngày tiếp nhận phản ánh", "Ngày tiếp nhận PAKN", "Ngày nhận phản ánh"),
        *("Ngày nhận PAKN", "NgayTiepNhan"),
    ),
    "passed_on": ("Ngày chuyển", "Ngày chuyển xử lý", "Ngày chuyển đơn vị", "Ngày chuyển cơ quan xử lý", "Ngày chuyển tiếp"),
    "refused_on": ("Ngày từ chối", "Ngày từ chối tiếp nhận", "Ngày từ chối xử lý", "Ngày không tiếp nhận"),
    "supplement_requested_on": (
        *("Ngày yêu cầu bổ sung", "Ngày yêu cầu bổ sung thông tin", "Ngày đề nghị bổ sung", "Ngày đề nghị bổ sung thông tin"),
    ),
    "handled_on": (
        *("Ngày xử lý", "Ngày xử lý xong", "Ngày trả lời", "Ngày có kết quả", "Ngày hoàn thành", "Ngày hoàn thành xử lý"),
        *("Ngày giải quyết", "Ngày giải quyết xong", "Ngày kết thúc", "Ngày kết thúc xử lý", "NgayXuLy"),
    ),
    "published_on": ("Ngày công khai", "Ngày công khai kết quả", "Ngày đăng tải kết quả", "Ngày đăng công khai"),
    "result": (
        *("Kết quả", "Kết quả xử lý", "Kết quả giải quyết", "Trạng thái", "Trạng thái xử lý", "Tình trạng", "Tình trạng xử lý"),
        *("Tình trạng giải quyết", "TrangThai"),
    ),
    "published": ("Đã công khai", "Công khai", "Công khai kết quả", "Tình trạng công khai", "Đã công khai kết quả"),
    "liked": (
        *("Hài lòng", "Mức độ hài lòng", "Đánh giá", "Đánh giá mức độ hài lòng", "Đánh giá của người dân", "Kết quả đánh giá"),
        *("Đánh giá hài lòng", "Sự hài lòng"),
    ),
    "repeated": (
        *("Trùng/lặp lại", "Trùng", "Lặp lại", "Trùng lặp", "Lặp", "Phản ánh lặp lại", "PAKN lặp lại", "Kiến nghị lặp lại"),
        *("Gửi lại", "Phản ánh lại", "Trùng hoặc lặp lại"),
    ),
}
"""Headings by field; of two columns for one field the one whose heading stands first here goes before."""

Result = Literal["open", "supplement_requested", "handled", "published", "refused"]

RESULTS: Mapping[str, Result] = {
    **dict.fromkeys(
        (
            *("Đang xử lý", "Đang giải quyết", "Đang thực hiện", "Chưa xử lý", "Chờ xử lý", "Mới", "Mới tiếp nhận"),
            *(
                "Đã tiếp nhận",
                "Chờ tiếp nhận",
                "Đã chuyển",
                "Đã chuyển xử lý",
                "Đã phân công",
                "Chưa giải quyết",
                "Chưa trả lời",
            ),
        ),
        "open",
    ),
    **dict.fromkeys(
        (
            *("Yêu cầu bổ sung", "Chờ bổ sung", "Đề nghị bổ sung", "Yêu cầu bổ sung thông tin", "Chờ bổ sung thông tin"),
            *("Đề nghị bổ sung thông tin", "Đã yêu cầu bổ sung"),
        ),
        "supplement_requested",
    ),
    **dict.fromkeys(
        (
            *("Đã xử lý", "Đã xử lý xong", "Xử lý xong", "Đã giải quyết", "Đã giải quyết xong", "Đã trả lời", "Hoàn thành"),
            *("Đã hoàn thành", "Đã có kết quả", "Có kết quả", "Kết thúc", "Đã kết thúc"),
        ),
        "handled",
    ),
    **dict.fromkeys(("Đã công khai", "Công khai", "Đã công khai kết quả"), "published"),
    **dict.fromkeys(
        ("Từ chối", "Đã từ chối", "Từ chối tiếp nhận", "Từ chối xử lý", "Không tiếp nhận", "Không được tiếp nhận"), "refused"
    ),
}
"""Words for what became of a petition."""

SUBJECTS: Mapping[str, Literal["rule", "conduct"]] = {
    **dict.fromkeys(
        (
            *(
                "rule",
                "Quy định",
                "Quy định hành chính",
                "Về quy định hành chính",
                "Phản ánh, kiến nghị về quy định hành chính",
            ),
            *("Phản ánh về quy định hành chính", "Kiến nghị về quy định hành chính", "Cơ chế, chính sách"),
        ),
        "rule",
    ),
    **dict.fromkeys(
        (
            *("conduct", "Hành vi", "Hành vi hành chính", "Về hành vi hành chính", "Phản ánh về hành vi hành chính"),
            *("Phản ánh, kiến nghị về hành vi hành chính", "Hành vi cán bộ, công chức", "Thái độ phục vụ"),
        ),
        "conduct",
    ),
}
"""Words for what it is about: a rule, or the conduct of an agency or official."""

RATINGS: Mapping[str, bool | None] = {
    **FLAGS,
    **dict.fromkeys(("Hài lòng", "Rất hài lòng", "Đã hài lòng", "Tốt", "Rất tốt"), True),
    **dict.fromkeys(("Không hài lòng", "Chưa hài lòng", "Rất không hài lòng"), False),
    # Only a dislike costs points, and neither of these is one.
    **dict.fromkeys(("Bình thường", "Chấp nhận được", "Chưa đánh giá", "Không đánh giá", "Không có đánh giá"), None),
}
"""Words for whether who sent it was satisfied; None: nobody rated it, or neither."""

REPEATED: Mapping[str, bool] = {
    **FLAGS,
    **dict.fromkeys(("Trùng", "Lặp lại", "Lặp", "Trùng lặp", "Trùng, lặp lại", "Gửi lại", "Phản ánh lại", "Có trùng"), True),
    **dict.fromkeys(("Không trùng", "Không lặp lại", "Không lặp", "Không trùng lặp", "Lần đầu"), False),
}
"""Words for whether it was sent once more."""

PUBLISHED: Mapping[str, bool] = {
    **FLAGS,
    **dict.fromkeys(("Đã công khai", "Công khai", "Có công khai", "Đã đăng tải"), True),
    **dict.fromkeys(("Chưa công khai", "Không công khai", "Chưa đăng tải"), False),
}
"""Words for whether the result was made public."""
