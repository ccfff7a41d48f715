"""The kinds of sources: a module or folder for each, and the list of them.

A new kind is one module (or folder) here that is a `Kind` (`services.ingest.sources.model`), with an `Adapter` where it is
pulled, and one line in `KINDS`: API, worker and documents follow from it, and `tests/ingest/test_source_contract.py` checks
that it fulfils the contract.
"""

from __future__ import annotations

from services.ingest.sources.kinds import files, igate, national, own
from services.ingest.sources.model import Kind

KINDS: dict[str, Kind] = {"igate": igate, "national": national, "own": own, "files": files}
"""Every kind by its name: one line for each."""
