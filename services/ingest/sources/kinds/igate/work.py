"""The tasks of a dossier of an iGate portal as steps of the internal process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.ingest.events.model import WorkStep
from services.ingest.sources.errors import RecordRejected
from services.ingest.sources.fields.departments import DEPARTMENTS, STEP_NAMES, KnownNames
from services.ingest.sources.fields.instants import portal_due, required_occurrence
from services.ingest.sources.fields.whitelist import MAX_ITEMS
from services.ingest.sources.kinds.igate.names import name_of
from services.ingest.sources.kinds.igate.settings import Settings
from services.ingest.sources.kinds.igate.wire import Office, Task, When

_UNREADABLE = (RecordRejected, msgspec.ValidationError, OverflowError, RecursionError)


class WorkReader:
    """Reads tasks of one source; what nobody can read of one tells nothing, and stops no dossier."""

    def __init__(self, settings: Settings) -> None:
        """`settings` has the names that the source calls otherwise."""
        self._departments = KnownNames(DEPARTMENTS, settings.departments, codes=True)
        self._steps = KnownNames(STEP_NAMES, settings.steps)

    def steps_of(self, tasks: Sequence[Task], latest: datetime) -> tuple[WorkStep, ...]:
        """The tasks that have begun; `latest` is the newest instant that a past event may bear."""
        work = []
        for task in tasks[:MAX_ITEMS]:
            started_at = _past(task.created_date, latest)
            ended_at = _past(task.completed_date, latest)
            if started_at is not None and (ended_at is None or ended_at >= started_at):
                name = self._steps.get(name_of(task.name))
                work.append(WorkStep(self._department(task.agency), name, started_at, _due(task.due_date), ended_at))
        return tuple(work)

    def _department(self, agency: object) -> str | None:
        if agency is None:
            return None
        try:
            office = msgspec.convert(agency, Office)
        except _UNREADABLE:
            return None
        code = None if office.code is None else str(office.code)
        return self._departments.get(name_of(office.name)) or self._departments.get(code)


def _past(at: datetime | None, latest: datetime) -> datetime | None:
    try:
        return None if at is None else required_occurrence(at, "task", latest)
    except _UNREADABLE:
        return None


def _due(due_date: object) -> datetime | None:
    try:
        return None if due_date is None else portal_due(msgspec.convert(due_date, When), "task.due_date")
    except _UNREADABLE:
        return None
