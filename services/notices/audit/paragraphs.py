"""Reads a paragraph: its segments between stops, and for every figure what the words around it say.

Pure. A figure's own words are those of its segment; words of a segment without a figure belong to the next one (`trước hạn,
đúng hạn
2.405`), words before a colon to all that follow in the sentence (`Kết quả giải quyết: ...`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from services.notices.audit.accents import accented
from services.notices.audit.figures import Figure, FigureKind, Mark, ParagraphFigures, Segment
from services.notices.audit.measures import merged, stated_by
from services.notices.audit.numbers import quantities_of
from services.notices.audit.vocabulary import Cue, Dimensions, vocabulary
from services.notices.quantities.lexer import Token, TokenKind, positions_among, positions_of, tokens

BRACKETED = 8
"""Words in a bracket that say more of what stands before it; longer ones are a remark."""
MAX_FIGURES = 400
"""Figures of a paragraph; a longer one is a copied table, which claims nothing in words."""

_STOPS = {
    ",": Mark.comma,
    ";": Mark.semicolon,
    ":": Mark.colon,
    "(": Mark.opening,
    "[": Mark.opening,
    ")": Mark.closing,
    "]": Mark.closing,
    ".": Mark.end,
    "?": Mark.end,
    "!": Mark.end,
    "\n": Mark.end,
    "…": Mark.dots,
}


_JOINS = frozenset(("và", "cùng"))
_SHORTENED = frozenset(("TP", "Tp", "TX", "Tx", "TT", "Tt", "ThS", "BS", "GS", "PGS"))
"""What a full stop shortens before a name."""
_DASHES = frozenset(("-", "–", "+", "•", "*"))
_BULLETS = ("-", "–", "*", "+")
"""What stands before an item, and is none of its words."""


def read_paragraph(text: str, number: int, offset: int) -> ParagraphFigures:
    """The figures of a paragraph; `offset` is its place in the document."""
    read = accented(tokens(text))
    kinds, _, norms, _, _ = zip(*read, strict=True) if read else ((), (), (), (), ())
    figures = quantities_of(read, kinds, norms, text, number, offset)
    if len(figures) > MAX_FIGURES:
        figures = []
    segments = _segments(read, norms, figures)
    _assign(read, text, segments)
    ends = next((norm for norm in reversed(norms) if norm not in _BULLETS), "")
    heading = not figures and ends not in (".", ";", ",") and 0 < len(norms) - sum(map(norms.count, _BULLETS)) <= 40
    opens = ends == ":" or (
        bool(segments) and any("opener" in cue.roles and cue.end >= len(read) - 1 for cue in segments[-1].cues)
    )
    return ParagraphFigures(number, text, read, norms, positions_of(TokenKind.period, kinds), segments, figures, heading, opens)


@cache
def _telling() -> frozenset[str]:
    """What a stop or the begin of a phrase may be; most words mean nothing here."""
    return vocabulary().begins | _JOINS | _DASHES | _STOPS.keys()


def _segments(read: list[Token], norms: Sequence[str], figures: list[Figure]) -> list[Segment]:
    by_token = {figure.token: figure for figure in figures}
    segments: list[Segment] = []
    depth = sentence = 0
    current = Segment(0, 0, 0, None, None, 0, 0)
    phrases, begins = vocabulary().phrases, vocabulary().begins
    position = seen = 0

    def close(mark: Mark, after: int) -> None:
        nonlocal current
        current.end = position
        current.closed = mark
        segments.append(current)
        current = Segment(len(segments), after, after, mark, None, depth, sentence)

    for position in sorted({*by_token, *positions_among(_telling(), norms)}):
        if position < seen:
            continue  # within a figure or a phrase
        figure = by_token.get(position)
        if figure is not None:
            figure.depth, figure.sentence, figure.segment = depth, sentence, current.number
            current.figures.append(figure)
            seen = figure.last
            continue
        cue = phrases.find_at(read, position) if norms[position] in begins else None
        if cue is not None:
            seen = cue.end
            if _in_proper_name(read, cue):
                continue
            if "opener" in cue.roles and cue.start > current.start:
                close(Mark.comma, position)
            current.cues.append(cue)
            continue
        mark = _mark_at(read, position)
        if mark is None:
            continue
        if mark is Mark.opening:
            depth += 1
        elif mark is Mark.closing:
            depth = max(0, depth - 1)
        elif mark is Mark.end:
            if depth and not _closes_later(read, position):
                depth = 0
            if depth == 0:
                sentence += 1
        close(mark, position + 1)
    current.end = len(read)
    segments.append(current)
    return segments


def _in_proper_name(read: list[Token], cue: Cue) -> bool:
    """Whether a phrase is a part of a name: the `Hạ` of `Hạ Thành`."""
    if cue.end - cue.start > 1 or not read[cue.start].text.istitle():
        return False
    around = (*read[max(0, cue.start - 1) : cue.start], *read[cue.end : cue.end + 1])
    return any(token.kind is TokenKind.word and token.text.istitle() for token in around)


def _closes_later(read: list[Token], position: int) -> bool:
    return any(token.text in (")", "]") for token in read[position + 1 : position + 60])


def _mark_at(read: list[Token], position: int) -> Mark | None:
    token = read[position]
    if token.kind is TokenKind.word:
        return Mark.joined if token.norm in _JOINS and not _inside_name(read, position) else None
    if token.kind is not TokenKind.stop:
        return None
    if token.text in _DASHES:
        spaced = position == 0 or (
            position + 1 < len(read) and token.start > read[position - 1].end and read[position + 1].start > token.end
        )
        return Mark.dash if spaced and not _inside_name(read, position) else None
    mark = _STOPS.get(token.text) or _STOPS.get(token.norm)
    if mark is Mark.end and token.text == "." and position + 1 < len(read):
        following = read[position + 1]
        glued = following.start == token.end
        if position and read[position - 1].text in _SHORTENED and read[position - 1].end == token.start:
            return None  # `TP. Sông Mây`
        if glued and following.kind is not TokenKind.stop:
            return None  # TP.HCM, 1.a
        if following.text[:1].islower():
            return Mark.comma
    return mark


def _inside_name(read: list[Token], position: int) -> bool:
    """Whether `và` or a hyphen joins two capitalised words: `Tài nguyên và Môi trường`."""
    return (
        0 < position < len(read) - 1
        and read[position + 1].kind is TokenKind.word
        and read[position + 1].text[:1].isupper()
        and read[position - 1].kind is TokenKind.word
        and any(token.text[:1].isupper() for token in read[max(0, position - 3) : position] if token.kind is TokenKind.word)
    )


def _assign(read: list[Token], text: str, segments: list[Segment]) -> None:
    """Give every figure the words of its segment, and those before it that wait for a figure."""
    pending: dict[int, list[Cue]] = {}
    lead: dict[int, list[Cue]] = {}
    sentence = -1
    for segment in segments:
        if segment.sentence != sentence:
            pending, lead, sentence = {}, {}, segment.sentence
        if segment.opened is Mark.opening:
            pending.pop(segment.depth, None)
            lead.pop(segment.depth, None)
        if not segment.figures:
            if segment.closed is Mark.colon:
                lead[segment.depth] = [*pending.pop(segment.depth, []), *segment.cues]
            elif segment.closed is Mark.semicolon:
                pending.pop(segment.depth, None)
            else:
                # Words in a bracket say more of what stands before it: `hài lòng chung (rất hài lòng và hài lòng) là 93,65%`.
                short = segment.closed is Mark.closing and segment.end - segment.start <= BRACKETED
                outer = segment.depth - 1 if short and segment.depth else segment.depth
                pending.setdefault(outer, []).extend(segment.cues)
            continue
        waiting = _still_waiting(pending.pop(segment.depth, []), segments[: segment.number])
        for figure, divided in _divided(read, segment):
            cues = divided if figure.counts else _without_base(figure, divided)
            figure.own = _with_waiting(stated_by(cues), stated_by(waiting))
            figure.stated = dict(figure.own)
            if lead.get(segment.depth):
                led = stated_by(lead[segment.depth])
                figure.own = _led(figure.own, led)
                if "stage" in led and "stage" in figure.stated and figure.stated["stage"] != led["stage"]:
                    # `Kết quả: tiếp nhận 64 hồ sơ, giải quyết 58 hồ sơ, đúng hạn 57`: what came last holds
                    lead[segment.depth] = [cue for cue in lead[segment.depth] if "stage" not in (cue.measure or {})]
            if figure.own.get("stage") == "left":
                # `còn 20 hồ sơ` are those in process; `còn 20 hồ sơ quá hạn` says nothing of where they stand.
                del figure.own["stage"]
                if not figure.own or figure.own.get("time") == "in_time":
                    figure.own["stage"] = "in_process"
            if figure.unit in ("procedure", "document") and figure.own.get("stage") == "new":
                figure.own["change"] = figure.own.pop("stage")
            figure.roles = {role for cue in (*cues, *waiting) for role in cue.roles}
            if segment.opened is Mark.colon and figure is segment.figures[0]:
                figure.roles |= {role for cue in lead.get(segment.depth, ()) for role in cue.roles if role == "total"}
            _name(read, text, segment, figure)
            if segment.opened is Mark.colon and figure is segment.figures[0]:
                label = segments[segment.number - 1]
                if not label.figures and label.depth == segment.depth:
                    figure.label = frozenset(
                        token.norm for token in read[label.start : label.end] if token.kind is TokenKind.word
                    )
            waiting = [] if figure.kind is FigureKind.count else waiting
        if segment.closed is Mark.colon:
            pending[segment.depth] = []


def _still_waiting(cues: list[Cue], before: list[Segment]) -> list[Cue]:
    """The phrases that wait for a figure: not that something rose, once a bracket told of it (`9 chỉ tiêu đạt và vượt (75%), 3
    chỉ tiêu không đạt`), unless it is what that is held against (`hơn kỳ trước (66,4%) là 3,6 điểm`)."""
    if not cues or any(cue.roles & {"against", "prior"} for cue in cues):
        return cues
    told = max((one.figures[-1].token for one in before[-3:] if one.figures), default=-1)
    return [cue for cue in cues if cue.start > told or not cue.roles & {"increase", "decrease"}]


def _with_waiting(own: Dimensions, waiting: Dimensions) -> Dimensions:
    """A figure's words with those that waited for it; words of another stage were about something else."""
    if own.get("stage") == "left" and "stage" in waiting:
        return merged({name: value for name, value in own.items() if name != "stage"}, waiting)
    if waiting.get("stage") == "carried" and own.get("stage") == "in_process":
        return {**own, "stage": "carried"}  # `Đầu kỳ, huyện còn 320 hồ sơ dở dang`
    if "stage" in own and "stage" in waiting and own["stage"] != waiting["stage"] != "left":
        return own
    return merged(own, waiting)


def _without_base(figure: Figure, cues: list[Cue]) -> list[Cue]:
    """The phrases of a rate without those of its base: `0,84% so với tổng số hồ sơ tiếp nhận`."""
    base = next(
        (cue.start for cue in cues if cue.roles & {"base", "against"} and figure.last <= cue.start <= figure.last + 1), None
    )
    return cues if base is None else [cue for cue in cues if cue.start < base]


def _led(own: Dimensions, lead: Dimensions) -> Dimensions:
    return {**{name: value for name, value in lead.items() if name not in own}, **own}


def _divided(read: list[Token], segment: Segment) -> list[tuple[Figure, list[Cue]]]:
    """The cues of a segment, given to its figures."""
    figures, cues = segment.figures, segment.cues
    if len(figures) == 1:
        return [(figures[0], list(cues))]
    shares: list[list[Cue]] = [[] for _ in figures]
    for cue in cues:
        order = sum(figure.token < cue.start for figure in figures)
        if order == 0:
            shares[0].append(cue)
        elif order == len(figures):
            shares[-1].append(cue)
        else:
            if cue.end == figures[order].token and cue.measure is not None:
                shares[order].append(cue)
                continue
            between = [one for one in cues if figures[order - 1].last <= one.start < figures[order].token]
            turn = next(
                (
                    one
                    for one in between
                    if one.roles & {"ratio", "base", "against", "to", "increase", "decrease"} and one.measure is None
                ),
                None,
            )
            if turn is not None:
                shares[order if cue.start >= turn.start else order - 1].append(cue)
            else:
                shares[order if any(one.measure for one in shares[order - 1]) else order - 1].append(cue)
    return list(zip(figures, shares, strict=True))


def _name(read: list[Token], text: str, segment: Segment, figure: Figure) -> None:
    before = [one for one in segment.figures if one.token < figure.token]
    since = before[-1].last if before else segment.start
    if since < figure.token:
        figure.name = text[read[since].start : read[figure.token - 1].end].strip()
    after = [one for one in segment.figures if one.token > figure.token]
    until = after[0].token if after else segment.end
    covered = {place for cue in segment.cues for place in range(cue.start, cue.end)}
    plain, word = vocabulary().plain, TokenKind.word
    around = (*read[since : figure.token], *read[figure.token + 1 : until])
    figure.words = frozenset([norm for kind, _, norm, _, _ in around if kind is word])
    figure.qualified = any(
        token.kind is word and token.norm not in plain and not token.text.istitle() and place not in covered
        for place in (*range(since, figure.token), *range(figure.last, until))
        for token in (read[place],)
    )
