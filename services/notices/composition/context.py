"""What every section is composed from: the inspection and its figures. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from services.notices.figures.catalogue import Catalogue
from services.notices.figures.model import Figures, Subject
from services.notices.inspections.model import Inspection


@dataclass(frozen=True)
class Matter:
    """What a notice is composed from."""

    inspection: Inspection
    figures: Figures

    @property
    def catalogue(self) -> Catalogue:
        """What the figures are made of."""
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
    def lacks_figures(self) -> bool:
        """Whether nothing is counted because nothing could be: that no dossiers came in cannot be concluded from it."""
        blind = any(caveat.kind == "no_figures" for caveat in self.figures.pinned.caveats)
        return blind and self.figures["handled"].size == 0
