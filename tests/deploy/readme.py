"""The shell commands that README.md and docs/ print, and a shell that runs them in their order as they are printed."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from deploy.local.services import ROOT

NOT_RUN = {
    "make run": "it is up: the commands speak to it",
    "make test": "it runs this test",
    "make demo": "test_stack.py runs it",
    "make demo WORLD=log.csv": "test_stack.py runs it on a log of its own",
    "make bench": "an hour of measurements",
    "make storm": "tests/faults/test_storm.py runs it",
    "make audit FILE=notice.txt": "tests/notices/test_audit.py reads notices; this file is the reader's own",
    "make check": "`make test` runs it",
    "make quick": "`make test` runs its tests too",
}
"""Commands that are printed and not run here, with the reason."""

_SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_IN_TABLE = re.compile(r"^\| `(make [^`]+)` \|", re.MULTILINE)
_UNFENCED = re.compile(r"^    (?:curl|make|python|\.venv/)", re.MULTILINE)
_BARE_FENCE = re.compile(r"(?:^|\n\n)```\n")


class Printed(NamedTuple):
    """Commands that stand together."""

    text: str
    where: str


def printed() -> list[Printed]:
    """All shell commands of the documents, in their order; those of a table of commands one by one."""
    found = []
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = path.read_text()
        places = [*_SHELL.finditer(text), *_IN_TABLE.finditer(text)]
        places.sort(key=lambda place: place.start())
        found += [Printed(place[1], f"{path.name}:{text.count(chr(10), 0, place.start(1)) + 1}") for place in places]
    return found


def unmarked() -> list[str]:
    """Documents that hold commands which no block of the language `sh` marks as such."""
    texts = {path.name: path.read_text() for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))}
    return [name for name, text in texts.items() if _UNFENCED.search(text) or _BARE_FENCE.search(text)]


def run_as_printed(folder: Path, **environment: str) -> str:
    """What the commands say when one shell runs them all; the first that fails ends it and is named, also a refusal by HTTP."""
    (folder / ".curlrc").write_text("silent\nshow-error\nfail-with-body\nmax-time = 60\n")
    script = ["set -euo pipefail"]
    for commands, where in printed():
        kept = [line for line in commands.splitlines() if line.partition("#")[0].strip() not in NOT_RUN]
        script += [f"echo; echo '== {where}'", *kept]
    shell = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=ROOT,
        env=shell | environment | {"CURL_HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-2000:]}"
    return done.stdout
