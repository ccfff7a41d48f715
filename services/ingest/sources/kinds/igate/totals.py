"""What else an iGate portal can be asked: its control totals, one agency's list, and whether it still has a dossier."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from services.ingest.events.model import Batch
from services.ingest.sources.errors import SourceUnreadable
from services.ingest.sources.fields.whitelist import storable
from services.ingest.sources.http.client import MAX_RENEWALS, PortalClient
from services.ingest.sources.kinds.igate.portal_list import PortalList
from services.ingest.sources.kinds.igate.record import Decoder
from services.ingest.sources.kinds.igate.settings import Settings
from services.ingest.sources.kinds.igate.walk import Walk
from shared.languages import Bilingual

STATISTIC = "/pa/dossier-statistic/--statistic-agency-kgg"


MAX_NEW = 100_000
"""Rows that may come to a list while it is read."""


class _Agency(Struct):
    id: str
    code: str | int


class _Row(Struct):
    agency: _Agency


_decode_rows = msgspec.json.Decoder(list[_Row]).decode
_decode_any = msgspec.json.Decoder().decode


async def totals(
    client: PortalClient, begin: datetime, end: datetime, *, renewals: int = MAX_RENEWALS
) -> list[tuple[str, str, dict[str, int]]]:
    """Per agency its id, its code, and the columns of the statistic, with returned and withdrawn ones apart."""
    # The parameter is misspelt in the portal.
    params = {"from-date": _written(begin), "to-date": _written(end), "suppended-cancelled": "true"}
    return await client.fetch(STATISTIC, params, _totals, renewals=renewals)


def _totals(body: bytes) -> list[tuple[str, str, dict[str, int]]]:
    try:
        agencies = _decode_rows(body)
        rows: list[dict[str, object]] = _decode_any(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        # What the decoder says of it may quote the answer.
        raise SourceUnreadable(
            Bilingual(
                "The source's totals are not in the form that was agreed.", "Số tổng của nguồn không đúng dạng đã thỏa thuận."
            )
        ) from error
    return [
        (
            storable(one.agency.id),
            storable(str(one.agency.code).strip()),
            {name: value for name, value in row.items() if type(value) is int and 0 <= value < 2**31},
        )
        for one, row in zip(agencies, rows, strict=True)
    ]


async def list_dossiers(
    client: PortalClient,
    decoder: Decoder,
    settings: Settings,
    agency: str | None,
    cursor: Mapping[str, object] | None = None,
) -> AsyncGenerator[Batch, None]:
    """All dossiers under an agency (its id), or all there are, read from `cursor` on as a whole pass of a pull is read.

    Each page has the client's whole time budget. Raises `SourceUnreadable` after the last page of a list of which it is not
    known that nothing was skipped, and for one that grows as fast as it is read.
    """
    filters = {} if agency is None else {"ancestor-agency-id": agency}
    served = 0
    max_rows: int | None = None
    last: Mapping[str, object] = {}
    client.restart_budget()
    walk = Walk(client, decoder, settings, cursor, filters=filters)
    async with aclosing(walk.batches()) as batches:
        async for batch in batches:
            client.restart_budget()
            yield batch
            last = batch.cursor or last
            served += batch.served
            if max_rows is None:
                max_rows = settings.passes * ((batch.total or 0) + MAX_NEW)
            elif served > max_rows:
                raise SourceUnreadable(
                    Bilingual(
                        "The source's list does not end at the total that it gave.",
                        "Danh sách của nguồn không kết thúc ở tổng số mà nguồn nêu.",
                    ),
                    settled=True,
                )
    if last.get("verified") is not True:
        raise SourceUnreadable(
            Bilingual(
                "The source's list cannot be read to an end that is known to be one.",
                "Không đọc được danh sách của nguồn đến một điểm kết thúc chắc chắn.",
            ),
            settled=True,
        )


async def has_dossier(client: PortalClient, decoder: Decoder, settings: Settings, code: str) -> bool:
    """Whether the portal finds a dossier by its code, under whatever agency."""
    client.restart_budget()
    page = await PortalList(client, decoder, settings, {"code": code}).page(0, 1)
    return bool(page.served or page.total)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
