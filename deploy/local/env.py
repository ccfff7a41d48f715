"""`make env`: prints addresses, keys and database URLs of the running stack as assignments of a shell."""

from __future__ import annotations

import shlex
import sys

from deploy.local.running import NotRunning, data_folder, running_on
from shared import commands
from shared.settings import SERVICES


def main() -> int:
    """Exit code 0, or 1 with one sentence when no stack runs."""
    try:
        running = running_on(data_folder())
    except NotRunning as error:
        print(f"motcua: {error}", file=sys.stderr)
        return 1
    for service in SERVICES:
        name = service.upper()
        print(f"export {name}={shlex.quote(running.addresses[service])}")
        print(f"export {name}_API_KEY={shlex.quote(running.keys[service])}")
        print(f"export {name}_DATABASE_URL={shlex.quote(running.databases[service])}")
    return 0


if __name__ == "__main__":
    sys.exit(commands.run(main))
