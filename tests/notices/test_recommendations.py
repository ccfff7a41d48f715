"""What an issued conclusion asks of whom is a list: answered by agencies, judged, and stated by the next inspection."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
import sqlalchemy as sa

from services.notices.composition.followed import FollowedNotice, ListedRecommendation, stated_outcomes
from services.notices.composition.model import Paragraph, TextRun
from services.notices.drafting.store.notices import followed_revision
from services.notices.figures.model import Subject
from services.notices.inspections.model import Inspection
from services.notices.inspections.tables import inspection
from services.notices.quantities.wording import printed_name
from services.notices.recommendations import service
from services.notices.recommendations.model import addressed, days_late, state_on
from shared.access.keys import create_key
from shared.access.principals import Principal
from shared.database import Database
from shared.statements import Statement, parameter
from tests.faults.proxy import LossyProxy
from tests.notices.conftest import Services
from tests.notices.reference import composed, pinned
from tests.notices.test_followed_notices import stated
from tests.notices.test_issuing import approved
from tests.notices.test_life import approver, headers_of
from tests.patience import PATIENCE

ASKED = "/v1/recommendations"


async def agency_key(services: Services, agency: str) -> dict[str, str]:
    connection = await asyncpg.connect(services.database_url)
    try:
        key = await create_key(
            connection, "notices", name=f"UBND {agency}", scopes=["recommendations:answer"], province="30", agencies=[agency]
        )
    finally:
        await connection.close()
    return {"Authorization": f"Bearer {key}"}


def listed(services: Services, by: dict[str, str] | None = None, **query: Any) -> list[dict[str, Any]]:
    response = services.http.get(ASKED, params=query, headers=by)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["recommendations"]
    return found


def post(services: Services, recommendation: int, kind: str, by: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    return services.http.post(f"{ASKED}/{recommendation}/{kind}", json=body, headers=by)


async def issue(services: Services, signing: Any, chief: dict[str, str], **order: Any) -> int:
    number = await approved(services, chief)
    async with httpx.AsyncClient(base_url=signing.url, headers={**chief, "If-Match": "*"}, timeout=PATIENCE) as http:
        response = await http.post(f"/v1/notices/{number}/issue", json=order)
    assert response.status_code == 200, response.text
    return number


async def corrected_while_agencies_answer(
    services: Services, signing: Any, chief: dict[str, str], number: int, answering: tuple[dict[str, Any], dict[str, Any]]
) -> int:
    """Issue what corrects a notice, while one agency has answered and not committed, and another one answers."""
    (first, code), (second, other) = ((one["id"], one["code"]) for one in answering)
    assert code != other
    agency = Principal("first", "UBND", frozenset({"recommendations:answer"}), "30", (code,))
    database, other_key = Database(services.database_url, size=2), await agency_key(services, other)
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    said: dict[str, Any] = {"text": "Đã xử lý xong", "on": "2023-09-08"}
    try:
        async with httpx.AsyncClient(base_url=services.http.base_url, headers=other_key, timeout=PATIENCE) as http:
            async with database.transaction() as tx:
                await service.reply(
                    tx, agency, first, text="Đã rà soát", dated=date(2023, 9, 7), reference=None, now=datetime.now(UTC)
                )
                issuing = asyncio.create_task(issue(services, signing, chief, corrects=number))
                async with database.connection() as watching:
                    while not issuing.done() and not await watching.fetchval(waits):
                        await asyncio.sleep(0.01)
                answers = asyncio.create_task(http.post(f"{ASKED}/{second}/answers", json=said))
                await asyncio.wait([answers], timeout=0.2)
            corrected = await issuing
            assert (await answers).status_code == 200, (await answers).text
    finally:
        await database.close()
    found = {one["code"]: one for one in listed(services, notice=corrected, limit=200) if one["key"] == "late"}
    assert [found[one]["state"] for one in (code, other)] == ["answered", "answered"]
    history = post(services, first, "answers", await agency_key(services, code), **said).json()
    assert history["recommendation"]["id"] == found[code]["id"]  # by its earlier number, too
    assert [one["text"] for one in history["steps"]] == ["Đã rà soát", "Đã xử lý xong"]
    return corrected


async def told_of_late(services: Services, number: int) -> set[str]:
    """Codes of the agencies that did what was asked of those that are late, or answered, as the conclusion of an inspection
    would state it."""
    body = services.http.get(f"/v1/inspections/{number}").json()["inspection"]
    database = Database(services.database_url, size=1)
    try:
        async with database.connection() as connection:
            notice = await service.followed_notice(connection, Inspection.model_validate(body))
    finally:
        await database.close()
    assert notice is not None
    (late,) = [one for one in notice.listed if one.key == "late"]
    return {one.code for one in (*late.done, *late.answered)}


_FOLLOWED = Statement(
    sa.select(followed_revision()).select_from(inspection).where(inspection.c.id == parameter("number", sa.BigInteger)), int
)


async def followed(services: Services, number: int) -> int:
    """What tells whether an order of a notice of this inspection would state the same of what it follows."""
    database = Database(services.database_url, size=1)
    try:
        async with database.connection() as connection:
            return await _FOLLOWED.one(connection, number=number)
    finally:
        await database.close()


async def test_what_is_asked_is_answered_judged_and_stated_by_the_next_inspection(
    services: Services, signing: Any, commits: LossyProxy
) -> None:
    chief = await approver(services)
    number = await issue(services, signing, chief)
    late, *of_others = [one for one in listed(services, notice=number, limit=200) if one["key"] == "late"]
    code = late["code"]
    assert (late["deadline"], late["state"], len(of_others) > 0) == ("2023-09-14", "overdue", True)
    assert late in listed(services, notice=number, agency=late["agency"])
    assert late["days_late"] == (datetime.now(UTC) + timedelta(hours=7)).date().toordinal() - date(2023, 9, 14).toordinal()
    assert late in listed(services, notice=number, state="overdue")
    assert late not in listed(services, notice=number, state="open")

    commune, other = await agency_key(services, code), await agency_key(services, of_others[0]["code"])
    assert {one["code"] for one in listed(services, commune)} == {code}
    assert listed(services, commune, agency=of_others[0]["code"]) == []
    assert services.http.get("/v1/notices", headers=commune).status_code == 403
    whole = listed(services, await agency_key(services, "294"), notice=number, limit=200)
    assert {one["key"] for one in whole} >= {one["key"] for one in listed(services, commune, notice=number)}
    answered = {"text": "Đã xin lỗi người nộp hồ sơ", "on": "2023-09-08", "reference": "Báo cáo số 45/BC-UBND"}
    assert post(services, late["id"], "answers", other, **answered).status_code == 404
    to_come = post(services, late["id"], "answers", commune, **{**answered, "on": "2199-01-01"}).json()
    assert (to_come["status"], to_come["errors"][0]["at"]) == (422, "body.on")
    assert post(services, late["id"], "judgements", chief, number=1, accepted=True).status_code == 409
    above, unbound = await agency_key(services, "294"), await headers_of(services, "recommendations:answer")
    for reader in (above, unbound):  # they see it, and are not who is asked
        assert post(services, late["id"], "answers", reader, **answered).status_code == 403
    commits.left = 1
    async with httpx.AsyncClient(base_url=signing.url, headers=commune, timeout=PATIENCE) as http:
        first = (await http.post(f"{ASKED}/{late['id']}/answers", json=answered)).json()
    assert (commits.left, first["recommendation"]["state"], len(first["steps"])) == (0, "answered", 1)
    office = await headers_of(services, "recommendations:enter")
    mended = post(services, late["id"], "answers", office, **answered).json()
    assert mended["steps"][-1]["number"] == 2
    assert mended["steps"][-1]["by"] != mended["steps"][0]["by"]
    assert post(services, late["id"], "judgements", commune, number=2, accepted=True).status_code == 403
    assert post(services, late["id"], "judgements", chief, number=1, accepted=True).status_code == 409  # not the newest
    assert post(services, late["id"], "judgements", chief, number=2, accepted=False).status_code == 422  # without a reason
    declined = post(services, late["id"], "judgements", chief, number=2, accepted=False, reason="Thiếu danh sách hồ sơ")
    assert declined.json()["recommendation"]["state"] == "not_accepted"
    assert post(services, late["id"], "answers", commune, **answered).status_code == 200
    done = post(services, late["id"], "judgements", chief, number=4, accepted=True).json()
    assert (done["recommendation"]["state"], done["recommendation"]["days_late"]) == ("done", None)
    assert [one["step"] for one in done["steps"]] == ["answer", "answer", "decline", "answer", "accept"]
    assert post(services, late["id"], "answers", commune, **answered).json()["type"].endswith("step-not-possible")
    assert services.http.get(f"{ASKED}/{late['id']}", headers=commune).json() == done

    page = services.http.get(ASKED, params={"notice": number, "limit": 2}).json()
    rest = services.http.get(ASKED, params={"notice": number, "limit": 200, "cursor": page["next_cursor"]}).json()
    assert [*page["recommendations"], *rest["recommendations"]] == listed(services, notice=number, limit=200)

    follow_ups = [{"recommendation": "digitised", "outcome": "done"}]
    notice = services.drafted(follows=number, follow_ups=follow_ups)
    told = stated(notice, "follow_up")
    expected = len({one["key"] for one in whole if one["deadline"] is not None} | {"late", "digitised"})
    assert told[0].startswith(f"Trong {expected:02d} kiến nghị của kết luận kiểm tra kỳ trước")
    (of_late,) = [one for one in told if "giải trình nguyên nhân từng hồ sơ quá hạn" in one]
    assert ": đã thực hiện một phần (" in of_late
    assert printed_name(late["name"]) not in of_late.rpartition("(")[2]
    assert [one for one in notice["checks"] if not one["ok"]] == []
    # Ordered again it is the same one, until another answer came: that it would state.
    again = f"/v1/inspections/{notice['inspection']}/notices"
    assert services.http.post(again).json()["id"] == notice["id"]
    by_third = await agency_key(services, of_others[1]["code"])
    assert post(services, of_others[1]["id"], "answers", by_third, **answered).status_code == 200
    assert services.http.post(again).json()["existing"] is False

    corrected = await corrected_while_agencies_answer(services, signing, chief, number, (of_others[0], of_others[-1]))
    assert listed(services, notice=number) == []  # it is superseded
    carried = [one for one in listed(services, notice=corrected, agency=code) if one["key"] == "late"]
    assert [one["state"] for one in carried] == ["done"]
    assert services.http.get(f"{ASKED}/{carried[0]['id']}").json()["steps"] == done["steps"]
    # Who follows up what was corrected states what agencies answered to its correction; and another answer to that moves it.
    assert {code, of_others[0]["code"], of_others[-1]["code"]} <= await told_of_late(services, notice["inspection"])
    before = await followed(services, notice["inspection"])
    by_last = await agency_key(services, of_others[-1]["code"])
    assert post(services, of_others[-1]["id"], "answers", by_last, **answered).status_code == 200
    assert await followed(services, notice["inspection"]) == before + 1
    connection = await asyncpg.connect(services.database_url)
    try:
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute("UPDATE notices.recommendation_step SET text = 'x'")
        with pytest.raises(asyncpg.RestrictViolationError, match="is not issued just now"):
            await connection.execute(
                "INSERT INTO notices.recommendation (notice_id, province, scope, key, code, name, text)"
                " VALUES ($1, '30', '294', 'own.9', '', 'x', 'x')",
                corrected,
            )
    finally:
        await connection.close()


def test_what_is_asked_is_what_the_text_says_after_people_edited_it() -> None:
    notice, agencies = composed()[0], pinned().agencies
    before = addressed(notice, agencies)
    one = notice.recommendations[0]
    keys = {f"recommendations.{one.key}": "Làm ngay"}
    body = [
        msgspec.structs.replace(block, runs=(TextRun(keys[block.key]),), source="person")
        if isinstance(block, Paragraph) and block.key in keys
        else block
        for block in notice.body
        if not (isinstance(block, Paragraph) and block.key == f"recommendations.{notice.recommendations[1].key}")
    ]
    body.append(Paragraph((TextRun("Báo cáo định kỳ"),), lead="-", section="recommendations", key="own.1.1", source="person"))
    after = addressed(msgspec.structs.replace(notice, body=tuple(body)), agencies)
    assert {row.key for row in before} - {row.key for row in after} == {notice.recommendations[1].key}
    assert {row.text for row in after if row.key == one.key} == {"Làm ngay"}
    assert [row.code for row in after if row.key == "own.1.1"] == [agency.code for agency in agencies]


@pytest.mark.parametrize(
    ("state", "day", "expected"),
    [("open", 14, ("open", None)), ("open", 15, ("overdue", 1)), ("answered", 15, ("answered", None)),
     ("not_accepted", 16, ("not_accepted", 2)), ("done", 16, ("done", None))],
)  # fmt: skip
def test_only_what_was_not_answered_becomes_overdue(state: Any, day: int, expected: tuple[str, int | None]) -> None:
    deadline, today = date(2023, 9, 14), date(2023, 9, day)
    assert (state_on(state, deadline, today), days_late(state, deadline, today)) == expected
    assert state_on("open", None, today) == "open"


@pytest.mark.parametrize(
    ("done", "answered", "undone", "outcome"),
    [(1, 0, 0, "done"), (0, 1, 0, "answered"), (0, 0, 1, "not_done"), (1, 0, 1, "partly"), (0, 1, 1, "partly")],
)
def test_the_outcome_follows_from_what_became_of_it_at_each_agency(done: int, answered: int, undone: int, outcome: str) -> None:
    some = (Subject("10864@2019-12-01", "10864", "Xã An Phượng"),)
    one = ListedRecommendation("late", "x", date(2023, 9, 14), some * done, some * answered, some * undone)
    (found,) = stated_outcomes(FollowedNotice((), (), (one,)))
    assert (found.outcome, len(found.agencies)) == (outcome, undone)
    lasting = msgspec.structs.replace(one, deadline=None)
    assert bool(stated_outcomes(FollowedNotice((), (), (lasting,)))) == bool(done or answered)
