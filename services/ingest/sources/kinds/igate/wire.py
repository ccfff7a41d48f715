"""What is read of an iGate portal's answers, and nothing else.

`Dossier` lists the only fields that are ever decoded: the applicant, officials' names, file names and free text are skipped
as bytes by the JSON decoder and never become objects of ours.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from services.ingest.sources.fields.whitelist import Spec

When = Annotated[datetime, Meta(tz=True)]
Total = Annotated[int, Meta(ge=0, lt=2**31)]
VIETNAMESE = 228
"""`languageId` of a name."""


class Translation(Struct, gc=False, rename="camel"):
    """A name in one language."""

    name: str | None = None
    language_id: int | None = None


class Named(Struct, gc=False, rename="camel"):
    """Something with a name, in any of the forms that the endpoints use."""

    name: str | list[Translation] | Translation | None = None


class Coded(Struct, gc=False, rename="camel"):
    """Something with a code."""

    code: str | int | None = None


class SubmittedForm(Struct, gc=False, rename="camel"):
    """A paper that was handed in."""

    digitizing_status: int | None = None


class Fee(Struct, gc=False, rename="camel"):
    """A fee."""

    amount: int | float | None = None


class Result(Struct, gc=False, rename="camel"):
    """A result; only that there is one is read."""


class Task(Struct, gc=False, rename="camel"):
    """A step of the history."""

    name: str | list[Translation] | Translation | None = None
    created_date: When | None = None
    completed_date: When | None = None
    agency: object = None
    """The department that has it: what cannot be read as an `Office` tells nothing."""
    due_date: object = None
    """By when it should be done: what is no date tells nothing."""


class Office(Struct, gc=False, rename="camel"):
    """The agency or department of a task."""

    name: str | list[Translation] | Translation | None = None
    code: str | int | None = None


class Dossier(Struct, gc=False, rename="camel"):
    """The whitelisted fields of an element of `content[]`."""

    id: str
    code: str
    dossier_status: Named
    updated_date: When | None = None
    procedure: Coded | None = None
    agency: Coded | None = None
    accepted_date: When | None = None
    appointment_date: When | None = None
    completed_date: When | None = None
    returned_date: When | None = None
    apply_method: Named | None = None
    dossier_receiving_kind: Named | None = None
    dossier_form_file: list[SubmittedForm] | None = None
    dossier_result_file: list[Result] | None = None
    dossier_fee: list[Fee] | None = None
    payment_method: Named | None = None
    task: list[Task] | None = None


NAME = {"": None, "name": None, "languageId": None}
NAMED = {"name": NAME}
FIELDS: Spec = {
    "id": None,
    "code": None,
    "updatedDate": None,
    "dossierStatus": NAMED,
    "procedure": {"code": None},
    "agency": {"code": None},
    "acceptedDate": None,
    "appointmentDate": None,
    "completedDate": None,
    "returnedDate": None,
    "applyMethod": NAMED,
    "dossierReceivingKind": NAMED,
    "dossierFormFile": {"digitizingStatus": None},
    "dossierResultFile": {},
    "dossierFee": {"amount": None},
    "paymentMethod": NAMED,
    "task": {
        "name": NAME,
        "createdDate": None,
        "completedDate": None,
        "agency": {"code": None, "name": NAME},
        "dueDate": None,
    },
}
"""The same as data: what is stored of a rejected record, without the names of departments. `task[].assignee` and the like are
not in it."""


class Envelope(Struct, gc=False, rename="camel"):
    """A page of dossiers."""

    content: list[Dossier]
    total_elements: Total | None = None
    size: int | None = None


class RawEnvelope(Struct, gc=False, rename="camel"):
    """A page whose rows are read one by one."""

    content: list[msgspec.Raw]
    total_elements: Total | None = None
    size: int | None = None


def written(at: datetime) -> str:
    """An instant as the portal's parameters take it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
