"""Whether a figure tells what is, or what somebody wants: a goal, a pledge, an order, a condition, an estimate. Pure.

`Trả 488/500 hồ sơ đúng hạn. Yêu cầu trả 100% hồ sơ đúng hạn.`: the second contradicts nothing. A wish begins with its verb and
ends with its clause, or with a word that tells again (`đã`, `hiện`); the items below an order and the sections of tasks are
wishes too. Figures of one wish may contradict one another, never those that are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from services.notices.audit.figures import Figure, FigureKind, Mark, ParagraphFigures, Segment
from services.notices.audit.markers import RANK, marker
from services.notices.audit.solver import Equation
from services.notices.audit.vocabulary import Cue, vocabulary
from services.notices.quantities.lexer import Token, TokenKind, positions_among

CLOSE = 8
"""Words between a rate and the count that it belongs to."""
SUBJECT = 12
"""Words of a subject before its verb: `Chủ tịch UBND huyện yêu cầu`."""
DEED = 40
"""Words before a verb among which one sees whether its sentence tells what was done."""
DONE = 3
"""Words between `đôn đốc` and the number that were urged."""
POINTED = 5
"""Words after a count among which it is said to be the one told before."""
_POINTING = frozenset((("nêu", "trên"), ("nói", "trên"), ("hiện", "nay"), ("kể", "trên")))
_NO_SUBJECT = frozenset(("theo", "có", "số", "đạt", "đơn", "được", "bị", "về", "của", "các", "những", "sơ", "phiếu", "không"))
"""Words before `yêu cầu`, `đề nghị` that make a noun of it: `theo đề nghị`, `đạt yêu cầu`."""

_PETITIONS = frozenset(("nại", "cáo", "phản", "ánh", "ảnh"))
"""Syllables of the petitions that stand beside `kiến nghị`."""
_FINDINGS = frozenset((("phát", "hiện"), ("thanh", "tra"), ("kiểm", "tra"), ("vi", "phạm"), ("sai", "phạm"), ("kết", "luận")))
"""What an inspection tells before what it proposes."""
_HELD_AGAINST = frozenset(("đạt", "vượt", "với", "hơn", "theo", "bằng", "là", "của", "so", "dưới", "trên"))
"""Words before `yêu cầu` that make a goal of it."""


def settle_moods(paragraphs: Sequence[ParagraphFigures], above: Mapping[int, ParagraphFigures]) -> None:
    """Tell of every figure whether it is wished; `above` are the paragraphs that others are items of."""
    section: int | None = None
    orders: set[int] = set()
    for paragraph in paragraphs:
        if not (paragraph.figures or paragraph.heading or paragraph.opens):
            continue  # nothing is told in it, and nothing stands below it
        cues = _without_units(_cues(paragraph), paragraph.figures)
        if paragraph.heading or (paragraph.opens and not paragraph.figures):
            rank = RANK[marker(paragraph.text)]
            if section is not None and rank <= section:
                section = None
            if _is_of_tasks(cues, paragraph):
                section = rank
        parent = above.get(paragraph.number)
        inside = section is not None or (parent is not None and parent.number in orders)
        if _read(paragraph, cues, inside=inside) and paragraph.opens:
            orders.add(paragraph.number)


def without_mixed(slots: Iterable[Sequence[Equation]]) -> list[Sequence[Equation]]:
    """The claims, without readings that fail only because they hold a wish against what is."""
    out: list[Sequence[Equation]] = []
    for readings in slots:
        left = [one for one in readings if not _is_mixed(one) or one.holds()]
        if left:
            out.append(left)
    return out


def _is_mixed(equation: Equation) -> bool:
    claimed = equation.claimed.figure
    if claimed.wished and equation.kind == "rate" and _is_attached(claimed, equation.terms[0].figure):
        return False  # `bảo đảm 976 hồ sơ đúng hạn, đạt 97,6%`: with its count, a rate is told
    if claimed.wished:
        return not all(one.wished or one.counted for one in equation.figures)
    # What a share is of, and what is compared, may be a goal: `đạt 91% dự toán`, `vượt chỉ tiêu 5 điểm`.
    return equation.kind != "change" and any(term.figure.wished for term in equation.terms)


def _is_attached(rate: Figure, part: Figure) -> bool:
    same = (rate.paragraph, rate.sentence) == (part.paragraph, part.sentence) and not part.wished
    return same and abs(rate.token - part.token) <= CLOSE


def _cues(paragraph: ParagraphFigures) -> Iterator[Cue]:
    end = 0
    for position in positions_among(vocabulary().begins_mood, paragraph.norms):
        if position >= end:
            cue = vocabulary().moods.find_at(paragraph.tokens, position)
            if cue is not None:
                end = cue.end
                yield cue


def _without_units(cues: Iterable[Cue], figures: Sequence[Figure]) -> list[Cue]:
    """The phrases but for those that a number counts: `tăng 37 trường hợp (45,1%)` sets no condition."""
    counted = {place for one in figures for place in range(one.token, one.last)}
    return [cue for cue in cues if cue.start not in counted]


def _is_of_tasks(cues: Sequence[Cue], paragraph: ParagraphFigures) -> bool:
    """Whether a heading stands over what is to be done, not over how it went: `Nhiệm vụ trọng tâm tháng 10`."""
    roles = {role for cue in cues for role in cue.roles}
    return "tasks" in roles and "report" not in roles and marker(paragraph.text) != ""


def _read(paragraph: ParagraphFigures, cues: Sequence[Cue], *, inside: bool) -> bool:
    """Mark the figures of a paragraph; returns whether it ends within a wish."""
    wished = aimed = inside
    bound = False  # a colon after a wish: it holds to the end of the sentence
    depth, sentence, place = 0, -1, 0
    goal = -1  # the segment of the last goal, while no figure follows it
    for segment in paragraph.segments:
        fresh = segment.sentence != sentence or (segment.opened is Mark.semicolon and not bound) or segment.depth < depth
        if fresh:
            wished = aimed = inside
            bound = bound and segment.sentence == sentence
            sentence, depth = segment.sentence, segment.depth
        elif segment.opened is Mark.comma and not bound and paragraph.segments[segment.number - 1].figures:
            aimed = wished  # `Theo kế hoạch, tỷ lệ là 80%, thực hiện 85%`
        if segment.opened is Mark.opening and _is_dated(paragraph.tokens, segment):
            wished = aimed = False  # `phấn đấu đạt 90% (tháng 1 đạt 84%)`
        elif segment.opened is Mark.opening and goal == segment.number - 1:
            aimed, depth = True, segment.depth  # `vượt chỉ tiêu nghị quyết (giảm 1,2 điểm)`
        bound |= segment.opened is Mark.colon and wished
        figures = iter([*segment.figures, None])
        figure = next(figures)
        while figure is not None or (place < len(cues) and cues[place].start < segment.end):
            if figure is None or (place < len(cues) and cues[place].start < figure.token):
                cue = cues[place]
                place += 1
                goal = segment.number if "goal" in cue.roles and _is_noun(cue, paragraph.tokens) else goal
                wished, aimed, deeper = _after(cue, paragraph, segment, wished=wished, aimed=aimed)
                depth = segment.depth if deeper else depth
                continue
            goal = -1
            figure.wished = (wished or (aimed and _is_of_aim(figure))) and not _is_pointed_at(figure, paragraph.tokens)
            figure = next(figures)
    return wished


def _after(cue: Cue, paragraph: ParagraphFigures, segment: Segment, *, wished: bool, aimed: bool) -> tuple[bool, bool, bool]:
    """What a phrase makes of the figures after it: whether counts, and whether rates are wished; whether it began a wish."""
    if "told" in cue.roles:
        return False, False, False
    if "demand" in cue.roles:
        for figure in segment.figures:
            figure.wished |= figure.token < cue.start and _is_of_aim(figure)
        return wished, True, not aimed
    if "wish" in cue.roles or ("order" in cue.roles and _is_verb(cue, paragraph.tokens, segment)):
        return True, True, not wished
    if "aim" in cue.roles or ("goal" in cue.roles and cue.start <= _first_word(paragraph.tokens, segment)):
        return wished, True, not aimed
    return wished, aimed, False


def _is_pointed_at(figure: Figure, read: Sequence[Token]) -> bool:
    """Whether a count within a wish is one that was told: `xử lý dứt điểm 3.301 hồ sơ trễ hẹn nêu trên`."""
    words = [token.norm for token in read[figure.last : figure.last + POINTED]]
    return figure.kind is FigureKind.count and any(pair in _POINTING for pair in pairwise(words))


def _is_dated(read: Sequence[Token], segment: Segment) -> bool:
    return any(token.kind is TokenKind.period for token in read[segment.start : segment.end])


def _is_of_aim(figure: Figure) -> bool:
    """Whether a figure is one that goals are set in: no number of things."""
    return not figure.counts


def _is_noun(cue: Cue, read: Sequence[Token]) -> bool:
    """Whether `yêu cầu` is what is held to, not what somebody does: `đạt yêu cầu (90%)`, `9 hồ sơ yêu cầu thêm (15%)`."""
    before = read[cue.start - 1].norm if cue.start else ""
    return "order" not in cue.roles or before in _HELD_AGAINST


def _first_word(read: Sequence[Token], segment: Segment) -> int:
    return next((place for place in range(segment.start, segment.end) if read[place].kind is TokenKind.word), segment.end)


def _is_of_deed(read: Sequence[Token], position: int) -> bool:
    """Whether a sentence tells what was done before a position of it."""
    for token in reversed(read[max(0, position - DEED) : position]):
        if token.text in (".", ";", "\n"):
            return False
        if token.norm == "đã":
            return True
    return False


def _is_of_findings(cue: Cue, read: Sequence[Token], segment: Segment) -> bool:
    """Whether what an inspection proposed is told with what it found: `phát hiện sai phạm 7,0 tỷ đồng, kiến nghị thu hồi 1,1
    tỷ đồng, kiến nghị khác 5,9 tỷ đồng`.
    """
    if read[cue.start].norm != "kiến" or not any(figure.token > cue.start for figure in segment.figures if figure.counts):
        return False
    before: list[str] = []
    for token in reversed(read[: cue.start]):
        if token.text in (".", "\n"):
            break
        before.append(token.norm)
    before.reverse()
    return any(pair in _FINDINGS for pair in pairwise(before))


def _is_verb(cue: Cue, read: Sequence[Token], segment: Segment) -> bool:
    """Whether `yêu cầu`, `đề nghị` begins a clause or follows its subject; among kinds of petitions it is one of them."""
    row = {token.norm for token in (*read[max(0, cue.start - 2) : cue.start], *read[cue.end : cue.end + 2])}
    if row & _PETITIONS or (cue.end < len(read) and read[cue.end].text in (",", ";", ".", ")", "/")):
        return False  # `đơn khiếu nại, tố cáo, kiến nghị, phản ánh`: what is ordered would follow
    reach = DONE if read[cue.start].norm == "đôn" else 1
    if any(token.kind is TokenKind.number for token in read[cue.end : cue.end + reach]) and _is_of_deed(read, cue.start):
        return False  # `đã hướng dẫn 780 đơn, chuyển 1.742 đơn, đôn đốc 183 đơn`
    if _is_of_findings(cue, read, segment):
        return False
    before = read[max(segment.start, cue.start - SUBJECT - 1) : cue.start]
    if not before or before[-1].kind is TokenKind.stop:
        return True
    plain = all(token.kind is not TokenKind.number for token in before) and len(before) <= SUBJECT
    return plain and before[-1].norm not in _NO_SUBJECT
