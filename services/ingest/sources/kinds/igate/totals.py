"""What else an iGate portal can be asked: its control totals, and whether it still has a dossier."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from services.ingest.sources.errors import SourceUnreadable
from services.ingest.sources.fields.whitelist import storable
from services.ingest.sources.http.client import MAX_RENEWALS, PortalClient
from services.ingest.sources.kinds.igate.portal_list import PortalList
from services.ingest.sources.kinds.igate.record import Decoder
from services.ingest.sources.kinds.igate.settings import Settings
from services.ingest.sources.kinds.igate.wire import written
from shared.languages import Bilingual

STATISTIC = "/pa/dossier-statistic/--statistic-agency-kgg"


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
    params = {"from-date": written(begin), "to-date": written(end), "suppended-cancelled": "true"}
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


async def has_dossier(client: PortalClient, decoder: Decoder, settings: Settings, code: str) -> bool:
    """Whether the portal finds a dossier by its code, under whatever agency."""
    client.restart_budget()
    page = await PortalList(client, decoder, settings, {"code": code}).page(0, 1)
    return bool(page.served or page.total)
