"""What no source states is null wherever figures go, never 0: in JSON, tables, comparisons, rankings, alerts and counts."""

from __future__ import annotations

import csv
import io
from datetime import date

import msgspec
from msgspec import structs

from services.metrics.figures.kpis.catalogue import BY_ID, KPIS
from services.metrics.indices.counts import COUNTED, STATED_BY
from services.notices.figures.catalogue import Catalogue
from services.notices.figures.counts import counted_days, miscounted
from shared.contracts.counts import CountsByDay
from shared.contracts.feed import FeedItem
from shared.dossier import Channel, Facts, Outcome, Status, StepFacts
from tests.metrics import worlds
from tests.metrics.conftest import Api
from tests.metrics.test_counts import figures_of
from tests.metrics.test_kpis_api import count_more

MONTH = {"since": "2023-02-01", "to": "2023-02-28"}
SAYS_NOTHING = Facts(
    code="A",
    status=Status.resolved,
    agency=worlds.AGENCIES[0],
    received_on=date(2023, 2, 1),
    ended_on=date(2023, 2, 3),
    index_ended_on=date(2023, 2, 3),
    index_judged=True,
    outcome=Outcome.resolved,
    digitisation_required=True,
    fee_required=True,
)
SAYS_NO = structs.replace(
    SAYS_NOTHING, code="B", agency=worlds.AGENCIES[1], channel=Channel.counter, digitised_intake=False, digitised_result=False,
    fee_online=False, reused=False, from_storage=False, account_verified=False, result_coded=False,
    steps=(StepFacts(ended_on=date(2023, 2, 3), minutes_over=0),), supplements=0, synced_late=False,
)  # fmt: skip
NOT_KNOWN = {kpi.id for kpi in KPIS if kpi.stated is not None}


async def test_what_no_source_states_is_null_and_what_one_states_as_no_is_0(api: Api) -> None:
    await api.count([FeedItem(1, 1, SAYS_NOTHING)])
    found = await api.until(1, "/v1/kpis", by="agency", **MONTH)
    assert {"online_share", "reused_share", "digitised_intake", "storage_share", "steps_overdue", "misrouted"} <= NOT_KNOWN
    assert {"supplements_per_dossier", "supplemented_share", "late_synced_share"} <= NOT_KNOWN
    for kpis in (found["total"]["kpis"], next(row for row in found["rows"] if row["kpis"]["received_new"]["value"])["kpis"]):
        assert [id for id in NOT_KNOWN if kpis[id]["numerator"] is not None] == []
        assert [id for id in NOT_KNOWN if kpis[id]["value"] is not None] == []
        assert (kpis["storage_share"]["denominator"], kpis["storage_stated"]["value"]) == (1, 0)

    response = await api.client.get(
        "/v1/kpis",
        params={"province": api.province, "kpi": "storage_share", "from": "2023-02-01", "to": "2023-02-28"},
        headers={"Accept": "text/csv", "Accept-Language": "en"},
    )
    assert list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))[-1][-3:] == ["", "", "1"]
    ranked = await api.get("/v1/kpis/ranking", kpi="storage_share", **MONTH)
    assert (ranked["rows"], {row["kpis"]["storage_share"]["value"] for row in ranked["unranked"]}) == ([], {None})
    index = await api.get("/v1/indices/01-2018", **MONTH)
    third = next(one for one in index["components"] if one["id"] == "3")
    assert (third["points"], third["source"]) == (None, "not_available")
    # Of decision 766 nothing is lost, and nothing costs, where nothing is known.
    components = (await api.get("/v1/indices/766", period="C2023-M02"))["components"]
    of_stated = {one["id"]: part for one in components for part in one["parts"] if part["counts"] in STATED_BY}
    assert len(of_stated) > 4
    assert {(part["points"], part["lost"], part["costing"], part["costing_figure"]) for part in of_stated.values()} == {
        (None,) * 4
    }
    rows = (await api.get("/v1/indices/766/losses", period="C2023-M02"))["rows"]
    assert [row for row in rows if row["component"] in of_stated and row["gain"] is not None] == []
    opened = await api.get(f"/v1/figures/{found['total']['kpis']['not_from_storage']['figure']}")
    assert (opened["value"], opened["numerator"], opened["sum"], len(opened["dossiers"])) == (None, None, 1, 1)

    # Beside it a dossier of which a source says no to everything: the whole is 0, and its agency; the other is not known still.
    await count_more(api, [FeedItem(2, 2, SAYS_NO)])
    found = await api.until(2, "/v1/kpis", by="agency", **MONTH)
    assert [id for id in NOT_KNOWN if found["total"]["kpis"][id]["value"] is None] == []
    assert found["total"]["kpis"]["storage_share"] | {"figure": ""} == {
        "numerator": 0, "denominator": 2, "value": 0.0, "rule": "storage_share@1", "figure": "",
    }  # fmt: skip
    rows = {row["agency"]: row["kpis"] for row in found["rows"]}
    assert [rows[key]["storage_share"]["value"] for key in worlds.AGENCIES[:2]] == [None, 0.0]

    # Who has the counts of days alone finds the same, and a number in the place of what is not known.
    counts = counted_days(msgspec.convert(await api.get("/v1/kpis/counts", **MONTH), CountsByDay))
    known = msgspec.convert(await api.get("/v1/kpis/catalogue"), Catalogue)
    figures = figures_of(found)
    assert list(miscounted(counts, figures, known)) == []
    key = next(key for key, one in figures.items() if key.startswith("storage_share@") and one.numerator is None)
    figures[key] = structs.replace(figures[key], numerator=0)
    assert [one for one in miscounted(counts, figures, known) if one.startswith(key)] == [
        f"{key} is 0/1, its days give not known"
    ]


def test_the_index_and_the_shares_know_by_the_same_counts_what_is_stated() -> None:
    for name, stated in STATED_BY.items():
        assert BY_ID[COUNTED[name].kpi].stated == BY_ID[stated].numerator, name
