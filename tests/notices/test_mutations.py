"""Whatever an inspection may hold can be composed and drawn: what is accepted at the door breaks nothing behind it."""

from __future__ import annotations

import copy
import random
from typing import Any

from pydantic import ValidationError

from services.notices.audit.checks import check
from services.notices.composition.service import compose
from services.notices.inspections.model import Inspection
from shared.errors import Problem
from tests.notices.reference import inspection_body, pinned, rendered
from tests.quick import cases

SEED = 20230815
TEXTS = [
    *(
        "",
        " ",
        "{",
        "}",
        "{tasks}",
        "{feedback}",
        "{excellent.rate}",
        "{excellent.of}",
        "#let x = 1",
        "$x$ *a* _b_ `c` \\ @d <e>",
    ),
    *("<w:p/>&amp;\"'", "=1+1", "'; DROP TABLE notices.notice; --", "a" * 299, "ỹ" * 299, "nhiều  khoảng   trắng", "dòng\nmới"),
    *("\u0000", "\ud800", "\u202e", "\u00a0", "\u200b", "漢字", "😀", "Ti\u0065\u0302\u0301ng", "12 hồ sơ", "năm 2023", "0"),
]
VALUES: list[Any] = [
    *TEXTS,
    None,
    True,
    0,
    -1,
    1,
    100,
    10**9,
    10**30,
    1.5,
    [],
    {},
    ["a"],
    {"text": "b"},
    "2023-02-30",
    "0001-01-01",
]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, inner in below for place in _places(inner, (*path, key)))]


def _mutated(source: random.Random) -> dict[str, Any]:
    body = copy.deepcopy(inspection_body())
    for _ in range(source.choice((1, 1, 1, 2))):
        *path, last = source.choice([place for place in _places(body) if place])
        holder: Any = body
        for key in path:
            holder = holder[key]
        if source.random() < 0.2 and isinstance(holder, dict):
            del holder[last]
        else:
            holder[last] = source.choice(VALUES)
    return body


def test_what_is_accepted_can_be_composed_and_checked_and_drawn() -> None:
    source = random.Random(SEED)
    figures = pinned()
    accepted = drawn = 0
    for _ in range(cases(700)):
        body = _mutated(source)
        try:
            inspection = Inspection.model_validate(body)
        except ValidationError:
            continue
        accepted += 1
        assert Inspection.model_validate(inspection.stored()) == inspection
        try:
            notice, used = compose(inspection, figures)
        except Problem:
            continue
        failed = [one for one in check(notice, used, figures) if not one.ok]
        # Free words may contradict themselves to a reader, but they bring in no number and no wrong figure.
        assert {one.name for one in failed} <= {"a reader of the text finds no contradiction"}, (body, failed)
        if accepted % 10 == 0:
            made = rendered(inspection, figures)
            assert all(made.renderings.values())
            drawn += 1
    assert accepted > cases(60)
    assert drawn >= cases(5)
