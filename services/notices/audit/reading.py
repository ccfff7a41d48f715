"""Reads the amounts out of a notice's Vietnamese text, whoever wrote it: what each counts, and what it is a part of.

Pure. It knows how administrative reports are put together (a total, `trong đó:`, its parts; a count that `đạt` a rate; a rate
that `tăng` or `giảm` against an earlier one in brackets), nothing of a particular notice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from itertools import pairwise

from services.notices.quantities.references import without_references

DOSSIERS = "hồ sơ"
MAX_NUMBER_LENGTH = 40
"""Characters of a number; a longer one is no quantity."""

_NEW_PARAGRAPH = re.compile(r"^\s*(?:[-+–•]\s|[IVX]+\.\s|\d{1,2}\.\s|[a-zđ]\)\s)")
_NUMBER = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?"
_AMOUNT = re.compile(
    rf"(?P<part>{_NUMBER})\s*/\s*(?P<base>{_NUMBER})"
    rf"|(?P<points>{_NUMBER})\s*điểm\b(?:\s*phần\s*trăm)?"
    rf"|(?P<rate>{_NUMBER})\s*%"
    rf"|(?P<count>{_NUMBER})"
)
_SENTENCE_END = re.compile(r"\.(?:/\.)?\s+(?=[A-ZÀ-ỸĐ(])|\n")
_OPENS_PARTS = re.compile(r"[^.;()\d]{0,60}?\b(?P<word>trong đó|bao gồm|gồm)\b\s*(?P<some>có\b)?\s*:?", re.I)
_EXAMPLES = re.compile(r"\b(?:như|điển hình|ví dụ|chẳng hạn)\s*:|\b(?:một số|đặc biệt)\b", re.I)


MAX_AMOUNTS = 200
"""Numbers of a sentence; a longer one is a copied table, which claims nothing in words."""


class AmountKind(Enum):
    """What an amount is."""

    count = "count"
    share = "share"
    """A part written over its base: `30/32`."""
    rate = "rate"
    points = "points"


@dataclass(frozen=True)
class Amount:
    """A number of the text."""

    index: int
    """Its number among all amounts of the text."""
    kind: AmountKind
    value: Decimal
    base: Decimal | None
    text: str
    start: int
    end: int
    depth: int
    """How many brackets it stands in."""
    label: str
    """The words before and after it that state what it counts."""
    unit: str
    """The words after it, up to the next stop."""

    @property
    def counts_dossiers(self) -> bool:
        """Whether it counts dossiers, or names no unit."""
        return self.kind is AmountKind.count and (self.unit == "" or self.unit.startswith(DOSSIERS))


@dataclass(frozen=True)
class Sentence:
    """A sentence with its amounts; positions are those in the whole text."""

    start: int
    text: str
    amounts: tuple[Amount, ...]
    interlinked: bool
    """Whether it speaks of interlinked procedures."""

    def between(self, one: Amount, other: Amount) -> str:
        """The words between two amounts."""
        return self.text[one.end - self.start : other.start - self.start]

    def after(self, amount: Amount) -> str:
        """The words from an amount to the end."""
        return self.text[amount.end - self.start :]

    def before(self, amount: Amount) -> str:
        """The words from the beginning to an amount."""
        return self.text[: amount.start - self.start]


@dataclass(frozen=True)
class Breakdown:
    """A total and its parts as the text puts them."""

    whole: Amount
    parts: tuple[Amount, ...]
    complete: bool = True
    """Whether the parts are meant to add up, or are only examples."""
    times: dict[int, int] = field(default_factory=dict)
    """How many agencies share a number (`Cẩm Chế, Thanh Cường 6 hồ sơ`), by its place."""
    possible_parts: tuple[Amount, ...] = ()
    """Amounts after the parts that may be parts too: the text is ambiguous."""


def number(text: str) -> Decimal:
    """`30.938`, `80,18` and `02` as numbers."""
    return Decimal(text.replace(".", "").replace(",", "."))


def paragraphs(text: str) -> str:
    """The text with broken lines joined: one line per paragraph, addresses of web pages left out."""
    text = re.sub(r"https?://\S+", " ", unicodedata.normalize("NFC", text)).replace("\u00a0", " ").replace("\f", "\n")
    out: list[str] = []
    gap = True
    for line in text.splitlines():
        words = " ".join(line.split())
        if not words:
            gap = True
            continue
        ended = not out or (gap and out[-1].endswith((".", ":", "./.")) and words[0].isupper())
        if ended or _NEW_PARAGRAPH.match(words):
            out.append(words)
        elif re.search(r"\w-$", out[-1]) and words[0].isalpha():
            out[-1] += words
        else:
            out[-1] += " " + words
        gap = False
    return "\n".join(out)


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text with their amounts; `text` as `paragraphs` gives it."""
    plain = without_references(text)
    # Brackets without a number only interrupt what a number counts.
    plain = re.sub(r"\([^()\d]*\)", lambda found: " " * len(found.group()), plain)
    cuts = [0, *(found.end() for found in _SENTENCE_END.finditer(plain)), len(plain)]
    out: list[Sentence] = []
    index = 0
    for start, end in pairwise(cuts):
        paragraph = plain.rfind("\n", 0, start) + 1
        amounts = tuple(_amounts(plain, start, end, index))
        index += len(amounts)
        linked = re.search(r"(?:TTHC|thủ tục hành chính) liên thông", plain[paragraph:end]) is not None
        out.append(Sentence(start, plain[start:end], amounts, linked))
    return out


def _amounts(plain: str, start: int, end: int, index: int) -> Iterator[Amount]:
    found = list(_AMOUNT.finditer(plain, start, end))
    if len(found) > MAX_AMOUNTS:
        return
    for order, match in enumerate(found):
        kind = next(kind for kind, group in _GROUPS if match.group(group) is not None)
        text = match.group("part" if kind is AmountKind.share else kind.value)
        if (kind is AmountKind.count and "," in text) or len(match.group()) > MAX_NUMBER_LENGTH:
            continue
        if _ends_a_name(plain, start, match, end):
            continue
        since = found[order - 1].end() if order else start
        until = found[order + 1].start() if order + 1 < len(found) else end
        opened = plain[start : match.start()]
        yield Amount(
            index=index,
            kind=kind,
            value=number(text),
            base=number(match.group("base")) if kind is AmountKind.share else None,
            text=" ".join(match.group().split()),
            start=match.start(),
            end=match.end(),
            depth=max(0, opened.count("(") - opened.count(")")),
            label=_before(plain[since : match.start()]) + " | " + _after(plain[match.end() : until]),
            unit=_after(plain[match.end() : until]).strip(),
        )
        index += 1


def _ends_a_name(plain: str, start: int, match: re.Match[str], end: int) -> bool:
    """Whether a number is the end of a name before the number that counts: `Tổ 5 12 hồ sơ`, `Tổ 5: 12 hồ sơ`."""
    if re.match(r"\s+\d", plain[match.end() : end]):
        return True
    word = plain[start : match.start()].split()[-1:]
    return bool(word) and word[0].strip("(")[:1].isupper() and re.match(r":\s+\d", plain[match.end() : end]) is not None


_GROUPS = ((AmountKind.share, "part"), (AmountKind.points, "points"), (AmountKind.rate, "rate"), (AmountKind.count, "count"))


def _before(words: str) -> str:
    """What stands right before an amount, back to the last stop; before a colon only when nothing stands after it."""
    last = re.split(r"[;,.(]|\b(?:và|trên)\b", words)[-1]
    head, colon, tail = last.rpartition(":")
    return (tail if colon and re.search(r"\w", tail) else head if colon else last).strip().lower()


def _after(words: str) -> str:
    return re.split(r"[;,.:()]|\b(?:và|trên)\b", words)[0].strip().lower()


def breakdowns(sentence: Sentence) -> Iterator[Breakdown]:
    """Totals with their parts: after `trong đó:`, in brackets, or in a list after a colon."""
    for order, amount in enumerate(sentence.amounts):
        if not amount.counts_dossiers:
            continue
        yield from _in_brackets(sentence, amount)
        opening = _OPENS_PARTS.match(sentence.after(amount))
        if opening is not None:
            yield from _after_introduction(sentence, order, some=opening["some"] is not None)
        else:
            yield from _after_colon(sentence, order)


def _in_brackets(sentence: Sentence, whole: Amount) -> Iterator[Breakdown]:
    opening = re.match(r"[^.;,:()\d]{0,40}\(", sentence.after(whole))
    if opening is None:
        return
    start = whole.end + opening.end()
    depth, end = 1, start
    while depth and end < sentence.start + len(sentence.text):
        depth += {"(": 1, ")": -1}.get(sentence.text[end - sentence.start], 0)
        end += 1
    inside = sentence.text[start - sentence.start : end - sentence.start]
    parts = tuple(one for one in sentence.amounts if start <= one.start < end and one.depth == whole.depth + 1)
    if len(parts) > 1 and all(one.counts_dossiers for one in parts):
        yield Breakdown(whole, parts, _EXAMPLES.search(inside) is None)


def _after_introduction(sentence: Sentence, order: int, *, some: bool) -> Iterator[Breakdown]:
    whole = sentence.amounts[order]
    parts: list[Amount] = []
    beyond: list[Amount] = []
    for one in sentence.amounts[order + 1 :]:
        if one.depth != whole.depth or not one.counts_dossiers or "tỷ lệ" in one.label:
            continue
        # A number with parts of its own begins a new total, as a rule: `giải quyết 2.415, trong đó ...`.
        if beyond or _OPENS_PARTS.match(sentence.after(one)):
            beyond.append(one)
        else:
            parts.append(one)
    if len(parts) > 1 or (parts and some):
        yield Breakdown(whole, tuple(parts), complete=not some, possible_parts=tuple(beyond))


def _after_colon(sentence: Sentence, order: int) -> Iterator[Breakdown]:
    whole = sentence.amounts[order]
    # A rate may stand between: `261 hồ sơ, chiếm 0,84 % tổng số ...: Tài nguyên 112 hồ sơ; ...`
    last = order
    if order + 1 < len(sentence.amounts) and sentence.amounts[order + 1].kind is AmountKind.rate:
        last = order + 1
    tail = sentence.after(sentence.amounts[last])
    opening = re.match(r"[^.;:()\d]{0,80}:", tail)
    if opening is None:
        return
    parts = tuple(one for one in sentence.amounts[last + 1 :] if one.depth == whole.depth)
    if len(parts) > 1 and all(one.counts_dossiers for one in parts):
        yield Breakdown(whole, parts, _EXAMPLES.search(opening.group()) is None, shared(sentence, parts))


def shared(sentence: Sentence, parts: tuple[Amount, ...]) -> dict[int, int]:
    """How many names stand before each number of a list, where there are more than one."""
    times = {}
    for part in parts:
        names = re.split(r"[;:]|\d", sentence.before(part))[-1]
        if "," in names.strip(" ,"):
            times[part.index] = names.strip(" ,").count(",") + 1
    return times


def example_list(sentence: Sentence) -> tuple[Amount, ...]:
    """The counts of a sentence that only names examples: `Một số cơ quan có số hồ sơ trả lại cao như: ...`."""
    counts = tuple(one for one in sentence.amounts if one.counts_dossiers)
    if len(counts) > 1 and _EXAMPLES.search(sentence.before(counts[0])):
        return counts
    return ()
