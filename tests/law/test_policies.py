"""Which policy holds on a day, and a province's own on top of the published ones."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shared.dossier import SuspensionKind
from shared.errors import Invalid
from shared.workdays import Policy, policies, policies_with, policy_on
from shared.workdays.rules import Effect

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
    assert policies_with([SECOND, FIRST]) == (*(one for one in published if one.valid_from < FIRST.valid_from), FIRST, SECOND)
    from_the_start = Policy("b@1", published[0].valid_from)
    assert policies_with([from_the_start]) == (from_the_start,)


def test_two_policies_must_not_begin_on_one_day_nor_bear_one_name() -> None:
    with pytest.raises(Invalid, match=r"from 2023-07-01: a@2 and b@1"):
        policies_with([SECOND, Policy("b@1", SECOND.valid_from)])
    for name in (FIRST.version, policies()[0].version):
        with pytest.raises(Invalid, match="version"):
            policies_with([FIRST, Policy(name, date(2024, 1, 1))])


def test_each_kind_of_wait_has_its_own_effect() -> None:
    policy = Policy("x", date(2000, 1, 1), supplement=Effect.restart, payment=Effect.runs_on, stop=Effect.pause)
    effects = {kind: policy.effect_of(kind) for kind in SuspensionKind}
    assert effects == {
        SuspensionKind.supplement: Effect.restart,
        SuspensionKind.payment: Effect.runs_on,
        SuspensionKind.stop: Effect.pause,
    }
