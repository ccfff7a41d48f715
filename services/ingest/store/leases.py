"""Leases: one worker at a time has a row, until an instant that it moves on as long as it works.

A table whose rows are leased has the columns `lease_by` and `lease_until`. What is composed here is an update of such a table,
to which its store adds which row is meant and what else changes.
"""

from __future__ import annotations

import sqlalchemy as sa

from shared.statements import parameter

NOW = parameter("now", sa.DateTime(timezone=True))
WORKER = parameter("worker", sa.Text)
UNTIL = parameter("until", sa.DateTime(timezone=True))


def is_free(table: sa.Table) -> sa.ColumnElement[bool]:
    """Whether nobody has a row at the instant `now`."""
    return sa.or_(table.c.lease_until.is_(None), table.c.lease_until < NOW)


def taking(table: sa.Table) -> sa.Update:
    """A row is `worker`'s until the instant `until`; whether it is free must be asked under its lock."""
    return sa.update(table).values(lease_by=WORKER, lease_until=UNTIL)


def renewing(table: sa.Table) -> sa.Update:
    """`worker` keeps a row until the instant `until`; touches none that another has taken."""
    return sa.update(table).where(table.c.lease_by == WORKER).values(lease_until=UNTIL)


def releasing(table: sa.Table) -> sa.Update:
    """`worker` gives a row back; touches none that another has taken."""
    return sa.update(table).where(table.c.lease_by == WORKER).values(lease_by=sa.null(), lease_until=sa.null())
