"""What the conclusion asks for: a recommendation for each shortcoming, and those of the team's own words.

Pure. Stored with the notice, so that the next inspection can follow them up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from services.notices.composition.conduct import listed
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, ParagraphSource, Recommendation, Run, words
from services.notices.composition.phrases import cited_again, merged, sentence
from services.notices.composition.shortcomings import shortcomings_of
from services.notices.composition.shortcomings.model import StatedShortcoming
from services.notices.quantities import wording

RECOMMENDED: dict[str, str] = {
    "late": "giải trình nguyên nhân từng hồ sơ quá hạn, xin lỗi người nộp hồ sơ theo quy định và chấm dứt tình trạng này",
    "returned": "hướng dẫn người dân chuẩn bị hồ sơ đúng ngay từ đầu, rà soát lý do trả lại để giảm số hồ sơ phải trả lại",
    "refused": "rà soát lý do từ chối tiếp nhận, chỉ từ chối khi có căn cứ và trả lời bằng văn bản",
    "suspended": "rà soát từng hồ sơ đang tạm dừng, đôn đốc bổ sung và giải quyết dứt điểm",
    "contradictory": "đối chiếu, sửa lại thông tin của các hồ sơ có dữ liệu mâu thuẫn trên phần mềm",
    "online": "có biện pháp nâng tỷ lệ nộp hồ sơ trực tuyến, hỗ trợ người dân nộp hồ sơ tại chỗ và tại nhà",
    "digitised": "số hóa đầy đủ hồ sơ khi tiếp nhận và kết quả giải quyết thuộc diện phải số hóa",
    "payment": "hướng dẫn, vận động người dân thanh toán trực tuyến phí, lệ phí",
    "payment_since": "đẩy mạnh thanh toán trực tuyến phí, lệ phí khi thực hiện TTHC",
    "satisfaction": "tìm hiểu nguyên nhân chưa hài lòng, chấn chỉnh thái độ và cách thức phục vụ",
    "feedback": "xử lý dứt điểm, đúng hạn các phản ánh, kiến nghị và công khai kết quả trả lời",
    "steps": "kiểm soát thời hạn từng bước của quy trình nội bộ, không để chậm từ khâu trung gian",
    "rates": "phân tích nguyên nhân các chỉ tiêu giảm sút và có giải pháp cải thiện",
    "leadership": "bổ sung, công khai kế hoạch còn thiếu và thực hiện đúng yêu cầu của kế hoạch kiểm tra",
    "publication": "niêm yết, công khai đầy đủ TTHC và kết quả giải quyết tại trụ sở và trên môi trường điện tử",
    "sample": "khắc phục sai sót trong hồ sơ lưu, thực hiện đúng quy định về thành phần và thời hạn",
    "review": "hoàn thành việc rà soát, đánh giá TTHC và gửi báo cáo còn thiếu",
    "assessment": "thực hiện đủ việc đánh giá, chấm điểm giải quyết TTHC hằng quý",
    "staffing": "kiện toàn Bộ phận Tiếp nhận và Trả kết quả, bố trí công chức đủ điều kiện, tiêu chuẩn",
    "desk": "chấn chỉnh tổ chức và hoạt động của Bộ phận Tiếp nhận và Trả kết quả",
    "communication": "đăng tin, bài thường xuyên trên trang thông tin điện tử, hệ thống truyền thanh, đổi mới hình thức",
    "reporting": "gửi báo cáo đúng hạn, đủ nội dung theo yêu cầu",
    "tasks": "hoàn thành các nhiệm vụ được giao đúng nội dung, tiến độ",
}
"""What is asked for, by kind of shortcoming, as it stands behind the addressees."""

LASTING = frozenset(
    {"online", "digitised", "payment", "payment_since", "communication", "returned", "steps", "rates", "reporting"}
)
"""Kinds that ask for lasting effort: no day ends them."""

ALWAYS = (
    ("review", "tiếp tục rà soát, đơn giản hóa TTHC thuộc thẩm quyền giải quyết"),
    ("one_stop", "tiếp tục tiếp nhận, trả kết quả TTHC thuộc thẩm quyền tại Bộ phận Một cửa, không để phát sinh phiền hà"),
    (
        "feedback",
        "giải quyết kịp thời phản ánh, kiến nghị của tổ chức, cá nhân; giữ vững sự hài lòng của người dân, doanh nghiệp",
    ),
)
"""What is asked of all: by section of the outline; stated where evidence was established for that section and nothing falls
short there."""


def recommended(context: CompositionContext) -> list[tuple[Recommendation, Paragraph]]:
    """Every recommendation that follows from figures and evidence, with its paragraph, in the order of the conclusion."""
    found = shortcomings_of(context)
    result = [*_plan(context), *(_for_shortcoming(context, one) for one in found)]
    kinds = {one.shortcoming.kind for one in found}
    for section, text in ALWAYS:
        established = any(item.section == section and context.is_answered(item.id) for item in context.evidence.template.items)
        if established and section not in kinds and not (section == "one_stop" and "desk" in kinds):
            result.append(_made(f"lasting_{section}", None, (), (), wording.upper_first(text), "evidence"))
    software = context.figures.find("overdue_by_portal_only")
    if software is not None and software.size:
        text = "Đề nghị cơ quan quản lý phần mềm chỉnh sửa cách tính thời hạn, không tính ngày nghỉ và thời gian tạm dừng"
        result.append(_made("software", None, (), (), text, "figures"))
    return result


def _plan(context: CompositionContext) -> list[tuple[Recommendation, Paragraph]]:
    """To finish the plan of the year, where it is not finished."""
    figures = context.figures
    if "tasks.rest" not in figures or figures["tasks.rest"].size == 0:
        return []
    runs = sentence(
        "Hoàn thành {n} nhiệm vụ còn lại của {plan} đúng tiến độ",
        n=figures["tasks.rest"],
        plan=cited_again(context.inspection.plans[0]),
    )
    return [_made("plan", None, (), runs, "", "evidence" if context.inspection.tasks is None else "figures")]


def _for_shortcoming(context: CompositionContext, one: StatedShortcoming) -> tuple[Recommendation, Paragraph]:
    """What is asked of those whose shortcoming it is, or of all."""
    kind, keys = one.shortcoming.kind, one.shortcoming.agencies
    who = context.in_order(set(keys))
    text = RECOMMENDED[kind]
    if 0 < len(who) < len(context.agencies) and len(who) <= context.thresholds.max_agencies:
        runs = sentence("Đối với {names}: {text}", names=listed(context, who), text=text)
    else:
        runs = sentence(wording.upper_first(text))
        keys = () if len(who) == len(context.agencies) else keys
    lasting = kind in LASTING
    if not lasting:
        deadline = context.inspection.deadline or context.inspection.report.on + timedelta(
            days=context.thresholds.deadline_days
        )
        runs = merged([*runs, *sentence("; xong trước ngày {day}", day=wording.day(deadline))])
        return _made(kind, kind, keys, runs, "", one.source, deadline=deadline)
    return _made(kind, kind, keys, runs, "", one.source)


def _made(
    key: str,
    shortcoming: str | None,
    addressees: Sequence[str],
    runs: Sequence[Run],
    text: str,
    source: ParagraphSource,
    *,
    deadline: date | None = None,
) -> tuple[Recommendation, Paragraph]:
    full = merged([*(runs or sentence(text)), *sentence(".")])
    paragraph = Paragraph(full, lead="-", key=key, source=source, agencies=tuple(addressees))
    return (
        Recommendation(
            key=key,
            shortcoming=shortcoming,
            addressees=tuple(addressees),
            deadline=deadline,
            text=words(paragraph),
        ),
        paragraph,
    )
