"""Figures: what a number of a text is, and the segments of the paragraph it stands in.

Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from services.notices.audit.vocabulary import Cue, Dimensions
from services.notices.quantities.exact import Fraction
from services.notices.quantities.lexer import Token


class FigureKind(Enum):
    """What a figure is."""

    count = "count"
    part = "part"
    """A part written over its whole: `30/32`; `whole` has the other one."""
    rate = "rate"
    """Per cent."""
    points = "points"
    """Percentage points."""
    times = "times"
    """`gấp 2 lần`."""


@dataclass(slots=True, eq=False)
class Figure:
    """A quantity of the text and what it says."""

    kind: FigureKind
    value: Fraction
    low: Fraction
    """The least value that is printed like this; equal to `value` for exact counts."""
    high: Fraction
    decimals: int
    text: str
    start: int
    """Place in the text of the document."""
    end: int
    token: int
    last: int
    """Numbers of its first token, and of the one after its last (the unit included)."""
    unit: str | None = None
    whole: Fraction | None = None
    approximate: str | None = None
    roughly: str = ""
    """The words that say so, as written: `gần`, `trên`."""
    sentence: int = 0
    depth: int = 0
    """How many brackets it stands in."""
    segment: int = 0
    paragraph: int = 0
    own: Dimensions = field(default_factory=dict)
    """What its own words say."""
    stated: Dimensions = field(default_factory=dict)
    """What its own words say, without those before a colon."""
    meaning: Dimensions = field(default_factory=dict)
    """What it counts, with what it takes from the words before."""
    inherited: set[str] = field(default_factory=set)
    """Dimensions of `meaning` that were not said with it."""
    scope: str = ""
    """Of whom, as written in lower case; empty for the whole."""
    named_scope: str = ""
    """The same, with the name of the office that the text is about."""
    period: str = ""
    """Of when; empty for the time of the report."""
    topic: str = ""
    roles: set[str] = field(default_factory=set)
    """Roles of the phrases in its segment."""
    name: str = ""
    """The words before it in its segment, as written: a list's entry."""
    qualified: bool = False
    """Whether words that the vocabulary does not know say more of it."""
    words: frozenset[str] = frozenset()
    """The words of its segment, in their normal form."""
    label: frozenset[str] = frozenset()
    """The words before the colon that it stands behind."""
    wished: bool = False
    """Whether it is of a goal, a pledge, an order or a condition, and tells nothing of what is."""
    threshold: bool = False
    """Whether it only tells which ones are counted: the 90 of `48 đơn vị đạt trên 90%`."""
    counted: bool = False
    """Whether it is not printed, but the number of names of a list."""
    cell: tuple[int, int, int] | None = None
    """Table, row and column, for a figure of a table."""

    counts: bool = field(init=False)
    """Whether it is a number of things."""

    def __post_init__(self) -> None:
        self.counts = self.kind is FigureKind.count or self.kind is FigureKind.part

    def become(self, kind: FigureKind) -> None:
        """Take another kind, which its words tell."""
        self.kind = kind
        self.counts = kind is FigureKind.count or kind is FigureKind.part

    @property
    def exact(self) -> bool:
        """Whether the text gives it without `gần`, `trên`, `khoảng`."""
        return self.approximate is None


class Mark(Enum):
    """What stands between figures."""

    comma = ","
    semicolon = ";"
    colon = ":"
    opening = "("
    closing = ")"
    end = "."
    joined = "và"
    dash = "-"
    dots = "…"


@dataclass(slots=True)
class Segment:
    """The words between two stops."""

    number: int
    start: int
    end: int
    """Numbers of tokens."""
    opened: Mark | None
    """The mark before it."""
    closed: Mark | None
    depth: int
    sentence: int
    figures: list[Figure] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)


@dataclass(slots=True)
class ParagraphFigures:
    """A paragraph as it was read."""

    number: int
    text: str
    tokens: list[Token]
    norms: Sequence[str]
    """The normal forms of its tokens."""
    times: Sequence[int]
    """The numbers of its tokens that tell a time."""
    segments: list[Segment]
    figures: list[Figure]
    heading: bool
    """A title: its words hold for the paragraphs below it."""
    opens: bool
    """Whether it ends in a colon or an opener, so that the items below are its parts."""
