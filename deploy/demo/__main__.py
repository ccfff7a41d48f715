"""`make demo`: the journey in a fresh data folder, without staying up; exit code 1 when any figure differs from the expected.

Writes `reports/demo.json` and leaves the conclusion and its annexes beside it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from deploy.demo.client import JourneyError
from deploy.demo.issuing import person_key
from deploy.demo.journey import Journey
from deploy.demo.worlds import World, world_named
from deploy.local.progress import Progress, Step
from deploy.local.services import ROOT
from deploy.local.stack import Ports, Stack, StackError, portal_access
from deploy.local.stopping import Stopped, stop_on_signals, stopping
from shared import commands
from shared.settings import settings


def main() -> int:
    """Exit code 0 when every check holds, 1 when one fails or the stack cannot start."""
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument("--world", default="reference", help="reference, or an event log FILE.csv of a municipality")
    parser.add_argument("--reports", type=Path, default=ROOT / "reports")
    words = parser.parse_args()
    stop_on_signals()
    began = time.monotonic()
    # PostgreSQL of root runs under another account, which must be able to enter the folder.
    data = Path(tempfile.mkdtemp(prefix="motcua-demo-"))
    data.chmod(0o711)
    stack: Stack | None = None
    try:
        settings()
        world = world_named(words.world)
        ports = Ports.from_base(0)
        progress = Progress(print)
        access = portal_access(ports.portal, world.province)
        stack = Stack(data, ports, progress=progress, portal=world.portal, environment=access)
        stack.start()
        started = time.monotonic()
        journey = Journey(stack.url, stack.keys.operator, world, out=words.reports, progress=progress)
        journey.make()
        journey.preview()
        journey.push()
        journey.revise()
        journey.issue(person_key(stack.database_url))
        progress.begin(Step.done)
    except Stopped:
        return 130
    except (StackError, JourneyError, OSError, ValueError) as error:
        print(f"demo: {error}", file=sys.stderr)
        _copy_logs(data, words.reports)
        return 1
    finally:
        stopping()
        if stack:
            stack.stop()
        shutil.rmtree(data, ignore_errors=True)
    seconds = {"start": round(started - began, 3), **journey.seconds, "all": round(time.monotonic() - began, 3)}
    return _report(journey, world, seconds, words.reports)


def _report(journey: Journey, world: World, seconds: dict[str, float], reports: Path) -> int:
    report = {
        "world": world.name,
        "province": world.province,
        "period": {"from": world.begin.isoformat(), "to": world.end.isoformat()},
        "position": journey.position,
        "figures": journey.figures,
        "checks": [asdict(check) for check in journey.checks],
        "seconds": seconds,
        "files": [path.name for path in journey.files],
    }
    path = reports / "demo.json"
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    failed = [check for check in journey.checks if not check.ok]
    for check in failed:
        print(f"differs: {check.name}: {check.detail}")
    print(f"{len(journey.checks) - len(failed)} of {len(journey.checks)} checks hold; {path}")
    return 1 if failed else 0


def _copy_logs(data: Path, reports: Path) -> None:
    logs = reports / "demo-logs"
    shutil.rmtree(logs, ignore_errors=True)
    if (data / "logs").exists():
        shutil.copytree(data / "logs", logs)
        print(f"the logs are in {logs}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(commands.run(main))
