"""Points of decision 766 of random worlds equal a computation from each dossier by itself, and from the catalogue's rows."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from msgspec import structs

from services.metrics.agencies import store as catalogue
from services.metrics.indices.scoring import printed
from services.metrics.periods import Period, named
from shared.agencies import AgencyKind, reference_structure
from shared.civil import civil_day
from shared.contracts.feed import Catalogue, FeedItem
from shared.dossier import Channel, Facts, Outcome, Status
from shared.procedures import Procedure
from tests.metrics import by_hand, worlds
from tests.metrics.conftest import Api
from tests.metrics.test_kpis_api import count_more
from tests.patience import until

STATED = {
    "online_payment_share": "fee_stated",
    "digitised_result": "result_stated",
    "digitised_whole": "digitised_stated",
    "received_digitised": "intake_stated",
    "storage_share": "storage_stated",
    "verified_share": "verified_stated",
}
"""What sources may state of none: then nothing is known."""
PERIODS = ("C2023-M02", "C2023-Q1", "2023-M03")


def _points(dossiers: Iterable[Facts], period: Period) -> dict[str, Fraction]:
    """By component; absent: there is nothing that points could be given for."""
    dossiers = list(dossiers)
    counts = by_hand.kpis(dossiers, period.since, period.until)
    shares = {
        name: Fraction(numerator, denominator)
        for name, (numerator, denominator) in counts.items()
        if numerator is not None and denominator and name.endswith(("share", "result", "whole", "digitised"))
    }
    untold = {name for name, stated in STATED.items() if not counts[stated][0]}
    on_time, base = by_hand.by_decision_766(dossiers, period.since, period.until)
    found = {}
    if "online_payment_share" in shares or not counts["online_payment_share"][1]:
        found["3.5-3.6"] = 6 * shares.get("online_payment_share", Fraction(0))
    if base:
        found["2.1"] = Fraction(20 * on_time, base)
    for component, most, name in (
        ("4.1", 6, "digitised_result"),
        ("4.2", 4, "digitised_whole"),
        ("4.4", 4, "storage_share"),
        ("4.5", 2, "verified_share"),
    ):
        if name in shares.keys() - untold:
            found[component] = most * shares[name]
    if "received_digitised" in shares.keys() - untold:
        found["4.3"] = 2 * min(Fraction(1), shares["received_digitised"] / Fraction(8, 10))
    return found


@pytest.mark.parametrize("seed", [81, 82])
async def test_all_points_equal_a_computation_from_dossiers(api: Api, seed: int) -> None:
    source = random.Random(seed)
    world = await api.count(worlds.random_feed(source, 80, 260), source)
    await api.until(world.ends[-1], "/v1/indices/766", period=PERIODS[0])
    for name in PERIODS:
        period, position = named(name, date(2023, 6, 1)), source.choice([world.ends[-1], source.choice(world.ends)])
        state = worlds.state(world.feed, position).values()
        score = await api.get("/v1/indices/766", period=name, as_of=position)
        expected = _points(state, period)
        found = {line["id"]: line["points"] for line in score["components"] if line["points"] is not None}
        assert found == {component: printed(points) for component, points in expected.items()}
        assert score["points"] == printed(sum(expected.values(), Fraction(0)))
        ranked = await api.get("/v1/indices/766/ranking", period=name, as_of=position)
        agencies = {row["agency"] for row in ranked["rows"]}
        assert {one.agency for one in state if not one.deleted and one.received_on} <= agencies | {None}
        for row in ranked["rows"]:
            alone = _points((one for one in state if one.agency == row["agency"]), period)
            of_it = {component: points for component, points in row["components"].items() if points is not None}
            assert of_it == {component: printed(points) for component, points in alone.items()}, (name, row["agency"])


def _procedure(number: int, **facts: bool | None) -> Procedure:
    """In force since 2020, and stated of in all that the index asks for."""
    stated = dict.fromkeys(("announced_in_time", "public_in_time", "complete", "population_data"), True)
    return structs.replace(Procedure(f"1.{number:06d}", "Thủ tục", "Procedure", "HT", date(2020, 1, 1)), **{**stated, **facts})


async def test_what_the_catalogue_states_gives_points_and_what_it_does_not_state_is_no_0(api: Api) -> None:
    await api.count(worlds.random_feed(random.Random(83), 20, 40))
    rows = [
        _procedure(1, fee_required=True, online_payment=True),
        _procedure(2, fee_required=True, online_payment=False, complete=False),
        _procedure(3, announced_in_time=False, complete=False),
        # Not in force any more, and not yet.
        structs.replace(_procedure(4, announced_in_time=None), valid_to=date(2023, 2, 28)),
        structs.replace(_procedure(5, public_in_time=False), valid_from=date(2023, 3, 1)),
    ]
    communes = [one for one in reference_structure() if one.kind is AgencyKind.commune and one.exists_on(date(2023, 2, 28))]
    certifying = {one.key for one in communes[:3]}

    async def take(version: int, procedures: list[Procedure]) -> dict[str, Any]:
        units = [structs.replace(one, certifies_copies=one.key in certifying) for one in reference_structure()]
        async with api.database.transaction() as tx:
            before = (await api.get("/v1/indices/766", period="C2023-M02"))["components"]
            await catalogue.take_catalogue(tx, Catalogue(api.province, version, units, procedures))
        read = await until(lambda: api.get("/v1/indices/766", period="C2023-M02"), lambda score: score["components"] != before)
        return {line["id"]: line for line in read["components"]}

    lines = await take(2, rows)
    points = {component: lines[component]["points"] for component in ("1.1", "1.2", "1.3", "4.6")}
    assert points == {
        "1.1": 4,
        "1.2": 4,
        "1.3": printed(Fraction(2, 3)),
        "4.6": printed(Fraction(2 * len(certifying), len(communes))),
    }
    payment, population = lines["3.5-3.6"]["parts"], lines["4.5"]["parts"]
    assert [(part["numerator"], part["denominator"], part["points"]) for part in payment[1:]] == [(1, 2, 1.25), (None, 2, None)]
    assert (population[1]["numerator"], population[1]["denominator"], population[1]["points"]) == (3, 3, 2)
    assert lines["1.3"]["parts"][0]["costing_procedures"] == ["1.000002", "1.000003"]
    assert payment[1]["costing_procedures"] == ["1.000002"]
    # Of one nobody stated whether it was announced in time: that is not known then, and the others are.
    lines = await take(3, [*rows, _procedure(6, announced_in_time=None)])
    assert (lines["1.1"]["points"], lines["1.1"]["available"], lines["1.2"]["points"]) == (None, 0, 4)
    # A part of the province has no list of its own, and its communes.
    part = await api.get("/v1/indices/766", period="C2023-M02", scope=communes[0].key)
    of_it = {line["id"]: line["points"] for line in part["components"]}
    assert (of_it["1.1"], of_it["4.6"]) == (None, 2)


async def test_a_running_period_has_a_forecast_and_a_worklist_of_what_can_still_be_mended(api: Api) -> None:
    year = 2098  # it has not begun, whenever this runs
    first, due = date(year, 1, 10), date(year, 1, 20)
    (plain,) = [one.facts for one in worlds.random_feed(random.Random(84), 1, 1)]
    plain = structs.replace(
        plain, agency=worlds.AGENCIES[0], received_on=first, ended_on=None, outcome=None, deleted=False, supplements=0,
        channel=None, index_due_on=due, index_late=False, index_ended_on=None,
        suspensions=(), contradictions=(), steps=(), fee_required=False,
    )  # fmt: skip
    day = date(year, 1, 25)
    late = structs.replace(
        plain, ended_on=day, index_ended_on=day, outcome=Outcome.resolved, index_late=True, channel=Channel.online
    )
    in_time = structs.replace(late, ended_on=due, index_ended_on=due, index_late=False)
    # Papers were requested twice: late whenever it ends. Of the year before: one late already, and one that is not.
    twice = structs.replace(plain, supplements=2, channel=Channel.online)
    before = date(year - 1, 12, 20)
    carried = structs.replace(plain, received_on=before, channel=Channel.online)
    overdue = structs.replace(carried, index_due_on=before)
    facts = [plain, plain, late, in_time, twice, carried, overdue]
    await api.count([FeedItem(n, n, structs.replace(one, code=f"H-{n}")) for n, one in enumerate(facts, 1)])
    score = await api.until(7, "/v1/indices/766", period=f"C{year}-M01")
    progress = next(line for line in score["components"] if line["id"] == "2.1")
    assert (progress["points"], progress["lost"]) == (4, 16)
    forecast = score["forecast"]
    assert (forecast["out_of"], forecast["dossiers"], forecast["in_reach"]) == (score["out_of"], 2, 2)
    assert (forecast["carried_in_time"], forecast["carried_late"]) == (1, 1)
    # At worst the two of before end late in this month; at best three more are on time, and one of before waits.
    assert forecast["lowest"] == pytest.approx(score["points"] - 4 + 20 / 7, abs=0.006)
    assert forecast["highest"] == pytest.approx(score["points"] - 4 + 20 * 4 / 6, abs=0.006)
    opened = await api.get(f"/v1/figures/{forecast['figure']}")
    assert [one["code"] for one in opened["dossiers"]] == ["H-1", "H-2"]
    rows = (await api.get("/v1/indices/766/losses", period=f"C{year}-M01"))["rows"]
    progress_rows = {row["cause"]: (row["dossiers"], row["gain"], row["mendable"]) for row in rows if row["component"] == "2.1"}
    assert progress_rows == {
        "ended_late_766_civil_month": (1, 4, False),
        "not_closed_766_civil_month": (2, 8, True),
        "requested_twice_766_civil_month": (1, 4, False),
    }
    assert [(row["dossiers"], row["gain"]) for row in rows if row["cause"] == "received_unstated"] == [(2, None)]
    # Of a period that is over nothing is forecast.
    assert (await api.get("/v1/indices/766", period="C2023-M01"))["forecast"] is None


async def test_what_is_due_next_is_at_risk_while_a_period_runs(api: Api) -> None:
    today = civil_day(datetime.now(UTC))
    # Both kinds of years begin before a day on which the other one ends.
    name = f"C{today.year}" if (today.month, today.day) != (12, 31) else f"{today.year + 1}"
    (one,) = worlds.random_feed(random.Random(85), 1, 1)
    facts = structs.replace(
        one.facts, agency=worlds.AGENCIES[0], received_on=today, ended_on=None, outcome=None, deleted=False, supplements=0,
        due_on=None, late_from=None, due_soon=None, index_due_on=today + timedelta(days=1), index_late=False,
        index_ended_on=None, suspensions=((today, None),), contradictions=(), steps=(),
    )  # fmt: skip
    # The date of the law says nothing here, nor do pauses; the second one is due later by the index, the third is late anyway.
    later = structs.replace(
        facts, code="L", due_on=today, late_from=today + timedelta(days=1), due_soon=(today, today, today), suspensions=(),
        index_due_on=today + timedelta(days=2), fee_required=False,
    )  # fmt: skip
    twice = structs.replace(facts, code="T", supplements=2)
    await api.count([FeedItem(1, 1, facts), FeedItem(2, 2, later), FeedItem(3, 3, twice)])
    found = await api.until(3, "/v1/indices/766/losses", period=name)
    rows = [row for row in found["rows"] if row["at_risk"]]
    assert [(row["cause"], row["component"], row["dossiers"], row["gain"]) for row in rows] == [
        ("due_next_766", "2.1", 1, 6.6667)
    ]
    opened = await api.get(f"/v1/figures/{rows[0]['figure']}")
    assert [one["code"] for one in opened["dossiers"]] == [facts.code]


MENDS: dict[str, Callable[[Facts], Facts]] = {
    "result_not_digitised": lambda one: structs.replace(one, digitised_result=True),
    "not_digitised_whole": lambda one: structs.replace(one, digitised_intake=True, digitised_result=True),
    "received_not_digitised": lambda one: structs.replace(one, digitised_intake=True),
    "fee_not_paid_online": lambda one: structs.replace(one, fee_required=False),
    "not_closed_766_civil_month": lambda one: structs.replace(
        one,
        index_ended_on=one.index_due_on,
        index_late=False,
        ended_on=one.index_due_on,
        outcome=Outcome.resolved,
        suspensions=(),
    ),
}
"""What is done about the dossiers of a cause, as their sources would then tell them."""


async def test_what_a_mend_would_bring_is_what_it_brings_once_it_is_made(api: Api) -> None:
    source = random.Random(86)
    world = await api.count(worlds.random_feed(source, 70, 160), source)
    known = {facts.code: (number, facts) for number, facts in worlds.state(world.feed, world.ends[-1]).items()}
    position, query = world.ends[-1], {"period": "C2023-M02"}

    async def exact() -> dict[str, Fraction]:
        lines = (await api.until(position, "/v1/indices/766", **query))["components"]
        parts = {line["id"]: line["parts"][0] for line in lines if line["parts"] and line["parts"][0]["points"] is not None}
        most = {name: Fraction(points) for name, points in (("2.1", 20), ("3.5-3.6", 6), ("4.1", 6), ("4.2", 4), ("4.3", 2.5))}
        found = {
            name: most[name] * Fraction(part["numerator"], part["denominator"]) for name, part in parts.items() if name in most
        }
        return {**found, "4.3": min(Fraction(2), found["4.3"])}

    rows = (await api.get("/v1/indices/766/losses", **query))["rows"]
    mendable = {row["cause"] for row in rows if row["mendable"]} - {"received_unstated"}
    assert mendable == set(MENDS)
    before = await exact()
    for cause, mend in MENDS.items():
        row = source.choice([row for row in rows if row["cause"] == cause])
        opened = (await api.get(f"/v1/figures/{row['figure']}", limit=1000))["dossiers"]
        assert len(opened) == row["dossiers"]
        touched = [known[one["code"]] for one in opened]
        for of in (mend, lambda one: one):  # made, and taken back
            items = [FeedItem(position + n, number, of(facts)) for n, (number, facts) in enumerate(touched, 1)]
            await count_more(api, items)
            position = items[-1].position
            moved = (await exact())[row["component"]] - before[row["component"]]
            assert float(moved) == pytest.approx(row["gain"] if of is mend else 0, abs=0.0001), row


async def test_what_no_source_states_and_what_was_not_judged_is_not_available(api: Api) -> None:
    month = date(2023, 2, 1)
    plain = Facts(
        code="A", status=Status.resolved, agency=worlds.AGENCIES[0], received_on=month, ended_on=month, index_ended_on=month,
        index_judged=True, outcome=Outcome.resolved, digitisation_required=True, fee_required=True, channel=Channel.online,
    )  # fmt: skip
    told = structs.replace(
        plain, code="B", from_storage=False, account_verified=True, digitised_intake=False, digitised_result=False,
        fee_online=False,
    )  # fmt: skip
    # As an earlier release told it: its facts are in the feed, and what the decision asks for is not.
    earlier = Facts(
        code="C", status=Status.resolved, agency=worlds.AGENCIES[0], received_on=date(2023, 1, 3), ended_on=month,
        outcome=Outcome.resolved,
    )  # fmt: skip

    async def points(position: int) -> dict[str, float | None]:
        score = await api.until(position, "/v1/indices/766", period="C2023-M02")
        assert score["points"] == pytest.approx(sum(line["points"] or 0 for line in score["components"]), abs=0.01)
        return {line["id"]: line["points"] for line in score["components"] if line["id"] in judged}

    judged = ("2.1", "3.5-3.6", "4.1", "4.2", "4.3", "4.4", "4.5")
    await api.count([FeedItem(1, 1, plain)])
    assert await points(1) == {"2.1": 20, **dict.fromkeys(judged[1:])}
    # No file of a list tells that none was lost: what could be mended is not known either.
    assert (await api.get("/v1/indices/766/losses", period="C2023-M02"))["rows"] == []
    await count_more(api, [FeedItem(2, 2, told)])
    no = {"3.5-3.6": 0, "4.1": 0, "4.2": 0, "4.3": 0, "4.4": 0, "4.5": 1}
    assert await points(2) == {"2.1": 20, **no}
    await count_more(api, [FeedItem(3, 3, earlier)])
    assert await points(3) == {"2.1": None, **no}
    rows = (await api.get("/v1/indices/766/ranking", period="C2023-M02"))["rows"]
    assert next(row for row in rows if row["code"] == "10813")["components"]["2.1"] is None
    await count_more(api, [FeedItem(4, 3, structs.replace(earlier, index_judged=True, index_ended_on=month))])
    assert await points(4) == {"2.1": 20, **no}
