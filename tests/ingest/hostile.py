"""Mutations of records: what broken, careless and malicious software sends."""

from __future__ import annotations

import copy
import random
from typing import Any

BAD_VALUES: tuple[Any, ...] = (
    None,
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff\ud800",
    "ａ" * 10,
    "x" * 100_000,
    "=cmd|' /C calc'!A0",
    float("nan"),
    float("inf"),
    1e308,
    -1,
    0,
    10**30,
    -(10**400),
    True,
    [],
    {},
    [[[[[[]]]]]],
    "2023-13-45T99:99:99.000+0700",
    "2023-06-15T08:00:00 PM",
    "2023-06-15 08:00",
    "15/06/2023",
    "20230615",
    "20230615080000",
    "20231315080000",
    "20230615120000 CH",
    "0001-01-01T00:00:00.000+0000",
    "00010101000000",
    "9999-12-31T23:59:59.999+0000",
    "99991231235959",
    "2199-01-01T00:00:00.000+0700",
    "2023-06-15T08:00:00.000+9999",
    "2023-06-15T08:00:00.000+1459",
    "1686790800000",
    1686790800000,
    "45092.5",
    45092.5,
    "Infinity",
    "-0",
    "null",
    "Trạng thái lạ",
    {"name": {"name": {"name": "x"}}},
    {"id": 1, "name": [{"languageId": 228, "name": None}, None, 5]},
)


def _nested(depth: int, *, lists_only: bool) -> Any:
    value: Any = "bottom"
    for level in range(depth):
        value = [value] if lists_only or level % 2 else {"a": value}
    return value


def mutated(record: dict[str, Any], chance: random.Random) -> Any:
    """The record with one to four things wrong with it, or something else in its place."""
    if chance.random() < 0.01:
        return chance.choice([None, [], "x", 5, True, [record], float("nan")])
    value = copy.deepcopy(record)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        holder, key = _somewhere(value, chance)
        if key is None:
            continue
        draw = chance.random()
        if draw < 0.75:
            # A copy: what is broken further must not come back broken, or holding itself, in the next record.
            holder[key] = copy.deepcopy(chance.choice(BAD_VALUES))
        elif draw < 0.85:
            holder.pop(key)
        elif draw < 0.9:
            holder[key] = _nested(chance.choice((3, 40, 600)), lists_only=chance.random() < 0.5)
        elif draw < 0.95:
            holder[key] = [holder[key]] * chance.choice((1, 2, 700))
        elif isinstance(holder[key], str) and holder[key]:
            text = holder[key]
            place = chance.randrange(len(text))
            holder[key] = text[:place] + chance.choice("0 9-+T\x00\u202e\ud800éZ") + text[place + 1 :]
        else:
            holder[key] = str(holder[key])
    return value


def _somewhere(value: Any, chance: random.Random) -> tuple[Any, Any]:
    holder = value
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not keys:
            return holder, None
        key = chance.choice(keys)
        inner = holder[key]
        if isinstance(inner, dict | list) and inner and chance.random() < 0.7:
            holder = inner
            continue
        return holder, key
