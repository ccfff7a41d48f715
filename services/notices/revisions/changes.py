"""What differs between two revisions: paragraph by paragraph, and word by word within. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

import msgspec

from services.notices.composition.model import Block, Paragraph, words

ChangeKind = Literal["added", "removed", "changed", "moved"]
_WORD = re.compile(r"\s+|[^\s]+")
MAX_MATCHES = 50_000
"""Pairs of equal words of two texts, without what they begin and end with alike, that are compared; the work grows faster."""
MAX_MATCHES_IN_ALL = 10 * MAX_MATCHES
"""Such pairs of all paragraphs of two revisions."""


class WordChange(msgspec.Struct, frozen=True):
    """A stretch of words."""

    change: Literal["same", "added", "removed"]
    """`same`: in both; `added`: in the later one only; `removed`: in the earlier one only."""
    text: str
    """The words, with their white space."""


class ParagraphChange(msgspec.Struct, frozen=True, kw_only=True):
    """A paragraph that differs."""

    key: str
    """Of the paragraph."""
    section: str
    """Id of the section in which it stands, of a removed one in which it stood."""
    change: ChangeKind
    """`changed`: has other words; `moved`: has the same words and stands elsewhere among those in both."""
    moved: bool
    """Whether it stands elsewhere, also where its words changed."""
    words: list[WordChange]
    """Its words, whole; of a moved one as they are."""


def changes(before: Iterable[Block], after: Iterable[Block]) -> list[ParagraphChange]:
    """The paragraphs that differ, in the order of the later revision, then those that were removed."""
    old, new = _paragraphs(before), _paragraphs(after)
    in_both = [key for key in old if key in new]
    order = [key for key in new if key in old]
    matcher = SequenceMatcher(None, in_both, order, autojunk=False)
    stayed = {in_both[at] for block in matcher.get_matching_blocks() for at in range(block.a, block.a + block.size)}
    result = []
    left = MAX_MATCHES_IN_ALL
    for key, paragraph in new.items():
        text = _text(paragraph)
        if key not in old:
            result.append(_change(paragraph, "added", False, [WordChange("added", text)]))
        elif (earlier := _text(old[key])) != text:
            compared = _Compared.of(earlier, text)
            result.append(_change(paragraph, "changed", key not in stayed, compared.changes(min(left, MAX_MATCHES))))
            left -= min(compared.matches, MAX_MATCHES)
        elif key not in stayed:
            result.append(_change(paragraph, "moved", True, [WordChange("same", text)]))
    removed = [paragraph for key, paragraph in old.items() if key not in new]
    return result + [_change(one, "removed", False, [WordChange("removed", _text(one))]) for one in removed]


def word_changes(before: str, after: str) -> list[WordChange]:
    """Two texts as one, word by word; what differs is told whole where words repeat so often that comparing takes long."""
    return _Compared.of(before, after).changes(MAX_MATCHES)


class _Compared(NamedTuple):
    """Two texts as words, without what they begin and end with alike."""

    head: list[str]
    old: list[str]
    new: list[str]
    tail: list[str]

    @classmethod
    def of(cls, before: str, after: str) -> _Compared:
        old, new = _WORD.findall(before), _WORD.findall(after)
        start = _alike(old, new)
        end = _alike(old[start:][::-1], new[start:][::-1])
        return cls(old[:start], old[start : len(old) - end], new[start : len(new) - end], old[len(old) - end :])

    @property
    def matches(self) -> int:
        """How many pairs of equal words there are."""
        new = Counter(self.new)
        return sum(count * new[word] for word, count in Counter(self.old).items() if not word.isspace())

    def changes(self, max_matches: int) -> list[WordChange]:
        """What differs, whole where there are more than `max_matches`."""
        result = [WordChange("same", "".join(self.head))]
        blocks = [(0, 0, 0)]
        if self.matches <= max_matches:
            # White space matches everywhere: it is no place at which to compare.
            blocks = [*SequenceMatcher(str.isspace, self.old, self.new, autojunk=False).get_matching_blocks()]
        old = new = 0
        for at_old, at_new, size in [*blocks, (len(self.old), len(self.new), 0)]:
            result.append(WordChange("removed", "".join(self.old[old:at_old])))
            result.append(WordChange("added", "".join(self.new[new:at_new])))
            result.append(WordChange("same", "".join(self.old[at_old : at_old + size])))
            old, new = at_old + size, at_new + size
        return _joined([*result, WordChange("same", "".join(self.tail))])


def _alike(old: list[str], new: list[str]) -> int:
    return next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new)))


def _joined(stretches: Iterable[WordChange]) -> list[WordChange]:
    result: list[WordChange] = []
    for one in stretches:
        if result and result[-1].change == one.change:
            result[-1] = WordChange(one.change, result[-1].text + one.text)
        elif one.text:
            result.append(one)
    return result


def _change(paragraph: Paragraph, kind: ChangeKind, moved: bool, changed: list[WordChange]) -> ParagraphChange:
    return ParagraphChange(key=paragraph.key, section=paragraph.section, change=kind, moved=moved, words=changed)


def _paragraphs(blocks: Iterable[Block]) -> dict[str, Paragraph]:
    return {block.key: block for block in blocks if isinstance(block, Paragraph)}


def _text(paragraph: Paragraph) -> str:
    return f"{paragraph.lead} {words(paragraph)}".strip()
