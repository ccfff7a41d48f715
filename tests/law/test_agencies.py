"""Agencies through time: the three generations of Thanh Hà, and what a list of agencies must not say."""

import time
from datetime import date, timedelta

import msgspec
import pytest

from shared.agencies import (
    Agency,
    AgencyKind,
    Structure,
    check_plan,
    contradictions,
    from_rows,
    reference_structure,
    to_rows,
)
from shared.errors import Invalid, NotFound
from shared.vietnamese import sort_key
from tests.slowness import slowness

THEN, BETWEEN, NOW = date(2023, 3, 1), date(2025, 1, 15), date(2025, 8, 1)
DISTRICT = "294@2019-12-01"
COMMUNE = AgencyKind.commune


def communes(structure: Structure, on: date) -> list[str]:
    return [unit.name_vi for unit in structure.at(on) if unit.kind is COMMUNE]


def test_thanh_ha_has_twenty_communes_then_sixteen_then_five() -> None:
    structure = reference_structure()
    assert len(communes(structure, THEN)) == 20
    assert len(communes(structure, BETWEEN)) == 16
    assert communes(structure, NOW) == ["Xã Hà Bắc", "Xã Hà Đông", "Xã Hà Nam", "Xã Hà Tây", "Xã Thanh Hà"]


def test_the_district_with_its_twelve_offices_ends_with_the_districts() -> None:
    structure = reference_structure()
    below = structure.descendants(DISTRICT, THEN)
    assert len(below) == 1 + 12 + 20
    assert {"294.TNMT@2019-12-01", "294.TCKH@2019-12-01", "10864@2019-12-01"} <= set(below)
    assert structure.unit_for("294", NOW) is None
    assert [unit.key for unit in structure.children_of("31@2019-12-01", NOW)] == [
        f"{code}@2025-07-01" for code in ("10813", "10846", "10816", "10843", "10882")
    ]


def test_a_code_used_again_under_a_new_name_is_another_unit() -> None:
    structure = reference_structure()
    then, between, now = (structure.unit_for("10828", day) for day in (THEN, BETWEEN, NOW))
    assert then is not None
    assert between is not None
    assert (then.name_vi, between.name_vi, now) == ("Xã Cẩm Chế", "Xã Cẩm Việt", None)
    assert between.key == "10828@2024-12-01"
    changed = structure.unit_for("10828", date(2024, 12, 1))
    assert changed == between, "the day on which a merger takes effect belongs to the new unit"


def test_dossiers_of_a_merged_commune_are_found_with_its_successor() -> None:
    structure = reference_structure()
    assert structure.successor_at("10819@2019-12-01", THEN) == "10819@2019-12-01"
    assert structure.successor_at("10819@2019-12-01", BETWEEN) == "10828@2024-12-01"
    assert structure.successor_at("10819@2019-12-01", NOW) == "10816@2025-07-01"
    assert structure.successor_at("10816@2025-07-01", THEN) is None, "it did not exist yet"
    assert structure.successor_at("294.TNMT@2019-12-01", NOW) is None, "nobody took over a district office as a whole"


def test_by_the_structure_of_any_day_every_unit_has_exactly_one_place() -> None:
    structure = reference_structure()
    for day in (THEN, BETWEEN, NOW):
        places = structure.successions(day)
        assert places.keys() == {unit.key for unit in structure}
        assert all(structure[place].exists_on(day) or place == key for key, place in places.items())


def test_a_comparison_across_the_mergers_is_over_groups_that_cover_the_same_ground() -> None:
    structure = reference_structure()
    groups = structure.like_for_like(THEN, NOW, COMMUNE)
    assert {group.after: len(group.before) for group in groups} == {
        ("10813@2025-07-01",): 5,
        ("10816@2025-07-01",): 4,
        ("10843@2025-07-01",): 4,
        ("10846@2025-07-01",): 3,
        ("10882@2025-07-01",): 4,
    }
    assert all(group.changed for group in groups)
    half_way = {group.before: group.after for group in structure.like_for_like(THEN, BETWEEN, COMMUNE) if group.changed}
    assert half_way[("10828@2019-12-01", "10819@2019-12-01")] == ("10828@2024-12-01",)
    assert len(half_way) == 4


def _unit(code: str, **more: object) -> Agency:
    fields = {"name_vi": code, "name_en": code, "kind": COMMUNE, "valid_from": date(2020, 1, 1), **more}
    return Agency(code, **fields)  # type: ignore[arg-type]


def test_a_split_is_compared_as_one_group_and_has_no_single_successor() -> None:
    later = date(2024, 1, 1)
    structure = Structure(
        [
            _unit("1", valid_to=later, successors=("2@2024-01-01", "3@2024-01-01")),
            _unit("2", valid_from=later),
            _unit("3", valid_from=later),
        ]
    )
    assert structure.successor_at("1@2020-01-01", later) is None
    (group,) = structure.like_for_like(date(2023, 1, 1), later)
    assert (group.before, group.after) == (("1@2020-01-01",), ("2@2024-01-01", "3@2024-01-01"))


def test_what_a_list_of_agencies_must_not_say_is_refused_with_what_to_do() -> None:
    end = date(2024, 1, 1)
    wrong = {
        "is listed twice": [_unit("1"), _unit("1")],
        "not after it began": [_unit("1", valid_to=date(2020, 1, 1))],
        "still exists when": [_unit("1"), _unit("1", valid_from=end)],
        "the parent 9, which is not listed": [_unit("1", parent="9")],
        "when its parent 9 does not exist": [_unit("9", valid_from=end), _unit("1", parent="9")],
        "outlives its parent": [_unit("9", valid_to=end), _unit("1", parent="9")],
        "which is not listed: add it": [_unit("1", valid_to=end, successors=("2@2024-01-01",))],
        "a successor but no end": [_unit("1", successors=("2@2020-01-01",)), _unit("2")],
        "when its successor": [_unit("1", valid_to=end, successors=("2@2024-06-01",)), _unit("2", valid_from=date(2024, 6, 1))],
        "is above itself": [_unit("1", parent="2"), _unit("2", parent="1")],
        "must not be empty": [_unit("1@2")],
    }
    for said, units in wrong.items():
        assert any(said in finding.en for finding in contradictions(units)), said
        with pytest.raises(Invalid):
            Structure(units)


def test_a_unit_that_is_not_there_is_refused_with_the_units_that_are() -> None:
    structure = reference_structure()
    with pytest.raises(NotFound, match="10828@2019-12-01, 10828@2024-12-01"):
        structure.find("10828", NOW)
    with pytest.raises(NotFound):
        structure.find("99999")
    assert structure.find("10828").key == "10828@2024-12-01"
    assert structure.find("10828", THEN).key == "10828@2019-12-01"


def test_a_table_of_agencies_comes_back_as_it_went_out() -> None:
    structure = reference_structure()
    assert from_rows(to_rows(structure)) == list(structure)
    (first, *_) = to_rows(structure)
    stated = [from_rows([{**first, "certifies_copies": cell}])[0].certifies_copies for cell in ("có", "0", "")]
    assert stated == [True, False, None]
    with pytest.raises(Invalid):
        from_rows([{**first, "certifies_copies": "maybe"}])


def test_every_bad_row_of_a_table_is_named() -> None:
    good = to_rows(reference_structure())[0]
    bad = [{**good, "code": ""}, {**good, "valid_from": "31/02/2025"}, {**good, "kind": "làng"}]
    with pytest.raises(Invalid, match=r"Row 3 lacks code.*Row 4.*Row 5"):
        from_rows([good, *bad])


def test_a_sound_plan_of_a_merger_tells_what_moves() -> None:
    structure, day = reference_structure(), date(2027, 1, 1)
    ending = [
        msgspec.structs.replace(structure[key], valid_to=day, successors=("10816@2027-01-01",))
        for key in ("10816@2025-07-01", "10843@2025-07-01")
    ]
    new = Agency("10816", "Xã Hà Bắc Nam", "Hà Bắc Nam commune", COMMUNE, day, parent="31")
    plan = check_plan(structure, [*ending, new])
    assert plan.sound
    assert plan.begins == ("10816@2027-01-01",)
    assert plan.moves == dict.fromkeys(("10816@2025-07-01", "10843@2025-07-01"), ("10816@2027-01-01",))
    assert (plan.abolished, plan.without_parent) == ((), ())


def test_a_plan_that_forgets_what_is_below_or_rewrites_the_past_is_not_sound() -> None:
    structure = reference_structure()
    province = msgspec.structs.replace(structure["31@2019-12-01"], valid_to=date(2027, 1, 1))
    plan = check_plan(structure, [province])
    assert not plan.sound
    assert plan.abolished == ("31@2019-12-01",)
    assert "10813@2025-07-01" in plan.without_parent
    renamed = msgspec.structs.replace(structure["10813@2025-07-01"], name_vi="Xã Thanh Hà Mới")
    assert any("begin a new one" in finding for finding in check_plan(structure, [renamed]).findings)
    later = msgspec.structs.replace(structure["10819@2019-12-01"], valid_to=date(2025, 7, 1))
    assert any("had ended on 2024-12-01 already" in finding for finding in check_plan(structure, [later]).findings)


def test_vietnamese_names_are_in_dictionary_order() -> None:
    names = [
        "Đà Nẵng",
        "Hà Tây",
        "Hà Bắc",
        "Hà Đông",
        "An Phượng",
        "Ân Thi",
        "Ăn",
        "Cẩm Chế",
        "Dương",
        "Hạ",
        "Há",
        "Hà",
        "Hả",
        "Hã",
        "Ha",
    ]
    assert sorted(names, key=sort_key) == [
        "An Phượng", "Ăn", "Ân Thi", "Cẩm Chế", "Dương", "Đà Nẵng", "Ha", "Hà", "Hả", "Hã", "Há", "Hạ",
        "Hà Bắc", "Hà Đông", "Hà Tây",
    ]  # fmt: skip


def test_a_list_without_sense_is_refused_in_the_time_of_its_length() -> None:
    day = date(2020, 1, 1)
    chain = [_unit("c0"), *(_unit(f"c{number}", parent=f"c{number - 1}") for number in range(1, 20_000))]
    circle = [_unit(f"c{number}", parent=f"c{(number + 1) % 20_000}") for number in range(20_000)]
    renamed = [_unit("r", valid_from=day + timedelta(number), valid_to=day + timedelta(number + 1)) for number in range(20_000)]
    for units, words in ((chain, "levels below the top"), (circle, "is above itself"), (renamed, "20000 units")):
        began = time.process_time()
        found = list(contradictions(units))
        assert any(words in one.en for one in found), found[:3]
        assert max(len(one.en) for one in found) < 1_000
        assert time.process_time() - began < 5 * slowness()


def test_thousands_that_become_one_are_compared_as_one() -> None:
    end = date(2025, 7, 1)
    old = [_unit(f"o{number}", valid_to=end, successors=("n@2025-07-01",)) for number in range(5_000)]
    structure = Structure([*old, _unit("n", valid_from=end)])
    began = time.process_time()
    (group,) = structure.like_for_like(date(2024, 1, 1), date(2025, 7, 1))
    assert (len(group.before), group.after) == (5_000, ("n@2025-07-01",))
    assert time.process_time() - began < 5 * slowness()
