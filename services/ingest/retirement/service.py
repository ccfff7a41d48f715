"""Retiring sources and provinces, and deleting empty ones.

What a source said stays, and its dossiers stay counted; its silence no longer makes answers incomplete. What it sent and could
not be counted does, what its reconciliation found, and what nobody proved of its pulls, until it is counted or dismissed by
somebody. Only what nothing ever came of is deleted.
"""

from __future__ import annotations

from datetime import datetime

from services.ingest.provinces import store as provinces_store
from services.ingest.provinces.service import locked, require_visible
from services.ingest.retirement import store as retirement_store
from services.ingest.sources.decoding import reading_of
from services.ingest.sources.service import visible_source
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.store.sources import SourceRow
from shared.access.principals import Principal
from shared.database import Connection
from shared.errors import Conflict
from shared.languages import bilingual


async def retire_source(tx: Connection, principal: Principal, name: str, why: str, now: datetime) -> SourceRow:
    """Retire a source; raises `NotFound`."""
    found = await visible_source(tx, principal, name)
    await provinces_store.lock(tx, found.province)
    await retirement_store.retire_source(tx, name, who=principal.name, why=why, now=now)
    return await visible_source(tx, principal, name)


async def dismiss_source(tx: Connection, principal: Principal, name: str, why: str, now: datetime) -> SourceRow:
    """Have what nobody proved of a retired source no longer awaited; raises `NotFound`, and `Conflict` for one in use."""
    found = await visible_source(tx, principal, name)
    done = await retirement_store.dismiss_source(tx, name, reading_of(found), who=principal.name, why=why, now=now)
    if not done:
        raise Conflict(
            bilingual(
                "The source {name} is in use: what it lacks is read, or reconciled (POST /v1/sources/{name}/reconcile). One of"
                " which nothing comes any more is retired first (POST /v1/sources/{name}/retire).",
                "Nguồn {name} đang được sử dụng: đọc tiếp hoặc đối chiếu (POST /v1/sources/{name}/reconcile) phần còn thiếu."
                " Nguồn không còn gửi dữ liệu thì cho ngừng sử dụng trước (POST /v1/sources/{name}/retire).",
                name=name,
            )
        )
    return await visible_source(tx, principal, name)


async def await_source(tx: Connection, principal: Principal, name: str) -> SourceRow:
    """Take a dismissal back; raises `NotFound`."""
    await visible_source(tx, principal, name)
    await retirement_store.take_back_dismissal(tx, name)
    return await visible_source(tx, principal, name)


async def retire_province(tx: Connection, principal: Principal, province: str, why: str, now: datetime) -> list[SourceRow]:
    """Retire all sources of a province, which are returned; raises `NotFound`."""
    await require_visible(tx, principal, province)
    await locked(tx, province)
    await retirement_store.retire_sources(tx, province, who=principal.name, why=why, now=now)
    return await sources_store.sources(tx, province)


async def delete_source(tx: Connection, principal: Principal, name: str) -> None:
    """Delete a source of which nothing was ever taken in; raises `NotFound` and `Conflict`."""
    found = await visible_source(tx, principal, name)
    await provinces_store.lock(tx, found.province)
    if await retirement_store.has_dossiers(tx, name):
        raise Conflict(
            bilingual(
                "The source {name} has told of dossiers, which stay counted: it is not deleted. POST /v1/sources/{name}/retire"
                " says that nothing is expected of it any more.",
                "Nguồn {name} đã có hồ sơ và hồ sơ vẫn được đếm nên không xóa được. POST /v1/sources/{name}/retire để cho biết"
                " không còn chờ dữ liệu từ nguồn.",
                name=name,
            )
        )
    await retirement_store.delete_source(tx, name)


async def delete_province(tx: Connection, principal: Principal, province: str) -> None:
    """Delete a province without sources and dossiers; raises `NotFound` and `Conflict`."""
    await require_visible(tx, principal, province)
    row = await locked(tx, province)
    if row.head or row.numbers or await sources_store.sources(tx, province):
        raise Conflict(
            bilingual(
                "Province {province} has sources or dossiers: it is not deleted. Delete its sources first, or retire it by POST"
                " /v1/provinces/{province}/retire.",
                "Tỉnh {province} còn nguồn hoặc hồ sơ nên không xóa được. Xóa các nguồn trước, hoặc cho ngừng bằng POST"
                " /v1/provinces/{province}/retire.",
                province=province,
            )
        )
    await retirement_store.delete_province(tx, province)
