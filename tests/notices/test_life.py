"""People decide on a notice: it is reviewed and approved by another person, and stays what was approved."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest

from services.notices.approval.model import Hand, StatedVersions, is_of_hands, obstacles_of, outdated_of, waived
from services.notices.audit.checks import CONTRADICTION_CHECK, Check
from services.notices.audit.engine import audit_text
from services.notices.drafting.drawing import page
from services.notices.figures.model import Caveat
from services.notices.inspections.api.inspections import held_inspection
from services.notices.revisions.api.holding import held_notice
from shared.access.principals import Principal
from shared.database import Database
from shared.errors import NotFound
from tests.notices.conftest import Services, until
from tests.notices.reference import pinned

APPROVER = "Trần Văn C"
ANY = {"If-Match": "*"}


async def headers_of(services: Services, *scopes: str, person: str | None = None) -> dict[str, str]:
    """The headers of a new key."""
    return {"Authorization": f"Bearer {await services.processes.key('notices', services.database_url, *scopes, person=person)}"}


async def approver(services: Services, name: str = APPROVER) -> dict[str, str]:
    return await headers_of(services, "notices:read", "notices:write", "notices:approve", person=name)


def step(services: Services, number: int, kind: str, by: dict[str, str] | None = None, **more: Any) -> httpx.Response:
    """The response to a decision on whatever the notice is now."""
    headers = {"If-Match": more.pop("tag", "*"), **(by or {})}
    return services.http.post(f"/v1/notices/{number}/steps", json={"step": kind, **more}, headers=headers)


def waive_all(services: Services, number: int) -> list[dict[str, str]]:
    review = services.http.get(f"/v1/notices/{number}/review").json()
    return [{"id": one["id"], "reason": "Đã đối chiếu"} for one in review["obstacles"]]


def test_the_page_of_the_life_of_a_notice_is_drawn_from_its_table() -> None:
    assert Path("docs/notice.md").read_text() == page()


async def test_a_notice_is_approved_by_another_person_and_each_decision_is_stored(services: Services) -> None:
    notice = services.drafted()
    number, chief = notice["id"], await approver(services)
    tag = services.http.get(f"/v1/notices/{number}").headers["etag"]
    early = step(services, number, "approve", chief, waive=waive_all(services, number)).json()
    assert early["type"].endswith("step-not-possible")
    assert early["detail"].endswith("is in the state draft. Next: `submit`.")
    assert step(services, number, "submit", tag=tag).json()["state"] == "in_review"
    stale = step(services, number, "return", tag=tag, reason="Sửa lại")
    assert stale.status_code == 412
    edit = {"author": "A", "reason": "B", "edits": [{"key": "preamble.basis", "remove": True}]}
    refused = services.http.post(f"/v1/notices/{number}/revisions", json=edit, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "notice-not-editable")
    anew = services.http.post(f"/v1/notices/{number}/regenerations", json={"author": "A"}, headers={"If-Match": "*"})
    assert anew.json()["type"].endswith("notice-not-editable")
    assert refused.json()["detail"].endswith("have it given back (step `return`) to edit it.")
    unexplained = step(services, number, "return")
    assert (unexplained.status_code, unexplained.json()["errors"][0]["at"]) == (422, "body.reason")
    assert step(services, number, "return", reason="Nêu rõ kỳ so sánh").json()["state"] == "draft"
    assert step(services, number, "submit").status_code == 200
    approved = step(services, number, "approve", chief, waive=waive_all(services, number))
    assert approved.status_code == 200, approved.text
    history = services.http.get(f"/v1/notices/{number}/steps").json()
    assert history == approved.json()
    assert [one["step"] for one in history["steps"]] == ["submit", "return", "submit", "approve"]
    assert [one["reason"] for one in history["steps"]] == [None, "Nêu rõ kỳ so sánh", None, None]
    assert (history["steps"][-1]["by"], history["steps"][-1]["person"]) == (APPROVER, True)
    assert services.http.get(f"/v1/notices/{number}").json()["state"] == "approved"
    assert step(services, number, "return", reason="x").status_code == 403  # approved: not by who only writes


async def test_who_drafted_or_edited_it_last_approves_nothing_and_neither_does_a_program(services: Services) -> None:
    chief = await approver(services)
    program = await headers_of(services, "notices:approve", "notices:write")
    submitted = services.submit()
    own = services.http.post(f"{submitted}/notices", headers=chief).json()["id"]
    services.ended(own)
    edited = services.drafted()["id"]
    edit = {"author": f" {APPROVER.upper()} ", "reason": "x", "edits": [{"key": "preamble.basis", "lead": "-"}]}
    services.http.post(f"/v1/notices/{edited}/revisions", json=edit, headers={"If-Match": "*"})
    until(lambda: services.http.get(f"/v1/notices/{edited}").json()["text_revision"], lambda revision: revision == 2)
    # A colleague composes it anew: the words are still those of who edited it.
    path = f"/v1/notices/{edited}"
    assert services.http.post(f"{path}/regenerations", json={"author": "Phạm Văn E"}, headers=ANY).status_code == 202
    until(lambda: services.http.get(path).json()["text_revision"], lambda revision: revision == 3)
    second = await approver(services, unicodedata.normalize("NFD", APPROVER))  # another key of the same person
    for number, key in ((own, chief), (own, second), (edited, chief), (edited, second)):
        if services.http.get(f"/v1/notices/{number}").json()["state"] == "draft":
            assert step(services, number, "submit").status_code == 200
        refused = step(services, number, "approve", key)
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (403, "same-person")
    for number in (own, edited):
        assert step(services, number, "approve", program).json()["type"].endswith("person-needed")
        assert step(services, number, "approve").status_code == 403  # may write, not approve
        other = await approver(services, "Lê Thị D")
        assert step(services, number, "approve", other, waive=waive_all(services, number)).status_code == 200


async def test_nobody_edits_under_the_name_of_another_person(services: Services) -> None:
    number, chief = services.drafted()["id"], await approver(services)
    for path, order in (
        ("revisions", {"reason": "x", "edits": [{"key": "preamble.basis", "lead": "-"}]}),
        ("regenerations", {}),
    ):
        for author, status in (("Lê Thị D", 422), ("TRẦN  VĂN C", 202)):
            sent = order | {"author": author}
            answer = services.http.post(f"/v1/notices/{number}/{path}", json=sent, headers=chief | ANY)
            assert answer.status_code == status, answer.text
        until(lambda: notice_of(services, number), lambda notice: notice["pending_revision"] is None)


def notice_of(services: Services, number: int) -> dict[str, Any]:
    notice: dict[str, Any] = services.http.get(f"/v1/notices/{number}").json()
    return notice


async def test_a_contradiction_that_an_editor_typed_keeps_it_from_being_approved_until_waived(services: Services) -> None:
    number, chief = services.drafted()["id"], await approver(services)
    text = "Tiếp nhận 30.556 hồ sơ, trong đó: trực tuyến 24.458 hồ sơ, trực tiếp 6.108 hồ sơ."
    edit = {"author": "A", "reason": "x", "edits": [{"key": "preamble.basis", "text": text}]}
    services.http.post(f"/v1/notices/{number}/revisions", json=edit, headers={"If-Match": "*"})
    until(lambda: services.http.get(f"/v1/notices/{number}").json()["text_revision"], lambda revision: revision == 2)
    step(services, number, "submit")
    refused = step(services, number, "approve", chief)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "notice-not-approvable")
    (found,) = (one for one in refused.json()["obstacles"] if one["kind"] == "contradiction")
    assert "30.556" in found["detail"]
    everything = waive_all(services, number)
    others = [one for one in everything if one["id"] != found["id"]]
    assert step(services, number, "approve", chief, waive=others).json()["obstacles"] == [found]
    approved = step(services, number, "approve", chief, waive=everything).json()
    assert {"obstacle": found, "reason": "Đã đối chiếu"} in approved["steps"][-1]["waived"]


async def test_an_annex_that_is_not_what_its_figures_say_is_neither_approved_nor_issued(services: Services) -> None:
    number, chief = services.drafted()["id"], await approver(services)
    step(services, number, "submit")
    async with changed_annex(services, number):
        refused = step(services, number, "approve", chief, waive=waive_all(services, number)[1:])
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "notice-not-approvable")
        found = [one["detail"] for one in services.http.get(f"/v1/notices/{number}/review").json()["obstacles"]]
        assert [one for one in found if "the annexes add up" in one and "Biểu số 01" in one] != []
    assert step(services, number, "approve", chief, waive=waive_all(services, number)).status_code == 200


@asynccontextmanager
async def changed_annex(services: Services, number: int) -> AsyncIterator[None]:
    """A count of the first annex is another, as if somebody had written it into the database."""
    path = "{annexes,0,rows,0,cells,2,text}"
    connection = await asyncpg.connect(services.database_url)
    try:
        was = await connection.fetchval(f"SELECT document #> '{path}' FROM notices.notice WHERE id = $1", number)
        change = f"UPDATE notices.notice SET document = jsonb_set(document, '{path}', $2) WHERE id = $1"
        await connection.execute(change, number, '"7.777"')
        yield
        await connection.execute(change, number, was)
    finally:
        await connection.close()


def test_what_stands_against_an_approval_has_an_id_that_stays() -> None:
    text = "Tiếp nhận 30.556 hồ sơ, trong đó: trực tuyến 24.458 hồ sơ, trực tiếp 6.108 hồ sơ."
    claims = audit_text(text).contradictions
    checks = [Check(CONTRADICTION_CHECK, False, "x"), Check("a = b", False, "the whole: 1 against 2"), Check("c", True, "")]
    caveat = Caveat("figures_incomplete", "Số liệu chưa đầy đủ.", "Metrics does not call its figures complete (quarantined).")
    doubtful = {"freshness": {"doubtful": 3}, "caveats": (caveat,)}
    versions = StatedVersions(1, 0, 2, 0)
    found = obstacles_of(claims, checks, msgspec.structs.replace(pinned(), **doubtful), versions)
    assert [one.kind for one in found] == ["contradiction", "failed_check", "caveat", "doubtful_dossiers", "outdated"]
    # Whoever ordered the draft confirmed it; whoever approves says why as well.
    assert (found[2].id, found[2].detail, found[2].detail_vi) == ("caveat-figures_incomplete", caveat.detail, caveat.text)
    assert found == obstacles_of(claims, checks, msgspec.structs.replace(pinned(), **doubtful), versions)
    assert found[-1].detail.startswith("Changed since the notice was drafted: the inspection (stated: version 1, newest: 2).")
    assert outdated_of(StatedVersions(2, 0, 2, 0)) is None
    later = outdated_of(StatedVersions(1, 0, 2, 1))
    assert later is not None
    assert later.id != found[-1].id  # a waiver holds for what was known
    accepted, standing = waived(found, {found[1].id: "x", "another": "y"})
    assert [one.obstacle for one in accepted] == [found[1]]
    assert standing == [found[0], *found[2:]]


@pytest.mark.parametrize(
    ("key", "name", "same"),
    [("k1", "Ai đó", True), ("k9", "nguyễn  thị b", True), ("k9", "Nguyễn Thị C", False)],
)
def test_a_person_is_known_by_the_key_or_the_name(key: str, name: str, same: bool) -> None:
    assert is_of_hands(key, name, [Hand("k1", ()), Hand("k2", ("test", "Nguyễn Thị B"))]) is same


async def test_a_stranger_waits_for_nothing_of_another_province(services: Services) -> None:
    stranger = Principal("x", "x", frozenset(), "31", None, person=True)
    notice = services.drafted()
    database = Database(services.database_url, size=2)
    try:
        async with database.transaction() as holder, database.transaction() as tx:
            await holder.execute("SELECT FROM notices.notice WHERE id = $1 FOR UPDATE", notice["id"])
            await holder.execute("SELECT FROM notices.inspection WHERE id = $1 FOR UPDATE", notice["inspection"])
            await tx.execute("SET LOCAL lock_timeout = '1s'")
            for held, number in ((held_notice, notice["id"]), (held_inspection, notice["inspection"])):
                with pytest.raises(NotFound):
                    await held(tx, stranger, number)
    finally:
        await database.close()


async def test_the_database_refuses_to_change_what_was_decided(services: Services) -> None:
    step(services, services.drafted()["id"], "submit")
    connection = await asyncpg.connect(services.database_url)
    try:
        for statement in (
            "UPDATE notices.notice_step SET reason = 'x'",
            "DELETE FROM notices.notice_step",
            "TRUNCATE notices.notice_step",
        ):
            with pytest.raises(asyncpg.RestrictViolationError):
                await connection.execute(statement)
    finally:
        await connection.close()
