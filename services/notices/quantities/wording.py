"""Vietnamese administrative wording of numbers, rates, days, names and lists.

Pure. Sources: decree 30/2020/NĐ-CP annex I (dates, points of a list) and the usage of administrative texts (dot between
thousands, comma before decimals, counts below ten written with two digits in running text).
"""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

NBSP = "\u00a0"
"""Keeps a number and its unit on one line."""

HUNDREDTH = Decimal("0.01")

POINTS = "abcdđeghiklmnopqrstuvxy"
"""Letters of the points of an item, in the Vietnamese alphabet: no f, j, w, z, and đ after d."""

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


def count(number: int) -> str:
    """A count in running text: `02`, `30.938`."""
    return f"{number:02d}" if 0 <= number < 10 else cell(number)


def cell(number: int) -> str:
    """A count in a table: `2`, `30.938`."""
    return f"{number:,}".replace(",", ".")


def percent(numerator: int, denominator: int) -> Decimal | None:
    """A share of counts in per cent, rounded half-up to two decimals, once; None for 0/0."""
    if denominator == 0:
        return None
    # In integers throughout: no binary fraction decides a half.
    hundredths = (numerator * 20_000 + denominator) // (2 * denominator)
    return Decimal(hundredths).scaleb(-2)


def decimal(value: Decimal) -> str:
    """A number with two decimals: `80,02`."""
    text = f"{value.quantize(HUNDREDTH, ROUND_HALF_UP):,.2f}"
    return text.replace(",", " ").replace(".", ",").replace(" ", ".")


def rate(value: Decimal) -> str:
    """A rate in running text: `80,02 %`; a round one without decimals: `100 %`."""
    text = decimal(value)
    return f"{text.removesuffix(',00')}{NBSP}%"


def score(value: Decimal) -> str:
    """Points of an index, without the number of decimals that are 0: `17,68`, `62`, `7,5`."""
    text = decimal(value)
    return text.removesuffix(",00") if text.endswith(",00") else text.removesuffix("0")


def day(on: date) -> str:
    """`09/3/2023`: a leading zero for days below 10 and for the months 1 and 2 only."""
    return f"{on.day:02d}/{_month(on)}/{on.year}"


def long_day(on: date) -> str:
    """`ngày 09 tháng 3 năm 2023`, as decree 30/2020 writes dates in full."""
    return f"ngày {on.day:02d} tháng {_month(on)} năm {on.year}"


def _month(on: date) -> str:
    return f"{on.month:02d}" if on.month < 3 else str(on.month)


def printed_name(name: str) -> str:
    """An agency's name as lists print it: `Phòng Tài nguyên và Môi trường` is `Tài nguyên và Môi trường`, a commune goes
    by its bare name and a town keeps its kind (`thị trấn Thanh Hà`), because a district often has the same name. A name that
    is but a number keeps it too.
    """
    words = normal(name)
    for front in ("Ủy ban nhân dân ", "UBND "):
        words = words.removeprefix(front)
    for kind in ("Phòng ", "phòng ", "Xã ", "xã "):
        rest = words.removeprefix(kind)
        if rest != words and not rest[:1].isdigit():
            return rest[:1].upper() + rest[1:]
    for kind in ("Thị trấn", "Phường", "Đặc khu", "Thị xã", "Huyện", "Thành phố"):
        if words.startswith(kind + " "):
            return kind[0].lower() + words[1:]
    return words


def lower_first(text: str) -> str:
    """The text with a small first letter, for the middle of a sentence; abbreviations stay as they are."""
    if len(text) > 1 and text[1].isupper():
        return text
    return text[:1].lower() + text[1:]


def in_sentence(name: str) -> str:
    """The full name of an agency in the middle of a sentence: the kind of a place is a common noun (decree 30/2020, annex II),
    that of an office is part of its name.
    """
    place = name.startswith(("Xã ", "Phường ", "Thị trấn ", "Đặc khu ", "Thị xã ", "Huyện ", "Quận ", "Thành phố ", "Tỉnh "))
    return lower_first(name) if place else name


def upper_first(text: str) -> str:
    """The text with a capital first letter, for the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def normal(text: str) -> str:
    """NFC with runs of white space (but not the no-break space) folded into one."""
    return " ".join(part for part in unicodedata.normalize("NFC", text).split(" ") if part)
