"""A person's edits as a layer over a composed notice: laid over it anew whenever it is composed anew. Pure.

Blocks are told apart by keys: a paragraph by its own, a heading by the id of its section. Edits are laid over in the order in
which they were made. Nothing that a person wrote is lost: a text whose paragraph is gone becomes a paragraph of its own, where
the paragraph stood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from services.notices.composition.model import Block, FigureRun, Heading, Paragraph, TextRun
from services.notices.composition.service import END, ended, label
from services.notices.figures.model import Figure
from services.notices.revisions.texts import WrittenRuns, runs_of, source_of
from shared.errors import Guidance, Problem
from shared.languages import Bilingual

RevisionOrigin = Literal["draft", "edit", "regeneration"]
"""`draft`: as it was drafted; `edit`: a person's edits; `regeneration`: composed anew, with all edits laid over."""
RevisionState = Literal["queued", "making", "made", "failed"]
"""`queued`: waits for a worker; `making`: a worker checks and renders it; `made`: done; `failed`: `error` states why."""
Lead = Literal["", "-", "+"]
MAX_ANCHORS = 40
"""Blocks before a paragraph that are stored to find its place again."""


class Edit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person did to one paragraph."""

    key: str
    """Of the paragraph; of an added one `own.<revision>.<number>`."""
    revision: int
    """With which it was made."""
    text: str | None = None
    """What is to stand there, figures as markers; None: the text stays."""
    lead: Lead | None = None
    """None: as it was."""
    lead_before: Lead = ""
    """What stood before the paragraph when the edit was made."""
    removed: bool = False
    moved: bool = False
    """Whether it is to stand behind the first of `anchors`."""
    anchors: tuple[str, ...] = ()
    """The blocks before its place, the nearest first."""
    base: str | None = None
    """The composed text on which the edit was made, figures as markers; None of an added paragraph."""
    printed: dict[str, str] = {}
    """What each figure of the text printed then."""


class NothingLeft(Problem):
    """The edits leave no paragraph."""

    type = "nothing-left"
    title = "The edits leave no paragraph"
    guidance = Guidance(
        "Restore a paragraph: an edit with its `key` and `restore`.",
        "Thông báo không còn đoạn nào",
        "Các lần sửa đã bỏ hết các đoạn của thông báo.",
        "Khôi phục một đoạn: gửi `key` của đoạn với `restore`.",
    )

    def __init__(self, detail: str | Bilingual | None = None) -> None:
        """`detail` left out: what happened, and what to do."""
        super().__init__(
            detail
            or Bilingual(
                "The edits leave no paragraph of the notice. Restore one: send its `key` with `restore`.",
                "Các lần sửa đã bỏ hết các đoạn của thông báo. Khôi phục một đoạn: gửi `key` của đoạn với `restore`.",
            )
        )


@dataclass(frozen=True)
class LaidOver:
    """A notice with its edits."""

    body: tuple[Block, ...]
    gone: frozenset[str]
    """Keys of edited paragraphs that are composed no more."""
    lost: Mapping[str, tuple[str, ...]]
    """By paragraph the figures of a person's text that there are no more."""


def key_of(block: Block) -> str:
    """By which a block is told apart."""
    return block.section if isinstance(block, Heading) else block.key


def open_ended(body: Iterable[Block]) -> list[Block]:
    """The body without `./.` after its last word, so that what was last may stand anywhere."""
    blocks = list(body)
    last = blocks[-1]
    if isinstance(last, Paragraph) and isinstance(run := last.runs[-1], TextRun) and run.text.endswith(END):
        closed = TextRun(run.text.removesuffix(END) + ".")
        blocks[-1] = msgspec.structs.replace(last, runs=(*last.runs[:-1], closed))
    return blocks


class Layer:
    """A composed notice over which edits are laid one after another."""

    def __init__(
        self,
        composed: Sequence[Block],
        figures: Mapping[str, Figure],
        names: re.Pattern[str],
        written: dict[str, WrittenRuns] | None = None,
    ) -> None:
        """`names`: names that hold a number which counts nothing. `written`: texts that were read with these figures before,
        where none of a text is lost."""
        self.blocks = open_ended(composed)
        self._composed = {key_of(block) for block in self.blocks}
        self._figures = figures
        self._names = names
        self._written = {} if written is None else written
        self._gone: set[str] = set()
        self._lost: dict[str, tuple[str, ...]] = {}

    def find(self, key: str) -> int | None:
        """Where the block of a key stands; None: nowhere."""
        return next((index for index, block in enumerate(self.blocks) if key_of(block) == key), None)

    def lay(self, edit: Edit) -> None:
        """Lay one edit over it."""
        at = self.find(edit.key)
        if edit.base is not None and edit.key not in self._composed:
            self._gone.add(edit.key)
        if edit.removed:
            if at is not None:
                del self.blocks[at]
            return
        if at is None and edit.text is None:
            return
        found = self.blocks[at] if at is not None else Paragraph((), edit.lead_before, key=edit.key, source="person")
        assert isinstance(found, Paragraph)
        if edit.text is not None:
            written = self._runs(edit.text, edit.printed)
            found = msgspec.structs.replace(found, runs=written.runs, typed=written.typed, source="person")
            self._lost[edit.key] = written.lost
        if edit.lead is not None:
            found = msgspec.structs.replace(found, lead=edit.lead)
        if at is not None and not edit.moved:
            self.blocks[at] = found
            return
        if at is not None:
            del self.blocks[at]
        self.blocks.insert(_index(self.blocks, edit.anchors), found)

    def _runs(self, text: str, printed: Mapping[str, str]) -> WrittenRuns:
        if (known := self._written.get(text)) is not None:
            return known
        written = runs_of(text, self._figures, printed, self._names)
        if not written.lost:
            self._written[text] = written
        return written

    def result(self) -> LaidOver:
        """The notice as it stands. Raises `NothingLeft`."""
        lost = {key: keys for key, keys in self._lost.items() if keys}
        return LaidOver(_numbered(self.blocks), frozenset(self._gone), lost)


def lay_over(
    composed: Sequence[Block], edits: Iterable[Edit], figures: Mapping[str, Figure], names: re.Pattern[str]
) -> LaidOver:
    """The composed blocks with the edits over them. Raises `NothingLeft`."""
    layer = Layer(composed, figures, names)
    for edit in edits:
        layer.lay(edit)
    return layer.result()


def anchors_at(blocks: Sequence[Block], index: int) -> tuple[str, ...]:
    """The keys of the blocks before a place, the nearest first."""
    return tuple(key_of(block) for block in reversed(blocks[max(0, index - MAX_ANCHORS) : index]))


def _index(blocks: Sequence[Block], anchors: Sequence[str]) -> int:
    indices = {key_of(block): index for index, block in enumerate(blocks)}
    return next((indices[key] + 1 for key in anchors if key in indices), 0)


def _numbered(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks without headings that have nothing below them, the others numbered anew, and each paragraph in its section."""
    if not any(isinstance(block, Paragraph) for block in blocks):
        raise NothingLeft
    result: list[Block] = []
    numbers = [0, 0, 0]
    section = "preamble"
    for index, block in enumerate(blocks):
        if isinstance(block, Paragraph):
            result.append(msgspec.structs.replace(block, section=section))
            continue
        if not _has_content(blocks, index):
            continue
        numbers[block.level - 1] += 1
        numbers[block.level :] = [0] * (3 - block.level)
        section = block.section
        result.append(msgspec.structs.replace(block, label=label(block.level, numbers[block.level - 1])))
    return ended(tuple(result))


def _has_content(blocks: Sequence[Block], index: int) -> bool:
    heading = blocks[index]
    assert isinstance(heading, Heading)
    for block in blocks[index + 1 :]:
        if isinstance(block, Paragraph):
            return True
        if block.level <= heading.level:
            return False
    return False


OutcomeKind = Literal["unchanged", "figures_moved", "text_differs", "gone", "added"]


class MovedFigure(msgspec.Struct, frozen=True):
    """A figure of a paragraph that prints something else."""

    figure: str
    """Its key."""
    before: str | None
    """As it was printed; null: there was no such figure."""
    after: str | None
    """As it is printed; null: there is no such figure any more."""


class ParagraphOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What composing anew did to a paragraph."""

    key: str
    """Of the paragraph."""
    section: str
    """Id of its section."""
    outcome: OutcomeKind
    """`unchanged`; `figures_moved`: the same words with other figures; `text_differs`: is composed with other words than
    before, of an edited one than those on which the edit was made; `gone`: is composed no more; `added`: was not composed
    before."""
    edited: bool
    """Whether a person changed, moved, removed or wrote it."""
    needs_attention: bool
    """Whether the edit stands on what is no more: its paragraph differs or is gone, or a figure in it is no more."""
    moved: list[MovedFigure]
    """Its figures that print something else."""
    before: str | None
    """What was composed before, of an edited one what the edit was made on, as printed; null: nothing."""
    after: str | None
    """What is composed now; null: nothing."""
    written: str | None
    """What the person wrote, as printed now; null: nothing, or it was removed."""


def outcomes(
    before: Sequence[Block],
    figures_before: Mapping[str, Figure],
    after: Sequence[Block],
    figures_after: Mapping[str, Figure],
    edits: Sequence[Edit],
    laid: LaidOver,
) -> list[ParagraphOutcome]:
    """What became of each paragraph between two compositions; `laid`: the later one with the edits."""
    old, new = _paragraphs(open_ended(before)), _paragraphs(open_ended(after))
    standing = _paragraphs(laid.body)
    by_key: dict[str, list[Edit]] = {}
    for edit in edits:
        by_key.setdefault(edit.key, []).append(edit)
    own = [key for key in by_key if key not in old and key not in new]
    order = [*new, *(key for key in old if key not in new), *own]
    result = []
    for key in order:
        composed, earlier, made = new.get(key), old.get(key), by_key.get(key, [])
        base = next((edit.base for edit in reversed(made) if edit.base is not None), None)
        source = base if base is not None else source_of(earlier.runs) if earlier else None
        stands = standing.get(key)
        used = {*_figures(earlier), *_figures(composed), *(_figures(stands) if made else ())}
        used.update(figure for edit in made for figure in edit.printed)
        moved = [
            MovedFigure(figure, was, now)
            for figure in sorted(used)
            if (was := _printed(figures_before, figure)) != (now := _printed(figures_after, figure))
        ]
        if key in own and base is None:
            kind: OutcomeKind = "figures_moved" if moved else "unchanged"
        elif composed is None:
            kind = "gone"
        elif source is None:
            kind = "added"
        elif source != source_of(composed.runs):
            kind = "text_differs"
        else:
            kind = "figures_moved" if moved else "unchanged"
        result.append(
            ParagraphOutcome(
                key=key,
                section=(stands or composed or earlier or Paragraph(())).section,
                outcome=kind,
                edited=bool(made),
                needs_attention=bool(made) and (kind in ("text_differs", "gone") or key in laid.lost),
                moved=moved,
                before=None if source is None else _as_printed(source, figures_before),
                after=_words(composed),
                written=_words(stands) if made else None,
            )
        )
    return result


def _paragraphs(blocks: Iterable[Block]) -> dict[str, Paragraph]:
    return {block.key: block for block in blocks if isinstance(block, Paragraph)}


def _figures(paragraph: Paragraph | None) -> set[str]:
    return {run.figure for run in paragraph.runs if isinstance(run, FigureRun)} if paragraph else set()


def _printed(figures: Mapping[str, Figure], key: str) -> str | None:
    return figures[key].prose() if key in figures else None


def _as_printed(source: str, figures: Mapping[str, Figure]) -> str:
    last: dict[str, str] = {}
    return "".join(run.text for run in runs_of(source, figures, last, re.compile(r"(?!)")).runs)


def _words(paragraph: Paragraph | None) -> str | None:
    return "".join(run.text for run in paragraph.runs) if paragraph else None
