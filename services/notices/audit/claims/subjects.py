"""What figures are told of: the words of their headings, of the beginning of their sentence and right before them. Pure.

Two figures of one measure are of two things where the words say so in parallel: `Đợt 1 ...`, `Đợt 2 ...`; the same sentence
below two headings.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.notices.audit.claims.contexts import Context
from services.notices.audit.figures import ParagraphFigures
from services.notices.audit.markers import RANK, marker
from services.notices.audit.vocabulary import vocabulary
from services.notices.quantities.lexer import Token, TokenKind

_NEAR = 8
"""Words right before a figure that say what it is of."""
_ORDINALS = frozenset(["một", "hai", "ba", "bốn", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "nhất", "nhì"])
"""Words that tell one of a row from another, though every report has them."""


_NO_ORDER = frozenset(("cửa", "số", "phần"))
"""Words after `một` that make a name of both: `một cửa`."""
_NUMBERED = frozenset(("roman", "1.1.1", "1.1", "1.", "a)"))
"""Markers of headings that are words of their own."""
_SYLLABLES = frozenset(("kết", "công", "tình", "đánh", "thực"))
"""Syllables that begin unlike words: headings `KẾT QUẢ` and `KẾT LUẬN` make no row."""
_Words = tuple[str, ...]


class Subjects:
    """Tells whether figures are told of one thing."""

    def __init__(self, paragraphs: Sequence[ParagraphFigures]) -> None:
        self._headings: dict[int, tuple[_Words, ...]] = {}
        self._beginnings: dict[tuple[int, int], Sequence[Token]] = {}
        above: list[tuple[int, _Words]] = []
        for paragraph in paragraphs:
            if paragraph.heading:
                name = marker(paragraph.text)
                words = _words(paragraph.tokens)
                above = [one for one in above if one[0] < RANK[name]]
                above.append((RANK[name], words[1:] if name in _NUMBERED else words))
            elif paragraph.figures:
                self._headings[paragraph.number] = tuple(words for _, words in above)
                self._open(paragraph)

    def _open(self, paragraph: ParagraphFigures) -> None:
        begins: dict[int, int] = {}
        for segment in paragraph.segments:
            begins.setdefault(segment.sentence, segment.start)
        for figure in paragraph.figures:
            beginning = paragraph.tokens[begins.get(figure.sentence, 0) : figure.token]
            self._beginnings.setdefault((paragraph.number, figure.sentence), beginning)

    def apart(self, one: Context, other: Context) -> bool:
        """Whether the words say that two figures are of two things."""
        beginnings = self._beginning(one), self._beginning(other)
        leads = _words(_own(one)[-_NEAR:]), _words(_own(other)[-_NEAR:])
        # What stands before the one may stand behind the other: `trả lại là 261 hồ sơ`, `261 hồ sơ trả lại`.
        around = [
            _telling((*beginning, *_words(each.lead), *_words(each.tail)))
            for beginning, each in zip(beginnings, (one, other), strict=True)
        ]
        if _differ(leads, around) or (beginnings[0][:1] == beginnings[1][:1] and _differ(beginnings, around)):
            return True
        headings = self._headings.get(one.paragraph.number, ()), self._headings.get(other.paragraph.number, ())
        return headings[0] != headings[1] and (
            beginnings[0] == beginnings[1] or any(_parallel(*pair) for pair in zip(*headings, strict=False))
        )

    def _beginning(self, one: Context) -> _Words:
        return _words(self._beginnings.get((one.paragraph.number, one.figure.sentence), ()))


def _own(one: Context) -> Sequence[Token]:
    """The words before a figure from the last semicolon on: `42 hồ sơ quá hạn; tổng số đã giải quyết 10.433 hồ sơ`."""
    start = max((place for place, token in enumerate(one.lead) if token.text == ";"), default=-1)
    return one.lead[start + 1 :]


def _words(read: Sequence[Token]) -> _Words:
    return tuple(token.norm for token in read if token.kind is not TokenKind.stop)


def _telling(words: _Words) -> frozenset[str]:
    """The words that say what is counted, and those that tell one of a row from another."""
    plain = vocabulary().plain
    return frozenset(
        word
        for word, after in zip(words, (*words[1:], ""), strict=False)
        if word not in plain or (word in _ORDINALS and after not in _NO_ORDER)
    )


def _parallel(one: _Words, other: _Words) -> bool:
    """Whether two headings begin alike and each goes on to something of its own: `ĐỢT MỘT`, `ĐỢT HAI`."""
    return one[:1] == other[:1] and not _SYLLABLES & {*one[:1]} and _differ((one, other), (_telling(one), _telling(other)))


def _differ(stretches: Sequence[_Words], around: Sequence[frozenset[str]]) -> bool:
    """Whether each of two stretches has a telling word that does not stand around the other."""
    return bool(_telling(stretches[0]) - around[1] and _telling(stretches[1]) - around[0])
