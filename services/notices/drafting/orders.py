"""Orders of notices: what can never become a notice is refused when it is ordered.

No transaction is open while metrics is queried.
"""

from __future__ import annotations

from datetime import datetime
from typing import get_args

import msgspec

from services.notices.composition.causes import counts_of_response, demand_supported
from services.notices.composition.findings import demand_agencies, demand_inspected
from services.notices.composition.followed import FollowedNotice
from services.notices.composition.kpis import demand_comparable, kpis_of_whole
from services.notices.composition.model import NoticeDocument
from services.notices.drafting.model import OrderedNotice, UndraftedState
from services.notices.drafting.store import notices as notices_store
from services.notices.evidence.model import EvidenceItems
from services.notices.figures.caveats import ConfirmedCaveats, caveats_of, demand_confirmed
from services.notices.figures.metrics_client import Metrics
from services.notices.figures.pinning import agencies_of
from services.notices.inspections import store as inspections_store
from services.notices.inspections.model import Inspection
from shared.database import Connection
from shared.errors import Invalid, NotFound
from shared.languages import bilingual

_DOCUMENT = msgspec.json.Decoder(NoticeDocument)


async def review(
    metrics: Metrics,
    inspection: Inspection,
    as_of: str | None,
    confirmed: ConfirmedCaveats,
    now: datetime,
    evidence: EvidenceItems = (),
) -> int:
    """The position of the figures at `as_of`; raises the problem that keeps this inspection from becoming a notice.

    `NotFound` for a province or scope that metrics does not know; `Invalid` for a position that is not counted, a comparison of
    a KPI that is no share, and findings or evidence of an agency that is not inspected; `CausesUnsupported` for causes that the
    counts do not support; `CaveatsNotConfirmed` unless exactly the caveats of the figures are confirmed; `MetricsAway` and
    `MetricsClosed`.
    """
    catalogue = await metrics.catalogue()
    demand_comparable(inspection, catalogue)
    response = await metrics.kpis(inspection, kpis_of_whole(inspection, catalogue), by="agency", as_of=as_of)
    demand_agencies(inspection, agencies_of(response))
    demand_inspected(evidence, agencies_of(response))
    demand_supported(inspection, counts_of_response(response))
    demand_confirmed(caveats_of(response, inspection.period, now), confirmed.kinds, exactly=True)
    return response.position


async def followed_notice(tx: Connection, inspection: Inspection) -> FollowedNotice | None:
    """The earlier notice that an inspection follows up, with what became of its recommendations; None: it follows none.

    Raises `NotFound` when its province has no such notice, `Invalid` for one of another scope, one that is not drafted, and a
    recommendation that it has not.
    """
    if inspection.follows is None:
        return None
    row = await notices_store.find(tx, inspection.follows)
    if row is None or row.province != inspection.province:
        raise NotFound(
            bilingual(
                "follows: there is no notice {n} in province {province}. GET /v1/notices lists those there are.",
                "follows: tỉnh {province} không có thông báo {n}. Xem GET /v1/notices.",
                n=inspection.follows,
                province=inspection.province,
            )
        )
    if row.scope != inspection.scope or row.state in get_args(UndraftedState):
        raise Invalid(
            bilingual(
                "follows: {scope} of province {province} has no drafted notice {n}. GET /v1/notices lists those there are.",
                "follows: {scope} thuộc tỉnh {province} không có thông báo {n} đã soạn xong. Xem GET /v1/notices.",
                n=inspection.follows,
                scope=inspection.scope,
                province=inspection.province,
            )
        )
    recommendations = _DOCUMENT.decode((await notices_store.content(tx, row.id)).document).recommendations
    known = {one.key for one in recommendations}
    for number, one in enumerate(inspection.follow_ups):
        if one.recommendation not in known:
            raise Invalid(
                bilingual(
                    "follow_ups.{at}: notice {n} has no recommendation '{key}'. See GET /v1/notices/{n}/recommendations.",
                    "follow_ups.{at}: thông báo {n} không có kiến nghị '{key}'. Xem GET /v1/notices/{n}/recommendations.",
                    at=number,
                    n=inspection.follows,
                    key=one.recommendation,
                )
            )
    return FollowedNotice(recommendations, inspection.follow_ups)


async def order(
    tx: Connection,
    inspection_id: int,
    province: str,
    as_of: str | None,
    confirmed: ConfirmedCaveats,
    key_id: str,
    *,
    position: int | None = None,
) -> OrderedNotice:
    """Queue a notice of an inspection that was ordered with an API key; or give the one that the same order has made.

    Orders are the same when they are of the same versions of the inspection, its evidence and the notice that it follows, of
    the same figures, and confirm the same. `position`: that of the figures; None: not known, then only a notice that no worker
    has begun can be the same. One that failed or was issued is ordered anew.
    """
    await inspections_store.hold(tx, inspection_id)
    same = await notices_store.find_same(tx, inspection_id=inspection_id, as_of=as_of, position=position, confirmed=confirmed)
    if same is not None:
        return OrderedNotice(same, True)
    number = await notices_store.insert(
        tx,
        inspection_id=inspection_id,
        province=province,
        as_of=as_of,
        position=position,
        confirmed=confirmed,
        key_id=key_id,
    )
    return OrderedNotice(number, False)
