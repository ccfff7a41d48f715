"""The expected figures of the reference period, by the ids of `reports/demo.json`, computed from the calibration alone.

The district's figures are the notice's (its one contradiction, 30.556 where its parts give 30.566, repaired). A returned
dossier is counted in `resolved_on_time` and shown apart, as the notice does.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from deploy.simulator.reference.calibration import FIRST_DAY, LAST_DAY, Row, calibration, total
from deploy.simulator.reference.plans import MISROUTED, UNSEEN_OVERDUE, WRONGLY_OVERDUE, WRONGLY_OVERDUE_OPEN, Divergence
from shared.agencies import reference_structure

Figure = dict[str, int | float | None]


def period() -> tuple[date, date]:
    """First and last day, both included."""
    return FIRST_DAY, LAST_DAY


def expected() -> dict[str, dict[str, Figure]]:
    """Per agency code, and for the district `294`: kpi id to numerator, denominator (None of a count) and value."""
    return {row.agency: _figures(row) for row in (total(), *calibration())}


def _figures(row: Row) -> dict[str, Figure]:
    on_time = row.resolved_on_time + row.returned
    resolved = row.resolved_early + on_time + row.resolved_overdue
    interlinked_in_time = (
        row.interlinked_received_new
        + row.interlinked_carried_over
        - row.interlinked_resolved_overdue
        - row.interlinked_in_process_within_limit
        - row.interlinked_in_process_overdue
    )
    counts = {
        "received_online": row.received_online,
        "received_counter": row.received_counter,
        "received_post": row.received_post,
        "received_new": row.received_new,
        "carried_over": row.carried_over,
        "resolved_early": row.resolved_early,
        "resolved_on_time": on_time,
        "resolved_overdue": row.resolved_overdue,
        "resolved": resolved,
        "in_process_within_limit": row.in_process_within_limit,
        "in_process_overdue": row.in_process_overdue,
        "in_process": row.in_process,
        "returned": row.returned,
        "interlinked_received_new": row.interlinked_received_new,
        "interlinked_carried_over": row.interlinked_carried_over,
        "interlinked_resolved_in_time": interlinked_in_time,
        "interlinked_resolved_overdue": row.interlinked_resolved_overdue,
        "interlinked_in_process_within_limit": row.interlinked_in_process_within_limit,
        "interlinked_in_process_overdue": row.interlinked_in_process_overdue,
    }
    rates = {
        "online_share": (row.received_online, row.received_new),
        "in_time_share": (row.resolved_early + on_time, resolved),
        "digitised_intake": (row.digitised_intake, row.digitisation_required_new),
        "digitised_result": (row.digitised_result, row.digitisation_required_resolved),
    }
    figures: dict[str, Figure] = {
        name: {"numerator": count, "denominator": None, "value": count} for name, count in counts.items()
    }
    for name, (numerator, denominator) in rates.items():
        figures[name] = {"numerator": numerator, "denominator": denominator, "value": share(numerator, denominator)}
    return figures


def expected_work() -> dict[str, dict[str, Figure]]:
    """Per agency code the KPIs of the internal process: each dossier that is late by law had one late step."""
    counts = {row.agency: (row.resolved_overdue, MISROUTED.get(row.agency, ("", 0))[1]) for row in calibration()}
    district = total()
    counts[district.agency] = (district.resolved_overdue, sum(astray for _, astray in counts.values()))
    return {
        agency: {
            kpi: {"numerator": count, "denominator": None, "value": count}
            for kpi, count in (("steps_overdue", late), ("misrouted", astray))
        }
        for agency, (late, astray) in counts.items()
    }


def expected_late_departments() -> dict[str, int]:
    """Late steps of the district by the known name of their department; those of communes are of their committees."""
    names = {unit.code: unit.name_vi for unit in reference_structure() if unit.exists_on(LAST_DAY)}
    found: Counter[str] = Counter()
    for row in calibration():
        found["Ủy ban nhân dân" if "." not in row.agency else names[row.agency]] += row.resolved_overdue
    return dict(+found)


def share(numerator: int, denominator: int) -> float | None:
    """A share as answers give it: in per cent with two digits, halves up."""
    if not denominator:
        return None
    return float((Decimal(numerator) / Decimal(denominator)).quantize(Decimal("0.0001"), ROUND_HALF_UP))


def expected_differences() -> dict[str, int]:
    """Where the portal's judgement and the law's differ, over the district.

    `<cause>`: resolved in time in the period by law, overdue by the portal; `open_<cause>`: the same of those in process on
    the last day; `unseen`: resolved overdue by law, in time by the portal.
    """
    differences = {kind.value: sum(counts.values()) for kind, counts in WRONGLY_OVERDUE.items()}
    differences[f"open_{Divergence.days_off_counted.value}"] = sum(WRONGLY_OVERDUE_OPEN.values())
    differences["unseen"] = sum(UNSEEN_OVERDUE.values())
    return differences
