"""The canonical event: what a source stated of one dossier at one moment.

Every source, whatever it speaks, yields these and nothing else; no field can hold personal data or free text. An event is a
partial assertion: what it leaves out it says nothing about. Events of one source are ordered by its own time (`at`), then by
the reading that made them, then by when they were served last; what is left is ordered by id and digest. That is total, so
the state folded from a set of them does not depend on how they came in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b

import msgspec

from shared.dossier import Channel, Status


class Step(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The dossier entered `status` at `at`."""

    at: datetime
    status: Status
    proven: bool = True
    """False for a "finished" without an end date or a result: some software sends its pauses so (domain.md 1.2)."""


class WorkStep(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A step of the internal process (bước xử lý): a department had the dossier.

    Department and name are known names (`services.ingest.sources.fields.departments`) or codes, never a person's.
    """

    department: str | None = None
    name: str | None = None
    """What was done, or the role that did it."""
    started_at: datetime | None = None
    due_at: datetime | None = None
    """By when the step should have been done, as the source tells it."""
    ended_at: datetime | None = None
    """None: it is under way."""


class Pause(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The office waited for somebody else from `from_at` to `to_at` (None: it still does)."""

    from_at: datetime
    to_at: datetime | None
    kind: Status
    """supplement_requested, payment_requested or suspended."""


class About(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the dossier is. Each field is believed as of the newest event that has it; None says nothing."""

    agency: str | None = None
    """The agency's code as the source writes it."""
    procedure: str | None = None
    """Code without its suffix."""
    channel: Channel | None = None
    digitised_intake: bool | None = None
    digitised_result: bool | None = None
    fee_required: bool | None = None
    fee_online: bool | None = None
    reused: bool | None = None
    supplements: int | None = None


class Particulars(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the index of decision 766 counts of a dossier besides. The newest event that has it says all of it."""

    result_coded: bool | None = None
    """Its electronic result has a code and a link."""
    from_storage: bool | None = None
    """A paper was taken from the personal storage of the national portal."""
    account_verified: bool | None = None
    """The applicant's account was verified with VNeID or the population data."""


class Course(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The course of the dossier as a whole, by the source's own dates; a newer one replaces an older one altogether."""

    status: Status
    received_at: datetime | None = None
    ended_at: datetime | None = None
    """When the source closed it."""
    delivered_at: datetime | None = None
    ready_at: datetime | None = None
    """When the steps show that the result was ready, where that is known apart from `ended_at`."""


class UnknownWord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A word in a field that is counted, and nobody knows what it means."""

    field: str
    """The field as the source names it."""
    word: str
    """As it is written, shortened."""
    setting: str | None
    """Which setting of the source says what it means; None: it can only be corrected at the source."""
    hides: str | None = None
    """The field of `About` that is not known for it; None: the whole record waits in quarantine."""


class Event(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One utterance of a source about one dossier."""

    code: str
    source: str
    """The source's name in the table of sources."""
    id: str
    """The source's identity of this utterance; the same id with other content is another event."""
    at: datetime
    """The source's version time of what it says, not the time we heard it."""
    about: About | None = None
    due_at: datetime | None = None
    """The due date as the source claims it."""
    extended_to: datetime | None = None
    """A due date that the office moved by a letter of apology."""
    extension_letter: str | None = None
    """Reference number of that letter."""
    course: Course | None = None
    pauses: tuple[Pause, ...] | None = None
    """All pauses as a whole; a newer list replaces an older one."""
    steps: tuple[Step, ...] = ()
    """Single steps; they add up over events."""
    deleted: bool = False
    """The source no longer has the dossier."""
    work: tuple[WorkStep, ...] | None = None
    """Steps of the internal process: of an event with a course all of them, and a newer such list replaces an older one; of
    another event single ones, which add up."""
    unknown: tuple[UnknownWord, ...] = ()
    """Words in it that nobody knows: what they hide is not known, whatever older events say of it."""
    reading: int = 0
    """By which reading of its source it was made: revision of mapping and decoder. What the event states is the same by any."""
    served_at: datetime | None = None
    """When its source served it last, as far as that decides anything: a known event that is served again counts anew where
    another one of its source and time stands behind it. None: it was stored before this was noted."""
    particulars: Particulars | None = None


DIGEST_BYTES = 8
_encode = msgspec.msgpack.Encoder(decimal_format="string").encode
_ALL = len(Event.__struct_fields__) - 1
"""Of an event without `particulars`, which came last: it is stored as before there were such."""
_STORED = b"\xdc" + _ALL.to_bytes(2)
_WITH_UNKNOWN, _WITH_WORK, _WITHOUT_WORK = (bytes((0x90 | (_ALL - left_out),)) for left_out in (2, 3, 4))
"""The msgpack headers of the array of all fields, of what an event states, and of that without `unknown` and `work`."""
_NO_WORK, _NO_WORDS, _NO_PARTICULARS = _encode(None), _encode(()), _encode(None)


def encode(event: Event) -> bytes:
    """What the event states: equal statements have equal bytes, by whichever reading and however often they came.

    One without `unknown` or `work` is written without them: an event that was stored before there were these fields is known
    again when it comes once more. One with `particulars`, which came last, is written whole.
    """
    if event.particulars is not None:
        return _encode(msgspec.structs.replace(event, reading=0, served_at=None))
    whole = _encode(event)
    stated = whole[len(_STORED) : -len(_origin(event.reading, event.served_at)) - len(_NO_PARTICULARS)]
    if event.unknown:
        return _WITH_UNKNOWN + stated
    return _WITHOUT_WORK + stated[:-2] if event.work is None else _WITH_WORK + stated[:-1]


def stored(event: Event, encoded: bytes) -> bytes:
    """The event as it is stored: what it states (`encode`), with its reading and last serving where it has them."""
    if event.particulars is not None:
        return _encode(event)
    if not event.reading and event.served_at is None:
        return encoded
    left_out = b"" if event.unknown else _NO_WORDS if event.work is not None else _NO_WORK + _NO_WORDS
    return _STORED + encoded[1:] + left_out + _origin(event.reading, event.served_at)


@lru_cache(1_024)
def _origin(reading: int, served_at: datetime | None) -> bytes:
    return _encode(reading) + _encode(served_at)


def digest(encoded: bytes) -> bytes:
    """Eight bytes that tell a dossier's events apart; equal content has an equal digest."""
    return blake2b(encoded, digest_size=DIGEST_BYTES).digest()


class Reason(StrEnum):
    """Why a record is in quarantine."""

    unreadable = "unreadable"
    no_code = "no_code"
    bad_code = "bad_code"
    bad_date = "bad_date"
    date_out_of_range = "date_out_of_range"
    wrong_type = "wrong_type"
    unknown_status = "unknown_status"
    unknown_channel = "unknown_channel"
    missing_field = "missing_field"
    unknown_field = "unknown_field"
    too_long = "too_long"
    extra_cells = "extra_cells"
    unknown_headings = "unknown_headings"
    unknown_flag = "unknown_flag"
    history_full = "history_full"
    unforeseen = "unforeseen"


class Withheld:
    """A text by which a record is known again and that nobody may see: only a keyed digest of it is stored."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        """`text` is what stood where a code belongs."""
        self.text = text

    def __repr__(self) -> str:
        """Without the text."""
        return "Withheld()"


class Rejected(msgspec.Struct, frozen=True):
    """A record that could not become an event: kept in quarantine with its whitelisted fields only."""

    reason: Reason
    detail: str
    """One English sentence naming the field and what was wrong; never the raw value of a field off the whitelist."""
    fields: Mapping[str, object]
    """The whitelisted fields as the source wrote them, shortened; enough to decode it again when rules have changed."""
    code: str | None = None
    withheld: Withheld | None = None
    """Of a record of which nothing may be kept."""
    version_at: datetime | None = None
    """The version time that it bears, where that can be read."""
    repetition: int = 0
    """How many equal records stood before it in the same file, request or page; see `events.repetitions`."""
    unknown: UnknownWord | None = None
    """The word that nobody knows, of a record that waits for it."""


class Batch(msgspec.Struct, frozen=True):
    """What one page, file part or push held: `served` = len(events) + len(rejected)."""

    events: list[Event]
    rejected: list[Rejected]
    cursor: Mapping[str, object] | None = None
    """Where the source has been read to, stored with the batch's effect; None where there is no place to keep."""
    total: int | None = None
    """How many dossiers the source says it has, where it does."""
    reading: int = 0
    """By which reading of the source its records were read."""
    served_at: datetime | None = None
    """When the source served them; of two records of one dossier in a batch the later one is the newer."""
    imported: int | None = None
    """Number of the import of the file that held them; None: they came otherwise."""

    @property
    def served(self) -> int:
        """Records in the batch."""
        return len(self.events) + len(self.rejected)
