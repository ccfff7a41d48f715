"""The figures of a document as far as they can be compared: what each counts, of whom and of when. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

import msgspec

from services.notices.audit.documents.model import Document
from services.notices.audit.engine import position_of
from services.notices.audit.figures import Figure, FigureKind, Mark, ParagraphFigures
from services.notices.audit.frames import is_name, names_agency
from services.notices.audit.model import Audit, ClaimKind, Position, Verdict
from services.notices.audit.understanding import Reading
from services.notices.audit.vocabulary import Cue, vocabulary
from services.notices.quantities.exact import Fraction
from services.notices.quantities.lexer import TokenKind, tokens

MAX_FIGURES = 5_000
"""Figures of a document that are stored for comparisons."""
MAX_BEFORE = 200
"""Characters before a figure that are stored, to find agencies in them."""
MAX_UNKNOWN = 30
ABOUT = Fraction(1, 20)
"""How far a figure with `khoảng` may lie from what it stands for."""

_APART = {"resolved", "in_process"}


class FigureContext(Enum):
    """What the words before a figure make of it, beside what it counts."""

    level = "level"
    """How many there are, or the share that they are."""
    change = "change"
    """By how much it rose or fell."""
    earlier = "earlier"
    """What it was in another period, or what it is held against."""
    target = "target"
    """A goal."""


class ReadFigure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A figure with what it was understood to mean."""

    at: Position
    printed: str
    kind: FigureKind
    value: Decimal
    low: Decimal | None
    """The least value that it stands for; null: it states no lower bound."""
    high: Decimal | None
    """The greatest value that it stands for; null: it states no upper bound."""
    decimals: int = 0
    unit: str | None = None
    meaning: Mapping[str, str] = {}
    """What it counts by dimension, as in `vocabulary.toml`; of a rate that of its numerator."""
    scope: str = ""
    """Name of the agency, in lower case; empty: whom the document is about."""
    own: bool = False
    """Whether the document is about that agency."""
    period: str = ""
    """Empty: the period of the document."""
    topic: str = ""
    qualified: bool = False
    """Whether words that the vocabulary does not know say more of it."""
    unknown: tuple[str, ...] = ()
    """Those of its segment, in their normal form; names of agencies have such words too."""
    before: str = ""
    """The words before it in its segment."""
    assumed: bool = False
    """Whether its words leave open which dossiers are meant, resolved ones or those in process."""
    context: FigureContext = FigureContext.level


def read_figures(document: Document, reading: Reading, audit: Audit) -> tuple[ReadFigure, ...]:
    """The figures of a document in the order of the text, `MAX_FIGURES` at most; `reading` is that of its audit."""
    parts = _parts_of_rates(reading, document, audit)
    surroundings = {id(figure): one for paragraph in reading.paragraphs for figure, one in _surroundings(paragraph)}
    restricted = _restricted(reading, {number for number, one in surroundings.items() if one.name})
    found = sorted((one for one in reading.figures if not one.counted), key=lambda one: (one.start, one.end))
    not_online = _not_online(reading)
    rates: dict[tuple[int, int], Mapping[str, str]] = {}
    figures = []
    for figure in found[:MAX_FIGURES]:
        around = surroundings.get(id(figure), _IN_TABLE)
        meaning = dict(figure.meaning)
        if figure.kind is FigureKind.rate and not figure.own:
            meaning = dict(parts.get(figure.start) or meaning or rates.get((figure.paragraph, figure.sentence), {}))
        if figure.kind is FigureKind.rate and around.context is FigureContext.level and meaning:
            # `Tỷ lệ trực tuyến đạt 80,18%, thấp nhất là: xã D 49,42%`: the list is of the same share.
            rates[figure.paragraph, figure.sentence] = meaning
        figures.append(_read(figure, meaning, around, position_of(figure, document, reading)))
        if id(figure) in not_online:
            figures[-1] = msgspec.structs.replace(figures[-1], meaning={**meaning, "channel": "offline"})
        if id(figure) in restricted:
            figures[-1] = msgspec.structs.replace(figures[-1], qualified=True, unknown=())
    return tuple(figures)


def _not_online(reading: Reading) -> set[int]:
    """Figures at the counter that are all that did not come online: `30.566 (trực tuyến 24.458, trực tiếp 6.108)`."""
    found: set[int] = set()
    for group in reading.groups:
        channels = {part.meaning.get("channel"): part for part in group.parts}
        whole = group.whole.value
        if channels.keys() == {"online", "counter"} and _is_near(sum(part.value for part in group.parts), whole):
            found.add(id(channels["counter"]))
    return found


def _is_near(total: Fraction | int, whole: Fraction) -> bool:
    """Whether parts make up a whole, but for a slip in one of the figures."""
    return abs(total - whole) * 50 <= whole


def _restricted(reading: Reading, named: Set[int]) -> set[int]:
    """Figures that are parts of less than they state: of a whole with words that are not known, or at another stage than it."""
    found: set[int] = set()
    for group in reading.groups:
        stage = group.whole.meaning.get("stage")
        for part in group.parts:
            if (group.whole.qualified and id(group.whole) not in named) or {stage, part.meaning.get("stage")} == _APART:
                found.add(id(part))
    return found


def _read(figure: Figure, meaning: Mapping[str, str], around: _Surroundings, at: Position) -> ReadFigure:
    low, high = _bounds(figure)
    return ReadFigure(
        at=at,
        printed=" ".join(figure.text.split()),
        kind=figure.kind,
        value=_decimal(figure.value),
        low=None if low is None else _decimal(low),
        high=None if high is None else _decimal(high),
        decimals=max(figure.decimals, 0),
        unit=figure.unit,
        meaning=meaning,
        scope=around.name or figure.named_scope or figure.scope,
        own=not figure.scope and not around.name,
        period=figure.period,
        topic=figure.topic,
        qualified=figure.qualified and not around.name,
        unknown=around.unknown if figure.qualified else (),
        before=figure.name[-MAX_BEFORE:],
        assumed="default" in figure.inherited and figure.kind is not FigureKind.rate and "time" in meaning,
        context=around.context,
    )


def _bounds(figure: Figure) -> tuple[Fraction | None, Fraction | None]:
    match figure.approximate:
        case "over":
            return figure.value, None
        case "under":
            return None, figure.value
        case "about":
            return figure.value * (1 - ABOUT), figure.value * (1 + ABOUT)
    return figure.low, figure.high


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _parts_of_rates(reading: Reading, document: Document, audit: Audit) -> dict[int, Mapping[str, str]]:
    """By the place of a rate that counts stand beside: what its numerator counts."""
    at = {document.given(figure.start): figure for figure in reading.figures if figure.counts}
    found: dict[int, Mapping[str, str]] = {}
    for claim in audit.claims:
        if claim.kind is ClaimKind.rate and claim.verdict is not Verdict.undecided and claim.operands:
            part = at.get(claim.operands[0].start)
            if part is not None and part.meaning and len(claim.operands) <= 2:
                found[claim.at.start] = part.meaning
    return {figure.start: found[place] for figure in reading.figures if (place := document.given(figure.start)) in found}


_DIRECTIONS = frozenset(("increase", "decrease", "multiple"))


class _Surroundings(NamedTuple):
    """What the words before a figure make of it."""

    context: FigureContext
    name: str
    """The agency whose name is all that stands before it, as in lists; in lower case."""
    unknown: tuple[str, ...] = ()


_IN_TABLE = _Surroundings(FigureContext.level, "")


def _surroundings(paragraph: ParagraphFigures) -> Iterator[tuple[Figure, _Surroundings]]:
    """Each figure with its surroundings, by the words between the figure before it in its sentence and itself."""
    cues = [(cue, segment.sentence) for segment in paragraph.segments for cue in segment.cues]
    number, begin, sentence = 0, 0, -1
    for figure in paragraph.figures:
        if figure.sentence != sentence:
            sentence, begin = figure.sentence, 0
        between: list[Cue] = []
        while number < len(cues) and cues[number][0].start < figure.token:
            cue, where = cues[number]
            number += 1
            if cue.start >= begin and where == sentence and not _in_name(paragraph, cue.start):
                between.append(cue)
        begin = figure.last
        name = _name(figure, paragraph)
        context = FigureContext.level if name else _context(between, figure, paragraph)
        yield figure, _Surroundings(context, name, _unknown(figure, paragraph) if figure.qualified else ())


def _in_name(paragraph: ParagraphFigures, token: int) -> bool:
    """Whether a word with a capital goes on a name: `Tài chính - Kế hoạch`, `Kinh tế và Hạ tầng`."""
    if token < 2 or not paragraph.tokens[token].text.istitle():
        return False
    before = paragraph.tokens[token - 1]
    return before.kind is TokenKind.word or before.text in "-–"


def _unknown(figure: Figure, paragraph: ParagraphFigures) -> tuple[str, ...]:
    """Words of its segment that the vocabulary does not know, between the figures before and after it."""
    segment = paragraph.segments[figure.segment]
    covered = {place for cue in segment.cues for place in range(cue.start, cue.end)}
    since = max((one.last for one in segment.figures if one.token < figure.token), default=segment.start)
    until = min((one.token for one in segment.figures if one.token > figure.token), default=segment.end)
    read = ((place, paragraph.tokens[place]) for place in (*range(since, figure.token), *range(figure.last, until)))
    plain = vocabulary().plain
    return tuple(
        token.norm
        for place, token in read
        if place not in covered and token.kind is TokenKind.word and token.norm not in plain and not token.text.istitle()
    )[:MAX_UNKNOWN]


def _name(figure: Figure, paragraph: ParagraphFigures) -> str:
    """The name before a figure: `An Phượng 01 hồ sơ`, `An Phượng: 01 hồ sơ`; empty where other words stand there."""
    if figure.own:
        return ""
    name = figure.name
    segment = paragraph.segments[figure.segment]
    if segment.opened is Mark.colon and segment.number and segment.figures[0] is figure and segment.start == figure.token:
        before = paragraph.segments[segment.number - 1]
        words = paragraph.tokens[before.start : before.end]
        if words and not before.figures:
            name = paragraph.text[words[0].start : words[-1].end]
    name = name.strip(" -+•:")
    read = tokens(name)
    is_agency = vocabulary().agencies.find_at(read, 0) is not None and names_agency(read)
    return name.lower() if is_agency or is_name(name) else ""


def _context(cues: Sequence[Cue], figure: Figure, paragraph: ParagraphFigures) -> FigureContext:
    context = FigureContext.level
    for cue in cues:
        roles = cue.roles
        if roles & _DIRECTIONS:
            context = FigureContext.change
        elif _leads_to_earlier(cue, figure, paragraph):
            context = FigureContext.earlier
        elif "target" in roles:
            context = FigureContext.target
        elif roles & {"to", "rate", "ratio"} and cue.measure is None and context is not FigureContext.earlier:
            context = FigureContext.level
    return context


def _leads_to_earlier(cue: Cue, figure: Figure, paragraph: ParagraphFigures) -> bool:
    """Whether what follows a phrase is of another period: `từ 60,06% lên 98%`, `so với năm 2022 (60,06%)`, `kỳ trước là 12`."""
    if "from" in cue.roles:
        return cue.end >= figure.token - 1
    if "against" in cue.roles:
        return paragraph.tokens[cue.start].norm == "so"
    return "prior" in cue.roles and "stage" not in (cue.measure or {})
