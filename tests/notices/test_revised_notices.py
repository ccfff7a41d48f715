"""A person edits a notice, and the notice is composed anew on new figures: by processes, before metrics."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import msgspec

from tests.notices.conftest import Services, until


def _made(services: Services, location: str) -> dict[str, Any]:
    def read() -> dict[str, Any]:
        revision: dict[str, Any] = services.http.get(location).json()
        return revision

    revision = until(read, lambda one: one["state"] in ("made", "failed"))
    assert revision["state"] == "made", revision["error"]
    return revision


def test_a_notice_is_edited_checked_rendered_and_regenerated(services: Services) -> None:
    number = services.drafted()["id"]
    path = f"/v1/notices/{number}"
    read = services.http.get(path)
    listed = services.http.get(f"{path}/revisions").json()["revisions"]
    assert [(one["revision"], one["origin"], one["state"]) for one in listed] == [(1, "draft", "made")]
    pdf = services.http.get(f"{path}/document.pdf").content
    body = {
        "author": "Nguyễn Thị B",
        "reason": "Theo ý kiến của Chủ tịch",
        "edits": [
            {"key": "handling.intake", "text": "Toàn huyện giải quyết {handled} hồ sơ, trong đó 77 hồ sơ khó."},
            {"text": "Biểu dương các đơn vị.", "after": "handling.intake", "lead": "-"},
        ],
    }
    assert services.http.post(f"{path}/revisions", json=body).status_code == 428
    assert services.http.post(f"{path}/revisions", json=body, headers={"If-Match": '"other"'}).status_code == 412
    headers = {"If-Match": read.headers["etag"], "Idempotency-Key": "edit-once"}
    ordered = services.http.post(f"{path}/revisions", json=body, headers=headers)
    assert (ordered.status_code, ordered.json()["revision"]) == (202, 2), ordered.text
    assert services.http.post(f"{path}/revisions", json=body, headers=headers).json()["revision"] == 2
    revision = _made(services, ordered.headers["location"])
    assert revision["progress"] == {"done": 3, "of": 3, "step": None}
    assert len(revision["checks"]) > 10
    assert [check for check in revision["checks"] if not check["ok"]] == []
    notice = services.http.get(path).json()
    assert (notice["text_revision"], notice["pending_revision"], notice["state"]) == (2, None, "draft")
    paragraphs = {one["key"]: one for section in notice["sections"] for one in section["paragraphs"]}
    assert (paragraphs["handling.intake"]["typed"], paragraphs["own.2.1"]["text"]) == (["77"], "Biểu dương các đơn vị.")
    assert services.http.get(f"{path}/document.pdf").content != pdf
    page = services.http.get(f"{path}/document.html").text
    assert '<mark class="typed">77</mark>' in page
    assert services.http.post(f"{path}/revisions", json=body, headers={"If-Match": read.headers["etag"]}).status_code == 412
    changed = services.http.get(f"{path}/revisions/2/changes").json()["paragraphs"]
    assert [(one["key"], one["change"]) for one in changed] == [("handling.intake", "changed"), ("own.2.1", "added")]
    first = services.http.get(f"{path}/revisions/1").json()
    assert "own.2.1" not in {one["key"] for section in first["sections"] for one in section["paragraphs"]}

    anew = services.http.post(f"{path}/regenerations", json={"author": "Trần Văn C"})
    assert anew.status_code == 202, anew.text
    revision = _made(services, anew.headers["location"])
    found = {one["key"]: one for one in revision["outcomes"]}
    assert (found["handling.intake"]["outcome"], found["handling.intake"]["edited"]) == ("unchanged", True)
    assert found["own.2.1"]["written"] == "Biểu dương các đơn vị."
    assert services.http.get(f"{path}/revisions/3/changes").json()["paragraphs"] == []
    origins = [one["origin"] for one in services.http.get(f"{path}/revisions").json()["revisions"]]
    assert origins == ["regeneration", "edit", "draft"]


def _edit(text: str) -> dict[str, Any]:
    return {"author": "Nguyễn Thị B", "reason": "Sửa", "edits": [{"key": "handling.intake", "text": text}]}


@contextmanager
def _paused(services: Services) -> Iterator[None]:
    """The worker makes nothing meanwhile."""
    assert services.worker.child is not None
    os.kill(services.worker.child.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(services.worker.child.pid, signal.SIGCONT)


async def _fetch(services: Services, statement: str, *values: object) -> list[Any]:
    connection = await asyncpg.connect(services.database_url)
    try:
        return await connection.fetch(statement, *values)
    finally:
        await connection.close()


async def test_a_revision_that_fails_leaves_the_notice_and_can_be_read(services: Services) -> None:
    number = services.drafted()["id"]
    path = f"/v1/notices/{number}"
    read = services.http.get(path)
    documents = "SELECT format, digest FROM notices.rendering WHERE notice_id = $1 ORDER BY format"
    files = await _fetch(services, documents, number)
    assert len(files) == 3
    headers = {"If-Match": read.headers["etag"]}
    body = _edit("Viết lại.")
    keys = (one["key"] for section in read.json()["sections"] for one in section["paragraphs"])
    other = next(key for key in keys if key != "handling.intake")
    body["edits"].append({"key": other, "remove": True})
    with _paused(services):
        ordered = services.http.post(f"{path}/revisions", json=body, headers=headers)
        assert ordered.status_code == 202, ordered.text
        again = services.http.post(f"{path}/revisions", json=body, headers=headers)
        assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "revision-pending"), again.text
        assert again.headers["retry-after"]
        waits = services.http.get(ordered.headers["location"]).json()
        assert [(one["key"], one["text"], one["removed"]) for one in waits["edits"]] == [
            *(("handling.intake", "Viết lại.", False), (other, None, True)),
        ]
        # What a document cannot print is refused; so this is put where it is stored.
        unprintable = "UPDATE notices.notice_revision SET edits = replace(edits::text, 'lại', chr(128077))::jsonb"
        await _fetch(services, f"{unprintable} WHERE state = 'queued'")

    def follow() -> dict[str, Any]:
        revision: dict[str, Any] = services.http.get(ordered.headers["location"]).json()
        return revision

    failed = until(follow, lambda one: one["state"] in ("made", "failed"))
    assert (failed["state"], failed["sections"], len(failed["edits"])) == ("failed", [], 2)
    after = services.http.get(path).json()
    unmoved = ("text_revision", "sections", "figures", "position", "checks")
    assert {name: after[name] for name in unmoved} == {name: read.json()[name] for name in unmoved}
    assert after["pending_revision"] is None
    assert await _fetch(services, documents, number) == files
    assert services.http.get(f"{path}/revisions/2/changes").status_code == 404
    # The text is the one that was read: what failed, and a colleague's evidence, do not stand before the next edit.
    await _fetch(services, "UPDATE notices.inspection SET version = version + 1 WHERE id = $1", after["inspection"])
    assert services.http.get(path).headers["etag"] != read.headers["etag"]
    mended = services.http.post(f"{path}/revisions", json=_edit("Viết lại."), headers=headers)
    assert mended.status_code == 202, mended.text
    _made(services, mended.headers["location"])
    assert services.http.post(f"{path}/revisions", json=_edit("Nữa."), headers=headers).status_code == 412


async def test_a_notice_that_was_drafted_before_keys_is_regenerated_first(services: Services) -> None:
    number = services.drafted()["id"]
    ((stored,),) = await _fetch(services, "SELECT document FROM notices.notice WHERE id = $1", number)
    document = msgspec.json.decode(stored)
    document["body"] = [{name: one[name] for name in one if name not in ("key", "section")} for one in document["body"]]
    changed = msgspec.json.encode(document).decode()
    await _fetch(services, "UPDATE notices.notice SET document = $2 WHERE id = $1", number, changed)
    path = f"/v1/notices/{number}"
    order = _edit("Viết lại.")
    headers = {"If-Match": services.http.get(path).headers["etag"]}
    refused = services.http.post(f"{path}/revisions", json=order, headers=headers)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "paragraphs-without-keys"), refused.text
    anew = services.http.post(f"{path}/regenerations", json={"author": "Trần Văn C", "reason": "Bản cũ không có khóa"})
    assert _made(services, anew.headers["location"])["reason"] == "Bản cũ không có khóa"
    headers = {"If-Match": services.http.get(path).headers["etag"]}
    edited = services.http.post(f"{path}/revisions", json=order, headers=headers)
    assert edited.status_code == 202, edited.text
    _made(services, edited.headers["location"])


async def test_a_notice_has_the_confirmation_of_the_order_that_it_is_of(services: Services) -> None:
    reason = "Báo cáo nhanh"
    number = services.drafted({"as_of": 0, "confirm": ["no_figures"], "reason": reason})["id"]
    path = f"/v1/notices/{number}"
    order = "SELECT as_of, confirmed, confirmed_reason FROM notices.notice WHERE id = $1"
    ((as_of, *confirmed),) = await _fetch(services, order, number)
    assert (as_of, confirmed) == ("0", [["no_figures"], reason])
    headers = {"If-Match": services.http.get(path).headers["etag"]}
    body = {"author": "B", "reason": "Sửa", "edits": [{"text": "Thêm.", "after": ""}]}
    _made(services, services.http.post(f"{path}/revisions", json=body, headers=headers).headers["location"])
    ((as_of, *confirmed),) = await _fetch(services, order, number)
    assert (as_of, confirmed) == ("0", [["no_figures"], reason])
    anew = {"author": "B", "reason": "Đã có số liệu", "as_of": services.position}
    _made(services, services.http.post(f"{path}/regenerations", json=anew).headers["location"])
    ((as_of, *confirmed),) = await _fetch(services, order, number)
    assert (as_of, confirmed) == (str(services.position), [[], None])


def test_figures_that_moved_are_stated_in_the_text_of_a_person(services: Services) -> None:
    earlier = {"as_of": services.position // 2}
    notice = services.drafted(earlier)
    path = f"/v1/notices/{notice['id']}"
    headers = {"If-Match": services.http.get(path).headers["etag"]}
    edited = services.http.post(f"{path}/revisions", json=_edit("Toàn huyện giải quyết {handled} hồ sơ."), headers=headers)
    _made(services, edited.headers["location"])
    anew = services.http.post(f"{path}/regenerations", json={"author": "Trần Văn C"})
    assert anew.status_code == 202, anew.text
    revision = _made(services, anew.headers["location"])
    outcome = next(one for one in revision["outcomes"] if one["key"] == "handling.intake")
    assert (outcome["outcome"], outcome["edited"], outcome["needs_attention"]) == ("figures_moved", True, False)
    moved = next(one for one in outcome["moved"] if one["figure"] == "handled")
    assert moved["before"] != moved["after"]
    assert outcome["written"] == f"Toàn huyện giải quyết {moved['after']} hồ sơ."
    now = services.http.get(path).json()
    assert (now["position"], now["text_revision"]) == (services.position, 3)
    changed = {one["key"]: one["words"] for one in services.http.get(f"{path}/revisions/3/changes").json()["paragraphs"]}
    assert {"change": "added", "text": moved["after"]} in changed["handling.intake"]
