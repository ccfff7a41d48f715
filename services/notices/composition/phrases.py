"""Building blocks of sentences: templates whose every number is a bound figure, lists of agencies, citations and abbreviations.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from string import Formatter
from types import MappingProxyType
from typing import TypeAlias

import msgspec

from services.notices.composition.context import CompositionContext
from services.notices.composition.model import FigureRun, Heading, Paragraph, Run, TextRun
from services.notices.figures.model import Figure, Subject
from services.notices.inspections.model import Citation
from services.notices.quantities import wording
from shared.vietnamese import sort_key

Value: TypeAlias = "Figure | str | tuple[Run, ...]"


def sentence(template: str, /, **values: Value) -> tuple[Run, ...]:
    """Fill a template: a figure becomes a run that is bound to it, words and runs are inserted as they are."""
    runs: list[Run] = []
    for literal, name, _, _ in Formatter().parse(template):
        if literal:
            runs.append(TextRun(literal))
        if name is None:
            continue
        value = values[name]
        if isinstance(value, Figure):
            runs.append(FigureRun(value.prose(), value.key))
        elif isinstance(value, str):
            runs.append(TextRun(value))
        else:
            runs.extend(value)
    return merged(runs)


def merged(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The same runs, with neighbouring words joined."""
    result: list[Run] = []
    for run in runs:
        if isinstance(run, TextRun) and result and isinstance(result[-1], TextRun):
            result[-1] = TextRun(result[-1].text + run.text)
        elif run.text:
            result.append(run)
    return tuple(result)


def joined(parts: Sequence[tuple[Run, ...]], separator: str = "; ") -> tuple[Run, ...]:
    """Parts with a separator between them."""
    runs: list[Run] = []
    for number, part in enumerate(parts):
        if number:
            runs.append(TextRun(separator))
        runs.extend(part)
    return merged(runs)


def breakdown(
    parts: Sequence[tuple[str, Figure]], where: Mapping[str, tuple[Run, ...]] = MappingProxyType({})
) -> tuple[Run, ...]:
    """`trước hạn 29.859 hồ sơ, đúng hạn 641 hồ sơ, không có hồ sơ quá hạn`: counts of 0 are written in words, and last.

    `where`: words in brackets right behind the count of a label, such as whose dossiers they are.
    """
    some = [
        sentence(
            label + " {n} hồ sơ{where}", n=figure, where=sentence(" ({by})", by=by) if (by := where.get(label, ())) else ""
        )
        for label, figure in parts
        if figure.size
    ]
    none = [sentence("không có hồ sơ " + label) for label, figure in parts if not figure.size]
    return joined([*some, *none], ", ")


def divided(
    front: tuple[Run, ...],
    whole: Figure,
    parts: Sequence[tuple[str, Figure]],
    where: Mapping[str, tuple[Run, ...]] = MappingProxyType({}),
    *,
    leading_in: str = ", trong đó: ",
) -> tuple[Run, ...]:
    """A count with its parts behind it, or with the only one that there is: `24 hồ sơ, đều trong hạn`."""
    some = [(label, figure) for label, figure in parts if figure.size]
    if len(some) == 1 and some[0][1].size == whole.size:
        label = some[0][0]
        by = sentence(" ({by})", by=by) if (by := where.get(label, ())) else ""
        text = "{front}, {label}{by}" if whole.size == 1 else "{front}, đều {label}{by}"
        return sentence(text, front=front, label=label, by=by)
    return merged([*front, TextRun(leading_in), *breakdown(parts, where)])


def ranked(context: CompositionContext, kpi: str) -> list[tuple[Subject, Figure]]:
    """Agencies with a count above 0, the largest first, ties in dictionary order."""
    found = [(agency, context.figures.find(f"{kpi}@{agency.key}")) for agency in context.agencies]
    some = [(agency, figure) for agency, figure in found if figure is not None and figure.size]
    return sorted(some, key=lambda one: (-one[1].size, sort_key(one[0].printed)))


def before_number(name: str) -> str:
    """A name as it stands before a number; a colon separates one that ends in a number itself: `Tổ 5: 12 hồ sơ`."""
    return name + ":" if name[-1:].isdigit() else name


def leading(rows: Sequence[tuple[Subject, Figure]], max_named: int) -> int:
    """How many of ranked rows a list names: all, or at most `max_named`; rows of equal count stay together."""
    if len(rows) <= max_named:
        return len(rows)
    cut = max_named
    while cut > 0 and rows[cut][1].size == rows[cut - 1][1].size:
        cut -= 1
    return cut or max_named


def by_agency(context: CompositionContext, kpi: str, *, max_agencies: int) -> tuple[Run, ...]:
    """The agencies of a count: all of them, or the largest and the sum of the rest; agencies of equal count stay together.

    Empty for a count of 0, without agencies, and where one alone was inspected: it is known whose they are.
    """
    rows = ranked(context, kpi)
    if not rows or len(context.agencies) == 1:
        return ()
    if len(rows) == 1:
        agency, figure = rows[0]
        return sentence("{front} {name}", front="thuộc" if figure.size == 1 else "đều thuộc", name=agency.printed)
    cut = leading(rows, max_agencies)
    parts = [sentence("{name} {n} hồ sơ", name=before_number(agency.printed), n=figure) for agency, figure in rows[:cut]]
    if cut < len(rows):
        rest = context.figures.add_sum(f"{kpi}.rest", [figure.key for _, figure in rows[cut:]])
        parts.append(sentence("các cơ quan, đơn vị còn lại {n} hồ sơ", n=rest))
    return joined(parts)


def lowest(
    context: CompositionContext, kpi: str, subjects: Iterable[Subject], *, max_agencies: int, below: Figure
) -> list[tuple[Subject, Figure]]:
    """The agencies with the lowest rates under `below`, lowest first; empty where so many tie that none is the lowest."""
    limit = below.value
    found = _rated(context, kpi, subjects)
    under = [one for one in found if limit is not None and one[2] < limit]
    under.sort(key=lambda one: (one[2], sort_key(one[0].printed)))
    return [one[:2] for one in _with_ties(under, max_agencies)]


def highest(
    context: CompositionContext, kpi: str, subjects: Iterable[Subject], *, max_agencies: int, above: Figure, lead: Decimal
) -> list[tuple[Subject, Figure]]:
    """The agencies with the highest rates over `above`, highest first, that are `lead` points before the next one.

    Empty where none is.
    """
    limit = above.value
    found = _rated(context, kpi, subjects)
    found.sort(key=lambda one: (-one[2], sort_key(one[0].printed)))
    over = [one for one in found if limit is not None and one[2] > limit]
    for cut in range(min(max_agencies, len(over), len(found) - 1), 0, -1):
        if found[cut - 1][2] - found[cut][2] >= lead:
            return [one[:2] for one in over[:cut]]
    return []


def _rated(context: CompositionContext, kpi: str, subjects: Iterable[Subject]) -> list[tuple[Subject, Figure, Decimal]]:
    """The agencies whose rate is one of something."""
    found = [(agency, context.figures.find(f"{kpi}@{agency.key}")) for agency in subjects]
    return [(agency, figure, value) for agency, figure in found if figure is not None and (value := figure.value) is not None]


def _with_ties(
    ranked_rates: Sequence[tuple[Subject, Figure, Decimal]], max_agencies: int
) -> Sequence[tuple[Subject, Figure, Decimal]]:
    """The first ones with those that tie with the last of them; without these where they are too many."""
    if len(ranked_rates) <= max_agencies:
        return ranked_rates
    last = ranked_rates[max_agencies - 1][2]
    until = max(index for index, one in enumerate(ranked_rates) if one[2] == last) + 1
    if until > 2 * max_agencies:
        until = min(index for index, one in enumerate(ranked_rates) if one[2] == last)
    return ranked_rates[:until]


def cited(citation: Citation) -> str:
    """A document in full, as it is cited the first time."""
    subject = re.sub(r"^về( việc)? ", "", citation.subject)
    return f"{citation.kind} số {citation.number} {wording.long_day(citation.on)} của {citation.issuer} về {subject}"


def cited_again(citation: Citation) -> str:
    """A document by type and number, as it is cited after that."""
    return f"{citation.kind} số {citation.number}"


def without_repetition(blocks: Iterable[Heading | Paragraph]) -> Iterator[Heading | Paragraph]:
    """The blocks in which `Các cơ quan, đơn vị (32/32) đều` has its numbers once: after that it is known how many they are."""
    stated: set[str] = set()
    for block in blocks:
        if isinstance(block, Paragraph):
            runs: list[Run] = []
            for run in block.runs:
                runs.append(run)
                if len(runs) < 5 or not (isinstance(run, TextRun) and run.text.startswith(") đều ")):
                    continue
                who, met, of, all_ = runs[-5:-1]
                if not (isinstance(who, TextRun) and who.text.endswith(" (") and of == TextRun("/") and met.text == all_.text):
                    continue
                name = f"{who.text.rpartition('. ')[2]}{met.text}"
                if name in stated:
                    runs[-5:] = [TextRun(who.text[:-2] + run.text[1:])]
                stated.add(name)
            block = msgspec.structs.replace(block, runs=merged(runs))
        yield block


def renamed_words(text: str, names: Mapping[str, str]) -> str:
    """A text with words that are called otherwise since: `Template.renamed`."""
    for before, since in names.items():
        text = text.replace(before, since)
    return text


def renamed_blocks(blocks: Iterable[Heading | Paragraph], names: Mapping[str, str]) -> Iterator[Heading | Paragraph]:
    """The blocks with our own words renamed; what people wrote stays as it is."""
    for block in blocks:
        if isinstance(block, Paragraph) and block.source != "findings":
            runs = (TextRun(renamed_words(run.text, names)) if isinstance(run, TextRun) else run for run in block.runs)
            block = msgspec.structs.replace(block, runs=tuple(runs))
        yield block


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
        runs = [TextRun(shortened(run.text)) if isinstance(run, TextRun) else run for run in block.runs]
        out.append(msgspec.structs.replace(block, runs=merged(runs)))
    return tuple(out)


MAX_AGENCIES_LISTED = 10
"""Agencies that a list in a sentence names at most."""


def figures_paragraph(key: str, runs: tuple[Run, ...]) -> Paragraph:
    """A paragraph that states what was counted; `key` tells it from the others of its section."""
    return Paragraph(runs, lead="-", key=key, source="figures")
