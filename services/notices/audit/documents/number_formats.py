"""Values of a workbook as it shows them in Vietnam: a decimal comma, dots between thousands. Pure.

The formats are those of spreadsheets (ISO/IEC 29500-1, 18.8.30): sections for numbers above, below and of naught, signs that
stand for digits, and words around them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_DECIMALS = 12
"""Of a number without a format: what spreadsheets compute is not exact beyond."""
_MAX = Decimal(10) ** 15
_PART = re.compile(
    r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\]-]*)[^\]]*\]|\[([^\]]*)\]|([0#?])|(General)|(E[+-])|(.)', re.DOTALL | re.IGNORECASE
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_TURNED = str.maketrans(",.", ".,")


@dataclass(frozen=True, slots=True)
class _Section:
    """One section of a format."""

    before: str
    after: str
    whole: str
    """Signs of the digits before the point."""
    decimals: str
    group: str
    """What stands between thousands."""
    factor: Decimal
    plain: bool
    """Whether it says nothing of digits: the value is shown as it is."""
    condition: str


def cell_text(value: object, format_: str) -> str:
    """A cell as the spreadsheet shows it."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, date | time | timedelta):
        return _moment(value, format_)
    if not isinstance(value, int | float):
        return str(value)
    number = Decimal(repr(value))
    if not number.is_finite():
        return str(value)
    section = _chosen(number, _sections(format_))
    if section.plain:
        return f"{section.before}{_general(number)}{section.after}".strip()
    below = number < 0
    before, after = section.before, section.after
    if below:
        before, after = (words.translate({ord(sign): None for sign in "-()"}) for words in (before, after))
    if not section.whole and not section.decimals:
        return (before + after).strip()  # words in place of the number, or nothing
    digits = _digits(abs(number) * section.factor, section)
    return f"{before.lstrip()}{'-' if below and digits.strip('0.,') else ''}{digits}{after.rstrip()}"


def _chosen(number: Decimal, sections: tuple[_Section, ...]) -> _Section:
    for section in sections:
        found = _CONDITION.fullmatch(section.condition)
        if found:
            limit = Decimal(found.group(2))
            holds = {
                "<": number < limit,
                ">": number > limit,
                "<=": number <= limit,
                ">=": number >= limit,
                "=": number == limit,
            }
            if holds.get(found.group(1), number != limit):
                return section
    if any(section.condition for section in sections):
        return next((section for section in sections if not section.condition), sections[-1])
    if number < 0 and len(sections) > 1:
        return sections[1]
    return sections[2] if number == 0 and len(sections) > 2 else sections[0]


@lru_cache(maxsize=1_000)
def _sections(format_: str) -> tuple[_Section, ...]:
    parts: list[list[re.Match[str]]] = [[]]
    for part in _PART.finditer(format_[:500]):
        if part.group(8) == ";":
            parts.append([])
        else:
            parts[-1].append(part)
    return tuple(map(_section, parts))


def _section(parts: list[re.Match[str]]) -> _Section:
    places = [place for place, part in enumerate(parts) if part.group(5)]
    first, last = (places[0], places[-1]) if places else (len(parts), len(parts))
    point = next((place for place in range(first, last) if parts[place].group(8) == "."), last + 1)
    whole = "".join(part.group(5) or "" for part in parts[first:point])
    decimals = "".join(part.group(5) or "" for part in parts[point : last + 1])
    between = [_words(part) for part in parts[first : min(point, last)] if not part.group(5)]
    group = "." if "," in between else next((one for one in between if one in (" ", "\u00a0", "\u202f", "'")), "")
    behind = point if point <= last else last + 1
    scale = 0
    for place in (point - 1, last) if decimals else (last,):
        while place + 1 < len(parts) and parts[place + 1].group(8) == ",":
            scale += 1
            place += 1
    shares = sum(part.group(8) == "%" for part in parts)
    whole_signs = {part.group(8) for part in parts[first : last + 1]} | {part.group(8) for part in parts[behind : behind + 1]}
    plain = (
        any(part.group(6) or part.group(7) for part in parts) or "/" in whole_signs or "@" in {part.group(8) for part in parts}
    )
    condition = next((part.group(4) for part in parts if part.group(4) and _CONDITION.fullmatch(part.group(4))), "")
    after = "".join(_words(part) for part in parts[last + 1 :]).lstrip(",")
    if plain and not any(part.group(6) for part in parts):
        return _Section("", "", "", "", "", Decimal(1), True, condition)
    return _Section(
        "".join(_words(part) for part in parts[:first]),
        after,
        whole,
        decimals,
        group,
        Decimal(100) ** shares / Decimal(1000) ** scale,
        plain,
        condition,
    )


def _words(part: re.Match[str]) -> str:
    """What a part of a format prints by itself."""
    return next((part.group(number) for number in (1, 2, 3, 8) if part.group(number) is not None), "")


def _digits(number: Decimal, section: _Section) -> str:
    most = min(len(section.decimals), _DECIMALS)
    least = min(len(section.decimals.rstrip("#?")), _DECIMALS)
    whole, _, decimals = f"{number.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP):f}".partition(".")
    decimals = decimals[:least] + decimals[least:].rstrip("0")
    whole = whole.lstrip("0").zfill(section.whole.count("0"))
    if section.group:
        grouped = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)]
        whole = section.group.join(reversed(grouped))
    return f"{whole},{decimals}" if decimals else whole or "0"


def _general(number: Decimal) -> str:
    if abs(number) >= _MAX:
        return f"{number.to_integral_value():f}"
    return f"{number.quantize(Decimal(1).scaleb(-_DECIMALS)).normalize():f}".translate(_TURNED)


def _moment(value: date | time | timedelta, format_: str) -> str:
    """A day, with its time where that is shown; or what the format shows of it: a month, a year, a time."""
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02d}"
    if isinstance(value, time):
        return f"{value:%H:%M}" if not value.second else f"{value:%H:%M:%S}"
    shown = "".join(part.group(8) or "" for part in _PART.finditer(format_[:500])).lower()
    clock = (
        f" {value:%H:%M}"
        if isinstance(value, datetime) and value.time() != time() and ("h" in shown or "d" not in shown)
        else ""
    )
    if "d" not in shown and "y" in shown and not clock:
        return f"{value:%m/%Y}" if "m" in shown else f"{value:%Y}"
    if "y" not in shown and "d" in shown and "m" in shown:
        return f"{value:%d/%m}{clock}"
    return f"{value:%d/%m/%Y}{clock}"
