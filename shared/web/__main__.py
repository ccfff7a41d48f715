"""Starts an API as it must be started everywhere: `python -m shared.web services.ingest.app:app --port 8101`.

All of uvicorn's options may follow. What stands before them here is not a choice: connections that are bounded, and logs that
are JSON from the first line on, an application that cannot be imported included.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from shared import logs
from shared.settings import SERVICES
from shared.web.server import Server

uvicorn = importlib.import_module("uvicorn.main")  # the package has its command under this name

OPTIONS = (
    "--http=shared.web.connections:HttpConnection",
    "--ws=none",
    "--no-access-log",
    "--no-server-header",
    f"--log-config={Path(__file__).with_name('logging.json')}",
    "--timeout-graceful-shutdown=2",
)


def run(words: list[str]) -> None:
    """Serve until a signal comes; `words` are the application and uvicorn's options."""
    vars(uvicorn)["Server"] = Server  # its command makes no other
    # The application says at which level, once it is there.
    logs.configure(next((name for name in SERVICES for word in words if word.startswith(f"services.{name}.")), "unknown"))
    uvicorn.main([*OPTIONS, *words])


if __name__ == "__main__":
    run(sys.argv[1:])
