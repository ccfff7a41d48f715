"""KPIs of the index of decision 766/QĐ-TTg: what its components count, and the dossiers that cost them points. Pure.

On time by the decision is asked of whole periods: of the dossiers received or handled in a month, no sum over its days tells
those that are both. So there is a KPI for each kind of period, which is opened by the id of its figure and stands in no table.
"""

from __future__ import annotations

from datetime import date

from services.metrics.figures.kpis.algebra import Kpi, end, flow
from services.metrics.figures.kpis.entries import DECISION_766, SINCE_766, count, share
from services.metrics.periods import KINDS
from shared.contracts.definitions import ExampleFigure
from shared.contracts.indices import PeriodKind
from shared.contracts.kpis import Text

RECEIVED = flow("received_online") + flow("received_counter") + flow("received_post") + flow("received_unstated")
_with_result = flow("resolved_early") + flow("resolved_to_the_day") + flow("resolved_overdue")

FEE_STATED, RESULT_STATED, INTAKE_STATED = flow("fee_due_stated"), flow("result_stated"), flow("received_intake_stated")
"""Dossiers of which a source states what was paid online, and what was digitised of result and papers."""
_whole_stated = flow("resolved_digitised_stated")
_storage_stated, _verified_stated = flow("received_storage_stated"), flow("received_verified_stated")

# fmt: off
OF_ANY_PERIOD: tuple[Kpi, ...] = (
    count("result_not_digitised", "Chưa có kết quả điện tử", "Without electronic result",
          flow("result_to_digitise") - flow("result_digitised"),
          "Hồ sơ đã có kết quả thuộc thủ tục phải số hóa mà chưa gắn tệp kết quả",
          "Resolved of procedures whose results must be electronic, and without a result file", source=DECISION_766,
          better="lower", stated=RESULT_STATED, among=flow("result_to_digitise"), example=1),  # B
    share("digitised_whole", "Tỷ lệ hồ sơ số hóa đủ", "Digitised as a whole", flow("resolved_digitised"), _with_result,
          "Hồ sơ có giấy tờ số hóa và, nếu phải có, kết quả điện tử / hồ sơ đã có kết quả",
          "Resolved with digitised papers and, where one is due, an electronic result / resolved", source=DECISION_766,
          valid_from=SINCE_766, stated=_whole_stated, example=(1, 4)),  # A of A B C K
    count("not_digitised_whole", "Hồ sơ chưa số hóa đủ", "Not digitised as a whole", _with_result - flow("resolved_digitised"),
          "Hồ sơ đã có kết quả mà giấy tờ hoặc kết quả chưa số hóa", "Resolved, and papers or result are not digitised",
          source=DECISION_766, better="lower", stated=_whole_stated, among=_with_result, example=3),
    share("received_digitised", "Tỷ lệ hồ sơ có thành phần số hóa", "With digitised papers", flow("received_digitised"),
          RECEIVED, "Hồ sơ tiếp nhận có thành phần số hóa / tiếp nhận mới", "Received with digitised papers / newly received",
          source=DECISION_766, target=0.8, valid_from=SINCE_766, base=("received_new",), stated=INTAKE_STATED,
          example=(2, 9)),  # A L
    count("received_not_digitised", "Không có thành phần số hóa", "Without digitised papers",
          RECEIVED - flow("received_digitised"), "Hồ sơ tiếp nhận trong kỳ không có thành phần số hóa",
          "Received in the period without digitised papers", source=DECISION_766, better="lower", stated=INTAKE_STATED,
          among=RECEIVED, example=7),
    share("storage_share", "Tỷ lệ lấy giấy tờ từ kho dữ liệu cá nhân", "With papers from the storage",
          flow("received_from_storage"), RECEIVED, "Hồ sơ có giấy tờ lấy từ kho dữ liệu điện tử cá nhân / tiếp nhận mới",
          "Received with papers from the personal storage / newly received", source=DECISION_766, valid_from=SINCE_766,
          base=("received_new",), stated=_storage_stated, example=(1, 9)),  # A
    count("not_from_storage", "Không lấy giấy tờ từ kho dữ liệu cá nhân", "Without papers from the storage",
          RECEIVED - flow("received_from_storage"), "Hồ sơ tiếp nhận không lấy giấy tờ từ kho dữ liệu điện tử cá nhân",
          "Received without papers from the personal storage", source=DECISION_766, better="lower", stated=_storage_stated,
          among=RECEIVED, example=8),
    share("verified_share", "Tỷ lệ xác thực danh tính", "Identity verified", flow("received_verified"), RECEIVED,
          "Hồ sơ có tài khoản xác thực VNeID hoặc dữ liệu dân cư / tiếp nhận mới",
          "Received with an account verified by VNeID or population data / newly received", source=DECISION_766,
          valid_from=SINCE_766, base=("received_new",), stated=_verified_stated, example=(2, 9)),  # A G
    count("not_verified", "Chưa xác thực danh tính", "Identity not verified", RECEIVED - flow("received_verified"),
          "Hồ sơ tiếp nhận mà tài khoản chưa xác thực VNeID", "Received without a verified account", source=DECISION_766,
          better="lower", stated=_verified_stated, among=RECEIVED, example=7),
    count("fee_not_paid_online", "Có phí, chưa nộp trực tuyến", "With a fee, not paid online",
          flow("fee_due") - flow("fee_paid_online"), "Hồ sơ thuộc thủ tục có phí, lệ phí mà không nộp trực tuyến",
          "Received of procedures with a fee, and not paid online", source=DECISION_766, better="lower", stated=FEE_STATED,
          among=flow("fee_due"), example=1),  # B
    share("online_in_full", "Tỷ lệ trực tuyến có kết quả điện tử", "Online with electronic result",
          flow("received_online_in_full"), RECEIVED,
          "Hồ sơ trực tuyến, nếu phải có thì kết quả điện tử có mã và đường dẫn / tiếp nhận mới",
          "Received online and, where one is due, with a result that has a code and a link / newly received",
          source=DECISION_766, valid_from=SINCE_766, base=("received_new",), stated=flow("received_in_full_stated"),
          example=(5, 9)),  # A E G I K, not L
    count("not_judged_766", "Chưa đánh giá theo Quyết định 766", "Not held against decision 766",
          flow("received_unjudged") + flow("ended_unjudged"),
          "Hồ sơ tiếp nhận hoặc kết thúc mà phiên bản trước tính, chưa được tính lại theo Quyết định 766; mỗi lần tính một",
          "Received, and ended, of dossiers that an earlier release dated and that are not dated anew yet; each counts one",
          source=DECISION_766, better="lower", example=0),
    count("storage_stated", "Có thông tin về kho dữ liệu cá nhân", "Stated whether papers are from the storage",
          _storage_stated, "Hồ sơ tiếp nhận mà nguồn cho biết giấy tờ có lấy từ kho hay không",
          "Received, and a source states whether papers are from the personal storage", source=DECISION_766, example=2),  # A B
    count("verified_stated", "Có thông tin về xác thực danh tính", "Stated whether the identity was verified",
          _verified_stated, "Hồ sơ tiếp nhận mà nguồn cho biết tài khoản đã xác thực hay chưa",
          "Received, and a source states whether the account was verified", source=DECISION_766, example=3),  # A B G
    count("intake_stated", "Có thông tin về số hóa thành phần", "Stated whether papers were digitised",
          INTAKE_STATED, "Hồ sơ tiếp nhận mà nguồn cho biết thành phần có được số hóa hay không",
          "Received, and a source states whether papers were digitised", source=DECISION_766, example=3),  # A B L
    count("fee_stated", "Có thông tin về thanh toán trực tuyến", "Stated whether the fee was paid online",
          FEE_STATED, "Hồ sơ thuộc thủ tục có phí mà nguồn cho biết có nộp trực tuyến hay không",
          "Received of procedures with a fee, and a source states whether it was paid online", source=DECISION_766,
          example=2),  # A B
    count("result_stated", "Có thông tin về kết quả điện tử", "Stated whether the result is electronic",
          RESULT_STATED, "Hồ sơ phải có kết quả điện tử mà nguồn cho biết có tệp kết quả hay không",
          "Resolved of procedures whose result must be electronic, and a source states whether it is",
          source=DECISION_766, example=2),  # A B
    count("digitised_stated", "Có thông tin về số hóa đủ", "Stated whether digitised as a whole",
          _whole_stated, "Hồ sơ đã có kết quả mà nguồn cho biết giấy tờ và, nếu phải có, kết quả đã số hóa",
          "Resolved, and sources state of papers and, where one is due, of the result whether they are digitised",
          source=DECISION_766, example=2),  # A B
    count("due_next_766", "Đến hạn trong hôm nay hoặc ngày mai theo Quyết định 766", "Due next by decision 766",
          end("due_next_766"), "Hồ sơ đang giải quyết có hạn theo Quyết định 766 là ngày cuối kỳ hoặc ngày sau đó",
          "In process and due by decision 766 on the last day or the day after", source=DECISION_766, better="lower",
          example=0),
)
# fmt: on

_UNITS = {"month": "tháng", "quarter": "quý", "half": "sáu tháng", "year": "năm"}
_NONE = ExampleFigure(None, None, None)
ENDED_LATE = 4


def _of_kind(kind: PeriodKind) -> tuple[Kpi, ...]:
    unit = _UNITS[kind.partition("_")[2]]
    base = RECEIVED + flow("ended_766") - flow(f"ended_in_{kind}")
    late = flow("ended_late_766") + flow(f"late_in_{kind}") + flow(f"twice_in_{kind}")
    is_example = kind == "civil_month"
    return (
        Kpi(
            f"on_time_766_{kind}",
            Text("Tỷ lệ trước và đúng hạn theo Quyết định 766", "On time by decision 766"),
            Text(
                f"Hồ sơ tiếp nhận hoặc xử lý trong {unit} không quá hạn / hồ sơ tiếp nhận hoặc xử lý",
                "Received or handled in the period and not late / received or handled",
            ),
            base - late,
            base,
            unit="share",
            better="higher",
            decimals=2,
            source=DECISION_766,
            valid_from=date(2026, 1, 1),
            example=ExampleFigure(5, 11, 0.4545) if is_example else _NONE,  # B D G I L of A B C D E G H I J K L
        ),
        Kpi(
            f"late_766_{kind}",
            Text("Quá hạn theo Quyết định 766", "Late by decision 766"),
            Text(
                f"Hồ sơ tiếp nhận hoặc xử lý trong {unit} quá hạn, hoặc yêu cầu bổ sung quá một lần",
                "Received or handled in the period and late, or with more than one request for papers",
            ),
            late,
            better="lower",
            source=DECISION_766,
            valid_from=date(2026, 1, 1),
            example=ExampleFigure(6, None, 6) if is_example else _NONE,
        ),
        Kpi(
            f"ended_late_766_{kind}",
            Text("Kết thúc quá hạn theo Quyết định 766", "Ended late by decision 766"),
            Text(
                f"Hồ sơ kết thúc trong {unit} sau hạn, hoặc yêu cầu bổ sung quá một lần",
                "Ended in the period after the date, or with more than one request for papers",
            ),
            flow("ended_late_766"),
            better="lower",
            source=DECISION_766,
            valid_from=date(2026, 1, 1),
            example=ExampleFigure(ENDED_LATE, None, ENDED_LATE) if is_example else _NONE,
        ),
        Kpi(
            f"not_closed_766_{kind}",
            Text("Chưa kết thúc, quá hạn tính đến cuối kỳ theo Quyết định 766", "Not closed, and late by decision 766"),
            Text(
                f"Hồ sơ tiếp nhận trong {unit}, chưa kết thúc, hạn trước ngày cuối {unit}, yêu cầu bổ sung không quá một lần",
                "Received in the period, not ended, due before its last day, with one request for papers at most",
            ),
            flow(f"late_in_{kind}"),
            better="lower",
            source=DECISION_766,
            valid_from=date(2026, 1, 1),
            example=ExampleFigure(6 - ENDED_LATE, None, 6 - ENDED_LATE) if is_example else _NONE,
        ),
        Kpi(
            f"requested_twice_766_{kind}",
            Text("Chưa kết thúc, yêu cầu bổ sung quá một lần", "Not closed, papers requested more than once"),
            Text(
                f"Hồ sơ tiếp nhận trong {unit}, chưa kết thúc, yêu cầu bổ sung quá một lần: quá hạn dù kết thúc khi nào",
                "Received in the period, not ended, with more than one request for papers: late whenever it ends",
            ),
            flow(f"twice_in_{kind}"),
            better="lower",
            source=DECISION_766,
            valid_from=date(2026, 1, 1),
            example=ExampleFigure(0, None, 0) if is_example else _NONE,
        ),
    )


OF_KIND: dict[PeriodKind, tuple[Kpi, ...]] = {kind: _of_kind(kind) for kind in KINDS}
"""On time and late by decision 766 of the periods of each kind; of the late ones, those that ended and those that did not."""
BY_ID_OF_KIND: dict[str, Kpi] = {kpi.id: kpi for both in OF_KIND.values() for kpi in both}
