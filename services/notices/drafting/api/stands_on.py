"""What a notice stands on, and what has changed since."""

from __future__ import annotations

import msgspec

from services.notices.drafting.store.notices import NoticeRow


class StandsOn(msgspec.Struct, frozen=True):
    """The versions that a notice states, and those that there are now: where they differ, it states what was."""

    inspection: int | None
    """Of the inspection; null: no worker has begun to draft it, or it was drafted before versions were stored."""
    evidence: int | None
    """Of the evidence, 0: none was handed in; null as above."""
    newest_inspection: int
    """The newest version of the inspection: `GET /v1/inspections/{id}?version=`."""
    newest_evidence: int
    """The newest version of the evidence; 0: none was handed in."""
    changes: str | None
    """Where the evidence that changed since is listed; null: it has not changed."""

    @staticmethod
    def of(row: NoticeRow) -> StandsOn:
        """As stored."""
        stated, newest = row.evidence_version, row.newest_evidence
        changed = stated is not None and stated < newest
        path = f"/v1/inspections/{row.inspection_id}/evidence/changes?from={stated}" if changed else None
        return StandsOn(row.inspection_version, stated, row.newest_inspection, newest, path)
