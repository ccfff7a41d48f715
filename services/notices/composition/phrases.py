"""How sentences are made: templates whose every number is a bound figure, lists of agencies, citations and abbreviations.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from string import Formatter
from typing import TypeAlias

import msgspec

from services.notices.composition.context import Matter
from services.notices.composition.model import Bound, Heading, Paragraph, Run, Words
from services.notices.figures.model import Figure, Subject
from services.notices.inspections.model import Citation
from services.notices.quantities import wording
from shared.vietnamese import sort_key

Value: TypeAlias = "Figure | str | tuple[Run, ...]"


def say(template: str, /, **values: Value) -> tuple[Run, ...]:
    """Fill a template: figures become bound numbers, words and runs are set in as they are."""
    runs: list[Run] = []
    for literal, name, _, _ in Formatter().parse(template):
        if literal:
            runs.append(Words(literal))
        if name is None:
            continue
        value = values[name]
        if isinstance(value, Figure):
            runs.append(Bound(value.prose(), value.key))
        elif isinstance(value, str):
            runs.append(Words(value))
        else:
            runs.extend(value)
    return merged(runs)


def merged(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The same runs, neighbouring words made one."""
    out: list[Run] = []
    for run in runs:
        if isinstance(run, Words) and out and isinstance(out[-1], Words):
            out[-1] = Words(out[-1].text + run.text)
        elif run.text:
            out.append(run)
    return tuple(out)


def between(parts: Sequence[tuple[Run, ...]], separator: str = "; ") -> tuple[Run, ...]:
    """Parts with a separator between them."""
    runs: list[Run] = []
    for number, part in enumerate(parts):
        if number:
            runs.append(Words(separator))
        runs.extend(part)
    return merged(runs)


def shares(parts: Sequence[tuple[str, Figure]]) -> tuple[Run, ...]:
    """`trước hạn 29.859 hồ sơ, đúng hạn 641 hồ sơ, không có hồ sơ quá hạn`: what is 0 is said in words, and last."""
    some = [say(label + " {n} hồ sơ", n=figure) for label, figure in parts if figure.size]
    none = [say("không có hồ sơ " + label) for label, figure in parts if not figure.size]
    return between([*some, *none], ", ")


def ranked(matter: Matter, kpi: str) -> list[tuple[Subject, Figure]]:
    """Agencies with a count above 0, the largest first, ties in dictionary order."""
    found = [(agency, matter.figures[f"{kpi}@{agency.key}"]) for agency in matter.agencies]
    some = [(agency, figure) for agency, figure in found if figure.size]
    return sorted(some, key=lambda one: (-one[1].size, sort_key(one[0].printed)))


def before_number(name: str) -> str:
    """A name as it stands before a number; one that ends in a number itself is parted from it: `Tổ 5: 12 hồ sơ`."""
    return name + ":" if name[-1:].isdigit() else name


def by_agency(matter: Matter, kpi: str, *, longest: int) -> tuple[Run, ...]:
    """Where a count lies: all agencies, or the largest and the sum of the rest; agencies of equal count stay together.

    Nothing for a count of 0 or without agencies.
    """
    rows = ranked(matter, kpi)
    if not rows:
        return ()
    if len(rows) == 1:
        agency, figure = rows[0]
        return say("{front} {name}", front="thuộc" if figure.size == 1 else "đều thuộc", name=agency.printed)
    cut = len(rows)
    if cut > longest:
        cut = longest
        while cut > 0 and rows[cut][1].size == rows[cut - 1][1].size:
            cut -= 1
        cut = cut or longest
    parts = [say("{name} {n} hồ sơ", name=before_number(agency.printed), n=figure) for agency, figure in rows[:cut]]
    if cut < len(rows):
        rest = matter.figures.sum(f"{kpi}.rest", [figure.key for _, figure in rows[cut:]])
        parts.append(say("các cơ quan, đơn vị còn lại {n} hồ sơ", n=rest))
    return between(parts)


def lowest(matter: Matter, kpi: str, subjects: Iterable[Subject], *, many: int, below: Figure) -> list[tuple[Subject, Figure]]:
    """The agencies with the lowest rates under `below`, lowest first; whoever ties with the last one is in as well."""
    limit = below.value
    if limit is None:
        return []
    found = [(agency, matter.figures[f"{kpi}@{agency.key}"]) for agency in subjects]
    valued = [(agency, figure, figure.value) for agency, figure in found]
    under = [(agency, figure, value) for agency, figure, value in valued if value is not None and value < limit]
    under.sort(key=lambda one: (one[2], sort_key(one[0].printed)))
    if len(under) > many:
        last = under[many - 1][2]
        under = [one for one in under if one[2] <= last]
    return [(agency, figure) for agency, figure, _ in under]


def cited(citation: Citation) -> str:
    """A document in full, as it is cited the first time."""
    subject = re.sub(r"^về( việc)? ", "", citation.subject)
    return f"{citation.kind} số {citation.number} {wording.long_day(citation.on)} của {citation.issuer} về {subject}"


def cited_again(citation: Citation) -> str:
    """A document by type and number, as it is cited after that."""
    return f"{citation.kind} số {citation.number}"


ABBREVIATIONS = (("Ủy ban nhân dân", "UBND"), ("thủ tục hành chính", "TTHC"))
"""Long forms that are abbreviated after their first use, where they are explained."""


def abbreviated(blocks: Iterable[Heading | Paragraph]) -> tuple[Heading | Paragraph, ...]:
    """The blocks with each long form explained at its first place and shortened after it, in reading order."""
    explained: set[str] = set()

    def shortened(text: str) -> str:
        for long, short in ABBREVIATIONS:
            head, found, tail = text.partition(long)
            if found and short not in explained:
                explained.add(short)
                explanation = "" if tail.startswith(f" ({short})") else f" ({short})"
                text = head + long + explanation + tail.replace(long, short)
            else:
                text = text.replace(long, short)
            text = text.replace(long[0].upper() + long[1:], short) if long[0].islower() else text
        return text

    out: list[Heading | Paragraph] = []
    for block in blocks:
        if isinstance(block, Heading):
            out.append(block)
            continue
        runs = [Words(shortened(run.text)) if isinstance(run, Words) else run for run in block.runs]
        out.append(msgspec.structs.replace(block, runs=merged(runs)))
    return tuple(out)


LISTED = 10
"""Agencies that a list in a sentence names at most."""


def counted(runs: tuple[Run, ...]) -> Paragraph:
    """A paragraph that says what was counted."""
    return Paragraph(runs, lead="-", source="figures")
