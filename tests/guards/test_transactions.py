"""Transactions are opened at the door; the rule and its reasons stand in `shared/database.py`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards.source import dotted, modules, tree

ROOTS = ("services", "shared", "deploy")

COMMANDS = {
    "services/ingest/imports/__main__.py",
    "shared/access/__main__.py",
    "shared/access/keys.py",
    "shared/access/principals.py",
    "deploy/local/key.py",
    "deploy/local/credentials.py",
    "deploy/demo/issuing.py",
}
"""Doors beside `api` and `worker.py`: what is called from a command line. `shared/access` makes keys, and checks them."""

SEVERAL = {
    "services/ingest/pulls/service.py": "a portal is asked between the batches",
    "services/ingest/inquiries/service.py": "a portal is asked between question and answer",
    "services/ingest/sources/turns.py": "a portal is called between two turns",
    "services/ingest/checks/service.py": "a portal is asked between question and answer",
    "services/ingest/reconciliation/comparing.py": "a portal is asked between the parts",
    "services/ingest/reconciliation/service.py": "a portal is asked between the parts",
    "services/ingest/imports/service.py": "a file arrives between the batches",
    "services/ingest/imports/withdrawal.py": "as many dossiers as a file has are gone through",
    "services/ingest/imports/rehearsal.py": "a file arrives between the batches",
    "services/metrics/counting/feed_loop.py": "ingest is asked between the batches",
    "services/metrics/monitoring/ingest_probe.py": "ingest is asked between what is read and what is written",
    "services/metrics/previews/service.py": "ingest is asked between the parts",
    "services/notices/previews/service.py": "metrics is asked between the notices",
    "services/metrics/indices/pulls.py": "a portal is asked between question and answer",
    "services/metrics/consistency/service.py": "each province by itself, and a rebuild in two at once",
}
"""Use cases that need several transactions, and why; each says so in its docstring."""

BACKGROUND = {
    "services/metrics/monitoring/gauges.py",
    "services/metrics/monitoring/incomplete.py",
    "services/metrics/polling/positions.py",
}
"""What an API process does by itself, at intervals: the clock comes in there."""

PLUMBING = {"shared/access/lookups.py", "shared/heartbeat.py", "shared/leased_queues.py", "shared/leases.py"}
"""What goes on beside the work: look-ups of keys, signs of life, leases that are renewed, jobs that are taken and stored."""

SAVEPOINTS = {
    "services/ingest/dossiers/service.py": "an event that fails takes back what it did and nothing else",
    "services/ingest/dossiers/redating.py": "a dossier that fails keeps its old version and stops no other",
    "services/ingest/previews/service.py": "a preview that fails ends, and stops no other",
    "services/metrics/alerts/service.py": "a rule that fails stops no other",
}


def is_door(path: Path) -> bool:
    """Whether requests, the clock or a command come in here."""
    routes = "api" in path.parts or path.name in {"api.py", "app.py", "parameters.py"}
    return routes or path.name == "worker.py" or path.parts[:2] == ("shared", "web") or str(path) in COMMANDS


def openings(module: ast.Module) -> Iterator[str]:
    """What opens a transaction, or takes a connection: `database` for a pool's, `savepoint` for one within another."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            pool = dotted(node.func.value).rpartition(".")[2].endswith("database")
            if node.func.attr in {"transaction", "connection", "run"} and pool:
                yield "database"
            elif node.func.attr == "transaction":
                yield "savepoint"
        elif isinstance(node, ast.ImportFrom) and node.module == "shared.database":
            yield from ("database" for one in node.names if one.name == "Database")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("await self._database.run(work)", "database"),
        ("async with request.app.state.database.transaction() as tx: pass", "database"),
        ("from shared.database import Connection, Database", "database"),
        ("async with connection.transaction(): pass", "savepoint"),
    ],
)
def test_what_opens_a_transaction_is_seen(code: str, kind: str) -> None:
    assert list(openings(ast.parse(f"async def f():\n    {code}"))) == [kind]


def test_transactions_are_opened_at_the_door_or_by_the_named_use_cases() -> None:
    opening = {str(path) for path in modules(*ROOTS) if not is_door(path) and "database" in openings(tree(path))}
    assert opening == SEVERAL.keys() | BACKGROUND | PLUMBING


def test_within_a_transaction_only_the_named_use_cases_open_another() -> None:
    nested = {str(path) for path in modules(*ROOTS) if "savepoint" in openings(tree(path))}
    assert nested == SAVEPOINTS.keys() | {"shared/database.py"}


@pytest.mark.parametrize("path", sorted(SEVERAL))
def test_a_use_case_with_several_transactions_says_so(path: str) -> None:
    assert "transaction" in (ast.get_docstring(tree(Path(path))) or "")
