"""Every KPI on a small world that can be computed by hand, in an empty one, and in a window beside it.

The period is 01-31 March 2023. The dossiers, by what they are there for:

A  online, received 2 March, due 10, resolved 6 March: early. Digitised at receipt and with an electronic result, fee paid
   online, re-used papers. 960 minutes of a limit of 2.400. Supplemented twice.
B  at the counter, received 3 March, due 13, resolved 13 March: on the day. Its papers had to be digitised, and were not. A
   fee, not online. 2.400 of 2.400 minutes.
C  by post, received 20 February (carried over), due 3 March, resolved 8 March: overdue, by the portal too; slow handling.
   4.320 of 2.400 minutes. Interlinked. The portal told of it late.
D  online, received 10 February (carried over), returned 2 March.
E  online, received 15 March, withdrawn 20 March, after its due date of 17 March.
F  refused 9 March, never received.
G  online, received 21 March, due 4 April, still in process on 31 March: two working days left. Interlinked.
H  at the counter, received 1 March, due 10 March, still in process: overdue since 11 March; the portal does not know it.
   Interlinked. A letter gave a new date.
I  online, received 6 March, due 20 March, suspended since 16 March: not overdue.
J  nobody knows how, received 27 March, due 29 May; the portal's date was 29 March: overdue there only, days off counted.
K  online, received 5 March, due 15, resolved 14 March; the portal's date was 8 March: overdue there only, days off counted.
L  like A, resolved 1 April: in process at the end of March, due that very day (3 April is its first late day).
M  received 1 May: not there yet.
N  deleted at the source.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.metrics.kpis import BALANCES, BY_ID
from shared.contracts.feed import FeedItem
from shared.dossier import Channel, Facts, Outcome, Status, Timeliness
from tests.metrics.conftest import Api

AGENCY = "10813@2019-12-01"


def march(day: int) -> date:
    return date(2023, 3, day)


def dossier(**facts: Any) -> Facts:
    outcome = facts.get("outcome")
    status = Status(outcome.value) if outcome else Status.processing
    return Facts(**{"status": status, "agency": AGENCY, **facts})


A = dossier(
    code="A", channel=Channel.online, received_on=march(2), due_on=march(10), late_from=march(11), portal_late_from=march(11),
    due_soon=(march(9), march(7), march(3)), ended_on=march(6), outcome=Outcome.resolved, timeliness=Timeliness.early,
    portal_timeliness=Timeliness.early, digitisation_required=True, digitised_intake=True, digitised_result=True,
    fee_required=True, fee_online=True, reused=True, spent_minutes=960, limit_minutes=2_400, supplements=2,
)  # fmt: skip
B = dossier(
    code="B", channel=Channel.counter, received_on=march(3), due_on=march(13), late_from=march(14), portal_late_from=march(14),
    ended_on=march(13), outcome=Outcome.resolved, timeliness=Timeliness.on_time, portal_timeliness=Timeliness.on_time,
    digitisation_required=True, fee_required=True, spent_minutes=2_400, limit_minutes=2_400,
)  # fmt: skip
C = dossier(
    code="C", channel=Channel.post, received_on=date(2023, 2, 20), due_on=march(3), late_from=march(4),
        portal_late_from=march(4),
    ended_on=march(8), outcome=Outcome.resolved, timeliness=Timeliness.overdue, portal_timeliness=Timeliness.overdue,
    cause="staff", interlinked=True, procedure="1.000001", spent_minutes=4_320, limit_minutes=2_400, synced_late=True,
)  # fmt: skip
D = dossier(code="D", channel=Channel.online, received_on=date(2023, 2, 10), ended_on=march(2), outcome=Outcome.returned)
E = dossier(
    code="E", channel=Channel.online, received_on=march(15), due_on=march(17), late_from=march(18), ended_on=march(20),
    outcome=Outcome.withdrawn, timeliness=Timeliness.overdue,
)  # fmt: skip
F = dossier(code="F", channel=Channel.online, ended_on=march(9), outcome=Outcome.refused)
G = dossier(
    code="G", channel=Channel.online, received_on=march(21), due_on=date(2023, 4, 4), late_from=date(2023, 4, 5),
    due_soon=(date(2023, 4, 3), march(30), march(28)), interlinked=True, procedure="1.000001",
)  # fmt: skip
H = dossier(
    code="H", channel=Channel.counter, received_on=march(1), due_on=march(10), late_from=march(11),
    due_soon=(march(9), march(7), march(3)), interlinked=True, procedure="1.000002", cause="extended",
)  # fmt: skip
I = dossier(  # noqa: E741 - the dossiers are named by letters
    code="I", channel=Channel.online, received_on=march(6), due_on=march(20), late_from=march(21), portal_late_from=None,
    due_soon=(march(17), march(15), march(13)), suspensions=((march(16), None),),
)  # fmt: skip
J = dossier(
    code="J", received_on=march(27), due_on=date(2023, 5, 29), late_from=date(2023, 5, 30), portal_late_from=march(30),
    due_soon=(date(2023, 5, 26), date(2023, 5, 24), date(2023, 5, 22)), cause="days_off_counted",
)  # fmt: skip
K = dossier(
    code="K", channel=Channel.online, received_on=march(5), due_on=march(15), late_from=march(16), portal_late_from=march(9),
    ended_on=march(14), outcome=Outcome.resolved, timeliness=Timeliness.early, portal_timeliness=Timeliness.overdue,
    cause="days_off_counted",
)  # fmt: skip
L = dossier(
    code="L", channel=Channel.online, received_on=march(20), due_on=march(31), late_from=date(2023, 4, 3),
    portal_late_from=date(2023, 4, 3), due_soon=(march(30), march(28), march(24)), ended_on=date(2023, 4, 1),
    outcome=Outcome.resolved, timeliness=Timeliness.overdue, digitisation_required=True, digitised_intake=True,
)  # fmt: skip
M = dossier(code="M", channel=Channel.online, received_on=date(2023, 5, 1))
N = dossier(code="N", channel=Channel.online, received_on=march(2), deleted=True)
WORLD = [A, B, C, D, E, F, G, H, I, J, K, L, M, N]

MARCH: dict[str, tuple[float | None, float | None, float | None]] = {
    # numerator, denominator, value
    "received_online": (6, None, 6),  # A E G I K L
    "received_counter": (2, None, 2),  # B H
    "received_post": (0, None, 0),
    "received_unstated": (1, None, 1),  # J
    "received_new": (9, None, 9),
    "carried_over": (2, None, 2),  # C D
    "to_handle": (11, None, 11),
    "resolved_early": (2, None, 2),  # A K
    "resolved_on_time": (3, None, 3),  # B, and D E without a result
    "resolved_overdue": (1, None, 1),  # C
    "resolved": (6, None, 6),
    "in_process_within_limit": (4, None, 4),  # G I J L
    "in_process_overdue": (1, None, 1),  # H
    "in_process": (5, None, 5),
    "due_within_1": (1, None, 1),  # L
    "due_within_3": (2, None, 2),  # G L
    "due_within_5": (2, None, 2),  # G L; I is suspended, J has time
    "suspended": (1, None, 1),  # I
    "returned": (1, None, 1),  # D
    "refused": (1, None, 1),  # F
    "withdrawn": (1, None, 1),  # E
    "closed_without_result_overdue": (1, None, 1),  # E
    "online_share": (6, 9, 6 / 9),
    "in_time_share": (5, 6, 5 / 6),
    "overdue_share": (1, 6, 1 / 6),
    "in_time_share_of_all": (9, 11, 9 / 11),
    "late_share": (2, 11, 2 / 11),
    "returned_share": (1, 11, 1 / 11),
    "online_payment_share": (1, 2, 0.5),  # A of A B
    "digitised_intake": (2, 3, 2 / 3),  # A L of A B L
    "digitised_result": (1, 2, 0.5),  # A of A B
    "reused_share": (1, 9, 1 / 9),
    "interlinked_received_new": (2, None, 2),  # G H
    "interlinked_carried_over": (1, None, 1),  # C
    "interlinked_to_handle": (3, None, 3),
    "interlinked_resolved_in_time": (0, None, 0),
    "interlinked_resolved_overdue": (1, None, 1),  # C
    "interlinked_resolved": (1, None, 1),
    "interlinked_in_time_share": (0, 1, 0.0),
    "interlinked_in_process_within_limit": (1, None, 1),  # G
    "interlinked_in_process_overdue": (1, None, 1),  # H
    "interlinked_in_process": (2, None, 2),
    "processing_days_mean": (7_680, 1_440, 7_680 / 1_440),  # 2, 5 and 9 days
    "processing_days_p50": (None, 3, 4.0),  # half of 3 is the middle of the bucket from 3 to 5
    "processing_days_p90": (None, 3, 7 + 3 * 0.7),  # 2,7 of 3: seven tenths of the bucket from 7 to 10
    "time_of_limit": (7_680, 7_200, 7_680 / 7_200),
    "supplements_per_dossier": (2, 4, 0.5),  # A's two; A B C K
    "supplemented_share": (1, 4, 0.25),
    "overdue_by_law": (2, None, 2),  # C H
    "overdue_by_portal": (3, None, 3),  # C J K
    "overdue_by_portal_only": (2, None, 2),  # J K
    "overdue_by_law_only": (1, None, 1),  # H
    "overdue_days_off_counted": (2, None, 2),  # J K
    "overdue_suspension_hidden": (0, None, 0),
    "overdue_not_closed_in_software": (0, None, 0),
    "overdue_after_hours_ignored": (0, None, 0),
    "overdue_first_day_counted": (0, None, 0),
    "overdue_calendar_changed": (0, None, 0),
    "overdue_synced_late": (0, None, 0),
    "overdue_extended": (1, None, 1),  # H
    "overdue_due_moved": (0, None, 0),
    "overdue_supplement_needed": (0, None, 0),
    "overdue_staff": (1, None, 1),  # C
    "overdue_other": (0, None, 0),
    "resolved_overdue_staff": (1, None, 1),  # C
    "resolved_overdue_supplement_needed": (0, None, 0),
    "resolved_overdue_due_moved": (0, None, 0),
    "resolved_overdue_extended": (0, None, 0),
    "in_process_overdue_staff": (0, None, 0),
    "in_process_overdue_supplement_needed": (0, None, 0),
    "in_process_overdue_due_moved": (0, None, 0),
    "in_process_overdue_extended": (1, None, 1),  # H
    "late_synced_share": (1, 6, 1 / 6),  # C of A B C D E K
    "unmapped": (7, None, 7),  # all but G H: only these and C are of a known procedure
    "satisfaction": (9, 10, 0.9),
    "feedback_in_time_share": (1, 2, 0.5),
}

APRIL = {
    "received_new": 0,
    "carried_over": 5,
    "resolved_overdue": 1,
    "resolved": 1,
    "in_process": 4,
    "in_process_overdue": 2,
    "suspended": 1,
    "due_within_5": 0,
    "interlinked_in_process_overdue": 2,
    "online_share": None,
    "satisfaction": None,
    "processing_days_p50": None,
    "overdue_by_portal_only": 1,
    "unmapped": 0,
}


async def ask(api: Api, since: date, to: date) -> dict[str, dict[str, Any]]:
    answer = await api.get("/v1/kpis", scope="10813", since=str(since), to=str(to))
    assert answer["balance"]["ok"] is True
    figures: dict[str, dict[str, Any]] = answer["total"]["kpis"]
    return figures


async def test_every_kpi_equals_what_was_computed_by_hand(api: Api) -> None:
    assert set(MARCH) == set(BY_ID)
    await api.count([FeedItem(number, number, facts) for number, facts in enumerate(WORLD, 1)])
    evidence = {"stream": api.stream, "agency": "10813", "on": "2023-03-31", "source": "Báo cáo tháng 3"}
    counts = {"ratings": 10, "ratings_satisfied": 9, "feedback": 2, "feedback_in_time": 1}
    assert (await api.client.post("/v1/evidence", json={**evidence, **counts})).status_code == 201
    figures = await ask(api, march(1), march(31))
    for name, (numerator, denominator, value) in MARCH.items():
        assert (figures[name]["numerator"], figures[name]["denominator"]) == (numerator, denominator), name
        if value is not None:
            value = float(Decimal(value).quantize(Decimal(1).scaleb(-BY_ID[name].digits), ROUND_HALF_UP))
        assert figures[name]["value"] == value, name


def test_the_balances_hold_in_a_world_computed_by_hand() -> None:
    for balance in BALANCES:
        left, right = (sum(MARCH[kpi][0] or 0 for kpi in side) for side in (balance.left, balance.right))
        assert left == right if balance.relation == "=" else left <= right, balance.name


async def test_the_window_beside_it_holds_what_went_on(api: Api) -> None:
    await api.count([FeedItem(number, number, facts) for number, facts in enumerate(WORLD, 1)])
    figures = await ask(api, date(2023, 4, 1), date(2023, 4, 30))
    assert {name: figures[name]["value"] for name in APRIL} == APRIL


async def test_where_nothing_happened_counts_are_nought_and_rates_have_no_value(api: Api) -> None:
    await api.count([FeedItem(number, number, facts) for number, facts in enumerate(WORLD, 1)])
    for figures in (await ask(api, date(2022, 1, 1), date(2022, 1, 31)), await ask(api, date(2022, 1, 1), date(2022, 1, 1))):
        for name, kpi in BY_ID.items():
            if kpi.denominator is None:
                assert figures[name]["value"] == 0, name
            else:
                assert (figures[name]["denominator"], figures[name]["value"]) == (0, None), name
