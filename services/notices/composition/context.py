"""The inspection, the figures and the evidence that every section is composed from. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import TypeVar

from services.notices.composition.followed import FollowedNotice
from services.notices.composition.scope_words import ScopeWords, scope_words
from services.notices.composition.thresholds import THRESHOLDS, Thresholds
from services.notices.evidence.aggregates import measured
from services.notices.evidence.model import EvidenceSet, Measure
from services.notices.figures.catalogue import Catalogue
from services.notices.figures.model import Figure, FigureSet, Subject
from services.notices.inspections.model import Inspection


@dataclass(frozen=True)
class CompositionContext:
    """An inspection with the figures and the evidence of its notice."""

    inspection: Inspection
    figures: FigureSet
    evidence: EvidenceSet
    """Its agencies go by their unit keys."""
    followed: FollowedNotice | None = None
    """The earlier notice whose recommendations were followed up; None: none."""
    thresholds: Thresholds = THRESHOLDS

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue that the figures were counted by."""
        return self.figures.pinned.catalogue

    @property
    def agencies(self) -> tuple[Subject, ...]:
        """The agencies that have figures."""
        return self.figures.pinned.agencies

    @property
    def procedures(self) -> tuple[Subject, ...]:
        """The interlinked procedures that have figures."""
        return self.figures.pinned.procedures

    @property
    def departments(self) -> tuple[Subject, ...]:
        """The departments of the internal process that have figures."""
        return self.figures.pinned.departments

    @property
    def steps(self) -> tuple[Subject, ...]:
        """The steps of the internal process that have figures."""
        return self.figures.pinned.steps

    @property
    def lacks_figures(self) -> bool:
        """Whether metrics has no figures yet: then no sentence may state that no dossiers came in."""
        unknown = any(caveat.kind == "no_figures" for caveat in self.figures.pinned.caveats)
        return unknown and self.figures["handled"].size == 0

    @cached_property
    def words(self) -> ScopeWords:
        """What the whole, its levels and its groups are called."""
        scope = self.figures.pinned.scope
        return scope_words(
            scope.kind if scope else "district", self.inspection.issuer.territory, self.agencies, self.evidence.template
        )

    def measured(self, item: str, measure: Measure, subject: str = "", about: str | None = None) -> Figure:
        """A measure of an item of evidence as a figure."""
        return measured(self.figures, self.evidence, item, measure, subject, about)

    def is_answered(self, item: str) -> bool:
        """Whether the team established it of anybody; an item that the year's template lacks was not."""
        return item in self.evidence.template and self.evidence.is_answered(item)

    def is_answered_by_all(self, item: str) -> bool:
        """Whether the team established it of every agency: only then it goes before what metrics counts of the whole."""
        if not self.is_answered(item):
            return False
        return {agency.key for agency in self.agencies} <= self.evidence.by_subject(item).keys()

    def in_order(self, keys: set[str]) -> tuple[Subject, ...]:
        """The agencies of these unit keys, in the order of the annexes."""
        return tuple(agency for agency in self.agencies if agency.key in keys)


T = TypeVar("T")


def found_once(find: Callable[[CompositionContext], T]) -> Callable[[CompositionContext], T]:
    """The function, asked once for each notice: several sections state what follows from all figures and evidence."""
    name = f"{find.__module__}.{find.__qualname__}"

    @wraps(find)
    def known(context: CompositionContext) -> T:
        kept = vars(context)  # as `cached_property` keeps what it finds
        if name not in kept:
            kept[name] = find(context)
        found: T = kept[name]
        return found

    return known
