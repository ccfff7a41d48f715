"""The inspection and the figures that every section is composed from. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from services.notices.figures.catalogue import Catalogue
from services.notices.figures.model import FigureSet, Subject
from services.notices.inspections.model import Inspection


@dataclass(frozen=True)
class CompositionContext:
    """An inspection with the figures of its notice."""

    inspection: Inspection
    figures: FigureSet

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
    def lacks_figures(self) -> bool:
        """Whether metrics has no figures yet: then no sentence may state that no dossiers came in."""
        unknown = any(caveat.kind == "no_figures" for caveat in self.figures.pinned.caveats)
        return unknown and self.figures["handled"].size == 0
