"""Audits the figures of a document, whoever wrote it: what each claims of the others, and whether it holds.

Pure. Understanding, claims and the solver are rooms of their own; this module only leads from one to the next. Nothing here
knows of a particular text.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.notices.audit import model
from services.notices.audit.claims import (
    absolutes,
    additions,
    averages,
    bases,
    bounds,
    brackets,
    comparisons,
    denials,
    divisions,
    doubled,
    names,
    overruled,
    partitions,
    periods,
    proportions,
    ranks,
    rates,
    remainders,
    repetitions,
    respects,
    restatements,
    scores,
    series,
    settings,
    shares,
    sums,
    together,
    totals,
)
from services.notices.audit.claims.contexts import Context
from services.notices.audit.claims.facts import Facts
from services.notices.audit.claims.merging import merged
from services.notices.audit.claims.roles import contexts_of
from services.notices.audit.claims.subjects import Subjects
from services.notices.audit.claims.tables.equations import of_table
from services.notices.audit.documents.model import Document
from services.notices.audit.documents.plain_text import read_text
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.judging import Change, Judged, judge
from services.notices.audit.moods import without_mixed
from services.notices.audit.solver import Equation, Form, Term, printed, rounded
from services.notices.audit.understanding import Reading, understand
from services.notices.quantities.exact import Fraction

QUOTE = 60
"""Characters of the text quoted before a figure, and half as many after it."""


def audit_text(text: str) -> model.Audit:
    """Audit a plain text."""
    return audit(read_text(text))


def audit(document: Document) -> model.Audit:
    """Audit a document."""
    return audit_with_reading(document)[0]


def audit_with_reading(document: Document) -> tuple[model.Audit, Reading]:
    """Audit a document; with what was understood of it, to which claims add what their figures mean."""
    reading = understand(document)
    judged = judge(_claims(reading))
    made = [_claim(one, document, reading) for one in judged]
    order = sorted(range(len(made)), key=lambda number: (made[number].at.start, made[number].at.end))
    claims = tuple(made[number] for number in order)
    decided = sum(one.verdict is not model.Verdict.undecided for one in claims)
    found = model.Audit(claims, tuple(_contradictions(claims)), decided, len(reading.figures), document.unread)
    return found, reading


def _claims(reading: Reading) -> list[Sequence[Equation]]:
    for paragraph in reading.paragraphs:
        settings.settle_goals(paragraph)
    figures = reading.figures
    contexts = contexts_of(reading.paragraphs, reading.own_period)
    changing = {id(one.figure) for one in contexts if one.role.changes}
    moved = {id(one.figure) for one in contexts if one.role.changes and "approximate:over" not in one.roles}
    facts = Facts([one for one in figures if one.cell is None and not (id(one) in moved and one.kind is FigureKind.count)])
    counts = [one for one in figures if one.kind is FigureKind.count and one.cell is None]
    slots: list[Sequence[Equation]] = [
        *sums.grouped(reading.groups),
        *sums.by_meaning(facts, reading.groups),
        *sums.balances(figures),
    ]
    totals_of_tables = [
        figure for table in reading.tables for row in table.rows if row.total for figure in row.figures.values()
    ]
    with_totals = sorted((*(one for one in figures if one.cell is None), *totals_of_tables), key=lambda one: one.start)
    of_rates = rates.Rates(facts, Facts(with_totals), reading.groups, counts)
    for paragraph in reading.paragraphs:
        for setting in settings.settings(paragraph):
            if id(setting.rate) in changing:
                continue
            slots.append(of_rates.readings(setting))
        slots.extend(names.fractions(paragraph))
        slots.extend(names.exclusions(paragraph, reading.groups))
        slots.extend(names.listed(paragraph))
        slots.extend(ranks.ranks(paragraph))
    for table in reading.tables:
        slots.extend(of_table(table))
    slots.extend(shares.respectively(contexts))
    slots.extend(comparisons.comparisons(contexts))
    slots.extend(averages.averages(contexts))
    slots.extend(series.series(contexts))
    slots.extend(scores.scores(contexts))
    slots.extend(scores.divided(contexts))
    found = list(additions.additions(contexts))
    slots.extend(totals.totals(contexts, found))
    slots.extend(divisions.divisions(contexts))
    slots.extend([*periods.periods(contexts), *denials.denials(contexts)])
    slots = doubled.with_doubled(slots, contexts)
    whole_sums = [one for readings in slots for one in readings[:1] if one.kind == "sum" and one.holds()]
    slots.extend(shares.shares(contexts, [*whole_sums, *found]))
    sums_told = merged(slots, found)
    sums_told.extend(together.together(contexts, [one for readings in sums_told for one in readings[:1]]))
    told = absolutes.with_absolutes(_with_proportions(sums_told, contexts), contexts)
    told = [*told, *remainders.remainders(contexts, told)]
    told = respects.with_respects(told, contexts)
    told = brackets.with_brackets(told, contexts)
    told = bases.with_bases(told, [*whole_sums, *found], contexts)
    told = partitions.with_partitions(told, contexts)
    told = without_mixed([*bounds.with_bounds(told, contexts), *restatements.restatements(contexts)])
    told = overruled.without_overruled(told)
    return [*told, *without_mixed(repetitions.repetitions(contexts, Subjects(reading.paragraphs), totals_of_tables, told))]


def _with_proportions(slots: list[Sequence[Equation]], contexts: Sequence[Context]) -> list[Sequence[Equation]]:
    """The slots, with what rates are of where the words next to them leave it open."""
    by_rate = {
        id(readings[0].claimed.figure): number
        for number, readings in enumerate(slots)
        if readings[0].form in (Form.ratio, Form.growth) or readings[0].kind in ("rate", "change")
    }
    held = [one for readings in slots for one in readings[:1] if one.kind in ("sum", "list", "table")]
    found = proportions.Proportions(contexts, held)
    for context in contexts:
        if context.figure.kind is not FigureKind.rate:
            continue
        number = by_rate.get(id(context.figure))
        told = slots[number] if number is not None else ()
        if any(one.holds() for one in told):
            continue
        if any(one.certain and one.is_plausible() for one in told):
            continue
        readings = [one for one in found.readings(context) if not _is_of_other_opinion(context.figure, one)]
        if not readings:
            continue
        if number is None:
            slots.append(readings)
        elif readings[0].holds() or (readings[0].certain and not any(one.certain for one in told)):
            slots[number] = [*readings, *(one for one in told if not readings[0].certain)]
    return slots


def _is_of_other_opinion(rate: Figure, reading: Equation) -> bool:
    """Whether a rate says itself that it is of others than the count: `chưa hài lòng 7 người; tỷ lệ hài lòng đạt 94,17%`."""
    own = reading.terms[0].figure.own.get("opinion")
    return len(reading.terms) == 1 and own is not None and rate.own.get("opinion", own) != own


# The result


def _claim(judged: Judged, document: Document, reading: Reading) -> model.Claim:
    equation = judged.equation
    claimed = equation.claimed.figure
    undecided = judged.verdict == "undecided"
    return model.Claim(
        verdict=model.Verdict(judged.verdict),
        kind=model.ClaimKind(equation.kind),
        quote=_quote(claimed, document, reading),
        at=position_of(claimed, document, reading),
        equation="" if undecided and equation.claimed in equation.terms else equation.text(),
        claimed=_as_printed(equation.claimed),
        computed="" if undecided or judged.computed is None else _computed(equation, judged),
        repairs=tuple(
            model.Repair(_as_printed(one.term), one.text(), position_of(one.term.figure, document, reading))
            for one in judged.repairs
        ),
        reason=_reason(judged) if undecided else "",
        operands=tuple(position_of(one, document, reading) for one in equation.figures[1:]),
    )


def _as_printed(term: Term) -> str:
    plain = " ".join(term.figure.text.split())
    in_words = not any(char.isdigit() for char in plain)
    return printed(term.value) if term.whole or term.figure.kind is FigureKind.part or in_words else plain


def _computed(equation: Equation, judged: Judged) -> str:
    assert judged.computed is not None
    claimed = equation.claimed.figure
    if claimed.kind in (FigureKind.rate, FigureKind.points):
        return Change(equation.claimed, rounded(judged.computed, max(claimed.decimals, 0))).text()
    return printed(judged.computed)


def _reason(judged: Judged) -> str:
    equation = judged.equation
    if (
        equation.kind == "rate"
        and equation.form is Form.ratio
        and equation.terms
        and equation.terms[0].figure is not equation.claimed.figure
    ):
        low, high = equation.claimed.bounds
        part = sum((term.value * term.factor for term in equation.terms), start=0 * low)
        if low > 0:
            least, most = -(-100 * part // high), 100 * part // low
            span = printed(Fraction(least)) if least == most else f"{printed(Fraction(least))}-{printed(Fraction(most))}"
            return f"mẫu số {span} không được nêu trong văn bản"
    if equation.kind == "change":
        return "số của kỳ so sánh không được nêu trong văn bản"
    return "văn bản có thể hiểu theo nhiều cách"


def _quote(figure: Figure, document: Document, reading: Reading) -> str:
    """The words around a figure: of its paragraph, or of the cells about it."""
    text, block = document.text, document.blocks[_block_of(figure, reading)]
    first, last = (0, len(text)) if block.rows else (block.start, block.start + len(block.text))
    start = max(first, figure.start - QUOTE)
    end = min(last, figure.end + QUOTE // 2)
    if start > first:
        start = text.find(" ", start, figure.start) + 1 or start
    if end < last:
        end = max(text.rfind(" ", figure.end, end), figure.end)
    return " ".join(text[start:end].split())


def _block_of(figure: Figure, reading: Reading) -> int:
    return reading.blocks[figure.paragraph] if figure.paragraph >= 0 else -1 - figure.paragraph


def position_of(figure: Figure, document: Document, reading: Reading) -> model.Position:
    """Where a figure stands in the document."""
    block = _block_of(figure, reading)
    page = document.blocks[block].page_at(figure.start)
    return model.Position(page, block + 1, document.given(figure.start), document.given(figure.end))


def _contradictions(claims: Sequence[model.Claim]) -> list[model.Claim]:
    """The contradicted claims; those that one and the same change repairs are rated as one."""
    out: dict[object, model.Claim] = {}
    for number, claim in enumerate(claims):
        if claim.verdict is not model.Verdict.contradicted:
            continue
        key: object = (claim.repairs[0].at, claim.repairs[0].to) if len(claim.repairs) == 1 else number
        known = out.get(key)
        if known is None:
            out[key] = claim
        elif claim.equation not in known.equation:
            out[key] = model.Claim(
                known.verdict,
                known.kind,
                known.quote,
                known.at,
                f"{known.equation}; {claim.equation}",
                known.claimed,
                known.computed,
                known.repairs,
                known.reason,
                (*known.operands, claim.at),
            )
    return list(out.values())
