"""What was counted, as sentences: intake and results, interlinked procedures, online service and progress.

Pure. Every function takes the matter and gives paragraphs that fit its figures: what did not happen is said or left out, never
printed as an empty list or as a rate of nothing.
"""

from __future__ import annotations

from services.notices.composition.lateness import causes_of, overdue_by_portal
from services.notices.composition.phrases import Matter, between, by_agency, cited_again, merged, say, shares
from services.notices.composition.tree import Paragraph, Run, Words
from services.notices.figures.model import Figure
from services.notices.quantities import wording

LISTED = 10
"""Agencies that a list in a sentence names at most."""

RATES = {
    "in_time_share": "tỷ lệ hồ sơ giải quyết trước hạn và đúng hạn",
    "overdue_share": "tỷ lệ hồ sơ giải quyết quá hạn",
    "online_share": "tỷ lệ hồ sơ nộp trực tuyến",
    "digitised_intake": "tỷ lệ số hóa thành phần hồ sơ khi tiếp nhận",
    "digitised_result": "tỷ lệ số hóa kết quả giải quyết",
}
"""Shares by the words of a sentence, in its order; any other goes by its name in the catalogue, after these."""


def counted(runs: tuple[Run, ...]) -> Paragraph:
    """A paragraph that says what was counted."""
    return Paragraph(runs, lead="-", source="figures")


def handling(matter: Matter) -> list[Paragraph]:
    """Intake, results and what is still in process, in the order of form II.06a."""
    figures = matter.figures
    period = matter.inspection.period
    when = f"Trong kỳ báo cáo (từ ngày {wording.day(period.start)} đến ngày {wording.day(period.end)})"
    if _is_unknown(matter):
        return [counted(say(when + ", hệ thống chưa có số liệu về hồ sơ TTHC của các cơ quan, đơn vị."))]
    if figures["handled"].size == 0:
        return [counted(say(when + ", các cơ quan, đơn vị không phát sinh hồ sơ TTHC."))]
    out = [counted(merged([Words(when), *_intake(matter)])), counted(_resolved(matter))]
    out.extend(causes_of(matter, "overdue_causes", "giải quyết quá hạn"))
    out.append(counted(_in_process(matter)))
    out.extend(causes_of(matter, "pending_causes", "đang giải quyết quá hạn"))
    out.extend(overdue_by_portal(matter))
    return out


def _is_unknown(matter: Matter) -> bool:
    """Whether nothing is counted because nothing could be: that no dossiers came in cannot be concluded from it."""
    blind = any(caveat.kind == "no_figures" for caveat in matter.figures.pinned.caveats)
    return blind and matter.figures["handled"].size == 0


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


def interlinked(matter: Matter) -> list[Paragraph]:
    """Results of interlinked procedures."""
    figures = matter.figures
    if _is_unknown(matter):
        return []
    if figures["interlinked_handled"].size == 0:
        return [counted(say("Trong kỳ báo cáo không phát sinh hồ sơ TTHC liên thông."))]
    intake = shares(
        [
            ("mới tiếp nhận", figures["interlinked_received_new"]),
            ("từ kỳ trước chuyển sang", figures["interlinked_carried_over"]),
        ]
    )
    runs = [
        *say(
            "Kết quả giải quyết TTHC liên thông: Trong kỳ có {procedures} TTHC liên thông phát sinh hồ sơ, tổng số "
            "{handled} hồ sơ, gồm: ",
            procedures=figures["interlinked_procedures"],
            handled=figures["interlinked_handled"],
        ),
        *intake,
        Words(". "),
    ]
    if figures["interlinked_resolved"].size:
        runs.extend(
            say(
                "Đã giải quyết {resolved} hồ sơ, trong đó: {parts}; tỷ lệ trước hạn và đúng hạn đạt {rate}. ",
                resolved=figures["interlinked_resolved"],
                parts=shares(
                    [
                        ("trước hạn và đúng hạn", figures["interlinked_resolved_in_time"]),
                        ("quá hạn", figures["interlinked_resolved_overdue"]),
                    ]
                ),
                rate=figures["interlinked_in_time_share"],
            )
        )
    else:
        runs.extend(say("Chưa có hồ sơ nào được giải quyết xong. "))
    if figures["interlinked_in_process"].size:
        runs.extend(
            say(
                "Đang giải quyết {n} hồ sơ, trong đó: {parts}.",
                n=figures["interlinked_in_process"],
                parts=shares(
                    [
                        ("trong hạn", figures["interlinked_in_process_within_limit"]),
                        ("quá hạn", figures["interlinked_in_process_overdue"]),
                    ]
                ),
            )
        )
    else:
        runs.extend(say("Không còn hồ sơ đang giải quyết."))
    return [counted(merged(runs))]


def online_service(matter: Matter) -> list[Paragraph]:
    """Online service and digitisation, with the bases of the shares."""
    figures = matter.figures
    whole = f"toàn {matter.inspection.issuer.territory}"
    out: list[Paragraph] = []
    if _is_unknown(matter):
        return out
    if figures["received_new"].size == 0:
        out.append(counted(say("Trong kỳ không có hồ sơ mới tiếp nhận.")))
    elif figures["received_online"].size == 0:
        out.append(counted(say("Trong {n} hồ sơ mới tiếp nhận không có hồ sơ nào nộp trực tuyến.", n=figures["received_new"])))
    else:
        out.append(
            counted(
                say(
                    "Trong kỳ, {whole} tiếp nhận {online} hồ sơ trực tuyến trên tổng số {new} hồ sơ mới tiếp nhận, đạt tỷ lệ "
                    "{rate}.",
                    whole=whole,
                    online=figures["received_online"],
                    new=figures["received_new"],
                    rate=figures["online_share"],
                )
            )
        )
    out.append(counted(_digitised(matter)))
    return out


def _digitised(matter: Matter) -> tuple[Run, ...]:
    figures = matter.figures

    def one(kpi: str, what: str, among: str, nothing: str) -> tuple[Run, ...]:
        part, base = figures[f"{kpi}.part"], figures[f"{kpi}.base"]
        if base.size == 0:
            return say(nothing)
        if part.size == 0:
            return say(f"chưa {what} hồ sơ nào trong {{base}} hồ sơ {among}", base=base)
        return say(f"{what} {{part}}/{{base}} hồ sơ {among}, đạt {{rate}}", part=part, base=base, rate=figures[kpi])

    intake = one(
        "digitised_intake",
        "số hóa đầy đủ thành phần khi tiếp nhận",
        "thuộc các TTHC phải số hóa",
        "không phát sinh hồ sơ phải số hóa khi tiếp nhận",
    )
    result = one(
        "digitised_result",
        "số hóa kết quả giải quyết",
        "đã có kết quả thuộc các TTHC phải số hóa",
        "không phát sinh kết quả phải số hóa",
    )
    return say("Về số hóa: {intake}; {result}.", intake=intake, result=result)


def progress(matter: Matter) -> list[Paragraph]:
    """Rates that became better than in the earlier period, or reached what they had; and the tasks of the plan."""
    figures = matter.figures
    out = []
    parts = changes(matter, better=True)
    in_time = figures["in_time_share"]
    if "before.in_time_share" not in figures and in_time.value is not None:
        parts.insert(0, say(f"{RATES['in_time_share']} đạt {{rate}}", rate=in_time))
    if parts:
        out.append(counted(merged([Words("Một số chỉ tiêu đạt kết quả cụ thể như sau: "), *between(parts), Words(".")])))
    tasks = matter.inspection.tasks
    if tasks is not None and tasks.assigned:
        out.append(
            counted(
                say(
                    "Thực hiện {plan}, đến nay đã hoàn thành và đang triển khai {done}/{assigned} nhiệm vụ, đạt {rate}.",
                    plan=cited_again(matter.inspection.plans[0]),
                    done=figures["tasks.done"],
                    assigned=figures["tasks.assigned"],
                    rate=figures["tasks.rate"],
                )
            )
        )
    return out


def changes(matter: Matter, *, better: bool) -> list[tuple[Run, ...]]:
    """The rates that moved to the better or stayed, or those that moved to the worse, as asked."""
    compared = [comparison.kpi for comparison in matter.inspection.comparisons]
    ordered = [*(kpi for kpi in RATES if kpi in compared), *(kpi for kpi in compared if kpi not in RATES)]
    return [part for kpi in ordered if (part := _change(matter, kpi, better=better))]


def _change(matter: Matter, kpi: str, *, better: bool) -> tuple[Run, ...]:
    """The rate against the earlier one, when it moved to the better (or stayed), or to the worse, as asked."""
    figures = matter.figures
    comparison = next(one for one in matter.inspection.comparisons if one.kpi == kpi)
    if f"change.{kpi}" not in figures:
        return ()
    change: Figure = figures[f"change.{kpi}"]
    moved = change.value
    assert moved is not None
    less_is_better = matter.catalogue.is_lower_better(kpi)
    improved = moved == 0 or (moved < 0) == less_is_better
    if improved != better:
        return ()
    name = RATES.get(kpi) or wording.lower_first(matter.catalogue[kpi].name.vi)
    verb = "còn" if less_is_better and moved < 0 else "là" if less_is_better else "đạt"
    if moved == 0:
        return say("{name} {verb} {rate}, bằng {period}", name=name, verb=verb, rate=figures[kpi], period=comparison.period)
    return say(
        "{name} {verb} {rate}, {moved} {change} điểm phần trăm so với {period} ({before})",
        name=name,
        verb=verb,
        rate=figures[kpi],
        moved="tăng" if moved > 0 else "giảm",
        change=change,
        period=comparison.period,
        before=figures[f"before.{kpi}"],
    )
