"""A corrected notice lists each figure that is another than in the one whose place it takes."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import msgspec

from services.metrics.restatements.examples import CHANGES
from services.notices.audit.checks import check
from services.notices.composition.model import words
from services.notices.inspections.model import Inspection
from services.notices.issuing.changes import WORDS, ChangesBetween
from services.notices.issuing.correction import CorrectedNotice, corrected
from services.notices.issuing.model import numbered
from services.notices.rendering.pdf import pdf
from services.notices.rendering.xlsx import xlsx
from shared.contracts.restatements import DossierChange, DossierEffect, RestatementChanges
from tests.notices.reference import DATED_AT, composed, inspection_body, pinned


def correction(known: ChangesBetween | None = None, **moved: int) -> Any:
    """The reference notice, which takes the place of one whose figures were lower by so much."""
    notice, figures = composed()
    old = {
        key: msgspec.structs.replace(one, numerator=one.numerator - moved[key]) if key in moved and one.numerator else one
        for key, one in figures.items()
    }
    before = CorrectedNotice("05/TB-UBND", date(2023, 8, 17), "Ủy ban nhân dân huyện Thanh Hà", old)
    inspection = Inspection.model_validate(inspection_body())
    return numbered(corrected(notice, figures, pinned(), inspection, before, known), 6, date(2023, 9, 5)), figures


def test_each_figure_that_changed_stands_in_an_annex_with_both_values() -> None:
    notice, figures = correction(received_new=2, resolved_overdue=-1)
    annex = notice.annexes[-1]
    assert words(notice.body[0]) == (
        "Thông báo này thay thế Thông báo số 05/TB-UBND ngày 17 tháng 8 năm 2023 của Ủy ban nhân dân huyện Thanh Hà. "
        f"Số liệu thay đổi nêu tại {annex.label} kèm theo."
    )
    assert (annex.label, "số 06/TB-UBND" in annex.belongs) == ("Biểu số 04", True)
    assert sorted(row.cells[4].figure for row in annex.rows) == ["received_new", "resolved_overdue"]
    by = {row.cells[4].figure: [cell.text for cell in row.cells[2:]] for row in annex.rows}
    received = figures["received_new"]
    before = msgspec.structs.replace(received, numerator=received.size - 2).tabular()
    assert by["received_new"] == ["Toàn bộ", before, received.tabular(), "+2"]
    assert by["resolved_overdue"][-1] == "-1"
    assert [one for one in check(notice, figures, pinned()) if not one.ok] == []
    assert pdf(notice, figures, dated_at=DATED_AT)
    assert xlsx(notice, dated_at=DATED_AT)


def test_a_correction_of_words_alone_has_no_such_annex() -> None:
    notice, _ = correction()
    assert len(notice.annexes) == len(composed()[0].annexes)
    assert words(notice.body[0]).endswith("của Ủy ban nhân dân huyện Thanh Hà.")


def test_a_share_that_moves_by_less_than_is_printed_is_not_listed() -> None:
    _, figures = correction()
    share = "online_share"
    before = msgspec.structs.replace(figures[share], numerator=(figures[share].numerator or 0) + 1)
    assert before.tabular() == figures[share].tabular()
    notice, _ = correction(None, received_new=2, **{share: -1})
    assert [row.cells[4].figure for row in notice.annexes[-1].rows] == ["received_new"]
    notice, _ = correction(None, received_new=2, **{share: 500})
    assert sorted(str(row.cells[4].figure) for row in notice.annexes[-1].rows) == [share, "received_new"]


def changes(**moved: dict[str, DossierEffect]) -> ChangesBetween:
    """What metrics tells of the dossiers that moved the whole, as much as is read of it."""
    agency = pinned().agencies[0]
    kinds = {kind: effect.dossiers for effects in moved.values() for kind, effect in effects.items()}
    row = {"agency": agency.key, "code": agency.code, "name": {"vi": agency.name, "en": agency.name}, "kind": None}
    found = CHANGES_EXAMPLE | {
        "dossiers": kinds,
        "total": {"kpis": moved},
        "rows": [row | {"kpis": moved}],
        "procedures": {"1.001": {"kpis": moved}},
    }
    return ChangesBetween(1, 2, msgspec.convert(msgspec.to_builtins(found), RestatementChanges))


CHANGES_EXAMPLE = msgspec.to_builtins(CHANGES)


def test_each_figure_names_the_kinds_of_dossiers_that_moved_it() -> None:
    late, deleted = DossierEffect(3, 3, None), DossierEffect(1, -1, None)
    known = changes(
        received_new={"arrived": late, "deleted": deleted}, resolved_overdue={"redated": DossierEffect(2, -2, None)}
    )
    notice, figures = correction(known, received_new=2, resolved_overdue=-1, online_share=500)
    annex = notice.annexes[-1]
    because = {str(row.cells[4].figure): row.cells[6].text for row in annex.rows}
    assert because["received_new"] == "cập nhật muộn: 3 (+3); bị xóa tại nguồn: 1 (-1)"
    # What no dossier moved is named too, so that each row adds up to its difference.
    assert because["resolved_overdue"].endswith("danh mục, lịch làm việc thay đổi: 2 (-2); số liệu không theo hồ sơ (+1)")
    assert because["online_share"] == ""
    assert "cập nhật muộn: 3; tính lại hạn do danh mục, lịch làm việc thay đổi: 2; bị xóa tại nguồn: 1." in annex.note
    assert "do có hồ sơ: cập nhật muộn; tính lại hạn" in words(notice.body[0])
    assert [one for one in check(notice, figures, pinned()) if not one.ok] == []
    assert pdf(notice, figures, dated_at=DATED_AT)
    assert xlsx(notice, dated_at=DATED_AT)


def test_what_metrics_cannot_tell_any_more_is_said() -> None:
    notice, _ = correction(ChangesBetween(1, 2, None), received_new=2)
    assert notice.annexes[-1].note == "Không còn xác định được các hồ sơ đã làm thay đổi số liệu."
    assert len(notice.annexes[-1].columns) == 6


def test_the_words_name_every_kind() -> None:
    assert set(WORDS) == set(get_args(DossierChange))
