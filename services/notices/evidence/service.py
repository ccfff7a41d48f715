"""Handing in evidence, and reading any of its versions: what changes ends in one version and stands on in another."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Literal, NamedTuple

from services.notices.evidence import store as evidence_store
from services.notices.evidence.entries import EvidenceEntry, check_entries
from services.notices.evidence.model import EvidenceItem, EvidenceItems, EvidenceSet, ItemKey, Template
from services.notices.evidence.store import ItemRow
from services.notices.evidence.templates import template_of
from services.notices.figures.metrics_client import Metrics
from services.notices.figures.model import Subject
from services.notices.figures.pinning import agencies_of
from services.notices.inspections.model import Inspection
from shared.database import Connection
from shared.errors import Conflict, Guidance, Invalid
from shared.languages import bilingual


class EvidenceChange(NamedTuple):
    """What handing in evidence did."""

    version: int
    """The newest version; the one before where nothing changed."""
    inserted: int
    changed: int
    removed: int

    @property
    def nothing(self) -> bool:
        """Whether all stood already as it was handed in."""
        return not (self.inserted or self.changed or self.removed)


class ItemChange(NamedTuple):
    """What became of an item between two versions."""

    kind: Literal["inserted", "changed", "removed"]
    before: EvidenceItem | None
    after: EvidenceItem | None

    @property
    def key(self) -> ItemKey:
        """Whose it is."""
        one = self.after or self.before
        assert one is not None
        return one.key


async def agencies_inspected(metrics: Metrics, inspection: Inspection) -> tuple[Subject, ...]:
    """The agencies of an inspection's scope, as metrics knows them; raises what its client raises."""
    response = await metrics.kpis(inspection, ("received_new",), by="agency", as_of=None)
    return tuple(one for one in agencies_of(response) if one.key != "unmapped")


class EvidenceOutdated(Conflict):
    """Evidence was handed in by a template that is not that of the inspection's period any more."""

    type = "evidence-of-another-template"
    title = "The evidence answers the template of another period"
    guidance = Guidance(
        "Take out what the detail names (`remove` of PATCH), or hand in the whole anew (PUT): earlier versions keep it.",
        "Nội dung kiểm tra theo mẫu của kỳ khác",
        "Kỳ kiểm tra đã được sửa; nội dung đã nhập theo mẫu của kỳ khác.",
        "Bỏ các nội dung nêu trong chi tiết (`remove` của PATCH), hoặc gửi lại toàn bộ (PUT): phiên bản trước vẫn giữ.",
    )


def demand_answering(template: Template, items: Iterable[EvidenceItem]) -> None:
    """Raise `EvidenceOutdated` for items that answer nothing of the template of their inspection's period."""
    others = [one for one in items if not template.takes(one)]
    if others:
        names = dict.fromkeys(one.item for one in others)
        raise EvidenceOutdated(
            bilingual(
                "{n} items of the evidence answer nothing of the template of {year}, that of the period now: {names}. Take"
                " them out with PATCH (`remove`), or hand in the whole anew with PUT: earlier versions keep them.",
                "{n} nội dung đã nhập không thuộc mẫu năm {year} của kỳ kiểm tra: {names}. Bỏ bằng PATCH (`remove`), hoặc gửi"
                " lại toàn bộ bằng PUT; các phiên bản trước vẫn giữ nguyên.",
                n=len(others),
                year=template.year,
                names=", ".join([*names][:_NAMED]) + (" ..." if len(names) > _NAMED else ""),
            )
        )


_NAMED = 12
"""Items that one problem names."""


async def demand_items(
    entries: Sequence[EvidenceEntry], inspection: Inspection, agencies: Sequence[Subject], present: EvidenceItems = ()
) -> EvidenceItems:
    """The items of entries, beside those that stand on; raises `Invalid` with every fault and its place.

    In a thread: a hundred agencies answer thousands of items.
    """
    template = template_of(inspection.period.end)
    present = tuple(one for one in present if template.takes(one))  # a corrected period may have another template
    found = await asyncio.to_thread(
        check_entries, entries, template, agencies, reported_on=inspection.report.on, present=present
    )
    if found.faults:
        raise Invalid.of_fields(found.faults)
    return found.items


async def read_present(tx: Connection, inspection: int, removed: Collection[ItemKey] = ()) -> EvidenceItems:
    """The newest evidence of an inspection without what is removed."""
    return tuple(one.item for key, one in (await _present(tx, inspection)).items() if key not in removed)


async def stood_in(tx: Connection, inspection: int, version: int) -> EvidenceItems:
    """The evidence of an inspection in a version."""
    return await _items(await evidence_store.page(tx, inspection, version))


async def put(
    tx: Connection, inspection: int, items: Iterable[EvidenceItem], *, template: Template, key_id: str
) -> EvidenceChange:
    """Replace the evidence of an inspection by these items. The caller holds the inspection's row."""
    present = await _present(tx, inspection)
    wanted = {one.key: one for one in items}
    return await _store(tx, inspection, present, wanted, present.keys() - wanted.keys(), template, key_id)


async def patch(
    tx: Connection,
    inspection: int,
    items: Iterable[EvidenceItem],
    removed: Iterable[ItemKey],
    *,
    template: Template,
    key_id: str,
) -> EvidenceChange:
    """Add or change these items and remove others; the rest stands. The caller holds the inspection's row.

    Raises `EvidenceOutdated` where what would stand on is of another template.
    """
    present = await _present(tx, inspection)
    wanted = {one.key: one for one in items}
    gone = (set(removed) - wanted.keys()) & present.keys()
    rest = [one.item for key, one in present.items() if key not in gone and key not in wanted]
    await asyncio.to_thread(demand_answering, template, rest)
    return await _store(tx, inspection, present, wanted, gone, template, key_id)


class _PresentItem(NamedTuple):
    """An item of the newest version, and its row."""

    id: int
    item: EvidenceItem


async def _present(tx: Connection, inspection: int) -> dict[ItemKey, _PresentItem]:
    newest = await evidence_store.newest(tx, inspection)
    rows = [] if newest is None else await evidence_store.page(tx, inspection, newest.version)
    items = await _items(rows)
    return {item.key: _PresentItem(row.id, item) for row, item in zip(rows, items, strict=True)}


async def _items(rows: Sequence[ItemRow]) -> EvidenceItems:
    """What rows state. In a thread: an inspection has up to tens of thousands."""
    return await asyncio.to_thread(lambda: tuple(row.item for row in rows))


async def _store(
    tx: Connection,
    inspection: int,
    present: dict[ItemKey, _PresentItem],
    wanted: dict[ItemKey, EvidenceItem],
    removed: Iterable[ItemKey],
    template: Template,
    key_id: str,
) -> EvidenceChange:
    newest = await evidence_store.newest(tx, inspection)
    version = 0 if newest is None else newest.version
    inserted = [one for key, one in wanted.items() if key not in present]
    changed = [one for key, one in wanted.items() if key in present and present[key].item != one]
    ended = [present[key].id for key in (*removed, *(one.key for one in changed))]
    if not inserted and not ended:
        return EvidenceChange(version, 0, 0, 0)
    counts = (len(inserted), len(changed), len(ended) - len(changed))
    await evidence_store.insert_version(
        tx,
        inspection,
        version + 1,
        template=template.year,
        inserted=counts[0],
        changed=counts[1],
        removed=counts[2],
        key_id=key_id,
    )
    await evidence_store.end_items(tx, ended, version + 1)
    await evidence_store.insert_items(tx, inspection, [*inserted, *changed], version + 1)
    return EvidenceChange(version + 1, *counts)


async def read(tx: Connection, inspection: int, period_end: date) -> EvidenceSet:
    """The newest evidence of an inspection, which a notice is composed from; empty where none was handed in.

    Raises `EvidenceOutdated`.
    """
    template = template_of(period_end)
    version, items = await _newest_items(tx, inspection)
    await asyncio.to_thread(demand_answering, template, items)
    return EvidenceSet(version, template, items)


async def read_answering(tx: Connection, inspection: int, period_end: date) -> EvidenceSet:
    """The newest evidence of an inspection as far as it answers the template of its period."""
    template = template_of(period_end)
    version, items = await _newest_items(tx, inspection)
    return EvidenceSet(version, template, tuple(one for one in items if template.takes(one)))


async def _newest_items(tx: Connection, inspection: int) -> tuple[int, EvidenceItems]:
    newest = await evidence_store.newest(tx, inspection)
    return (0, ()) if newest is None else (newest.version, await stood_in(tx, inspection, newest.version))


async def changes(tx: Connection, inspection: int, *, since: int, upto: int) -> list[ItemChange]:
    """What differs between two versions, by item, subject and about; 0 is the time before any was handed in."""
    rows = await evidence_store.moved(tx, inspection, since=since, upto=upto)
    found = []
    for _, group in groupby(rows, lambda row: row.item.key):
        before, after = None, None
        for row in group:
            if _stands(row, upto):
                after = row.item
            else:
                before = row.item
        if before == after:
            continue  # changed, and changed back
        kind: Literal["inserted", "changed", "removed"] = (
            "inserted" if before is None else "removed" if after is None else "changed"
        )
        found.append(ItemChange(kind, before, after))
    return sorted(found, key=lambda one: one.key)


def _stands(row: ItemRow, version: int) -> bool:
    return row.first_version <= version and (row.end_version is None or row.end_version > version)
