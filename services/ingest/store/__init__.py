"""Tables of ingest and every statement that reads or writes them.

The order of locks is: the stream's row, then a reconciliation's, then its source's, then everything else. Whoever changes
dossiers takes the stream's row first, with nothing written or locked before it, and holds it from `lock_stream` to the commit:
positions and numbers are dense and ordered by commit, read-fold-write loses nothing, and the catalogue stands still meanwhile.
A row that is looked for with SKIP LOCKED is waited for by nobody who looks.
"""

from services.ingest.store import catalogue, dossiers, imports, offers, quarantine, reconciliation, senders, sources

__all__ = ["catalogue", "dossiers", "imports", "offers", "quarantine", "reconciliation", "senders", "sources"]
