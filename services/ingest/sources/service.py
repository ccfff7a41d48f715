"""Sources as callers may see them: one that is named, the one that sends, and why one failed."""

from __future__ import annotations

from services.ingest.sources.model import Arrival
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.store.sources import SourceRow
from services.ingest.sources.traits import is_pulled, kinds_that_come
from shared.access.principals import Principal
from shared.database import Connection
from shared.errors import Conflict, NotFound
from shared.languages import bilingual


async def visible_source(connection: Connection, principal: Principal, name: str) -> SourceRow:
    """The source; raises `NotFound` when there is none or the key may not see it."""
    row = await sources_store.source(connection, name)
    return principal.visible(
        row,
        bilingual(
            "There is no source {name}. PUT /v1/sources/{name} connects one.",
            "Không có nguồn {name}. Kết nối bằng PUT /v1/sources/{name}.",
            name=name,
        ),
    )


async def sending_source(connection: Connection, principal: Principal, name: str, arrival: Arrival) -> SourceRow:
    """The source that sends; raises `NotFound` unless its records arrive in this way and the key may see it."""
    source = await sources_store.source(connection, name)
    kinds = kinds_that_come(arrival)
    missing = bilingual(
        "There is no source {name} of the kind {kinds}. PUT /v1/sources/{name} connects one.",
        "Không có nguồn {name} thuộc loại {kinds}. Kết nối bằng PUT /v1/sources/{name}.",
        name=name,
        kinds=" / ".join(map(repr, kinds)),
    )
    source = principal.visible(source, missing)
    if source.kind not in kinds:
        raise NotFound(missing)
    if source.retired_at is not None:
        raise _retired(name)
    return source


def require_readable(source: SourceRow) -> None:
    """Raise `Conflict` where the worker does not ask a source: it sends by itself, is retired, or is disabled."""
    if not is_pulled(source.kind):
        raise Conflict(
            bilingual(
                "A source of the kind {kind} sends by itself: there is nothing to pull.",
                "Nguồn loại {kind} tự gửi: không có gì để kéo.",
                kind=source.kind,
            )
        )
    if source.retired_at is not None:
        raise _retired(source.name)
    if not source.enabled:
        raise Conflict(
            bilingual(
                "The source {name} is disabled: nothing is read of it. PUT /v1/sources/{name} with `enabled` true reads it"
                " again.",
                "Nguồn {name} đang tắt nên không đọc. PUT /v1/sources/{name} với `enabled` là true để đọc lại.",
                name=source.name,
            )
        )


def _retired(name: str) -> Conflict:
    return Conflict(
        bilingual(
            "The source {name} is retired: nothing of it is taken. PUT /v1/sources/{name} connects it again.",
            "Nguồn {name} đã ngừng sử dụng nên không nhận. Kết nối lại bằng PUT /v1/sources/{name}.",
            name=name,
        )
    )


def error_for(principal: Principal, last_error: str | None) -> str | None:
    """The sentence of a failure as a key may see it: it shows what there is at a source's address, which is for managers."""
    return last_error if "sources:manage" in principal.scopes else None
