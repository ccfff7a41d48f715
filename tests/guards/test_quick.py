"""`make quick` runs what starts no process and no server, and nobody has to mark it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from deploy.local.redis import Redis
from tests.conftest import Processes, postgres, processes
from tests.quick import cases, starts_something


def _by_a_helper() -> None:
    subprocess.run(["true"], check=True)


class _Server:
    @property
    def started(self) -> Redis:
        import deploy.local.redis as servers

        return servers.start_redis(NotImplemented)


def _uses_a_helper() -> None:
    _by_a_helper()


def _uses_a_class() -> None:
    [_Server().started for _ in range(1)]


def _pure() -> int:
    return sum(number for number in range(3))


@pytest.mark.parametrize("function", [_by_a_helper, _uses_a_helper, _uses_a_class, _Server, Processes])
def test_what_starts_something_is_found_through_helpers_and_classes(function: Callable[..., object]) -> None:
    assert starts_something(function)


def test_a_pure_function_starts_nothing() -> None:
    assert not starts_something(_pure)
    assert not starts_something(cases)


def test_a_test_with_a_server_among_its_fixtures_is_not_quick(request: pytest.FixtureRequest) -> None:
    servers = {fixture.__name__ for fixture in (postgres, processes)} | {"redis", "redis_url", "new_database"}
    for item in request.session.items:
        assert isinstance(item, pytest.Function)
        if item.get_closest_marker("quick"):
            assert not servers & set(item.fixturenames), item.nodeid
        if item.nodeid.startswith("tests/law/"):
            assert item.get_closest_marker("quick"), item.nodeid
