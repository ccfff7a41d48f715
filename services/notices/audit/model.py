"""The result of an audit: every claim of a document with its verdict, its place and what would repair it. Pure."""

from __future__ import annotations

from enum import Enum

import msgspec


class Verdict(Enum):
    """What is known of a claim."""

    holds = "holds"
    contradicted = "contradicted"
    undecided = "undecided"
    """Its base is not printed, or two readings disagree."""


class ClaimKind(Enum):
    """What a claim says."""

    sum = "sum"
    """Parts make up a whole."""
    rate = "rate"
    """A share of a base."""
    change = "change"
    """What rose or fell by how much."""
    repeat = "repeat"
    """The same figure said again."""
    share = "share"
    """Shares make 100 %."""
    list = "list"
    """Names, or figures of examples, against the number they are taken from."""
    table = "table"
    """Rows and columns of a table add up."""
    bound = "bound"
    """A part is no greater than its whole."""


class Position(msgspec.Struct, frozen=True):
    """Where something stands in the document."""

    page: int | None
    """From 1; null where the format knows no pages."""
    paragraph: int
    """Number of the paragraph or table, from 1."""
    start: int
    """First character in the document's text, from 0."""
    end: int
    """The character after the last."""


class Repair(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """A change of one printed figure that makes a claim hold."""

    from_: str
    """As printed: `30.556`."""
    to: str
    """As it would have to be printed: `30.566`."""
    at: Position
    """Where the figure stands."""


class Claim(msgspec.Struct, frozen=True):
    """A statement about figures."""

    verdict: Verdict
    """What is known of it."""
    kind: ClaimKind
    """What it says."""
    quote: str
    """The words around the claimed figure."""
    at: Position
    """Place of the claimed figure."""
    equation: str
    """What is claimed, in figures: `30.556 = 24.458 + 6.108`."""
    claimed: str
    """The figure as printed."""
    computed: str
    """What the other figures give; empty where that cannot be said."""
    repairs: tuple[Repair, ...]
    """The smallest changes, each of which alone repairs it and breaks nothing that holds."""
    reason: str
    """Why it is undecided, for people; otherwise empty."""
    operands: tuple[Position, ...]
    """Places of the other figures of the equation."""


class Audit(msgspec.Struct, frozen=True):
    """What the audit of one document found."""

    claims: tuple[Claim, ...]
    """Every claim that was found, in the order of the text."""
    contradictions: tuple[Claim, ...]
    """The contradicted claims; several that one change repairs are told once."""
    equations: int
    """How many claims hold or are contradicted."""
    figures: int
    """How many numbers of the document count something."""
    unread: tuple[str, ...]
    """What could not be read, a page without characters for example: nothing is said of it. While there is any, the absence of
    contradictions is that of what was read alone."""
