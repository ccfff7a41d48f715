"""Keys of figures: their text is read back as what it was written from, and no other text is one."""

from __future__ import annotations

import random
import string
from datetime import date, timedelta

import pytest

from services.metrics.agencies.model import UNMAPPED, Units
from services.metrics.figures.kpis.catalogue import KPIS
from shared.agencies import Agency, AgencyKind, reference_structure
from shared.contracts.keys import FigureKey, Scope, SingleUnit, Subtrees, Unmapped, WholeProvince
from tests.metrics import worlds

_LETTERS = string.ascii_letters + string.digits + ".-_ %\"\\'đƯ@:/"


def _day(source: random.Random) -> date:
    return date(2000, 1, 1) + timedelta(days=source.randrange(36_000))


def _unit(source: random.Random) -> str:
    code = "".join(source.choices(_LETTERS.replace("@", ""), k=source.randint(1, 20)))
    return f"{code}@{_day(source)}"


def _scope(source: random.Random) -> Scope:
    units = tuple(_unit(source) for _ in range(source.randint(1, 4)))
    scopes: list[Scope] = [WholeProvince(), Unmapped(), Subtrees(units), SingleUnit(units[0])]
    return source.choice(scopes)


def _key(source: random.Random) -> FigureKey:
    kpi = source.choice(KPIS)
    return FigureKey(
        province="".join(source.choices(string.ascii_letters + string.digits + "_-", k=source.randint(1, 16))),
        position=source.randrange(10**18),
        scope=_scope(source),
        since=_day(source),
        until=_day(source),
        structure_on=source.choice([None, _day(source)]),
        procedure=source.choice([None, "".join(source.choices(_LETTERS, k=source.randint(1, 20)))]),
        kpi=kpi.id,
        version=source.choice([kpi.version, source.randrange(10**9)]),
    )


def test_a_key_is_read_back_as_it_was_written() -> None:
    source = random.Random(1)
    for _ in range(3_000):
        key = _key(source)
        assert FigureKey.parse(str(key)) == key


def test_a_text_is_refused_or_is_the_very_text_of_its_key() -> None:
    source = random.Random(2)
    read = 0
    for _ in range(20_000):
        text = list(str(_key(source)))
        for _ in range(source.randint(1, 3)):
            place = source.randrange(len(text) + 1)
            text[place : place + source.randint(0, 1)] = source.choice(["", "~", "=", ",", "@", "0", "-", "x", "\n", "٣"])
        changed = "".join(text)
        try:
            key = FigureKey.parse(changed)
        except ValueError:
            continue
        read += 1
        assert str(key) == changed
    assert read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "30~1~resolved@1~all~2023-01-01~2023-06-30",
        "30~1~resolved@1~all~2023-01-01~2023-06-30~then~1.001193~x",
        "30~1~resolved@1~all~2023-01-01~2023-06-30~then~",
        "30~01~resolved@1~all~2023-01-01~2023-06-30~then",
        "30~1~resolved@01~all~2023-01-01~2023-06-30~then",
        "30~1~resolved~all~2023-01-01~2023-06-30~then",
        "30~1~resolved@1~~2023-01-01~2023-06-30~then",
        "30~1~resolved@1~294~2023-01-01~2023-06-30~then",
        "30~1~resolved@1~=294@2019-12-01,295@2019-12-01~2023-01-01~2023-06-30~then",
        "30~1~resolved@1~==294@2019-12-01~2023-01-01~2023-06-30~then",
        "30~1~resolved@1~294@2019-12-01,~2023-01-01~2023-06-30~then",
        "30~1~resolved@1~all~20230101~2023-06-30~then",
        "30~1~resolved@1~all~2023-W01-1~2023-06-30~then",
        "30~1~resolved@1~all~2023-02-30~2023-06-30~then",
        "30~1~resolved@1~all~2023-01-01~2023-06-30~now",
        "a province~1~resolved@1~all~2023-01-01~2023-06-30~then",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever of it is wrong
        FigureKey.parse(text)


def test_every_row_of_a_table_has_a_scope_that_covers_just_its_members() -> None:
    agencies: list[Agency] = list(reference_structure())
    units = Units(agencies, {unit.key: number for number, unit in enumerate(agencies, UNMAPPED + 1)})
    since, until = worlds.day(0), worlds.day(60)
    for structure_on, level in (
        (None, None),
        (date(2025, 7, 1), None),
        (None, AgencyKind.commune),
        (None, AgencyKind.district),
    ):
        rows = units.rows(units.scope((), until, structure_on, None), level, since, until, structure_on)
        assert any(row.scope == Unmapped() for row in rows)
        for row in rows:
            assert units.members(row.scope, until, structure_on, None) == row.members
