"""What a list of agencies may not say: overlaps, missing parents, circles, lines without end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise

from shared.agencies.agency import MAX_LEVELS, MAX_SUCCESSIONS, MAX_UNITS_PER_CODE, Agency
from shared.languages import Bilingual, bilingual


def contradictions(agencies: Iterable[Agency]) -> Iterator[Bilingual]:
    """Contradictions in a list of agencies, each as a sentence with what to do; none when the list can be used."""
    units = list(agencies)
    by_key: dict[str, Agency] = {}
    by_code: dict[str, list[Agency]] = defaultdict(list)
    for unit in units:
        if unit.key in by_key:
            yield bilingual(
                "{unit} is listed twice: keep one.", "{unit} có hai lần trong danh mục: giữ lại một.", unit=unit.key
            )
            continue
        by_key[unit.key] = unit
        by_code[unit.code].append(unit)
        if not unit.code or "@" in unit.code:
            yield bilingual(
                "{unit}: a code must not be empty nor hold an @.",
                "{unit}: mã không được trống và không được có ký tự @.",
                unit=unit.key,
            )
        if unit.valid_to is not None and unit.valid_to <= unit.valid_from:
            yield bilingual(
                "{unit} ends on {end}, not after it began: correct valid_to.",
                "{unit} kết thúc ngày {end}, không sau ngày bắt đầu: sửa valid_to.",
                unit=unit.key,
                end=unit.valid_to,
            )
    for code, units in by_code.items():
        units.sort(key=lambda unit: unit.valid_from)
        if len(units) > MAX_UNITS_PER_CODE:
            yield bilingual(
                "{code} was given to {n} units; at most {limit} are taken: correct the list.",
                "Mã {code} được cấp cho {n} đơn vị; tối đa là {limit}: sửa danh mục.",
                code=code,
                n=len(units),
                limit=MAX_UNITS_PER_CODE,
            )
        for earlier, later in pairwise(units):
            if earlier.valid_to is None or earlier.valid_to > later.valid_from:
                yield bilingual(
                    "{earlier} still exists when {later} begins: let it end on {day} or earlier.",
                    "{earlier} chưa kết thúc khi {later} bắt đầu: cho kết thúc vào ngày {day} hoặc sớm hơn.",
                    earlier=earlier.key,
                    later=later.key,
                    day=later.valid_from,
                )
    for unit in by_key.values():
        if unit.parent is not None:
            yield from _parent_findings(unit, by_key, by_code)
        for key in unit.successors:
            successor = by_key.get(key)
            if successor is None:
                yield bilingual(
                    "{unit} names the successor {key}, which is not listed: add it or correct the key.",
                    "{unit} có đơn vị kế thừa {key} không có trong danh mục: bổ sung hoặc sửa khóa.",
                    unit=unit.key,
                    key=key,
                )
            elif unit.valid_to is None:
                yield bilingual(
                    "{unit} has a successor but no end: give it a valid_to.",
                    "{unit} có đơn vị kế thừa nhưng chưa có ngày kết thúc: bổ sung valid_to.",
                    unit=unit.key,
                )
            elif not successor.exists_on(unit.valid_to):
                yield bilingual(
                    "{unit} ends on {end}, when its successor {key} does not exist: correct one of the days.",
                    "{unit} kết thúc ngày {end}, khi đơn vị kế thừa {key} không tồn tại: sửa một trong hai ngày.",
                    unit=unit.key,
                    end=unit.valid_to,
                    key=key,
                )
    yield from _circles(by_key)
    yield from _long_lines(by_key)


def _parent_findings(unit: Agency, by_key: Mapping[str, Agency], by_code: Mapping[str, list[Agency]]) -> Iterator[Bilingual]:
    assert unit.parent is not None
    named = [by_key[unit.parent]] if unit.parent in by_key else by_code.get(unit.parent, [])
    if not named:
        yield bilingual(
            "{unit} has the parent {parent}, which is not listed: add it or correct the parent.",
            "{unit} có đơn vị cấp trên {parent} không có trong danh mục: bổ sung hoặc sửa đơn vị cấp trên.",
            unit=unit.key,
            parent=unit.parent,
        )
        return
    if not any(parent.exists_on(unit.valid_from) for parent in named):
        yield bilingual(
            "{unit} begins when its parent {parent} does not exist: correct the parent or the day.",
            "{unit} bắt đầu khi đơn vị cấp trên {parent} không tồn tại: sửa đơn vị cấp trên hoặc ngày.",
            unit=unit.key,
            parent=unit.parent,
        )
    ends = [parent.valid_to for parent in named]
    if None not in ends:
        last = max(end for end in ends if end is not None)
        if unit.valid_to is None or unit.valid_to > last:
            yield bilingual(
                "{unit} outlives its parent {parent}, which ends on {last}: end it or give it another parent.",
                "{unit} còn tồn tại sau khi đơn vị cấp trên {parent} kết thúc ngày {last}: cho kết thúc hoặc chuyển"
                " sang đơn vị cấp trên khác.",
                unit=unit.key,
                parent=unit.parent,
                last=last,
            )


def _circles(by_key: Mapping[str, Agency]) -> Iterator[Bilingual]:
    """Units that are their own ancestors, and those with more than `MAX_LEVELS` levels above them; visits each code once."""
    above = {unit.code: (unit.parent or "").partition("@")[0] for unit in by_key.values()}
    levels: dict[str, int] = {}
    for first in above:
        line: dict[str, None] = {}
        code = first
        while code in above and code not in levels and code not in line:
            line[code] = None
            code = above[code]
        if code in line:
            circle = list(line)[list(line).index(code) :]
            shown = [*circle[:MAX_LEVELS], *(["..."] if len(circle) > MAX_LEVELS else []), code]
            yield bilingual(
                "{code} is above itself ({line}): correct one of the parents.",
                "{code} là cấp trên của chính nó ({line}): sửa một trong các đơn vị cấp trên.",
                code=code,
                line=" under ".join(shown),
            )
            levels |= dict.fromkeys(circle, 0)
        for code in reversed(line):
            if code not in levels:
                levels[code] = levels.get(above[code], 0) + 1
                if levels[code] == MAX_LEVELS + 1:
                    yield bilingual(
                        "{code} lies more than {n} levels below the top: correct its parent.",
                        "{code} nằm dưới cấp cao nhất quá {n} cấp: sửa đơn vị cấp trên.",
                        code=code,
                        n=MAX_LEVELS,
                    )


def _long_lines(by_key: Mapping[str, Agency]) -> Iterator[Bilingual]:
    """Units with a line of more than `MAX_SUCCESSIONS` successors."""
    lines: dict[str, int] = {}
    # A successor ends later than the unit that it follows, so the last ones come first.
    for unit in sorted(by_key.values(), key=lambda unit: unit.valid_to or date.max, reverse=True):
        lines[unit.key] = 1 + max((lines.get(key, 0) for key in unit.successors), default=0)
        if lines[unit.key] == MAX_SUCCESSIONS + 1:
            yield bilingual(
                "{unit} has a line of more than {n} successors: correct them.",
                "{unit} có chuỗi hơn {n} đơn vị kế thừa: sửa lại.",
                unit=unit.key,
                n=MAX_SUCCESSIONS,
            )
