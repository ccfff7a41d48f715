"""A goal, a pledge, an order, a condition tells nothing of what is; nor does what is said of others than all."""

from __future__ import annotations

import pytest

from services.notices.audit.engine import audit_text
from services.notices.audit.model import Verdict

IN_TIME = "Trong tháng, huyện giải quyết 500 hồ sơ, trong đó đúng hạn 488 hồ sơ, quá hạn 12 hồ sơ. "
AFTER_IN_TIME = (
    "Cam kết trả 100% hồ sơ đúng hạn.",
    "Phòng Nội vụ có 100% hồ sơ đúng hạn.",
    "Sau khi chấn chỉnh, 100% hồ sơ trả đúng hạn.",
    "Huyện phấn đấu 100% hồ sơ trả đúng hạn.",
    "Yêu cầu các phòng chuyên môn trả 100% hồ sơ đúng hạn.",
    "Đề nghị các xã bảo đảm 100% hồ sơ giải quyết đúng hạn.",
    "Từ tháng sau, 100% hồ sơ phải được giải quyết đúng hạn.",
    "Chỉ tiêu là 100% hồ sơ trả đúng hạn.",
    "Mục tiêu đến cuối năm: 100% hồ sơ trả đúng hạn.",
    "Kế hoạch năm 2026 đặt ra 100% hồ sơ giải quyết đúng hạn.",
    "Nếu 100% hồ sơ trả đúng hạn thì huyện được cộng điểm.",
    "Huyện sẽ trả 100% hồ sơ đúng hạn.",
    "Xã Hòa Bình có 100% hồ sơ trả đúng hạn.",
    "Lĩnh vực hộ tịch, 100% hồ sơ trả đúng hạn.",
    "Tuần cuối tháng, 100% hồ sơ trả đúng hạn.",
    "Bộ phận một cửa xã Tân Lập đạt 100% hồ sơ đúng hạn.",
    "Không để hồ sơ quá hạn, giữ vững 100% hồ sơ đúng hạn trong tháng tới.",
    "Huyện rút kinh nghiệm để 100% hồ sơ trả đúng hạn.",
    "Trưởng phòng chịu trách nhiệm nếu không đạt 100% hồ sơ đúng hạn.",
    "Riêng hồ sơ trực tuyến, 100% trả đúng hạn.",
    "Quy định là 100% hồ sơ trả đúng hạn.",
    "Năm ngoái, 100% hồ sơ trả đúng hạn.",
    "Hồ sơ của người có công: 100% hồ sơ trả đúng hạn.",
    "Đối với thủ tục liên thông, 100% hồ sơ trả đúng hạn.",
    "Phấn đấu tỷ lệ đúng hạn 99%.",
    "Tỷ lệ đúng hạn phải đạt từ 98% trở lên.",
    "Nghị quyết đề ra tỷ lệ hồ sơ đúng hạn 99%.",
    "Tỷ lệ hồ sơ quá hạn không được vượt 1%.",
    "Giao các phòng xử lý dứt điểm hồ sơ quá hạn, giảm tỷ lệ quá hạn xuống 1%.",
    "Tháng tới giảm hồ sơ quá hạn 50%.",
    "Phấn đấu tháng 10 giảm 6 hồ sơ quá hạn so với tháng 9.",
    "Bảo đảm tỷ lệ hồ sơ đúng hạn đạt 99,5%.",
    "Tỉnh giao huyện giữ tỷ lệ hồ sơ đúng hạn ở mức 99%.",
    "Hướng tới 99% hồ sơ đúng hạn.",
    "Dự kiến tháng 10 giải quyết 550 hồ sơ, trong đó đúng hạn 545 hồ sơ.",
    "Khi đạt 100% hồ sơ đúng hạn, xã được công nhận chuẩn.",
    "Xã nào đạt 100% hồ sơ đúng hạn được khen thưởng.",
    "Có 5 xã đạt 100% hồ sơ đúng hạn.",
    "Khối xã đạt 100% hồ sơ đúng hạn.",
    "Đến nay, 11 xã đã có 100% hồ sơ trả đúng hạn.",
    "Nhiều xã trả 100% hồ sơ đúng hạn.",
    "Cần trả 100% hồ sơ đúng hạn.",
    "Tỉnh yêu cầu 100% hồ sơ trả đúng hạn; huyện mới đạt 97,6%.",
    "Để đạt 100% hồ sơ đúng hạn, huyện lập tổ hỗ trợ.",
    "Đây là lý do huyện chưa đạt 100% hồ sơ đúng hạn.",
    "Huyện chưa đạt mục tiêu 100% hồ sơ trả đúng hạn.",
    "Không có lĩnh vực nào đạt 100% hồ sơ đúng hạn.",
    "Xã được khen vì 100% hồ sơ đúng hạn trong quý I.",
    "Các sở còn lại đều đạt 100% hồ sơ đúng hạn.",
    "Đơn vị dẫn đầu có 100% hồ sơ trả đúng hạn.",
    "Trước đây, 100% hồ sơ trả đúng hạn.",
    "Hồ sơ chứng thực 100% đúng hạn.",
    "Tỷ lệ đúng hạn của Phòng Kinh tế là 99,2%.",
    "Phòng Kinh tế đúng hạn 99,2%.",
    "Tỷ lệ đúng hạn cùng kỳ là 95,1%.",
    "Xếp loại A nếu tỷ lệ đúng hạn từ 98%.",
    "Có 3 phòng đạt tỷ lệ đúng hạn 100%.",
    "Trong đó lĩnh vực đất đai đạt tỷ lệ đúng hạn 91,2%.",
    "Khối xã có tỷ lệ đúng hạn 98,9%.",
    "Tỷ lệ đúng hạn cả năm ước đạt 98%.",
    "Hệ thống cảnh báo khi tỷ lệ đúng hạn dưới 95%.",
    "Tháng trước tỷ lệ đúng hạn là 96,2%.",
    "Quý II tỷ lệ đúng hạn là 96,2%.",
    "Tỷ lệ đúng hạn lũy kế 9 tháng là 98,7%.",
    "Lũy kế từ đầu năm tỷ lệ đúng hạn 98,7%.",
    "Số hồ sơ quá hạn không vượt quá 2%.",
    "UBND xã An Bình giải quyết 50 hồ sơ, đúng hạn 100%.",
    "Đối với hồ sơ nộp trực tuyến, tỷ lệ đúng hạn 99,4%.",
    "Bí thư Huyện ủy lưu ý, tỷ lệ đúng hạn 99% mới là tốt.",
    "Tiêu chí nông thôn mới đòi hỏi tỷ lệ đúng hạn 98%.",
    "Theo Bộ chỉ số 766, tỷ lệ đúng hạn của huyện là 97,1%.",
    "Kế hoạch số 15/KH-UBND giao tỷ lệ đúng hạn 99%.",
    "Một số xã có tỷ lệ đúng hạn thấp như Hòa An 91%, Tân Lập 92,3%.",
    "Lần đầu tiên có tuần đạt 100% hồ sơ đúng hạn.",
    "Ngày 15/9 trả 100% hồ sơ đúng hạn.",
)
ONLINE = (
    "Tháng 9, xã tiếp nhận 1.240 hồ sơ, trong đó trực tuyến 1.054 hồ sơ, đạt 85%; "
    "trực tiếp 186 hồ sơ. Đã giải quyết 1.198 hồ sơ, đang giải quyết 42 hồ sơ. "
)
AFTER_ONLINE = (
    "Phấn đấu tháng 10 tỷ lệ trực tuyến đạt 90%.",
    "Yêu cầu tháng 10 nâng tỷ lệ trực tuyến từ 85% lên 95%.",
    "Tháng 10 tăng 5 điểm phần trăm tỷ lệ trực tuyến, đạt 92%.",
    "Phấn đấu đạt 90%, tăng 10 điểm phần trăm so với tháng 9.",
    "Giao Trung tâm xử lý 42 hồ sơ đang giải quyết, trong đó 30 hồ sơ trước ngày 5/10.",
    "Chỉ tiêu giao năm nay là 90% hồ sơ trực tuyến.",
    "Mục tiêu năm 2026: trực tuyến 95%, trực tiếp 5%.",
    "Kế hoạch tháng 10 tiếp nhận 1.500 hồ sơ, trong đó trực tuyến 1.425 hồ sơ.",
    "Nếu tỷ lệ trực tuyến đạt 95% thì mỗi tháng giảm 124 hồ sơ giấy.",
    "Tỷ lệ hồ sơ trực tuyến phải đạt tối thiểu 90%, tỷ lệ số hóa 100%.",
    "Sang tháng 10, xã sẽ tiếp nhận trực tuyến 100% hồ sơ.",
    "Đề nghị cấp trên giảm 50% lệ phí hồ sơ trực tuyến.",
    "Để đạt 95% hồ sơ trực tuyến, xã cần thêm 124 hồ sơ trực tuyến.",
    "Nghị quyết 66 yêu cầu cắt giảm 30% thời gian, 30% chi phí.",
    "Xã đăng ký với huyện đạt 88% hồ sơ trực tuyến.",
    "Tỉnh giao xã 1.150 hồ sơ trực tuyến, chiếm 92%.",
    "Nhiệm vụ tháng 10: số hóa 1.300 hồ sơ, tỷ lệ 98%.",
    "Trung tâm xây dựng phương án tiếp nhận 2.000 hồ sơ mỗi tháng, gấp 2 lần hiện nay.",
    "Giám đốc yêu cầu giảm số hồ sơ đang giải quyết từ 42 xuống còn 20 hồ sơ, tức giảm một nửa.",
    "Đến hết quý IV phấn đấu còn 10 hồ sơ đang giải quyết.",
    "Quyết tâm không để quá 1% hồ sơ trễ hẹn.",
    "Theo kế hoạch, tỷ lệ trực tuyến là 80%.",
    "Xã được giao chỉ tiêu 80% hồ sơ trực tuyến, vượt 5 điểm phần trăm.",
    "Trong tháng 10 huy động đoàn viên hỗ trợ, nâng tỷ lệ trực tuyến lên 93%.",
    "Mức quy định để được xếp loại tốt là 90% hồ sơ trực tuyến.",
    "Bình quân toàn tỉnh là 88% hồ sơ trực tuyến.",
    "Xã Tân Hòa đạt 91% hồ sơ trực tuyến.",
    "Ước cả năm tiếp nhận 14.800 hồ sơ, trong đó trực tuyến đạt 87%.",
    "Thời gian tới, giải quyết 1.300 hồ sơ mỗi tháng, đang giải quyết không quá 30 hồ sơ.",
)
OF_TASKS = (
    "THÔNG BÁO KẾT LUẬN\n"
    "I. Kết quả\n"
    "Huyện giải quyết 500 hồ sơ, trong đó đúng hạn 488 hồ sơ, quá hạn 12 hồ sơ, tỷ lệ đúng hạn 97,6%.\n"
    "II. Nhiệm vụ trọng tâm thời gian tới\n"
    "1. Tỷ lệ hồ sơ giải quyết đúng hạn 100%.\n"
    "2. 100% hồ sơ trả đúng hạn.\n"
    "3. Nâng tỷ lệ đúng hạn lên 99,5%, tăng 2 điểm phần trăm.",
    "Huyện giải quyết 500 hồ sơ, trong đó đúng hạn 488 hồ sơ, quá hạn 12 hồ sơ, tỷ lệ đúng hạn 97,6%.\n"
    "Chủ tịch UBND huyện yêu cầu:\n"
    "- Trả đúng hạn 100% hồ sơ.\n"
    "- Tỷ lệ hồ sơ đúng hạn đạt 99%.",
)

WRONG = (
    (IN_TIME + "Theo yêu cầu của tỉnh, huyện đã trả đúng hạn 488/500 hồ sơ, đạt 96,7%.", "96,7%"),
    (IN_TIME + "Huyện phấn đấu đạt 99%; hiện tỷ lệ đúng hạn là 96,7%.", "96,7%"),
    (IN_TIME + "Huyện đạt 100% hồ sơ đúng hạn.", "100%"),
    (IN_TIME + "Cam kết trả 100% hồ sơ đúng hạn. Huyện luôn giữ vững 100% hồ sơ đúng hạn.", "100%"),
    (ONLINE + "Tỷ lệ trực tuyến 85%, vượt 15 điểm phần trăm so với chỉ tiêu 80%.", "15"),
    ("Kế hoạch giao 1.200 tỷ đồng, đã thu 1.092 tỷ đồng, đạt 81% kế hoạch (1.200 tỷ đồng).", "81%"),
    ("Phấn đấu nhận 15.000 hồ sơ, trong đó trực tuyến 14.000 hồ sơ, trực tiếp 500 hồ sơ.", "15.000"),
    ("Yêu cầu giảm hồ sơ quá hạn từ 5 hồ sơ xuống 1 hồ sơ, giảm 90%.", "90%"),
    ("Xã bảo đảm tỷ lệ đúng hạn, giải quyết 976/1.000 hồ sơ, đạt 96,7%.", "96,7%"),
    ("Số hồ sơ yêu cầu bổ sung là 359 hồ sơ, gồm đất đai 205 hồ sơ, hộ tịch 145 hồ sơ.", "359"),
)
"""What is told beside a wish is still read, and so is a wish that disagrees with itself."""


def contradicted(text: str) -> list[str]:
    return [one.claimed for one in audit_text(text).claims if one.verdict is Verdict.contradicted]


@pytest.mark.parametrize(
    "text", [*(IN_TIME + one for one in AFTER_IN_TIME), *(ONLINE + one for one in AFTER_ONLINE), *OF_TASKS]
)
def test_what_is_wanted_or_said_of_others_contradicts_nothing(text: str) -> None:
    assert contradicted(text) == []


@pytest.mark.parametrize(("text", "claimed"), WRONG)
def test_what_is_told_beside_a_wish_is_still_read(text: str, claimed: str) -> None:
    assert claimed in contradicted(text)
