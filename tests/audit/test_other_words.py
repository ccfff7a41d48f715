"""Sentences in words that neither the corpus nor the engine's vocabulary was made for: what holds, and what is wrong."""

from __future__ import annotations

import pytest

from services.notices.audit.engine import audit_text
from services.notices.audit.model import Verdict

HOLDS = (
    "Sáu tháng qua, quận xử lý 8.420 hồ sơ, nhiều hơn cùng kỳ năm ngoái (7.655 hồ sơ) 765 hồ sơ, tức tăng 10,0%.",
    "Nửa đầu năm huyện trả 5.130 kết quả: 3.204 kết quả qua bưu điện, 1.926 kết quả tại quầy.",
    "Đầu tháng tồn 37 hồ sơ; trong tháng nhận 612 hồ sơ, trả 598 hồ sơ, công dân rút 4 hồ sơ; cuối tháng còn 47 hồ sơ.",
    "Tỷ lệ trễ hẹn từ 2,4% xuống 1,1%, giảm 1,3 điểm phần trăm.",
    "Có 1.250 phiếu hỏi phát ra, thu về 1.175 phiếu, đạt 94%.",
    "Chi phí in ấn mỗi hồ sơ 12.000 đồng, 3.500 hồ sơ hết 42.000.000 đồng.",
    "Số hồ sơ đất đai gấp 2,5 lần hộ tịch (1.500 so với 600).",
    "Theo độ tuổi người nộp: dưới 35 tuổi 41,2%, từ 35 đến 60 tuổi 44,3%, trên 60 tuổi 14,5%.",
    "Xã có 4 thôn vùng cao là Nà Mèo, Khe Sung, Pắc Ta, Bản Ngà.",
    "Trong 540 đơn có 320 đơn đất đai, 150 đơn xây dựng, 70 đơn khác.",
    "Quý I nhận 2.310 hồ sơ, quý II nhận 2.541 hồ sơ, tăng 10% so với quý I.",
    "Ba tháng làm được 930 hồ sơ, bình quân mỗi tháng 310 hồ sơ.",
    "Thang 9 phuong tiep nhan 1.240 ho so, trong do truc tuyen 1.054 ho so, truc tiep 186 ho so; da giai quyet 1.198 ho so.",
    "Trường có 24 lớp với 936 học sinh, bình quân 39 học sinh/lớp; trong đó khối 6 có 258 em, khối 7 có 678 em.",
    "Học tập: 936 em, gồm 168 em xếp loại tốt, 402 em xếp loại khá, 331 em đạt, còn lại 35 em chưa đạt.",
    "Thu 12,46 tỷ đồng, đạt 83,1% dự toán (15 tỷ đồng); chi 9,87 tỷ đồng, đạt 74,2% dự toán 13,3 tỷ đồng.",
    "Nguồn vốn đạt 642,8 tỷ đồng, tăng 41,3 tỷ đồng so với đầu năm, tốc độ tăng 6,9%.",
    "Phải giải quyết 967 hồ sơ: kỳ trước chuyển sang 56 hồ sơ, tiếp nhận mới 911 hồ sơ. Đang giải quyết 65 hồ sơ.",
    "Nộp trực tuyến 5.204 hồ sơ, trực tiếp 2.467 hồ sơ, bưu chính 2083, cộng 9.754 hồ sơ.",
    "Tỷ lệ thanh toán đạt 82,23%, năm 2021 là 36,39%, tăng 45,84 điểm phần trăm.",
    "BHXH bắt buộc 6.482 người, tăng 312 người; BHXH tự nguyện 2.156 người, đạt 81,2% kế hoạch; cộng 8.638 người.",
    "Thu nhận 5.640 hồ sơ, gồm 3.905 hồ sơ từ đủ 14 tuổi, 1.212 hồ sơ từ 6 đến dưới 14 tuổi và 523 hồ sơ dưới 6 tuổi.",
    "Còn 7.426 hồ sơ. Có 12/45 xã hoàn thành 100% chỉ tiêu. 5 xã còn nhiều là An Phú 812, Bình Hòa 764, Cát Sơn 690.",
    "Tháng 3 trả 812 hồ sơ, hơn tháng 2 là 74 hồ sơ, vì tháng 2 chỉ trả 738 hồ sơ.",
    "Nửa đầu năm nhận 4.200 đơn, nửa cuối năm nhận 4.830 đơn, hơn nửa đầu năm 630 đơn, tức tăng 15%.",
    "Phường An Bình nhận 1.240 hồ sơ, phường Hòa Hải nhận 620 hồ sơ. Phường An Bình nhận gấp 2 lần phường Hòa Hải.",
    "Thu 8,4 tỷ đồng, bằng 112,0% cùng kỳ (7,5 tỷ đồng).",
    "Trong số 96 đơn quá hạn, xã An Phú 31 đơn, xã Bình Hòa 27 đơn, các xã khác 38 đơn. Hai xã này chiếm 60,4% số đơn quá hạn.",
    "Tỷ lệ hài lòng năm học trước là 91,2%, năm học này 94,6%, tăng 3,4 điểm.",
    "Đợt rà soát trước có 64 thủ tục, đợt này có 80 thủ tục, tăng 16 thủ tục, tức 25%.",
    "Trong 85 việc, xử lý dưới 24 giờ là 58 việc, còn lại 27 việc.",
    "Xã trả 1.204 hồ sơ, trong đó sớm hẹn 1.150, đúng hẹn 54. Xã có 100% hồ sơ trả đúng hẹn.",
    "Trả 960 hồ sơ, trong đó đúng hạn 948 hồ sơ, quá hạn 12 hồ sơ. Riêng lĩnh vực hộ tịch có 100% hồ sơ trả đúng hạn.",
    "Tổng số lượt khám: 118.452 lượt, trong đó khám BHYT 104.930 lượt. Chuyển tuyến 1.903 lượt, bằng 1,6% tổng số lượt khám.",
    "Khảo sát hài lòng người bệnh: phát ra 600 phiếu, thu về 588 phiếu (98%); tỷ lệ hài lòng chung đạt 94,7%.",
    "Kiểm tra 6 tổ chức đảng và 12 đảng viên, đạt 60% kế hoạch (06/10 tổ chức).",
    "Có 84 hồ sơ sai sót. Phân theo đơn vị: Sở Xây dựng 36 hồ sơ, UBND huyện Na Hang 38 hồ sơ, UBND thành phố 10 hồ sơ.",
    "Trong 4.850 kết quả có 3.395 kết quả đất đai, bằng 70%, 970 kết quả hộ tịch (20%), còn lại là các loại khác.",
    "Có 185.800 tờ, gồm trực tuyến 184.620 và giấy 1.180; tỷ lệ trực tuyến 99,36%, tăng 0,46 điểm so với tháng 7 (98,90%).",
    "Ghi nhận kết quả: tiếp nhận 1.920 hồ sơ, giải quyết 1.856 hồ sơ, trong đó đúng hạn 1.842 hồ sơ, quá hạn 14 hồ sơ.",
    "Đoàn làm việc với 21 đơn vị (6 sở, 12 xã, 3 doanh nghiệp bưu chính).",
    "Hộ nghèo giảm từ 6,4% xuống còn 4,9%, giảm 1,5 điểm phần trăm, vượt chỉ tiêu nghị quyết (giảm 1,2 điểm phần trăm).",
    "Trả lại 743 hồ sơ: thiếu chữ ký số 388, sai mục lục ngân sách 241, lý do khác 114.",
    "Luồng vàng 3,2 giờ, nhanh hơn 0,8 giờ so với quý II (4,0 giờ).",
    "Cả hai kỳ nhận 4.851 hồ sơ, gồm kỳ một 2.310 hồ sơ và kỳ hai 2.541 hồ sơ.",
)
"""Nothing is contradicted, and every one has a claim that is decided."""

WRONG = (
    ("Sáu tháng qua, quận xử lý 8.420 hồ sơ, nhiều hơn cùng kỳ năm ngoái (7.655 hồ sơ) 675 hồ sơ.", "675"),
    ("Nửa đầu năm huyện trả 5.310 kết quả: 3.204 kết quả qua bưu điện, 1.926 kết quả tại quầy.", "5.310"),
    ("Đầu tháng tồn 37 hồ sơ; trong tháng nhận 612 hồ sơ, trả 598 hồ sơ, công dân rút 4 hồ sơ; cuối tháng còn 74 hồ sơ.", "74"),
    ("Tỷ lệ trễ hẹn từ 2,4% xuống 1,1%, giảm 54,2 điểm phần trăm.", "54,2"),
    ("Có 1.250 phiếu hỏi phát ra, thu về 1.175 phiếu, đạt 49%.", "49%"),
    ("Chi phí in ấn mỗi hồ sơ 12.000 đồng, 3.500 hồ sơ hết 24.000.000 đồng.", "12.000"),
    ("Theo độ tuổi người nộp: dưới 35 tuổi 42,1%, từ 35 đến 60 tuổi 44,3%, trên 60 tuổi 14,5%.", "42,1%"),
    ("Xã có 5 thôn vùng cao là Nà Mèo, Khe Sung, Pắc Ta, Bản Ngà.", "5"),
    ("Trong 540 đơn có 320 đơn đất đai, 150 đơn xây dựng, 90 đơn khác.", "540"),
    ("Thang 9 phuong tiep nhan 1.240 ho so, trong do truc tuyen 1.045 ho so, truc tiep 186 ho so.", "1.240"),
    ("Quý I nhận 2.310 hồ sơ, quý II nhận 2.541 hồ sơ, tăng 9,1% so với quý I.", "9,1%"),
    ("Huyện giải quyết 27.930 hồ sơ. Với 29.730 hồ sơ đã giải quyết, huyện đứng thứ hai toàn tỉnh.", "29.730"),
    (
        "Tiếp nhận 163.480 hồ sơ, gồm 159.918 hồ sơ mới (trực tuyến 135.770 hồ sơ, trực tiếp 24.148 hồ sơ) và 3.562 hồ sơ cũ. "
        "Trực tuyến chiếm 83,05% hồ sơ mới.",
        "83,05%",
    ),
    ("Tỷ lệ thanh toán đạt 82,23%, năm 2021 là 36,39%, giảm 45,84 điểm phần trăm.", "45,84"),
    ("Thu 12,46 tỷ đồng, đạt 81,3% dự toán (15 tỷ đồng).", "81,3%"),
    ("Nguồn vốn đạt 642,8 tỷ đồng, tăng 41,3 tỷ đồng so với đầu năm, tốc độ tăng 9,6%.", "9,6%"),
    ("Trường có 24 lớp với 936 học sinh, bình quân 93 học sinh/lớp.", "93"),
    ("Khảo sát 1.250 người cho thấy 1.178 người hài lòng, 46 người thấy bình thường và 17 người chưa hài lòng.", "1.250"),
    ("Đã giải quyết 2.364/2.410 hồ sơ, còn 64 hồ sơ đang trong hạn.", "64"),
    ("Điều trị 21.376 người, ra viện 20.914 người, chuyển tuyến 318 người, tử vong 12 người, còn nằm viện 123 người.", "123"),
    ("Lớp có 936 học sinh. Rèn luyện: tốt 821 em (86,8%); khá 109 em (11,6%); đạt 15 em (1,6%).", "86,8%"),
    ("Thời gian chờ giảm từ 52 phút xuống còn 38 phút, rút ngắn 41 phút.", "41"),
    ("Chi cục nhận 12.850 tờ khai. Nộp điện tử 12.979 tờ khai, nộp giấy 51 tờ khai.", "12.850"),
    ("Trả lại 126 hồ sơ, riêng đất đai 162 hồ sơ.", "126"),
    ("Tháng 4 trả chậm 125 đơn, tháng 5 trả chậm 138 đơn, giảm 13 đơn so với tháng 4.", "13"),
    ("Quý I nhận 9.412 hồ sơ. Quý II nhận 9.204 hồ sơ, tăng 208 hồ sơ so với quý I.", "208"),
    ("Nửa đầu năm nhận 4.200 đơn, nửa cuối năm nhận 4.830 đơn, hơn nửa đầu năm 630 đơn, tức tăng 13%.", "13%"),
    (
        "Phường An Bình nhận 1.240 hồ sơ, phường Tân Lập nhận 850 hồ sơ, phường Hòa Hải nhận 620 hồ sơ. "
        "Phường An Bình nhận gấp 3 lần phường Hòa Hải, nhiều hơn phường Tân Lập 390 hồ sơ.",
        "3",
    ),
    ("So với tháng 3 (nhận 1.600 hồ sơ), số nhận tháng 4 là 1.440 hồ sơ, bằng 90%, như vậy giảm 90%.", "90%"),
    ("Thu 8,4 tỷ đồng, bằng 121,0% cùng kỳ (7,5 tỷ đồng).", "121,0%"),
    (
        "Trong số 96 đơn quá hạn, xã An Phú 31 đơn, xã Bình Hòa 27 đơn, các xã khác 38 đơn. Hai xã này chiếm 64,0% số đơn "
        "quá hạn.",
        "64,0%",
    ),
    ("Có 215 đơn đã xử lý; trong đó xử lý dưới 24 giờ là 251 đơn.", "215"),
    ("Xã trả 1.204 hồ sơ, trong đó đúng hẹn 1.187, trễ hẹn 17. Xã có 100% hồ sơ trả đúng hẹn.", "100%"),
    ("Huyện giữ 860 thủ tục. Cấp tỉnh có 412 thủ tục. Cấp huyện có 256 thủ tục. Cấp xã có 129 thủ tục.", "860"),
    (
        "Giải quyết 5.300 hồ sơ, gồm cấp đổi 3.900 hồ sơ, cấp lại và thu hồi 1.400 hồ sơ.\n"
        "Nhóm cấp lại và thu hồi: cấp lại 950, thu hồi 540.",
        "1.400",
    ),
    ("Trong 118 ý kiến, về giá 52 ý kiến, về giờ 41 ý kiến, về khác 15 ý kiến, cộng lại vừa đủ 118 ý kiến.", "118"),
    ("Giao 64 nhiệm vụ, số hoàn thành là 67 nhiệm vụ.", "64"),
    ("Kiểm tra thấy 36/240 hồ sơ có sai sót (15%). Cuối đợt, kiểm tra cho thấy 51% hồ sơ có sai sót.", "51%"),
    ("Thu 480.000.000 đồng. Thu qua thẻ 360.000.000 đồng, chiếm 85%, tiền mặt 120.000.000 đồng.", "85%"),
    ("Có 217 hồ sơ chậm. So với cùng kỳ năm trước (279 hồ sơ chậm), giảm 80 hồ sơ, tương đương giảm 26,9%.", "80"),
    ("Thanh toán đạt 210.338 giao dịch với 96,7 tỷ đồng, gấp 3,2 lần năm 2023 (91.451 giao dịch).", "3,2"),
    ("Thu hồi 18.600.000 đồng phí thu sai của 26 hồ sơ (mỗi hồ sơ 300.000 đồng).", "300.000"),
    ("Tiếp 1.216 lượt với 1.498 người; tiếp thường xuyên 920 lượt, tiếp định kỳ 314 lượt.", "1.216"),
    ("Trả lại 512 hồ sơ: thiếu chữ ký số 287, sai mục lục ngân sách 163, lý do khác 26.", "512"),
    ("Đoàn làm việc với 23 đơn vị (5 sở, 14 xã, 2 doanh nghiệp bưu chính).", "23"),
    ("Cấp 3.870 phiếu, gồm 2.666 phiếu số 1 và 1.204 phiếu số 2. Đúng hạn 3.831 phiếu; chậm 93 phiếu.", "3.870"),
    ("Thời gian chờ 34 phút, nhanh hơn 21 phút so với quý II (46 phút).", "21"),
    (
        "Kim ngạch 924 triệu USD, gồm xuất khẩu 546 triệu, nhập khẩu 378 triệu USD; tăng 0,5% so với quý II (880 triệu USD).",
        "0,5%",
    ),
    ("Về hài lòng: thu về 1.425 phiếu. Rất hài lòng 798 phiếu, hài lòng 540 phiếu, không hài lòng 57 phiếu.", "1.425"),
    ("Tuần này nhận 323 hồ sơ, trực tuyến 188, trực tiếp 44.", "323"),
    ("Có 95 hồ sơ trễ, nhiều nhất là các xã như Tân Lập 48 hồ sơ, Hòa Bình 37 hồ sơ, Yên Sơn 26 hồ sơ.", "95"),
)
"""What is claimed wrongly."""


TABLE = """| Đơn vị | Đầu kỳ | Nhận | Trả | Cuối kỳ |
|---|---|---|---|---|
| Nà Mèo | 41 | 612 | 598 | 55 |
| Khe Sung | 27 | 480 | 491 | 16 |
| Pắc Ta | 33 | 705 | 690 | 84 |
| Cộng | 101 | 1.797 | 1.779 | 119 |
"""


INCLUDED = """| Đơn vị | Đã giải quyết | Trong đó: trực tuyến | Quá hạn |
|---|---|---|---|
| Xã Đại Lộc | 640 | 604 | 3 |
| Xã Hà Nha | 512 | 430 | 1 |
| Xã Thượng Đức | 733 | 598 | 6 |
"""


def test_a_column_of_some_is_no_more_than_the_column_it_is_taken_from() -> None:
    assert not [one for one in audit_text(INCLUDED).claims if one.verdict is Verdict.contradicted]
    found = audit_text(INCLUDED.replace("604", "684")).claims
    assert [one.claimed for one in found if one.verdict is Verdict.contradicted] == ["640"]


def test_what_is_left_is_a_balance_across_the_columns_of_a_table() -> None:
    assert "84" in [one.claimed for one in audit_text(TABLE).claims if one.verdict is Verdict.contradicted]
    assert not [one for one in audit_text(TABLE.replace("84", "48")).claims if one.verdict is Verdict.contradicted]


@pytest.mark.parametrize("text", HOLDS)
def test_what_holds_is_decided_and_raises_no_alarm(text: str) -> None:
    claims = audit_text(text).claims
    assert [one.equation for one in claims if one.verdict is Verdict.contradicted] == []
    assert any(one.verdict is Verdict.holds for one in claims)


@pytest.mark.parametrize(("text", "claimed"), WRONG)
def test_what_is_wrong_is_found(text: str, claimed: str) -> None:
    assert claimed in [one.claimed for one in audit_text(text).claims if one.verdict is Verdict.contradicted]
