"""The words a portal uses. They differ from province to province, and their numbers mean nothing outside.

Two vocabularies, so that an adapter cannot rely on one; `PROVINCE_WORDS` maps provinces to them.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.dossier import Channel, Status


@dataclass(frozen=True, slots=True)
class Words:
    """Status and method names of one portal; where there are several, the dossier's index picks one."""

    status: dict[Status, tuple[int, tuple[str, ...]]]
    method: dict[Channel, tuple[int, str]]
    receiving_kind: dict[Channel, tuple[str, str]]
    task: dict[Status, str]
    paid_online: str
    paid_at_counter: str


_TASK = {
    Status.registered: "Tiếp nhận hồ sơ",
    Status.received: "Phân công thụ lý",
    Status.processing: "Thụ lý hồ sơ",
    Status.supplement_requested: "Yêu cầu bổ sung giấy tờ",
    Status.payment_requested: "Thực hiện nghĩa vụ tài chính",
    Status.suspended: "Tạm dừng xử lý",
    Status.resolved: "Trả kết quả",
    Status.delivered: "Kết thúc",
    Status.returned: "Trả lại hồ sơ",
    Status.refused: "Từ chối tiếp nhận",
    Status.withdrawn: "Công dân rút hồ sơ",
}

HAI_DUONG = Words(
    status={
        Status.registered: (0, ("Mới đăng ký", "Chờ tiếp nhận")),
        Status.received: (2, ("Đã tiếp nhận", "Được tiếp nhận")),
        Status.processing: (3, ("Đang xử lý", "Đang thụ lý")),
        Status.supplement_requested: (1, ("Yêu cầu bổ sung giấy tờ", "Chờ bổ sung hồ sơ")),
        Status.payment_requested: (14, ("Yêu cầu thực hiện nghĩa vụ tài chính", "Chờ thực hiện nghĩa vụ tài chính")),
        Status.suspended: (8, ("Tạm dừng", "Dừng xử lý")),
        Status.resolved: (4, ("Có kết quả", "Đã xử lý xong")),
        Status.delivered: (5, ("Đã trả kết quả",)),
        Status.returned: (12, ("Trả lại hồ sơ", "Không đủ điều kiện giải quyết")),
        Status.refused: (6, ("Từ chối tiếp nhận", "Không được tiếp nhận")),
        Status.withdrawn: (13, ("Công dân yêu cầu rút hồ sơ", "Đã rút hồ sơ")),
    },
    method={
        Channel.online: (0, "Trực tuyến"),
        Channel.counter: (1, "Trực tiếp"),
        Channel.post: (2, "Bưu chính công ích"),
    },
    receiving_kind={
        Channel.online: ("5f8968888fffa53e4c073ded", "Nhận trực tuyến"),
        Channel.counter: ("5f8969018fffa53e4c073dee", "Nhận tại bộ phận một cửa"),
        Channel.post: ("5fd1c7591b53d8779bc9ea6b", "Nhận qua bưu chính"),
    },
    task=_TASK,
    paid_online="Thanh toán trực tuyến",
    paid_at_counter="Nộp trực tiếp",
)

ELSEWHERE = Words(
    status={
        Status.registered: (101, ("Mới nộp",)),
        Status.received: (102, ("Tiếp nhận hồ sơ",)),
        Status.processing: (104, ("Đang giải quyết",)),
        Status.supplement_requested: (105, ("Yêu cầu bổ sung",)),
        Status.payment_requested: (106, ("Chờ nộp nghĩa vụ tài chính",)),
        Status.suspended: (108, ("Tạm dừng xử lý",)),
        Status.resolved: (109, ("Đã giải quyết", "Chờ trả kết quả")),
        Status.delivered: (110, ("Hoàn thành", "Đã trả kết quả")),
        Status.returned: (111, ("Đã trả lại hồ sơ",)),
        Status.refused: (103, ("Từ chối",)),
        Status.withdrawn: (107, ("Rút hồ sơ",)),
    },
    method={
        Channel.online: (2, "Nộp trực tuyến"),
        Channel.counter: (1, "Nộp trực tiếp"),
        Channel.post: (3, "Qua dịch vụ bưu chính công ích"),
    },
    receiving_kind={
        Channel.online: ("1", "Qua mạng"),
        Channel.counter: ("0", "Tại quầy"),
        Channel.post: ("2", "Qua bưu điện"),
    },
    task=_TASK,
    paid_online="Trực tuyến",
    paid_at_counter="Tiền mặt",
)

PROVINCE_WORDS = {"30": HAI_DUONG}


def words_of(province: str) -> Words:
    """The vocabulary of the portal of `province`."""
    return PROVINCE_WORDS.get(province, ELSEWHERE)
