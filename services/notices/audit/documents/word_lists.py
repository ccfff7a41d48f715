"""The numbers and dashes that Word prints before paragraphs of lists, and which paragraphs are headings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.notices.audit.documents.word_runs import W

_BULLETS = ("- ", "+ ", "• ")
"""Marks of the levels of a list whose own marks are pictures or letters of a symbol font."""


@dataclass(frozen=True, slots=True)
class _Level:
    """A level of a list."""

    format: str
    text: str
    start: int


@dataclass(slots=True)
class Numbering:
    """What Word prints before paragraphs of lists; it counts while the document is read."""

    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    """By the id of the list, then by level."""
    styles: dict[str, tuple[str | None, int | None]] = field(default_factory=dict)
    """By the id of a style: list and level that it gives its paragraphs."""
    headings: frozenset[str] = frozenset()
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, opened: Any) -> Numbering:
        """The lists and styles of a document."""
        made = cls()
        headings = set()
        for style in opened.styles.element.iter(f"{W}style"):
            name = style.find(f"{W}name")
            identity = style.get(f"{W}styleId", "")
            if name is not None and name.get(f"{W}val", "").lower().startswith(("heading", "title")):
                headings.add(identity)
            properties = style.find(f"{W}pPr/{W}numPr")
            if properties is not None:
                made.styles[identity] = _list_of(properties)
        made.headings = frozenset(headings)
        part = next((one.target_part for one in opened.part.rels.values() if one.reltype.endswith("/numbering")), None)
        if part is not None:
            made.levels = _lists(part.element)
        return made

    def is_heading(self, paragraph: Any) -> bool:
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        return style is not None and style.get(f"{W}val") in self.headings

    def begun(self, paragraph: Any) -> str:
        """The number or dash before a paragraph, with a blank; empty for one of no list. Call it once for each, in order."""
        properties = paragraph.find(f"{W}pPr")
        if properties is None:
            return ""
        style = properties.find(f"{W}pStyle")
        given = properties.find(f"{W}numPr")
        inherited = self.styles.get(style.get(f"{W}val", ""), (None, None)) if style is not None else (None, None)
        own = _list_of(given) if given is not None else (None, None)
        identity = own[0] or inherited[0]
        depth = own[1] if own[1] is not None else inherited[1] or 0
        level = self.levels.get(identity or "", {}).get(depth)
        if identity is None or level is None or level.format == "none":
            return ""
        if level.format == "bullet":
            return level.text + " " if level.text in ("-", "+", "–", "*") else _BULLETS[min(depth, 2)]
        counts = self.counts.setdefault(identity, {})
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [one for one in counts if one > depth]:
            del counts[deeper]
        text = level.text
        for place, one in self.levels[identity].items():
            text = text.replace(f"%{place + 1}", _written(counts.get(place, one.start), one.format))
        return text.strip() + " " if text.strip() else ""


def _list_of(properties: Any) -> tuple[str | None, int | None]:
    identity, depth = properties.find(f"{W}numId"), properties.find(f"{W}ilvl")
    return (
        identity.get(f"{W}val") if identity is not None else None,
        number_of(depth, "val", 0) if depth is not None else None,
    )


def _lists(element: Any) -> dict[str, dict[int, _Level]]:
    abstract: dict[str | None, dict[int, _Level]] = {}
    for one in element.iter(f"{W}abstractNum"):
        abstract[one.get(f"{W}abstractNumId")] = {number_of(level, "ilvl", 0): _level(level) for level in one.iter(f"{W}lvl")}
    made: dict[str, dict[int, _Level]] = {}
    for one in element.iter(f"{W}num"):
        source = one.find(f"{W}abstractNumId")
        if source is not None:
            made[one.get(f"{W}numId", "")] = abstract.get(source.get(f"{W}val"), {})
    return made


def _level(element: Any) -> _Level:
    def value(name: str, otherwise: str) -> str:
        found = element.find(f"{W}{name}")
        return str(found.get(f"{W}val", otherwise)) if found is not None else otherwise

    start = value("start", "1")
    return _Level(value("numFmt", "decimal"), value("lvlText", ""), int(start) if start.isdecimal() and len(start) < 9 else 1)


def _written(number: int, format_: str) -> str:
    """A number of a list in its format."""
    if format_ in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 % 4 + 1)
        return letter if format_ == "lowerLetter" else letter.upper()
    if format_ in ("lowerRoman", "upperRoman"):
        roman, left = "", min(number, 3999)
        for value, sign in _ROMAN:
            roman += sign * (left // value)
            left %= value
        return roman if format_ == "upperRoman" else roman.lower()
    return f"{number:02d}" if format_ == "decimalZero" else str(number)


_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
    (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def number_of(element: Any, name: str, otherwise: int) -> int:
    """The number that an attribute of an element holds."""
    value = element.get(f"{W}{name}", "") if element is not None else ""
    return int(value) if value.isdecimal() and len(value) < 9 else otherwise
