"""II.1.b Tiếp nhận và giải quyết TTHC: intake, results and what is still in process, in the order of form II.06a."""

from __future__ import annotations

from services.notices.composition.context import Matter
from services.notices.composition.model import Paragraph, Run, Words
from services.notices.composition.phrases import LISTED, by_agency, counted, merged, say, shares
from services.notices.composition.sections.lateness import causes_of, overdue_by_portal
from services.notices.quantities import wording


def handling(matter: Matter) -> list[Paragraph]:
    """Intake, results and what is still in process, in the order of form II.06a."""
    figures = matter.figures
    period = matter.inspection.period
    when = f"Trong kỳ báo cáo (từ ngày {wording.day(period.start)} đến ngày {wording.day(period.end)})"
    if matter.lacks_figures:
        return [counted(say(when + ", hệ thống chưa có số liệu về hồ sơ TTHC của các cơ quan, đơn vị."))]
    if figures["handled"].size == 0:
        return [counted(say(when + ", các cơ quan, đơn vị không phát sinh hồ sơ TTHC."))]
    out = [counted(merged([Words(when), *_intake(matter)])), counted(_resolved(matter))]
    out.extend(causes_of(matter, "overdue_causes", "giải quyết quá hạn"))
    out.append(counted(_in_process(matter)))
    out.extend(causes_of(matter, "pending_causes", "đang giải quyết quá hạn"))
    out.extend(overdue_by_portal(matter))
    return out


def _intake(matter: Matter) -> tuple[Run, ...]:
    figures = matter.figures
    new, online, direct, carried = (
        figures[key] for key in ("received_new", "received_online", "received_direct", "carried_over")
    )
    total = say(", các cơ quan, đơn vị có trách nhiệm giải quyết {n} hồ sơ", n=figures["handled"])
    if new.size == 0:
        return merged([*total, Words(", đều từ kỳ trước chuyển sang; không có hồ sơ mới tiếp nhận.")])
    if direct.size == 0:
        channels = say(" (đều nộp trực tuyến)")
    elif online.size == 0:
        channels = say(" (đều nộp trực tiếp hoặc qua dịch vụ bưu chính công ích)")
    else:
        channels = say(
            " (trực tuyến {online} hồ sơ; trực tiếp và qua dịch vụ bưu chính công ích {direct} hồ sơ)",
            online=online,
            direct=direct,
        )
    if carried.size == 0:
        return merged(
            [*total, *say(", đều mới tiếp nhận trong kỳ"), *channels, Words("; không có hồ sơ từ kỳ trước chuyển sang.")]
        )
    return merged(
        [
            *total,
            *say(", gồm: {n} hồ sơ mới tiếp nhận", n=new),
            *channels,
            *say(" và {n} hồ sơ từ kỳ trước chuyển sang.", n=carried),
        ]
    )


def _resolved(matter: Matter) -> tuple[Run, ...]:
    figures = matter.figures
    resolved, overdue, returned = (figures[key] for key in ("resolved", "resolved_overdue", "returned"))
    if resolved.size == 0:
        return say("Trong kỳ chưa có hồ sơ nào được giải quyết xong.")
    parts = shares([("trước hạn", figures["resolved_early"]), ("đúng hạn", figures["resolved_on_time"]), ("quá hạn", overdue)])
    runs = [*say("Đã giải quyết {n} hồ sơ, trong đó: ", n=resolved)]
    where = by_agency(matter, "resolved_overdue", longest=LISTED)
    runs.extend(parts)
    if where:
        runs.extend(say(" ({where})", where=where))
    runs.extend(say(". Tỷ lệ hồ sơ giải quyết trước hạn và đúng hạn đạt {rate}.", rate=figures["in_time_share"]))
    if returned.size:
        # One vendor's form hides them among the dossiers on time; here they are counted there and always shown apart.
        runs.extend(
            say(" Số hồ sơ giải quyết đúng hạn bao gồm {n} hồ sơ trả lại do không đủ điều kiện giải quyết.", n=returned)
        )
    return merged(runs)


def _in_process(matter: Matter) -> tuple[Run, ...]:
    figures = matter.figures
    if figures["in_process"].size == 0:
        return say("Đến hết kỳ báo cáo không còn hồ sơ đang giải quyết.")
    parts = shares([("trong hạn", figures["in_process_within_limit"]), ("quá hạn", figures["in_process_overdue"])])
    runs = [*say("Đang giải quyết {n} hồ sơ, trong đó: ", n=figures["in_process"]), *parts]
    where = by_agency(matter, "in_process_overdue", longest=LISTED)
    if where:
        runs.extend(say(" ({where})", where=where))
    return merged([*runs, Words(".")])
