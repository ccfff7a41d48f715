"""Which policy holds on a day, and a province's own on top of the published ones."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from shared.dossier import SuspensionKind
from shared.errors import Invalid
from shared.workdays import Policy, policies, policies_with, policy_on, require_own_names
from shared.workdays.rules import PUBLISHED, Effect

FIRST, SECOND = Policy("a@1", date(2020, 1, 1)), Policy("a@2", date(2023, 7, 1))
DAY = timedelta(days=1)


def test_the_policy_in_force_is_the_last_that_had_begun() -> None:
    both = (FIRST, SECOND)
    assert policy_on(SECOND.valid_from, both) is SECOND
    assert policy_on(SECOND.valid_from - DAY, both) is FIRST
    assert policy_on(FIRST.valid_from - DAY, both) is FIRST  # before the first of them it holds too
    assert policy_on(date(2023, 3, 6)) in policies()


def test_without_its_own_a_province_has_the_published_policies() -> None:
    assert policies_with([]) == policies()
    assert [policy.valid_from for policy in policies()] == sorted(policy.valid_from for policy in policies())


def test_from_its_first_own_one_on_only_its_own_hold() -> None:
    published = policies()
    found = policies_with([SECOND, FIRST])
    before = [one.version for one in published if one.valid_from < FIRST.valid_from]
    assert list(dict.fromkeys(one.version for one in found)) == [*before, FIRST.version, SECOND.version]
    from_the_start = Policy("b@1", published[0].valid_from)
    assert {one.version for one in policies_with([from_the_start])} == {"b@1"}


def test_where_an_own_policy_says_nothing_the_countrys_law_of_the_day_holds() -> None:
    law = policies()[-1]
    own = Policy("own@1", date(2024, 1, 1), supplement=Effect.restart, legal_basis="QĐ 7/UBND")
    found = policies_with([own])
    before, after = policy_on(law.valid_from - DAY, found), policy_on(law.valid_from, found)
    assert (before.version, after.version, after.valid_from) == ("own@1", "own@1", law.valid_from)
    assert (before.same_day_cutoff, after.same_day_cutoff) == (None, time(15))
    assert (after.same_day_basis, after.extension_basis) == (law.same_day_basis, law.extension_basis)
    assert (after.supplement, after.legal_basis) == (Effect.restart, "QĐ 7/UBND")
    assert set(law.from_memory) <= set(after.from_memory)
    ends_before = policies_with([own, Policy("own@2", law.valid_from, same_day_cutoff=time(14), extension_basis="QĐ 8/UBND")])
    assert [(one.version, one.same_day_cutoff) for one in ends_before[-2:]] == [("own@1", None), ("own@2", time(14))]
    assert (ends_before[-1].same_day_basis, ends_before[-1].extension_basis) == ("", "QĐ 8/UBND")
    says_all = Policy("own@1", date(2024, 1, 1), same_day_cutoff=time(14), extension_basis="QĐ 8/UBND")
    assert [one.version for one in policies_with([says_all])].count("own@1") == 1


def test_every_law_in_the_table_that_is_from_memory_is_one_it_cites() -> None:
    for one in policies():
        assert set(one.from_memory) <= {one.same_day_basis, one.extension_basis, one.legal_basis}


def test_two_policies_must_not_begin_on_one_day_nor_bear_one_name() -> None:
    with pytest.raises(Invalid, match=r"from 2023-07-01: a@2 and b@1"):
        policies_with([SECOND, Policy("b@1", SECOND.valid_from)])
    with pytest.raises(Invalid, match="version"):
        policies_with([FIRST, Policy(FIRST.version, date(2024, 1, 1))])


def test_names_of_published_policies_are_reserved_and_one_that_is_stored_stops_nothing() -> None:
    published = policies()[-1].version
    assert all(one.version.startswith(PUBLISHED) for one in policies())
    own = Policy(published, date(2024, 1, 1))
    assert policies_with([own])[-1].version == published
    for name in (published, "clock@99"):
        with pytest.raises(Invalid, match=f"of published policies. Give {name}"):
            require_own_names([FIRST, Policy(name, date(2024, 1, 1))])
    require_own_names([FIRST, SECOND])


def test_each_kind_of_wait_has_its_own_effect() -> None:
    policy = Policy("x", date(2000, 1, 1), supplement=Effect.restart, payment=Effect.runs_on, stop=Effect.pause)
    effects = {kind: policy.effect_of(kind) for kind in SuspensionKind}
    assert effects == {
        SuspensionKind.supplement: Effect.restart,
        SuspensionKind.payment: Effect.runs_on,
        SuspensionKind.stop: Effect.pause,
    }
