"""Counting a batch of the feed: exactly once, whatever process dies."""

from __future__ import annotations

import time
from collections.abc import Sequence

from services.metrics.agencies import store as agencies_store
from services.metrics.counting.store import ledgers, versions
from services.metrics.provinces.model import UNMARKED, FeedMark
from services.metrics.provinces.store import batches, provinces
from shared.contracts.feed import Catalogue, CatalogueStep, FeedItem
from shared.database import Connection
from shared.errors import Conflict, Guidance


class FeedGap(Conflict):
    """Versions are missing between what is counted and what came."""

    type = "feed-gap"
    title = "The feed has a gap"
    guidance = Guidance(
        "Nothing: the worker asks for the missing versions by itself. Tell the operator when it stays.",
        "Dòng dữ liệu bị hổng",
        "Thiếu phiên bản giữa phần đã tính và phần vừa đến.",
        "Không cần làm gì: tiến trình tự xin lại phần thiếu. Nếu kéo dài, báo người vận hành.",
    )


async def apply(
    tx: Connection,
    province: str,
    items: Sequence[FeedItem],
    head: int,
    mark: FeedMark = UNMARKED,
    *,
    steps: Sequence[CatalogueStep] = (),
    catalogue: Catalogue | None = None,
) -> int:
    """Count `items`, which with `steps` follow the province's position without a gap; return the position reached.

    The position moves in the same transaction as the counters, so items that are counted already (the response to a COMMIT was
    lost) change nothing. Raises `FeedGap` when something is missing in between; nothing is counted then.

    `mark`: of the last item, by which its feed is known again. Of several versions of a dossier in a batch the last counts.
    `steps`: the changes of the catalogue in between; `catalogue`: as the last of them left it.
    """
    began = time.perf_counter()
    await provinces.begin(tx, province)
    positions = [item.position for item in items]
    if steps:
        positions = sorted([*positions, *(step.position for step in steps)])
    if not positions:
        await provinces.see_head(tx, province, head)
        known = await provinces.province(tx, province)
        return known.position if known else 0
    first, last = positions[0], positions[-1]
    if last - first + 1 != len(positions):
        raise FeedGap(f"The feed of province {province} gave {len(positions)} versions for the positions {first} to {last}.")
    received = (item.facts.received_on for item in items if not item.facts.deleted)
    first_on = min((day for day in received if day is not None), default=None)
    if not await provinces.advance(tx, province, first, last, head, mark, first_on, counted_by=ledgers.revision()):
        known = await provinces.province(tx, province)
        position = known.position if known else 0
        if position >= last:
            return position
        raise FeedGap(
            f"Province {province} is counted up to {position}, and the feed gave {first} to {last}. Read on from {position}."
        )
    if catalogue is not None:
        await agencies_store.take_catalogue(tx, catalogue)
    latest = {item.number: item for item in items}
    if latest:
        numbers = await agencies_store.number_agencies(tx, province, {item.facts.agency for item in latest.values()})
        newest = await versions.newest_number(tx, province)
        await versions.insert(tx, province, latest.values(), numbers)
        await versions.count_batch(tx, province, first, last, latest.keys(), newest)
    await batches.record_batch(tx, province, last, len(items), time.perf_counter() - began)
    return last
