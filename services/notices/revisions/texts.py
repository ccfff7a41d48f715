"""Texts that a person writes: figures in them are markers, `{resolved}`, and are printed anew whenever figures move. Pure.

A number that was copied from the paragraph is found again by its printed form and bound to its figure. Any other number is
typed by hand: it is printed as it stands, and marked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from services.notices.composition.model import FigureRun, Paragraph, Run, TextRun
from services.notices.composition.phrases import merged
from services.notices.figures.model import Figure
from services.notices.quantities.references import quantity_spans

MARKER = re.compile(r"\{([^{}]{1,200})\}")


def source_of(runs: Iterable[Run]) -> str:
    """The words of a paragraph, each figure as its marker: the same text whatever the figures are."""
    return "".join("{" + run.figure + "}" if isinstance(run, FigureRun) else run.text for run in runs)


def markers(text: str) -> list[str]:
    """The keys of figures that a text names, in order."""
    return MARKER.findall(text)


def unmarked_numbers(text: str, names: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where numbers stand that count something and are no markers; `names` are names that hold numbers."""
    blanked = MARKER.sub(_blank, names.sub(_blank, text))
    return quantity_spans(blanked)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def bound(text: str, base: Paragraph | None, names: re.Pattern[str]) -> str:
    """The text with markers in place of numbers that the paragraph `base` prints in the same form.

    They are found by their order, and only where the form stands as often as in `base`: one more may count something else.
    """
    printed: defaultdict[str, list[str]] = defaultdict(list)
    for run in base.runs if base else ():
        if isinstance(run, FigureRun):
            printed[_plain(run.text)].append(run.figure)
    found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    plain = _plain(text)
    for key in markers(text):
        form = next((form for form, keys in printed.items() if key in keys), None)
        if form is not None:
            printed[form].remove(key)
    for start, end in unmarked_numbers(text, names):
        forms = [form for form in printed if plain.startswith(form, start) and start + len(form) >= end]
        if forms:
            form = max(forms, key=len)
            found[form].append((start, start + len(form)))
    markers_at: dict[tuple[int, int], str] = {}
    for form, spans in found.items():
        keys = printed[form]
        if len(keys) == len(spans):
            markers_at |= dict(zip(spans, keys, strict=True))
    for (start, end), key in sorted(markers_at.items(), reverse=True):
        text = text[:start] + "{" + key + "}" + text[end:]
    return text


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ")


class WrittenRuns(NamedTuple):
    """A text of a person as runs."""

    runs: tuple[Run, ...]
    typed: tuple[str, ...]
    """Numbers that print no figure."""
    lost: tuple[str, ...]
    """Keys of figures that there are no more: they print what they last were, as if typed."""


def runs_of(text: str, figures: Mapping[str, Figure], last: Mapping[str, str], names: re.Pattern[str]) -> WrittenRuns:
    """The runs of a text with markers; `last`: what a figure that there is no more printed last."""
    runs: list[Run] = []
    lost: list[str] = []
    for number, part in enumerate(MARKER.split(text)):
        if number % 2 == 0:
            runs.append(TextRun(part))
        elif part in figures:
            runs.append(FigureRun(figures[part].prose(), part))
        else:
            lost.append(part)
            runs.append(TextRun(last.get(part, "…")))
    whole = merged(runs)
    words = " ".join(run.text if isinstance(run, TextRun) else "" for run in whole)
    typed = tuple(words[start:end] for start, end in unmarked_numbers(words, names))
    return WrittenRuns(whole, typed, tuple(lost))
