"""`python -m shared.access`: makes, lists and revokes the keys of a service, in the database that its URL names."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from datetime import UTC, datetime, timedelta

from shared import commands
from shared.access.keys import IssuedKey, create_key, list_keys, revoke_key
from shared.access.scopes import SCOPES
from shared.civil import civil_day
from shared.database import Database
from shared.settings import SERVICES, settings

_MAX_DAYS = 3_650


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """The arguments of the command; ends the process with a message when they contradict one another or are missing."""
    parser = argparse.ArgumentParser(
        prog="python -m shared.access", description="Make, list or revoke keys of a service.", allow_abbrev=False
    )
    parser.add_argument("--service", choices=SERVICES, required=True)
    parser.add_argument("--name", help="who the key is for")
    parser.add_argument("--scopes", type=_listed, help="comma-separated: " + ", ".join(SCOPES))
    parser.add_argument("--province", help="the only province the key may see; left out: all")
    parser.add_argument("--agencies", type=_listed, help="comma-separated roots of the subtrees the key may see; left out: all")
    parser.add_argument("--days", type=_days, help=f"days until it expires, up to {_MAX_DAYS}")
    parser.add_argument("--no-expiry", action="store_true", default=None, help="in place of --days: it never expires")
    parser.add_argument("--person", action="store_true", default=None, help="it is the key of one person, whose name --name is")
    parser.add_argument("--list", action="store_true", default=None, help="list the keys that the service has instead")
    parser.add_argument("--revoke", metavar="ID", help="revoke the key with this id (mc_<id>_...) instead")
    words = parser.parse_args(arguments)
    said = [one.partition("=")[0] for one in arguments if one.startswith("--")]
    if twice := sorted({one for one in said if said.count(one) > 1}):
        parser.error(f"{', '.join(twice)} is said twice: say it once")
    given = {name for name, value in vars(words).items() if value is not None} - {"service"}
    if "revoke" in given:
        if given != {"revoke"}:
            parser.error("--revoke stands alone with --service")
        if not re.fullmatch(r"[0-9a-f]{12}", words.revoke):
            parser.error("--revoke needs the id of a key: the 12 characters after mc_")
    elif "list" in given:
        if given != {"list"}:
            parser.error("--list stands alone with --service")
    elif not {"name", "scopes"} <= given:
        parser.error("--name and --scopes are needed to make a key")
    elif len(given & {"days", "no_expiry"}) != 1:
        parser.error("say when the key expires: either --days N or --no-expiry")
    return words


def _listed(text: str) -> list[str]:
    items = [item.strip() for item in text.split(",")]
    if not all(items):
        raise argparse.ArgumentTypeError("it is empty or has an empty item")
    return items


def _days(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= _MAX_DAYS:
        raise argparse.ArgumentTypeError(f"a number of days from 1 to {_MAX_DAYS}")
    return int(text)


def key_line(key: IssuedKey, now: datetime) -> str:
    """A line of the list: the scopes of a key, what it is bound to, when it was made and last used, until when it is valid."""
    if key.revoked_at is not None:
        until = f"revoked on {civil_day(key.revoked_at)}"
    elif key.expires_at is None:
        until = "never expires"
    else:
        until = f"{'expired' if key.expires_at <= now else 'expires'} on {civil_day(key.expires_at)}"
    bound = [f"province {key.province}"] if key.province is not None else []
    bound += [f"agencies {','.join(key.agencies)}"] if key.agencies is not None else []
    bound += ["a person"] if key.person else []
    used = f"last used on {civil_day(key.last_used_at)}" if key.last_used_at is not None else "never used"
    dates = [f"made on {civil_day(key.created_at)}", used, until]
    return f"{key.id}  {key.name}: {','.join(key.scopes)}; {'; '.join([*bound, *dates])}"


async def carry_out(words: argparse.Namespace, database: Database, now: datetime) -> int:
    """Make, list or revoke keys in one transaction; the exit code. A new key is printed once."""
    async with database.transaction() as connection:
        if words.list:
            for key in await list_keys(connection, words.service):
                print(key_line(key, now))
            return 0
        if words.revoke is not None:
            found = await revoke_key(connection, words.service, words.revoke, now)
            print(f"{words.revoke} revoked" if found else f"no valid key {words.revoke}")
            return 0 if found else 1
        print(
            await create_key(
                connection,
                words.service,
                name=words.name,
                scopes=words.scopes,
                province=words.province,
                agencies=words.agencies,
                expires_at=None if words.no_expiry else now + timedelta(days=words.days),
                person=bool(words.person),
            )
        )
        return 0


async def _main() -> int:
    words = parse_arguments(sys.argv[1:])
    database = Database(settings().database_of(words.service), size=1)
    try:
        return await carry_out(words, database, datetime.now(UTC))
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(commands.run(lambda: asyncio.run(_main())))
