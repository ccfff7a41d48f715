"""What can go wrong with a source as a whole, each in a sentence that says what to do; and with a single record of it."""

from __future__ import annotations

from typing import ClassVar

from services.ingest.events.model import Reason, UnknownWord
from shared.languages import Bilingual

FAULT = "failed"
"""What happened, in a word, where it was nothing that the source did."""


class SourceError(Exception):
    """A source could not be read to the end; the place that was reached is kept."""

    category: ClassVar[str] = FAULT
    """What happened in a word, for those who may not know more."""
    again_after: float | None = None
    """Seconds after which asking again makes sense, where the source or the breaker says so."""

    def __init__(self, sentence: Bilingual, *, again_after: float | None = None, settled: bool = False) -> None:
        """`sentence` says what happened and what to do, without secrets or personal data."""
        super().__init__(str(sentence))
        self.text = sentence
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


class WrongPath(SourceUnreadable):
    """The source answers that there is nothing at the path that was called."""


class SourceMisconfigured(SourceError):
    """The settings of the source cannot be right."""

    category = "misconfigured"


class RecordRejected(Exception):
    """A record cannot become an event, for `reason`."""

    def __init__(self, reason: Reason, detail: str, unknown: UnknownWord | None = None) -> None:
        """`detail` names the field and what is wrong, without the value of any field; `unknown`: the word that nobody knows."""
        super().__init__(detail)
        self.unknown = unknown
        self.reason = reason
        self.detail = detail


def unforeseen(error: Exception) -> RecordRejected:
    """The rejection of a record whose reading fails unforeseen: of `error` only the type is named."""
    return RecordRejected(Reason.unforeseen, f"Reading this record fails for a fault of ours ({type(error).__name__}).")
