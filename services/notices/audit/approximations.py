"""Numbers told about: `gần 27.000`, `hơn 174.470`, `khoảng 50`. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.vocabulary import vocabulary
from services.notices.quantities.exact import Fraction
from services.notices.quantities.lexer import Token, TokenKind

ROUND = 100
"""A number of fewer digits but for noughts is round: `hơn 27.000` may be 27.900."""
_COMPARED = frozenset(
    (
        "nhiều",
        "cao",
        "ít",
        "thấp",
        "nhanh",
        "ngắn",
        "dài",
        "lâu",
        "đông",
        "lớn",
        "nhỏ",
        "sớm",
        "muộn",
        "chậm",
        "kém",
        "rẻ",
        "đắt",
    )
)
"""Words with which `hơn` compares: no more than the number is said."""
_REACHED = frozenset(("đạt", "chiếm", "là", "có", "được"))
"""Words before `trên` after which it begins a bound, and no whole."""
_BOUNDS = frozenset(("dưới", "không", "tối", "ít"))
"""Words that begin a bound, however far from it the value lies: `không quá`, `tối đa`, `ít nhất`."""


def take_approximation(read: Sequence[Token], figure: Figure) -> None:
    """Take the bounds that `gần`, `hơn`, `khoảng` before a number give it."""
    for length in (3, 2, 1):
        at = figure.token - length
        if at < 0 or read[at].norm not in vocabulary().begins_approximate:
            continue
        cue = vocabulary().phrases.find_at(read, at)
        if cue is None or cue.end < figure.token:
            continue
        side = next((role.partition(":")[2] for role in cue.roles if role.startswith("approximate:")), None)
        if side is None:
            continue
        before = read[at - 1].norm if at else ""
        if (
            side == "over"
            and read[at].norm == "trên"
            and (before in ("hồ", "sơ") or (at and read[at - 1].kind is TokenKind.number))
        ):
            return  # `790 hồ sơ trên 1.000`: over a base
        over = figure.kind is not FigureKind.rate and before not in _REACHED  # `20 xã đạt trên 90%`: no part of 90
        if over and read[at].norm == "trên" and any(token.kind is TokenKind.number for token in read[max(0, at - 4) : at]):
            return  # `228 cuộc gọi trên 240 cuộc gọi`
        if side == "over" and read[at].norm == "hơn" and before in _COMPARED:
            return  # `nhanh hơn 12 phút`
        if read[at].norm == "ước" and sum(char.isdigit() for char in read[figure.token].text) > 2:
            return  # `ước 12,46 tỷ đồng`: not known yet, and reckoned with as printed
        value = figure.value
        slack = value / 10
        if figure.kind is FigureKind.count and side in ("over", "under") and 2 * _printed_unit(value) < slack:
            slack = 2 * _printed_unit(value)  # `hơn 174.470 hồ sơ` is told as narrowly as `174,47 nghìn`
        else:
            figure.approximate = side
            figure.roughly = " ".join(token.text for token in read[at : cue.end]).lower()
        if figure.kind is FigureKind.rate and side == "under":
            slack = min(slack, _points_below(figure))  # `gần 98%` is told more narrowly than `gần 5.000`
        if read[at].norm in _BOUNDS:
            slack = value  # `dưới 5%` may be 2%
        figure.low = value if side == "over" else value - slack
        figure.high = value if side == "under" else value + slack
        return


def _points_below(rate: Figure) -> Fraction:
    """How many points below a rate what is told as `gần` it may lie: few, but for round ones."""
    if rate.decimals:
        return Fraction(5, 10**rate.decimals)
    return Fraction(5 if rate.value % 10 == 0 else 3 if rate.value % 5 == 0 else 2)


def _printed_unit(value: Fraction) -> Fraction:
    """The unit to which `hơn 174.470` is told: that of its last digit that is not nought; the whole of a round number."""
    if value <= 0:
        return Fraction(0)
    unit = Fraction(1, value.denominator)
    while (value / (10 * unit)).denominator == 1:
        unit *= 10
    return unit if value / unit >= ROUND else value
