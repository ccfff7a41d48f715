"""Taking in inspections and orders of notices: what can never become a notice is refused at the door.

No transaction is open while metrics is asked.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import ValidationError

from services.notices.composition.derive import asked_of_the_whole, demand_comparable
from services.notices.composition.lateness import counts_of, demand_borne
from services.notices.composition.phrases import demand_agencies
from services.notices.composition.sections import demand_sections
from services.notices.drafting.store import notices as notices_store
from services.notices.figures.caveats import Confirmed, caveats_of, demand_confirmed
from services.notices.figures.metrics_client import Metrics
from services.notices.figures.model import agencies_of
from services.notices.inspections import store as inspections_store
from services.notices.inspections.model import Inspection, JSONObject
from shared.database import Connection
from shared.errors import Invalid


def read_stored(body: JSONObject) -> Inspection:
    """An inspection as it was stored; raises `Invalid` when the rules for inspections have changed since."""
    try:
        inspection = Inspection.model_validate(body)
        demand_sections(inspection)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "inspection"
        raise _outdated(f"{place}: {first['msg']}") from error
    except Invalid as error:
        raise _outdated(error.detail) from error
    return inspection


def _outdated(why: str) -> Invalid:
    return Invalid(f"The inspection was handed in under earlier rules and is not valid any more ({why}). Hand it in anew.")


async def hand_in(tx: Connection, inspection: Inspection, key_id: str) -> int:
    """Store an inspection that came with an API key; its number. Raises `Invalid` for findings of what is no section."""
    demand_sections(inspection)
    return await inspections_store.insert(
        tx,
        province=inspection.province,
        scope=inspection.scope,
        since=inspection.period.start,
        until=inspection.period.end,
        body=inspection.stored(),
        key_id=key_id,
    )


async def review(metrics: Metrics, inspection: Inspection, as_of: str | None, confirmed: Confirmed, now: datetime) -> None:
    """Raise what stands against a notice of this inspection at `as_of`.

    `NotFound` for a province or scope that metrics does not know, `Invalid` for a position that is not counted, for a
    comparison of what is no share and for findings that name an unknown agency, `CausesUnborne` for causes that the counts do
    not bear, `Unconfirmed` unless exactly the caveats of the figures are confirmed, `MetricsAway` when metrics cannot be asked.
    """
    catalogue = await metrics.catalogue()
    demand_comparable(inspection, catalogue)
    answer = await metrics.kpis(inspection, asked_of_the_whole(inspection, catalogue), by="agency", as_of=as_of)
    demand_agencies(inspection, agencies_of(answer))
    demand_borne(inspection, counts_of(answer))
    demand_confirmed(caveats_of(answer, inspection.period, now), confirmed.kinds, exactly=True)


async def order(tx: Connection, inspection_id: int, province: str, as_of: str | None, confirmed: Confirmed, key_id: str) -> int:
    """Queue a notice of an inspection that was ordered with an API key; its number."""
    return await notices_store.insert(
        tx, inspection_id=inspection_id, province=province, as_of=as_of, confirmed=confirmed, key_id=key_id
    )
