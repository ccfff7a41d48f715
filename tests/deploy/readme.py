"""The shell commands that the READMEs and docs/ print, and a shell that runs them in their order as they are printed."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from deploy.local.services import ROOT
from tests.patience import PATIENCE

_APPROVE = (
    """curl -X POST $NOTICES/v1/notices/1/steps -H "X-API-Key: $PERSON_KEY" -H 'If-Match: *' """
    """-H 'Content-Type: application/json' -d '{"step": "approve"}'"""
)
_ANSWER = (
    """curl -X POST $NOTICES/v1/recommendations/41/answers -H "X-API-Key: $AGENCY_KEY" -H 'Content-Type: application/json' """
    """-d '{"text": "Đã xin lỗi người dân", "on": "2023-09-08"}'"""
)
NOT_RUN = {
    "make run": "it is up: the commands speak to it",
    "make run WORLD=none": "test_stack.py runs it, and what it prints",
    "make test": "it runs this test",
    "make test SIZE=full": "hours, and it runs this test",
    "make demo": "test_stack.py runs it",
    "make demo WORLD=log.csv": "test_stack.py runs it on a log of its own",
    "make bench": "an hour of measurements",
    "make storm": "tests/faults/test_storm.py runs it",
    "make audit FILE=notice.txt": "tests/notices/test_audit.py reads notices; this file is the reader's own",
    "make check": "`make test` runs it",
    "make quick": "`make test` runs its tests too",
    "make openapi": "tests/clients/test_documents.py compares what it would write",
    "make mutants": "minutes; tests/mutants runs the sampler on one module",
    _ANSWER: "nothing is issued here; tests/notices/test_recommendations.py answers",
    _APPROVE: "the commands after it go on with a draft; tests/notices/test_life.py approves",
}
"""Commands that are printed and not run here, with the reason."""

_SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_IN_TABLE = re.compile(r"^\| `(make [^`]+)` \|", re.MULTILINE)
_UNFENCED = re.compile(r"^    (?:curl|make|python|\.venv/)", re.MULTILINE)
_BARE_FENCE = re.compile(r"(?:^|\n\n)```\n")


def documents() -> list[Path]:
    """The documents of the root, the READMEs of the folders, and docs/, in the order in which they are read."""
    folders = ("deploy", "services", "shared", "tests")
    rooms = [
        path for folder in folders for path in sorted((ROOT / folder).rglob("README.md")) if "node_modules" not in path.parts
    ]
    return [ROOT / "README.md", ROOT / "README.vi.md", ROOT / "CONTRIBUTING.md", *rooms, *sorted((ROOT / "docs").glob("*.md"))]


class Printed(NamedTuple):
    """Commands that stand together."""

    text: str
    where: str


def printed() -> list[Printed]:
    """All shell commands of the documents, in their order; those of a table of commands one by one."""
    found = []
    for path in documents():
        text = path.read_text()
        matches = [*_SHELL.finditer(text), *_IN_TABLE.finditer(text)]
        matches.sort(key=lambda match: match.start())
        found += [
            Printed(match[1], f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start(1)) + 1}") for match in matches
        ]
    return found


def unmarked() -> list[str]:
    """Documents that hold commands which no block of the language `sh` marks as such."""
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in documents()}
    return [name for name, text in texts.items() if _UNFENCED.search(text) or _BARE_FENCE.search(text)]


def run_as_printed(folder: Path, **environment: str) -> str:
    """What the commands say when one shell runs them all; the first that fails ends it and is named, also a refusal by HTTP."""
    script: list[str] = []
    for commands, where in printed():
        lines = [line for line in commands.splitlines() if line.partition("#")[0].strip() not in NOT_RUN]
        script += [f"echo; echo '== {where}'", *lines]
    return shell(script, folder, **environment)


def shell(lines: Sequence[str], folder: Path, **environment: str) -> str:
    """What these lines say, in one shell that ends with the first that fails, also with a refusal by HTTP."""
    (folder / ".curlrc").write_text("silent\nshow-error\nfail-with-body\nmax-time = 60\n")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["bash", "-c", "\n".join(["set -euo pipefail", *lines])],
        cwd=ROOT,
        env=inherited | environment | {"CURL_HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=3 * PATIENCE,  # of dozens of commands, some of which measure for a minute
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-2000:]}"
    return done.stdout
