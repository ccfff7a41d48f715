"""Codes that records name and the catalogue does not know: listed in the response to whoever sent them.

Pure. A suggestion is made where one kind of slip leads to exactly one code of the catalogue: codes are close to one another,
and of two that fit either would be a guess.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Literal, TypeVar

import msgspec

from services.ingest.catalogue.model import Ruleset
from services.ingest.events.model import About, Event
from shared.civil import civil_day
from shared.dossier import Facts

CodeKind = Literal["agency", "procedure"]
Named = TypeVar("Named")
UnmappedCode = tuple[CodeKind, str]
"""What a code should name, and the code as the records write it."""

MAX_LISTED = 20
"""Codes that a response lists."""
MAX_COUNTED = 10_000
"""Different codes that are counted of a file; no province has so many."""
_LETTERS = "0123456789.-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = str.maketrans("OQILSB", "001158")
"""Letters that are written, or read by a machine, where a digit is meant."""
MAX_CODE_LENGTH = 24
"""Characters of a code for which a nearest one is looked for: what is tried grows with them."""


class Unmapped(msgspec.Struct, frozen=True):
    """A code that the catalogue does not know on the day of receipt."""

    kind: CodeKind
    """What the code should name."""
    code: str
    """As the records write it; what held a person's name, number or address has a code of its own, `withheld-...`."""
    count: int
    """Accepted records of this request that name it."""
    nearest: str | None
    """The code of the catalogue that differs by one slip of the pen; null where there is none, or more than one fits."""


def unmapped_in(events: Iterable[Event], on: date, ruleset: Ruleset) -> Iterator[UnmappedCode]:
    """The codes of these events that the catalogue of a day does not know, once for each event."""
    for event in events:
        about = event.about
        if about is None:
            continue
        if about.agency is not None and ruleset.structure.key_for(about.agency, on) is None:
            yield "agency", about.agency
        if about.procedure is not None and ruleset.procedures.get(about.procedure, on) is None:
            yield "procedure", about.procedure


def unmapped_of(facts: Facts, about: About, changed_at: datetime) -> Iterator[tuple[CodeKind, str, date]]:
    """The codes of a dossier that the catalogue does not know, each with the day of receipt, or else of its last change.

    None of one that its source took back.
    """
    seen_on = facts.received_on or civil_day(changed_at)
    if facts.deleted:
        return
    if facts.agency is None and about.agency is not None:
        yield "agency", about.agency, seen_on
    if facts.procedure is None and about.procedure is not None:
        yield "procedure", about.procedure, seen_on


def add_counts(one: Mapping[Named, int], other: Mapping[Named, int]) -> Counter[Named]:
    """Both counts as one; of a file with more different codes than any real one, those that came first."""
    counted = Counter(one)
    for named, count in other.items():
        if named in counted or len(counted) < MAX_COUNTED:
            counted[named] += count
    return counted


def list_unmapped(counts: Mapping[UnmappedCode, int], ruleset: Ruleset, limit: int = MAX_LISTED) -> list[Unmapped]:
    """The most frequent of these codes, each with the one that was probably meant."""
    codes: dict[CodeKind, Container[str]] = {"agency": ruleset.structure.codes, "procedure": ruleset.procedures.codes}
    by_count = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Unmapped(kind, code, count, nearest(code, codes[kind])) for (kind, code), count in by_count[:limit]]


def nearest(code: str, known: Container[str]) -> str | None:
    """The one known code that is a slip away from `code`, by the likeliest kind of slip that leads to any.

    None for a code that is known, but not on the day of receipt.
    """
    if len(code) > MAX_CODE_LENGTH or code in known:
        return None
    for slips in (_confused, _swapped, _missing_or_more, _replaced):
        found = {one for one in slips(code.upper()) if one in known}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _confused(code: str) -> Iterator[str]:
    yield code
    yield code.translate(_DIGITS)


def _swapped(code: str) -> Iterator[str]:
    for index in range(len(code) - 1):
        yield code[:index] + code[index + 1] + code[index] + code[index + 2 :]


def _missing_or_more(code: str) -> Iterator[str]:
    for index in range(len(code) + 1):
        yield code[:index] + code[index + 1 :]
        for letter in _LETTERS:
            yield code[:index] + letter + code[index:]


def _replaced(code: str) -> Iterator[str]:
    for index in range(len(code)):
        for letter in _LETTERS:
            yield code[:index] + letter + code[index + 1 :]
