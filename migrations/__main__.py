"""Bring the schemas of all services, or of those named, up to date: `python -m migrations [ingest] [metrics] [notices]`."""

from __future__ import annotations

import argparse
import sys

from migrations.upgrade import upgrade
from shared import commands
from shared.settings import SERVICES, settings


def main() -> int:
    """Exit code 0 when every schema is at its newest version."""
    parser = argparse.ArgumentParser(prog="python -m migrations", description=__doc__)
    parser.add_argument("services", nargs="*", choices=[*SERVICES, []], help="default: all")
    words = parser.parse_args()
    for service in words.services or SERVICES:
        # The owner migrates: a service's own role may not change its tables.
        upgrade(service, settings().database_url.get_secret_value())
        print(f"{service}: up to date")
    return 0


if __name__ == "__main__":
    sys.exit(commands.run(main))
