"""Which two figures a change compares: now and then, by their times, their names and where they stand. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from services.notices.audit.claims.contexts import Context, Role, alike, is_later, telling, until_stop
from services.notices.audit.claims.listed import is_in_list, listed_before
from services.notices.audit.claims.respects import unit_of
from services.notices.audit.claims.rivals import Pair, holds_to_goal, is_of_divided, is_of_more
from services.notices.audit.claims.times import time_of
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.frames import is_name
from services.notices.audit.measures import stated_by
from services.notices.audit.vocabulary import Dimensions
from services.notices.quantities.lexer import Token, TokenKind

BEFORE, AFTER = 20, 3
"""Figures before and after a change that it may speak of."""
MEASURED = 60
"""Figures before a change among which one of its own measure is looked for."""
TRIED = 10
"""Pairs that are tried."""
DISTANT = 10_000
"""No figure is compared with one so many times as large: `17 dự án`, `407,3 triệu USD`."""
FAR = 5
"""A figure more than so many times another is seldom compared with it."""
NAMED_BEFORE = 40
"""Words before a value among which its index is named."""
CLOSE = 3
"""Points by which another pair may fall behind one that the words name."""


def pairs_of(chain: Sequence[Context], contexts: Sequence[Context]) -> list[Pair]:
    """The pairs that a change may speak of, those that the words name first."""
    first, last = chain[0], chain[-1]
    counts = any(one.figure.kind is FigureKind.count for one in chain)
    rates = any(one.figure.kind is FigureKind.points for one in chain)
    after = contexts[last.order + 1 : last.order + 1 + AFTER]
    if any("against" in cue.roles for cue in last.following):
        # `tăng 5% so với tháng trước và tăng 12% so với cùng kỳ (9.375 hồ sơ)`: the base is that of the second change.
        after = after[: next((number for number, one in enumerate(after) if one.role.changes), None)]
    near = [
        one for one in (*contexts[max(0, first.order - BEFORE) : first.order], *after) if _may_be_compared(one, first, last)
    ]
    pool = [
        one
        for one in near
        if (one.figure.kind is FigureKind.rate and not counts)
        or (one.figure.counts and not rates and one.figure.unit != "level")
    ]
    index = _index_of(first) if first.figure.kind is not FigureKind.count else ""
    if index:
        pool = [one for one in pool if _index_of(one) in ("", index)]
    if any(one.figure.kind is FigureKind.times for one in chain) and any(one.figure.counts for one in pool):
        pool = [one for one in pool if one.figure.counts]
    respect = unit_of(first) if first.figure.kind is FigureKind.rate else None
    if respect is not None:
        pool = [one for one in pool if one.figure.unit == respect]  # `tăng 7,4% về số cuộc và 12,1% về số lượt người`
    pool = [*_same_measure(pool, first, contexts), *pool]
    out = []
    spoken = _spoken(first, last)
    own = _own_of(first)
    as_now, as_then = ({one.order: _points_of(words, one) - _apart(own, one.figure) for one in pool} for words in spoken)
    named = {one.order for one in pool if _points_of(spoken[1], one)}
    before = contexts[max(0, first.order - BEFORE) : first.order]
    changed = max((one.order for one in before if _changes_there(one, first)), default=-1)
    listed = listed_before(first, before)
    here = (first.figure.paragraph, first.figure.sentence)
    in_sentence = {one.order for one in pool if (one.figure.paragraph, one.figure.sentence) == here}
    amounts = frozenset(one.thousandths for one in chain if one.role in (Role.rise, Role.fall))
    in_lists = {one.order for one in pool if one.order < first.order and is_in_list(one, first, contexts)}
    for now in pool:
        if now.order in in_lists:
            continue
        inside = _bracket_behind(now, first, contexts)
        since = sum(now.order < one.order < first.order and one.order not in (*listed, *inside) for one in pool)
        told = _Weights(spoken[1].times, as_now[now.order], as_then, named, in_sentence, changed, listed, since, amounts)
        for then in pool:
            if now is then or not alike(now.figure, then.figure):
                continue
            pair = _pair(chain, now, then, told)
            if pair is not None and (pair.points > 0 or holds_to_goal(pair, chain)):
                out.append(pair)
    out.sort(key=lambda pair: -pair.points)
    out = _coordinate(first, out, contexts)
    if out and out[0].explicit:
        best = out[0]
        out = [
            pair
            for pair in out
            if pair.points >= best.points - CLOSE
            or is_of_more(pair, best)
            or is_of_divided(pair, best, before)
            or holds_to_goal(pair, chain)
        ]
    return out[:TRIED]


def _bracket_behind(now: Context, change: Context, contexts: Sequence[Context]) -> range:
    """The places of the figures in the bracket between one and a change: `1.148 thủ tục (312 mới, 529 sửa đổi), tăng 40%`."""
    end = begin = now.order + 1
    while end < change.order and contexts[end].figure.depth > now.figure.depth >= change.figure.depth:
        end += 1
    return range(begin, end if end == change.order else begin)


def _index_of(one: Context) -> str:
    """The index that a figure is the value of, by its capitals: `chỉ số SIPAS đạt 82,66%`."""
    words = one.paragraph.tokens
    for place in range(one.figure.token - 1, max(1, one.figure.token - NAMED_BEFORE), -1):
        if words[place - 2].norm == "chỉ" and words[place - 1].norm == "số" and words[place].text.isupper():
            return words[place].text
    return ""


def _coordinate(first: Context, pairs: list[Pair], contexts: Sequence[Context]) -> list[Pair]:
    """`tiếp 866 lượt/964 người, giảm 146 lượt, 127 người (1.012 lượt/1.091 người)`: the second change is of the second ones."""
    before = contexts[first.order - 1] if first.order else None
    if before is None or not before.role.changes or before.figure.sentence != first.figure.sentence:
        return pairs
    if before.paragraph is not first.paragraph or any(cue.roles & {"increase", "decrease"} for cue in first.cues):
        return pairs
    seconds = {one.order - 1: one for one in contexts[max(0, first.order - BEFORE) :][: 2 * BEFORE] if _is_second(one)}
    both = [
        pair._replace(now=seconds[pair.now.order], then=seconds[pair.then.order])
        for pair in pairs
        if pair.now.order in seconds and pair.then.order in seconds
    ]
    return both or pairs


def _is_second(one: Context) -> bool:
    return bool(one.lead) and one.lead[-1].text == "/" and one.figure.kind is FigureKind.count


def _same_measure(pool: Sequence[Context], first: Context, contexts: Sequence[Context]) -> list[Context]:
    """Figures further up that count what the change or a figure near it counts."""
    wanted = [one.figure.own for one in (first, *pool) if one.figure.own and (one is first or one.earlier)]
    known = {one.order for one in pool}
    found = [
        one
        for one in contexts[max(0, first.order - MEASURED) : first.order]
        if one.figure.kind is FigureKind.count and one.figure.own in wanted and one.order not in known and not one.role.changes
    ]
    return found[-3:]


def _may_be_compared(one: Context, first: Context, last: Context) -> bool:
    if one.role.changes or one.figure.kind in (FigureKind.points, FigureKind.times):
        return False
    if one.figure.wished and not first.figure.wished and not one.roles & {"target", "against"}:
        return False  # what is wanted is seldom what there is now
    if one.role is Role.each and first.role is not Role.each and "each" not in first.roles and one.figure.unit == "money":
        return False
    if one.order > last.order:
        return (one.figure.paragraph, one.figure.sentence) == (first.figure.paragraph, first.figure.sentence) and not any(
            token.text == ";" for token in one.lead if one.figure.depth <= last.figure.depth
        )
    return first.figure.paragraph - one.figure.paragraph <= 4


def _pair(
    chain: Sequence[Context],
    now: Context,
    then: Context,
    words: _Weights,
) -> Pair | None:
    """Two figures with what speaks for them; None where they cannot be meant."""
    first, last = chain[0], chain[-1]
    now_here, then_here = now.order in words.in_sentence, then.order in words.in_sentence
    of_now = of_then = between = 0
    span = _is_span(then, now)
    if span and not now_here and words.of_now <= 0 and len(telling(first.lead)) > 1:
        return None  # `giảm từ 11,3% xuống còn 2,9%. Thu nhập tăng lên 28,6 triệu đồng`: of something else
    if span:
        between += 4
        of_now += 2 + 2 * (now_here and then_here)
        of_then += 4
    then_after = then.order > last.order
    if then_after and then.figure.depth < last.figure.depth and not span and then.order == last.order + 1:
        return None  # `đạt 91,8% (tăng 2,3% so với năm 2023), của doanh nghiệp là 88,1%`
    if then_after and then.figure.depth <= last.figure.depth and "opener" in then.roles and not span:
        return None  # `tăng 39.080 việc so với cùng kỳ, trong đó: số cũ 290.524 việc`: parts of now
    if then_after and then.figure.depth < min(first.figure.depth, last.figure.depth):
        return None  # `có 764 xã (tăng 261 xã so với năm 2021) và 83 xã`: behind the bracket that tells of the change
    if then_after and then.figure.depth == last.figure.depth and [token.norm for token in then.own_lead] == ["và"]:
        return None  # `có 546 việc, giảm 62 việc so với năm 2018 và 239 việc chưa có điều kiện`: beside what there is now
    if then_after:
        told = bool(then.roles & {"against", "prior"}) or any(cue.roles & {"against", "prior"} for cue in last.following)
        told |= (
            span
            or then.held_against
            or bool(words.times & {token.norm for token in then.own_lead if token.kind is TokenKind.period})
        )
        bracket = then.figure.depth == last.figure.depth + 1
        timed = then.dated or any(token.kind is TokenKind.period for token in (*then.tail[:4], *first.lead[-4:]))
        if not (told or (bracket and timed)):
            return None
        of_then += 8 if then.order == last.order + 1 else 6 if now.order == last.order + 1 or bracket else 0
    elif then.earlier or is_later(now, then):
        of_then += 6 if then_here else 3
    beside = _stands_behind(now, then, first, last)
    of_then += 6 if beside else 0
    if now.order > last.order and span and then.order == last.order + 1:
        of_now += 6
    elif now.order > last.order:
        # `gấp 1,8 lần cùng kỳ (6.120 so với 3.400)`
        if not (now.figure.depth == last.figure.depth + 1 and now.order == last.order + 1 and then.order == now.order + 1):
            return None
        of_now += 6
    elif now_here:
        of_now += 4
    elif now.figure.paragraph == first.figure.paragraph and first.figure.sentence - now.figure.sentence == 1:
        of_now += 2
    if not span and (now.earlier and now.order < first.order):
        of_now -= 6
    if now.figure.depth > first.figure.depth and now.order < first.order:
        of_now -= 4
    if now.order in words.listed:
        of_now -= 5
    since = words.since - (now.order < then.order < first.order and then.order not in words.listed)
    of_now += 2 if not since else -min(since, 4)
    if not span and is_later(then, now):
        between -= 6
    less, more = sorted((now.thousandths, then.thousandths))
    if more > (100 if now.figure.unit == "money" else DISTANT) * less:
        return None
    if more > FAR * less and more - less not in words.amounts:
        between -= 3
    if now.figure.counts and (now.figure.unit is None) != (then.figure.unit is None):
        between -= 2
    between += abs(now.order - then.order) == 1
    if now.order < then.order and not (
        beside or then.order in words.named or then.earlier or then_after or span or is_later(now, then)
    ):
        between -= 3
    if max(now.order, then.order) < words.changed:
        between -= 3  # what was compared there is done with
    between -= unlike(now.figure, then.figure)
    between += 2 * (now.figure.own == then.figure.own != {})
    return Pair(now, then, of_now + words.of_now, of_then + words.of_then[then.order], between)


def _stands_behind(now: Context, then: Context, first: Context, last: Context) -> bool:
    """Whether a time before stands in the bracket between a figure and its change: `600 hồ sơ (tháng 8: 500), tăng 20%`."""
    places = (now.order + 1, then.order + 1) == (then.order, first.order)
    depths = then.figure.depth - 1 == now.figure.depth == first.figure.depth
    held = any(cue.roles & {"against", "prior"} for cue in (*then.cues, *first.cues, *last.following))
    return places and depths and then.dated and not held and then.figure.own in ({}, now.figure.own)


class _Weights(NamedTuple):
    """What the words of a change say of a figure of now, and of each that it may be held against."""

    times: frozenset[str]
    """When the figure is told for that the change is held against."""
    of_now: int
    of_then: Mapping[int, int]
    named: Set[int]
    """The places of the figures that they name as those that the change is held against."""
    in_sentence: Set[int]
    """The places of the figures in the sentence of the change."""
    changed: int
    """The place of the last change before it in its sentence."""
    listed: frozenset[int]
    """The places of parts in a list that a semicolon ends: what follows is of their whole again."""
    since: int
    """How many figures stand between the one of now and the change."""
    amounts: frozenset[int]
    """By how many thousandths it says that something rose or fell."""


def _changes_there(one: Context, first: Context) -> bool:
    return one.role.changes and one.figure.sentence == first.figure.sentence and one.paragraph is first.paragraph


class _Spoken(NamedTuple):
    """What a change says of one of the figures that it compares."""

    times: frozenset[str]
    units_of_time: frozenset[str]
    telling: frozenset[str]
    words: tuple[str, ...]


def _is_named(figure: Figure, words: tuple[str, ...]) -> bool:
    """Whether words name the agency that a figure is of: `Chi nhánh Hải Tân nhận gấp 2 lần chi nhánh Hải Lý`."""
    name = tuple((figure.named_scope or (figure.name.lower() if is_name(figure.name) else "")).split())
    return len(name) > 1 and any(words[start : start + len(name)] == name for start in range(len(words) - len(name) + 1))


def _spoken(first: Context, last: Context) -> tuple[_Spoken, _Spoken]:
    """The words of a change about the figure of now, and about the one that it is held against."""
    turn = next((cue.start for cue in last.following if cue.roles & {"increase", "decrease"}), last.figure.last + 10)
    of_now, of_then = list(first.lead), list(last.tail[: min(10, turn - last.figure.last)])
    clause = len(of_then) - len(until_stop(of_then))
    against = next((cue.start for cue in first.cues if "against" in cue.roles), None)
    if against is not None:
        start = against - (first.figure.token - len(first.lead))
        end = next(
            (number for number, token in enumerate(first.lead) if number > start and token.norm in ("thì", ",", ")")),
            len(first.lead),
        )
        of_now, of_then = [*first.lead[:start], *first.lead[end:]], [*first.lead[start:end], *of_then]
    else:
        # `tháng 9 nhận 62.220 hồ sơ, hơn tháng 8 là 5.640 hồ sơ`: what stands after `hơn` is what it is more than.
        more = next((cue.end for cue in reversed(first.cues) if cue.roles & {"increase", "decrease"}), first.figure.token)
        start = more - (first.figure.token - len(first.lead))
        if any(token.kind is TokenKind.period for token in first.lead[start:]):
            of_now, of_then = list(first.lead[:start]), [*first.lead[start:], *of_then]
    return _words_of(of_now, of_now), _words_of(of_then, of_then[: len(of_then) - clause])


def _words_of(words: Sequence[Token], clause: Sequence[Token]) -> _Spoken:
    times = frozenset(token.norm for token in clause if token.kind is TokenKind.period)
    plain = tuple(token.norm for token in clause if token.kind is TokenKind.word)
    return _Spoken(times, frozenset(each.split()[0] for each in times), telling(words), plain)


def _points_of(words: _Spoken, one: Context) -> int:
    """Points for words and times that a change shares with a figure: `tháng 8 tăng 172 so với tháng 7`."""
    points = 0
    if words.times:
        told = {token.norm for token in (*one.own_lead, *until_stop(one.tail[:3])) if token.kind is TokenKind.period}
        if words.times & told or (told and _same_part(words.times, told)):
            points = 4
        elif told and words.units_of_time & {each.split()[0] for each in told}:
            points = -6
    return points + (8 if _is_named(one.figure, words.words) else 2 * min(len(words.telling & one.names), 3))


def _same_part(some: frozenset[str], others: set[str]) -> bool:
    """Whether times are one part of a year, of which only one says the year: `quý II` and `quý II/2024`."""
    pairs = ((time_of(one), time_of(other)) for one in some for other in others)
    return any(
        one.part and (one.unit, one.part) == (other.unit, other.part) and None in (one.year, other.year) for one, other in pairs
    )


_TELLING = frozenset(("stage", "time", "channel", "level"))
"""Dimensions over which nothing is compared."""


def unlike(now: Figure, then: Figure) -> int:
    out = 0
    for name, one in now.own.items():
        other = then.own.get(name) if name in _TELLING else None
        if other is not None and one != other and {one, other} != {"received", "new"}:
            out += 4
    if now.scope != then.scope:
        out += 2
    return out


def _own_of(change: Context) -> Dimensions:
    """What the clause of a change says that it is a change of."""
    comma = max((number for number, token in enumerate(change.lead) if token.text in (",", ";", ")")), default=-1)
    since = change.figure.token - len(change.lead) + comma
    return stated_by([cue for cue in change.cues if cue.start > since])


def _apart(own: Dimensions, other: Figure) -> int:
    """How little a change and a figure are of one measure."""
    out = 0
    for name in ("time", "channel", "stage"):
        one, its = own.get(name), other.own.get(name)
        if one is not None and (its is not None or name != "stage") and one != "left":
            out += -2 if one == its else 0 if {one, its} == {"received", "new"} else 3
    return out


def _is_span(then: Context, now: Context) -> bool:
    """`từ A lên B`; in a bracket of its own `(A lên B)`."""
    begins = then.lead[-1:] and then.lead[-1].text == "(" and now.figure.segment == then.figure.segment
    return (
        now.order == then.order + 1
        and ("from" in then.roles or bool(begins))
        and bool(now.roles & {"to"})
        and (then.figure.paragraph == now.figure.paragraph)
    )
