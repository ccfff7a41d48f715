"""SQL is composed of columns, written out in few places, and could be spread over several servers by the province's key."""

from __future__ import annotations

import ast
import gc
import importlib
import inspect
import pkgutil
import re
import typing
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest
import sqlalchemy as sa

import services
import shared
from services.metrics.counting.measures import FLOWS, STOCKS
from services.metrics.figures.kpis.catalogue import BALANCE
from shared.settings import SERVICES
from shared.statements import Statement
from tests.guards.source import dotted, modules, texts, tree
from tests.quick import cases, some

ROOTS = ("services", "shared", "deploy")
SQL = re.compile(
    r"\s*(SELECT\s|INSERT INTO\s|UPDATE\s\S+\s(SET\s|$)|UPDATE\s*$|DELETE FROM\s|WITH\s\w+\sAS\s"
    r"|(CREATE|ALTER|DROP|TRUNCATE|ANALYZE|VACUUM|COPY|LOCK|GRANT|REVOKE|COMMENT ON|REFRESH)\s\w+"
    r"|SET\s(LOCAL|SESSION|\w+\s*(=|TO))|(LISTEN|NOTIFY|BEGIN|COMMIT|ROLLBACK)\s*($|;|\w+\s*$))"
)
"""What a text that is given to PostgreSQL begins with."""
MADE_OF_TEXT = {"text", "DDL", "literal_column"}
"""Functions of SQLAlchemy that take SQL as text."""

WRITTEN_OUT = {
    "shared/database.py": "the settings of a transaction, and the question whether the database answers: below what composes",
    "services/ingest/dossiers/tables.py": "where a column is stored: Core has no word for it",
    "services/metrics/counting/tables/versions.py": "a function that statements call",
    "services/notices/issuing/tables.py": "triggers that refuse changes: Core has no word for them",
    "services/notices/recommendations/tables.py": "triggers that refuse changes: Core has no word for them",
    "services/notices/tables.py": "triggers that refuse changes: Core has no word for them",
    "services/notices/drafting/tables.py": "where a column is stored: Core has no word for it",
    "deploy/local/credentials.py": "a role's password: roles are no tables",
    "deploy/local/postgres.py": "the database itself, made before a server runs",
}
"""Files with SQL as text, and why; everything else is a `Statement`."""


def _is_sql(node: ast.expr) -> bool:
    """Whether a text, or the first constant part of a composed one, is SQL."""
    if isinstance(node, ast.JoinedStr):
        return bool(node.values) and _is_sql(node.values[0])
    if isinstance(node, ast.BinOp):
        return _is_sql(node.left) or _is_sql(node.right)
    value = node.value if isinstance(node, ast.Constant) else ""
    return SQL.match(value.decode(errors="replace") if isinstance(value, bytes) else str(value)) is not None


def composed(module: ast.Module) -> Iterator[int]:
    """Lines on which SQL is composed of texts."""
    for node in ast.walk(module):
        if not isinstance(node, ast.expr):
            continue
        found = False
        if isinstance(node, ast.JoinedStr):
            found = any(isinstance(part, ast.FormattedValue) for part in node.values) and _is_sql(node)
        elif isinstance(node, ast.BinOp):
            found = isinstance(node.op, ast.Add | ast.Mod) and _is_sql(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            method, object_, arguments = node.func.attr, node.func.value, [*node.args, *(one.value for one in node.keywords)]
            parts = [one for one in ast.walk(node) if isinstance(one, ast.expr)]
            found = method in {"format", "join", "format_map", "replace"} and (
                _is_sql(object_) or (method == "join" and any(map(_is_sql, parts)))
            )
            if method in MADE_OF_TEXT and dotted(object_) in {"sa", "sqlalchemy"}:
                found = not (arguments and isinstance(arguments[0], ast.Constant))
        if found:
            yield node.lineno


@pytest.mark.parametrize(
    "code",
    [
        "f'SELECT a FROM {table}'",
        "'SELECT a FROM ' + table",
        "'DELETE FROM %s' % table",
        "'UPDATE {} SET a = 1'.format(table)",
        "' '.join(['SELECT a', 'FROM t'])",
        "sa.text(words)",
        "sa.literal_column(f'{name}')",
        "f'ALTER ROLE {role}'.encode()",
    ],
)
def test_sql_that_is_composed_of_texts_is_seen(code: str) -> None:
    assert list(composed(ast.parse(code)))


def test_no_sql_is_composed_of_texts() -> None:
    assert [f"{path}:{line}" for path in modules(*ROOTS) for line in composed(tree(path))] == []


def _written_out(path: Path) -> bool:
    documentation = {line for line, text in texts(path) if SQL.match(text)}
    return bool(documentation) or any(
        isinstance(node, ast.Constant) and isinstance(node.value, bytes) and _is_sql(node) for node in ast.walk(tree(path))
    )


def test_sql_is_written_out_in_the_named_files_only() -> None:
    assert {str(path) for path in modules(*ROOTS) if _written_out(path)} == set(WRITTEN_OUT)


# --- all statements of all services --------------------------------------------------------------------------------------

_EVERY_FILTER = frozenset({"province", "source", "reason", "code", "state", "states", "before"})
_NAMES = (*FLOWS, *STOCKS)
GIVEN: dict[str, list[Any]] = {
    "given": [frozenset(), _EVERY_FILTER],
    "filters": [frozenset(), _EVERY_FILTER],
    "names": [_NAMES],
    "total": list(BALANCE),
    "sums": [tuple(BALANCE)],
    "limit": [10],
    "days": [1, 2],
    "days_before": [0, 1],
    "booked": [None, "upto", "since", "between"],
    "work": [None, "department", "step"],
}
"""Values of parameters whose type does not tell all that there are, for functions that compose a statement per shape."""


def _values_of(name: str, kind: Any) -> list[Any]:
    if kind is bool:
        return [False, True]
    if typing.get_origin(kind) is Literal:
        return list(typing.get_args(kind))
    assert name in GIVEN, f"say in GIVEN which values {name} may have: a statement is composed for each"
    return GIVEN[name]


@cache
def statements() -> tuple[str, ...]:
    """The text of every statement that there is, those that are composed per shape in all shapes."""
    kept = []
    for package in (services, shared):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                module = importlib.import_module(found.name)
                kept += [
                    one for value in vars(module).values() if _composes(value, module.__name__) for one in _all_shapes(value)
                ]
    made = {one.text for one in gc.get_objects() if isinstance(one, Statement)}
    return tuple(sorted(text for text in made if re.search(rf"\b({'|'.join(SERVICES)}|pg_temp)\.", text) or "pg_" in text))


def _composes(value: object, module: str) -> bool:
    """Whether it is a cached function that makes statements."""
    wrapped = getattr(value, "__wrapped__", None)
    if not hasattr(value, "cache_info") or wrapped is None or wrapped.__module__ != module:
        return False
    return wrapped.__name__ == "_Statements" or "Statement[" in str(wrapped.__annotations__.get("return", ""))


def _all_shapes(function: Any) -> list[object]:
    wrapped = function.__wrapped__
    hints = typing.get_type_hints(vars(wrapped)["__init__"] if isinstance(wrapped, type) else wrapped)
    names = list(inspect.signature(function).parameters)
    shapes = product(*(_values_of(name, hints[name]) for name in names))
    return [function(**dict(zip(names, values, strict=True))) for values in some(shapes)]


CLOCK = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\(|\b(CURRENT|LOCAL)_?TIME", re.I
)
WRITE = re.compile(r"\s*(?:WITH\b.*?)?\b(INSERT INTO|UPDATE|DELETE FROM)\s+(\S+)", re.S)


def test_every_statement_is_known() -> None:
    assert len(statements()) > cases(200)
    for word in ("INSERT INTO ingest.ruleset", "notices.api_key", "metrics.ledger", "pg_temp.piece"):
        assert any(word in text for text in statements()), word


def test_what_is_written_or_chosen_depends_on_no_clock_of_a_server() -> None:
    """Two servers with parts of a write would each read their own; a clock is read by itself and handed on."""
    assert [text for text in statements() if CLOCK.search(text) and (WRITE.match(text) or "CASE WHEN" in text)] == []


def test_no_write_joins_a_permanent_table_with_a_temporary_one() -> None:
    """A temporary table is on one server. Rows of it alone may be inserted elsewhere."""
    permanent = re.compile(rf"\b({'|'.join(SERVICES)})\.")
    written = [(found, text) for text in statements() if (found := WRITE.match(text)) and "pg_temp." in text]
    joined = [
        found[2]
        for found, text in written
        if not found[2].startswith("pg_temp.") and (found[1] != "INSERT INTO" or permanent.search(text, found.end()))
    ]
    assert written
    assert joined == []


def test_values_hold_no_sub_select() -> None:
    """Where a row goes must be known before it is made."""
    rows = re.compile(r"INSERT INTO \S+ \([^)]*\) VALUES (.*?)(?: ON CONFLICT | RETURNING |$)", re.S)
    inserted = [found[1] for text in statements() if (found := rows.search(text))]
    assert len(inserted) > 10
    assert [values for values in inserted if "SELECT" in values] == []


def test_the_provinces_key_has_one_collation_in_all_tables() -> None:
    statements()  # all modules that declare tables
    for service in SERVICES:
        metadata: sa.MetaData = importlib.import_module(f"services.{service}.tables").METADATA
        keys = {table.name: table.c.province.type for table in metadata.sorted_tables if "province" in table.c}
        assert len(keys) >= 3
        assert {name: getattr(kind, "collation", None) for name, kind in keys.items()} == dict.fromkeys(keys, "C")


def test_when_statements_are_planned_is_chosen_in_one_place() -> None:
    settings = ("plan_cache_mode", "force_generic_plan", "force_custom_plan")
    named = {str(path) for path in modules(*ROOTS) for _, text in texts(path) if text in settings}
    assert named == {"shared/database.py"}
