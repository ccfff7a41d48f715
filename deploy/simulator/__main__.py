"""`python -m deploy.simulator`: serve one world until told to stop."""

from __future__ import annotations

import argparse
import gc
import signal
import socket
import sys

import msgspec
import uvicorn

from deploy.simulator.app import MAX_PAGE_SIZE, Portal
from deploy.simulator.clock import PortalClock
from deploy.simulator.faults import Faults
from deploy.simulator.habits import Habits
from deploy.simulator.worlds import make_world
from shared import commands


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: the system picks one; it is printed")
    parser.add_argument("--world", default="reference", help="reference, random, or an event log FILE.csv")
    parser.add_argument("--dossiers", type=int, default=1000, help="of a random world")
    parser.add_argument("--agencies", type=int, default=20, help="of a random world")
    parser.add_argument("--seed", type=int, default=1, help="of a random world, and of the faults")
    parser.add_argument("--dirt", type=float, default=0.05, help="share of dossiers of a random world with something wrong")
    parser.add_argument("--province", default="99", help="province code of a random world")
    parser.add_argument("--live", action="store_true", help="let time pass: new dossiers and steps appear")
    parser.add_argument("--speed", type=float, default=None, help="portal seconds per real second (live: 3600)")
    parser.add_argument("--share", type=float, default=0.5, help="part of a live random world that is over at the start")
    parser.add_argument("--no-deletions", action="store_true", help="a live random world never loses a dossier")
    parser.add_argument("--deleted-one-in", type=int, default=100, metavar="N", help="one of so many is deleted in time")
    parser.add_argument("--token-seconds", type=int, default=300)
    parser.add_argument("--client-id", default="motcua")
    parser.add_argument("--client-secret", default="motcua")
    parser.add_argument("--max-per-second", type=int, default=0, help="answer 429 above this rate; 0: no limit")
    parser.add_argument("--max-page-size", type=int, default=MAX_PAGE_SIZE, help="rows; a request for more gets this many")
    parser.add_argument("--faults", default="", help='rates such as "p5xx=0.3,p429=0.1,cut=0.1,drip=0.05,repeat=0.05"')
    parser.add_argument(
        "--habits", default="{}", help='what it does with its list, such as \'{"total_cap": 100, "order": "receipt"}\''
    )
    parser.add_argument("--warm", action="store_true", help="render all rows before serving")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Exit code 0 after a clean stop, 2 when the world cannot be made or the port cannot be had."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    given = _arguments(words)
    faults = Faults(seed=given.seed)
    try:
        faults.change({name: float(rate) for name, _, rate in (one.partition("=") for one in given.faults.split(",") if one)})
        habits = Habits()
        habits.change(msgspec.json.decode(given.habits, type=dict[str, bool | int | str]))
        world = make_world(
            given.world,
            dossiers=given.dossiers,
            agencies=given.agencies,
            seed=given.seed,
            dirt=given.dirt,
            province=given.province,
            live=given.live,
            share=given.share,
            deletions=not given.no_deletions,
            deleted_one_in=given.deleted_one_in,
        )
        listener = socket.create_server((given.host, given.port))
    except (OSError, ValueError) as error:
        print(f"the portal cannot start: {error}", file=sys.stderr)
        return 2
    speed = given.speed if given.speed is not None else (3600.0 if given.live else 0.0)
    portal = Portal(
        world,
        clock=PortalClock(world.starts_at, speed),
        client_id=given.client_id,
        client_secret=given.client_secret,
        token_seconds=given.token_seconds,
        faults=faults,
        max_per_second=given.max_per_second,
        max_page_size=given.max_page_size,
        habits=habits,
    )
    if given.warm:
        portal.warm()
    # The ledger never becomes garbage; without it the garbage collector causes no pauses.
    gc.collect()
    gc.freeze()
    port = listener.getsockname()[1]
    print(f"portal of province {world.province} with {len(world)} dossiers on http://{given.host}:{port}", flush=True)
    server = uvicorn.Server(
        uvicorn.Config(portal.app(), log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=2)
    )
    server.run(sockets=[listener])
    return 0


if __name__ == "__main__":
    code = commands.run(lambda: main(sys.argv[1:]))
    sys.exit(0 if code == 130 else code)  # Ctrl-C is how it is ended
