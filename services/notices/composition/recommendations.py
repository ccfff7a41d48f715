"""What the conclusion asks for: a recommendation for each shortcoming, and those of the team's own words.

Pure. Stored with the notice, so that the next inspection can follow them up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from services.notices.composition.addressees import addressed
from services.notices.composition.conduct import begun, behind, short_of
from services.notices.composition.context import CompositionContext, found_once
from services.notices.composition.derived import task_unit
from services.notices.composition.kpis import WRONGLY_COUNTED
from services.notices.composition.model import Paragraph, ParagraphSource, Recommendation, Run, words
from services.notices.composition.phrases import cited_again, merged, sentence
from services.notices.composition.shortcomings import shortcomings_of
from services.notices.composition.shortcomings.model import StatedShortcoming
from services.notices.figures.model import Subject
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
    "sample": "thực hiện đúng quy định khi tiếp nhận, giải quyết, trả kết quả và lưu hồ sơ",
    "review": "hoàn thành việc rà soát, đánh giá TTHC và gửi báo cáo còn thiếu",
    "assessment": "thực hiện đủ việc đánh giá, chấm điểm giải quyết TTHC hằng quý",
    "staffing": "kiện toàn Bộ phận Tiếp nhận và Trả kết quả, bố trí công chức đủ điều kiện, tiêu chuẩn",
    "desk": "chấn chỉnh tổ chức và hoạt động của Bộ phận Tiếp nhận và Trả kết quả",
    "communication": "đăng tin, bài thường xuyên trên trang thông tin điện tử, hệ thống truyền thanh, đổi mới hình thức",
    "reporting": "gửi báo cáo đúng hạn, đủ nội dung theo yêu cầu",
    "plan": "triển khai, hoàn thành các nhiệm vụ chưa thực hiện của kế hoạch năm",
    "grades": "khắc phục các tiêu chí bị trừ điểm, nâng kết quả đánh giá việc giải quyết TTHC",
    "officials": "phân công, đôn đốc công chức Bộ phận Tiếp nhận và Trả kết quả hoàn thành nhiệm vụ được giao",
    "harassment": "xử lý nghiêm cán bộ, công chức gây phiền hà, không để tái diễn",
    "satisfaction_examined": "tìm hiểu nguyên nhân chưa hài lòng, chấn chỉnh thái độ và cách thức phục vụ",
    "satisfaction_means": "lấy ý kiến hài lòng bằng phiếu và mã QR sau khi trả kết quả",
    "feedback_means": "công khai hướng dẫn gửi phản ánh, kiến nghị; trả lời đúng hạn, công khai kết quả trả lời",
    "sample_faults": "khắc phục sai sót trong hồ sơ lưu, không để lặp lại",
    "payment_guidance": "hướng dẫn, vận động người dân thanh toán trực tuyến phí, lệ phí và nghĩa vụ tài chính về đất đai",
    "tasks": "thực hiện các nhiệm vụ được giao bảo đảm nội dung, tiến độ, báo cáo kết quả",
}
"""What is asked for, by kind of shortcoming, as it stands behind the addressees."""

LASTING = frozenset(
    {"online", "digitised", "payment", "payment_since", "communication", "returned", "steps", "rates", "reporting"}
)
"""Kinds that ask for lasting effort: no day ends them."""

ALWAYS = (
    ("handling", "tiếp tục giải quyết hồ sơ đúng hạn và trước hạn, đẩy mạnh giải quyết TTHC trên môi trường điện tử"),
    ("online_service", "nâng cao tỷ lệ hồ sơ nộp trực tuyến, thanh toán trực tuyến và chất lượng số hóa"),
    (
        "communication",
        "đẩy mạnh tuyên truyền về cải cách TTHC trên phương tiện thông tin đại chúng, hệ thống truyền thanh, trong hội nghị",
    ),
    ("review", "tiếp tục rà soát, đơn giản hóa TTHC thuộc thẩm quyền giải quyết"),
    ("one_stop", "tiếp tục tiếp nhận, trả kết quả TTHC thuộc thẩm quyền tại Bộ phận Một cửa, không để phát sinh phiền hà"),
    (
        "feedback",
        "giải quyết kịp thời phản ánh, kiến nghị của tổ chức, cá nhân; giữ vững sự hài lòng của người dân, doanh nghiệp",
    ),
)
"""What is asked of all, by section of the outline: stated where evidence was established for that section, and no shortcoming
of the whole asks the same."""

_KIND_OF = {"one_stop": "desk"}
"""Sections whose shortcomings go by another name."""

_WHOSE = {
    "late": "có hồ sơ quá hạn",
    "returned": "có hồ sơ trả lại",
    "refused": "từ chối tiếp nhận hồ sơ",
    "suspended": "có hồ sơ tạm dừng",
    "contradictory": "có hồ sơ mà dữ liệu mâu thuẫn",
}
"""What agencies have in common that are too many to be named, by kind of shortcoming."""

SOFTWARE_KEEPER = "cơ quan quản lý phần mềm"
"""Who is asked to mend the software: none of the inspected."""


@found_once
def recommended(context: CompositionContext) -> tuple[tuple[Recommendation, Paragraph], ...]:
    """Every recommendation that follows from figures and evidence, with its paragraph, in the order of the conclusion."""
    found = shortcomings_of(context)
    kinds = {one.shortcoming.kind for one in found}
    of_the_whole = {one.shortcoming.kind for one in found if len(one.shortcoming.agencies) in (0, len(context.agencies))}
    result = [] if "plan" in kinds else _plan(context)
    result += [_for_shortcoming(context, one) for one in found]
    result += [*_for_heads(context), *_for_closing_late(context)]
    for section, text in ALWAYS:
        established = any(
            section in (item.section, item.topic) and context.is_answered(item.id) for item in context.evidence.template.items
        )
        if established and _KIND_OF.get(section, section) not in of_the_whole:
            result.append(_made(f"lasting_{section}", sentence(wording.upper_first(text)), "evidence"))
    return (*result, *_for_software(context))


def _plan(context: CompositionContext) -> list[tuple[Recommendation, Paragraph]]:
    """To carry on with the plan of the year, and to begin what was not begun of it."""
    figures = context.figures
    plan = cited_again(context.inspection.plans[0])
    if "tasks.rest" not in figures:
        return []
    source: ParagraphSource = "evidence" if context.inspection.tasks is None else "figures"
    if figures["tasks.rest"].size == 0:
        return [_made("plan", sentence("Tiếp tục thực hiện {plan}", plan=plan), source)]
    who = context.in_order(behind(context, "tasks.plan")) if context.inspection.tasks is None else ()
    by = _deadline(context)
    text = "tiếp tục thực hiện {plan}, triển khai {n} {unit} chưa thực hiện; hoàn thành trước ngày {day}"
    runs = sentence(text, plan=plan, n=figures["tasks.rest"], unit=task_unit(context), day=wording.day(by))
    return [_directed(context, "plan", None, who, runs, source, deadline=by)]


def _for_heads(context: CompositionContext) -> list[tuple[Recommendation, Paragraph]]:
    """To lead the reform, of those whose heads do not."""
    who = short_of(context, "leadership.head_attention")
    if not who:
        return []
    text = "người đứng đầu trực tiếp chỉ đạo, thường xuyên kiểm tra, đôn đốc việc giải quyết TTHC"
    return [_directed(context, "heads", None, who, sentence(text), "evidence")]


def _for_closing_late(context: CompositionContext) -> list[tuple[Recommendation, Paragraph]]:
    """To close dossiers in the software in time."""
    not_closed = context.figures.find("overdue_not_closed_in_software")
    if not_closed is None or not_closed.size == 0:
        return []
    text = "Kết thúc hồ sơ trên phần mềm ngay khi có kết quả, không để hồ sơ đã giải quyết trong hạn bị báo quá hạn"
    return [_made("not_closed", sentence(text), "figures")]


def _for_software(context: CompositionContext) -> list[tuple[Recommendation, Paragraph]]:
    """Of the keeper of the software, to make it count rightly and work steadily."""
    result = []
    wanted = [words for kpi, words in WRONGLY_COUNTED.items() if (one := context.figures.find(kpi)) is not None and one.size]
    front = f"Đề nghị {SOFTWARE_KEEPER}"
    if wanted:
        text = "{front} chỉnh sửa cách tính thời hạn: {wanted}"
        runs = sentence(text, front=front, wanted="; ".join(wanted))
        result.append(_made("software", runs, "figures", outside=SOFTWARE_KEEPER))
    if short_of(context, "desk.software_steady"):
        runs = sentence(f"{front} khắc phục tình trạng chậm, lỗi, bảo đảm phần mềm dịch vụ công hoạt động ổn định")
        result.append(_made("software_steady", runs, "evidence", outside=SOFTWARE_KEEPER))
    return result


def _for_shortcoming(context: CompositionContext, one: StatedShortcoming) -> tuple[Recommendation, Paragraph]:
    """What is asked of those whose shortcoming it is, or of all."""
    kind = one.shortcoming.kind
    runs = sentence(RECOMMENDED[kind])
    by = None
    if kind not in LASTING:
        by = _deadline(context)
        runs = sentence("{text}; hoàn thành trước ngày {day}", text=runs, day=wording.day(by))
    return _directed(context, kind, kind, context.in_order(set(one.shortcoming.agencies)), runs, one.source, deadline=by)


def _deadline(context: CompositionContext) -> date:
    """By when what has an end is to be carried out."""
    inspection = context.inspection
    return inspection.deadline or inspection.report.on + timedelta(days=context.thresholds.deadline_days)


def _directed(
    context: CompositionContext,
    key: str,
    shortcoming: str | None,
    who: Sequence[Subject],
    runs: tuple[Run, ...],
    source: ParagraphSource,
    *,
    deadline: date | None = None,
) -> tuple[Recommendation, Paragraph]:
    """A recommendation to some agencies, whom it names unless they are many, or to all."""
    if len(who) in (0, len(context.agencies)):
        who, runs = (), begun(runs)
    elif len(who) <= context.thresholds.max_agencies:
        runs = sentence("Đối với {names}: {text}", names="; ".join(addressed(one, context.agencies) for one in who), text=runs)
    else:
        whose = _WHOSE.get(key, "có tồn tại nêu trên")
        runs = sentence("Đối với các cơ quan, đơn vị {whose}: {text}", whose=whose, text=runs)
    keys = tuple(one.key for one in who)
    return _made(key, runs, source, shortcoming=shortcoming, addressees=keys, deadline=deadline)


def _made(
    key: str,
    runs: Sequence[Run],
    source: ParagraphSource,
    *,
    shortcoming: str | None = None,
    addressees: tuple[str, ...] = (),
    deadline: date | None = None,
    outside: str = "",
) -> tuple[Recommendation, Paragraph]:
    paragraph = Paragraph(merged([*runs, *sentence(".")]), lead="-", key=key, source=source, agencies=addressees)
    return (
        Recommendation(
            key=key,
            shortcoming=shortcoming,
            addressees=addressees,
            deadline=deadline,
            text=words(paragraph),
            outside=outside,
        ),
        paragraph,
    )
