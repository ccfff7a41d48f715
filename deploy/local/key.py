"""`make key`: makes, lists and revokes keys of the stack that runs on this machine."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from datetime import UTC, datetime

from deploy.local.running import NotRunning, Running, data_folder, running_on
from shared import commands
from shared.access.__main__ import carry_out, parse_arguments
from shared.access.keys import revoke_key
from shared.database import Database
from shared.settings import SERVICES, Service

READ_SCOPES: dict[Service, str] = {"ingest": "dossiers:read", "metrics": "figures:read", "notices": "notices:read"}
"""Scopes of a key for which none are given."""
DEFAULT_DAYS = "30"


def main() -> int:
    """Exit code 0, or 1 with one sentence when no stack runs or there is no such key."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.key", description=__doc__, allow_abbrev=False)
    parser.add_argument("--service", choices=SERVICES, help="of this service; left out: metrics, to list and revoke all three")
    parser.add_argument("--scopes", help="what it may do, comma-separated; left out: read")
    parser.add_argument("--name", help="who it is for; left out: you")
    parser.add_argument("--days", help=f"days until it expires; left out: {DEFAULT_DAYS}")
    parser.add_argument("--province", help="the only province that it may see; left out: all")
    parser.add_argument("--agencies", help="comma-separated roots of the subtrees that it may see; left out: all")
    parser.add_argument(
        "--person", choices=["1"], help="1: it is the key of one person, whose name NAME is; left out: it is not"
    )
    parser.add_argument("--list", action="store_true", help="list the keys there are instead")
    parser.add_argument("--revoke", metavar="ID", help="end the key with this id (the 12 characters after mc_) instead")
    words = parser.parse_args()
    making = {name: getattr(words, name) for name in ("scopes", "name", "days", "province", "agencies")}
    given = [name.upper() for name, value in (making | {"person": words.person}).items() if value is not None]
    if (words.list or words.revoke is not None) and (given or (words.list and words.revoke is not None)):
        parser.error(f"LIST and REVOKE stand alone or with SERVICE, not with {', '.join(given) or 'one another'}")
    try:
        running = running_on(data_folder())
    except NotRunning as error:
        print(f"motcua: {error}", file=sys.stderr)
        return 1
    services: tuple[Service, ...] = (words.service,) if words.service else SERVICES
    if words.list:
        return asyncio.run(_list(running, services))
    if words.revoke is not None:
        return asyncio.run(_revoke(running, services, words.revoke))
    service: Service = words.service or "metrics"
    making |= {
        "scopes": words.scopes if words.scopes is not None else READ_SCOPES[service],
        "name": words.name if words.name is not None else getpass.getuser(),
        "days": words.days if words.days is not None else DEFAULT_DAYS,
    }
    command = [part for name, value in making.items() if value is not None for part in (f"--{name}", value)]
    command += ["--person"] if words.person else []
    return asyncio.run(_at(running, service, command))


async def _list(running: Running, services: tuple[Service, ...]) -> int:
    for service in services:
        print(f"{service}:")
        await _at(running, service, ["--list"])
    return 0


async def _revoke(running: Running, services: tuple[Service, ...], key_id: str) -> int:
    """Revoke the key at the one service that has it."""
    parse_arguments(["--service", services[0], "--revoke", key_id])  # ends the process when the id is malformed
    for service in services:
        database = Database(running.databases[service], size=1)
        try:
            async with database.transaction() as tx:
                if await revoke_key(tx, service, key_id, datetime.now(UTC)):
                    print(f"{key_id} revoked at {service}")
                    return 0
        finally:
            await database.close()
    print(f"motcua: no valid key {key_id} at {', '.join(services)}; `make key LIST=1` shows those there are", file=sys.stderr)
    return 1


async def _at(running: Running, service: Service, command: list[str]) -> int:
    """Do what `python -m shared.access` does, in the database of the running stack."""
    words = parse_arguments(["--service", service, *command])
    database = Database(running.databases[service], size=1)
    try:
        return await carry_out(words, database, datetime.now(UTC))
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(commands.run(main))
