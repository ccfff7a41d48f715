"""Statements on sources, and on the turns of calls to their hosts."""
