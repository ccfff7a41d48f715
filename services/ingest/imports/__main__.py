"""`python -m services.ingest.imports FILE --source NAME`: take a file in from the command line, or rehearse it first.

Works on the database that INGEST_DATABASE_URL names. The source must be connected (PUT /v1/sources/NAME with
the kind `files`); its settings are the mapping profile.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.imports.page import page_of
from services.ingest.imports.rehearsal import rehearse
from services.ingest.imports.service import ImportResult, import_file
from services.ingest.sources.errors import SourceError
from services.ingest.sources.model import Arrival
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.traits import kinds_that_come
from shared import commands
from shared.database import Database
from shared.errors import Problem
from shared.notifications import Notifier
from shared.sandbox.parent import Sandbox
from shared.settings import settings

CHUNK_BYTES = 256 * 1024


async def run(arguments: argparse.Namespace, size: int) -> int:
    """Take the file of `size` bytes in, or rehearse it; returns the exit code."""
    config = settings()
    database = Database(config.database_of("ingest"), size=2, application="motcua-ingest-files")
    notifier = Notifier(config.redis_url)
    sandbox = Sandbox()
    path: Path = arguments.file
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        shown = 0
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                read += len(chunk)
                yield chunk
                if sys.stderr.isatty() and read * 100 // size > shown:
                    shown = read * 100 // size
                    print(f"\r{shown:3d} %", end="", file=sys.stderr, flush=True)

    async def notify() -> None:
        await notifier.notify("metrics")

    try:
        async with database.connection() as connection:
            source = await sources_store.source(connection, arguments.source)
        kinds = kinds_that_come(Arrival.imports)
        if source is None or source.kind not in kinds:
            print(f"There is no source {arguments.source} of the kind {' or '.join(kinds)}. Connect it first.", file=sys.stderr)
            return 2
        now = datetime.now(UTC)
        if arguments.dry_run:
            seen = await rehearse(sandbox, source, chunks(), now, database=database, rulesets=RulesetCache())
            print(page_of(seen, arguments.language), end="")
            return 0
        done = await import_file(
            database,
            RulesetCache(),
            sandbox,
            source,
            chunks(),
            now,
            resume=arguments.resume,
            notify=notify,
            began=lambda number: print(f"import {number}", file=sys.stderr),
        )
        _print_result(done)
        return 0
    except (Problem, SourceError) as error:
        print(str(error), file=sys.stderr)
        return 1
    finally:
        await notifier.close()
        await database.close()


def _print_result(result: ImportResult) -> None:
    done = result.row
    print(
        f"import {done.id}: {done.row_count} rows = {done.accepted} accepted + {done.known} known"
        f" + {done.superseded} superseded + {done.quarantined} in quarantine"
    )
    passed_over = ", ".join(f"{count} {kind}" for kind, count in done.skipped.items())
    print(f"  {done.lines} lines = {done.row_count} rows + {sum(done.skipped.values())} passed over ({passed_over})")
    for sheet in result.sheets:
        if not sheet.read:
            print(f"  the sheet '{sheet.name}' was not read: {sheet.why_not}")
    for correction, count in result.corrected.items():
        print(f"  {count} rows name the {correction.kind} {correction.written}, taken for {correction.taken}")
    for one in result.unmapped:
        meant = f"; did you mean {one.nearest}?" if one.nearest is not None else ""
        print(f"  {one.count} rows name the {one.kind} {one.code}, which the catalogue does not know{meant}")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m services.ingest.imports", description="Take in a file of dossiers.")
    parser.add_argument("file", type=Path, help="CSV, XLSX, XLS or NDJSON")
    parser.add_argument("--source", required=True, help="a connected source of the kind 'files'")
    parser.add_argument("--dry-run", action="store_true", help="only show how it would be understood")
    parser.add_argument("--language", choices=("vi", "en"), default="en", help="of what --dry-run prints")
    parser.add_argument("--resume", type=int, metavar="IMPORT", help="go on with an import of this file that was cut off")
    arguments = parser.parse_args()
    if not arguments.file.is_file():
        parser.error(f"{arguments.file} is no file")
    return asyncio.run(run(arguments, max(arguments.file.stat().st_size, 1)))


if __name__ == "__main__":
    sys.exit(commands.run(main))
