"""Records that could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.quarantine.model import ReleasedBy, WaitingRecord
from services.ingest.quarantine.tables import WAITS, quarantine
from services.ingest.sources.tables import digest_key as key_table
from shared.database import Connection
from shared.leases import NOW
from shared.statements import Statement, parameter

_q = quarantine.c

_INSTANT = sa.DateTime(timezone=True)
_DISMISSAL = ("dismissed_at", "dismissed_by", "dismissed_for")
RecordState = Literal["waiting", "released", "dismissed"]
_IN_STATE: dict[RecordState, sa.ColumnElement[bool]] = {
    "waiting": WAITS,
    "released": _q.released_at.is_not(None),
    "dismissed": sa.and_(_q.released_at.is_(None), _q.dismissed_at.is_not(None)),
}


class RejectedRow(NamedTuple):
    """A record to quarantine; by `digest` it is known again, `fields` is JSON."""

    digest: bytes
    reason: str
    detail: str
    code: str | None
    fields: str
    version_at: datetime | None = None
    """Its version time, where that can be read."""
    known_by: bytes | None = None
    """Keyed digest of what stood in the place of its code, where that is withheld."""
    unknown: str | None = None
    """The word that nobody knows (JSON of an `UnknownWord`), where it waits for that."""


class QuarantinedRow(NamedTuple):
    """A record in quarantine: whitelisted fields only, as the source wrote them."""

    id: int
    province: str
    source: str
    reason: str
    detail: str
    code: str | None
    fields: Mapping[str, object]
    pull: int | None
    times: int
    first_at: datetime
    last_at: datetime
    released_at: datetime | None
    released_by: ReleasedBy | None
    dismissed_at: datetime | None
    dismissed_by: str | None
    dismissed_for: str | None


class WaitingRow(NamedTuple):
    """How many records of a source wait for a reason; `servings`: how often they were served, `since` when the first came."""

    province: str
    source: str
    reason: str
    records: int
    servings: int
    since: datetime


class WaitsFor(NamedTuple):
    """Whether anything waits that some codes may make good."""

    code: bool
    """Records of these codes."""
    withheld: bool
    """Records whose code is withheld."""


class Judgement(NamedTuple):
    """What a newer reading says of a record that still cannot be read."""

    id: int
    reason: str
    detail: str


_RENEWED = ("last_at", "reason", "detail", "version_at", "known_by", "unknown")
"""What the newest serving of a record says of it."""


def _put() -> pg.Insert:
    given = (
        sa.func.unnest(
            parameter("digest", pg.ARRAY(sa.LargeBinary)),
            parameter("reason", pg.ARRAY(sa.Text)),
            parameter("detail", pg.ARRAY(sa.Text)),
            parameter("code", pg.ARRAY(sa.Text)),
            parameter("fields", pg.ARRAY(sa.Text)),
            parameter("version_at", pg.ARRAY(_INSTANT)),
            parameter("known_by", pg.ARRAY(sa.LargeBinary)),
            parameter("unknown", pg.ARRAY(sa.Text)),
            parameter("times", pg.ARRAY(sa.BigInteger)),
        )
        .table_valued(*RejectedRow._fields, "times")
        .render_derived(name="aside")
    )
    rows = sa.select(
        parameter("province", sa.Text),
        parameter("source", sa.Text),
        parameter("pull", sa.BigInteger),
        parameter("imported", sa.BigInteger),
        given.c.digest,
        given.c.reason,
        given.c.detail,
        given.c.code,
        sa.cast(given.c.fields, pg.JSONB),
        given.c.version_at,
        given.c.known_by,
        sa.cast(given.c.unknown, pg.JSONB),
        given.c.times,
    )
    insert = pg.insert(quarantine).from_select(["province", "source", "pull", "import", *RejectedRow._fields, "times"], rows)
    return insert.on_conflict_do_update(
        index_elements=[_q.province, _q.source, _q.digest],
        set_={
            "times": _q.times + insert.excluded.times,
            **{name: insert.excluded[name] for name in _RENEWED},
            "pull": sa.func.coalesce(insert.excluded.pull, _q.pull),
            # Of several imports, or of one and of what came before it, it is of none.
            "import": sa.case(
                (_q.released_at.is_not(None), insert.excluded["import"]),
                (_q["import"] == insert.excluded["import"], _q["import"]),
            ),
            # Dismissed it stays, as long as it is served as it was.
            "released_at": sa.null(),
            "released_by": sa.null(),
        },
    )


_PUT = Statement[None](_put())


async def put_quarantine(
    tx: Connection,
    province: str,
    source_name: str,
    pull: int | None,
    rows: Sequence[RejectedRow],
    imported: int | None = None,
) -> None:
    """Keep records aside; the same record again only counts up, and waits again unless it was dismissed.

    `pull`, `imported`: the number of the pull or of the import that serves them.
    """
    if not rows:
        return
    unique = {row.digest: row for row in rows}
    times = Counter(row.digest for row in rows)
    # In the order of the digests, so that two who put the same records aside wait for one another and not in a circle.
    columns = zip(*(unique[key] for key in sorted(unique)), strict=True)
    await _PUT.run(
        tx,
        province=province,
        source=source_name,
        pull=pull,
        imported=imported,
        times=[times[key] for key in sorted(unique)],
        **dict(zip(RejectedRow._fields, columns, strict=True)),
    )


_DIGEST_KEY = Statement(sa.select(key_table.c.key), bytes)


async def digest_key(tx: Connection) -> bytes:
    """The database's own random key, by which a text that is withheld is known again and cannot be guessed."""
    return await _DIGEST_KEY.one(tx)


_COLUMNS = [_q[name] for name in QuarantinedRow._fields]


_OF_SOURCES = _q.source == sa.any_(parameter("sources", pg.ARRAY(sa.Text)))
_CONDITIONS = {
    **{name: _q[name] == parameter(name, sa.Text) for name in ("province", "source", "reason", "code")},
    "sources": _OF_SOURCES,
    "id": _q.id == parameter("id", sa.BigInteger),
}


@cache
def _records(state: RecordState, given: frozenset[str]) -> Statement[QuarantinedRow]:
    return Statement(
        sa.select(*_COLUMNS)
        .where(
            _q.id > parameter("after", sa.BigInteger),
            _IN_STATE[state],
            *(condition for name, condition in _CONDITIONS.items() if name in given),
        )
        .order_by(_q.id)
        .limit(parameter("limit", sa.BigInteger)),
        QuarantinedRow,
    )


async def records(
    connection: Connection,
    *,
    province: str | None = None,
    source_name: str | None = None,
    reason: str | None = None,
    code: str | None = None,
    state: RecordState = "waiting",
    sources: Sequence[str] | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[QuarantinedRow]:
    """Records in quarantine by id, those that wait, were released or were dismissed; of some `sources` only."""
    filters: dict[str, object] = {
        "province": province,
        "source": source_name,
        "reason": reason,
        "code": code,
        "sources": sources,
    }
    given = {name: value for name, value in filters.items() if value is not None}
    return await _records(state, frozenset(given)).all(connection, after=after, limit=limit, **given)


_QUARANTINED = Statement(sa.select(*_COLUMNS).where(_q.id == parameter("id", sa.BigInteger)), QuarantinedRow)


async def quarantined(connection: Connection, number: int) -> QuarantinedRow | None:
    """One record in quarantine."""
    return await _QUARANTINED.first(connection, id=number)


_CODES = parameter("codes", pg.ARRAY(sa.Text))
_OPEN_OF_PROVINCE = sa.and_(_q.province == parameter("province", sa.Text), WAITS)
_OF_CODES = sa.and_(_OPEN_OF_PROVINCE, _q.code == sa.any_(_CODES))
_IS_WITHHELD = sa.and_(_OPEN_OF_PROVINCE, _q.code.is_(None), _q.known_by.is_not(None))
_WAITS_FOR = Statement(
    sa.select(sa.exists().where(_OF_CODES).label("code"), sa.exists().where(_IS_WITHHELD).label("withheld")), WaitsFor
)
_WAITING = Statement(
    sa.select(*(_q[name] for name in WaitingRecord._fields)).where(
        sa.or_(
            _OF_CODES,
            sa.and_(_IS_WITHHELD, _q.known_by == sa.any_(parameter("known_by", pg.ARRAY(sa.LargeBinary)))),
        )
    ),
    WaitingRecord,
)


async def waits_for(tx: Connection, province: str, codes: Sequence[str]) -> WaitsFor:
    """Whether anything waits in a province that dossiers of these codes may make good."""
    return await _WAITS_FOR.one(tx, province=province, codes=codes)


async def waiting_records(
    tx: Connection, province: str, codes: Sequence[str], known_by: Sequence[bytes]
) -> list[WaitingRecord]:
    """What waits in a province, of these codes or with one of these digests in the place of its code."""
    return await _WAITING.all(tx, province=province, codes=codes, known_by=known_by)


_DISMISSED = {"dismissed_at": NOW, "dismissed_by": parameter("who", sa.Text), "dismissed_for": parameter("why", sa.Text)}


@cache
def _dismiss(given: frozenset[str]) -> Statement[None]:
    matching = (condition for name, condition in _CONDITIONS.items() if name in given)
    return Statement(sa.update(quarantine).where(WAITS, *matching).values(_DISMISSED))


_TAKE_BACK = Statement[None](
    sa.update(quarantine)
    .where(_q.id == parameter("id", sa.BigInteger), _q.dismissed_at.is_not(None))
    .values(dict.fromkeys(_DISMISSAL, sa.null()))
)


async def dismiss(
    tx: Connection,
    province: str,
    *,
    who: str,
    why: str,
    now: datetime,
    number: int | None = None,
    source_name: str | None = None,
    reason: str | None = None,
) -> int:
    """Have one record, or all of a source or for a reason, wait no longer; how many did. Served as they were, they stay so."""
    filters: dict[str, object] = {"province": province, "id": number, "source": source_name, "reason": reason}
    given = {name: value for name, value in filters.items() if value is not None}
    return await _dismiss(frozenset(given)).run(tx, who=who, why=why, now=now, **given)


async def take_back_dismissal(tx: Connection, number: int) -> None:
    """A dismissed record waits again."""
    await _TAKE_BACK.run(tx, id=number)


_JUDGE = Statement[None](
    sa.update(quarantine)
    .where(_q.id == parameter("number", sa.BigInteger))
    .values(reason=parameter("reason", sa.Text), detail=parameter("detail", sa.Text))
)


async def judge_quarantined(tx: Connection, rows: Sequence[Judgement]) -> None:
    """Put newer judgements in the place of the old ones."""
    await _JUDGE.run_many(tx, ({"number": row.id, "reason": row.reason, "detail": row.detail} for row in rows))


@cache
def _depth(of_one: bool, of_some: bool) -> Statement[WaitingRow]:
    keys = (_q.province, _q.source, _q.reason)
    waiting = sa.select(
        *keys,
        sa.func.count().label("records"),
        sa.cast(sa.func.sum(_q.times), sa.BigInteger).label("servings"),
        sa.func.min(_q.first_at).label("since"),
    ).where(WAITS)
    if of_one:
        waiting = waiting.where(_q.province == parameter("province", sa.Text))
    if of_some:
        waiting = waiting.where(_OF_SOURCES)
    return Statement(waiting.group_by(*keys).order_by(*keys), WaitingRow)


async def quarantine_depth(
    connection: Connection, province: str | None = None, sources: Sequence[str] | None = None
) -> list[WaitingRow]:
    """How many records wait in quarantine, by province, source and reason; in all provinces or in one, of some sources only."""
    filters: dict[str, object] = {"province": province, "sources": sources}
    given = {name: value for name, value in filters.items() if value is not None}
    return await _depth(province is not None, sources is not None).all(connection, **given)
