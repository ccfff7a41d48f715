"""Every statement that reads or writes the tables of notices, one module per group of tables, and the queue of the work."""

from services.notices.store import inspections, notices, queue

__all__ = ["inspections", "notices", "queue"]
