"""What can go wrong with a source as a whole; each says in a sentence what happened and what to do."""

from __future__ import annotations

from typing import ClassVar


class SourceError(Exception):
    """A source could not be read to the end; the place that was reached is kept."""

    category: ClassVar[str] = "failed"
    """What happened in a word, for those who may not know more."""
    again_after: float | None = None
    """Seconds after which asking again makes sense, where the source or the breaker says so."""

    def __init__(self, sentence: str, *, again_after: float | None = None, settled: bool = False) -> None:
        """`sentence` says what happened and what to do, without secrets or personal data."""
        super().__init__(sentence)
        self.again_after = again_after
        self.settled = settled
        """Asking the same again at once cannot mend it."""


class SourceAway(SourceError):
    """The source does not answer, or not within the attempts and the time that were agreed."""

    category = "away"


class SourceRefuses(SourceError):
    """The source does not let us in: credentials or rights are wrong."""

    category = "refuses"


class SourceUnreadable(SourceError):
    """The source answers, but not in the form that was agreed."""

    category = "unreadable"


class SourceMisconfigured(SourceError):
    """The settings of the source cannot be right."""

    category = "misconfigured"
