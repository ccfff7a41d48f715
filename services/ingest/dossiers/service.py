"""Intake: events of a province go in, new versions of its dossiers come out in the feed, all in the caller's transaction.

The province's row is locked first, so one intake at a time reads, folds and writes its dossiers, positions are dense and
ordered by commit, and the ruleset that is read then is the newest until the commit. Doing it again is harmless: what is known
changes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.dating.assessment import assess
from services.ingest.dossiers.dating.facts import facts_of
from services.ingest.dossiers.folding import DossierState, FindingKind, fold
from services.ingest.dossiers.history import (
    StoredEvent,
    decode_history,
    merged,
    newer_entries,
    packed,
    served,
    stands_last,
    stored_event,
    unseen,
)
from services.ingest.dossiers.rejections import failing, overfull, quarantine_rejected, release_read, undated
from services.ingest.dossiers.store import DatedRow, DatingRow, DossierRow, UnmappedRow
from services.ingest.dossiers.story import unknown_by_source
from services.ingest.dossiers.unmapped import UnmappedCode, add_counts, unmapped_in, unmapped_of
from services.ingest.events.model import DIGEST_BYTES, Batch, Event, Rejected
from services.ingest.feed import store as feed_store
from services.ingest.feed.store import FeedRow
from services.ingest.provinces import store as provinces_store
from services.ingest.provinces.service import locked
from services.ingest.unknown_words.store import WordRow, put_words
from shared.database import TRANSIENT_ERRORS, Connection
from shared.dossier import Facts
from shared.errors import Problem
from shared.logs import logger, where

log = logger("intake")

MAX_EVENTS = 2_000
"""Events kept of one dossier; real ones have a few dozen. What comes after goes to quarantine, not into a row without end."""
MAX_HISTORY = 256 * 1024
"""Bytes of all events of one dossier as they are kept: each further one is folded with all of them."""

_UNKNOWN_WORD = FindingKind.unknown_word.value
_encode_facts = msgspec.json.Encoder().encode


class IntakeCounts(NamedTuple):
    """What became of the records of a batch; they add up to what was served."""

    accepted: int = 0
    known: int = 0
    superseded: int = 0
    quarantined: int = 0
    head: int = 0
    """Position of the feed after the batch."""
    versions: int = 0
    """How many versions it made."""
    unmapped: Mapping[UnmappedCode, int] = MappingProxyType({})
    """Codes that the catalogue does not know, by how many accepted records name them."""

    @property
    def served(self) -> int:
        """accepted + known + superseded + quarantined."""
        return self.accepted + self.known + self.superseded + self.quarantined


class RedatingProgress(NamedTuple):
    """What became of some dossiers that were dated anew."""

    examined: int
    done_to: int
    """Number of the last dossier that was looked at; the upper bound when there are no further ones."""
    finished: bool
    before: int
    """Position of the feed before them."""
    head: int
    """Position of the feed after them."""
    replaced: list[tuple[int, Facts]]
    """Of each that got a new version, the position of its version before, and what it is now."""


async def apply_batch(
    tx: Connection,
    province: str,
    source: str,
    batch: Batch,
    rulesets: RulesetCache,
    *,
    pull: int | None = None,
    came_before: datetime | None = None,
) -> IntakeCounts:
    """Apply a batch under the province's lock, by the ruleset as it is then; raises `NotFound` when there is no such province.

    Every record of the batch is accepted, known already, superseded, or in quarantine with a reason. What waits there of its
    dossiers since before this batch is released; `came_before`: since before this instant, when the batch's file began.
    """
    row = await locked(tx, province)
    ruleset = await rulesets.at(tx, province, row.catalogue)
    rejected = list(batch.rejected)
    by_code = served(batch)
    there = await dossiers_store.dossiers_by_code(tx, province, list(by_code)) if by_code else {}

    counts = _Counts()
    unmapped: Counter[UnmappedCode] = Counter()
    news: set[str] = set()
    writing = PendingRows(province, row.head, row.numbers)
    for code, entries in by_code.items():
        before = there.get(code)
        if before is None:
            fresh = entries if len(entries) == 1 else merged((), entries)
            counts.known += len(entries) - len(fresh)
            rejected += _overfull(_cut(fresh))
            counts.accepted += len(fresh)
            news.add(code)
            state = fold([entry.event for entry in fresh], ruleset.sources)
            assessment = assess(state, ruleset)
            writing.new(source, fresh, facts_of(assessment), state)
            unmapped.update(unmapped_in((entry.event for entry in fresh), assessment.catalogue_on, ruleset))
            continue
        fresh = unseen(entries, before.seen)
        if not fresh and stands_last(entries, before.seen):
            counts.known += len(entries)
            continue
        # Before it is decoded: what has no room must cost nothing.
        over = _cut(fresh, len(before.seen) // DIGEST_BYTES, len(before.history))
        rejected += _overfull(over)
        counts.known += len(entries) - len(fresh) - len(over)
        if over and not fresh:
            continue
        history = [stored_event(event) for event in decode_history(before.history)]
        beyond = {entry.digest for entry in over}
        after = merged(history, (entry for entry in entries if entry.digest not in beyond))
        newer = newer_entries(after, history)
        if not newer:
            continue
        state = fold([entry.event for entry in after], ruleset.sources)
        assessment = assess(state, ruleset)
        changed = writing.merged(before, after, facts_of(assessment), state)
        newest = {entry.event.source: entry.key for entry in history}
        taken = newer if changed else [entry for entry in fresh if entry.key >= newest.get(entry.event.source, entry.key)]
        counts.accepted += len(taken)
        if taken:
            news.add(code)
        if changed:
            counts.known -= len(newer) - len(fresh)
        else:
            counts.superseded += len(fresh) - len(taken)
        unmapped.update(unmapped_in((entry.event for entry in taken), assessment.catalogue_on, ruleset))
    await writing.write(tx)
    # Before what this batch cannot read: only what came earlier is made good by it.
    cut = {one.code for one in rejected[len(batch.rejected) :]}
    read = {code: [entry.event for entry in entries] for code, entries in by_code.items() if code not in cut}
    await release_read(tx, province, source, read, news, came_before)
    await quarantine_rejected(tx, province, source, pull, rejected, batch.imported)
    versions = writing.head - row.head
    return IntakeCounts(counts.accepted, counts.known, counts.superseded, len(rejected), writing.head, versions, unmapped)


async def apply_batch_isolated(
    tx: Connection,
    province: str,
    source: str,
    batch: Batch,
    rulesets: RulesetCache,
    *,
    pull: int | None = None,
    came_before: datetime | None = None,
) -> IntakeCounts:
    """As `apply_batch`, but an event that fails on its way into the dossiers stops nobody else: it alone goes to quarantine.

    What a second try can mend (`TRANSIENT_ERRORS`) and what speaks of the province as a whole is raised as ever.
    """
    try:
        async with tx.transaction():
            return await apply_batch(tx, province, source, batch, rulesets, pull=pull, came_before=came_before)
    except (*TRANSIENT_ERRORS, Problem):
        raise
    except Exception as error:
        if not batch.events:
            raise
        if len(batch.events) == 1:
            alone = replace(batch, events=[], rejected=[*batch.rejected, failing(batch.events[0], error)])
            return await apply_batch(tx, province, source, alone, rulesets, pull=pull)
    middle = len(batch.events) // 2
    first, second = [
        await apply_batch_isolated(tx, province, source, half, rulesets, pull=pull, came_before=came_before)
        for half in (
            replace(batch, events=batch.events[:middle], rejected=[]),
            replace(batch, events=batch.events[middle:]),
        )
    ]
    return IntakeCounts(
        first.accepted + second.accepted,
        first.known + second.known,
        first.superseded + second.superseded,
        first.quarantined + second.quarantined,
        second.head,
        first.versions + second.versions,
        add_counts(first.unmapped, second.unmapped),
    )


async def redate(
    tx: Connection,
    province: str,
    rulesets: RulesetCache,
    *,
    after: int,
    upto: int,
    limit: int,
    size: int,
    only_unmapped: bool = False,
) -> RedatingProgress:
    """Fold and date the next dossiers with `after` < number <= `upto` anew by the ruleset as it is now, by `limit` and `size`.

    Only those whose facts come out different get a new version. One whose dating fails unforeseen stays as it is and stops no
    other; its newest event is put into quarantine. Raises `NotFound` when there is no such province.
    """
    row = await locked(tx, province)
    ruleset = await rulesets.at(tx, province, row.catalogue)
    dossiers = await dossiers_store.dossiers_to_date(tx, province, after, upto, limit, size, only_unmapped=only_unmapped)
    writing = PendingRows(province, row.head, row.numbers)
    culprits: dict[str, list[Rejected]] = defaultdict(list)
    for one in dossiers:
        events = decode_history(one.history)
        try:
            state = fold(events, ruleset.sources)
            facts = facts_of(assess(state, ruleset))
        except Exception as error:
            log.error(
                "dossier not dated anew", province=province, number=one.number, error=type(error).__name__, at=where(error)
            )
            culprits[one.source].append(undated(events[-1], error))
        else:
            writing.redated(one, facts, state, events[-1].at)
    await writing.write(tx)
    for source, rejected in culprits.items():
        await quarantine_rejected(tx, province, source, None, rejected)
    # Fewer than `limit` may be so because of their size.
    finished = not dossiers
    return RedatingProgress(
        examined=len(dossiers),
        done_to=upto if finished else dossiers[-1].number,
        finished=finished,
        before=row.head,
        head=writing.head,
        replaced=writing.replaced,
    )


def history_of(row: DossierRow, source: str | None = None) -> list[Event]:
    """All events of a dossier, or those of one source, in order."""
    events = decode_history(row.history)
    return events if source is None else [event for event in events if event.source == source]


class _Counts:
    """Counts in the making."""

    accepted = known = superseded = 0


class PendingRows:
    """The rows that one transaction will write."""

    def __init__(self, province: str, head: int, numbers: int) -> None:
        self._province = province
        self._numbers_before = numbers
        self._head_before = head
        self.head = head
        self.numbers = numbers
        self._inserts: list[DossierRow] = []
        self._updates: list[DossierRow] = []
        self._dated: list[DatedRow] = []
        self.replaced: list[tuple[int, Facts]] = []
        self._feed: list[FeedRow] = []
        self._words: dict[str, list[WordRow]] = {}
        self._unmapped: dict[int, list[UnmappedRow]] = {}

    def new(self, source: str, entries: list[StoredEvent], facts: Facts, state: DossierState) -> None:
        """A dossier that was not known."""
        self.numbers += 1
        position, facts_digest = self._version(self.numbers, facts)
        self._inserts.append(_row(facts.code, self.numbers, source, position, facts_digest, facts, state, entries))
        self._note_words(facts.code, entries, ())
        self._note_unmapped(self.numbers, source, facts, state, entries[-1].event.at, mapped=True)

    def merged(self, before: DossierRow, entries: list[StoredEvent], facts: Facts, state: DossierState) -> bool:
        """A known dossier with new events; says whether its facts changed."""
        position, facts_digest = self._version(before.number, facts, before.position, before.facts_digest)
        self._updates.append(_row(before.code, before.number, before.source, position, facts_digest, facts, state, entries))
        self._note_words(before.code, entries, before.findings or ())
        self._note_unmapped(before.number, before.source, facts, state, entries[-1].event.at, mapped=before.mapped)
        return position != before.position

    def redated(self, before: DatingRow, facts: Facts, state: DossierState, changed_at: datetime) -> None:
        """A known dossier by another ruleset; its last change was at `changed_at`."""
        number, position_before = before.number, before.position
        position, facts_digest = self._version(number, facts, position_before, before.facts_digest)
        self._note_unmapped(number, before.source, facts, state, changed_at, mapped=False)
        if position != position_before:
            self.replaced.append((position_before, facts))
            self._dated.append(DatedRow(number, position, facts_digest, _mapped(facts), _kinds(state)))

    def _note_unmapped(
        self, number: int, source: str, facts: Facts, state: DossierState, changed_at: datetime, *, mapped: bool
    ) -> None:
        if not (mapped and _mapped(facts)):
            self._unmapped[number] = [UnmappedRow(number, *one, source) for one in unmapped_of(facts, state.about, changed_at)]

    def _note_words(self, code: str, entries: list[StoredEvent], findings: Collection[str]) -> None:
        """Words that nobody knows in a dossier, where it has any or had some."""
        events = [entry.event for entry in entries]
        if _UNKNOWN_WORD not in findings and not any(event.unknown for event in events):
            return
        self._words[code] = [
            WordRow(code, source, word.field, word.word, word.setting, last.served_at or last.at)
            for source, (words, last) in unknown_by_source(events).items()
            for word in words
        ]

    def _version(
        self, number: int, facts: Facts, position_before: int = 0, digest_before: bytes | None = None
    ) -> tuple[int, bytes]:
        body = _encode_facts(facts)
        facts_digest = blake2b(body, digest_size=DIGEST_BYTES).digest()
        if facts_digest == digest_before:
            return position_before, facts_digest
        self.head += 1
        self._feed.append(FeedRow(self.head, number, body.decode()))
        return self.head, facts_digest

    async def write(self, tx: Connection) -> None:
        """Positions last, then the versions that carry them."""
        if self._inserts:
            await dossiers_store.insert_dossiers(tx, self._province, self._inserts)
        await dossiers_store.update_dossiers(tx, self._province, self._updates)
        await dossiers_store.update_dated(tx, self._province, self._dated)
        unmapped = [row for rows in self._unmapped.values() for row in rows]
        await dossiers_store.put_unmapped(tx, self._province, list(self._unmapped), unmapped)
        await put_words(tx, self._province, list(self._words), [row for rows in self._words.values() for row in rows])
        if self._feed or self.numbers != self._numbers_before:
            await provinces_store.advance(tx, self._province, head=self.head, numbers=self.numbers)
            await feed_store.append(tx, self._province, self._feed)


def _row(
    code: str,
    number: int,
    source: str,
    position: int,
    facts_digest: bytes,
    facts: Facts,
    state: DossierState,
    entries: list[StoredEvent],
) -> DossierRow:
    seen, history = packed(entries)
    return DossierRow(code, number, source, position, facts_digest, _mapped(facts), _kinds(state), seen, history)


def _mapped(facts: Facts) -> bool:
    return facts.agency is not None and facts.procedure is not None


def _kinds(state: DossierState) -> list[str] | None:
    return sorted({finding.kind.value for finding in state.findings}) if state.findings else None


def _cut(entries: list[StoredEvent], events: int = 0, size: int = 0) -> list[StoredEvent]:
    """Take out of `entries` what has no room beside so many events of so many bytes, and return it."""
    fitting: list[StoredEvent] = []
    over: list[StoredEvent] = []
    for entry in entries:
        if events < MAX_EVENTS and size + len(entry.encoded) <= MAX_HISTORY:
            fitting.append(entry)
            events += 1
            size += len(entry.encoded)
        else:
            over.append(entry)
    entries[:] = fitting
    return over


def _overfull(entries: list[StoredEvent]) -> list[Rejected]:
    return [overfull(entry.event, MAX_EVENTS, MAX_HISTORY) for entry in entries]
