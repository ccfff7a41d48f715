"""Sentences of evidence as inspection teams write them: numbers that count nothing stand in them and are let through."""

from __future__ import annotations

import msgspec
import pytest
from pydantic import TypeAdapter

from services.notices.audit.checks import check
from services.notices.composition.model import Paragraph, TextRun
from services.notices.inspections.model import Prose
from services.notices.quantities.references import quantities
from tests.notices.reference import composed, pinned

ORDINARY = """
Triển khai Nghị quyết số 01-NQ/TW của Ban Chấp hành Trung ương.
Quán triệt Chỉ thị 05-CT/TW ngày 15/5/2016 của Bộ Chính trị.
Thực hiện Kết luận số 38-KL/HU ngày 12/6/2023 của Ban Thường vụ Huyện ủy.
Theo Quyết định số 468/QĐ-TTg ngày 27 tháng 3 năm 2021 của Thủ tướng Chính phủ.
Căn cứ khoản 2 Điều 17 Nghị định số 61/2018/NĐ-CP.
Căn cứ điểm b khoản 1 Điều 5 Thông tư số 01/2018/TT-VPCP.
Thực hiện Nghị định 107/2021/NĐ-CP sửa đổi Nghị định 61/2018/NĐ-CP.
Công văn số 1234/UBND-VP ngày 05/7/2023 yêu cầu chấn chỉnh.
Văn bản số 89/VPUB-KSTTHC hướng dẫn chế độ báo cáo.
Tờ trình 45/TTr-UBND đã được phê duyệt.
Báo cáo quý III/2023 gửi chậm.
Kế hoạch quý 2 năm 2023 chưa sát.
Báo cáo quý I và quý II/2023 nội dung sơ sài.
Kết quả 6 tháng đầu năm được công khai.
Kết quả 9 tháng đầu năm 2023 được công khai.
Kế hoạch giai đoạn 2022-2025 được ban hành.
Chương trình tổng thể giai đoạn 2021 - 2030 được cụ thể hóa.
Nhiệm kỳ 2021-2026 chưa kiện toàn.
Báo cáo tháng 6/2023 gửi muộn.
Số liệu tháng 5 năm 2023 chưa khớp.
Năm 2022 chưa tổ chức tập huấn.
Từ năm 2021 đến năm 2023 không có khiếu nại.
Dịch vụ công trực tuyến mức độ 3, 4 được niêm yết.
Dịch vụ công mức độ 4 được tích hợp.
Định danh điện tử mức 2 được hướng dẫn.
Tiếp công dân từ 7 giờ 30 đến 17 giờ hằng ngày.
Làm việc đến 17h00 các ngày trong tuần.
Gửi báo cáo trước 16 giờ ngày 20 hằng tháng.
Gửi báo cáo trước ngày 15 hằng tháng.
Hoàn thành trước ngày 30/9/2023.
Hoàn thành trong tháng 9/2023.
Đường dây nóng: 0220.3812.345 được công khai.
Hotline 1900 1009 được niêm yết.
Tổng đài 1022 tiếp nhận phản ánh.
Số điện thoại 0912 345 678 được niêm yết tại trụ sở.
Trong thời gian dịch Covid-19 hồ sơ nộp trực tuyến tăng.
Hệ thống ISO 9001:2015 được duy trì.
Tiêu chuẩn TCVN 9001 được áp dụng.
Thực hiện Đề án 06 của Chính phủ.
Thực hiện Chương trình 1719 trên địa bàn.
Biểu mẫu số 02 chưa cập nhật.
Theo Phụ lục 1 và Phụ lục 2 kèm theo.
Biểu số 06a được gửi đầy đủ.
Tiêu chí số 5 chưa đạt.
Tổ 7 và Tổ 12 chưa niêm yết.
Phòng 105 là nơi tiếp nhận.
Quầy số 3 do công chức tư pháp phụ trách.
Thôn 4 còn thiếu biển chỉ dẫn.
Trẻ em dưới 6 tuổi được cấp thẻ bảo hiểm y tế.
Người từ đủ 18 tuổi được hướng dẫn nộp trực tuyến.
Công dân từ 60-79 tuổi được hỗ trợ tại nhà.
Mẫu đơn khổ A4 được phát miễn phí.
Phần mềm chạy trên Windows 10 còn chậm.
Trang web http://thanhha.haiduong.gov.vn được cập nhật.
Thư gửi về bophan1cua@haiduong.gov.vn được trả lời.
Mục 3 phần II của báo cáo còn thiếu.
Chương IV Luật số 80/2015/QH13 được phổ biến.
Lần thứ 2 kiểm tra đã khắc phục.
Tuần 3 của tháng chưa trực đủ.
Cơ chế 4 tại chỗ được thực hiện.
Công thức 5S được áp dụng tại Bộ phận Một cửa.
Cuộc họp lúc 14h30 ngày 12/5 không có biên bản.
Trực vào các ngày thứ 2, 4, 6.
Hệ thống tiếp nhận 24/7.
Chữ ký số cấp độ 3 được cấp cho công chức.
Bảo đảm an toàn thông tin cấp độ 3.
Ứng dụng VNeID 2.1.6 được hướng dẫn cài đặt.
Phần mềm phiên bản 2.0 chưa ổn định.
Công nghệ 4.0 được tuyên truyền.
Theo Điều 5-9 của quy chế.
Mục I.2 Chỉ thị được quán triệt.
Mẫu TP-HT-2020 được niêm yết.
Biểu II.06a gửi đúng mẫu.
Chính quyền địa phương 2 cấp được vận hành.
Phong trào "3 không" trong giải quyết thủ tục.
Thực hiện phương châm 5 biết, 3 thể hiện.
Thực hiện 4 tăng, 2 giảm, 3 không.
Trụ sở bên quốc lộ 5 và tỉnh lộ 390B.
Tuyến ĐT.390 đang thi công.
Nghị định 61 và Nghị định 107 được phổ biến.
Bộ chỉ số 766 được theo dõi hằng ngày.
Luật Cư trú 2020 được tuyên truyền.
Chỉ số PAPI 2022 và DTI 2022 được phân tích.
Tốt hơn cùng kỳ 2022.
Định hướng đến năm 2030, tầm nhìn 2045.
Nghỉ lễ 30/4 và 01/5 vẫn trực.
Báo cáo các tháng 5, 6, 7 gửi chậm.
Quầy số 1, số 2 thiếu biển tên.
Nhà văn hóa khu dân cư số 3 chưa niêm yết.
Trụ sở phường 7, quận 1.
Thủ tục mã 1.001612 chưa cập nhật.
Thủ tục mã số 1.004873.000.00.00.H23 đã bãi bỏ.
Hồ sơ mã 000.00.19.H23-230615-0042 lưu thiếu đơn.
Mã định danh 000.00.19.H23 đã khai.
Tiêu chí 1 và tiêu chí 2 chưa đạt.
Câu hỏi 4 của phiếu khảo sát chưa rõ.
Chứng thực theo Nghị định 23/2015.
Ban Chỉ đạo 35 đã họp.
Đợt 1, đợt 2 đều gửi báo cáo.
Bước 3 của quy trình bị chậm.
Lần 2 vẫn chưa khắc phục.
Trường THCS số 2 nộp hồ sơ trực tuyến.
Thửa đất số 15, tờ bản đồ số 3 đã đính chính.
Sổ theo dõi số 1 ghi chưa đủ.
Công chức bậc 3 giữ ngạch 01.003.
Trẻ em có tuổi từ 14 được hướng dẫn.
Trụ sở tại số 05 phố Trần Phú.
""".strip().splitlines()

COUNTING = (
    "Có 17 hồ sơ chậm.",
    "Hồ sơ trễ hạn là 15.",
    "Đạt 98,5 % kế hoạch.",
    "Trong năm 2023 có 12 đơn vị gửi chậm.",
    "Theo Quyết định số 12/QĐ-UBND có 3 cán bộ kiêm nhiệm.",
    "Quý II/2023 tiếp nhận 1.250 hồ sơ.",
    "Các phòng 12 hồ sơ.",
    "Tổ 5 có 07 hồ sơ.",
    "Bố trí tổ 3 đồng chí trực tại quầy.",
    "Từ ngày 15 hồ sơ đã tăng.",
    "Mô hình một cửa xử lý 30 hồ sơ.",
    "Cấp 12 giấy chứng nhận.",
    "Nhóm 3 hồ sơ chậm.",
    "Đợt 2 có 15 hồ sơ.",
    "Bước 3 hồ sơ bị trả.",
    "Đã ban hành Quyết định 12 đơn vị.",
    "Chỉ tiêu 85 đã đạt.",
    "Trong ngày 15 hồ sơ được trả.",
    "Lớp 12 người tham gia.",
)

_text = TypeAdapter(Prose)


@pytest.mark.parametrize("sentence", ORDINARY)
def test_an_ordinary_sentence_is_accepted_as_free_text(sentence: str) -> None:
    assert quantities(sentence) == []
    assert _text.validate_python(sentence)


def test_a_draft_with_all_ordinary_sentences_passes_its_checks() -> None:
    notice, figures = composed()
    said = tuple(Paragraph((TextRun(sentence),), section="review") for sentence in ORDINARY)
    longer = msgspec.structs.replace(notice, body=(*notice.body, *said))
    assert [one for one in check(longer, figures, pinned()) if not one.ok] == []


@pytest.mark.parametrize("sentence", COUNTING)
def test_a_number_that_counts_is_found_among_those_that_do_not(sentence: str) -> None:
    assert len(quantities(sentence)) == 1
