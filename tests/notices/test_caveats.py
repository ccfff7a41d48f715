"""What figures are not: nothing is concluded from them unless that is confirmed, and the notice says it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import openpyxl
import pypdf
import pytest
from docx import Document

from services.metrics.provinces.shortfalls import SHORTFALLS
from services.metrics.provinces.store import provinces
from services.notices.audit.checks import check
from services.notices.composition.model import NoticeDocument, plain_text
from services.notices.composition.service import compose
from services.notices.drafting import service as drafting
from services.notices.figures.caveats import (
    REASON_WORDS,
    UNKNOWN_REASON_WORDS,
    CaveatReasons,
    CaveatsNotConfirmed,
    ConfirmedCaveats,
    caveats_of,
    demand_confirmed,
)
from services.notices.figures.model import CaveatFacts
from services.notices.inspections.model import Period
from shared.contracts.kpis import Freshness
from shared.database import Database
from tests.conftest import url_of
from tests.notices import answers
from tests.notices.conftest import CountedMetrics, Services, Workbench
from tests.notices.counted import PERIOD
from tests.notices.reference import inspection, nothing_of, pinned, sentences

ENDS = "Kỳ báo cáo kết thúc ngày 31/12/2031"
UNTIL_2031 = {"from": "2023-02-01", "to": "2031-12-31"}
REASON = "Báo cáo nhanh theo yêu cầu của UBND tỉnh"


class Answered:
    """Where an answer of metrics stands."""

    def __init__(
        self, position: int = 7, as_of: str | None = "2023-07-21T01:00:00Z", freshness: Freshness | None = None
    ) -> None:
        self.position, self.as_of = position, None if as_of is None else datetime.fromisoformat(as_of)
        self.freshness = answers.freshness(head=None) if freshness is None else freshness


INCOMPLETE = answers.freshness(complete=False, head=None)
PERIOD_2023 = Period.model_validate({"from": date(2022, 12, 15), "to": date(2023, 7, 20)})
LATER = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answered", "now", "kinds"),
    [
        (Answered(), LATER, []),
        # 00:30 in Vietnam on the day after the last, which is still the last in UTC.
        (Answered(as_of="2023-07-20T17:30:00Z"), datetime(2023, 7, 20, 17, 31, tzinfo=UTC), []),
        (Answered(as_of="2023-07-20T16:30:00Z"), datetime(2023, 7, 20, 16, 31, tzinfo=UTC), ["period_not_ended"]),
        # Counted at the end of the last office day, and nothing came since when it is ordered: so it stood at midnight.
        (Answered(as_of="2023-07-20T10:00:00Z", freshness=answers.freshness(head=7)), LATER, []),
        # An older position of the last day: what came later that day is missing.
        (Answered(as_of="2023-07-20T10:00:00Z", freshness=answers.freshness(head=8)), LATER, ["period_not_ended"]),
        (Answered(as_of="2023-07-19T17:00:05Z"), LATER, ["period_not_ended"]),
        # The newest position, long ago; but the last day is today.
        (
            Answered(as_of="2023-07-01T10:00:00Z", freshness=answers.freshness(head=7)),
            datetime(2023, 7, 20, 10, tzinfo=UTC),
            ["period_not_ended"],
        ),
        (Answered(as_of="2023-07-19T10:00:00Z"), LATER, ["period_not_ended"]),
        (Answered(as_of="2022-12-14T16:59:00Z"), LATER, ["no_figures", "period_not_ended"]),
        (Answered(as_of="2022-12-14T17:00:00+00:00"), LATER, ["period_not_ended"]),
        (Answered(0, None), LATER, ["no_figures"]),
        (Answered(0, None), datetime(2023, 7, 1, tzinfo=UTC), ["no_figures", "period_not_ended"]),
        (Answered(freshness=INCOMPLETE), LATER, ["figures_incomplete"]),
        (Answered(0, None, INCOMPLETE), LATER, ["no_figures", "figures_incomplete"]),
    ],
)
def test_every_caveat_is_found_where_it_holds_and_nowhere_else(answered: Answered, now: datetime, kinds: list[str]) -> None:
    assert [one.kind for one in caveats_of(answered, PERIOD_2023, now)] == kinds


def test_the_document_has_words_for_every_reason_that_metrics_gives() -> None:
    assert set(REASON_WORDS) == {one.kind for one in SHORTFALLS}


def test_why_figures_are_incomplete_is_said_in_words_and_given_as_metrics_gave_it() -> None:
    told = answers.freshness("behind", "quarantined", "told_tomorrow")
    (caveat,) = caveats_of(Answered(freshness=told), PERIOD_2023, LATER)
    assert (
        caveat.text == f"Số liệu chưa đầy đủ: {REASON_WORDS['behind']}; {REASON_WORDS['quarantined']}; {UNKNOWN_REASON_WORDS}."
    )
    assert caveat.facts == CaveatFacts(because=tuple(told.reasons))


@pytest.mark.parametrize(
    ("confirmed", "exactly", "refused"),
    [
        (("period_not_ended", "figures_incomplete"), True, False),
        (("period_not_ended",), True, True),
        ((), False, True),
        (("period_not_ended", "figures_incomplete", "no_figures"), True, True),
        (("period_not_ended", "figures_incomplete", "no_figures"), False, False),
    ],
)
def test_exactly_the_caveats_must_be_confirmed(confirmed: tuple[str, ...], exactly: bool, refused: bool) -> None:
    caveats = caveats_of(Answered(as_of="2023-07-19T10:00:00Z", freshness=INCOMPLETE), PERIOD_2023, LATER)
    if not refused:
        demand_confirmed(caveats, confirmed, exactly=exactly)
        return
    with pytest.raises(CaveatsNotConfirmed) as why:
        demand_confirmed(caveats, confirmed, exactly=exactly)
    assert isinstance(why.value.members, CaveatReasons)
    assert [one.kind for one in why.value.members.reasons] == ["period_not_ended", "figures_incomplete"]


def composed_with(answer: Answered, made: dict[str, dict[str, Any]] | None = None) -> NoticeDocument:
    """The reference conclusion over figures that stand elsewhere, all confirmed."""
    made = made or answers.reference()
    for one in made.values():
        one |= msgspec.to_builtins({"position": answer.position, "as_of": answer.as_of, "freshness": answer.freshness})
    kinds = ("no_figures", "period_not_ended", "figures_incomplete")
    stated = inspection(overdue_causes=[], pending_causes=[])
    figures = drafting.add_caveats(pinned(made), stated, kinds, LATER)
    notice, used = compose(stated, figures)
    assert [one for one in check(notice, used, figures) if not one.ok] == []
    return notice


def test_without_figures_nothing_is_said_to_have_not_happened() -> None:
    text = plain_text(composed_with(Answered(0, None), nothing_of(*answers.COUNTED)))
    assert "hệ thống chưa có số liệu nào của các cơ quan" in text
    assert "chưa có số liệu về hồ sơ TTHC của các cơ quan" in text
    assert "không phát sinh" not in text
    assert "không có hồ sơ" not in text.replace("không có nghĩa là không có hồ sơ", "")


def test_the_day_of_the_figures_is_said_and_a_caveat_stands_beside_it_and_in_every_annex() -> None:
    assert "(số liệu chốt ngày 21/7/2023)" in sentences(composed_with(Answered()), "preamble")
    notice = composed_with(Answered(as_of="2023-07-19T10:00:00Z"))
    assert "Lưu ý về số liệu: Kỳ báo cáo kết thúc ngày 20/7/2023" in sentences(notice, "preamble")
    assert all("Kỳ báo cáo kết thúc ngày 20/7/2023" in annex.note for annex in notice.annexes)


async def test_a_period_that_goes_on_is_concluded_only_when_that_is_confirmed_and_every_form_says_it(
    services: Services,
) -> None:
    refused = services.order(period=UNTIL_2031)
    assert refused.status_code == 409, refused.text
    assert refused.json()["type"].endswith("/not-confirmed")
    assert [reason["kind"] for reason in refused.json()["reasons"]] == ["period_not_ended"]
    needless = services.order({"confirm": ["no_figures", "period_not_ended"], "reason": REASON}, period=UNTIL_2031)
    assert (needless.status_code, "no_figures" in needless.json()["detail"]) == (409, True)
    assert services.order({"confirm": ["period_not_ended"]}, period=UNTIL_2031).status_code == 422
    assert services.order({"confirm": ["period_not_ended"], "reason": REASON}, period=PERIOD).status_code == 409

    ordered = services.order({"confirm": ["period_not_ended"], "reason": REASON}, period=UNTIL_2031)
    assert ordered.status_code == 202, ordered.text
    notice = services.ended(ordered.json()["id"])
    assert notice["state"] == "draft", notice["error"]
    assert notice["confirmed"] == {"kinds": ["period_not_ended"], "reason": REASON}
    assert [caveat["kind"] for caveat in notice["caveats"]] == ["period_not_ended"]
    assert ENDS in notice["caveats"][0]["text"]

    def document(path: str) -> io.BytesIO:
        return io.BytesIO(services.http.get(f"/v1/notices/{notice['id']}/{path}").content)

    pages = pypdf.PdfReader(document("document.pdf")).pages
    assert ENDS in " ".join(pages[0].extract_text().split())
    assert any(ENDS in paragraph.text for paragraph in Document(document("document.docx")).paragraphs)
    cells = [cell for sheet in openpyxl.load_workbook(document("annexes.xlsx")) for row in sheet.values for cell in row]
    assert any(ENDS in str(cell) for cell in cells)


async def test_before_the_first_version_nothing_is_concluded_unless_that_is_confirmed(services: Services) -> None:
    for as_of in (0, "2020-01-01T00:00:00Z"):
        refused = services.order({"as_of": as_of})
        assert refused.status_code == 409, refused.text
        assert [reason["kind"] for reason in refused.json()["reasons"]] == ["no_figures"]
    ordered = services.order({"as_of": 0, "confirm": ["no_figures"], "reason": REASON})
    notice = services.ended(ordered.json()["id"])
    assert (notice["state"], notice["position"]) == ("draft", 0), notice["error"]
    assert [caveat["kind"] for caveat in notice["caveats"]] == ["no_figures"]


@asynccontextmanager
async def quarantined(metrics: CountedMetrics) -> AsyncIterator[None]:
    """Ingest has told metrics of records that it could not read."""
    database = Database(url_of("metrics", metrics.database_url), size=1)
    async with database.transaction() as tx:
        before = (await provinces.all_provinces(tx))["30"].quality
        assert before is not None
        await provinces.set_quality(tx, "30", msgspec.structs.replace(before, quarantined=3))
    try:
        await asyncio.to_thread(metrics.until_complete, False)
        yield
    finally:
        async with database.transaction() as tx:
            await provinces.set_quality(tx, "30", before)
        await asyncio.to_thread(metrics.until_complete, True)
        await database.close()


async def test_incomplete_figures_are_concluded_from_only_when_that_is_confirmed(services: Services) -> None:
    async with quarantined(services.metrics):
        refused = services.order()
        assert refused.status_code == 409, refused.text
        (reason,) = refused.json()["reasons"]
        assert (reason["kind"], [one["kind"] for one in reason["because"]]) == ("figures_incomplete", ["quarantined"])
        notice = services.drafted({"confirm": ["figures_incomplete"], "reason": REASON})
    texts = [paragraph["text"] for paragraph in notice["sections"][0]["paragraphs"]]
    assert f"Lưu ý về số liệu: Số liệu chưa đầy đủ: {REASON_WORDS['quarantined']}." in texts


async def test_what_comes_up_between_order_and_draft_is_not_passed_over(
    workbench: Workbench, counted_metrics: CountedMetrics
) -> None:
    number = await workbench.order()
    async with quarantined(counted_metrics):
        row = await workbench.attempt(number)
        assert (row.state, row.attempts) == ("failed", 1)
        assert row.error is not None
        assert "quarantined" in row.error
        assert '"figures_incomplete"' in row.error
        number = await workbench.order(ConfirmedCaveats(("figures_incomplete",), REASON))
        assert (await workbench.attempt(number)).state == "draft"
