"""Statements: composed with SQLAlchemy Core, compiled once, run by the asyncpg driver.

Core composes because a statement then is made of columns and not of text: what it reads can be asked of it, a renamed column is
an error at import, and parts fit together without f-strings. asyncpg executes because its binary protocol and its cache of
prepared statements cost a third of what a round through SQLAlchemy's own engine does; the compiled text is the same
(`python -m tests.bench statements`).

A value written into an expression is a constant of the statement and becomes part of its text; what changes from call to call
is a `sa.bindparam` and becomes `$n`. So statements are made at import, or once per shape, and compiled at their first run: to
compose and compile the largest takes a tenth of a second, which every process would pay at its start, few of them for use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar, cast

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql import compiler

from shared.database import Connection

R = TypeVar("R")


class _Compiler(asyncpg.PGCompiler_asyncpg):
    def visit_bindparam(self, bindparam: Any, *args: Any, **kw: Any) -> Any:
        """Constants are written out; they are told from parameters by having a value."""
        if bindparam.value is not None or (bindparam.unique and not bindparam.required):
            kw["literal_binds"] = True
        return super().visit_bindparam(bindparam, *args, **kw)  # type: ignore[no-untyped-call]


class _Dialect(asyncpg.PGDialect_asyncpg):
    statement_compiler = _Compiler
    supports_statement_cache = False


DIALECT = _Dialect()  # type: ignore[no-untyped-call]


def parameter(name: str, kind: Any) -> sa.BindParameter[Any]:
    """What a call gives the statement under `name`; it is compared as the column that it is compared with is."""
    if isinstance(kind, sa.Text):
        kind = sa.Text
    return sa.bindparam(name, type_=kind, required=True)


def text_of(construct: sa.ClauseElement) -> str:
    """The statement as PostgreSQL gets it."""
    return str(construct.compile(dialect=DIALECT))


class _Compiled(NamedTuple):
    text: str
    names: tuple[str, ...]
    """Of the parameters, in the order of their numbers."""
    encode: list[int]
    """Places of the parameters that are written as JSON."""
    decode: list[int]
    """Places of the columns that are read as JSON."""


class Statement(Generic[R]):
    """A statement that gives rows of the type `R`, or one that gives none."""

    def __init__(
        self, construct: sa.ClauseElement | Callable[[], sa.ClauseElement], row: Callable[..., R] | None = None
    ) -> None:
        """`construct`: a function where composing takes long, which is then called at the first run.

        `row` is called with a row's values in the order of the columns: a NamedTuple, or `int` for one value.
        """
        self._construct = construct
        self._row = row
        if isinstance(construct, sa.ClauseElement):
            self._demand_fields(construct)

    def _demand_fields(self, construct: sa.ClauseElement) -> list[sa.ColumnElement[Any]]:
        columns = list(getattr(construct, "exported_columns", ()))
        fields = getattr(self._row, "_fields", None) or tuple(getattr(self._row, "__dataclass_fields__", ()))
        if fields and list(fields) != [column.key for column in columns]:
            raise TypeError(f"{self._row} has the fields {fields}, the statement gives {[column.key for column in columns]}")
        return columns

    @cached_property
    def _compiled(self) -> _Compiled:
        construct = self._construct if isinstance(self._construct, sa.ClauseElement) else self._construct()
        columns = self._demand_fields(construct)
        compiled = cast(compiler.SQLCompiler, construct.compile(dialect=DIALECT))
        names = tuple(getattr(compiled, "positiontup", None) or ())  # what makes a table has no parameters
        return _Compiled(
            compiled.string,
            names,
            [n for n, name in enumerate(names) if isinstance(compiled.binds[name].type, pg.JSONB)],
            [n for n, column in enumerate(columns) if isinstance(column.type, pg.JSONB)],
        )

    @property
    def text(self) -> str:
        """The statement as PostgreSQL gets it."""
        return self._compiled.text

    async def all(self, tx: Connection, **values: Any) -> list[R]:
        """All rows."""
        return [self._made(record) for record in await tx.fetch(self.text, *self._given(values))]

    async def records(self, tx: Connection, **values: Any) -> list[Any]:
        """All rows as the driver gives them, to be unpacked: for pages of thousands, where to make rows costs as much again."""
        return await tx.fetch(self.text, *self._given(values))

    async def first(self, tx: Connection, **values: Any) -> R | None:
        """The first row; None when there is none."""
        record = await tx.fetchrow(self.text, *self._given(values))
        return None if record is None else self._made(record)

    async def one(self, tx: Connection, **values: Any) -> R:
        """The row of a statement that always gives one."""
        found = await self.first(tx, **values)
        if found is None:
            raise LookupError("the statement gave no row")
        return found

    async def run(self, tx: Connection, **values: Any) -> int:
        """Execute it; how many rows it touched."""
        status = await tx.execute(self.text, *self._given(values))
        return int(status.rpartition(" ")[2] or 0) if status[-1:].isdigit() else 0

    async def run_many(self, tx: Connection, rows: Iterable[Mapping[str, object]]) -> None:
        """Execute it for each of the rows of values."""
        await tx.executemany(self.text, [self._given(row) for row in rows])

    def _given(self, values: Mapping[str, object]) -> list[Any]:
        names = self._compiled.names
        if len(values) != len(set(names)):
            raise TypeError(f"the statement takes {sorted(set(names))}, and got {sorted(values)}")
        given = [values[name] for name in names]
        for place in self._compiled.encode:
            if given[place] is not None:
                given[place] = msgspec.json.encode(given[place], enc_hook=str).decode()
        return given

    def _made(self, record: Any) -> R:
        values: Any = record.values()
        if decode := self._compiled.decode:
            values = list(values)
            for place in decode:
                if values[place] is not None:
                    values[place] = msgspec.json.decode(values[place])
        assert self._row is not None
        return self._row(*values)


_BEGUN_AT = Statement[datetime](sa.select(sa.func.now()), lambda at: at)


async def begun_at(tx: Connection) -> datetime:
    """The instant, by the database's clock, at which the transaction began: what columns have by default in its rows."""
    return await _BEGUN_AT.one(tx)
