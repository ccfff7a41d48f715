"""Errors that are planted in the drafts of generated notices, one in each. No engine is asked."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable

from tests.audit.drafting import Options, read_mark
from tests.audit.equations import number

LONG, MISCOUNTED = 3, 0.3
"""Digits of a number of which one may be left out or typed twice, and how often it is."""


def whole(body: str) -> str:
    """A draft without the marks of what may be left out."""
    return body.replace("⟦", "").replace("⟧", "")


def plant(chance: random.Random, body: str, options: Options) -> str:
    """The draft with one error of a random kind; nothing where that kind has no room in it."""
    kind = chance.choice(
        [
            *[_plant_digits] * 4,
            *[_plant_part] * 3,
            _plant_cell,
            _plant_cell,
            _plant_sign,
            _plant_relative,
            _plant_base,
            _plant_names,
            _plant_bound,
            _plant_left_out,
            _plant_left_out,
            _plant_truncated,
            _plant_rough,
        ]
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

    changed = _put(chance, body, r"\{((?!n:|table|b|[^{}]*\|[<>])[^{}]+)\}", change)
    # A rate right behind a wrong count is of that one, though the right one stands elsewhere.
    return re.sub(r"(\{=([\d.]+)\|([\d.]+)\|stale_copy\|\2\}[^{}]*\{)(r\d:\2/[^{}|]+)(?=\})", of_wrong, changed)


def _plant_cell(chance: random.Random, body: str, options: Options) -> str:
    def change(found: re.Match[str]) -> str:
        wrong, error = _wrong(chance, found[1])
        return f" {{p:{wrong}|{found[1]}|{error}}} "

    return _put(chance, body, r"(?<=\|) (\d[\d.]*) (?=\|)", change)


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


def _plant_part(chance: random.Random, body: str, options: Options) -> str:
    """A wrong part of a sum that is right, and is told once."""

    def change(found: re.Match[str]) -> str:
        wrong, error = _wrong(chance, found[0])
        return f"{{p:{wrong}|{found[0]}|{error}}}"

    sums = re.findall(r"\{s:([\d.+]+)[|;}]", body)
    parts = sorted({part for one in sums for part in one.split("+")})
    plain = re.sub(r"\{[^{}]*\}|^\|.*", lambda found: " " * len(found[0]), body, flags=re.M)
    once = [part for part in parts if len(re.findall(_alone(part), plain)) == 1 and f"{{={part}" not in body]
    if not once:
        return ""
    place = re.search(_alone(chance.choice(once)), plain)
    assert place is not None
    return body[: place.start()] + change(place) + body[place.end() :]


def _alone(figure: str) -> str:
    return rf"(?<![\d.,/]){re.escape(figure)}(?![\d/]|[.,]\d)"


def _plant_left_out(chance: random.Random, body: str, options: Options) -> str:
    """A list from which one part is missing."""
    found = list(re.finditer(r"⟦([^⟦⟧]*)⟧", body))
    if not found:
        return ""
    left_out = chance.choice(found)
    value = left_out[1].split()[-1]

    def without(claim: re.Match[str]) -> str:
        kept = [part for part in claim[1].split("+") if part != value]
        total = read_mark(f"s:{claim[1]}", {}, options).printed
        return f"{{s:{'+'.join(kept)}|{total}|part_left_out}}" if value in claim[1].split("+") else claim[0]

    return re.sub(r"\{s:([\d.+]+)\}", without, body[: left_out.start()] + body[left_out.end() :])


def _plant_truncated(chance: random.Random, body: str, options: Options) -> str:
    """A rate whose last digits were cut off, not rounded."""

    def change(found: re.Match[str]) -> str:
        shown, exactly = (read_mark(f"r{many}:{found[2]}", {}, options).printed for many in (found[1], 6))
        cut = exactly[: len(shown)]
        return "" if cut == shown else f"{{r{found[1]}:{found[2]}|{cut}|rounding|{shown}}}"

    return _put(chance, body, r"\{r(\d):([^{}|]+)\}", change)


def _plant_rough(chance: random.Random, body: str, options: Options) -> str:
    """A bound that the exact figure beside it does not keep."""

    def change(found: re.Match[str]) -> str:
        step = 1000 if found[2] == ">" else -1000
        wrong = f"{int(number(found[3])[0]) + step:,}".replace(",", "." if options.dots else "")
        return f"{{{found[1]}|{found[2]}{wrong}|rounding|{found[3]}}}"

    return _put(chance, body, r"\{(=[\d.]+)\|([<>])([\d.]+)\}", change)


def _wrong(chance: random.Random, shown: str) -> tuple[str, str]:
    """A wrong print of a figure: digits exchanged, one changed, one too few or too many."""
    places = [index for index, character in enumerate(shown) if character.isdigit()]
    pairs = [(a, b) for a, b in itertools.pairwise(places) if shown[a] != shown[b] and shown[b] != "0"]
    letters = list(shown)
    if pairs and chance.random() < 0.6:
        first, second = chance.choice(pairs)
        letters[first], letters[second] = letters[second], letters[first]
        return "".join(letters), "digits_swapped"
    index = chance.choice(places)
    digits = shown.replace(".", "")
    if digits.isdecimal() and len(digits) > LONG and chance.random() < MISCOUNTED:
        place = chance.randrange(1, len(digits))
        error = chance.choice(["digit_left_out", "digit_added"])
        wrong = digits[:place] + (digits[place + 1 :] if error == "digit_left_out" else digits[place] + digits[place:])
        return (f"{int(wrong):,}".replace(",", ".") if "." in shown else wrong), error
    letters[index] = chance.choice([digit for digit in "123456789" if digit != letters[index]])
    return "".join(letters), "digit_changed"
