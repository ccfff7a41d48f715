"""Endless notices from random figures with known claims, in many phrasings; optionally with one planted error.

`notice(seed)` is always the same notice; `notice(seed, planted=True)` has one wrong figure in it. No engine is asked.

    .venv/bin/python -m tests.audit.generator 7 planted     # prints a notice and its key
"""

from __future__ import annotations

import random
import re
import sys
from fractions import Fraction

from tests.audit.drafting import Options, compose
from tests.audit.equations import figure, printed
from tests.audit.keys import Text, occurrences
from tests.audit.passages import PASSAGES, PHRASES, VOCABULARY, Style, changed, count, distinct, fill
from tests.audit.planting import plant, whole

CLOSED, COLUMNS, SHORT, WRAPPED = 0.2, 0.2, 0.08, 0.08
"""How many notices say at the end again how many were resolved, have tables without lines, abbreviate, have broken lines."""
MARGIN = 90
"""Characters at which lines are broken."""


def notice(seed: int, *, planted: bool = False, half: str = "generated") -> Text:
    """A notice and its key. A planted error contradicts at least one claim."""
    for attempt in range(100):
        chance = random.Random(f"{seed}.{attempt}")
        body, settings = _body(chance)
        if planted:
            wrong = plant(chance, body, Options(settings.get("dots") != "no"))
            if not wrong:
                continue
            body = wrong
        try:
            text = compose(f"notice-{seed}", half, "generated", whole(body), settings)
        except ValueError:  # an operand that another figure hides
            continue
        contradicted = any(claim.verdict == "contradicted" for claim in text.key.claims)
        if contradicted == planted and not (planted and _is_there_already(text)):
            return text
    raise ValueError(f"no notice of seed {seed}")


def _is_there_already(text: Text) -> bool:
    """Whether a wrong figure is printed like another one, so that nobody can tell which of them a claim is of."""
    wrong = text.key.planted[0]
    return bool(wrong.true) and len(occurrences(text.written, figure(wrong.figure).printed)) > 1


def _body(chance: random.Random) -> tuple[str, dict[str, str]]:
    style = Style(chance.random() < 0.85, chance.choice(VOCABULARY["bullets"]), chance.choice([1, 2, 2]))
    period, place = chance.choice(VOCABULARY["periods"]), chance.choice(VOCABULARY["places"])
    receipts, resolved = _figures(chance, style, period, place)
    parts = [receipts]
    extra = [_points, _counts, _bound, _names, _table, *PASSAGES]
    parts += [one(chance, style) for one in chance.sample(extra, chance.randint(1, 4))]
    if chance.random() < CLOSED:
        last = fill(chance.choice(PHRASES["last"]), {"period": period, "place": place, "resolved": f"{{={resolved}}}"})
        parts.append(f"{style.bullet}{last}.")
    head = f"Báo cáo số {chance.randint(1, 400)}/BC-UBND ngày {chance.randint(10, 28)}/{chance.randint(3, 9)}/2024\n"
    settings = {} if style.dots else {"dots": "no"}
    if chance.random() < 0.1:
        settings["typing"] = "nfd"
    if chance.random() < COLUMNS:
        settings["columns"] = chance.choice(["blanks", "tabs"])
    body = (head if chance.random() < 0.5 else "") + "\n".join(parts)
    if chance.random() < SHORT:
        body = body.replace("hồ sơ", "HS").replace("thủ tục", "TTHC")
    return (_wrapped(body) if chance.random() < WRAPPED else body), settings


def _wrapped(body: str) -> str:
    """A draft with its lines broken at a margin, as they are copied from a page; those of tables stay as they are."""
    out: list[str] = []
    for line in body.split("\n"):
        whole_line = line[:1] in ("|", "{") or "{n:" in line
        words = [line] if whole_line else re.findall(r"(?:\{[^{}]*\}|⟦[^⟦⟧]*⟧|\S)+", line)
        width = 0
        for order, word in enumerate(words):
            length = len(re.sub(r"\{[^{}]*\}", "9.999", word))  # as it will be printed, nearly
            fits = order and width + length < MARGIN
            out.append((" " if fits else "\n") + word)
            width = width + length + 1 if fits else length
    return "".join(out).lstrip("\n")


def _figures(chance: random.Random, style: Style, period: str, place: str) -> tuple[str, str]:
    """Receipt, outcomes and what is left: every figure once as a claim where it is one; and how many were resolved."""
    size = chance.choice([300, 3_000, 40_000])
    online, counter, post = distinct(chance, [(size, 4 * size), (size // 3, size), (11, size // 9)])
    new, old = online + counter + post, chance.randint(size // 20 + 12, size // 8 + 20)
    overdue, expired = chance.randint(1, 9) + size // 90, chance.randint(1, 8)
    inprocess = chance.randint(size // 15 + 15, size // 6 + 18)
    resolved = new + old - inprocess
    ontime = chance.randint(resolved // 20, resolved // 6)
    early, within = resolved - ontime - overdue, inprocess - expired
    say = {name: count(value, style) for name, value in {
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
    lines = [fill(phrase, slots) + "." for phrase in phrases]
    return (("\n" + style.bullet).join(lines) if style.bullet else " ".join(lines)), say["resolved"]


def _points(chance: random.Random, style: Style) -> str:
    then, now = (chance.randint(1000, 9900) for _ in range(2))
    if then == now:
        now += 7
    say = [printed(Fraction(value, 100), 2) for value in (then, now)]
    sign, word, way = changed(now, then).values()
    slots = {
        "now": say[1], "then": say[0], "word": word, "way": way, "points": f"{{pt{sign}:{say[0]}->{say[1]}}}",
        "before": chance.choice(VOCABULARY["before"]),
    }  # fmt: skip
    return style.bullet + fill(chance.choice(VOCABULARY["changes"]["points"]), slots) + "."


def _counts(chance: random.Random, style: Style) -> str:
    then, now = distinct(chance, [(2_000, 8_000), (2_000, 8_000)])
    say = [count(value, style) for value in (then, now)]
    sign, word, way = changed(now, then).values()
    slots = {
        "cthen": say[0], "cnow": say[1], "cword": word, "cway": way, "cdiff": f"{{d{sign}:{say[0]}->{say[1]}}}",
        "crel": f"{{rel{sign}{style.decimals}:{say[0]}->{say[1]}}}", "before": chance.choice(VOCABULARY["before"]),
    }  # fmt: skip
    return style.bullet + fill(chance.choice(VOCABULARY["changes"]["counts"]), slots) + "."


def _bound(chance: random.Random, style: Style) -> str:
    values = distinct(chance, [(20, 180)] * chance.randint(3, 5))
    names = chance.sample(VOCABULARY["agencies"], len(values))
    whole = sum(values) + chance.randint(3, 60)
    items = "; ".join(f"{name} {value} hồ sơ" for name, value in zip(names, values, strict=True))
    slots = {"whole": f"{{b>:{'+'.join(map(str, values))}|{count(whole, style)}}}", "items": items}
    return style.bullet + fill(chance.choice(VOCABULARY["lists"]["bounds"]), slots) + "."


def _names(chance: random.Random, style: Style) -> str:
    names = chance.sample(VOCABULARY["agencies"], chance.randint(3, 8))
    slots = {"count": f"{{n:{', '.join(names)}|{len(names):02}}}", "names": chance.choice([", ", "; "]).join(names)}
    return style.bullet + fill(chance.choice(VOCABULARY["lists"]["names"]), slots) + "."


def _table(chance: random.Random, style: Style) -> str:
    rows = chance.sample(VOCABULARY["agencies"], chance.randint(3, 8))
    lines = [
        chance.choice(PHRASES["captions"]),
        "| Đơn vị | Đã giải quyết | Đúng hạn | Quá hạn | Quá hạn (%) |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {name} | ? | {count(chance.randint(100, 9000), style)} | {chance.randint(1, 99)} | ? |" for name in rows]
    return "\n".join([*lines, "| Tổng cộng | ? | ? | ? | ? |", f"{{table 2=3+4 5=4/2%{style.decimals} total=Tổng cộng}}"])


def main() -> int:
    """Prints a notice and its key."""
    text = notice(int(sys.argv[1]), planted="planted" in sys.argv[2:])
    sys.stdout.write(text.written + "\n")
    for claim in text.key.claims:
        sys.stdout.write(f"{claim.verdict:13}{claim.kind:11}{claim.claimed} = {claim.equation} {claim.repairs or ''}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
