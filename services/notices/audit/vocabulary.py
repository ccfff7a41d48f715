"""The words of reports and what they mean, read from `vocabulary.toml`; phrases are found by their words, longest first.

Pure after import: the file is a part of the code and read once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from services.notices.quantities.lexer import Token, normal_word, tokens

_FILE = Path(__file__).with_name("vocabulary.toml")

Dimensions = dict[str, str]
"""What a measure is by dimension: `{"stage": "resolved", "time": "overdue"}`."""


class Cue(NamedTuple):
    """A phrase of the vocabulary at its place; `start` and `end` are numbers of tokens."""

    start: int
    end: int
    measure: Dimensions | None
    """What it says of a measure; None for other phrases."""
    roles: frozenset[str]
    """What it does in a claim: `opener`, `ratio`, `increase`, `topic:land` ..."""


class _Node:
    __slots__ = ("ends", "measure", "next", "roles")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.ends = False
        """Whether a phrase ends here."""
        self.measure: Dimensions | None = None
        self.roles: frozenset[str] = frozenset()

    def add(self, role: str, measure: Dimensions | None) -> None:
        self.ends = True
        self.measure = {**(self.measure or {}), **(measure or {})} or None
        self.roles = self.roles | {role} if role else self.roles


def _leads_to(node: _Node, role: str) -> bool:
    return role in node.roles or any(_leads_to(following, role) for following in node.next.values())


class Phrases:
    """Phrases with what they mean, found at a place by their words."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, phrase: str, role: str, measure: Dimensions | None = None) -> None:
        """Add a phrase with one of its meanings; it may have several."""
        node = self._root
        for token in tokens(phrase):
            node = node.next.setdefault(token.norm, _Node())
        node.add(role, measure)

    def all(self) -> Iterator[tuple[str, ...]]:
        """Every phrase, as its words in their normal form."""
        waiting: list[tuple[tuple[str, ...], _Node]] = [((), self._root)]
        while waiting:
            words, node = waiting.pop()
            if node.ends:
                yield words
            waiting.extend(((*words, word), following) for word, following in node.next.items())

    def find_at(self, read: Sequence[Token], start: int) -> Cue | None:
        """The longest phrase that begins at a token."""
        end = len(read)
        node = self._root.next.get(read[start].norm) if start < end else None
        best, position, until = None, start + 1, start
        while node is not None:
            if node.ends:
                best, until = node, position
            if position == end or not node.next:
                break
            node = node.next.get(read[position].norm)
            position += 1
        return None if best is None else Cue(start, until, best.measure, best.roles)

    def first_words(self, role: str = "") -> frozenset[str]:
        """The words that phrases begin with: all, or those of a role."""
        return frozenset(word for word, node in self._root.next.items() if not role or _leads_to(node, role))


class Vocabulary(NamedTuple):
    """All that is known of the words of reports."""

    phrases: Phrases
    units: Phrases
    """Units of quantities; the role is the class."""
    agencies: Phrases
    """First words of agencies' names."""
    moods: Phrases
    """What makes a wish of figures, and what ends it."""
    complete: dict[str, tuple[frozenset[str], ...]]
    """By dimension: the sets of values that make up the whole."""
    contains: dict[str, dict[str, frozenset[str]]]
    """By dimension: values that hold others."""
    named: frozenset[str]
    """Words whose number is a name: `Tổ 5`."""
    plain: frozenset[str]
    """Words that add nothing to what a figure counts."""
    common: frozenset[str]
    """Words that do not tell one base of a rate from another."""
    again: frozenset[str]
    """Words that say a change in another way."""
    begins: frozenset[str]
    """First words of phrases."""
    begins_approximate: frozenset[str]
    """First words of phrases that tell a number roughly."""
    begins_neutral: frozenset[str]
    """First words of phrases that say nothing of an agency."""
    begins_agency: frozenset[str]
    """First words of agencies' names."""
    begins_mood: frozenset[str]
    """First words of phrases that begin or end a wish."""


def _roles(read: dict[str, object]) -> Iterator[tuple[str, str]]:
    for group, prefix in (("words", ""), ("approximate", "approximate:"), ("topics", "topic:")):
        for role, phrases in read[group].items():  # type: ignore[attr-defined]
            for phrase in phrases:
                yield phrase, prefix + role


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary, read once."""
    read = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    phrases, units, agencies, moods = Phrases(), Phrases(), Phrases(), Phrases()
    for entry in read["measure"]:
        dimensions = {name: value for name, value in entry.items() if name != "phrases"}
        for phrase in entry["phrases"]:
            phrases.add(phrase, "", dimensions)
    for phrase, role in _roles(read):
        phrases.add(phrase, role)
    for phrase in read["agencies"]["whole"]:
        phrases.add(phrase, "whole")
    for phrase in read["agencies"]["kinds"]:
        agencies.add(phrase, "agency")
    for unit, names in read["units"].items():
        for name in names:
            units.add(name, unit)
    for role, wishes in read["moods"].items():
        for phrase in wishes:
            moods.add(phrase, role)
    single = {name: frozenset(normal_word(word) for word in words.split()) for name, words in read["single"].items()}
    return Vocabulary(
        phrases,
        units,
        agencies,
        moods,
        {name: tuple(frozenset(values) for values in sets) for name, sets in read["complete"].items()},
        {name: {whole: frozenset(parts) for whole, parts in held.items()} for name, held in read["contains"].items()},
        single["named"],
        single["plain"],
        single["common"],
        single["again"],
        phrases.first_words(),
        frozenset(normal_word(phrase.split()[0]) for group in read["approximate"].values() for phrase in group),
        phrases.first_words("neutral"),
        agencies.first_words(),
        moods.first_words(),
    )
