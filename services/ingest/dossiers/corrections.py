"""Codes that a spreadsheet has written as numbers: without zeros at the beginning of an agency's code, or at the end of a
procedure's, and with marks of thousands, decimals or a power of ten.

Pure. A code is corrected where the catalogue leaves no doubt what was meant: it does not know the code as it is written, and of
an agency exactly one other fits. National codes of procedures have six decimals.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from services.ingest.catalogue.model import Ruleset
from services.ingest.dossiers.unmapped import MAX_COUNTED, CodeKind
from services.ingest.events.model import Event

_SHORT_PROCEDURE = re.compile(r"(\d{1,2})[.,](\d{1,6})").fullmatch
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+", re.ASCII).fullmatch
_DECIMAL = re.compile(r"(\d+)[.,]0+", re.ASCII).fullmatch
_POWER = re.compile(r"(\d)[.,](\d+)E\+(\d{2})", re.ASCII).fullmatch
_DECIMALS = 6
_REMEMBERED = 20_000
"""Different codes whose reading is kept."""


class Correction(NamedTuple):
    """A code as it is written, and as it was taken."""

    kind: CodeKind
    written: str
    taken: str


class CodeCorrections:
    """Corrects the codes of one file's events by the catalogue as it is."""

    def __init__(self, ruleset: Ruleset | None) -> None:
        """`ruleset` is the province's; None: it has no catalogue yet."""
        self._agencies = _without_zeros(ruleset.structure.codes) if ruleset is not None else {}
        self._known_agencies = frozenset(ruleset.structure.codes) if ruleset is not None else frozenset()
        self._known_procedures = frozenset(ruleset.procedures.codes) if ruleset is not None else frozenset()
        self._taken: dict[tuple[CodeKind, str], str] = {}
        self.counts: Counter[Correction] = Counter()
        """How many events name each code that was corrected, of as many codes as are counted of a file."""

    def corrected(self, event: Event) -> Event:
        """The event with the codes that were meant."""
        about = event.about
        if about is None:
            return event
        agency = about.agency if about.agency is None else self._taken_for("agency", about.agency)
        procedure = about.procedure if about.procedure is None else self._taken_for("procedure", about.procedure)
        if agency == about.agency and procedure == about.procedure:
            return event
        return msgspec.structs.replace(event, about=msgspec.structs.replace(about, agency=agency, procedure=procedure))

    def _taken_for(self, kind: CodeKind, written: str) -> str:
        taken = self._taken.get((kind, written))
        if taken is None:
            taken = self._agency(written) if kind == "agency" else self._procedure(written)
            if len(self._taken) < _REMEMBERED:
                self._taken[kind, written] = taken
        if taken != written:
            correction = Correction(kind, written, taken)
            if correction in self.counts or len(self.counts) < MAX_COUNTED:
                self.counts[correction] += 1
        return taken

    def _agency(self, written: str) -> str:
        if written in self._known_agencies:
            return written
        number = _digits(written)
        fitting = self._agencies.get(number.lstrip("0"), ()) if number is not None else ()
        return fitting[0] if len(fitting) == 1 else written

    def _procedure(self, written: str) -> str:
        match = _SHORT_PROCEDURE(written)
        if match is None or written in self._known_procedures:
            return written
        return f"{match[1]}.{match[2].ljust(_DECIMALS, '0')}"


def _digits(written: str) -> str | None:
    """The whole number without what a spreadsheet puts into it; None where there is none, or not all of it."""
    if written.isascii() and written.isdigit():
        return written
    if _THOUSANDS(written):
        return re.sub(r"\D", "", written)
    if (decimal := _DECIMAL(written)) is not None:
        return decimal[1]
    power = _POWER(written)
    return power[1] + power[2] if power is not None and len(power[2]) == int(power[3]) else None


def _without_zeros(codes: Iterable[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code in set(codes):
        if code.isdigit() and code.lstrip("0"):
            found.setdefault(code.lstrip("0"), []).append(code)
    return found
