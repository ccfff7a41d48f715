"""Procedures through time."""

from datetime import date, datetime, time

import msgspec
import pytest

from shared.agencies import AgencyKind
from shared.errors import Invalid
from shared.procedures import (
    Procedure,
    Procedures,
    differences,
    from_rows,
    normal_code,
    reference_procedures,
    sectors,
    to_rows,
)
from shared.workdays import LimitUnit, TimeLimit


def test_the_suffix_that_portals_add_to_a_code_is_taken_off() -> None:
    assert normal_code("1.001612.000.00.00.H48") == "1.001612"
    assert normal_code(" 2.000815 ") == "2.000815"
    assert normal_code("QT-01/TNMT") == "QT-01/TNMT"
    found = reference_procedures().get("1.001612.000.00.00.H48", date(2023, 1, 1))
    assert found is not None
    assert found.limit == TimeLimit(3, LimitUnit.working_days)


def test_a_dossier_follows_the_row_in_force_on_its_day() -> None:
    old = Procedure("1.1", "A", "A", "HT", date(2020, 1, 1), date(2025, 7, 1), limit=TimeLimit(5))
    new = Procedure("1.1", "A", "A", "HT", date(2025, 7, 1), limit=TimeLimit(3))
    catalogue = Procedures([new, old])
    assert catalogue.get("1.1", date(2025, 6, 30)) == old
    assert catalogue.get("1.1", date(2025, 7, 1)) == new
    assert catalogue.get("1.1", date(2019, 12, 31)) is None
    ended = Procedures([old])
    assert ended.get("1.1", date(2025, 7, 1)) is None


def test_two_rows_of_one_code_that_overlap_are_refused() -> None:
    with pytest.raises(Invalid, match="end the earlier one on 2025-07-01"):
        Procedures([Procedure("1.1", "A", "A", "HT", date(2020, 1, 1)), Procedure("1.1", "A", "A", "HT", date(2025, 7, 1))])


def test_the_reference_catalogue_has_eleven_interlinked_procedures_and_all_units_of_limits() -> None:
    catalogue = list(reference_procedures())
    assert len(catalogue) >= 60
    assert sum(row.interlinked for row in catalogue) == 11
    assert {row.limit.unit for row in catalogue if row.limit} == set(LimitUnit)
    assert {row.sector for row in catalogue} <= sectors().keys()
    assert {row.handled_by for row in catalogue} == {AgencyKind.commune, AgencyKind.district_office}
    assert all(normal_code(row.code) == row.code for row in catalogue)


def test_a_table_of_procedures_comes_back_as_it_went_out() -> None:
    catalogue = list(reference_procedures())
    assert from_rows(to_rows(catalogue)) == catalogue


def test_cells_as_a_spreadsheet_hands_them_out_are_understood() -> None:
    row = {
        "code": "1.004873.000.00.00.H23", "name_vi": "Xác nhận", "sector": "HT", "amount": 3.0, "unit": "working_days",
        "interlinked": "có", "digitisation_required": True, "fee_required": None, "valid_from": datetime(2025, 7, 1),  # noqa: DTZ001 (a spreadsheet knows no zones)
    }  # fmt: skip
    (procedure,) = from_rows([row])
    assert procedure.code == "1.004873"
    assert procedure.limit == TimeLimit(3)
    assert (procedure.interlinked, procedure.digitisation_required, procedure.fee_required) == (True, True, False)
    assert procedure.valid_from == date(2025, 7, 1)


def test_what_nobody_stated_of_a_procedure_is_not_no() -> None:
    row = {**to_rows(reference_procedures())[0], "announced_in_time": "có", "complete": "0", "online_payment": ""}
    (procedure,) = from_rows([row])
    assert (procedure.announced_in_time, procedure.complete, procedure.online_payment) == (True, False, None)
    assert from_rows(to_rows([procedure])) == [procedure]
    with pytest.raises(Invalid, match="neither yes"):
        from_rows([{**row, "public_in_time": "chưa rõ"}])


@pytest.mark.parametrize(
    ("cell", "cutoff"),
    [("15:00", time(15)), ("15h", time(15)), ("15h30", time(15, 30)), ("15 giờ", time(15)), ("15 giờ 30 phút", time(15, 30)),
     (time(15), time(15)), (15.0, time(15)), ("", None), (None, None)],
)  # fmt: skip
def test_a_cutoff_is_read_as_clerks_and_spreadsheets_write_it(cell: object, cutoff: time | None) -> None:
    row = {**to_rows(reference_procedures())[0], "receipt_cutoff": cell}
    (procedure,) = from_rows([row])
    assert procedure.receipt_cutoff == cutoff
    assert from_rows(to_rows([procedure])) == [procedure]


@pytest.mark.parametrize("cell", ["25:00", "15:61", "chiều", "15h75", "-1", "15:00 16:00"])
def test_what_is_no_time_of_day_is_refused_as_a_cutoff(cell: str) -> None:
    with pytest.raises(Invalid, match=r"Row 2 .*no time of day: write it like 15:00"):
        from_rows([{**to_rows(reference_procedures())[0], "receipt_cutoff": cell}])


def test_every_bad_row_is_named() -> None:
    good = to_rows(reference_procedures())[0]
    with pytest.raises(Invalid, match=r"Row 3 lacks sector.*Row 4.*Row 5.*neither yes.*Row 6"):
        from_rows(
            [
                good,
                {**good, "sector": ""},
                {**good, "amount": "three"},
                {**good, "fee_required": "maybe"},
                {**good, "amount": "-1"},
            ]
        )


def test_differences_are_shown_before_they_apply() -> None:
    old = list(reference_procedures())
    shorter = msgspec.structs.replace(old[0], limit=TimeLimit(2))
    renamed = msgspec.structs.replace(old[1], name_en="Marriage")
    added = Procedure("9.000001", "Mới", "New", "HT", date(2026, 1, 1))
    changes = {change.code: change for change in differences(old, [shorter, renamed, *old[3:], added])}
    assert {code: change.kind for code, change in changes.items()} == {
        old[0].code: "changed", old[1].code: "changed", old[2].code: "removed", added.code: "added",
    }  # fmt: skip
    assert changes[old[0].code].fields == {"limit": (old[0].limit, TimeLimit(2))}
    assert [code for code, change in changes.items() if not change.changes_due_dates] == [old[1].code]
    (cut,) = differences(old[:1], [msgspec.structs.replace(old[0], receipt_cutoff=time(15))])
    assert cut.changes_due_dates
    assert differences(old, list(reversed(old))) == []
