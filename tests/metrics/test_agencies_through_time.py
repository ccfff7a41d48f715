"""Thanh Hà through its three generations (domain facts, section 5): any KPI by the structure of then or of now, both add up."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

from shared.agencies import AgencyKind, reference_structure
from shared.contracts.feed import FeedItem
from shared.dossier import Channel, Facts, Outcome, Status, Timeliness
from tests.metrics.conftest import Api

FIVE = {
    "Xã Thanh Hà": ("Thị trấn Thanh Hà", "Xã Thanh Khê", "Xã Thanh Xá", "Xã Thanh Thủy", "Xã Thanh Sơn"),
    "Xã Hà Bắc": ("Xã Hồng Lạc", "Xã Việt Hồng", "Xã Tân Việt", "Xã Cẩm Chế"),
    "Xã Hà Nam": ("Xã Thanh An", "Xã Thanh Lang", "Xã Liên Mạc", "Xã Thanh Xuân"),
    "Xã Hà Tây": ("Xã Tân An", "Xã Thanh Hải", "Xã An Phượng"),
    "Xã Hà Đông": ("Xã Thanh Quang", "Xã Thanh Hồng", "Xã Thanh Cường", "Xã Vĩnh Lập"),
}
"""What the five communes of 2025 were made of, by the names of 2023."""
OF_2023, OF_2024, OF_2025 = date(2023, 3, 1), date(2024, 12, 5), date(2025, 7, 2)
KPIS = ["received_new", "online_share", "resolved", "resolved_overdue", "in_time_share", "in_process"]


def _communes(on: date) -> dict[str, str]:
    """Name to unit key."""
    return {unit.name_vi: unit.key for unit in reference_structure().at(on) if unit.kind is AgencyKind.commune}


def _dossiers(source: random.Random, on: date) -> list[Facts]:
    """Up to nine dossiers of every commune of the day."""
    found = []
    for key in _communes(on).values():
        for _ in range(source.randint(1, 9)):
            received_on = on + timedelta(days=source.randrange(10))
            ended_on = received_on + timedelta(days=source.randint(0, 6)) if source.random() < 0.8 else None
            late = ended_on is not None and source.random() < 0.3
            found.append(
                Facts(
                    code="x",
                    status=Status.resolved if ended_on else Status.processing,
                    agency=key,
                    channel=source.choice(list(Channel)),
                    received_on=received_on,
                    ended_on=ended_on,
                    outcome=Outcome.resolved if ended_on else None,
                    timeliness=None if ended_on is None else Timeliness.overdue if late else Timeliness.on_time,
                )
            )
    return found


def _numbered(facts: list[Facts]) -> list[FeedItem]:
    return [FeedItem(number, number, one) for number, one in enumerate(facts, start=1)]


def _counts(facts: list[Facts]) -> dict[str, tuple[int, int | None]]:
    """The KPIs of some dossiers counted by hand: numerator, denominator."""
    ended = [one for one in facts if one.ended_on is not None]
    overdue = sum(one.timeliness is Timeliness.overdue for one in ended)
    online = sum(one.channel is Channel.online for one in facts)
    return {
        "received_new": (len(facts), None),
        "online_share": (online, len(facts)),
        "resolved": (len(ended), None),
        "resolved_overdue": (overdue, None),
        "in_time_share": (len(ended) - overdue, len(ended)),
        "in_process": (len(facts) - len(ended), None),
    }


def _got(row: dict[str, Any]) -> dict[str, tuple[int, int | None]]:
    return {kpi: (figure["numerator"], figure["denominator"]) for kpi, figure in row["kpis"].items()}


async def test_the_figures_of_2023_by_the_20_communes_the_16_and_the_five_each_add_up_to_the_same(api: Api) -> None:
    facts = _dossiers(random.Random(5), OF_2023)
    await api.count(_numbered(facts))
    words: dict[str, Any] = {"since": "2023-03-01", "to": "2023-03-31", "by": "agency", "kpi": KPIS}
    structure = reference_structure()
    rows: dict[str, dict[str, Any]] = {}
    for when, communes in (("then", 20), ("2025-01-01", 16), ("2025-07-01", 5), ("now", 5)):
        answer = await api.get("/v1/kpis", structure=when, **words)
        assert answer["balance"]["ok"]
        assert _got(answer["total"]) == _counts(facts)
        rows = {
            row["name"]["vi"]: row for row in answer["rows"] if row["kind"] == "commune" and any(map(any, _got(row).values()))
        }
        assert len(rows) == communes
        on = OF_2023 if when == "then" else date(2026, 1, 1) if when == "now" else date.fromisoformat(when)
        for row in rows.values():
            ours = [one for one in facts if one.agency is not None and structure.successor_at(one.agency, on) == row["agency"]]
            assert _got(row) == _counts(ours)
        assert sum(row["kpis"]["received_new"]["value"] for row in rows.values()) == len(facts)
    by_name = _communes(OF_2023)
    for name, parts in FIVE.items():
        ours = [one for one in facts if one.agency in {by_name[part] for part in parts}]
        assert _got(rows[name]) == _counts(ours)
    alone = await api.get("/v1/kpis", structure="now", scope="10813", **{**words, "by": "none"})
    assert alone["scope"]["name"]["vi"] == "Xã Thanh Hà"
    assert _got(alone["total"]) == _got(rows["Xã Thanh Hà"])


async def test_across_both_mergers_a_commune_is_compared_with_the_ground_it_stands_on_and_the_answer_says_so(api: Api) -> None:
    source = random.Random(6)
    before, after = _dossiers(source, OF_2024), _dossiers(source, OF_2025)
    await api.count(_numbered([*before, *after]))
    words: dict[str, Any] = {"since": "2025-05-01", "to": "2025-11-30", "by": "agency", "kpi": "received_new"}
    answer = await api.get("/v1/kpis/comparison", **words)
    assert (answer["like_for_like"], answer["structure"]) == (True, "2025-11-30")
    structure = reference_structure()
    compared = Counter[str]()
    for row in answer["rows"]:
        figure = row["kpis"]["received_new"]
        held = [one for one in before if one.agency and structure.successor_at(one.agency, date(2025, 11, 30)) == row["agency"]]
        now = [one for one in after if one.agency == row["agency"]]
        if row["kind"] == "commune" and (held or now):
            assert (figure["value"], figure["before"]["value"]) == (len(now), len(held)), row["name"]
            compared.update(before=len(held), now=len(now))
    assert compared == {"before": len(before), "now": len(after)}


async def test_an_agency_that_began_with_the_period_is_ranked_and_compared_with_no_namesake_and_no_refusal(api: Api) -> None:
    source = random.Random(7)
    await api.count(_numbered([*_dossiers(source, date(2025, 5, 5)), *_dossiers(source, OF_2025)]))
    units = (await api.get("/v1/agencies"))["agencies"]
    begun = [(one, "2025-07-01", "2025-09-30") for one in units if one["valid_from"] == "2025-07-01"]
    first = [
        (one, "2019-12-01", "2019-12-31") for one in units if one["agency"] == "294@2019-12-01"
    ]  # nobody had the code before
    assert (len(begun), len(first)) == (5, 1)
    for one, since, to in (*begun, *first):
        words: dict[str, Any] = {"since": since, "to": to, "scope": one["code"]}
        ranked = await api.get("/v1/indices/766/ranking", **words)
        assert one["kind"] == "district" or [(row["agency"], row["change"]) for row in ranked["rows"]] == [
            (one["agency"], None)
        ]
        compared = await api.get("/v1/kpis/comparison", kpi="received_new", by="none", **words)
        assert compared["total"]["kpis"]["received_new"]["before"]["value"] == 0, one["name"]
