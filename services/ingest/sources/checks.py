"""What the check of a source finds: call by call whether it works, what to change where not, and a record as understood."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from services.ingest.events.model import Event
from shared.languages import Bilingual

MAX_CALLS = 6
"""Calls that a check makes at most."""


class CheckStep(StrEnum):
    """What is tried, in this order; a step that fails leaves those after it untried where they rest on it."""

    settings = "settings"
    address = "address"
    token = "token"
    list = "list"
    record = "record"
    statistics = "statistics"


class CheckOutcome(StrEnum):
    """What came of a step."""

    works = "works"
    fails = "fails"
    not_tried = "not_tried"
    not_needed = "not_needed"


class CheckedStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the check."""

    step: CheckStep
    """What was tried."""
    outcome: CheckOutcome
    """What came of it; `not_tried`: a step before it failed, or the time was over."""
    en: str
    """What was found, and where it fails what to do, in English."""
    vi: str
    """The same in Vietnamese."""
    change: list[str] = []
    """Members of the source to look at where it fails: `settings.base_url`, `settings.realm`, `secret`."""


class UnknownWord(msgspec.Struct, frozen=True, kw_only=True):
    """A word of the records that were read which nobody knows yet."""

    setting: str
    """The setting that says what it means: `statuses`, `channels`, `paid_online`."""
    word: str
    """As the source writes it; `(withheld)` stands for what held a person's number or address."""
    count: int
    """Records that have it."""


class CheckedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record of the source as it is understood; nothing of persons is in it."""

    records: int
    """Records that were read."""
    rejected: int
    """Those of them that would wait in quarantine."""
    fields: dict[str, str]
    """Of one record what is known by our names: `status`, `received_at`, `agency`; empty where none can be read."""
    not_stated: list[str]
    """Our fields of which this record states nothing."""
    unmapped: list[str] = []
    """Of `agency` and `procedure` those that the province's catalogue does not know."""
    unknown_words: list[UnknownWord]
    """Words of all these records that nobody knows, the most frequent first."""


Finding = CheckedStep | CheckedRecord


def step(step: CheckStep, outcome: CheckOutcome, text: Bilingual, *change: str) -> CheckedStep:
    """A step of the check; `change`: see `CheckedStep`."""
    return CheckedStep(step=step, outcome=outcome, en=text.en, vi=text.vi, change=[*change])


def understood(event: Event | None, *, records: int, rejected: int, unknown_words: list[UnknownWord]) -> CheckedRecord:
    """A record as its event tells it; None: no record could be read."""
    values: dict[str, object] = {}
    if event is not None:
        course, about = event.course, event.about
        values = {"code": event.code, "updated_at": event.at, "due_at": event.due_at}
        for name in ("status", "received_at", "ended_at", "delivered_at"):
            values[name] = getattr(course, name, None)
        for name in _ABOUT:
            values[name] = getattr(about, name, None)
        values["pauses"] = len(event.pauses) if event.pauses is not None else None
        values["work"] = len(event.work) if event.work is not None else None
    return CheckedRecord(
        records=records,
        rejected=rejected,
        fields={name: _written(value) for name, value in values.items() if value is not None},
        not_stated=[name for name, value in values.items() if value is None],
        unknown_words=unknown_words,
    )


_ABOUT = ("agency", "procedure", "channel", "digitised_intake", "digitised_result", "fee_required", "fee_online", "reused")


def _written(value: object) -> str:
    written: object = msgspec.to_builtins(value)
    return str(written).lower() if isinstance(written, bool) else str(written)
