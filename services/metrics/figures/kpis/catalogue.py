"""The catalogue of KPIs: one list, from which the API, the exports, the alerts and the tables of a notice are made. Pure.

To add a KPI, add an entry here; if it needs a count that is not there yet, add that to `measures` and a migration first. Its
`example` is what it comes to in the world of `services.metrics.figures.kpis.worked_example`, computed by hand.
`carried_over + received_new = resolved + in_process` holds for every agency and period, because a dossier that was received
leaves the stock on the day that `resolved` counts it.
"""

from __future__ import annotations

from fractions import Fraction

from services.metrics.counting.time_buckets import MINUTES_OF_A_DAY, TIME_BUCKETS
from services.metrics.figures.kpis.algebra import Kpi, Sum, balance, end, flow, manual_input, start
from services.metrics.figures.kpis.cause_names import CAUSE_NAMES
from services.metrics.figures.kpis.entries import DECISION_766, DECREE_61, SINCE_766, count, quotient, share, step_count
from services.metrics.figures.kpis.index_766 import FEE_STATED, OF_ANY_PERIOD, RECEIVED, RESULT_STATED
from shared.contracts.definitions import DefinedBalance, ExampleFigure
from shared.contracts.kpis import Text
from shared.workdays.causes import BY_LAW, DelayCause

RETURNED_COUNTED_AS = "on_time"
"""Policy: a dossier that was received and closed without a result (returned, withdrawn, refused) is inside `resolved_on_time`,
as in the form in use; it is always shown apart as well."""
CONTRADICTORY = "contradictory"
"""The KPI of the dossiers that contradict themselves: `doubtful` in the `freshness` of figures is its value."""

_45 = "Nghị định 45/2020/NĐ-CP"

_without_result = flow("returned") + flow("withdrawn") + flow("refused_after_receipt")
_carried = start("open")
_on_time = flow("resolved_to_the_day") + _without_result
_in_time = flow("resolved_early") + _on_time
_resolved = _in_time + flow("resolved_overdue")
_within_limit = end("open") - end("late")
_channel_stated = flow("received_online") + flow("received_counter") + flow("received_post")
# Whether sources tell of steps at all is seen by those of what ended and of what is in process too.
_steps_told = flow("steps_ended") + flow("ended_steps_told") + start("open_steps_told") + end("open_steps_told")
_steps_tellable = flow("steps_ended") + RECEIVED + _carried
_interlinked_in_time = flow("interlinked_in_time") + flow("interlinked_without_result")
_buckets = Sum(tuple(term for name, _ in TIME_BUCKETS for term in flow(name).terms))

_CAUSES_IN_EXAMPLE = {DelayCause.days_off_counted: 2, DelayCause.extended: 1, DelayCause.staff: 1}  # J K, H, C


# fmt: off
KPIS: tuple[Kpi, ...] = (
    count("received_online", "Tiếp nhận trực tuyến", "Received online", flow("received_online"),
           "Hồ sơ tiếp nhận trong kỳ qua cổng dịch vụ công", "Dossiers received in the period through the online portal",
           example=6),  # A E G I K L
    count("received_counter", "Tiếp nhận trực tiếp", "Received at the counter", flow("received_counter"),
           "Hồ sơ tiếp nhận trong kỳ tại Bộ phận Một cửa", "Dossiers received in the period at the one-stop desk",
           example=2),  # B H
    count("received_post", "Tiếp nhận qua bưu chính", "Received by post", flow("received_post"),
           "Hồ sơ tiếp nhận trong kỳ qua dịch vụ bưu chính công ích", "Dossiers received in the period by public post",
           example=0),
    count("received_unstated", "Tiếp nhận, không rõ hình thức", "Received, channel not stated", flow("received_unstated"),
           "Hồ sơ tiếp nhận trong kỳ mà nguồn không ghi hình thức nộp",
               "Received dossiers whose source does not say how they came in", example=1),  # J
    count("received_new", "Tiếp nhận mới trong kỳ", "Newly received", RECEIVED,
           "Tổng số hồ sơ tiếp nhận trong kỳ theo mọi hình thức", "All dossiers received in the period, whatever the channel",
           parts=("received_online", "received_counter", "received_post", "received_unstated"), example=9),
    count("carried_over", "Kỳ trước chuyển sang", "Carried over", _carried,
           "Hồ sơ đang giải quyết khi kỳ báo cáo bắt đầu", "Dossiers in process when the period began", example=3),  # C D O
    count("to_handle", "Tổng số phải giải quyết", "To be handled", RECEIVED + _carried,
           "Tiếp nhận mới cộng kỳ trước chuyển sang", "Newly received and carried over",
           parts=("received_new", "carried_over"), example=12),
    count("resolved_early", "Giải quyết trước hạn", "Resolved early", flow("resolved_early"),
           "Hồ sơ có kết quả trước ngày đến hạn", "Dossiers whose result was ready before the due date", better="higher",
           example=2),  # A K
    count("resolved_on_time", "Giải quyết đúng hạn", "Resolved on time", _on_time,
           "Hồ sơ có kết quả đúng ngày đến hạn, gồm cả hồ sơ trả lại, rút (theo biểu mẫu đang dùng; xem chỉ tiêu riêng)",
           "Result ready on the due date; those closed without a result are inside, as in the form in use, and apart too",
           example=3),  # B, and D E without a result
    count("resolved_overdue", "Giải quyết quá hạn", "Resolved overdue", flow("resolved_overdue"),
           "Hồ sơ có kết quả sau ngày đến hạn", "Dossiers whose result was ready after the due date", better="lower",
           example=1),  # C
    count("resolved", "Đã giải quyết", "Resolved", _resolved,
           "Tổng số hồ sơ đã giải quyết trong kỳ", "All dossiers resolved in the period",
           parts=("resolved_early", "resolved_on_time", "resolved_overdue"), example=6),
    count("in_process_within_limit", "Đang giải quyết, chưa đến hạn", "In process within limit", _within_limit,
           "Hồ sơ đang giải quyết cuối kỳ chưa quá hạn, gồm cả hồ sơ tạm dừng",
               "In process at the end of the period and not overdue; suspended ones are inside", example=5),  # G I J L O
    count("in_process_overdue", "Đang giải quyết, quá hạn", "In process overdue", end("late"),
           "Hồ sơ đang giải quyết cuối kỳ đã quá hạn", "In process at the end of the period, after the due date",
               better="lower", example=1),  # H
    count("in_process", "Đang giải quyết", "In process", end("open"),
           "Tổng số hồ sơ đang giải quyết cuối kỳ", "All dossiers in process at the end of the period",
           parts=("in_process_within_limit", "in_process_overdue"), example=6),
    count("due_within_1", "Đến hạn trong 1 ngày làm việc", "Due within 1 working day", end("due_within_1"),
           "Đang giải quyết cuối kỳ, còn tối đa 1 ngày làm việc",
               "In process at the end of the period, at most 1 working day left", source=DECREE_61, example=1),  # L
    count("due_within_3", "Đến hạn trong 3 ngày làm việc", "Due within 3 working days", end("due_within_3"),
           "Đang giải quyết cuối kỳ, còn tối đa 3 ngày làm việc",
               "In process at the end of the period, at most 3 working days left", source=DECREE_61, example=2),  # G L
    count("due_within_5", "Đến hạn trong 5 ngày làm việc", "Due within 5 working days", end("due_within_5"),
           "Đang giải quyết cuối kỳ, còn tối đa 5 ngày làm việc",
               "In process at the end of the period, at most 5 working days left", source=DECREE_61,
           example=2),  # G L; I is suspended, J has time
    count("suspended", "Đang tạm dừng", "Suspended", end("suspended"),
           "Đang giải quyết cuối kỳ, thời hạn tạm dừng (chờ bổ sung, nghĩa vụ tài chính, dừng xử lý)",
           "In process at the end of the period, the clock standing still", source=DECREE_61, example=1),  # I
    count("returned", "Trả lại", "Returned", flow("returned"),
           "Hồ sơ trả lại vì không đủ điều kiện giải quyết", "Dossiers sent back as not eligible", source=DECREE_61,
          better="lower", example=1),  # D
    count("refused", "Từ chối tiếp nhận", "Refused", flow("refused"),
           "Hồ sơ không được tiếp nhận", "Dossiers that were not taken in", source=DECREE_61, better="lower", example=1),  # F
    count("withdrawn", "Công dân rút", "Withdrawn", flow("withdrawn"),
           "Hồ sơ công dân yêu cầu rút", "Dossiers withdrawn by the applicant", source=DECREE_61, example=1),  # E
    count("closed_without_result_overdue", "Trả lại, rút khi đã quá hạn", "Closed without result after the due date",
           flow("closed_without_result_overdue"), "Hồ sơ trả lại, rút, từ chối sau ngày đến hạn",
           "Returned, withdrawn or refused after the due date", source=DECREE_61, better="lower", example=1),  # E
    count("contradictory_ended", "Mâu thuẫn dữ liệu, đã kết thúc", "Contradictory, ended", flow("ended_contradictory"),
           "Hồ sơ kết thúc trong kỳ có ngày, bước xử lý, trạng thái mâu thuẫn nhau; tính trong đúng hạn",
           "Ended in the period, of dates, steps and status that cannot all be true; counted as on time",
           source=DECREE_61, better="lower", example=1),  # D
    count("contradictory_in_process", "Mâu thuẫn dữ liệu, đang giải quyết", "Contradictory, in process",
           end("open_contradictory"),
           "Hồ sơ đang giải quyết cuối kỳ có ngày, bước xử lý, trạng thái mâu thuẫn nhau; tính trong chưa đến hạn",
           "In process at the end of the period, of dates, steps and status that cannot all be true; counted as within limit",
           source=DECREE_61, better="lower", example=1),  # O
    count(CONTRADICTORY, "Mâu thuẫn dữ liệu", "Contradictory", flow("ended_contradictory") + end("open_contradictory"),
           "Hồ sơ có ngày, bước xử lý, trạng thái mâu thuẫn nhau: cần sửa tại nguồn, không suy ra chậm muộn hay nguyên nhân",
           "Dossiers whose dates, steps and status cannot all be true: to be corrected at the source; no lateness and no cause"
           " is derived from them", source=DECREE_61, better="lower", parts=("contradictory_ended", "contradictory_in_process"),
           example=2),
    share("online_share", "Tỷ lệ trực tuyến", "Online share", flow("received_online"), RECEIVED,
           "Tiếp nhận trực tuyến / tiếp nhận mới", "Received online / newly received", source=DECISION_766, target=0.5,
               valid_from=SINCE_766, parts=("received_online",), base=("received_new",), stated=_channel_stated,
           example=(6, 9)),
    share("in_time_share", "Tỷ lệ giải quyết trước và đúng hạn", "In-time share", _in_time, _resolved,
           "Giải quyết trước và đúng hạn / đã giải quyết", "Resolved in time / resolved",
           parts=("resolved_early", "resolved_on_time"), base=("resolved",), example=(5, 6)),
    share("overdue_share", "Tỷ lệ giải quyết quá hạn", "Overdue share", flow("resolved_overdue"), _resolved,
           "Giải quyết quá hạn / đã giải quyết", "Resolved overdue / resolved", better="lower",
           parts=("resolved_overdue",), base=("resolved",), example=(1, 6)),
    share("in_time_share_of_all", "Tỷ lệ trong hạn trên tổng số", "In-time share of all to be handled",
           _in_time + _within_limit, RECEIVED + _carried,
           "(Giải quyết trước và đúng hạn + đang giải quyết chưa đến hạn) / (tiếp nhận mới + chuyển sang)",
           "(Resolved in time + in process within limit) / (newly received + carried over)",
           parts=("resolved_early", "resolved_on_time", "in_process_within_limit"), base=("received_new", "carried_over"),
           example=(10, 12)),
    share("late_share", "Tỷ lệ quá hạn trên tổng số", "Late share of all to be handled",
           flow("resolved_overdue") + end("late"), RECEIVED + _carried,
           "(Giải quyết quá hạn + đang giải quyết quá hạn) / (tiếp nhận mới + chuyển sang)",
           "(Resolved overdue + in process overdue) / (newly received + carried over)", better="lower",
           parts=("resolved_overdue", "in_process_overdue"), base=("received_new", "carried_over"), example=(2, 12)),
    share("returned_share", "Tỷ lệ trả lại", "Returned share", flow("returned"), RECEIVED + _carried,
           "Hồ sơ trả lại / (tiếp nhận mới + chuyển sang)", "Returned / (newly received + carried over)", better="lower",
           parts=("returned",), base=("received_new", "carried_over"), example=(1, 12)),
    share("online_payment_share", "Tỷ lệ thanh toán trực tuyến", "Online payment share", flow("fee_paid_online"),
           flow("fee_due"),
           "Hồ sơ nộp phí, lệ phí trực tuyến / hồ sơ thuộc thủ tục có phí, lệ phí",
           "Paid online / received of procedures with a fee", source=DECISION_766, target=0.3, valid_from=SINCE_766,
           stated=FEE_STATED, example=(1, 2)),  # A of A B
    share("digitised_intake", "Tỷ lệ số hóa khi tiếp nhận", "Digitised at receipt", flow("intake_digitised"),
           flow("intake_to_digitise"),
           "Hồ sơ số hóa khi tiếp nhận / hồ sơ tiếp nhận thuộc thủ tục phải số hóa",
           "Digitised at receipt / received of procedures whose papers must be digitised", source=_45, target=0.8,
               valid_from=SINCE_766, stated=flow("intake_to_digitise_stated"), example=(2, 3)),  # A L of A B L
    share("digitised_result", "Tỷ lệ kết quả điện tử", "Digitised results", flow("result_digitised"),
           flow("result_to_digitise"),
           "Hồ sơ có kết quả điện tử / hồ sơ đã có kết quả thuộc thủ tục phải số hóa",
           "Resolved with an electronic result / resolved of procedures whose results must be electronic", source=_45,
               valid_from=SINCE_766, stated=RESULT_STATED, example=(1, 2)),  # A of A B
    share("reused_share", "Tỷ lệ tái sử dụng dữ liệu", "Re-used data share", flow("received_reusing"), RECEIVED,
           "Hồ sơ tái sử dụng giấy tờ, dữ liệu đã số hóa / tiếp nhận mới", "Received with re-used data / newly received",
               source=DECISION_766, target=0.8, valid_from=SINCE_766, base=("received_new",),
           stated=flow("received_reuse_stated"), example=(1, 9)),
    count("interlinked_received_new", "Liên thông: tiếp nhận mới", "Interlinked: newly received", flow("received_interlinked"),
           "Hồ sơ liên thông tiếp nhận trong kỳ", "Interlinked dossiers received in the period", example=2),  # G H
    count("interlinked_carried_over", "Liên thông: kỳ trước chuyển sang", "Interlinked: carried over",
           start("interlinked_open"),
           "Hồ sơ liên thông đang giải quyết khi kỳ bắt đầu", "Interlinked dossiers in process when the period began",
           example=1),  # C
    count("interlinked_to_handle", "Liên thông: tổng số phải giải quyết", "Interlinked: to be handled",
           flow("received_interlinked") + start("interlinked_open"),
           "Hồ sơ liên thông tiếp nhận mới cộng kỳ trước chuyển sang", "Interlinked dossiers newly received and carried over",
           parts=("interlinked_received_new", "interlinked_carried_over"), example=3),
    count("interlinked_resolved_in_time", "Liên thông: giải quyết trước và đúng hạn", "Interlinked: resolved in time",
           _interlinked_in_time,
           "Hồ sơ liên thông giải quyết trước và đúng hạn, gồm cả trả lại, rút",
           "Interlinked dossiers resolved in time, those closed without a result inside", better="higher", example=0),
    count("interlinked_resolved_overdue", "Liên thông: giải quyết quá hạn", "Interlinked: resolved overdue",
           flow("interlinked_overdue"),
           "Hồ sơ liên thông có kết quả sau ngày đến hạn", "Interlinked dossiers resolved after the due date", better="lower",
           example=1),  # C
    count("interlinked_resolved", "Liên thông: đã giải quyết", "Interlinked: resolved",
           _interlinked_in_time + flow("interlinked_overdue"),
           "Tổng số hồ sơ liên thông đã giải quyết", "All interlinked dossiers resolved",
           parts=("interlinked_resolved_in_time", "interlinked_resolved_overdue"), example=1),
    share("interlinked_in_time_share", "Liên thông: tỷ lệ giải quyết trước và đúng hạn", "Interlinked: in-time share",
           _interlinked_in_time, _interlinked_in_time + flow("interlinked_overdue"),
           "Hồ sơ liên thông giải quyết trước và đúng hạn / đã giải quyết", "Interlinked: resolved in time / resolved",
           parts=("interlinked_resolved_in_time",), base=("interlinked_resolved",), example=(0, 1)),
    count("interlinked_in_process_within_limit", "Liên thông: đang giải quyết, chưa đến hạn",
           "Interlinked: in process within limit",
           end("interlinked_open") - end("interlinked_late"), "Hồ sơ liên thông đang giải quyết cuối kỳ, chưa quá hạn",
           "Interlinked dossiers in process at the end of the period, not overdue", example=1),  # G
    count("interlinked_in_process_overdue", "Liên thông: đang giải quyết, quá hạn", "Interlinked: in process overdue",
           end("interlinked_late"),
           "Hồ sơ liên thông đang giải quyết cuối kỳ đã quá hạn",
               "Interlinked dossiers in process at the end of the period, overdue", better="lower", example=1),  # H
    count("interlinked_in_process", "Liên thông: đang giải quyết", "Interlinked: in process", end("interlinked_open"),
           "Tổng số hồ sơ liên thông đang giải quyết cuối kỳ", "All interlinked dossiers in process at the end of the period",
           parts=("interlinked_in_process_within_limit", "interlinked_in_process_overdue"), example=2),
    Kpi("processing_days_mean", Text("Thời gian giải quyết bình quân", "Mean processing time"),
        Text("Tổng thời gian làm việc đã dùng / số hồ sơ đã có kết quả, tính bằng ngày làm việc 8 giờ",
             "Working time spent / dossiers resolved, in working days of 8 hours"),
        flow("minutes_spent"), MINUTES_OF_A_DAY * flow("timed"), unit="working_days", better="lower", decimals=2,
        source=DECREE_61, example=quotient(7_680, 1_440, 2)),  # 2, 5 and 9 days
    *(
        Kpi(f"processing_days_p{part}", Text(f"Thời gian giải quyết, phân vị {part}", f"Processing time, percentile {part}"),
            Text(f"{part} % hồ sơ có kết quả trong thời gian này; nội suy từ các khoảng cộng dồn, khoảng cuối là ít nhất",
                 f"{part} % took at most this long; interpolated in additive buckets, in the last at least that"),
            _buckets, flow("timed"), unit="working_days", better="lower", decimals=1, source=DECREE_61,
            percentile=Fraction(part, 100), example=ExampleFigure(None, 3, days))
        for part, days in ((50, 4.0), (90, 9.1))  # the middle of 3 to 5 days, and seven tenths of 7 to 10
    ),
    Kpi("time_of_limit", Text("Thời gian giải quyết so với thời hạn", "Time spent of the limit"),
        Text("Tổng thời gian đã dùng / tổng thời hạn quy định của các hồ sơ đó",
            "Working time spent / the limits of the same dossiers"),
        flow("minutes_spent_of_limit"), flow("minutes_of_limit"), unit="ratio", better="lower", decimals=2,
        source="Tiêu chí 1, Thông tư 01/2018/TT-VPCP", example=quotient(7_680, 7_200, 2)),
    Kpi("supplements_per_dossier", Text("Số lần yêu cầu bổ sung / hồ sơ", "Supplement requests per dossier"),
        Text("Số lần yêu cầu bổ sung của các hồ sơ đã có kết quả / số hồ sơ đó",
            "Requests for more papers / dossiers resolved"),
        flow("supplements"), flow("resolved_early") + flow("resolved_to_the_day") + flow("resolved_overdue"),
        unit="per_dossier", better="lower", decimals=2, source=DECREE_61, stated=flow("supplements_stated"),
        example=quotient(2, 4, 2)),  # A's two; A B C K
    share("supplemented_share", "Tỷ lệ hồ sơ phải bổ sung", "Supplemented share", flow("supplemented"),
           flow("resolved_early") + flow("resolved_to_the_day") + flow("resolved_overdue"),
           "Hồ sơ phải bổ sung ít nhất một lần / hồ sơ đã có kết quả", "Resolved after at least one supplement / resolved",
               better="lower", stated=flow("supplements_stated"), example=(1, 4)),
    count("overdue_by_law", "Quá hạn theo quy định", "Overdue by law", flow("resolved_overdue") + end("late"),
           "Giải quyết quá hạn và đang giải quyết quá hạn theo thời hạn pháp luật",
               "Resolved or in process overdue, by the legal clock", source=DECREE_61, better="lower",
           parts=("resolved_overdue", "in_process_overdue"), example=2),  # C H
    count("overdue_by_portal", "Quá hạn theo phần mềm", "Overdue by the portal", flow("portal_overdue") + end("portal_late"),
           "Giải quyết quá hạn và đang giải quyết quá hạn theo phần mềm",
               "Resolved or in process overdue, as the portal says", source=DECREE_61, better="lower", example=3),  # C J K
    count("overdue_by_portal_only", "Quá hạn chỉ theo phần mềm", "Overdue by the portal only",
           flow("portal_only_overdue") + end("portal_only_late"),
           "Phần mềm báo quá hạn nhưng theo quy định chưa quá hạn", "Overdue as the portal says and not by law",
          source=DECREE_61, better="lower", example=2),  # J K
    count("overdue_by_law_only", "Quá hạn chỉ theo quy định", "Overdue by law only",
           flow("law_only_overdue") + end("law_only_late"),
           "Theo quy định đã quá hạn nhưng phần mềm không báo", "Overdue by law and not as the portal says", source=DECREE_61,
               better="lower", example=1),  # H
    *(
        count(f"overdue_{cause.value}", f"Quá hạn do: {CAUSE_NAMES[cause].vi}", f"Overdue: {CAUSE_NAMES[cause].en}",
               flow(f"overdue_{cause.value}") + end(f"late_{cause.value}"),
               f"Hồ sơ quá hạn theo quy định hoặc theo phần mềm, nguyên nhân: {CAUSE_NAMES[cause].vi}",
               f"Overdue by law or by the portal; cause: {CAUSE_NAMES[cause].en}", source=DECREE_61, better="lower",
               example=_CAUSES_IN_EXAMPLE.get(cause, 0))
        for cause in DelayCause
    ),
    *(
        count(f"{kpi}_{cause.value}", f"{vi}: {CAUSE_NAMES[cause].vi}", f"{en}: {CAUSE_NAMES[cause].en}",
               taken(f"{counted}_{cause.value}"), f"{vi} theo quy định, nguyên nhân: {CAUSE_NAMES[cause].vi}",
               f"{en} by law; cause: {CAUSE_NAMES[cause].en}", source=DECREE_61, better="lower", example=int(cause is counts))
        for kpi, vi, en, taken, counted, counts in (
            ("resolved_overdue", "Giải quyết quá hạn", "Resolved overdue", flow, "overdue", DelayCause.staff),  # C
            ("in_process_overdue", "Đang giải quyết, quá hạn", "In process overdue", end, "late", DelayCause.extended),  # H
        )
        for cause in BY_LAW
    ),
    count("misrouted", "Hồ sơ bị chuyển vòng", "Misrouted", flow("ended_misrouted"),
           "Hồ sơ kết thúc trong kỳ đã quay lại bộ phận, bước xử lý đã qua mà không phải do chờ bổ sung hay chờ bên ngoài",
           "Ended in the period, and had come back to a department and step where it had been, nobody else being waited for",
           source=DECREE_61, better="lower", stated=flow("ended_steps_told"), among=flow("ended"), example=1),  # C
    step_count("steps_ended", "Bước xử lý đã hoàn thành", "Steps ended", flow("steps_ended"),
                "Bước của quy trình nội bộ kết thúc trong kỳ", "Steps of the internal process that ended in the period",
                stated=_steps_told, among=_steps_tellable, example=5),  # A's two, C's three
    step_count("steps_timed", "Bước xử lý có thời hạn", "Steps with a due time", flow("steps_timed"),
                "Bước kết thúc trong kỳ mà nguồn có ghi thời hạn của bước",
                "Steps that ended in the period, and of which the source tells by when they were due",
                stated=_steps_told, among=_steps_tellable, example=4),
    step_count("steps_overdue", "Bước xử lý quá hạn", "Steps overdue", flow("steps_overdue"),
                "Bước kết thúc trong kỳ sau thời hạn của bước, theo giờ làm việc, không tính thời gian chờ",
                "Steps that ended in the period after their due time, by working time, waiting left out", better="lower",
                stated=flow("steps_timed"), among=_steps_tellable, example=2),  # of C
    share("steps_overdue_share", "Tỷ lệ bước xử lý quá hạn", "Share of steps overdue", flow("steps_overdue"),
           flow("steps_timed"), "Bước xử lý quá hạn / bước xử lý có thời hạn", "Steps overdue / steps with a due time",
           better="lower", parts=("steps_overdue",), base=("steps_timed",), example=(2, 4)),
    Kpi("step_hours_over", Text("Số giờ quá hạn bình quân của bước", "Hours over per overdue step"),
        Text("Tổng giờ làm việc quá hạn / số bước xử lý quá hạn", "Working hours after the due time / steps overdue"),
        flow("step_minutes_over"), 60 * flow("steps_overdue"), unit="hours", better="lower", decimals=2, source=DECREE_61,
           example=quotient(600, 120, 2)),  # 480 and 120 minutes
    share("late_synced_share", "Tỷ lệ đồng bộ chậm", "Late-synced share", flow("ended_synced_late"), flow("ended"),
           "Hồ sơ kết thúc được đồng bộ sau hơn một ngày làm việc / hồ sơ kết thúc",
           "Ended dossiers that the portal told of more than a working day later / ended", source=DECISION_766, better="lower",
               valid_from=SINCE_766, stated=flow("ended_sync_stated"), example=(1, 6)),  # C of A B C D E K
    count("unmapped", "Chưa xác định cơ quan hoặc thủ tục", "Agency or procedure unknown", flow("received_unmapped"),
           "Hồ sơ tiếp nhận trong kỳ có cơ quan hoặc thủ tục không có trong danh mục",
           "Received in the period, of an agency or a procedure that the catalogue does not know", source=DECISION_766,
          better="lower", example=7),  # all but G H: only these and C are of a known procedure
    share("satisfaction", "Tỷ lệ hài lòng", "Satisfaction", manual_input("ratings_satisfied"), manual_input("ratings"),
           "Phiếu đánh giá hài lòng / tổng số phiếu (số liệu nhập)", "Satisfied answers / answers of the survey, as entered",
           source=DECISION_766, target=0.9, valid_from=SINCE_766, example=(9, 10)),
    share("feedback_in_time_share", "Tỷ lệ phản ánh, kiến nghị xử lý đúng hạn", "Feedback handled in time",
           manual_input("feedback_in_time"), manual_input("feedback"),
           "Phản ánh, kiến nghị xử lý đúng hạn / tổng số (số liệu nhập)",
               "Feedback answered in time / feedback received, as entered",
           source=DECISION_766, target=1.0, valid_from=SINCE_766, example=(1, 2)),
    share("petitions_satisfied_share", "Tỷ lệ hài lòng với xử lý phản ánh, kiến nghị", "Satisfaction with petitions",
          manual_input("petitions_satisfied"), manual_input("petitions"),
          "Phản ánh, kiến nghị không trễ, không bị đánh giá không hài lòng, không lặp lại / tổng số đã nhận từng việc",
          "Petitions neither late nor disliked nor repeated / those that were stated one by one",
          source=DECISION_766, valid_from=SINCE_766, example=(0, 0)),
    *OF_ANY_PERIOD,
)
# fmt: on

BY_ID: dict[str, Kpi] = {kpi.id: kpi for kpi in KPIS}

_BY_LAW = {part: tuple(f"{part}_{cause.value}" for cause in BY_LAW) for part in ("resolved_overdue", "in_process_overdue")}
_BY_PORTAL = tuple(f"overdue_{cause.value}" for cause in DelayCause if cause not in BY_LAW)

BALANCES: tuple[DefinedBalance, ...] = (
    balance(("received_new", "carried_over"), "=", ("resolved", "in_process")),
    balance(
        ("interlinked_received_new", "interlinked_carried_over"),
        "=",
        (
            *("interlinked_resolved_in_time", "interlinked_resolved_overdue"),
            *("interlinked_in_process_within_limit", "interlinked_in_process_overdue"),
        ),
    ),
    balance(
        ("resolved_overdue", "in_process_overdue", "overdue_by_portal_only"),
        "=",
        (*_BY_LAW["resolved_overdue"], *_BY_LAW["in_process_overdue"], *_BY_PORTAL),
        "every overdue dossier is counted under one cause",
    ),
    *(balance(causes, "<=", (part,), f"the causes lie within {part}") for part, causes in _BY_LAW.items()),
    balance(("returned",), "<=", ("resolved_on_time",), "returned dossiers lie within those on time"),
    balance(
        ("contradictory_ended",),
        "<=",
        ("resolved_on_time", "refused"),
        "contradictory dossiers that ended lie within those on time or refused",
    ),
    balance(
        ("contradictory_in_process",),
        "<=",
        ("in_process_within_limit",),
        "contradictory dossiers in process lie within those within limit",
    ),
)
"""What must hold between KPIs beside their parts and bases; any other figures than these are wrong."""

BALANCE: tuple[Sum, Sum] = (RECEIVED + _carried, _resolved + end("open"))
"""Received and carried over must equal resolved and in process, everywhere and always."""
