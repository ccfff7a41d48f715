"""A person edits a notice, the notice is composed anew on new figures, and nothing that was written is lost."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from services.notices.composition.model import FigureRun, Heading, NoticeDocument, Paragraph, words
from services.notices.figures.model import Figure
from services.notices.revisions.changes import changes, word_changes
from services.notices.revisions.editing import WantedEdit, edited
from services.notices.revisions.model import Edit, key_of, lay_over, open_ended, outcomes
from shared.errors import Invalid
from tests.notices.conftest import Services, until
from tests.notices.reference import composed as compose_reference

NO_NAMES = re.compile(r"(?!)")


@pytest.fixture(scope="module")
def composed() -> tuple[NoticeDocument, dict[str, Figure]]:
    return compose_reference()


def _edited(
    composed: tuple[NoticeDocument, dict[str, Figure]], *wanted: WantedEdit, before: tuple[Edit, ...] = ()
) -> tuple[Edit, ...]:
    notice, figures = composed
    return edited(notice.body, before, wanted, figures, NO_NAMES, revision=2)


def _paragraph(body: Any, key: str) -> Paragraph:
    found: Paragraph = next(block for block in body if key_of(block) == key)
    return found


def test_without_edits_a_notice_is_what_was_composed(composed: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    notice, figures = composed
    assert lay_over(notice.body, (), figures, NO_NAMES).body == notice.body


def test_numbers_stay_bound_are_found_again_or_are_marked_as_typed(composed: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    notice, figures = composed
    base = _paragraph(notice.body, "handling.intake")
    bound = [run.figure for run in base.runs if isinstance(run, FigureRun)]
    text = words(base).replace("\u00a0", " ") + " Trong đó có 77 hồ sơ khó, quá hạn {resolved_overdue} hồ sơ."
    (edit,) = _edited(composed, WantedEdit(key="handling.intake", text=text))
    laid = lay_over(notice.body, (edit,), figures, NO_NAMES)
    paragraph = _paragraph(laid.body, "handling.intake")
    assert [run.figure for run in paragraph.runs if isinstance(run, FigureRun)] == [*bound, "resolved_overdue"]
    assert (paragraph.typed, paragraph.source) == (("77",), "person")


def test_paragraphs_are_added_moved_and_removed_and_headings_close_up(
    composed: tuple[NoticeDocument, dict[str, Figure]],
) -> None:
    notice, figures = composed
    keys = [block.key for block in notice.body if isinstance(block, Paragraph)]
    last = keys[-1]
    of_leadership = [key for key in keys if key.startswith("leadership.")]
    edits = _edited(
        composed,
        WantedEdit(text="Biểu dương các đơn vị.", after="handling", lead="-"),
        WantedEdit(key=last, after="handling"),
        *(WantedEdit(key=key, remove=True) for key in of_leadership),
    )
    body = lay_over(notice.body, edits, figures, NO_NAMES).body
    at = next(index for index, block in enumerate(body) if key_of(block) == "handling")
    assert [key_of(block) for block in body[at + 1 : at + 3]] == [last, "own.1"]
    assert not words(_paragraph(body, last)).endswith("./.")
    final = body[-1]
    assert isinstance(final, Paragraph)
    assert words(final).endswith("./.")
    first = next(block for block in body if isinstance(block, Heading))
    assert (first.section, first.label) == ("results", "I.")
    restored = _edited(composed, *(WantedEdit(key=key, restore=True) for key in of_leadership), before=edits)
    assert [edit.key for edit in restored] == ["own.1", last]


def test_what_cannot_be_made_is_refused_with_its_place(composed: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    with pytest.raises(Invalid) as refused:
        _edited(
            composed,
            WantedEdit(key="handling.intakes", text="x"),
            WantedEdit(key="handling.intake", text="{resolvd} hồ sơ"),
            WantedEdit(text="x", after="nowhere"),
        )
    faults = [fault["at"] for fault in msgspec.to_builtins(refused.value.members)["errors"]]
    assert faults == ["body.edits.0.key", "body.edits.1.text", "body.edits.2.after"]


def test_edits_are_laid_over_a_new_composition_which_states_what_became_of_each(
    composed: tuple[NoticeDocument, dict[str, Figure]],
) -> None:
    notice, figures = composed
    keys = [block.key for block in notice.body if isinstance(block, Paragraph)]
    kept, differs, lost = (
        "handling.intake",
        next(k for k in keys if k.startswith("online_service.")),
        keys[keys.index("handling.intake") + 1],
    )
    edits = _edited(
        composed,
        WantedEdit(key=kept, text="Đã giải quyết {handled} hồ sơ."),
        WantedEdit(key=differs, text="Viết lại."),
        WantedEdit(key=lost, text="Giữ câu này."),
    )
    moved = figures | {"handled": _more(figures["handled"])}
    anew = []
    for block in open_ended(notice.body):
        if key_of(block) == lost:
            continue
        if isinstance(block, Paragraph):
            runs = tuple(
                FigureRun(moved[run.figure].prose(), run.figure) if isinstance(run, FigureRun) else run for run in block.runs
            )
            if block.key == differs:
                runs = runs[:-1]
            block = Paragraph(runs, block.lead, block.section, block.key, block.source)
        anew.append(block)
    laid = lay_over(anew, edits, moved, NO_NAMES)
    found = {one.key: one for one in outcomes(notice.body, figures, anew, moved, edits, laid)}
    assert (found[kept].outcome, found[kept].needs_attention) == ("figures_moved", False)
    change = next(one for one in found[kept].moved if one.figure == "handled")
    assert (change.before, change.after) == (figures["handled"].prose(), moved["handled"].prose())
    assert found[kept].written == f"Đã giải quyết {change.after} hồ sơ."
    assert (found[differs].outcome, found[differs].needs_attention) == ("text_differs", True)
    assert (found[lost].outcome, found[lost].needs_attention, found[lost].written) == ("gone", True, "Giữ câu này.")
    at = [key_of(block) for block in laid.body].index(lost)
    assert key_of(laid.body[at - 1]) == kept
    assert {one.outcome for key, one in found.items() if key not in (kept, differs, lost)} <= {"unchanged", "figures_moved"}


def _more(figure: Figure) -> Figure:
    return Figure(key=figure.key, unit=figure.unit, numerator=figure.size + 1, derived=figure.derived)


def test_a_difference_is_told_word_by_word() -> None:
    parts = [(one.change, one.text) for one in word_changes("Có 02 hồ sơ quá hạn.", "Có 03 hồ sơ quá hạn, đã xong.")]
    assert parts == [
        *(("same", "Có "), ("removed", "02"), ("added", "03"), ("same", " hồ sơ quá ")),
        *(("removed", "hạn."), ("added", "hạn, đã xong.")),
    ]
    first, second = Paragraph((), key="a"), Paragraph((), key="b")
    assert [(one.key, one.change) for one in changes([first, second], [second, first])] in ([("b", "moved")], [("a", "moved")])


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
    assert [check for check in revision["checks"] if not check["ok"]] == []
    notice = services.http.get(path).json()
    assert (notice["text_revision"], notice["pending_revision"], notice["state"]) == (2, None, "draft")
    paragraphs = {one["key"]: one for section in notice["sections"] for one in section["paragraphs"]}
    assert (paragraphs["handling.intake"]["typed"], paragraphs["own.1"]["text"]) == (["77"], "Biểu dương các đơn vị.")
    assert services.http.get(f"{path}/document.pdf").content != pdf
    page = services.http.get(f"{path}/document.html").text
    assert '<mark class="typed">77</mark>' in page
    assert services.http.post(f"{path}/revisions", json=body, headers={"If-Match": read.headers["etag"]}).status_code == 412
    changed = services.http.get(f"{path}/revisions/2/changes").json()["paragraphs"]
    assert [(one["key"], one["change"]) for one in changed] == [("handling.intake", "changed"), ("own.1", "added")]
    first = services.http.get(f"{path}/revisions/1").json()
    assert "own.1" not in {one["key"] for section in first["sections"] for one in section["paragraphs"]}

    anew = services.http.post(f"{path}/regenerations", json={"author": "Trần Văn C"})
    assert anew.status_code == 202, anew.text
    revision = _made(services, anew.headers["location"])
    found = {one["key"]: one for one in revision["outcomes"]}
    assert (found["handling.intake"]["outcome"], found["handling.intake"]["edited"]) == ("unchanged", True)
    assert found["own.1"]["written"] == "Biểu dương các đơn vị."
    assert services.http.get(f"{path}/revisions/3/changes").json()["paragraphs"] == []
    origins = [one["origin"] for one in services.http.get(f"{path}/revisions").json()["revisions"]]
    assert origins == ["regeneration", "edit", "draft"]
