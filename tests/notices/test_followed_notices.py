"""What a notice asked for is a list of its own, and the next inspection states what became of it."""

from __future__ import annotations

import io
from typing import Any

from docx import Document
from pypdf import PdfReader

from shared.web.formats import MEDIA
from tests.notices.conftest import Services


def stated(notice: dict[str, Any], section: str) -> list[str]:
    return [one["text"] for part in notice["sections"] for one in part["paragraphs"] if one["section"] == section]


def test_the_next_inspection_follows_up_what_was_asked(services: Services) -> None:
    earlier = services.drafted()
    asked = services.http.get(f"/v1/notices/{earlier['id']}/recommendations").json()["recommendations"]
    by_key = {one["key"]: one for one in asked}
    assert by_key["late"]["deadline"] == "2023-09-14"
    assert by_key["late"]["addressees"]

    unknown = services.order(follows=earlier["id"], follow_ups=[{"recommendation": "never", "outcome": "done"}])
    assert unknown.status_code == 422
    assert "has no recommendation 'never'" in unknown.json()["detail"]
    assert services.order(follows=earlier["id"] + 10_000).status_code == 404
    of_another_scope = services.order(follows=earlier["id"], scope="10864", findings={})
    assert "10864 of province 30 has no drafted notice" in of_another_scope.json()["detail"], of_another_scope.text

    follow_ups = [
        {"recommendation": "late", "outcome": "partly", "agencies": ["10864"], "text": "Chưa xin lỗi người nộp hồ sơ"},
        {"recommendation": "digitised", "outcome": "done"},
    ]
    notice = services.drafted(follows=earlier["id"], follow_ups=follow_ups)
    whole, late = stated(notice, "follow_up")
    assert whole == (
        "Trong 02 kiến nghị của kết luận kiểm tra kỳ trước được kiểm tra việc thực hiện: 01 kiến nghị đã thực hiện xong; "
        "01 kiến nghị đã thực hiện một phần."
    )
    assert late.endswith(": đã thực hiện một phần (An Phượng); chưa xin lỗi người nộp hồ sơ.")
    assert [one for one in notice["checks"] if not one["ok"]] == []

    excerpt = services.http.get(f"/v1/notices/{notice['id']}/excerpts/10864").json()
    assert excerpt["agency"].startswith("10864@")
    assert "follow_up.late" in [one["key"] for one in excerpt["paragraphs"]]
    assert services.http.get(f"/v1/notices/{notice['id']}/excerpts/99999").status_code == 404
    for form in ("pdf", "docx"):
        path = f"/v1/notices/{notice['id']}/excerpts/10864/document.{form}"
        made = services.http.get(path)
        assert (made.status_code, made.headers["content-type"]) == (200, MEDIA[form]), made.text
        if form == "docx":
            text = " ".join(one.text for one in Document(io.BytesIO(made.content)).paragraphs)
        else:
            text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(made.content)).pages)
        assert "đã thực hiện một phần" in " ".join(text.split())
        assert services.http.get(path, headers={"If-None-Match": made.headers["etag"]}).status_code == 304
        assert services.http.get(path.replace("10864", "99999")).status_code == 404


def test_a_notice_states_the_evidence_of_its_inspection(services: Services) -> None:
    address = services.submit()
    items = [
        {"item": "publication.posted", "agencies": ["*"], "mark": "met"},
        {"item": "publication.posted", "agency": "10864", "mark": "not_met"},
    ]
    tag = f'"evidence-{address.rpartition("/")[2]}-0"'
    put = services.http.put(f"{address}/evidence", json={"items": items}, headers={"If-Match": tag})
    assert put.status_code in (200, 201), put.text
    notice = services.ended(services.http.post(f"{address}/notices").json()["id"])
    (posted,) = stated(notice, "publication")
    assert posted.endswith("; còn 01 cơ quan, đơn vị chưa thực hiện: An Phượng.")
    origin = notice["figures"]["evidence.publication.posted.not_met"]["evidence"]
    assert (origin["item"], origin["measure"], origin["version"]) == ("publication.posted", "not_met", 1)
    assert [one for one in notice["checks"] if not one["ok"]] == []
