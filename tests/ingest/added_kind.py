"""A kind of source as somebody writes one, the ledger of a small office: this module is the kind, `app` an API that has it.

`python -m shared.web --factory tests.ingest.added_kind:app`
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from services.ingest.events.model import Course, Event, Rejected
from services.ingest.sources.bounds import Bounds, require_within
from services.ingest.sources.fields.codes import Codes
from services.ingest.sources.fields.instants import required_occurrence
from services.ingest.sources.fields.whitelist import Fields, Spec, converted, decode_record
from services.ingest.sources.fields.withholding import Withholding
from services.ingest.sources.kinds import KINDS
from services.ingest.sources.model import Arrival, Kind
from shared.dossier import Status

SUMMARY = "The ledger of a small office."
ARRIVAL = Arrival.events
BEARS_VERSION_TIME = True
REVISION = 1
FIELDS: Spec = {"ref": None, "on": None, "mark": None}
EXAMPLE_SETTINGS: Mapping[str, object] = {"marks": {"v": "resolved"}}
EXAMPLE_RECORD: Mapping[str, object] = {"ref": "000.00.19.H30-230615-0042", "on": "2023-06-15T08:00:00+07:00", "mark": "v"}


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the ledger is read."""

    BOUNDS: ClassVar[Bounds] = {"shelf": (1, 9)}

    marks: dict[str, Status]
    """What its marks mean."""
    shelf: int = 3
    """Where it stands."""

    def __post_init__(self) -> None:
        """Refuse shelves that there are not."""
        require_within(self, self.BOUNDS)


class Entry(msgspec.Struct):
    """A line of the ledger."""

    ref: str
    on: datetime
    mark: str


def decoder(
    source: str, settings: Settings, latest: datetime, withholding: Withholding | None = None
) -> Callable[[object], Event | Rejected]:
    """Reads lines of the ledger."""
    codes = Codes([], withholding)

    def event(fields: Fields) -> Event:
        entry = converted(fields, Entry, needed=("ref", "on", "mark"))
        at = required_occurrence(entry.on, "on", latest)
        return Event(codes.read(entry.ref, "ref"), source, "", at, course=Course(settings.marks[entry.mark], at, at))

    return lambda value: decode_record(value, FIELDS, "ref", codes, event)


def this() -> Kind:
    """This module, as a kind."""
    kind: Kind = sys.modules[__name__]
    return kind


def app() -> Any:
    """The API of ingest with one more kind."""
    KINDS["ledger"] = this()
    return importlib.import_module("services.ingest.app").app
