"""An independent count of dossiers: each KPI as its description says it, over facts of a day or a period, in plain Python."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from shared.dossier import Channel, Facts, Outcome, StepFacts, Timeliness
from shared.workdays.causes import DelayCause


def is_paused(facts: Facts, on: date) -> bool:
    return any(since <= on and (until is None or on < until) for since, until in facts.suspensions)


def in_process(facts: Facts, on: date) -> bool:
    return facts.received_on is not None and facts.received_on <= on and (facts.ended_on is None or on < facts.ended_on)


def is_late(facts: Facts, on: date) -> bool:
    return in_process(facts, on) and facts.late_from is not None and facts.late_from <= on and not is_paused(facts, on)


def is_portal_late(facts: Facts, on: date) -> bool:
    return in_process(facts, on) and facts.portal_late_from is not None and facts.portal_late_from <= on


def is_due_within(facts: Facts, on: date, which: int) -> bool:
    if not in_process(facts, on) or facts.due_soon is None or is_paused(facts, on):
        return False
    past = facts.late_from is not None and facts.late_from <= on
    return facts.due_soon[which] <= on and not past


def count_steps(steps: Iterable[StepFacts]) -> dict[str, tuple[int, int | None]]:
    """The KPIs of steps of the internal process, over steps that ended in a period."""
    steps = list(steps)
    over = [step.minutes_over for step in steps if step.minutes_over is not None]
    late = [minutes for minutes in over if minutes > 0]
    return {
        "steps_ended": (len(steps), None),
        "steps_timed": (len(over), None),
        "steps_overdue": (len(late), None),
        "steps_overdue_share": (len(late), len(over)),
        "step_hours_over": (sum(late), 60 * len(late)),
    }


def kpis(dossiers: Iterable[Facts], since: date, until: date) -> dict[str, tuple[int | None, int | None]]:
    """Numerator and denominator of KPIs, each counted by its definition over the dossiers of one scope.

    A numerator is None where there are dossiers that it could be stated of, and it is stated of none.
    """
    dossiers = list(dossiers)
    counts = _counts(dossiers, since, until)
    not_known = {kpi for kpi, (of, stated) in _stated(dossiers, since, until).items() if of and not stated}
    return {kpi: (None if kpi in not_known else above, below) for kpi, (above, below) in counts.items()}


def _stated(dossiers: list[Facts], since: date, until: date) -> dict[str, tuple[int, int]]:
    """By KPI how many dossiers or steps it could be stated of, and of how many it is."""
    counted = [one for one in dossiers if not one.deleted and one.received_on is not None]
    received = [one for one in counted if since <= one.received_on <= until]  # type: ignore[operator]
    ended = [one for one in counted if one.ended_on is not None and since <= one.ended_on <= until]
    resolved = [one for one in ended if one.outcome is Outcome.resolved]
    there = [one for one in counted if in_process(one, since - timedelta(days=1)) or in_process(one, until)]
    steps = [step for one in counted for step in one.steps if since <= step.ended_on <= until]
    handled = len(received) + sum(in_process(one, since - timedelta(days=1)) for one in counted) + len(steps)
    told = len(steps) + sum(bool(one.steps) for one in [*ended, *there])
    required, with_fee = [one for one in received if one.digitisation_required], [one for one in received if one.fee_required]
    due = [one for one in resolved if one.digitisation_required]

    def stated(of: list[Facts], *facts: str) -> tuple[int, int]:
        return len(of), sum(all(getattr(one, fact) is not None for fact in facts) for one in of)

    whole = len(resolved), sum(stated([one], "digitised_intake", *["digitised_result"] * one.digitisation_required)[1]
                               for one in resolved)  # fmt: skip
    in_full = (
        len(received),
        sum(
            one.channel is not None
            and (one.channel is not Channel.online or not one.digitisation_required or one.result_coded is not None)
            for one in received
        ),
    )
    return {
        "online_share": stated(received, "channel"),
        "online_in_full": in_full,
        "reused_share": stated(received, "reused"),
        "digitised_intake": stated(required, "digitised_intake"),
        **dict.fromkeys(("digitised_result", "result_not_digitised"), stated(due, "digitised_result")),
        **dict.fromkeys(("digitised_whole", "not_digitised_whole"), whole),
        **dict.fromkeys(("received_digitised", "received_not_digitised"), stated(received, "digitised_intake")),
        **dict.fromkeys(("storage_share", "not_from_storage"), stated(received, "from_storage")),
        **dict.fromkeys(("verified_share", "not_verified"), stated(received, "account_verified")),
        **dict.fromkeys(("online_payment_share", "fee_not_paid_online"), stated(with_fee, "fee_online")),
        **dict.fromkeys(("steps_ended", "steps_timed"), (handled, told)),
        "steps_overdue": (handled, sum(step.minutes_over is not None for step in steps)),
        "steps_overdue_share": (0, 0),
        **dict.fromkeys(("supplements_per_dossier", "supplemented_share"), stated(resolved, "supplements")),
        "late_synced_share": stated(ended, "synced_late"),
        "misrouted": (len(ended), sum(bool(one.steps) for one in ended)),
    }


def _counts(dossiers: list[Facts], since: date, until: date) -> dict[str, tuple[int, int | None]]:
    counted = [one for one in dossiers if not one.deleted]
    refused_unreceived = [one for one in counted if one.received_on is None and one.outcome is Outcome.refused]
    counted = [one for one in counted if one.received_on is not None]
    received = [one for one in counted if since <= one.received_on <= until]  # type: ignore[operator]
    ended = [one for one in counted if one.ended_on is not None and since <= one.ended_on <= until]
    resolved = [one for one in ended if one.outcome is Outcome.resolved]
    without = [one for one in ended if one.outcome is not Outcome.resolved]
    overdue = [one for one in resolved if one.timeliness is Timeliness.overdue]
    early = [one for one in resolved if one.timeliness is Timeliness.early]
    on_time = [one for one in resolved if one.timeliness not in (Timeliness.early, Timeliness.overdue)]
    day_before = since - timedelta(days=1)
    carried = [one for one in counted if in_process(one, day_before)]
    process = [one for one in counted if in_process(one, until)]
    late = [one for one in process if is_late(one, until)]
    portal_late = [one for one in process if is_portal_late(one, until)]
    portal_overdue = [one for one in resolved if one.portal_timeliness is Timeliness.overdue]
    to_handle = len(received) + len(carried)
    in_time = len(early) + len(on_time) + len(without)
    within = len(process) - len(late)
    timed = [one for one in resolved if one.spent_minutes is not None]
    limited = [one for one in timed if one.limit_minutes is not None]
    linked = [one for one in counted if one.interlinked]

    def channel(name: Channel | None) -> int:
        return sum(one.channel is name for one in received)

    late_ends = [one for one in resolved if one in overdue or one in portal_overdue]
    late_stock = [one for one in process if is_late(one, until) or is_portal_late(one, until)]

    def by_cause(cause: DelayCause) -> int:
        late = [one.cause for one in [*late_ends, *late_stock]]
        if cause is DelayCause.other:
            return sum(one not in set(DelayCause) - {cause} for one in late)
        return late.count(cause.value)

    ends_of_refused = [one for one in refused_unreceived if one.ended_on is not None and since <= one.ended_on <= until]
    doubtful_ends = [one for one in [*ended, *ends_of_refused] if one.contradictions]
    doubtful_stock = [one for one in process if one.contradictions]
    steps = [step for one in counted for step in one.steps if since <= step.ended_on <= until]
    step_counts = count_steps(steps)
    linked_resolved = [one for one in resolved if one.interlinked]
    linked_overdue = [one for one in overdue if one.interlinked]
    linked_without = [one for one in without if one.interlinked]
    counts: dict[str, tuple[int, int | None]] = {
        "received_online": (channel(Channel.online), None),
        "received_counter": (channel(Channel.counter), None),
        "received_post": (channel(Channel.post), None),
        "received_unstated": (channel(None), None),
        "received_new": (len(received), None),
        "carried_over": (len(carried), None),
        "to_handle": (to_handle, None),
        "resolved_early": (len(early), None),
        "resolved_on_time": (len(on_time) + len(without), None),
        "resolved_overdue": (len(overdue), None),
        "resolved": (len(ended), None),
        "in_process_within_limit": (within, None),
        "in_process_overdue": (len(late), None),
        "in_process": (len(process), None),
        "due_within_1": (sum(is_due_within(one, until, 0) for one in process), None),
        "due_within_3": (sum(is_due_within(one, until, 1) for one in process), None),
        "due_within_5": (sum(is_due_within(one, until, 2) for one in process), None),
        "suspended": (sum(is_paused(one, until) for one in process), None),
        "returned": (sum(one.outcome is Outcome.returned for one in ended), None),
        "withdrawn": (sum(one.outcome is Outcome.withdrawn for one in ended), None),
        "refused": (
            sum(one.outcome is Outcome.refused for one in ended)
            + sum(one.ended_on is not None and since <= one.ended_on <= until for one in refused_unreceived),
            None,
        ),
        "closed_without_result_overdue": (sum(one.timeliness is Timeliness.overdue for one in without), None),
        "contradictory_ended": (len(doubtful_ends), None),
        "contradictory_in_process": (len(doubtful_stock), None),
        "contradictory": (len(doubtful_ends) + len(doubtful_stock), None),
        "online_share": (channel(Channel.online), len(received)),
        "in_time_share": (in_time, len(ended)),
        "overdue_share": (len(overdue), len(ended)),
        "in_time_share_of_all": (in_time + within, to_handle),
        "late_share": (len(overdue) + len(late), to_handle),
        "returned_share": (sum(one.outcome is Outcome.returned for one in ended), to_handle),
        "online_payment_share": (
            sum(one.fee_required and one.fee_online is True for one in received),
            sum(one.fee_required for one in received),
        ),
        "digitised_intake": (
            sum(one.digitisation_required and one.digitised_intake is True for one in received),
            sum(one.digitisation_required for one in received),
        ),
        "digitised_result": (
            sum(one.digitisation_required and one.digitised_result is True for one in resolved),
            sum(one.digitisation_required for one in resolved),
        ),
        "reused_share": (sum(one.reused is True for one in received), len(received)),
        "interlinked_received_new": (sum(one.interlinked for one in received), None),
        "interlinked_carried_over": (sum(in_process(one, day_before) for one in linked), None),
        "interlinked_resolved_in_time": (len(linked_resolved) - len(linked_overdue) + len(linked_without), None),
        "interlinked_resolved_overdue": (len(linked_overdue), None),
        "interlinked_resolved": (len(linked_resolved) + len(linked_without), None),
        "interlinked_in_process_within_limit": (
            sum(in_process(one, until) and not is_late(one, until) for one in linked),
            None,
        ),
        "interlinked_in_process_overdue": (sum(is_late(one, until) for one in linked), None),
        "interlinked_in_process": (sum(in_process(one, until) for one in linked), None),
        "interlinked_to_handle": (
            sum(one.interlinked for one in received) + sum(in_process(one, day_before) for one in linked),
            None,
        ),
        "interlinked_in_time_share": (
            len(linked_resolved) - len(linked_overdue) + len(linked_without),
            len(linked_resolved) + len(linked_without),
        ),
        "processing_days_mean": (sum(one.spent_minutes or 0 for one in timed), 480 * len(timed)),
        "time_of_limit": (
            sum(one.spent_minutes or 0 for one in limited),
            sum(one.limit_minutes or 0 for one in limited),
        ),
        "supplements_per_dossier": (sum(one.supplements or 0 for one in resolved), len(resolved)),
        "supplemented_share": (sum((one.supplements or 0) > 0 for one in resolved), len(resolved)),
        "overdue_by_law": (len(overdue) + len(late), None),
        "overdue_by_portal": (len(portal_overdue) + len(portal_late), None),
        "overdue_by_portal_only": (
            sum(one not in overdue for one in portal_overdue) + sum(not is_late(one, until) for one in portal_late),
            None,
        ),
        "overdue_by_law_only": (
            sum(one not in portal_overdue for one in overdue) + sum(not is_portal_late(one, until) for one in late),
            None,
        ),
        **{f"overdue_{cause.value}": (by_cause(cause), None) for cause in DelayCause},
        **{
            f"{name}_{cause}": (sum(one.cause == cause for one in those), None)
            for name, those in (("resolved_overdue", late_ends), ("in_process_overdue", late_stock))
            for cause in ("staff", "misrouted", "supplement_needed", "due_moved", "extended")
        },
        "unmapped": (sum(one.agency is None or one.procedure is None for one in received), None),
        "misrouted": (sum(one.misrouted > 0 for one in [*ended, *ends_of_refused]), None),
        **step_counts,
        "late_synced_share": (sum(one.synced_late is True for one in ended), len(ended)),
        **_by_index(received, resolved, process, until),
    }
    return counts


def _by_index(
    received: list[Facts], resolved: list[Facts], process: list[Facts], until: date
) -> dict[str, tuple[int, int | None]]:
    """What the index of decision 766 counts of any days."""
    to_digitise = [one for one in resolved if one.digitisation_required]
    whole = [one for one in resolved if one.digitised_intake and (one.digitised_result or not one.digitisation_required)]
    digitised = sum(one.digitised_intake is True for one in received)
    stored = sum(one.from_storage is True for one in received)
    verified = sum(one.account_verified is True for one in received)
    tomorrow = until + timedelta(days=1)
    online = [one for one in received if one.channel is Channel.online]
    return {
        "not_judged_766": (0, None),
        "storage_stated": (sum(one.from_storage is not None for one in received), None),
        "intake_stated": (sum(one.digitised_intake is not None for one in received), None),
        "fee_stated": (sum(one.fee_required and one.fee_online is not None for one in received), None),
        "result_stated": (sum(one.digitised_result is not None for one in to_digitise), None),
        "digitised_stated": (
            sum(
                one.digitised_intake is not None and (one.digitised_result is not None or not one.digitisation_required)
                for one in resolved
            ),
            None,
        ),
        "verified_stated": (sum(one.account_verified is not None for one in received), None),
        "due_next_766": (sum((one.supplements or 0) < 2 and one.index_due_on in (until, tomorrow) for one in process), None),
        "result_not_digitised": (sum(not one.digitised_result for one in to_digitise), None),
        "digitised_whole": (len(whole), len(resolved)),
        "not_digitised_whole": (len(resolved) - len(whole), None),
        "received_digitised": (digitised, len(received)),
        "received_not_digitised": (len(received) - digitised, None),
        "storage_share": (stored, len(received)),
        "not_from_storage": (len(received) - stored, None),
        "verified_share": (verified, len(received)),
        "not_verified": (len(received) - verified, None),
        "fee_not_paid_online": (sum(one.fee_required and not one.fee_online for one in received), None),
        "online_in_full": (sum(one.result_coded or not one.digitisation_required for one in online), len(received)),
    }


def by_decision_766(dossiers: Iterable[Facts], since: date, until: date) -> tuple[int, int]:
    """On time, and received or handled, of a whole period, as the portal describes it: each dossier is looked at by itself.

    The base is received or handled in the period. The end is the day it was done; of what is not done yet it is the last day of
    the period. More than one request for papers is late, and so is an end after the appointed day.
    """
    base = on_time = 0
    for one in dossiers:
        if one.deleted or one.received_on is None or one.received_on > until:
            continue
        is_done = one.index_ended_on is not None and one.index_ended_on <= until
        is_received = one.received_on >= since
        is_handled = is_done and one.index_ended_on is not None and one.index_ended_on >= since
        if not is_received and not is_handled:
            continue
        base += 1
        end = one.index_ended_on if is_done and one.index_ended_on is not None else until
        appointed = one.index_due_on
        on_time += (one.supplements or 0) <= 1 and (appointed is None or end <= appointed)
    return on_time, base
