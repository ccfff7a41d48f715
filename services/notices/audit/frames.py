"""What each figure means where it stands: of whom, of when, about what, and what it takes over from the words before it.

Pure. A figure without a stated scope or period takes the one in force: of its segment, its sentence, the sentence before,
the heading.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from services.notices.audit.figures import Figure, FigureKind, Mark, ParagraphFigures, Segment
from services.notices.audit.markers import RANK, marker
from services.notices.audit.measures import stated_by
from services.notices.audit.offices import rank_of, wider_whole
from services.notices.audit.vocabulary import Dimensions, vocabulary
from services.notices.quantities.exact import Fraction
from services.notices.quantities.lexer import Token, TokenKind, positions_among

_YEAR = re.compile(r"(?:19|20)\d{2}")
_LETTERS = re.compile(r"[^\W\d_]+")
_NO_LIMIT = Fraction(10**18)
CURRENT = "current"
"""The period of the report, when the text does not say it."""
PRIOR = "prior"
"""The period before, when the text does not say its year."""


class _Frame(NamedTuple):
    """Of whom, of when and about what a stretch of text speaks."""

    scope: str
    period: str
    topic: str
    level: str


class _Heading(NamedTuple):
    """What a heading says of the paragraphs below it."""

    rank: int
    scope: str
    level: str
    topic: str


class Frames:
    """Gives figures their frames, paragraph by paragraph in the order of the text."""

    def __init__(self) -> None:
        self._year = ""
        self._own_period = ""
        self._headings: list[_Heading] = []
        self._unit: str | None = None
        self._office = rank_of("")
        self._speaking: list[int] = []
        """Of the paragraph that is read: the words that may name an agency or a time."""
        self._times: Sequence[int] = ()
        """Of the same: the words that tell a time."""

    @property
    def own_period(self) -> str:
        """The time that the text is about; empty where it does not say."""
        return f"{self._own_period} {self._year}".strip()

    def begin(self, paragraphs: Sequence[ParagraphFigures]) -> None:
        """Find the time that a text is about: that of its title, or the latest that it speaks of."""
        self._office = rank_of(_titled(paragraphs))
        told = [
            (number, paragraph.norms[position]) for number, paragraph in enumerate(paragraphs) for position in paragraph.times
        ]
        first = next((number for number, paragraph in enumerate(paragraphs) if paragraph.figures), len(paragraphs))
        titled = [period for number, period in told if number < first]
        years = {period: max((int(year) for year in _YEAR.findall(period)), default=0) for _, period in told}
        leading = {
            paragraph.norms[position]
            for paragraph in paragraphs
            for position in paragraph.times
            if not paragraph.figures or position < paragraph.figures[0].token
        }
        # A time that is told only beside figures is that of what they are held against.
        chosen = (
            titled[:1] or sorted((period for _, period in told if period in leading), key=lambda period: -years[period])[:1]
        )
        if not chosen:
            return
        self._year = str(years[chosen[0]] or max(years[one] for one in {*leading, *titled}) or "")
        self._own_period = self._canonical(chosen[0])

    def settle(self, paragraphs: Sequence[ParagraphFigures]) -> None:
        """The office that a text is about is the whole: figures told of it by name and of no one are of the same."""
        figures = [figure for paragraph in paragraphs for figure in paragraph.figures]
        titled = _titled(paragraphs)
        told = {
            figure.scope
            for paragraph in paragraphs
            for figure in paragraph.figures
            if figure.scope
            and "stage" in figure.own
            and figure.depth == 0
            and paragraph.segments[figure.segment].opened not in (Mark.colon, Mark.semicolon)
        } | {figure.scope for figure in figures if figure.scope and is_name(figure.name) and "stage" not in figure.own}
        own = titled or (next(iter(told)) if len(told) == 1 else "")
        for figure in figures:
            figure.named_scope = figure.scope
            if own and figure.scope == own:
                figure.scope = ""

    def read(self, paragraph: ParagraphFigures, parent: ParagraphFigures | None) -> None:
        """Frame a paragraph's figures; `parent` is the paragraph that it is an item of."""
        scope, level, topic = (
            next((value for value in (getattr(one, name) for one in reversed(self._headings)) if value), "")
            for name in ("scope", "level", "topic")
        )
        period = ""
        lead: Dimensions = {}
        if parent is not None:
            scope, period, topic, level, lead = self._of_parent(parent, scope, topic, level)
        if paragraph.heading:
            self._read_heading(paragraph)
        if not paragraph.figures:
            return
        self._unit = None
        lasting = _Frame(scope, period, topic, level)
        frame = lasting
        sentence = stage_said = -1
        started = False
        stage = lead.get("stage", "")
        left = _NO_LIMIT
        inside: dict[int, _Frame] = {}
        self._times = paragraph.times
        self._speaking = sorted({*paragraph.times, *positions_among(vocabulary().begins_agency, paragraph.norms)})
        for segment in paragraph.segments:
            if segment.sentence != sentence:
                sentence, frame, started, inside = segment.sentence, lasting, False, {}
                self._unit = self._unit if self._unit in _COUNTED else None
                self._unit = _announced(paragraph, segment) or self._unit
            if segment.depth == 0:
                inside = {}
                frame = self._framed(frame, paragraph, segment)
                if not started:
                    lasting = frame
                started = started or bool(segment.figures)
                here = frame
                if self._is_dated_after(segment):
                    # `3.087 hồ sơ của tháng 5 mang sang và 40.215 hồ sơ nộp mới`: of the first figure only
                    frame = frame._replace(period=lasting.period)
            else:
                above = inside.get(segment.depth - 1, frame)
                here = inside[segment.depth] = self._framed(inside.get(segment.depth, above), paragraph, segment)
            for figure in segment.figures:
                figure.scope, figure.period, figure.topic = here.scope, here.period, here.topic
                if figure.scope == frame.scope and not figure.stated and is_name(figure.name):
                    figure.scope = figure.name.lower()
                if figure.own.get("stage") == "carried":
                    figure.period = lasting.period
                figure.meaning = dict(figure.own)
                if here.level and "level" not in figure.meaning:
                    figure.meaning["level"] = here.level
                    figure.inherited.add("level")
                self._take_unit(figure)
                if stage == "in_process" and "stage" not in figure.own and figure.counts and figure.value > left:
                    stage = "resolved"  # `còn 29 hồ sơ. Số không trễ 1.401 hồ sơ`: more than what is left is none of it
                stage = self._take_stage(figure, lead, stage, near=stage_said == segment.sentence)
                if "stage" in figure.own:
                    stage_said, left = segment.sentence, figure.value

    def _framed(self, frame: _Frame, paragraph: ParagraphFigures, segment: Segment) -> _Frame:
        """The frame in force in a segment: what it says itself, and else what was in force before."""
        scope, period, topic, level = frame
        place = bisect_left(self._speaking, segment.start)
        speaks = place < len(self._speaking) and self._speaking[place] < segment.end
        if not (speaks or segment.cues):
            return frame  # nothing of it names an agency, a time or a level
        words = paragraph.tokens[segment.start : segment.end]
        first = segment.figures[0].token - segment.start if segment.figures else len(words)
        named = _scope(words, first) if speaks else None
        if named is not None:
            scope = named
        carried = any((cue.measure or {}).get("stage") == "carried" for cue in segment.cues)
        if not carried and not any("against" in cue.roles for cue in segment.cues):
            when = self._period(paragraph, segment)
            period = ("" if when in (self._own_period, CURRENT) else when) if when else period
        topic = _topic(segment) or topic
        levels = [cue for cue in segment.cues if cue.measure and "level" in cue.measure]
        if not segment.figures:
            # `các phòng chuyên môn và 17 xã`: who takes part, unless it is said as a level.
            levels = [cue for cue in levels if words[cue.start - segment.start].norm in ("cấp", "khối")]
        if levels and (not segment.figures or levels[0].start < segment.figures[0].token):
            level = (levels[0].measure or {})["level"]
        elif whole := next((cue for cue in segment.cues if "whole" in cue.roles), None):
            scope = wider_whole(whole, paragraph, segment, self._office)
            level = "" if not levels and segment.opened in (None, Mark.end, Mark.semicolon, Mark.dash) else level
        return _Frame(scope, period, topic, level)

    def _is_dated_after(self, segment: Segment) -> bool:
        """Whether a segment states its time after its figure."""
        if not (self._times and segment.figures):
            return False
        place = bisect_left(self._times, segment.start)
        return place < len(self._times) and segment.figures[0].token < self._times[place] < segment.end

    def _take_unit(self, figure: Figure) -> None:
        if figure.unit is not None and figure.unit not in ("agency", "day", "money", "score", "level", "time"):
            self._unit = figure.unit if figure.text[:1].isdigit() else self._unit
        elif figure.unit is None and figure.kind is FigureKind.count:
            figure.unit = next((unit for word, unit in _UNIT_WORDS.items() if word in figure.words), self._unit)

    def _take_stage(self, figure: Figure, lead: Dimensions, stage: str, *, near: bool) -> str:
        """Give a figure the stage that it shares with what was said before; returns the stage said last."""
        meaning = figure.meaning
        # `Phải giải quyết ...: a) Cấp tỉnh: ... Đã giải quyết 94.870 hồ sơ, quá hạn 812`: of what its own sentence tells
        own_sentence = near and stage and ("time" in meaning or "channel" in meaning)
        for name, value in lead.items():
            if name not in meaning and figure.counts and not (name == "stage" and own_sentence):
                meaning[name] = value
                figure.inherited.add(name)
        if "stage" in figure.own:
            return stage if figure.kind is FigureKind.points else figure.own["stage"]
        if "stage" in meaning:
            return stage
        if not ("time" in meaning or "channel" in meaning):
            if stage and "level" in figure.own and figure.kind is FigureKind.count:
                meaning["stage"] = stage
                figure.inherited.add("stage")
            return stage
        taken = stage
        if figure.kind is FigureKind.rate and stage == "in_process":
            taken = ""
        if not near and ("time" not in meaning or figure.kind is FigureKind.rate or stage not in ("resolved", "in_process")):
            taken = ""
        if taken:
            meaning["stage"] = taken
            figure.inherited.add("stage")
        else:
            meaning["stage"] = "resolved" if "time" in meaning else "received"
            figure.inherited |= {"stage", "default"}
        return stage

    def _of_parent(self, parent: ParagraphFigures, scope: str, topic: str, level: str) -> tuple[str, str, str, str, Dimensions]:
        lead: Dimensions = {}
        period = ""
        last = next((one for one in reversed(parent.figures) if one.kind is FigureKind.count and one.depth == 0), None)
        if last is not None:
            scope, topic, period = last.scope, last.topic, last.period
            level = last.meaning.get("level", level)
            if parent.opens:
                lead = {name: value for name, value in last.meaning.items() if name != "level"}
        else:
            for segment in parent.segments:
                words = parent.tokens[segment.start : segment.end]
                named = _scope(words, len(words))
                scope = scope if named is None else named
                topic = _topic(segment) or topic
                when = self._period(parent, segment)
                period = period if not when or when == self._own_period else when
                measure = stated_by(segment.cues)
                level = measure.pop("level", level)
                if parent.opens:
                    lead |= measure
        return scope, period, topic, level, lead

    def _read_heading(self, paragraph: ParagraphFigures) -> None:
        rank = RANK[marker(paragraph.text)]
        while self._headings and self._headings[-1].rank >= rank:
            self._headings.pop()
        cues = [cue for segment in paragraph.segments for cue in segment.cues]
        topic = next((role.partition(":")[2] for cue in cues for role in cue.roles if role.startswith("topic:")), "")
        if len([cue for cue in cues if cue.measure]) > 0:
            topic = ""  # a heading of several things
        named = _scope(paragraph.tokens, len(paragraph.tokens)) or ""
        words = [token for token in paragraph.tokens if token.kind is TokenKind.word]
        levels = [cue for cue in cues if cue.measure and "level" in cue.measure]
        level = levels[0].measure["level"] if len(levels) == 1 and levels[0].measure else ""
        if rank == RANK[""]:
            # A title names the office that writes, unless it is nothing but a name.
            topic = ""
            if len(named.split()) * 2 < len(words) or len(words) > 8:
                named = level = ""
        self._headings.append(_Heading(rank, named, level, topic))

    def _canonical(self, period: str) -> str:
        words = period.replace("quí", "quý").replace(" năm ", " ").replace("/", " ").replace(self._year or "\0", "").split()
        out = " ".join(words)
        return out if out not in ("năm", "") else "year"

    def _period(self, paragraph: ParagraphFigures, segment: Segment) -> str:
        """The period that a segment states; of several the last one."""
        stated = [position for position in paragraph.times if segment.start <= position < segment.end]
        if stated:
            last = self._canonical(paragraph.norms[stated[-1]])
            return PRIOR if last.endswith((" ngoái", " trước")) else CURRENT if last.endswith(" nay") else last
        if any("current" in cue.roles for cue in segment.cues):
            return self._own_period or CURRENT
        if any("prior" in cue.roles and not (cue.measure or {}).get("stage") for cue in segment.cues):
            return PRIOR
        return ""


def _titled(paragraphs: Sequence[ParagraphFigures]) -> str:
    """The office that the first lines name; empty where they name none."""
    first = (paragraph for paragraph in paragraphs[:12] if not paragraph.figures)
    return next((named for one in first for named in (_scope(one.tokens, len(one.tokens)),) if named), "")


def _announced(paragraph: ParagraphFigures, segment: Segment) -> str | None:
    """The unit that a sentence names before its colon: `Thủ tục được đơn giản hóa: văn hóa 591, đất đai 405`."""
    if segment.figures or segment.closed is not Mark.colon or segment.end == segment.start:
        return None
    unit = vocabulary().units.find_at(paragraph.tokens, segment.start)
    told = next(iter(unit.roles)) if unit is not None and unit.end <= segment.end else None
    return told if told in _COUNTED else None


def _topic(segment: Segment) -> str:
    return next((role.partition(":")[2] for cue in segment.cues for role in cue.roles if role.startswith("topic:")), "")


def _scope(words: Sequence[Token], until: int) -> str | None:
    """The agency that is named among the first words, in lower case; None when none is."""
    position, found = 0, None
    limit = min(until, len(words))
    known = vocabulary()
    neutral, begins = known.begins_neutral, known.begins_agency
    while position < limit:
        word = words[position].norm
        if word in neutral:
            phrase = known.phrases.find_at(words, position)
            if phrase is not None and "neutral" in phrase.roles:
                position = phrase.end
                continue
        cue = known.agencies.find_at(words, position) if word in begins else None
        if cue is None or (position and words[position - 1].norm in ("toàn", "cả", "cấp", "khối")):
            position += 1
            continue
        after = cue.end
        while after < len(words) and (
            (words[after].kind is TokenKind.word and words[after].text[:1].isupper())
            or (
                words[after].kind is TokenKind.number
                and after == cue.end
                and words[position].norm in _NUMBERED
                and len(words[after].text) < 3
            )
            or (
                after + 1 < len(words)
                and words[after].norm in ("và", "-", "–", ",")
                and words[after + 1].text[:1].isupper()
                and words[after].norm != ","
            )
        ):
            after += 1
        if after > cue.end:
            found = _plain_scope(" ".join(word.norm for word in words[position:after]))
        position = max(after, cue.end)
    return found


_COUNTED = frozenset(("dossier", "form", "petition", "procedure"))
"""Units that last from one sentence to the next."""
_UNIT_WORDS = {"sơ": "dossier", "hs": "dossier", "phiếu": "form"}
"""Words before a figure that say its unit: `tổng số hồ sơ tiếp nhận 2.626`."""
_NUMBERED = frozenset(("tổ", "phường", "quận", "phòng", "đơn"))
"""Kinds of agencies that may go by a number."""


def _plain_scope(name: str) -> str:
    """`ubnd xã tân an` is `xã tân an`."""
    for front in ("ubnd ", "ủy ban nhân dân ", "đảng ủy ", "hđnd "):
        if name.startswith(front) and len(name.split()) > 2:
            return name.removeprefix(front)
    return name


def is_name(name: str) -> bool:
    """Whether the words before a figure are a name: most of them begin with a capital."""
    words = [word for word in _LETTERS.findall(name) if word.lower() not in ("và", "là", "có")]
    plain = vocabulary().plain
    if not words or words[0].lower() in plain or all(word.lower() in plain for word in words):
        return False
    return words[0][0].isupper() and len([word for word in words if word[0].isupper()]) * 2 >= len(words)


def names_agency(read: Sequence[Token]) -> bool:
    """Whether words are the name of an agency: `xã Tân An`."""
    return _scope(read, len(read)) is not None
