"""Where each figure stands: the phrases before and after it, and what they make of it. Pure.

A figure has one role in its sentence: a total, what is left, a change, a multiple, an average, or nothing of these. What a
claim says follows from the role; which other figures it speaks of, from what stands around.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from services.notices.audit.claims.times import Time
from services.notices.audit.figures import Figure, ParagraphFigures
from services.notices.audit.frames import PRIOR
from services.notices.audit.groups import KIN
from services.notices.audit.vocabulary import Cue, vocabulary
from services.notices.quantities.lexer import Token, TokenKind


class Role(Enum):
    """What the words before a figure make of it."""

    plain = "plain"
    total = "total"
    """`cộng lại 189 hồ sơ`"""
    left = "left"
    """`còn 20 hồ sơ`"""
    rise = "rise"
    """`tăng 12`, `thêm 3`"""
    fall = "fall"
    """`giảm 12`, `bớt 3`"""
    gap = "gap"
    """`chênh nhau 3,8 điểm`: the sign is not told."""
    multiple = "multiple"
    """`gấp 2,1 lần`"""
    each = "each"
    """`bình quân mỗi ngày 64,5 hồ sơ`"""

    def __init__(self, name: str) -> None:
        self.changes = name in ("rise", "fall", "gap")
        """Whether it tells by how much something changed."""


_NO_TIME = Time(None, "", 0)


@dataclass(slots=True, eq=False)
class Context:
    """A figure where it stands."""

    figure: Figure
    paragraph: ParagraphFigures
    order: int
    """Among the figures of the text."""
    lead: Sequence[Token]
    """The words between the figure before it in its sentence and itself."""
    cues: list[Cue]
    """The phrases of `lead`."""
    tail: Sequence[Token]
    """The words up to the next figure of its sentence."""
    following: list[Cue]
    """The phrases of `tail`."""
    own_lead: Sequence[Token] = ()
    """`lead` without the words that still speak of the figure before it."""
    role: Role = Role.plain
    same_claim: bool = False
    """Whether it says in another way what the figure before it says: `tăng 12 hồ sơ, tức 3%`."""
    of_amount: tuple[Context, Context] | None = None
    """The amount of a change that it says in per cent, and what there was before, where a bracket stands between."""
    roles: set[str] = field(default_factory=set)
    """Roles of the phrases of `lead`."""
    time: Time = _NO_TIME
    held_against: bool = False
    """Whether it stands in the bracket of a figure that another one is held against: `so với năm 2023 (1.275, quá hạn 36)`."""

    _earlier: bool | None = None
    _near_roles: set[str] | None = None
    _names: frozenset[str] | None = None
    _near: dict[int, frozenset[str]] = field(default_factory=dict)
    _dated: bool | None = None
    _digits: str = ""
    _thousandths: int | None = None

    @property
    def earlier(self) -> bool:
        """Whether it is of a time before, or what another figure is held against."""
        return self._is_earlier() if self._earlier is None else self._earlier

    @property
    def names(self) -> frozenset[str]:
        """The words around it that say what is counted."""
        if self._names is None:
            self._names = telling((*self.lead, *self.tail[:3]))
        return self._names

    @property
    def dated(self) -> bool:
        """Whether a time is told between the figure before it and itself."""
        if self._dated is None:
            self._dated = bool(self.paragraph.times) and any(token.kind is TokenKind.period for token in self.lead)
        return self._dated

    def near(self, after: int) -> frozenset[str]:
        """The words near it that say what is counted: of the eight before it, and of so many after it."""
        known = self._near.get(after)
        if known is None:
            known = self._near[after] = telling((*self.lead[-8:], *self.tail[:after]))
        return known

    @property
    def digits(self) -> str:
        """The digits of its value as printed."""
        if not self._digits:
            self._digits = digits_of(self.figure)
        return self._digits

    @property
    def thousandths(self) -> int:
        """Its value, in which sums are compared: `14,5 tỷ`."""
        if self._thousandths is None:
            value = self.figure.value
            self._thousandths = value.numerator * 1000 // value.denominator
        return self._thousandths

    def settle(self) -> None:
        """Keep what was asked of it often: nothing of it changes any more."""
        self._near_roles = self._roles_near()
        self._earlier = self._is_earlier()

    def _is_earlier(self) -> bool:
        figure = self.figure
        if self.role.changes:
            return False
        if self.held_against:
            return True
        return (
            bool(self.near_roles & {"against", "prior"})
            or any("from" in cue.roles and figure.token - cue.end <= 2 for cue in self.cues[-1:])
            or any("prior" in cue.roles for cue in self.following[:1] if cue.start <= figure.last)
            or any("against" in cue.roles and not self._is_of_before(cue) for cue in self.cues[-1:])
            or (figure.period == PRIOR and not self.near_roles & {"current"})
            or _is_of_time_before(self.own_lead)
        )

    def _is_of_before(self, cue: Cue) -> bool:
        """Whether a phrase ends what is told of the figure before: `85 điểm, giảm 2 điểm so với năm 2023; xã C: 80 điểm`."""
        ended = any(token.text == ";" for token in self.own_lead[:1])
        return ended and cue.start < self.figure.token - len(self.own_lead)

    @property
    def near_roles(self) -> set[str]:
        """Roles of the phrases of its own words before it, after the last semicolon."""
        return self._roles_near() if self._near_roles is None else self._near_roles

    def _roles_near(self) -> set[str]:
        if not self.cues:
            return set()
        words = self.own_lead or self.lead
        start = self.figure.token - len(words)
        since = max((start + number for number, token in enumerate(words) if token.text in (";", "\n")), default=start)
        return {role for cue in self.cues if cue.start >= since for role in cue.roles}


_TIMES = frozenset(("kỳ", "năm", "lần", "đợt", "quý", "tháng", "tuần"))
_NOT_TIMES = frozenset(("hạn", "hẹn", "ngày", "khi", "thời", "và"))


def _is_of_time_before(words: Sequence[Token]) -> bool:
    """Whether words tell the time before: `Kỳ đối thoại trước có`, `năm học trước`."""
    norms = [token.norm for token in words]
    return any(
        word == "trước" and _TIMES & {*norms[max(0, place - 3) : place]} and not _NOT_TIMES & {*norms[place + 1 : place + 2]}
        for place, word in enumerate(norms)
    )


def is_later(one: Context, other: Context) -> bool:
    """Whether a figure is of a later time than another."""
    if other.earlier and other.figure.period == PRIOR:
        return one.figure.period != PRIOR
    mine, its = one.time, other.time
    if mine.year is None and not (mine.unit and its.unit) and its.year is not None and not one.figure.period:
        return True  # the time of the text, which it does not say, and one that it says
    if mine.year is not None and its.year is not None and mine.year != its.year:
        return mine.year > its.year
    return mine.unit == its.unit and mine.part > its.part


def alike(one: Figure, other: Figure) -> bool:
    """Whether two figures are of one kind and unit."""
    if one.counts != other.counts or (not one.counts and one.kind is not other.kind):
        return False
    return (
        one.unit is None or other.unit is None or one.unit == other.unit or {one.unit, other.unit} in (*KIN, {"form", "time"})
    )


def telling(words: Sequence[Token]) -> frozenset[str]:
    """The words that say what is counted, without those that every report has."""
    plain, word, number = vocabulary().plain, TokenKind.word, TokenKind.number
    return frozenset([norm for kind, _, norm, _, _ in words if norm not in plain and (kind is word or kind is number)])


def until_stop(words: Sequence[Token]) -> Sequence[Token]:
    """The words before the first stop."""
    return words[: next((number for number, token in enumerate(words) if token.kind is TokenKind.stop), len(words))]


def digits_of(figure: Figure) -> str:
    """The digits of a figure as printed."""
    return str(figure.value.numerator * 10**figure.decimals // figure.value.denominator)
