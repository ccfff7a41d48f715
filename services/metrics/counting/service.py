"""Folding a piece of the feed into the counters: exactly once, whatever dies in between."""

from __future__ import annotations

import time
from collections.abc import Sequence

from services.metrics.agencies import store as catalogue
from services.metrics.counting.store import versions
from services.metrics.provinces import store as streams
from shared.contracts.feed import FeedItem
from shared.database import Connection
from shared.errors import Conflict, Guidance


class Gap(Conflict):
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
    tx: Connection, stream: str, items: Sequence[FeedItem], head: int, mark: streams.Mark = streams.UNMARKED
) -> int:
    """Count `items`, which follow the stream's position without a gap; return the position reached.

    The place in the feed moves in the same transaction as the effect, so items that are counted already (the answer to a
    COMMIT was lost) change nothing. Raises `Gap` when something is missing in between; nothing is counted then.

    `mark` is that of the last item, to know its feed again. Between two versions of one dossier in the same
    batch nobody can have asked: the last one counts.
    """
    began = time.perf_counter()
    await streams.begin(tx, stream)
    if not items:
        await streams.see_head(tx, stream, head)
        known = await streams.stream(tx, stream)
        return known.position if known else 0
    first, last = items[0].position, items[-1].position
    if last - first + 1 != len(items):
        raise Gap(f"The feed of stream {stream} gave {len(items)} versions for the positions {first} to {last}.")
    if not await streams.advance(tx, stream, first, last, head, mark):
        known = await streams.stream(tx, stream)
        position = known.position if known else 0
        if position >= last:
            return position
        raise Gap(f"Stream {stream} is counted up to {position}, and the feed gave {first} to {last}. Read on from {position}.")
    latest = {item.number: item for item in items}
    agencies = await catalogue.number_agencies(tx, stream, {item.facts.agency for item in latest.values()})
    newest = await versions.newest_number(tx, stream)
    await versions.keep(tx, stream, latest.values(), agencies)
    await versions.count(tx, stream, first, last, latest.keys(), newest)
    await streams.record_batch(tx, stream, last, len(items), time.perf_counter() - began)
    return last
