"""Tables of ingest and every statement that reads or writes them.

The order of locks is: the stream's row, then everything else. Whoever changes dossiers holds the stream's row lock from
`lock_stream` to the commit, so positions and numbers are dense and ordered by commit, and read-fold-write loses nothing.
"""

from services.ingest.store import catalogue, dossiers, imports, offers, quarantine, reconciliation, senders, sources

__all__ = ["catalogue", "dossiers", "imports", "offers", "quarantine", "reconciliation", "senders", "sources"]
