"""The sections of a conclusion: each keeps the contract, and one that is added to the list works everywhere."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import httpx
import pytest

from services.notices.app import app
from services.notices.composition.annexes import ANNEX_FORMS
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import FigureRun, Heading, Paragraph, words
from services.notices.composition.sections import WORDING
from services.notices.composition.service import compose, content, context_of
from services.notices.inspections import outline
from services.notices.inspections import service as submissions
from services.notices.inspections.model import Inspection
from services.notices.inspections.outline import SECTIONS, Section
from services.notices.submissions.api import InspectionBody
from services.notices.worker import draft_next
from shared.access.keys import create_key
from shared.access.principals import Access
from shared.errors import Invalid
from shared.notifications import Notifier
from tests.notices import answers
from tests.notices.conftest import Workbench
from tests.notices.counted import UNEXPLAINED
from tests.notices.reference import inspection, nothing_of, pinned, reference_evidence

SAID = "Đã làm theo quy định"
FOUND = {"text": SAID, "items": ["Có phân công bằng văn bản"]}
BARE: dict[str, Any] = {key: [] for key in ("causes", "recommendations", "comparisons", "overdue_causes", "pending_causes")} | {
    "findings": {},
    "tasks": None,
}
"""The reference inspection without anything that the team found."""

every_section = pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.id)


def context(given: Inspection, *without: str) -> CompositionContext:
    """What a section speaks of: an inspection, with the reference figures and evidence, or with fewer of both."""
    return context_of(given, pinned(nothing_of(*without) if without else None), None if without else reference_evidence())


def holding(section: Section) -> Inspection:
    """An inspection that holds one finding, for the section."""
    found = {section.id: [FOUND]} if section.team_input == "findings" else [FOUND]
    return inspection(**BARE | ({section.team_input: found} if section.team_input else {}))


@every_section
def test_a_section_says_the_same_of_the_same_and_bears_its_id(section: Section) -> None:
    given = inspection()
    before = given.model_dump_json()
    said = content(context(given), section)
    assert said == content(context(given), section)
    assert given.model_dump_json() == before
    assert {paragraph.section for paragraph in said} <= {section.id}


@every_section
def test_a_section_prints_no_number_of_figures_that_are_all_nothing(section: Section) -> None:
    said = content(context(inspection(**BARE), *answers.COUNTED), section)
    assert [run for paragraph in said for run in paragraph.runs if isinstance(run, FigureRun)] == []
    for paragraph in said:
        assert words(paragraph).strip(" .;:")
        assert not re.search(r"\(\)|: ?[.;]|  | ,", words(paragraph)), words(paragraph)


@every_section
def test_what_was_found_for_a_section_is_said_under_its_heading_and_nowhere_else(section: Section) -> None:
    body = compose(holding(section), pinned())[0].body
    found = [block for block in body if isinstance(block, Paragraph) and SAID in words(block)]
    assert [block.section for block in found] == ([section.id] if section.team_input else [])
    assert {block.source for block in found} <= {"findings"}
    if section.team_input:
        place = body.index(found[0])
        heading = next(block for block in reversed(body[:place]) if isinstance(block, Heading))
        assert heading.text == (section.title.upper() if section.level == 1 else section.title)


def test_a_paragraph_is_known_again_by_its_key_whatever_is_stated_beside_it() -> None:
    def keys(given: Inspection) -> list[str]:
        body = compose(given, pinned(), reference_evidence())[0].body
        return [block.key for block in body if isinstance(block, Paragraph)]

    known = keys(inspection())
    assert len(set(known)) == len(known)
    assert {"preamble.basis", "handling.resolved", "handling.resolved_overdue.causes", "shortcomings.returned"} <= set(known)
    first, last = {"text": "Đã niêm yết tại trụ sở"}, {"text": "Đã công khai hằng tháng"}
    stated = inspection(findings={"publication": [first, last]})
    known = keys(stated)
    more = keys(inspection(findings={"publication": [FOUND, first, FOUND, last]}))
    added = [key for key in more if key not in known]
    assert [key for key in more if key in known] == known
    assert len(added) == 4
    assert all(key.startswith("publication.found.") for key in added)


def test_the_list_can_be_numbered_and_told_apart() -> None:
    ids = [section.id for section in SECTIONS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[a-z][a-z0-9_]{0,39}", one) for one in ids)
    assert SECTIONS[0].level == 1
    assert all(1 <= below.level <= above.level + 1 for above, below in pairwise(SECTIONS))
    assert WORDING.keys() <= set(ids)
    assert {words.annex for words in WORDING.values()} - {None} == {form.id for form in ANNEX_FORMS}
    for list_of_its_own in ("causes", "recommendations"):
        assert [section.id for section in SECTIONS].count(list_of_its_own) == 1


def test_findings_for_what_is_no_section_are_refused_with_the_sections_there_are() -> None:
    given = inspection(findings={"leadership": [FOUND], "leadershp": [FOUND]})
    with pytest.raises(Invalid, match=r"body\.findings\.leadershp: .*Did you mean `leadership`\? .*`publication`"):
        compose(given, pinned())
    with pytest.raises(Invalid, match=r"under earlier rules .*body\.findings\.leadershp"):
        submissions.read_stored(given.stored())


async def test_a_section_that_is_added_to_the_list_is_accepted_drafted_numbered_and_shown(
    workbench: Workbench, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = next(place for place, section in enumerate(SECTIONS) if section.id == "feedback")
    added = Section("archive", 3, "Lưu trữ hồ sơ điện tử", "findings")
    for name, value in {
        "database": workbench.database,
        "access": Access(workbench.database, "notices", seconds=1),
        "notifier": Notifier(redis_url),
        "metrics": workbench.client,
    }.items():
        monkeypatch.setattr(app.state, name, value, raising=False)
    async with workbench.database.transaction() as tx:
        key = await create_key(tx, "notices", name="team", scopes=["notices:read", "notices:write"])
    body = UNEXPLAINED | {"findings": {"archive": [FOUND], "feedback": [{"text": "Đã niêm yết địa chỉ"}]}}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://notices", headers={"X-API-Key": key}) as http:
        refused = await http.post("/v1/inspections", json=body)
        assert refused.status_code == 422
        assert [fault["at"] for fault in refused.json()["errors"]] == ["body.findings.archive"]
        assert refused.json()["detail"].startswith("body.findings.archive: There is no section with findings `archive`. ")

        monkeypatch.setattr(outline, "SECTIONS", (*SECTIONS[:place], added, *SECTIONS[place:]))
        handed = await http.post("/v1/inspections", json=body)
        assert handed.status_code == 201, handed.text
        ordered = await http.post(f"{handed.headers['location']}/notices")
        assert ordered.status_code == 202, ordered.text
        assert await draft_next(workbench.database, workbench.client, workbench.renderer, "test")
        notice = (await http.get(ordered.headers["location"])).json()
    assert notice["state"] == "draft"
    assert [check for check in notice["checks"] if not check["ok"]] == []
    shown = {one["title"]: one for one in notice["sections"]}
    archive, feedback = shown["Lưu trữ hồ sơ điện tử"], shown["Tiếp nhận, xử lý phản ánh, kiến nghị về quy định hành chính"]
    assert (archive["level"], archive["label"], feedback["label"]) == (3, "b)", "c)")
    assert [one["section"] for one in archive["paragraphs"]] == ["archive", "archive"]
    assert archive["paragraphs"][0]["text"] == SAID + ":"
    schema = InspectionBody.model_json_schema()["properties"]["findings"]
    assert schema["properties"]["archive"]["description"] == "Stated under the heading `Lưu trữ hồ sơ điện tử`."
