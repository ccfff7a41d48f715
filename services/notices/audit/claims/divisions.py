"""Parts that stand in sentences of their own, and lists under the name of a whole told before. Pure.

`Tỉnh có 1.860 thủ tục. Cấp tỉnh 1.395 thủ tục. Cấp huyện giữ 287 thủ tục. Phần của cấp xã là 187 thủ tục`: the parts are all
there are of one dimension. `Nhóm tạm ngừng và giải thể: tạm ngừng 1.040, giải thể 530`: the whole goes by that name. What holds
is found by `additions`; here is told what fails by one slip.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.notices.audit.claims.contexts import Context, Role, alike, telling, until_stop
from services.notices.audit.claims.slips import mends
from services.notices.audit.figures import FigureKind
from services.notices.audit.groups import DIVIDING, is_complete
from services.notices.audit.measures import stated_by
from services.notices.audit.solver import Equation, Form, Term
from services.notices.quantities.lexer import Token, TokenKind

BEFORE = 20
"""Figures before a list among which its whole is."""
FAR = 3
"""Paragraphs between a list and the whole that it names."""
MAX_PARTS = 6
"""Parts of a list."""
_GROUPS = frozenset(("nhóm", "loại", "khối", "mục", "phần", "lĩnh", "vực", "số", "về", "riêng", "hồ", "sơ"))
"""Words before the name of what is divided."""


def divisions(contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """The wholes whose parts stand in sentences of their own or under their name, and do not add up by one slip."""
    counts = [one for one in contexts if one.figure.kind is FigureKind.count and one.figure.exact and not one.role.changes]
    order = 0
    while order < len(counts):
        parts = _set_at(counts, order)
        whole = _whole_of(counts[max(0, order - BEFORE) : order], parts) if parts else None
        if not parts:
            parts = _list_at(counts, order)
            before = counts[max(0, order - BEFORE) : order]
            whole = _named(before, parts) or _measured(before, parts) if parts else None
        if whole is not None:
            equation = Equation("sum", Form.total, Term(whole.figure), tuple(Term(one.figure) for one in parts))
            if not equation.holds() and mends(equation):
                equation.mistaken = True
                yield [equation]
        order += max(len(parts), 1)


def _set_at(counts: Sequence[Context], order: int) -> list[Context]:
    """The figures from a place on that are all there are of a dimension, each in a sentence of its own."""
    first = counts[order]
    for dimension in DIVIDING:
        if dimension not in first.figure.own:
            continue
        for many in (4, 3, 2):
            parts = list(counts[order : order + many])
            sentences = {one.figure.sentence for one in parts}
            if len(parts) < many or len(sentences) < many or any(one.paragraph is not first.paragraph for one in parts):
                continue
            values = [one.figure.own.get(dimension, "") for one in parts]
            rests = [{name: one.figure.own[name] for name in one.figure.own if name != dimension} for one in parts]
            same = all(alike(first.figure, one.figure) and one.figure.depth == 0 for one in parts)
            if same and is_complete(dimension, values) and len(set(values)) == many and all(one == rests[0] for one in rests):
                return parts
    return []


def _whole_of(before: Sequence[Context], parts: Sequence[Context]) -> Context | None:
    """The count right before parts that is of none of them."""
    first = parts[0]
    whole = next((one for one in reversed(before) if one.figure.depth == 0), None)
    if whole is None or whole.paragraph is not first.paragraph or first.figure.sentence - whole.figure.sentence > 1:
        return None
    dimensions = {name for name in DIVIDING if name in first.figure.own}
    fits = (
        alike(whole.figure, first.figure)
        and whole.figure.unit == first.figure.unit
        and not dimensions & whole.figure.own.keys()
    )
    larger = whole.figure.value > max(one.figure.value for one in parts)
    return whole if fits and larger and whole.figure.period == first.figure.period and not whole.earlier else None


def _list_at(counts: Sequence[Context], order: int) -> list[Context]:
    """The figures of a sentence that begins by a name and a colon, and has no whole of its own."""
    first = counts[order]
    if not _name(first) or (order and _in_sentence(counts[order - 1], first)):
        return []
    parts = []
    for one in counts[order : order + MAX_PARTS + 1]:
        if not _in_sentence(one, first):
            break
        parts.append(one)
    plain = all(one.role is Role.plain and one.figure.depth == 0 and alike(first.figure, one.figure) for one in parts)
    return parts if 1 < len(parts) <= MAX_PARTS and plain else []


def _name(first: Context) -> tuple[str, ...]:
    """The words before the colon that begins a list."""
    colon = next((number for number, token in enumerate(first.lead) if token.text == ":"), -1)
    words = tuple(token.norm for token in first.lead[: max(colon, 0)] if token.kind is TokenKind.word)
    while words and words[0] in _GROUPS:
        words = words[1:]
    return words if 0 < len(words) <= 8 and telling(first.lead[: max(colon, 0)]) else ()


def _named(before: Sequence[Context], parts: Sequence[Context]) -> Context | None:
    """The only count before that goes by the name of a list."""
    name, first = _name(parts[0]), parts[0].figure
    largest = max(one.figure.value for one in parts)
    fitting = [one for one in before if alike(one.figure, first) and one.figure.value > largest]
    found = [one for one in fitting if _stands_in(name, one.lead)] or [
        one for one in fitting if _stands_in(name, until_stop(one.tail))
    ]
    if len({one.figure.value for one in found}) != 1 or first.paragraph - found[-1].figure.paragraph > FAR:
        return None
    return found[-1]


def _measured(before: Sequence[Context], parts: Sequence[Context]) -> Context | None:
    """The only count before that counts what the words before a colon say: `Cơ cấu hồ sơ mới nhận theo lĩnh vực: ...`."""
    first = parts[0]
    colon = next((number for number, token in enumerate(first.lead) if token.text == ":"), 0)
    end = first.figure.token - len(first.lead) + colon
    measure = stated_by([cue for cue in first.cues if cue.end <= end])
    divided = any("breakdown" in cue.roles for cue in first.cues if cue.end <= end)
    found = [one for one in before if one.figure.own == measure and alike(one.figure, first.figure)]
    larger = len({one.figure.value for one in found}) == 1 and found[-1].figure.value > max(one.figure.value for one in parts)
    return found[-1] if measure and divided and larger else None


def _stands_in(name: tuple[str, ...], words: Sequence[Token]) -> bool:
    plain = tuple(token.norm for token in words if token.kind is TokenKind.word)
    return any(plain[start : start + len(name)] == name for start in range(len(plain) - len(name) + 1))


def _in_sentence(one: Context, other: Context) -> bool:
    return (one.figure.paragraph, one.figure.sentence) == (other.figure.paragraph, other.figure.sentence)
