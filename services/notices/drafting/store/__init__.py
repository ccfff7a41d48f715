"""Statements over notices: as they are read, and the queue of those to be made."""
