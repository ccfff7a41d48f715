"""What was stored under earlier names stays readable: a signed conclusion is what it was."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg
import msgspec
from alembic import command

from deploy.local.postgres import PostgreSQL
from migrations.upgrade import config_of, upgrade
from services.notices.composition.model import NoticeDocument
from services.notices.drafting.store import notices as notices_store
from services.notices.figures.model import Figure, Pinned
from services.notices.inspections import service as submissions
from services.notices.inspections import store as inspections_store
from shared.database import Database
from tests.conftest import url_of
from tests.notices.reference import inspection, pinned, rendered

EARLIER = {"figure_id": "opened_by", "input_path": "entered_at", "source_document": "evidence"}


def _earlier(value: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(name, name): inner for name, inner in value.items()}


async def test_inspections_and_notices_of_earlier_releases_are_read_by_the_new_names(postgres: PostgreSQL) -> None:
    given = inspection(
        counts={"repealed": {"value": 3, "source_document": "Báo cáo rà soát"}},
        findings={"review": [{"text": "Đã ngừng thực hiện {repealed} TTHC"}]},
    )
    made = rendered(given, pinned())
    body: dict[str, Any] = json.loads(json.dumps(given.stored()))
    body["stream"] = body.pop("province")
    body["issuer"] = _earlier(body["issuer"], {"place_of_issue": "place"})
    body["counts"] = {name: _earlier(count, {"source_document": "evidence"}) for name, count in body["counts"].items()}
    document = _earlier(msgspec.to_builtins(made.document), {"locality_and_date": "place_and_date"})
    for block in document["body"]:
        if block.get("source") == "findings":
            block["source"] = "evidence"
    figures = {key: _earlier(one, EARLIER) for key, one in msgspec.to_builtins(made.figures).items()}
    stored = _earlier(msgspec.to_builtins(msgspec.structs.replace(made.pinned, figures={})), {"province": "stream"})

    admin = await asyncpg.connect(postgres.url("postgres"))
    await admin.execute("CREATE DATABASE earlier_names")
    await admin.close()
    url = postgres.url("earlier_names")
    await asyncio.to_thread(command.upgrade, config_of("notices", url), "notices_0009")
    owner = await asyncpg.connect(url)
    number = await owner.fetchval(
        "INSERT INTO notices.inspection (province, scope, period_from, period_to, body, key_id)"
        " VALUES ('30', '294', $1, $2, $3, 'key') RETURNING id",
        given.period.start,
        given.period.end,
        json.dumps(body),
    )
    notice = await owner.fetchval(
        "INSERT INTO notices.notice"
        " (inspection_id, province, state, position, pinned, figures, document, checks, key_id, made_at)"
        " VALUES ($1, '30', 'draft', 41234, $2, $3, $4, '[]', 'key', now()) RETURNING id",
        number,
        json.dumps(stored),
        json.dumps(figures),
        json.dumps(document),
    )
    await owner.execute("INSERT INTO notices.notice (inspection_id, province, key_id) VALUES ($1, '30', 'key')", number)
    await owner.close()
    await asyncio.to_thread(upgrade, "notices", url)

    database = Database(url_of("notices", url), size=1)
    async with database.transaction() as tx:
        row = await inspections_store.find(tx, number)
        content = await notices_store.content(tx, notice)
        drafted = await notices_store.find(tx, notice)
    await database.close()
    assert row is not None
    assert submissions.read_stored(row.body) == given
    assert msgspec.json.decode(content.document, type=NoticeDocument) == made.document
    assert msgspec.json.decode(content.figures, type=dict[str, Figure]) == made.figures
    assert msgspec.json.decode(content.pinned, type=Pinned).position == 41234
    assert drafted is not None
    assert drafted.revision == 2  # another ETag: no client takes the earlier names for the current ones
