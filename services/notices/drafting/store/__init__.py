"""Statements on notices: reading them, and the queue of those to be drafted."""
