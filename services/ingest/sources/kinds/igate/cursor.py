"""How far a list has been read, as it is stored between two pulls and within one."""

from __future__ import annotations

from datetime import datetime

import msgspec

REVISION = 2
"""Of the checks that a pass makes. What was called verified by fewer of them is read anew, once."""


class ListCursor(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """How far a source has been read."""

    revision: int = 0
    """`REVISION` when it was written."""
    complete: bool = False
    """The pass came to its end; the next one begins at the head and goes down to `since`."""
    since: datetime | None = None
    """Lower edge of the pass under way, or of the next one after a complete one; None: to the end of the list."""
    verification: str | None = None
    """Of a complete pass: how it is known that nothing was skipped, or why it is not."""
    verified: bool | None = None
    """Of a complete pass: whether nothing was skipped; None: it is not over."""
    whole: bool = False
    """Of a complete pass: the whole list was read."""
    ordered: bool | None = None
    """Whether the list is ordered by change, as it was asked for; None: its rows do not show it. Only such a list can be read
    down to an edge."""
    top: datetime | None = None
    """Newest `updatedDate` when the pass began."""
    page: int = 0
    """Next page to be read."""
    size: int = 0
    """Rows per page that `page` counts in."""
    total: int | None = None
    """Rows in the list as the portal gave them with the page before."""
    low: datetime | None = None
    """Oldest `updatedDate` read in this pass; what is newer has been read already."""
    ties: list[str] = []
    """Digests of the dossiers read that bear it, as `Page.keys` has them."""
    rows: int = 0
    """Distinct rows read in this pass, down from `top`, as far as the order of an ordered list shows them."""
    sequence: int = 0
    """Checksum of all rows of this pass in the order in which they came."""
    previous: int | None = None
    """`sequence` of the pass before, over the same list."""
    fallen: bool = False
    """The total fell within this pass: rows left."""
    moved: bool = False
    """The total changed within this pass, or rows came to the head of the list."""
    members: int | None = None
    """Of the last pass that was verified by counting: checksum of the dossiers read, whatever their order."""
    usual: int | None = None
    """Rows that the last complete pass found above its edge."""
    above: int = 0
    """Rows that this pass found above its edge."""
    closed: int = 0
    """Seams that had opened between two pages, and that were read again."""
    number: int = 1
    """Which pass over the list this is, counted until one is verified."""

    def as_json(self) -> dict[str, object]:
        """As it is stored."""
        fields: dict[str, object] = msgspec.to_builtins(self)
        return fields
