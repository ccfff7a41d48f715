"""Which tests are quick: those that start no process and listen on no socket, neither themselves nor by a fixture.

Found by the names that a test's code mentions, through the functions and classes of `tests` and `deploy` that it uses, and
through its fixtures. Nobody marks a test by hand: `make quick` runs what bears the mark `quick`, with a tenth of the cases
where cases are invented by the thousand.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cache
from inspect import unwrap
from types import CodeType, FunctionType, ModuleType
from typing import TypeVar

import pytest

STARTERS = frozenset(
    {
        "subprocess",
        "multiprocessing",
        "create_subprocess_exec",
        "uvicorn",
        "start_server",
        "create_server",
        "ThreadingHTTPServer",
        "start_postgres",
        "start_redis",
        "Sandbox",
    }
)
"""What starts a process or a server."""
FOLDERS_OF_PROCESSES = frozenset({"access", "bench", "clients", "deploy", "faults", "portal"})
"""Folders of `tests` that are about processes as a whole."""
_FOLLOWED = ("tests", "deploy")
FULL = os.environ.get("SIZE") == "full"
"""`make test SIZE=full`: sizes that take hours, and other invented cases on each run. Without it the same ones each time: what
fails then was broken by what was changed."""
_share = 1
T = TypeVar("T")


def cases(number: int) -> int:
    """How many cases a test invents: `number`, of `make quick` a tenth, of `SIZE=full` ten times as many."""
    return number * (10 if FULL else 1) // _share


def some(values: Iterable[T]) -> list[T]:
    """All of them, of `make quick` the first and the last."""
    every = list(values)
    return every if _share == 1 else [*every[:1], *every[1:][-1:]]


def only_quick() -> None:
    """Makes `cases` and `some` a tenth from here on; before the modules of tests are imported."""
    global _share
    _share = 10


def is_quick(item: pytest.Function) -> bool:
    """Whether a test needs no PostgreSQL, no Redis, no process and no server."""
    if item.nodeid.split("/")[1] in FOLDERS_OF_PROCESSES:
        return False
    fixtures = item._fixtureinfo.name2fixturedefs.values()
    functions = [item.function, *(one.func for several in fixtures for one in several)]
    return not any(starts_something(unwrap(function)) for function in functions)


@cache
def starts_something(used: object) -> bool:
    """Whether a function or class mentions one of `STARTERS`, or uses another of ours that does."""
    seen: set[int] = set()
    ahead: list[object] = [used]
    while ahead:
        one = ahead.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        for function in _functions(one):
            names = set(_names(function.__code__))
            if names & STARTERS:
                return True
            ahead += [value for name in names if _is_ours(value := _unwrapped(function.__globals__.get(name)))]
            ahead += [
                value
                for module in names
                if isinstance(space := function.__globals__.get(module), ModuleType)
                for name in names
                if _is_ours(value := _unwrapped(vars(space).get(name)))
            ]
    return False


def _unwrapped(value: object) -> object:
    return unwrap(value) if callable(value) else value


def _is_ours(value: object) -> bool:
    return isinstance(value, FunctionType | type) and value.__module__.partition(".")[0] in _FOLLOWED


def _functions(one: object) -> Iterator[FunctionType]:
    if isinstance(one, FunctionType):
        yield one
    elif isinstance(one, type):
        for member in vars(one).values():
            function = unwrap(getattr(member, "__func__", getattr(member, "fget", member)))
            if isinstance(function, FunctionType):
                yield function


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
