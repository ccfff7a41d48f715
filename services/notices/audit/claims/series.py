"""Two things counted side by side through a list: visits and visitors, complaints and denunciations. Pure.

`Tiếp 3.938 lượt với 3.092 người; trong đó thường xuyên 2.383 lượt với 1.855 người; định kỳ 1.555 lượt với 1.237 người`: each of
the two makes up its own whole. Where one does and two digits of the other, exchanged, would, the other is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.notices.audit.claims.contexts import Context
from services.notices.audit.claims.slips import mends
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.solver import Equation, Form, Term
from services.notices.quantities.exact import Fraction

MAX_PARTS = 6
"""Pairs of a list."""


def series(contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """The sums of one row that fail beside another one that holds."""
    counts = [one for one in contexts if one.figure.counts and one.figure.exact and not one.role.changes]
    for position in range(len(counts) - 5):
        first, second = counts[position : position + 2]
        yield from _in_two_lists(counts, position)
        if not _is_pair(first, second) or first.figure.value < 10 or second.figure.value < 10:
            continue
        pairs: list[tuple[Context, Context]] = []
        for number in range(position + 2, min(len(counts) - 1, position + 2 + 2 * MAX_PARTS), 2):
            one, other = counts[number : number + 2]
            if not (_goes_on(first, one) and _goes_on(second, other) and _is_pair(one, other)):
                break
            pairs.append((one, other))
        yield from _failing(first, second, pairs)


def _failing(first: Context, second: Context, pairs: Sequence[tuple[Context, Context]]) -> Iterator[list[Equation]]:
    """What fails of two rows beside each other: over the pairs up to any of them, and over those of each sentence."""
    begins = [0, *(number for number in range(1, len(pairs)) if _begins(pairs[number - 1], pairs[number]))]
    for start in begins:
        for many in range(start + 2, len(pairs) + 1):
            sums = [_sum(whole, [pair[side] for pair in pairs[start:many]]) for side, whole in enumerate((first, second))]
            failing = [one for one in sums if not one.holds()]
            if len(failing) == 1 and (_is_exchanged(failing[0]) or mends(failing[0])):
                failing[0].mistaken = True
                yield failing
                break


def _begins(before: tuple[Context, Context], pair: tuple[Context, Context]) -> bool:
    return before[0].figure.sentence != pair[0].figure.sentence


def _in_two_lists(counts: Sequence[Context], position: int) -> Iterator[list[Equation]]:
    """`Đã xong 41/58 vụ khiếu nại và 22/27 vụ tố cáo; trong đó 9 vụ đúng, 32 vụ sai; 5 vụ đúng, 17 vụ sai`: a list for each."""
    first, second = counts[position : position + 2]
    joined = [token.norm for token in second.lead if token.norm == "và" or token.text in (",", ";", ".")] == ["và"]
    if not joined or first.figure.unit != second.figure.unit or first.paragraph is not second.paragraph:
        return
    lists: list[list[Context]] = [[]]
    for one in counts[position + 2 : position + 2 + 2 * MAX_PARTS]:
        if not _goes_on(first, one) or one.figure.sentence != counts[position + 2].figure.sentence:
            break
        if lists[-1] and any(token.text == ";" for token in one.lead):
            lists.append([])
        lists[-1].append(one)
    if len(lists) != 2 or any(len(each) < 2 for each in lists):
        return
    sums = [_sum(whole, parts) for whole, parts in zip((first, second), lists, strict=True)]
    failing = [one for one in sums if not one.holds()]
    if len(failing) == 1 and _is_exchanged(failing[0]):
        failing[0].mistaken = True
        yield failing


def _is_pair(one: Context, other: Context) -> bool:
    """Whether two figures stand side by side: of two units, or of one told as a row of kinds."""
    here = (one.paragraph.number, one.figure.sentence, one.figure.depth)
    same = (other.paragraph.number, other.figure.sentence, other.figure.depth) == here
    apart = one.figure.unit != other.figure.unit and None not in (one.figure.unit, other.figure.unit)
    stops = [token.text for token in other.lead if token.text in (";", ".", ":", ",")]
    return same and (apart or (stops == [","] and one.figure.unit == other.figure.unit)) and ";" not in stops


def _goes_on(whole: Context, part: Context) -> bool:
    near = part.paragraph is whole.paragraph and part.figure.sentence - whole.figure.sentence <= 1
    return near and part.figure.unit == whole.figure.unit and part.figure.kind is FigureKind.count


def _sum(whole: Context, parts: Sequence[Context]) -> Equation:
    return Equation("sum", Form.total, Term(whole.figure), tuple(Term(one.figure) for one in parts))


def _is_exchanged(total: Equation) -> bool:
    computed = total.computed()
    if computed is None:
        return False
    off = total.claimed.value - computed
    mended = [(total.claimed.figure, computed), *((term.figure, term.value + off) for term in total.terms)]
    return any(_are_exchanged(figure, value) for figure, value in mended)


def _are_exchanged(figure: Figure, value: Fraction) -> bool:
    mine, its = str(figure.value), str(value)
    return mine != its and len(mine) == len(its) > 1 and sorted(mine) == sorted(its)
