"""What a person asks to change, as edits: each is checked against the notice as the ones before it leave it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

import msgspec

from services.notices.composition.model import Block, Paragraph
from services.notices.composition.service import END
from services.notices.figures.model import Figure
from services.notices.revisions.model import Edit, Layer, Lead, NothingLeft, anchors_at, key_of, open_ended
from services.notices.revisions.texts import WrittenRuns, bound, markers, source_of
from shared.errors import FieldFault, Invalid
from shared.languages import Bilingual, bilingual
from shared.spelling import unknown_name

FIGURE = Bilingual("figure", "số liệu")
PARAGRAPH = Bilingual("paragraph", "đoạn")
MAX_EDITS = 500
"""Edits that a notice keeps; a draft has some eighty paragraphs."""
MAX_CHARACTERS = 300_000
"""Of the texts of these edits, and of those on which they were made: every later revision stores them."""
OWN = "own."
"""Begins the keys of paragraphs that a person added."""


class WantedEdit(msgspec.Struct, frozen=True, kw_only=True):
    """A change of one paragraph, as asked for."""

    key: str | None = None
    text: str | None = None
    lead: Lead | None = None
    after: str | None = None
    remove: bool = False
    restore: bool = False


def edited(
    composed: Sequence[Block],
    edits: Sequence[Edit],
    wanted: Sequence[WantedEdit],
    figures: Mapping[str, Figure],
    names: re.Pattern[str],
    *,
    revision: int,
) -> tuple[Edit, ...]:
    """All edits of the notice, with those wanted. Raises `Invalid` that names each that cannot be made, and then none is."""
    return _Editing(composed, edits, figures, names, revision).all(wanted)


class _Editing:
    def __init__(
        self,
        composed: Sequence[Block],
        edits: Sequence[Edit],
        figures: Mapping[str, Figure],
        names: re.Pattern[str],
        revision: int,
    ) -> None:
        self._composed = composed
        self._bases = {one.key: source_of(one.runs) for one in open_ended(composed) if isinstance(one, Paragraph)}
        self._edits = list(edits)
        self._figures = figures
        self._names = names
        self._revision = revision
        self._written: dict[str, WrittenRuns] = {}
        self._laid: Layer | None = None
        self._own = 0

    @property
    def _layer(self) -> Layer:
        """The notice with the edits so far; laid anew only when it is asked for after one was undone."""
        if self._laid is None:
            self._laid = Layer(self._composed, self._figures, self._names, self._written)
            for edit in self._edits:
                self._laid.lay(edit)
        return self._laid

    def all(self, wanted: Sequence[WantedEdit]) -> tuple[Edit, ...]:
        faults: list[FieldFault] = []
        for number, one in enumerate(wanted):
            found = [FieldFault(f"body.edits.{number}.{field}", message, "value_error") for field, message in self._faults(one)]
            if found:
                faults += found
            elif one.restore:
                self._restore(one.key)
            else:
                edit = self._made(one)
                self._layer.lay(edit)
                self._edits = [*(earlier for earlier in self._edits if not _supersedes(edit, earlier)), edit]
        if len(self._edits) > MAX_EDITS:
            message = bilingual("The notice would have more than {n} edits.", "Thông báo có hơn {n} lần sửa.", n=MAX_EDITS)
            faults.append(FieldFault("body.edits", message, "too_long"))
        if sum(len(edit.text or "") + len(edit.base or "") for edit in self._edits) > MAX_CHARACTERS:
            message = bilingual(
                "The edits of the notice would have more than {n} characters.",
                "Các lần sửa của thông báo có hơn {n} ký tự.",
                n=MAX_CHARACTERS,
            )
            faults.append(FieldFault("body.edits", message, "too_long"))
        try:
            self._layer.result()
        except NothingLeft:
            faults.append(
                FieldFault("body.edits", Bilingual("No paragraph would be left.", "Không còn đoạn nào."), "value_error")
            )
        if faults:
            raise Invalid.of_fields(faults)
        return tuple(self._edits)

    def _restore(self, key: str | None) -> None:
        """Let what was removed stand as it stood before; what stands, as it was composed."""
        of_key = [edit for edit in self._edits if edit.key == key]
        undone = of_key[-1:] if of_key[-1].removed else of_key
        self._edits = [edit for edit in self._edits if not any(edit is one for one in undone)]
        self._laid = None

    def _faults(self, one: WantedEdit) -> Iterator[tuple[str, Bilingual]]:
        if one.restore:
            if one.key not in {edit.key for edit in self._edits}:
                yield (
                    "key",
                    Bilingual("It has no edit that could be undone.", "Đoạn này chưa được sửa nên không có gì để khôi phục."),
                )
            return
        keys = [block.key for block in self._layer.blocks if isinstance(block, Paragraph)]
        if one.key is None:
            if one.text is None or one.after is None:
                yield (
                    "text" if one.text is None else "after",
                    Bilingual(
                        "A new paragraph needs `text` and `after`; one that is there needs its `key`.",
                        "Đoạn mới cần `text` và `after`; đoạn đã có cần `key`.",
                    ),
                )
        elif one.key not in keys:
            yield "key", unknown_name(PARAGRAPH, one.key, keys)
        if one.after and (one.after == one.key or self._layer.find(one.after) is None):
            yield "after", unknown_name(PARAGRAPH, one.after, [key_of(block) for block in self._layer.blocks])
        for figure in markers(one.text or ""):
            if figure not in self._figures:
                yield "text", unknown_name(FIGURE, figure, self._figures)

    def _made(self, one: WantedEdit) -> Edit:
        layer = self._layer
        at = None if one.key is None else layer.find(one.key)
        found = None if at is None else layer.blocks[at]
        assert found is None or isinstance(found, Paragraph)
        if one.key is None:
            self._own += 1
        key = one.key or f"{OWN}{self._revision}.{self._own}"
        others = [block for block in layer.blocks if key_of(block) != key]
        if one.after is None:
            place = at or 0
        else:
            place = next((index + 1 for index, block in enumerate(others) if key_of(block) == one.after), 0)
        text = None if one.text is None else bound(_open(one.text), found, self._names)
        return Edit(
            key=key,
            revision=self._revision,
            text=text,
            lead=one.lead,
            lead_before=_lead(found),
            removed=one.remove,
            moved=one.after is not None,
            anchors=anchors_at(others, place),
            base=self._bases.get(key) if one.key is not None else None,
            printed={figure: self._figures[figure].prose() for figure in markers(text or "")},
        )


def _supersedes(edit: Edit, earlier: Edit) -> bool:
    """Whether nothing of an earlier edit shows any more; one that moved its paragraph may have carried others along."""
    return (
        edit.key == earlier.key
        and not (edit.removed or earlier.removed or earlier.moved)
        and (earlier.text is None or edit.text is not None)
        and (earlier.lead is None or edit.lead is not None)
    )


def _lead(paragraph: Paragraph | None) -> Lead:
    return next((lead for lead in get_args(Lead) if paragraph is not None and lead == paragraph.lead), "")


def _open(text: str) -> str:
    return text.removesuffix(END) + "." if text.endswith(END) else text
