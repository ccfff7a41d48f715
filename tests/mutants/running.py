"""Runs tests against a module with a fault in it: in a child process, the source in memory, the work tree untouched."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from enum import StrEnum
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any

# Once here, and not in each child: all that is not ours and that tests of crafts use.
import hypothesis.strategies
import msgspec
import pytest
import pytest_asyncio.plugin
import sqlalchemy
from hypothesis import configuration

from tests.mutants.changes import Mutant
from tests.quick import only_quick

ROOT = Path(__file__).parents[2]
_MEMORY = 4 << 30
PLUGINS = ("_hypothesis_pytestplugin", "pytest_asyncio.plugin")
_PRELOADED = (msgspec, pytest_asyncio, sqlalchemy)


class Verdict(StrEnum):
    """What the tests said of a mutant."""

    killed = "killed"
    survived = "survived"
    endless = "endless"  # it used far more processor time than the tests do; noticed as well


def path_of(module: str) -> Path:
    """The file of a module."""
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def files_of(name: str) -> Iterator[str]:
    """The modules of a dotted name: itself, or of a package all that is in it; commands are left out."""
    folder = ROOT.joinpath(*name.split("."))
    if not folder.is_dir():
        yield name
        return
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[-1] != "__main__":
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class _Loader(SourceFileLoader):
    def __init__(self, module: str, path: str, source: str) -> None:
        super().__init__(module, path)
        self.source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.source, self.path, "exec")


class _Finder:
    """Finds the mutant where its module is imported."""

    def __init__(self, module: str, source: str) -> None:
        self.module, self.source = module, source

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if fullname != self.module:
            return None
        file = str(path_of(fullname))
        return spec_from_file_location(fullname, file, loader=_Loader(fullname, file, self.source))


class Child:
    """The tests of a craft, running against a mutant."""

    def __init__(self, mutant: Mutant, tests: Sequence[str], seconds: int) -> None:
        """`seconds` of processor time are enough for it."""
        loaded = [name for name in sys.modules if name.partition(".")[0] in {"services", "shared"}]
        assert not loaded, f"imported before its mutant: {loaded}"
        self.mutant = mutant
        self.began = time.monotonic()
        self._patience = 30.0 + 20 * seconds
        self._output = tempfile.TemporaryFile()  # noqa: SIM115
        self.pid = os.fork()
        if self.pid == 0:
            _run(mutant, tests, seconds, self._output.fileno())

    def verdict(self) -> Verdict | None:
        """What came of it; None while it runs."""
        pid, status, used = os.wait4(self.pid, os.WNOHANG)
        if pid == 0:
            # Something that sleeps uses no processor.
            if time.monotonic() - self.began > self._patience:
                os.kill(self.pid, signal.SIGKILL)
            return None
        self.seconds = used.ru_utime + used.ru_stime
        code = os.waitstatus_to_exitcode(status)
        if code == pytest.ExitCode.OK:
            return Verdict.survived
        if code in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED):
            raise RuntimeError(f"the tests were not there to judge: {self.output()}")
        return Verdict.endless if code in (-signal.SIGXCPU, -signal.SIGKILL) else Verdict.killed

    def output(self) -> str:
        """What pytest printed."""
        self._output.seek(0)
        return self._output.read().decode(errors="replace")


def _run(mutant: Mutant, tests: Sequence[str], seconds: int, output: int) -> None:
    """In the child: never returns."""
    code = 99
    try:
        for stream in (1, 2):
            os.dup2(output, stream)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        with contextlib.suppress(ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        finder: Any = _Finder(mutant.module, mutant.source)
        sys.meta_path.insert(0, finder)
        only_quick()
        with tempfile.TemporaryDirectory() as folder:
            configuration.set_hypothesis_home_dir(folder)
            # The same cases each time, and nothing is kept or made smaller: that a test fails is all that is asked.
            hypothesis.settings.register_profile(
                "mutants",
                deadline=None,
                derandomize=True,
                database=None,
                phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
                suppress_health_check=list(hypothesis.HealthCheck),
            )
            hypothesis.settings.load_profile("mutants")
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
            words = ["-x", "-q", "--noconftest", "-p", "no:cacheprovider", "--tb=line", "-W", "ignore", "--rootdir", str(ROOT)]
            code = int(pytest.main([*words, *(f"-p{plugin}" for plugin in PLUGINS), *tests]))
    finally:
        sys.stdout.flush()
        os._exit(code)


def judged(mutants: Sequence[Mutant], tests: Sequence[str], seconds: int, at_once: int = 2) -> Iterator[tuple[Child, Verdict]]:
    """Each mutant with what the tests said of it, in the order in which they end."""
    waiting, running = list(reversed(mutants)), list[Child]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                running.append(Child(waiting.pop(), tests, seconds))
            for child in tuple(running):
                verdict = child.verdict()
                if verdict is not None:
                    running.remove(child)
                    yield child, verdict
            time.sleep(0.02)
    finally:
        for child in running:
            os.kill(child.pid, signal.SIGKILL)
            os.waitpid(child.pid, 0)
