"""`make run`: the whole stack on this machine, with the reference world pulled, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import threading
import time
from typing import NoReturn

from deploy.demo.journey import Journey, JourneyError
from deploy.demo.worlds import World, world_named
from deploy.local.processes import die_with_parent
from deploy.local.running import data_folder
from deploy.local.stack import Ports, Stack, StackError, portal_access
from deploy.local.stopping import Stopped, stop_on_signals, stopping
from shared import commands
from shared.settings import settings


def port_base() -> int:
    """MOTCUA_PORT_BASE, or 8100."""
    given = os.environ.get("MOTCUA_PORT_BASE", "8100")
    if not re.fullmatch(r"[0-9]{1,5}", given):
        raise StackError(f"MOTCUA_PORT_BASE is {given[:20]!r}: give a number up to 65000")
    return int(given)


def main() -> int:
    """Exit code 0 after Ctrl-C or SIGTERM, 1 with one sentence when something stands in the way."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("--world", default="reference", help="reference, or an event log FILE.csv of a municipality")
    words = parser.parse_args()
    if "MAKELEVEL" in os.environ:
        die_with_parent(signal.SIGTERM)  # who kills make means the stack
    stop_on_signals()
    stack: Stack | None = None
    try:
        settings()  # what is wrong with them is told here, once, and not by eight processes
        world = world_named(words.world)
        ports = Ports.from_base(port_base())
        stack = Stack(data_folder(), ports, portal=world.portal, environment=portal_access(ports.portal, world.province))
        _say(f"starting motcua on the data in {stack.data} ...")
        stack.start()
        _live(stack, world)
    except Stopped:
        _say("stopping ...")
        return 0
    except (StackError, JourneyError, OSError, ValueError) as error:
        print(f"motcua: {error}", file=sys.stderr, flush=True)
        return 1
    finally:
        stopping()
        if stack:
            stack.stop()


def _live(stack: Stack, world: World) -> NoReturn:
    """Makes the journey beside the watch over the processes, then only watches."""
    journey = Journey(stack.url, stack.keys.operator, world, out=stack.data / "documents", say=_say)
    failures: list[Exception] = []

    def travel() -> None:
        try:
            journey.make()
            _show(stack, journey)
        except Exception as error:
            failures.append(error)

    threading.Thread(target=travel, name="journey", daemon=True).start()
    while True:
        stack.watch()
        if failures:
            raise failures[0]
        time.sleep(0.2)


def _show(stack: Stack, journey: Journey) -> None:
    lines = [f"differs: {check.name}: {check.detail}" for check in journey.checks if not check.ok]
    lines += ["", "motcua is up:"]
    for name in ("ingest", "metrics", "notices"):
        lines.append(f"  {name:8} {stack.url(name)}/docs")
        lines.append(f"  {'':8} key {stack.keys.operator[name]}")
    lines.append(f"  {'portal':8} {stack.url('portal')} (the stand-in)")
    if stack.postgres:
        lines.append(f"  database {stack.postgres.url()}")
    lines += ["  documents:", *(f"    {path}" for path in journey.files)]
    lines += ["  try:", f"    curl -H 'Authorization: Bearer {stack.keys.operator['metrics']}' '{journey.kpi_url}'"]
    lines += ["Ctrl-C stops it; the data stay, and the next make run goes on with them.", ""]
    _say("\n".join(lines))


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(commands.run(main))
