"""`make run`: the whole stack on this machine, with the reference world pulled or with no source at all, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import signal
import sys
import threading
import time
from typing import NoReturn

from deploy.demo.client import JourneyError
from deploy.demo.journey import Journey
from deploy.demo.worlds import World, world_named
from deploy.local.next_steps import next_steps
from deploy.local.processes import die_with_parent
from deploy.local.progress import Progress, Step
from deploy.local.running import data_folder
from deploy.local.stack import Ports, Stack, StackError, portal_access
from deploy.local.stopping import Stopped, stop_on_signals, stopping
from shared import commands
from shared.settings import SERVICES, settings

NO_WORLD = "none"
"""The world of those who connect sources of their own."""
STOPPED_BY = "Ctrl-C stops it; the data stay, and the next make run continues with them."


def port_base() -> int:
    """MOTCUA_PORT_BASE, or 8100."""
    given = os.environ.get("MOTCUA_PORT_BASE", "8100")
    if not re.fullmatch(r"[0-9]{1,5}", given):
        raise StackError(f"MOTCUA_PORT_BASE is {given[:20]!r}: give a number up to 65000")
    return int(given)


def main() -> int:
    """Exit code 0 after Ctrl-C or SIGTERM, 1 with one sentence when something stands in the way."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    world_help = "reference, an event log FILE.csv of a municipality, or none: no portal and no data"
    parser.add_argument("--world", default="reference", help=world_help)
    words = parser.parse_args()
    if "MAKELEVEL" in os.environ:
        die_with_parent(signal.SIGTERM)  # who kills make wants the stack to end
    stop_on_signals()
    stack: Stack | None = None
    try:
        settings()  # reports a wrong setting once, before eight processes do
        world = None if words.world == NO_WORLD else world_named(words.world)
        ports = Ports.from_base(port_base())
        progress = Progress(_echo)
        access = portal_access(ports.portal, world.province) if world is not None else {}
        portal = world.portal if world is not None else None
        stack = Stack(data_folder(), ports, echo=_echo, progress=progress, portal=portal, environment=access)
        _echo(f"starting motcua on the data in {stack.data} ...")
        stack.start()
        if world is not None:
            _run_until_stopped(stack, world, progress)
        progress.begin(Step.done)
        _echo(
            "\n".join(
                [
                    "",
                    "motcua is up, and nothing is connected:",
                    *_addresses(stack),
                    *_keys(stack),
                    *next_steps(_elsewhere(stack)),
                ]
            )
        )
        _echo(f"{STOPPED_BY}\n")
        _watch(stack, [])
    except Stopped:
        _echo("stopping ...")
        return 0
    except (StackError, JourneyError, OSError, ValueError) as error:
        print(f"motcua: {error}", file=sys.stderr, flush=True)
        return 1
    finally:
        stopping()
        if stack:
            stack.stop()


def _run_until_stopped(stack: Stack, world: World, progress: Progress) -> NoReturn:
    """Make the journey in a thread while this one restarts ended processes; goes on until a signal raises."""
    out = stack.data / "documents"
    journey = Journey(stack.url, stack.keys.operator, world, out=out, echo=_echo, progress=progress)
    failures: list[Exception] = []

    def travel() -> None:
        try:
            journey.make()
            progress.begin(Step.done)
            _print_summary(stack, journey)
        except Exception as error:
            failures.append(error)

    threading.Thread(target=travel, name="journey", daemon=True).start()
    _watch(stack, failures)


def _watch(stack: Stack, failures: list[Exception]) -> NoReturn:
    """Restart ended processes until a signal raises, or a failure is there."""
    while True:
        stack.watch()
        if failures:
            raise failures[0]
        time.sleep(0.2)


def _print_summary(stack: Stack, journey: Journey) -> None:
    """Addresses, documents, and how to get at the keys, which are never printed here."""
    lines = [f"differs: {check.name}: {check.detail}" for check in journey.checks if not check.ok]
    lines += ["", "motcua is up:", *_addresses(stack)]
    lines.append(f"  {'portal':8} {stack.url('portal')} (the stand-in)")
    lines += ["documents:", *(f"  {path}" for path in journey.files), *_keys(stack), "In another shell:"]
    lines += [
        f'  eval "$({_elsewhere(stack)}make -s env)"    # INGEST, INGEST_API_KEY, INGEST_DATABASE_URL; the same of METRICS and'
        " NOTICES"
    ]
    lines += [f'  curl -H "X-API-Key: $METRICS_API_KEY" "$METRICS{journey.kpi_path}"', STOPPED_BY, ""]
    _echo("\n".join(lines))


def _addresses(stack: Stack) -> list[str]:
    return [f"  {name:8} {stack.url(name)}/docs" for name in SERVICES]


def _keys(stack: Stack) -> list[str]:
    return [f"keys and passwords: {stack.data / 'keys.json'} (mode 600)"]


def _elsewhere(stack: Stack) -> str:
    """What commands of another shell need before them to find these data."""
    return f"MOTCUA_DATA={shlex.quote(str(stack.data))} " if "MOTCUA_DATA" in os.environ else ""


def _echo(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(commands.run(main))
