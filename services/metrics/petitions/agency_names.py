"""Agencies as offices write them into lists: by code, by unit key, or by name with or without `UBND` before it. Pure."""

from __future__ import annotations

import re
from datetime import date

from services.metrics.agencies.model import Units
from shared.agencies import Agency
from shared.errors import NotFound
from shared.languages import Bilingual, bilingual
from shared.vietnamese import unaccented

_COMMITTEE = re.compile(r"^(?:ubnd|u\.?b\.?n\.?d\.?|uy ban nhan dan)\s+")
_SHORT = ((re.compile(r"^(?:tp\.?|t\.p\.)\s*(?=\S)"), "thanh pho "), (re.compile(r"^(?:p\.)\s*(?=\S)"), "phuong "))


class AgencyNames:
    """Finds the unit that a text names, among those that a key may state petitions of."""

    def __init__(self, units: Units, permitted: frozenset[int] | None) -> None:
        """`permitted`: numbers of units; None: all."""
        self._units = units
        self._permitted = permitted
        self._by_name: dict[str, list[Agency]] = {}
        for unit in units.structure:
            if permitted is None or units.numbers.get(unit.key) in permitted:
                self._by_name.setdefault(_bare(unit.name_vi), []).append(unit)
        self._found: dict[tuple[str, date], int | Bilingual] = {}

    def find(self, written: str, on: date) -> int | Bilingual:
        """The number of the unit that bore the name or code on a day; a sentence where there is none, or more than one."""
        key = written, on
        if key not in self._found:
            self._found[key] = self._find(written, on)
        return self._found[key]

    def _find(self, written: str, on: date) -> int | Bilingual:
        try:
            found = self._units.scope([written], on, None, self._permitted)
        except NotFound:
            pass
        else:
            assert found.key is not None, "one was named"
            return self._units.numbers[found.key]
        named = self._by_name.get(_bare(written), [])
        there = [unit for unit in named if unit.exists_on(on)]
        if not there and (begun := [unit for unit in named if unit.valid_from <= on]):
            there = [max(begun, key=lambda unit: unit.valid_from)]
        if len(there) == 1 and (number := self._units.numbers.get(there[0].key)) is not None:
            return number
        shown = "".join(one for one in written[:100] if one.isprintable())
        if there:
            return bilingual(
                "Several agencies are called '{name}' ({codes}). Write the code in its place.",
                "Có nhiều cơ quan tên '{name}' ({codes}). Ghi mã cơ quan thay cho tên.",
                name=shown,
                codes=", ".join(sorted(unit.code for unit in there)[:5]),
            )
        return bilingual(
            "This key knows no agency '{name}' on {day}. GET /v1/agencies lists codes and names; write one of these.",
            "Không có cơ quan '{name}' vào ngày {vi} mà khóa này được ghi. Xem mã và tên ở GET /v1/agencies và ghi lại.",
            name=shown,
            day=on,
            vi=on.strftime("%d/%m/%Y"),
        )


def _bare(name: str) -> str:
    text = _COMMITTEE.sub("", unaccented(name))
    for pattern, whole in _SHORT:
        text = pattern.sub(whole, text)
    return text
