"""Passages of generated notices beside their receipts: levels, flows, shares, fractions, rough figures, changes, lists, tables.

Each is one sentence or table in the notation of drafts; words are data. What stands between ⟦ and ⟧ may be left out.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from tests.audit.equations import printed

VOCABULARY: dict[str, Any] = tomllib.loads((Path(__file__).parent / "vocabulary.toml").read_text())
PHRASES: dict[str, list[str]] = VOCABULARY["passages"]
SLOT = re.compile(r"«(\w+)»")


class Style(NamedTuple):
    """How one notice is typed."""

    dots: bool
    bullet: str
    decimals: int


Passage = Callable[[random.Random, Style], str]


def count(value: int, style: Style) -> str:
    """A whole number as the notice prints it."""
    return f"{value:,}".replace(",", ".") if style.dots else str(value)


def distinct(chance: random.Random, bounds: list[tuple[int, int]]) -> list[int]:
    """Figures that differ, so that an operand is found by its print."""
    found: list[int] = []
    for low, high in bounds:
        while (value := chance.randint(low, high)) in found:
            pass
        found.append(value)
    return found


def fill(phrase: str, slots: dict[str, str]) -> str:
    """A phrase with its slots filled."""
    return SLOT.sub(lambda found: slots[found[1]], phrase)


def changed(now: int, then: int) -> dict[str, str]:
    """The words of a change, and its sign."""
    sign, word, way = ("+", "tăng", "lên") if now > then else ("-", "giảm", "xuống")
    return {"sign": sign, "word": word, "way": way}


def _say(chance: random.Random, style: Style, kind: str, slots: dict[str, str]) -> str:
    return style.bullet + fill(chance.choice(PHRASES[kind]), slots) + "."


def _divided(chance: random.Random, style: Style, kind: str, bounds: list[tuple[int, int]]) -> str:
    parts = [count(one, style) for one in distinct(chance, bounds)]
    return _say(chance, style, kind, {**dict(zip("abc", parts, strict=False)), "whole": f"{{s:{'+'.join(parts)}}}"})


def levels(chance: random.Random, style: Style) -> str:
    """A total by three levels."""
    return _divided(chance, style, "levels", [(1_100, 3_000), (250, 900), (100, 240)])


def months(chance: random.Random, style: Style) -> str:
    """A total by months."""
    return _divided(chance, style, "months", [(300, 9_000)] * 3)


def money(chance: random.Random, style: Style) -> str:
    """An amount by its two sources."""
    values = [one * 1_000 for one in distinct(chance, [(11_000, 90_000), (2_000, 9_000)])]
    a, b = (count(one, style) for one in values)
    return _say(chance, style, "money", {"a": a, "b": b, "whole": f"{{s:{a}+{b}}}"})


def flows(chance: random.Random, style: Style) -> str:
    """What was left, what came, what was done, what is left."""
    before, new = distinct(chance, [(20, 90), (150, 2_000)])
    done = chance.randint(new // 2, new)
    a, b, c = (count(one, style) for one in (before, new, done))
    return _say(chance, style, "flows", {"a": a, "b": b, "c": c, "left": f"{{bal:{a}+{b}-{c}}}"})


def handed(chance: random.Random, style: Style) -> str:
    """What one month hands over to the next."""
    came, later = distinct(chance, [(300, 2_000), (300, 2_000)])
    left = chance.randint(30, 99)
    a, b, c, rest = (count(one, style) for one in (came, came - left, later, left))
    slots = {"a": a, "b": b, "c": c, "left": f"{{s:{a}-{b}|{rest}}}", "again": f"{{={rest}}}", "whole": f"{{s:{c}+{rest}}}"}
    return _say(chance, style, "handed", slots)


def shares(chance: random.Random, style: Style) -> str:
    """Shares that make up the whole."""
    first, second = chance.randint(4_000, 6_500), chance.randint(1_500, 3_000)
    a, b, c = (printed(Fraction(one, 100), 2) for one in (first, second, 10_000 - first - second))
    return _say(chance, style, "shares", {"a": a, "b": b, "c": f"{{sh:{a}+{b}+{c}|{c}}}"})


def fractions(chance: random.Random, style: Style) -> str:
    """A part over its base, with its rate."""
    base = chance.randint(120, 9_000)
    a, b = count(chance.randint(base // 2, base - 1), style), count(base, style)
    return _say(chance, style, "fractions", {"a": a, "b": b, "rate": f"{{r{style.decimals}:{a}/{b}}}"})


def rough(chance: random.Random, style: Style) -> str:
    """A figure told roughly, and then exactly."""
    thousands = chance.randint(3, 60)
    kind = chance.choice(["over", "near"])
    exact = thousands * 1000 + (chance.randint(20, 400) if kind == "over" else -chance.randint(10, 90))
    bound, shown = ">" if kind == "over" else "<", count(thousands * 1000, style)
    exactly = count(exact, style)
    return _say(chance, style, kind, {"rough": f"{{={exactly}|{bound}{shown}}}", "exact": exactly})


def differences(chance: random.Random, style: Style) -> str:
    """By how many a count rose or fell."""
    then, now = distinct(chance, [(300, 8_000)] * 2)
    words, a, b = changed(now, then), count(then, style), count(now, style)
    slots = {**words, "then": a, "now": b, "diff": f"{{d{words['sign']}:{a}->{b}}}"}
    return _say(chance, style, "differences", {**slots, "before": chance.choice(VOCABULARY["before"])})


def growths(chance: random.Random, style: Style) -> str:
    """By how many per cent a count rose or fell."""
    then, now = distinct(chance, [(3_000, 8_000)] * 2)
    words, a, b = changed(now, then), count(then, style), count(now, style)
    slots = {**words, "then": a, "now": b, "rel": f"{{rel{words['sign']}{style.decimals}:{a}->{b}}}"}
    return _say(chance, style, "growths", {**slots, "before": chance.choice(VOCABULARY["before"])})


def multiples(chance: random.Random, style: Style) -> str:
    """How many times as many as before."""
    then = chance.randint(300, 2_000)
    now = then * chance.randint(12, 60) // 10 + chance.randint(1, 9)
    a, b = count(then, style), count(now, style)
    slots = {"now": b, "then": a, "times": f"{{q1:{b}/{a}}}", "before": chance.choice(VOCABULARY["before"])}
    return _say(chance, style, "multiples", slots)


def levels_of(chance: random.Random, style: Style) -> str:
    """How many per cent of what it was before."""
    a, b = (count(one, style) for one in distinct(chance, [(3_000, 8_000)] * 2))
    slots = {"now": b, "then": a, "rate": f"{{r{style.decimals}:{b}/{a}}}", "before": chance.choice(VOCABULARY["before"])}
    return _say(chance, style, "levels_of", slots)


def points(chance: random.Random, style: Style) -> str:
    """By how many points a rate rose or fell."""
    then, now = distinct(chance, [(4_000, 9_900)] * 2)
    words = changed(now, then)
    a, b = (printed(Fraction(one, 100), 2) for one in (then, now))
    slots = {**words, "then": a, "now": b, "points": f"{{pt{words['sign']}:{a}->{b}}}"}
    return _say(chance, style, "points", {**slots, "before": chance.choice(VOCABULARY["before"])})


def parts(chance: random.Random, style: Style) -> str:
    """A list by fields, of which one may be left out."""
    values = [count(one, style) for one in distinct(chance, [(20, 900)] * chance.randint(3, 5))]
    names = chance.sample(PHRASES["fields"], len(values))
    first, *others = (f"{name} {value}" for name, value in zip(names, values, strict=True))
    items = first + "".join(f"⟦, {one}⟧" for one in others[:-1]) + f", {others[-1]}"
    return _say(chance, style, "parts", {"items": items, "whole": f"{{s:{'+'.join(values)}}}"})


def rest(chance: random.Random, style: Style) -> str:
    """What is left of a whole."""
    first, second, left = distinct(chance, [(300, 2_000), (100, 290), (20, 99)])
    whole, a, b = (count(one, style) for one in (first + second + left, first, second))
    return _say(chance, style, "rest", {"whole": whole, "a": a, "b": b, "left": f"{{s:{whole}-{a}-{b}}}"})


def averages(chance: random.Random, style: Style) -> str:
    """So many a day."""
    days, whole = chance.randint(12, 66), count(chance.randint(1_000, 9_000), style)
    return _say(chance, style, "averages", {"days": str(days), "whole": whole, "each": f"{{q1:{whole}/{days}}}"})


def nested(chance: random.Random, style: Style) -> str:
    """Parts that have parts."""
    a1, a2, b1, b2 = distinct(chance, [(300, 900), (11, 60), (100, 290), (61, 99)])
    first, second = (count(one, style) for one in (a1 + a2, b1 + b2))
    slots = {"a": f"{{s:{a1}+{a2}|{first}}}", "b": f"{{s:{b1}+{b2}|{second}}}", "whole": f"{{s:{first}+{second}}}"}
    return _say(chance, style, "nested", {**slots, "a1": str(a1), "a2": str(a2), "b1": str(b1), "b2": str(b2)})


def some(chance: random.Random, style: Style) -> str:
    """Some of a whole, which are not more."""
    part = chance.randint(20, 300)
    whole = count(part + chance.randint(5, 200), style)
    return _say(chance, style, "some", {"a": str(part), "whole": f"{{b>:{part}|{whole}}}"})


def flow_table(chance: random.Random, style: Style) -> str:
    """A table of what was left, came, was done and is left, by agencies."""
    lines = [
        chance.choice(PHRASES["captions"]),
        "| Đơn vị | Kỳ trước chuyển sang | Tiếp nhận mới | Tổng số | Đã giải quyết | Đang giải quyết |",
        "|---|---|---|---|---|---|",
    ]
    for name in chance.sample(VOCABULARY["agencies"], chance.randint(3, 6)):
        before, new = distinct(chance, [(11, 90), (200, 4_000)])
        done = count(chance.randint(new // 2, new), style)
        lines.append(f"| {name} | {before} | {count(new, style)} | ? | {done} | ? |")
    return "\n".join([*lines, "| Tổng cộng | ? | ? | ? | ? | ? |", "{table 4=2+3 6=4-5 total=Tổng cộng}"])


def level_table(chance: random.Random, style: Style) -> str:
    """A table by fields and levels."""
    lines = [chance.choice(PHRASES["captions"]), "| Lĩnh vực | Cấp tỉnh | Cấp huyện | Cấp xã | Cộng |", "|---|---|---|---|---|"]
    for name in chance.sample(PHRASES["fields"], chance.randint(3, 6)):
        values = " | ".join(count(one, style) for one in distinct(chance, [(11, 2_000)] * 3))
        lines.append(f"| {name.capitalize()} | {values} | ? |")
    return "\n".join([*lines, "| Tổng cộng | ? | ? | ? | ? |", "{table 5=2+3+4 total=Tổng cộng}"])


PASSAGES: tuple[Passage, ...] = (
    levels, multiples, levels_of, months, money, flows, handed,
    shares, fractions, rough, differences, growths, points, parts, rest, averages, nested,
    some, flow_table, level_table,
)  # fmt: skip
"""Every kind."""
