"""The words of Vietnamese one-stop software, as far as adapters must know them.

Numbers of statuses and methods differ between provinces and mean nothing outside; the names are words of the law and of
office life, so they are compared without accents, case and spacing. What a province calls otherwise is added in the
settings of its source; a name that nobody knows puts the record aside until it is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from shared.dossier import Channel, Status
from shared.vietnamese import unaccented

T = TypeVar("T")


class Names(Generic[T]):
    """Names and what they mean; exact spellings are remembered, so that a lookup costs one dictionary access."""

    def __init__(self, known: Mapping[str, T], own: Mapping[str, T] | None = None) -> None:
        """`own` goes before `known`."""
        self._plain = {unaccented(name): value for name, value in known.items()}
        self._plain.update({unaccented(name): value for name, value in (own or {}).items()})
        self._seen: dict[str, T | None] = {}

    def get(self, name: str) -> T | None:
        """What `name` means; None when nobody knows it."""
        try:
            return self._seen[name]
        except KeyError:
            value = self._plain.get(unaccented(name))
            # A portal has some dozens of names; whoever sends thousands is not remembered.
            if len(self._seen) < 4_096:
                self._seen[name] = value
            return value


def _of(groups: Mapping[T, Iterable[str]]) -> dict[str, T]:
    return {name: value for value, names in groups.items() for name in names}


STATUSES: dict[str, Status] = _of(
    {
        Status.registered: ("Mới đăng ký", "Mới nộp", "Chờ tiếp nhận", "Mới tạo", "Đăng ký mới", "Chờ xác nhận"),
        Status.received: ("Được tiếp nhận", "Đã tiếp nhận", "Tiếp nhận hồ sơ", "Tiếp nhận", "Mới tiếp nhận", "Chờ phân công"),
        Status.refused: ("Không được tiếp nhận", "Không tiếp nhận", "Từ chối", "Từ chối tiếp nhận", "Từ chối tiếp nhận hồ sơ"),
        Status.processing: (
            "Đang xử lý",
            "Đang thụ lý",
            "Đang giải quyết",
            "Đang thực hiện",
            "Chờ xử lý",
            "Đang trình ký",
            "Trình ký",
            "Đã bổ sung",
            "Đã bổ sung hồ sơ",
        ),
        Status.supplement_requested: (
            "Yêu cầu bổ sung giấy tờ",
            "Yêu cầu bổ sung hồ sơ",
            "Yêu cầu bổ sung",
            "Chờ bổ sung",
            "Chờ bổ sung hồ sơ",
            "Chờ bổ sung giấy tờ",
        ),
        Status.payment_requested: (
            "Yêu cầu thực hiện nghĩa vụ tài chính",
            "Chờ thực hiện nghĩa vụ tài chính",
            "Chờ nộp nghĩa vụ tài chính",
            "Thực hiện nghĩa vụ tài chính",
            "Yêu cầu nộp phí, lệ phí",
            "Chờ thanh toán",
        ),
        Status.withdrawn: (
            "Công dân yêu cầu rút",
            "Công dân yêu cầu rút hồ sơ",
            "Đã rút",
            "Đã rút hồ sơ",
            "Rút hồ sơ",
            "Yêu cầu rút hồ sơ",
            "Công dân rút hồ sơ",
        ),
        Status.suspended: ("Dừng xử lý", "Tạm dừng", "Tạm dừng xử lý", "Tạm dừng giải quyết", "Đang tạm dừng"),
        Status.resolved: (
            "Đã xử lý xong",
            "Có kết quả",
            "Đã có kết quả",
            "Đã giải quyết",
            "Đã giải quyết xong",
            "Chờ trả kết quả",
            "Đã xử lý",
        ),
        Status.delivered: ("Đã trả kết quả", "Trả kết quả", "Hoàn thành", "Đã hoàn thành", "Kết thúc"),
        Status.returned: (
            "Trả lại",
            "Trả lại hồ sơ",
            "Đã trả lại",
            "Đã trả lại hồ sơ",
            "Không đủ điều kiện giải quyết",
            "Hồ sơ không đủ điều kiện giải quyết",
        ),
    }
)
"""`dossierStatus.name`."""

TASKS: dict[str, Status] = _of(
    {
        Status.processing: ("Thụ lý hồ sơ", "Xử lý hồ sơ", "Thụ lý", "Giải quyết hồ sơ", "Thẩm định hồ sơ"),
        Status.supplement_requested: (
            "Yêu cầu bổ sung giấy tờ",
            "Yêu cầu bổ sung hồ sơ",
            "Yêu cầu bổ sung",
            "Chờ bổ sung",
            "Chờ bổ sung hồ sơ",
            "Chờ bổ sung giấy tờ",
        ),
        Status.payment_requested: (
            "Thực hiện nghĩa vụ tài chính",
            "Yêu cầu thực hiện nghĩa vụ tài chính",
            "Chờ thực hiện nghĩa vụ tài chính",
        ),
        Status.suspended: ("Tạm dừng xử lý", "Tạm dừng", "Dừng xử lý"),
        Status.resolved: ("Trả kết quả", "Chờ trả kết quả", "Có kết quả"),
        Status.delivered: ("Kết thúc", "Đã trả kết quả"),
        Status.returned: ("Trả lại hồ sơ", "Trả lại"),
        Status.refused: ("Từ chối tiếp nhận",),
        Status.withdrawn: ("Công dân rút hồ sơ", "Rút hồ sơ"),
    }
)
"""Names in `task[]` that tell of a pause or an end; all others are work. A task is named for what is to be done in it, so
`Trả kết quả` begins when the result is ready, and a status of the same words may mean something else."""

CHANNELS: dict[str, Channel] = _of(
    {
        Channel.online: (
            "Trực tuyến",
            "Nộp trực tuyến",
            "Nhận trực tuyến",
            "Tiếp nhận trực tuyến",
            "Qua mạng",
            "Internet",
            "Online",
        ),
        Channel.counter: (
            "Trực tiếp",
            "Nộp trực tiếp",
            "Nhận trực tiếp",
            "Tiếp nhận trực tiếp",
            "Tại quầy",
            "Nhận tại bộ phận một cửa",
            "Tại bộ phận một cửa",
            "Một cửa",
        ),
        Channel.post: (
            "Bưu chính",
            "Bưu chính công ích",
            "Qua bưu chính",
            "Qua bưu chính công ích",
            "Nộp qua bưu chính",
            "Nộp qua bưu điện",
            "Bưu điện",
            "Qua bưu điện",
            "Nhận qua bưu chính",
            "Dịch vụ bưu chính công ích",
            "Qua dịch vụ bưu chính công ích",
        ),
    }
)
"""`applyMethod.name` and `dossierReceivingKind.name`."""

PAID_ONLINE: dict[str, bool] = _of(
    {
        True: (
            "Thanh toán trực tuyến",
            "Trực tuyến",
            "Nộp trực tuyến",
            "Chuyển khoản trực tuyến",
            "PayGov",
            "Payment Platform",
        ),
        False: ("Trực tiếp", "Nộp trực tiếp", "Thanh toán trực tiếp", "Tiền mặt", "Tại quầy", "Chuyển khoản"),
    }
)
"""`paymentMethod.name`: whether the fee was paid online."""

FLAGS: dict[str, bool] = _of(
    {
        True: (
            *(
                "1",
                "1.0",
                "x",
                "v",
                "y",
                "có",
                "yes",
                "true",
                "đúng",
                "✓",
                "✔",
                "√",
                "☑",
                "✅",
                "rồi",
                "đã",
                "đã có",
                "đạt",
                "ok",
            ),
            *("Đã số hóa", "Có số hóa", "Số hóa", "Đã thanh toán", "Có thanh toán", "Đã nộp", "Đã thực hiện", "Bản điện tử"),
            *("Có kết quả điện tử", "Đã có kết quả điện tử", "Đã ký số", "Điện tử"),
        ),
        False: (
            *("0", "0.0", "n", "không", "no", "false", "sai", "chưa", "không có", "chưa có", "☐", "✗", "✘", "không đạt"),
            *("Chưa số hóa", "Không số hóa", "Chưa thanh toán", "Không thanh toán", "Chưa nộp", "Không nộp", "Chưa thực hiện"),
            *("Không thực hiện", "Bản giấy", "Giấy", "Không có kết quả điện tử", "Chưa có kết quả điện tử"),
        ),
    }
)
"""Words of columns that say yes or no."""

FEE_FLAGS: dict[str, bool] = {**PAID_ONLINE, **FLAGS, "Đã thanh toán trực tuyến": True, "Chưa thanh toán trực tuyến": False}
"""Words of the column whether a fee was paid online, in which ways to pay stand as well."""
