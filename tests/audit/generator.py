"""Endless notices from random figures with known claims, in many phrasings; optionally with one planted error.

`notice(seed)` is always the same notice; `notice(seed, planted=True)` has one wrong figure in it. No engine is asked.

    .venv/bin/python -m tests.audit.generator 7 planted     # prints a notice and its key
"""

from __future__ import annotations

import itertools
import random
import re
import sys
import tomllib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from tests.audit.drafting import Options, compose, read_mark
from tests.audit.equations import number, printed
from tests.audit.keys import Text

VOCABULARY: dict[str, Any] = tomllib.loads((Path(__file__).parent / "vocabulary.toml").read_text())
SLOT = re.compile(r"«(\w+)»")


class Style(NamedTuple):
    """How one notice is typed."""

    dots: bool
    bullet: str
    decimals: int


def notice(seed: int, *, planted: bool = False, half: str = "generated") -> Text:
    """A notice and its key. A planted error contradicts at least one claim."""
    for attempt in range(100):
        chance = random.Random(f"{seed}.{attempt}")
        body, settings = _body(chance)
        if planted:
            wrong = _plant(chance, body, Options(settings.get("dots") != "no"))
            if not wrong:
                continue
            body = wrong
        try:
            text = compose(f"notice-{seed}", half, "generated", body, settings)
        except ValueError:  # an operand that another figure hides
            continue
        contradicted = any(claim.verdict == "contradicted" for claim in text.key.claims)
        if contradicted == planted:
            return text
    raise ValueError(f"no notice of seed {seed}")


def _body(chance: random.Random) -> tuple[str, dict[str, str]]:
    style = Style(chance.random() < 0.85, chance.choice(VOCABULARY["bullets"]), chance.choice([1, 2, 2]))
    period, place = chance.choice(VOCABULARY["periods"]), chance.choice(VOCABULARY["places"])
    parts = [_figures(chance, style, period, place)]
    extra = [_points, _counts, _bound, _names, _table]
    parts += [one(chance, style) for one in chance.sample(extra, chance.randint(1, 4))]
    head = f"Báo cáo số {chance.randint(1, 400)}/BC-UBND ngày {chance.randint(10, 28)}/{chance.randint(3, 9)}/2024\n"
    settings = {} if style.dots else {"dots": "no"}
    if chance.random() < 0.1:
        settings["typing"] = "nfd"
    return (head if chance.random() < 0.5 else "") + "\n".join(parts), settings


def _count(value: int, style: Style) -> str:
    return f"{value:,}".replace(",", ".") if style.dots else str(value)


def _distinct(chance: random.Random, bounds: list[tuple[int, int]]) -> list[int]:
    """Figures that differ, so that an operand is found by its print."""
    found: list[int] = []
    for low, high in bounds:
        while (value := chance.randint(low, high)) in found:
            pass
        found.append(value)
    return found


def _fill(phrase: str, slots: dict[str, str]) -> str:
    return SLOT.sub(lambda found: slots[found[1]], phrase)


def _figures(chance: random.Random, style: Style, period: str, place: str) -> str:
    """Receipt, outcomes and what is left: every figure once as a claim where it is one."""
    size = chance.choice([300, 3_000, 40_000])
    online, counter, post = _distinct(chance, [(size, 4 * size), (size // 3, size), (11, size // 9)])
    new, old = online + counter + post, chance.randint(size // 20 + 12, size // 8 + 20)
    overdue, expired = chance.randint(1, 9) + size // 90, chance.randint(1, 8)
    inprocess = chance.randint(size // 15 + 15, size // 6 + 18)
    resolved = new + old - inprocess
    ontime = chance.randint(resolved // 20, resolved // 6)
    early, within = resolved - ontime - overdue, inprocess - expired
    say = {name: _count(value, style) for name, value in {
        "online": online, "counter": counter, "post": post, "new": new, "old": old, "overdue": overdue, "expired": expired,
        "inprocess": inprocess, "resolved": resolved, "ontime": ontime, "early": early, "within": within, "all": new + old,
    }.items()}  # fmt: skip
    balance = f"; bal:{say['resolved']}+{say['inprocess']}"
    slots = {
        **say, "period": period, "place": place,
        "total": f"{{s:{say['new']}+{say['old']}{balance}|{say['all']}}}",
        "newsum": f"{{s:{say['online']}+{say['counter']}+{say['post']}; ={say['new']}|{say['new']}}}",
        "onlineagain": f"{{={say['online']}}}",
        "onlinerate": f"{{r{style.decimals}:{say['online']}/{say['new']}}}",
        "resolved": f"{{s:{say['early']}+{say['ontime']}+{say['overdue']}|{say['resolved']}}}",
        "inprocess": f"{{s:{say['within']}+{say['expired']}|{say['inprocess']}}}",
        "intime": f"{{r2:({say['early']}+{say['ontime']})/{say['resolved']}}}",
        "late": f"{{r2:{say['overdue']}/{say['resolved']}}}",
    }  # fmt: skip
    received, done = VOCABULARY["received"], VOCABULARY["resolved"]
    source = chance.choice(received["sources"])
    if source.startswith("Trong «new»"):
        source = source.replace("«new»", f"{{s:{say['online']}+{say['counter']}+{say['post']}; ={say['new']}|{say['new']}}}")
    phrases = [chance.choice(received["whole"]), source, chance.choice(received["online"]), chance.choice(done["whole"])]
    phrases += [chance.choice(done["rate"]), chance.choice(done["left"])]
    lines = [_fill(phrase, slots) + "." for phrase in phrases]
    return ("\n" + style.bullet).join(lines) if style.bullet else " ".join(lines)


def _points(chance: random.Random, style: Style) -> str:
    then, now = (chance.randint(1000, 9900) for _ in range(2))
    if then == now:
        now += 7
    say = [printed(Fraction(value, 100), 2) for value in (then, now)]
    sign, word, way = ("+", "tăng", "lên") if now > then else ("-", "giảm", "xuống")
    slots = {
        "now": say[1], "then": say[0], "word": word, "way": way, "points": f"{{pt{sign}:{say[0]}->{say[1]}}}",
        "before": chance.choice(VOCABULARY["before"]),
    }  # fmt: skip
    return style.bullet + _fill(chance.choice(VOCABULARY["changes"]["points"]), slots) + "."


def _counts(chance: random.Random, style: Style) -> str:
    then, now = _distinct(chance, [(2_000, 8_000), (2_000, 8_000)])
    say = [_count(value, style) for value in (then, now)]
    sign, word, way = ("+", "tăng", "lên") if now > then else ("-", "giảm", "xuống")
    slots = {
        "cthen": say[0], "cnow": say[1], "cword": word, "cway": way, "cdiff": f"{{d{sign}:{say[0]}->{say[1]}}}",
        "crel": f"{{rel{sign}{style.decimals}:{say[0]}->{say[1]}}}", "before": chance.choice(VOCABULARY["before"]),
    }  # fmt: skip
    return style.bullet + _fill(chance.choice(VOCABULARY["changes"]["counts"]), slots) + "."


def _bound(chance: random.Random, style: Style) -> str:
    values = _distinct(chance, [(20, 180)] * chance.randint(3, 5))
    names = chance.sample(VOCABULARY["agencies"], len(values))
    whole = sum(values) + chance.randint(3, 60)
    items = "; ".join(f"{name} {value} hồ sơ" for name, value in zip(names, values, strict=True))
    slots = {"whole": f"{{b>:{'+'.join(map(str, values))}|{_count(whole, style)}}}", "items": items}
    return style.bullet + _fill(chance.choice(VOCABULARY["lists"]["bounds"]), slots) + "."


def _names(chance: random.Random, style: Style) -> str:
    names = chance.sample(VOCABULARY["agencies"], chance.randint(3, 8))
    slots = {"count": f"{{n:{', '.join(names)}|{len(names):02}}}", "names": chance.choice([", ", "; "]).join(names)}
    return style.bullet + _fill(chance.choice(VOCABULARY["lists"]["names"]), slots) + "."


def _table(chance: random.Random, style: Style) -> str:
    rows = chance.sample(VOCABULARY["agencies"], chance.randint(3, 8))
    lines = ["| Đơn vị | Đã giải quyết | Đúng hạn | Quá hạn | Quá hạn (%) |", "|---|---|---|---|---|"]
    lines += [f"| {name} | ? | {_count(chance.randint(100, 9000), style)} | {chance.randint(1, 99)} | ? |" for name in rows]
    return "\n".join([*lines, "| Tổng cộng | ? | ? | ? | ? |", f"{{table 2=3+4 5=4/2%{style.decimals} total=Tổng cộng}}"])


def _plant(chance: random.Random, body: str, options: Options) -> str:
    """The draft with one error of a random kind; nothing where that kind has no room in it."""
    kind = chance.choice(
        [_plant_digits, _plant_digits, _plant_cell, _plant_sign, _plant_relative, _plant_base, _plant_names, _plant_bound]
    )
    return kind(chance, body, options)


def _put(chance: random.Random, body: str, pattern: str, change: Callable[[re.Match[str]], str]) -> str:
    """Changes one of the places that a pattern finds; nothing where there is none or the change is nothing."""
    found = list(re.finditer(pattern, body))
    if not found:
        return ""
    chosen = chance.choice(found)
    changed = change(chosen)
    return body[: chosen.start()] + changed + body[chosen.end() :] if changed else ""


def _plant_digits(chance: random.Random, body: str, options: Options) -> str:
    def of_wrong(found: re.Match[str]) -> str:
        return f"{found[1]}{found[4].replace(found[2], found[3], 1)}|{read_mark(found[4], {}, options).printed}"

    def change(found: re.Match[str]) -> str:
        shown = read_mark(found[1], {}, options).printed
        wrong, error = _wrong(chance, shown)
        return f"{{{found[1].partition('|')[0]}|{wrong}|{'stale_copy' if found[1][0] == '=' else error}|{shown}}}"

    changed = _put(chance, body, r"\{((?!n:|table|b)[^{}]+)\}", change)
    # A rate right behind a wrong count is of that one, though the right one stands elsewhere.
    return re.sub(r"(\{=([\d.]+)\|([\d.]+)\|stale_copy\|\2\}[^{}]*\{)(r\d:\2/[^{}|]+)(?=\})", of_wrong, changed)


def _plant_cell(chance: random.Random, body: str, options: Options) -> str:
    def change(found: re.Match[str]) -> str:
        wrong, error = _wrong(chance, found[1])
        return f"| {{p:{wrong}|{found[1]}|{error}}} |"

    return _put(chance, body, r"(?<=\?) \| (\d[\d.]*) \|", lambda found: " " + change(found))


def _plant_sign(chance: random.Random, body: str, options: Options) -> str:
    def change(found: re.Match[str]) -> str:
        shown = read_mark(found[2], {}, options).printed
        up = found[1] == "tăng"
        words = re.sub(r"^([a-z]+)[+-]", lambda head: head[1] + ("-" if up else "+"), found[2])
        return f"{'giảm' if up else 'tăng'} {{{words}|{shown}|sign}}"

    return _put(chance, body, r"(tăng|giảm) \{((?:pt|d)[+-][^{}]+)\}", change)


def _plant_relative(chance: random.Random, body: str, options: Options) -> str:
    def change(found: re.Match[str]) -> str:
        shown = read_mark(found[1], {}, options).printed
        wrong = read_mark(found[1].replace("pt", "rel").replace(":", "2:"), {}, options).printed
        return f"{{{found[1]}|{wrong}|points_or_relative|{shown}}} điểm"

    return _put(chance, body, r"\{(pt[+-][^{}]+)\} điểm", change)


def _plant_base(chance: random.Random, body: str, options: Options) -> str:
    def change(found: re.Match[str]) -> str:
        shown = read_mark(found[1], {}, options).printed
        part, base = found[1].split(":")[1].rsplit("/", 1)
        others = [
            each for each in re.findall(r"\|(\d[\d.]*)\}", body) if number(each)[0] > number(base)[0] / 3 and each != base
        ]
        if not others:
            return ""
        wrong = read_mark(f"{found[1].split(':')[0]}:{part}/{chance.choice(others)}", {}, options).printed
        return f"{{{found[1]}|{wrong}|wrong_base|{shown}}}"

    return _put(chance, body, r"\{(r\d:[^{}]+)\}", change)


def _plant_names(chance: random.Random, body: str, options: Options) -> str:
    def change(found: re.Match[str]) -> str:
        wrong = int(found[2]) + chance.choice([-1, 1])
        return f"{{{found[1]}|{wrong:02}|names|{found[2]}}}"

    return _put(chance, body, r"\{(n:[^{}|]+)\|(\d+)\}", change)


def _plant_bound(chance: random.Random, body: str, options: Options) -> str:
    def change(found: re.Match[str]) -> str:
        wrong = max(1, sum(int(part) for part in found[1][3:].split("+")) - chance.randint(1, 19))
        return f"{{{found[1]}|{wrong}|list_above_total|{found[2]}}}"

    return _put(chance, body, r"\{(b>:[^{}|]+)\|([^{}|]+)\}", change)


def _wrong(chance: random.Random, shown: str) -> tuple[str, str]:
    """A wrong print of a figure: digits exchanged, or one changed."""
    places = [index for index, character in enumerate(shown) if character.isdigit()]
    pairs = [(a, b) for a, b in itertools.pairwise(places) if shown[a] != shown[b] and shown[b] != "0"]
    letters = list(shown)
    if pairs and chance.random() < 0.6:
        first, second = chance.choice(pairs)
        letters[first], letters[second] = letters[second], letters[first]
        return "".join(letters), "digits_swapped"
    index = chance.choice(places)
    letters[index] = chance.choice([digit for digit in "123456789" if digit != letters[index]])
    return "".join(letters), "digit_changed"


def main() -> int:
    """Prints a notice and its key."""
    text = notice(int(sys.argv[1]), planted="planted" in sys.argv[2:])
    sys.stdout.write(text.written + "\n")
    for claim in text.key.claims:
        sys.stdout.write(f"{claim.verdict:13}{claim.kind:11}{claim.claimed} = {claim.equation} {claim.repairs or ''}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
