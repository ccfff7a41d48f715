"""Responses of audits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

import msgspec

from services.notices.audit.comparison.model import NoticeComparison
from services.notices.audit.model import Audit
from services.notices.audit.store import AuditRow, AuditState
from shared.contracts.kpis import Text


class AuditProgress(msgspec.Struct, frozen=True):
    """How far a document was read."""

    read: int
    """Pages that were read."""
    pages: int
    """Pages that it has."""


class AuditOut(msgspec.Struct, frozen=True, kw_only=True):
    """An audit of the figures of one document."""

    id: int
    """Its number."""
    state: AuditState
    """`queued` and `auditing` until `audited`, when `result` is there; `failed`: the document cannot be read, see `error`."""
    title: str | None
    """Name of the file; null where none was given."""
    progress: AuditProgress | None
    """Of a document with pages, while a worker reads it; else null."""
    error: Text | None
    """Why the document cannot be read, and what to do; null unless it `failed`."""
    created_at: datetime
    """When it was ordered."""
    ended_at: datetime | None
    """When it was audited or failed; null until then."""
    expires_at: datetime
    """When it will be deleted."""
    result: Audit | None
    """What was found; null until it is `audited`."""
    comparison: NoticeComparison | None
    """The figures beside ours; null unless the query names a province and a period, and until it is `audited`."""

    @classmethod
    def of(cls, row: AuditRow, retention: timedelta, result: Audit | None, comparison: NoticeComparison | None = None) -> Self:
        """An audit, which is stored for `retention`."""
        reading = row.state == "auditing" and row.pages_read is not None and row.pages is not None
        return cls(
            id=row.id,
            state=row.state,
            title=row.title,
            progress=AuditProgress(row.pages_read or 0, row.pages or 0) if reading else None,
            error=Text(**row.error) if row.error is not None else None,
            created_at=row.created_at,
            ended_at=row.ended_at,
            expires_at=row.created_at + retention,
            result=result,
            comparison=comparison,
        )
