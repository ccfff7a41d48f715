"""The ledger made anew from the versions: what each batch added, by the definition of the counters of now.

A release that adds a counter of what is stored already would else have it of the versions that come after it only, and
figures as of an earlier position would be without it.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable
from functools import cache
from hashlib import sha256

import sqlalchemy as sa

from services.metrics.counting.measures import COLUMNS
from services.metrics.counting.store.contributions import contributions
from services.metrics.counting.store.recounting import chunks, hashing
from services.metrics.counting.store.versions import newest_number
from services.metrics.counting.tables.counters import ledger
from services.metrics.counting.tables.versions import dossier_version
from services.metrics.provinces.store import provinces
from services.metrics.provinces.tables import batch, province
from shared.database import Connection
from shared.statements import Statement, parameter, text_of

_PROVINCE = parameter("province", sa.Text)
_AGENCIES = 1 << 24
"""More than any province has numbers of agencies: a batch and an agency are one number of a cell."""


DEFINING = (
    *(f"services.metrics.counting.{name}" for name in ("days", "edges", "measures", "terms", "time_buckets")),
    *(f"services.metrics.counting.store.{name}" for name in ("contributions", "ledgers", "recounting", "versions")),
    *(f"services.metrics.counting.tables.{name}" for name in ("counters", "versions")),
)
"""The modules whose code decides what is counted: of facts, of versions, and of the changes between them."""


@cache
def revision() -> str:
    """Of the definition of the counters: another one for every release that may count anything differently."""
    statement = text_of(contributions(dossier_version, newest=True))
    return revision_of(statement, (inspect.getsource(sys.modules[name]) for name in DEFINING))


def revision_of(statement: str, sources: Iterable[str]) -> str:
    """The revision by the statement that counts and by the code around it; what code says of itself is no part of it."""
    digest = sha256(statement.encode())
    for source in sources:
        digest.update(_normalised(source).encode() + b"\0")
    return digest.hexdigest()[:16]


def _normalised(source: str) -> str:
    """Code without comments, docstrings and layout."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            kept = [one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
            node.body = kept or [ast.Pass()]
    return ast.unparse(tree)


def _entries() -> sa.Insert:
    """Each version counts from its batch on to that of the next version of its dossier."""
    v = dossier_version.c
    following = sa.func.lead(v.position).over(partition_by=v.number, order_by=v.position).label("following")
    version = (
        sa.select(*v, following)
        .where(
            v.province == _PROVINCE,
            v.number.between(parameter("first", sa.BigInteger), parameter("last", sa.BigInteger)),
        )
        .subquery("version")
    )
    change = (
        sa.values(sa.column("sign", sa.Integer), sa.column("position", sa.BigInteger), name="change")
        .data([(1, version.c.position), (-1, version.c.following)])
        .lateral()
    )
    end = (
        sa.select(batch.c.position)
        .where(batch.c.province == _PROVINCE, batch.c.position >= change.c.position)
        .order_by(batch.c.position)
        .limit(1)
        .scalar_subquery()
    )
    cell = sa.func.coalesce(end, change.c.position) * sa.literal(_AGENCIES, sa.BigInteger) + version.c.agency_no
    changes = (
        sa.select(change.c.sign, cell.label("cell"), *version.c)
        .select_from(version.join(change, sa.true()))
        .where(change.c.position.is_not(None))
        .subquery("changes")
    )
    found = contributions(changes, cell="cell").subquery("found")
    number = found.c.agency_no
    return sa.insert(ledger).from_select(
        ["province", "position", "agency_no", "day", *COLUMNS],
        sa.select(
            _PROVINCE,
            number.op("/")(sa.literal(_AGENCIES, sa.BigInteger)),
            sa.cast(number.op("%")(sa.literal(_AGENCIES, sa.BigInteger)), sa.Integer),
            found.c.day,
            *(found.c[name] for name in COLUMNS),
        ),
    )


_ENTER = Statement[None](_entries)
_CLEAR = Statement[None](sa.delete(ledger).where(ledger.c.province == _PROVINCE))
_IS_OUTDATED = Statement(
    sa.select(province.c.counted_by.is_distinct_from(parameter("revision", sa.Text))).where(
        province.c.province == _PROVINCE, province.c.position > 0
    ),
    bool,
)


async def is_outdated(tx: Connection, name: str) -> bool:
    """Whether a province was counted by another definition of the counters, or by none that is known."""
    return bool(await _IS_OUTDATED.first(tx, province=name, revision=revision()))


async def remake(tx: Connection, name: str) -> None:
    """Make the ledger of a province anew, and mark the province as counted by the definition of now.

    Needs its row locked, and its counters counted anew in the same transaction.
    """
    await hashing(tx)
    await _CLEAR.run(tx, province=name)
    for first, last in chunks(await newest_number(tx, name)):
        await _ENTER.run(tx, province=name, first=first, last=last)
    await provinces.set_counted_by(tx, name, revision())
