"""What differs between two revisions: paragraph by paragraph, and word by word within. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Literal

import msgspec

from services.notices.composition.model import Block, Paragraph, words

ChangeKind = Literal["added", "removed", "changed", "moved"]
_WORD = re.compile(r"\s+|[^\s]+")


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
    for key, paragraph in new.items():
        text = _text(paragraph)
        if key not in old:
            result.append(_change(paragraph, "added", False, [WordChange("added", text)]))
        elif (earlier := _text(old[key])) != text:
            result.append(_change(paragraph, "changed", key not in stayed, word_changes(earlier, text)))
        elif key not in stayed:
            result.append(_change(paragraph, "moved", True, [WordChange("same", text)]))
    removed = [paragraph for key, paragraph in old.items() if key not in new]
    return result + [_change(one, "removed", False, [WordChange("removed", _text(one))]) for one in removed]


def word_changes(before: str, after: str) -> list[WordChange]:
    """Two texts as one, word by word."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    result: list[WordChange] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            result.append(WordChange("same", "".join(old[i:j])))
            continue
        if i < j:
            result.append(WordChange("removed", "".join(old[i:j])))
        if k < m:
            result.append(WordChange("added", "".join(new[k:m])))
    return result


def _change(paragraph: Paragraph, kind: ChangeKind, moved: bool, changed: list[WordChange]) -> ParagraphChange:
    return ParagraphChange(key=paragraph.key, section=paragraph.section, change=kind, moved=moved, words=changed)


def _paragraphs(blocks: Iterable[Block]) -> dict[str, Paragraph]:
    return {block.key: block for block in blocks if isinstance(block, Paragraph)}


def _text(paragraph: Paragraph) -> str:
    return f"{paragraph.lead} {words(paragraph)}".strip()
