"""Answers of metrics for tests: the reference period of Thanh Hà, and small made-up ones.

Totals and the per-agency figures that the reference notice prints are the real ones; the rest is spread evenly, so that every
sum holds.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from services.metrics.figures.kpis.algebra import defined
from services.metrics.figures.kpis.catalogue import BALANCES
from services.metrics.figures.kpis.catalogue import KPIS as DECLARED
from services.metrics.figures.kpis.live import LIVE
from services.metrics.figures.kpis.worked_example import EXAMPLE
from shared import data
from shared.contracts.definitions import KpiCatalogue
from shared.contracts.kpis import (
    Balance,
    FigureFreshness,
    KpiFigure,
    KpiResponse,
    Kpis,
    Period,
    ProcedureRow,
    Reason,
    Text,
    Total,
    Unit,
    UnitRow,
    WorkRow,
)

POSITION = 41234

COMMUNE_SHARES = {"10861": 49.42, "10849": 54.46, "10834": 59.67, "10879": 59.72, "10816": 63.51}
OVERDUE = {"294.TNMT": 10, "294.TCKH": 3, "10864": 1, "10846": 1}
PENDING = {"294.TNMT": 2}
RETURNED = {
    "294.TNMT": 112, "294.TCKH": 34, "294.KTHT": 28, "10885": 11, "10825": 9, "10831": 8, "10828": 6, "10882": 6, "10843": 5,
    "294.TP": 21, "10813": 4, "10816": 4, "10819": 4, "10834": 4, "10840": 3, "10846": 2,
}  # fmt: skip
PROCEDURES = [
    ("1.001193", "Đăng ký khai sinh, cấp thẻ bảo hiểm y tế cho trẻ em dưới 06 tuổi", 700),
    ("1.004221", "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất", 300),
    ("1.004227", "Chuyển nhượng, tặng cho quyền sử dụng đất", 300),
    ("2.000528", "Đăng ký khai sinh, đăng ký thường trú", 300),
    ("1.001739", "Hưởng trợ cấp xã hội hàng tháng", 200),
    ("1.001776", "Hỗ trợ kinh phí chăm sóc đối tượng bảo trợ xã hội", 200),
    ("1.001731", "Hỗ trợ chi phí mai táng", 150),
    ("1.004964", "Cấp giấy phép xây dựng nhà ở riêng lẻ", 150),
    ("1.000894", "Liên thông đăng ký khai tử, xóa đăng ký thường trú", 100),
    ("2.002307", "Giải quyết chế độ mai táng phí đối với cựu chiến binh", 100),
    ("2.001661", "Hỗ trợ học nghề cho nạn nhân bị mua bán", 23),
]


def catalogue() -> dict[str, Any]:
    """The real catalogue, as metrics answers it."""
    known: dict[str, Any] = msgspec.to_builtins(
        KpiCatalogue([defined(kpi) for kpi in DECLARED], list(BALANCES), EXAMPLE, list(LIVE))
    )
    return known


def agencies() -> list[dict[str, str]]:
    """The agencies of the district in the reference period."""
    with (data_folder() / "agencies.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if row["parent"] == "294" and row["valid_from"] == "2019-12-01"]


def data_folder() -> Any:
    """Where the shared tables lie."""
    from importlib import resources

    return resources.files(data)


def spread(total: int, weights: list[int]) -> list[int]:
    """`total` in parts by weight; the last takes what is left."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    for place in range(total - sum(parts)):
        parts[place % len(parts)] += 1
    return parts


def figure(kpi: str, numerator: int, denominator: int | None = None, where: str = "294") -> KpiFigure:
    """One figure as metrics answers it."""
    value = numerator if denominator is None else numerator / denominator if denominator else None
    return KpiFigure(numerator, denominator, value, f"{kpi}@1", f"{kpi}~{where}~{POSITION}")


def figures_of(counts: dict[str, int], where: str) -> dict[str, KpiFigure]:
    """The figures of a scope from its counts, with sums and shares that follow."""
    c = dict.fromkeys(KPIS, 0) | counts
    c["received_new"] = c["received_online"] + c["received_counter"] + c["received_post"] + c["received_unstated"]
    c["resolved"] = c["resolved_early"] + c["resolved_on_time"] + c["resolved_overdue"]
    c["in_process"] = c["in_process_within_limit"] + c["in_process_overdue"]
    made = {kpi: figure(kpi, c[kpi], where=where) for kpi in COUNTED if kpi not in (*RATES, *LATENESS, *STEPS)}
    made["online_share"] = figure("online_share", c["received_online"], c["received_new"], where)
    made["in_time_share"] = figure("in_time_share", c["resolved_early"] + c["resolved_on_time"], c["resolved"], where)
    made["overdue_share"] = figure("overdue_share", c["resolved_overdue"], c["resolved"], where)
    made["returned_share"] = figure("returned_share", c["returned"], c["received_new"] + c["carried_over"], where)
    made |= interlinked(c, where)
    made["digitised_intake"] = figure("digitised_intake", c["digitised_intake"], c["intake_base"], where)
    made["digitised_result"] = figure("digitised_result", c["digitised_result"], c["result_base"], where)
    return made


def interlinked(c: dict[str, int], where: str) -> dict[str, KpiFigure]:
    """Sums and the share of interlinked dossiers that follow from their counts."""
    in_time, overdue = c["interlinked_resolved_in_time"], c["interlinked_resolved_overdue"]
    open_ = c["interlinked_in_process_within_limit"] + c["interlinked_in_process_overdue"]
    return {
        "interlinked_resolved": figure("interlinked_resolved", in_time + overdue, where=where),
        "interlinked_in_time_share": figure("interlinked_in_time_share", in_time, in_time + overdue, where),
        "interlinked_in_process": figure("interlinked_in_process", open_, where=where),
    }


RATES = (
    *("online_share", "in_time_share", "digitised_intake", "digitised_result"),
    *("overdue_share", "returned_share", "interlinked_in_time_share"),
)
KPIS = (
    *("received_online", "received_counter", "received_post", "received_unstated", "received_new", "carried_over"),
    *("resolved_early", "resolved_on_time", "resolved_overdue", "resolved"),
    *("in_process_within_limit", "in_process_overdue", "in_process", "returned"),
    *("contradictory", "contradictory_ended", "contradictory_in_process", "refused"),
    *RATES,
    *("interlinked_received_new", "interlinked_carried_over", "interlinked_resolved_in_time"),
    *("interlinked_resolved_overdue", "interlinked_in_process_within_limit", "interlinked_in_process_overdue"),
    *("interlinked_resolved", "interlinked_in_process"),
    *("intake_base", "result_base"),
)
LATENESS = {
    "overdue_by_portal_only": 278,
    **{
        f"overdue_{cause}": 0
        for cause in ("after_hours_ignored", "first_day_counted", "calendar_changed", "synced_late", "other")
    },
    "overdue_days_off_counted": 146,
    "overdue_suspension_hidden": 58,
    "overdue_not_closed_in_software": 74,
    **{f"resolved_overdue_{cause}": 0 for cause in ("misrouted", "supplement_needed", "extended")},
    "resolved_overdue_staff": 12,
    "resolved_overdue_due_moved": 3,
    **{f"in_process_overdue_{cause}": 0 for cause in ("misrouted", "supplement_needed", "extended", "due_moved")},
    "in_process_overdue_staff": 2,
    "misrouted": 0,
}
"""Why dossiers of the reference world are late, by law and by the portal alone."""
STEPS = ("steps_ended", "steps_timed", "steps_overdue", "steps_overdue_share")
"""Of the internal process; the reference world tells none."""
COUNTED = (*(kpi for kpi in KPIS if not kpi.endswith("_base")), *LATENESS, *STEPS)
"""Those that an answer holds."""


def freshness(*reasons: str, complete: bool | None = None, head: int | None = POSITION) -> FigureFreshness:
    """What metrics says of how complete an answer is, by the kinds of its reasons."""
    told = [Reason(kind, 1, None, Text("Chờ", "Wait")) for kind in reasons]
    return FigureFreshness(
        head=head,
        behind=0,
        applied_at=datetime(2023, 8, 1, tzinfo=UTC),
        quarantined=0,
        gap=None,
        missing=[],
        complete=not told if complete is None else complete,
        reasons=told,
        doubtful=0,
        doubtful_figure=f"contradictory@1~294~{POSITION}",
    )


def with_contradictory(counts: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """The reference answers with so many dossiers on time, by code of agency, that contradict themselves."""
    made = reference()
    for kpi in ("contradictory", "contradictory_ended"):
        for row in made["agency"]["rows"]:
            row["kpis"][kpi]["numerator"] = counts.get(row["code"], 0)
        for name in ("total", "agency", "procedure"):
            made[name]["total"]["kpis"][kpi]["numerator"] = sum(counts.values())
    return made


def steps_of(ended: int, timed: int, overdue: int, where: str) -> dict[str, KpiFigure]:
    """The figures of steps of the internal process."""
    return {
        "steps_ended": figure("steps_ended", ended, where=where),
        "steps_timed": figure("steps_timed", timed, where=where),
        "steps_overdue": figure("steps_overdue", overdue, where=where),
        "steps_overdue_share": figure("steps_overdue_share", overdue, timed, where),
    }


def with_steps(
    departments: Mapping[str | None, tuple[int, int, int]], misrouted: int = 0, late: Mapping[str | None, int] | None = None
) -> dict[str, dict[str, Any]]:
    """The reference answers with steps ended, of those timed and of those overdue, by department; None: not known.

    `late`: those overdue by the name of the step; of no name they are by default.
    """
    made = reference()
    ended, timed, overdue = map(sum, zip(*departments.values(), strict=True))
    whole = steps_of(ended, timed, overdue, "294")
    rows = [
        WorkRow(work=name, name=Text(name or "Chưa xác định bộ phận", name or "-"), kpis=steps_of(*counts, name or ""))
        for name, counts in departments.items()
    ]
    made["department"] = answer(whole, rows)
    by_name = {None: overdue} if late is None else late
    made["step"] = answer(
        {"steps_overdue": whole["steps_overdue"]},
        [
            WorkRow(
                work=name,
                name=Text(name or "Chưa xác định bước xử lý", name or "-"),
                kpis={"steps_overdue": figure("steps_overdue", count, where=name or "")},
            )
            for name, count in by_name.items()
        ],
    )
    made["total"]["total"]["kpis"] |= msgspec.to_builtins(whole)
    made["total"]["total"]["kpis"]["misrouted"]["numerator"] = misrouted
    return made


def answer(total: Kpis, rows: Sequence[UnitRow | ProcedureRow | WorkRow]) -> dict[str, Any]:
    """An answer as it comes over the wire, for a test to change."""
    district = Unit(agency="294@2019-12-01", code="294", name=Text("Huyện Thanh Hà", "Thanh Hà district"), kind="district")
    made: dict[str, Any] = msgspec.to_builtins(
        KpiResponse(
            province="30",
            position=POSITION,
            as_of=datetime(2023, 8, 1, tzinfo=UTC),
            period=Period(since=date(2022, 12, 15), until=date(2023, 7, 20), days=218),
            structure="then",
            scope=district,
            total=Total(total),
            rows=list(rows),
            balance=Balance(True, []),
            freshness=freshness(),
        )
    )
    return made


def reference() -> dict[str, dict[str, Any]]:
    """`total`, `agency`, `procedure` and `department`: the answers for the reference period."""
    units = agencies()
    codes = [unit["code"] for unit in units]
    weights = [40 + 7 * (place % 5) if "." in code else 75 + 9 * (place % 7) for place, code in enumerate(codes)]
    new = dict(zip(codes, spread(30566, weights), strict=True))
    online = {code: round(new[code] * share / 100) for code, share in COMMUNE_SHARES.items()}
    others = [code for code in codes if code not in online]
    online |= dict(zip(others, spread(24458 - sum(online.values()), [new[code] for code in others]), strict=True))
    carried = dict(zip(codes, spread(372, weights), strict=True))
    on_time = {code: RETURNED.get(code, 0) for code in codes}
    for code, extra in zip(codes, spread(641 - sum(on_time.values()), weights), strict=True):
        on_time[code] += extra
    within = dict(zip(codes, spread(421, weights), strict=True))
    intake_base = dict(zip(codes, spread(25318, [new[code] for code in codes]), strict=True))
    intake = {code: intake_base[code] - missing for code, missing in zip(codes, spread(25318 - 25037, weights), strict=True)}
    result_base = dict(zip(codes, spread(25069, [new[code] for code in codes]), strict=True))
    result = {code: result_base[code] - missing for code, missing in zip(codes, spread(25069 - 24585, weights), strict=True)}
    per_unit = {}
    for code in codes:
        overdue, pending = OVERDUE.get(code, 0), PENDING.get(code, 0)
        per_unit[code] = {
            "received_online": online[code],
            "received_counter": new[code] - online[code],
            "carried_over": carried[code],
            "resolved_on_time": on_time[code],
            "resolved_overdue": overdue,
            "in_process_within_limit": within[code],
            "in_process_overdue": pending,
            "resolved_early": new[code] + carried[code] - on_time[code] - overdue - within[code] - pending,
            "returned": RETURNED.get(code, 0),
            "digitised_intake": intake[code],
            "intake_base": intake_base[code],
            "digitised_result": result[code],
            "result_base": result_base[code],
        }
    total = {kpi: sum(unit.get(kpi, 0) for unit in per_unit.values()) for kpi in KPIS}
    procedures, per_procedure = [], []
    carried_l = spread(103, [p[2] for p in PROCEDURES])
    within_l = spread(210, [p[2] for p in PROCEDURES])
    late = [6, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    pending_l = [0, 1] + [0] * 9
    for place, (code, name, new_l) in enumerate(PROCEDURES):
        counts = {
            "interlinked_received_new": new_l,
            "interlinked_carried_over": carried_l[place],
            "interlinked_resolved_overdue": late[place],
            "interlinked_in_process_within_limit": within_l[place],
            "interlinked_in_process_overdue": pending_l[place],
        }
        counts["interlinked_resolved_in_time"] = new_l + carried_l[place] - late[place] - within_l[place] - pending_l[place]
        per_procedure.append(counts)
        made = {kpi: figure(kpi, number, where=code) for kpi, number in counts.items()} | interlinked(counts, code)
        procedures.append(ProcedureRow(procedure=code, name=Text(name, name), kpis=made))
    for kpi in per_procedure[0]:
        total[kpi] = sum(counts[kpi] for counts in per_procedure)
    rows = [
        UnitRow(
            agency=f"{unit['code']}@{unit['valid_from']}",
            code=unit["code"],
            name=Text(unit["name_vi"], unit["name_en"]),
            kind=unit["kind"],
            kpis=figures_of(per_unit[unit["code"]], unit["code"]),
        )
        for unit in units
    ]
    whole = figures_of(total, "294") | {kpi: figure(kpi, number) for kpi, number in LATENESS.items()}
    whole |= steps_of(0, 0, 0, "294")
    return {
        "total": answer(whole, []),
        "agency": answer(whole, rows),
        "procedure": answer(whole, procedures),
        "department": answer(whole, []),
        "step": answer(whole, []),
    }
