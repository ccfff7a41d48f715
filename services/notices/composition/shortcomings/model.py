"""What a shortcoming is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from services.notices.composition.context import CompositionContext
from services.notices.composition.model import FigureRun, ParagraphSource, Run, Shortcoming
from services.notices.figures.model import Subject


class StatedShortcoming(NamedTuple):
    """A shortcoming with the words that state it."""

    shortcoming: Shortcoming
    runs: tuple[Run, ...]
    source: ParagraphSource


Detect = Callable[[CompositionContext], StatedShortcoming | None]
"""Finds one kind of shortcoming."""


def stated(kind: str, runs: tuple[Run, ...], agencies: Iterable[Subject], source: ParagraphSource) -> StatedShortcoming:
    """A shortcoming whose figures are those that its words print."""
    figures = tuple(dict.fromkeys(run.figure for run in runs if isinstance(run, FigureRun)))
    return StatedShortcoming(Shortcoming(kind, tuple(dict.fromkeys(one.key for one in agencies)), figures), runs, source)
