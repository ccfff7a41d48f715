"""What the journey reads of the services' answers; all else in them is passed over."""

from __future__ import annotations

from typing import Literal

import msgspec

from shared.contracts.kpis import KpiResponse, UnitRow

Kpis = KpiResponse[UnitRow]


class Pull(msgspec.Struct, frozen=True):
    """A pull of a source."""

    id: int
    state: Literal["running", "complete", "interrupted", "failed"]
    served: int
    accepted: int
    known: int
    superseded: int
    quarantined: int
    proof: str | None
    last_error: str | None


class Pulls(msgspec.Struct, frozen=True):
    """Newest first."""

    pulls: list[Pull]


class Disagreement(msgspec.Struct, frozen=True):
    """A dossier that is overdue by the portal or by the law alone."""

    side: str
    cause: str | None


class Disagreements(msgspec.Struct, frozen=True):
    """A page of them; `next_cursor` is the `cursor` of the following one."""

    dossiers: list[Disagreement]
    next_cursor: str | None


class NoticeListed(msgspec.Struct, frozen=True):
    """A notice in the list."""

    id: int
    position: int | None


class Notices(msgspec.Struct, frozen=True):
    """Newest first."""

    notices: list[NoticeListed]


class Check(msgspec.Struct, frozen=True):
    """An equation or a rule that the notice was checked by."""

    name: str
    ok: bool
    detail: str


class Notice(msgspec.Struct, frozen=True):
    """One notice."""

    id: int
    state: str
    position: int | None = None
    error: str | None = None
    checks: list[Check] = []


class Inspection(msgspec.Struct, frozen=True):
    """An inspection that was handed in."""

    id: int


class Reason(msgspec.Struct, frozen=True):
    """Why figures want a confirmation before anything is concluded from them."""

    kind: str
    detail: str


class Unconfirmed(msgspec.Struct, frozen=True):
    """The problem document of an order that wants confirmations."""

    reasons: list[Reason]
