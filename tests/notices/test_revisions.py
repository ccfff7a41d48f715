"""Edits are laid over a composed notice, and over what is composed anew; nothing that was written is lost."""

from __future__ import annotations

import re
import time
from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from services.notices.composition.model import FigureRun, Heading, NoticeDocument, Paragraph, TextRun, words
from services.notices.figures.model import Figure
from services.notices.revisions.api.schemas import ParagraphEdit, RegenerationOrder
from services.notices.revisions.changes import changes, word_changes
from services.notices.revisions.editing import WantedEdit, edited
from services.notices.revisions.model import Edit, key_of, lay_over, open_ended, outcomes
from services.notices.revisions.texts import bound
from shared.errors import Invalid
from tests.notices.reference import composed as compose_reference
from tests.slowness import slowness

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
    assert [key_of(block) for block in body[at + 1 : at + 3]] == [last, "own.2.1"]
    assert not words(_paragraph(body, last)).endswith("./.")
    final = body[-1]
    assert isinstance(final, Paragraph)
    assert words(final).endswith("./.")
    first = next(block for block in body if isinstance(block, Heading))
    assert (first.section, first.label) == ("results", "I.")
    restored = _edited(composed, *(WantedEdit(key=key, restore=True) for key in of_leadership), before=edits)
    assert [edit.key for edit in restored] == ["own.2.1", last]


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
    told = [fault["message"] for fault in msgspec.to_builtins(refused.value.members)["errors"]]
    assert "Did you mean `resolved`?" in told[1]
    assert max(map(len, told)) < 4000  # a notice has thousands of figures: they are counted, and a few are named


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


def test_texts_that_repeat_a_word_are_compared_at_bounded_cost() -> None:
    before, after = "a " * 900, "b a " * 450
    begun = time.process_time()
    for length, paragraphs in ((1_800, 30), (300, 300)):
        texts = [text[:length].strip() for text in (before, after)]
        found = changes(*([Paragraph((TextRun(text),), key=str(key)) for key in range(paragraphs)] for text in texts))
        for one in found:
            told = ["".join(word.text for word in one.words if word.change != change) for change in ("added", "removed")]
            assert told == texts
    assert time.process_time() - begun < 4 * slowness()
    assert [one.change for one in word_changes(before, after)] == ["removed", "added", "same"]
    long = " ".join(["một hai"] * 2_000)
    parts = [(one.change, one.text) for one in word_changes(f"{long} ba {long}", f"{long} bốn {long}")]
    assert parts == [("same", f"{long} "), ("removed", "ba"), ("added", "bốn"), ("same", f" {long}")]


@pytest.mark.parametrize("text", ["a\u202eb", "a\u200bb", "a\ufffeb", "xong 👍", "a\nb", " "])
def test_a_text_that_no_document_prints_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ParagraphEdit(key="handling.intake", text=text)


def test_a_new_number_that_reads_like_a_figure_is_typed() -> None:
    base = Paragraph((TextRun("Nhận "), FigureRun("372", "received"), TextRun(" hồ sơ.")), key="a")
    bound_ones = {
        "Tiếp nhận 372 hồ sơ.": "Tiếp nhận {received} hồ sơ.",
        "Nhận 372 hồ sơ. Đã họp với 372 công chức.": "Nhận 372 hồ sơ. Đã họp với 372 công chức.",
        "Nhận {received} hồ sơ. Đã họp với 372 công chức.": "Nhận {received} hồ sơ. Đã họp với 372 công chức.",
        "{other}: nhận 372 hồ sơ.": "{other}: nhận {received} hồ sơ.",
    }
    assert {text: bound(text, base, NO_NAMES) for text in bound_ones} == bound_ones


def test_figures_that_print_alike_are_told_apart_by_their_order() -> None:
    base = Paragraph((FigureRun("12", "early"), TextRun(" và "), FigureRun("12", "late")), key="a")
    assert bound("Sớm 12, muộn 12.", base, NO_NAMES) == "Sớm {early}, muộn {late}."
    assert bound("Sớm {early}, muộn 12.", base, NO_NAMES) == "Sớm {early}, muộn {late}."
    assert bound("Chỉ 12.", base, NO_NAMES) == "Chỉ 12."


def test_what_was_removed_is_restored_as_the_person_left_it(composed: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    notice, figures = composed
    edits = _edited(
        composed,
        WantedEdit(key="handling.intake", text="Viết lại."),
        WantedEdit(text="Thêm.", after="handling.intake"),
        WantedEdit(key="handling.intake", remove=True),
    )
    own = edits[1].key
    edits = _edited(composed, WantedEdit(key=own, remove=True), before=edits)
    restored = _edited(
        composed, WantedEdit(key="handling.intake", restore=True), WantedEdit(key=own, restore=True), before=edits
    )
    body = lay_over(notice.body, restored, figures, NO_NAMES).body
    assert [words(_paragraph(body, key)) for key in ("handling.intake", own)] == ["Viết lại.", "Thêm."]
    anew = _edited(composed, *(WantedEdit(key=key, restore=True) for key in ("handling.intake", own)), before=restored)
    assert anew == ()


def test_a_key_of_an_added_paragraph_is_never_given_again(composed: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    notice, figures = composed
    wanted = WantedEdit(text="Thêm.", after="handling")
    (first,) = _edited(composed, wanted)
    assert _edited(composed, WantedEdit(key=first.key, restore=True), before=(first,)) == ()
    (second,) = edited(notice.body, (), [wanted], figures, NO_NAMES, revision=3)
    assert (first.key, second.key) == ("own.2.1", "own.3.1")


def test_edits_of_which_nothing_shows_any_more_are_dropped(composed: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    edits = _edited(
        composed,
        WantedEdit(key="handling.intake", text="Một."),
        WantedEdit(key="handling.intake", lead="+"),
        WantedEdit(key="handling.intake", text="Hai."),
        WantedEdit(key="handling.intake", text="Ba.", after="handling"),
        WantedEdit(key="handling.intake", text="Bốn."),
    )
    assert [(one.text, one.lead, one.moved) for one in edits] == [
        *((None, "+", False), ("Ba.", None, True), ("Bốn.", None, False)),
    ]


def test_a_text_whose_paragraph_is_gone_keeps_its_lead(composed: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    notice, figures = composed
    led = next(block for block in notice.body if isinstance(block, Paragraph) and block.lead == "-")
    edits = _edited(composed, WantedEdit(key=led.key, text="Giữ."))
    without = [block for block in notice.body if key_of(block) != led.key]
    kept = _paragraph(lay_over(without, edits, figures, NO_NAMES).body, led.key)
    assert (kept.lead, words(kept).removesuffix("./.")) == ("-", "Giữ.")


def test_a_notice_keeps_so_much_text_of_edits_and_no_more(composed: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    long = "chữ " * 2_500
    wanted = [WantedEdit(text=long, after="handling") for _ in range(31)]
    assert len(_edited(composed, *wanted[:30])) == 30
    with pytest.raises(Invalid) as refused:
        _edited(composed, *wanted)
    assert "300000 characters" in str(refused.value)


def test_many_restored_paragraphs_cost_little(composed: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    edits = _edited(composed, *(WantedEdit(text=f"Đoạn {n} chữ " * 40, after="handling") for n in range(200)))
    begun = time.process_time()
    assert _edited(composed, *(WantedEdit(key=edit.key, restore=True) for edit in edits), before=edits) == ()
    mixed = [
        one for edit in edits[:50] for one in (WantedEdit(key=edit.key, restore=True), WantedEdit(text="x", after="handling"))
    ]
    assert len(_edited(composed, *mixed, before=edits)) == 200
    assert time.process_time() - begun < 1.5 * slowness()


def test_regenerating_may_have_a_reason_of_its_own() -> None:
    assert RegenerationOrder(author="B", reason="Theo ý kiến").confirm == ()
    with pytest.raises(ValidationError):
        RegenerationOrder(author="B", confirm=("no_figures",))
