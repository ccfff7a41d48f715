"""Which agencies of ours a notice names: by name, or all of a level. Pure.

Names are compared by their words in the normal form of the vocabulary. A notice may leave out the kind (`An Phượng`) and the
office before it (`UBND xã An Phượng`). A name that several agencies have names none of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from services.notices.audit.comparison.counterparts import counterparts
from services.notices.audit.vocabulary import vocabulary
from services.notices.quantities.lexer import TokenKind, tokens
from shared.contracts.kpis import KpiResponse, Kpis, UnitRow

_FRONTS = (("ủy", "ban", "nhân", "dân"), ("ubnd",))


class Missing(Enum):
    """Why there are no agencies to compare with."""

    unknown = "unknown"
    """No agency has the name, or none is of the level."""
    ambiguous = "ambiguous"
    """Several agencies have the name."""


@dataclass(frozen=True, slots=True)
class FoundAgencies:
    """The agencies whose figures are added up: one row of the response, those of a level, or the whole."""

    name: str
    """What they are called together."""
    rows: Sequence[Kpis]


class OurAgencies:
    """The agencies of a response by agency, found by what a notice calls them."""

    def __init__(self, response: KpiResponse[UnitRow]) -> None:
        """Index the rows of a response and its scope."""
        self._whole = FoundAgencies(response.scope.name.vi, [response.total.kpis])
        self._rows = response.rows
        self._by_name: dict[tuple[str, ...], dict[str, FoundAgencies]] = defaultdict(dict)
        if response.scope.code is not None:
            self._add(response.scope.name.vi, response.scope.agency or "", self._whole)
        for row in response.rows:
            if row.agency is not None and row.agency != response.scope.agency:
                self._add(row.name.vi, row.agency, FoundAgencies(row.name.vi, [row.kpis]))

    def _add(self, name: str, key: str, found: FoundAgencies) -> None:
        words = _plain(name)
        for form in {words, words[_length_of_kind(words) :]} - {()}:
            self._by_name[form][key] = found

    def find(self, scope: str, level: str, before: str = "") -> FoundAgencies | Missing:
        """The agencies of a name (empty: the whole), those of a level of them where it is not empty.

        A name that was read in part only is looked for in the words `before` the figure.
        """
        found: FoundAgencies | Missing = self._whole
        if scope:
            words = _plain(scope)
            named = self._by_name.get(words) or self._longer(words, _plain(before))
            if len(named) != 1:
                return Missing.ambiguous if named else Missing.unknown
            found = next(iter(named.values()))
        return self._of_level(level) if level and found is self._whole else found

    def _longer(self, begin: tuple[str, ...], before: tuple[str, ...]) -> dict[str, FoundAgencies]:
        """The agencies of the longest name that begins so and stands in a text."""
        for start in range(len(before)):
            if before[start : start + len(begin)] != begin:
                continue
            for end in range(len(before), start + len(begin), -1):
                if named := self._by_name.get(before[start:end]):
                    return named
        return {}

    def _of_level(self, level: str) -> FoundAgencies | Missing:
        kinds = counterparts().levels.get(level, ())
        rows = [row for row in self._rows if row.kind in kinds]
        return FoundAgencies(level, [row.kpis for row in rows]) if rows else Missing.unknown


def _plain(name: str) -> tuple[str, ...]:
    """The words of a name in their normal form, without the committee before the name of a commune."""
    words = tuple(token.norm for token in tokens(name) if token.kind in (TokenKind.word, TokenKind.number))
    for front in _FRONTS:
        if words[: len(front)] == front and len(words) > len(front):
            words = words[len(front) :]
    return words


def words_of(name: str) -> frozenset[str]:
    """The words of a name in their normal form."""
    return frozenset(_plain(name))


def _length_of_kind(words: Sequence[str]) -> int:
    """Words of a name that say its kind: `xã` of `xã An Phượng`; 0 where the rest would be no name."""
    cue = vocabulary().agencies.find_at(tokens(" ".join(words)), 0)
    if cue is None or cue.end >= len(words) or words[cue.end].isdigit():
        return 0
    return cue.end
