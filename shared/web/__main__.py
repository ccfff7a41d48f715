"""Starts an API as it must be started everywhere: `python -m shared.web services.ingest.app:app --port 8101`.

All of uvicorn's options may follow. What stands before them here is not a choice: connections that are bounded, and logs that
are JSON from the first line on, an application that cannot be imported included.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from shared import commands, logs
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


log = logs.logger("web")


def run(words: list[str]) -> int:
    """Serve until a signal comes; `words` are the application and uvicorn's options. The exit code of what cannot begin."""
    vars(uvicorn)["Server"] = Server  # its command makes no other
    # The application says at which level, once it is there.
    logs.configure(next((name for name in SERVICES for word in words if word.startswith(f"services.{name}.")), "unknown"))

    def serve() -> int:
        uvicorn.main([*OPTIONS, *words])
        return 0

    return commands.run(serve, lambda sentence: log.error("cannot work", detail=sentence))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
