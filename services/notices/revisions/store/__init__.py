"""Statements on revisions of notices: reading them, and the queue of those to be made."""
