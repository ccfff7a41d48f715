"""Pulling the scores that the portal publishes: what is due is asked, and stored as it was published, with its day.

This lies with metrics, and not with the sources of ingest: what comes is no fact of a dossier but a figure about a scope and a
period, which is compared with figures alone, and its addresses are the operator's.

The portal is asked between two transactions: one claims the pull, the other stores what came of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.metrics.indices import store
from services.metrics.indices.portal_client import PublishingPortal, PullFailed
from services.metrics.indices.published import read_published
from services.metrics.indices.pulling import Pull, body_of, endpoints_of, periods_of
from services.metrics.periods import Period
from services.metrics.provinces.store import provinces
from shared.civil import civil_day
from shared.contracts.keys import WholeProvince
from shared.database import Connection, Database
from shared.errors import Conflict, Invalid, NotFound
from shared.languages import Bilingual, bilingual
from shared.logs import logger
from shared.settings import ScoresEndpoint

log = logger("published")

LEASE = timedelta(minutes=10)
"""After so long a pull whose worker died is tried again."""


async def pull_next(
    database: Database, portal: PublishingPortal, endpoints: Sequence[ScoresEndpoint], interval: timedelta, now: datetime
) -> bool:
    """Do the pull that is due the longest; False when none is. A failure is stored with the pull, and raises nothing.

    The portal is asked between two transactions.
    """
    today, by_name = civil_day(now), {one.name: one for one in endpoints}

    async def claim(tx: Connection) -> Pull | None:
        for province in sorted(await provinces.all_provinces(tx)):
            wanted = [
                (one.name, period.since, period.until)
                for one in endpoints_of(endpoints, province)
                for period in periods_of(one, today)
            ]
            await store.schedule_pulls(tx, province, wanted, now)
        return await store.claim_pull(tx, sorted(by_name), now, now + LEASE)

    pull = await database.run(claim)
    if pull is None:
        return False
    endpoint, period = by_name[pull.endpoint], Period(pull.since, pull.until)
    try:
        found = read_published(await portal.read(endpoint, body_of(endpoint, pull.province, period)))
    except PullFailed as failure:
        closed = pull.failed(now, failure.error, interval, failure.retry_after)
        found = []
    except Invalid as error:
        closed = pull.failed(now, _unreadable(endpoint, error), interval, None)
        found = []
    else:
        goes_on = any((one.since, one.until) == (pull.since, pull.until) for one in periods_of(endpoint, today))
        closed = pull.succeeded(now, len(found), interval, goes_on=goes_on)

    async def conclude(tx: Connection) -> int:
        stored = 0
        if found:
            scope, by = str(WholeProvince()), f"pulled: {endpoint.name}"
            stored = await store.publish_changed(tx, pull.province, scope, pull.since, pull.until, found, today, by)
        await store.close_pull(tx, closed)
        return stored

    stored = await database.run(conclude)
    if closed.failures:
        log.warning("scores not pulled", endpoint=pull.endpoint, province=pull.province, detail=closed.error_en)
    else:
        log.info("scores pulled", endpoint=pull.endpoint, province=pull.province, read=len(found), stored=stored)
    return True


def _unreadable(endpoint: ScoresEndpoint, error: Invalid) -> Bilingual:
    return bilingual(
        "The address {name}: {detail}",
        "Địa chỉ {name} trả về dữ liệu không đọc được: {detail}",
        name=endpoint.name,
        detail=str(error)[:300],
    )


async def order_pulls(
    tx: Connection, endpoints: Sequence[ScoresEndpoint], province: str, period: Period, now: datetime
) -> list[str]:
    """Have all endpoints of a province pulled for a period now; their names.

    Raises `Conflict` where there are none, `NotFound` for a province that nobody follows, `Invalid` for a period that is not
    published.
    """
    asked = endpoints_of(endpoints, province)
    if not asked:
        raise Conflict(
            bilingual(
                "No address publishes scores of this province: the operator sets PUBLISHED_SCORES. Scores can be uploaded.",
                "Chưa có địa chỉ công bố điểm của tỉnh này: người vận hành đặt PUBLISHED_SCORES. Có thể tải điểm lên.",
            )
        )
    for one in asked:
        body_of(one, province, period)
    if await provinces.province(tx, province) is None:
        raise NotFound(bilingual("Nothing of province {n} is counted.", "Chưa tính dữ liệu nào của tỉnh {n}.", n=province))
    await store.schedule_pulls(tx, province, [(one.name, period.since, period.until) for one in asked], now, ordered=True)
    return [one.name for one in asked]
