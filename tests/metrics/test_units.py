"""Which units make up a scope or a row, then and by the structure of a day, and what a key may see of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from services.metrics.agencies.model import UNMAPPED, UNMAPPED_NAME, WHOLE_NAME, Group, Units
from shared.agencies import Agency, AgencyKind
from shared.contracts.agencies import ListedUnit
from shared.contracts.keys import Scope, SingleUnit, Subtrees, Unmapped, WholeProvince
from shared.contracts.kpis import Text, Unit
from shared.errors import Forbidden, NotFound

BEGAN, MERGED, CLOSED = date(2020, 1, 1), date(2024, 1, 1), date(2023, 6, 1)
DAY = timedelta(days=1)
BEFORE, AFTER = MERGED - DAY, date(2025, 3, 1)
PROVINCE, DEPARTMENT, DISTRICT, OFFICE, COMMUNE = AgencyKind


def unit(
    code: str,
    name: str,
    kind: AgencyKind = COMMUNE,
    *,
    parent: str | None = "D",
    begins: date = BEGAN,
    ends: date | None = None,
    becomes: tuple[str, ...] = (),
) -> Agency:
    return Agency(code, name, f"{name} (en)", kind, begins, parent=parent, valid_to=ends, successors=becomes)


AGENCIES = (
    unit("H", "Tỉnh", PROVINCE, parent=None),
    unit("X", "Sở", DEPARTMENT, parent="H"),
    unit("D", "Huyện", DISTRICT, parent="H"),
    unit("O", "Phòng", OFFICE),
    # Two become one.
    unit("A", "Xã Ất", ends=MERGED, becomes=("C@2024-01-01",)),
    unit("B", "Xã Bính", ends=MERGED, becomes=("C@2024-01-01",)),
    unit("C", "Xã An", begins=MERGED),
    # One becomes two, and one of them has its code.
    unit("S", "Xã Sáu", ends=MERGED, becomes=("S@2024-01-01", "T@2024-01-01")),
    unit("S", "Xã Sáu Mới", begins=MERGED),
    unit("T", "Xã Tư", begins=MERGED),
    # What stands above them changes its kind; K is no more by then.
    unit("E", "Huyện E", DISTRICT, parent="H", ends=MERGED, becomes=("E@2024-01-01",)),
    unit("E", "Ban E", DEPARTMENT, parent="H", begins=MERGED),
    unit("J", "Xã Giáp", parent="E"),
    unit("K", "Xã Kỷ", parent="E", ends=CLOSED),
    unit("N", "Xã Nhâm"),
)
NUMBERS = {
    "H@2020-01-01": 1,
    "D@2020-01-01": 2,
    "O@2020-01-01": 3,
    "A@2020-01-01": 4,
    "B@2020-01-01": 5,
    "C@2024-01-01": 6,
    "S@2020-01-01": 7,
    "S@2024-01-01": 8,
    "T@2024-01-01": 9,
    "X@2020-01-01": 10,
    "OLD@2019-01-01": 11,
    "E@2020-01-01": 12,
    "E@2024-01-01": 13,
    "J@2020-01-01": 14,
    "K@2020-01-01": 15,
}
"""N has counted nothing yet; OLD counted, and the catalogue has it no more."""
UNITS = Units(AGENCIES, NUMBERS)
ALL = frozenset(range(16))


def named(code: str, begins: str, name: str, kind: AgencyKind) -> Unit:
    return Unit(agency=f"{code}@{begins}", code=code, name=Text(name, f"{name} (en)"), kind=kind.value)


def members(names: Sequence[str], until: date, structure_on: date | None = None, may: Sequence[str] | None = None) -> set[int]:
    permitted = None if may is None else UNITS.permitted(may)
    return set(UNITS.scope(names, until, structure_on, permitted).members)


# --- scopes --------------------------------------------------------------------------------------------------------------


def test_without_names_the_scope_is_the_whole_province() -> None:
    whole = UNITS.scope([], AFTER, None, None)
    assert whole == Group(WholeProvince(), Unit(agency=None, code=None, name=WHOLE_NAME, kind=None), ALL)
    assert whole.key is None
    assert UNITS.everything == ALL


@pytest.mark.parametrize("may", [(), ("H",), ("H", "OLD@2019-01-01")])
def test_the_whole_province_is_not_for_keys_of_agencies(may: tuple[str, ...]) -> None:
    with pytest.raises(Forbidden, match="Name a scope inside its agencies"):
        UNITS.scope([], AFTER, None, UNITS.permitted(may))


def test_a_unit_covers_all_that_was_ever_below_it() -> None:
    district = UNITS.scope(["D"], AFTER, None, None)
    assert district.scope == Subtrees(("D@2020-01-01",))
    assert district.unit == named("D", "2020-01-01", "Huyện", DISTRICT)
    assert district.members == {2, 3, 4, 5, 6, 7, 8, 9}
    assert district.key == "D@2020-01-01"
    assert members(["H"], AFTER) == ALL - {UNMAPPED, 11}


def test_by_the_structure_of_a_day_what_is_no_more_counts_where_it_went() -> None:
    assert members(["C"], AFTER) == {6}
    assert members(["C"], AFTER, AFTER) == {4, 5, 6}
    assert members(["A"], AFTER, BEFORE) == {4}
    # Split: it stays itself, and is in nobody of the day.
    assert members(["S"], AFTER, AFTER) == {8}
    assert members(["D"], AFTER, AFTER) == {2, 3, 4, 5, 6, 8, 9}
    assert members(["D"], AFTER, BEFORE) == {2, 3, 4, 5, 7}


@pytest.mark.parametrize(
    ("name", "until", "structure_on", "key"),
    [
        ("S", BEFORE, None, "S@2020-01-01"),
        ("S", MERGED, None, "S@2024-01-01"),
        ("S", AFTER, BEFORE, "S@2020-01-01"),
        ("S", BEFORE, AFTER, "S@2024-01-01"),
        ("S@2020-01-01", AFTER, None, "S@2020-01-01"),
        ("A", AFTER, None, "A@2020-01-01"),  # ended within the period: still meant
        ("A", BEGAN, None, "A@2020-01-01"),
        ("OLD@2019-01-01", AFTER, None, "OLD@2019-01-01"),
    ],
)
def test_a_code_is_read_on_the_last_day_or_on_that_of_the_structure(
    name: str, until: date, structure_on: date | None, key: str
) -> None:
    assert UNITS.scope([name], until, structure_on, None).scope == Subtrees((key,))


@pytest.mark.parametrize(
    ("name", "on"), [("C", BEFORE), ("A", BEGAN - DAY), ("Q", AFTER), ("Q@2020-01-01", AFTER), ("", AFTER)]
)
def test_a_name_that_nobody_carries_is_not_known(name: str, on: date) -> None:
    with pytest.raises(NotFound, match=f"no agency {name!r} on {on}"):
        UNITS.scope([name], on, None, None)


def test_a_unit_that_the_catalogue_has_no_more_is_itself() -> None:
    old = UNITS.scope(["OLD@2019-01-01"], AFTER, AFTER, None)
    assert old.members == {11}
    assert old.unit == Unit(agency="OLD@2019-01-01", code="OLD", name=Text("OLD@2019-01-01", "OLD@2019-01-01"), kind=None)


def test_several_units_are_named_and_counted_together() -> None:
    both = UNITS.scope(["A", "O", "A"], BEFORE, None, None)
    assert both.members == {3, 4}
    assert both.scope == Subtrees(("A@2020-01-01", "O@2020-01-01", "A@2020-01-01"))
    assert both.unit == Unit(
        agency="A@2020-01-01,O@2020-01-01,A@2020-01-01",
        code="A,O,A",
        name=Text("Xã Ất, Phòng, Xã Ất", "Xã Ất (en), Phòng (en), Xã Ất (en)"),
        kind=None,
    )


# --- what a key may see --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roots", "numbers"),
    [
        ((), set()),
        (("A",), {4}),
        (("S",), {7, 8}),  # the code at any time
        (("S@2024-01-01",), {8}),
        (("D",), {2, 3, 4, 5, 6, 7, 8, 9}),
        (("A", "X"), {4, 10}),
        (("OLD@2019-01-01",), set()),
        (("N",), set()),
        (("Q", "Q@2020-01-01"), set()),
    ],
)
def test_a_key_sees_all_units_of_any_time_below_its_roots(roots: tuple[str, ...], numbers: set[int]) -> None:
    assert UNITS.permitted(roots) == numbers


def test_a_scope_is_answered_exactly_where_all_of_it_is_permitted() -> None:
    assert members(["A"], BEFORE, may=["A"]) == {4}
    assert members(["D"], AFTER, may=["D"]) == {2, 3, 4, 5, 6, 7, 8, 9}
    assert members(["O", "A"], BEFORE, may=["D"]) == {3, 4}
    assert members(["C"], AFTER, may=["C"]) == {6}
    assert members(["C"], AFTER, AFTER, may=["A", "B", "C"]) == {4, 5, 6}


@pytest.mark.parametrize(
    ("names", "structure_on", "may"),
    [
        (["D"], None, ["A"]),  # above what it may see
        (["B"], None, ["A"]),
        (["A", "B"], None, ["A"]),
        (["C"], AFTER, ["C"]),  # holds what A and B counted
        (["C"], AFTER, ["C", "A"]),
        (["C"], AFTER, ["A", "B"]),
        (["N"], None, ["D"]),  # without a number, so that nothing tells whether it is there
        (["OLD@2019-01-01"], None, ["H"]),
        (["Q"], None, ["H"]),
    ],
)
def test_what_is_not_wholly_permitted_is_as_if_it_were_not_there(
    names: list[str], structure_on: date | None, may: list[str]
) -> None:
    with pytest.raises(NotFound, match="This key knows no agency"):
        UNITS.scope(names, AFTER, structure_on, UNITS.permitted(may))


def opened(scope: Scope, structure_on: date | None = None, may: Sequence[str] | None = None) -> set[int]:
    return set(UNITS.members(scope, AFTER, structure_on, None if may is None else UNITS.permitted(may)))


def test_the_scope_of_a_figure_opens_to_its_units() -> None:
    assert opened(WholeProvince()) == ALL
    assert opened(Unmapped()) == {UNMAPPED}
    assert opened(Subtrees(("D@2020-01-01",))) == {2, 3, 4, 5, 6, 7, 8, 9}
    assert opened(Subtrees(("C@2024-01-01",)), AFTER) == {4, 5, 6}
    assert opened(Subtrees(("C@2024-01-01",)), None, ["C"]) == {6}
    assert opened(SingleUnit("D@2020-01-01")) == {2}
    assert opened(SingleUnit("C@2024-01-01")) == {6}
    assert opened(SingleUnit("C@2024-01-01"), AFTER) == {4, 5, 6}
    assert opened(SingleUnit("A@2020-01-01"), AFTER) == set()
    assert opened(SingleUnit("OLD@2019-01-01"), AFTER) == {11}


def test_a_figure_of_a_single_unit_opens_exactly_where_all_in_it_is_permitted() -> None:
    assert opened(SingleUnit("D@2020-01-01"), None, ["D"]) == {2}
    assert opened(SingleUnit("A@2020-01-01"), None, ["A"]) == {4}
    assert opened(SingleUnit("C@2024-01-01"), AFTER, ["A", "B", "C"]) == {4, 5, 6}
    assert opened(SingleUnit("A@2020-01-01"), AFTER, ["A"]) == set()


@pytest.mark.parametrize(
    ("scope", "structure_on", "may"),
    [
        (WholeProvince(), None, ["H"]),
        (Unmapped(), None, ["H"]),
        (SingleUnit("A@2020-01-01"), None, ["B"]),
        (SingleUnit("A@2020-01-01"), AFTER, ["C"]),  # empty there, and still not its own
        (SingleUnit("C@2024-01-01"), AFTER, ["C"]),
        (SingleUnit("C@2024-01-01"), AFTER, ["A", "B"]),
        (SingleUnit("N@2020-01-01"), None, ["H"]),
        (SingleUnit("N@2020-01-01"), None, None),
        (SingleUnit("Q@2020-01-01"), None, None),
        (Subtrees(("D@2020-01-01",)), None, ["A"]),
    ],
)
def test_any_other_figure_is_as_if_it_were_not_there(scope: Scope, structure_on: date | None, may: list[str] | None) -> None:
    with pytest.raises(NotFound, match="This key knows no"):
        opened(scope, structure_on, may)


def test_the_unit_of_a_dossier_is_told_where_it_is_known_and_permitted() -> None:
    assert UNITS.seen(4, None) == UNITS.seen(4, frozenset({4, 5})) == "A@2020-01-01"
    assert UNITS.seen(4, frozenset({5})) is None
    assert UNITS.seen(UNMAPPED, None) is None
    assert UNITS.seen(None, None) is None
    assert UNITS.seen(99, None) is None


# --- rows ----------------------------------------------------------------------------------------------------------------


def rows(
    names: list[str], level: AgencyKind | None, structure_on: date | None = None, until: date = AFTER
) -> dict[str, set[int]]:
    scope = UNITS.scope(names, until, structure_on, None)
    return {str(row.scope): set(row.members) for row in UNITS.rows(scope, level, BEGAN, until, structure_on)}


def test_each_unit_for_itself_in_the_order_of_the_alphabet_and_the_unmapped_last() -> None:
    assert list(rows([], None).items()) == [
        ("=E@2024-01-01", {13}),
        ("=D@2020-01-01", {2}),
        ("=E@2020-01-01", {12}),
        ("=OLD@2019-01-01", {11}),
        ("=O@2020-01-01", {3}),
        ("=X@2020-01-01", {10}),
        ("=H@2020-01-01", {1}),
        ("=C@2024-01-01", {6}),
        ("=A@2020-01-01", {4}),
        ("=B@2020-01-01", {5}),
        ("=J@2020-01-01", {14}),
        ("=K@2020-01-01", {15}),
        ("=S@2020-01-01", {7}),
        ("=S@2024-01-01", {8}),
        ("=T@2024-01-01", {9}),
        ("unmapped", {UNMAPPED}),
    ]


def test_rows_by_the_structure_of_a_day_add_up_as_well() -> None:
    found = rows([], None, AFTER)
    assert found["=C@2024-01-01"] == {4, 5, 6}
    assert found["=S@2020-01-01"] == {7}
    assert found["=E@2024-01-01"] == {12, 13}
    assert "=A@2020-01-01" not in found
    assert sorted(number for numbers in found.values() for number in numbers) == sorted(ALL)
    assert rows(["D"], None, AFTER) == {
        "=D@2020-01-01": {2}, "=O@2020-01-01": {3}, "=C@2024-01-01": {4, 5, 6}, "=S@2024-01-01": {8}, "=T@2024-01-01": {9}
    }  # fmt: skip


def test_rows_of_a_level_hold_all_that_is_below_and_leave_out_what_is_not() -> None:
    assert rows([], DISTRICT) == {
        "D@2020-01-01": {2, 3, 4, 5, 6, 7, 8, 9},
        # K was gone when what stood above it became a department, and J was not.
        "E@2020-01-01": {12, 15},
        "unmapped": {UNMAPPED},
    }
    assert rows([], DISTRICT, until=BEFORE)["E@2020-01-01"] == {12, 14, 15}
    assert rows([], DEPARTMENT) == {"E@2024-01-01": {13, 14}, "X@2020-01-01": {10}, "unmapped": {UNMAPPED}}
    assert rows(["D"], COMMUNE, AFTER) == {"C@2024-01-01": {4, 5, 6}, "S@2024-01-01": {8}, "T@2024-01-01": {9}}
    assert rows(["D"], PROVINCE) == {}, "what is above the scope holds more than the scope"


def test_a_row_bears_the_name_of_its_unit() -> None:
    scope = UNITS.scope([], AFTER, None, None)
    found = {str(row.scope): row for row in UNITS.rows(scope, None, BEGAN, AFTER, None)}
    assert found["=A@2020-01-01"].unit == named("A", "2020-01-01", "Xã Ất", COMMUNE)
    assert found["unmapped"].unit == Unit(agency=None, code=None, name=UNMAPPED_NAME, kind=None)
    assert found["unmapped"].scope == Unmapped()


def test_units_of_one_name_are_told_apart_by_their_keys() -> None:
    twins = Units([unit("2", "Xã", parent=None), unit("1", "Xã", parent=None)], {"2@2020-01-01": 1, "1@2020-01-01": 2})
    found = twins.rows(twins.scope([], AFTER, None, None), None, BEGAN, AFTER, None)
    assert [row.key for row in found] == ["1@2020-01-01", "2@2020-01-01", None]


@pytest.mark.parametrize(
    ("key", "since", "until", "expected"),
    [
        ("A@2020-01-01", BEGAN, BEGAN, True),
        ("A@2020-01-01", BEGAN - DAY, BEGAN - DAY, False),
        ("A@2020-01-01", BEFORE, AFTER, True),
        ("A@2020-01-01", MERGED, AFTER, False),  # its last day was the one before
        ("C@2024-01-01", AFTER, AFTER, True),
        ("C@2024-01-01", BEFORE, MERGED, True),
        ("C@2024-01-01", BEGAN, BEFORE, False),
        ("D@2020-01-01", BEGAN, AFTER, False),  # something is below it
        ("OLD@2019-01-01", BEGAN, AFTER, False),
        (None, BEGAN, AFTER, False),
    ],
)
def test_a_table_lists_the_units_that_lived_within_the_period_and_have_nothing_below(
    key: str | None, since: date, until: date, expected: bool
) -> None:
    scope: Scope = Unmapped() if key is None else SingleUnit(key)
    assert UNITS.is_expected(Group(scope, UNITS.unit(key), frozenset()), since, until) is expected


def test_the_list_of_units_shows_those_that_are_permitted() -> None:
    assert [one.agency for one in UNITS.listed()] == [one.key for one in AGENCIES]
    assert [one.agency for one in UNITS.listed(UNITS.permitted(["S", "N"]))] == ["S@2020-01-01", "S@2024-01-01"]
    assert UNITS.listed(frozenset({7})) == [
        ListedUnit(
            agency="S@2020-01-01",
            code="S",
            name=Text("Xã Sáu", "Xã Sáu (en)"),
            kind="commune",
            parent="D",
            valid_from=BEGAN,
            valid_to=MERGED,
            successors=["S@2024-01-01", "T@2024-01-01"],
        )
    ]
