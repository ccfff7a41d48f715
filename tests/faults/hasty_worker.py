"""The ingest worker with a shorter lease: `python -m tests.faults.hasty_worker SECONDS`.

A source whose worker was killed lies idle until the lease is over. In a storm that kills the worker every other second, a lease
of real life would mean that nobody ever reads while it storms.
"""

from __future__ import annotations

import sys
from datetime import timedelta

from services.ingest import worker
from services.ingest.pulls import service as pulling
from shared.worker import serve

if __name__ == "__main__":
    pulling.LEASE = timedelta(seconds=float(sys.argv[1]))
    sys.exit(serve("ingest", worker.loops, connections=worker.CONNECTIONS))
