"""Reading a file of petitions: a child process cuts it into rows, and what each says is decided here. Nothing is stored."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import msgspec

from services.ingest.events.model import Rejected
from services.ingest.events.reasons import wording
from services.ingest.files.messages import ListSummary, ReadOptions, RowBatch, unpacked
from services.ingest.petition_files.decoding import PetitionDecoder, RowLine, rejected_of
from services.ingest.petition_files.vocabulary import KNOWN_HEADINGS
from services.ingest.sources.kinds.files.dates import Order
from shared.contracts.petitions import PetitionFile, PetitionReading, PetitionSheet, ReadPetition, RejectedPetition
from shared.errors import TooLarge, Unreadable
from shared.languages import Bilingual, bilingual
from shared.sandbox.parent import Sandbox

READER = "services.ingest.files.rows:read"
OPTIONS = ReadOptions({}, None, (), {field: tuple(headings) for field, headings in KNOWN_HEADINGS.items()})
MAX_ROWS = 50_000
"""Of a file, which is held whole; a province has some thousand petitions a year."""


async def read_file(sandbox: Sandbox, chunks: AsyncIterator[bytes], latest: datetime, order: Order | None) -> PetitionFile:
    """A whole file as it is understood.

    Raises `Unreadable` for what is no list of petitions, and where the dates of a column prove two orders of day and month;
    `TooLarge` and `Unavailable` as the sandbox does.
    """
    batches: list[RowBatch] = []
    summary = None
    rows = 0
    async with sandbox.child(READER, msgspec.json.encode(OPTIONS)) as child:
        async for message in child.messages(chunks):
            decoded = unpacked(message)
            if isinstance(decoded, ListSummary):
                summary = decoded
                continue
            rows += len(decoded.rows)
            if rows > MAX_ROWS:
                raise TooLarge(
                    bilingual(
                        "The file has more than {n} rows. Send it in parts, such as one for each year.",
                        "Tệp có hơn {n} dòng. Gửi thành nhiều phần, ví dụ theo từng năm.",
                        n=MAX_ROWS,
                    )
                )
            batches.append(decoded)
    assert summary is not None, "the reader came to its end"
    return understood(batches, summary, latest, order)


def understood(batches: Sequence[RowBatch], summary: ListSummary, latest: datetime, order: Order | None) -> PetitionFile:
    """What the rows of a file say. All of its dates decide in which order they are read."""
    decoder = PetitionDecoder(latest, order)
    placed = [(RowLine(line, batch.sheet), row) for batch in batches for line, row in zip(batch.lines, batch.rows, strict=True)]
    for _, row in placed:
        if not isinstance(row, Rejected):
            decoder.observe(row)
    decoder.dates.settle()
    petitions: list[ReadPetition] = []
    rejected: list[RejectedPetition] = []
    for place, row in placed:
        if isinstance(row, Rejected):
            words = wording(row.reason)
            what = Bilingual(f"{row.detail} {words.todo_en}", f"{words.vi} {words.todo_vi}")
            rejected.append(rejected_of(place, None, row.reason.value, what))
            continue
        read = decoder.read(place, row)
        if isinstance(read, RejectedPetition):
            rejected.append(read)
        else:
            petitions.append(read)
    if decoder.dates.contradicted is not None:
        raise Unreadable(
            bilingual(
                "The dates of {field} prove both orders, dd/mm and mm/dd, so days and months may be exchanged. Say which is"
                " meant with `dates`, or correct the dates.",
                "Cột {field} có cả ngày theo dd/mm và mm/dd nên ngày, tháng có thể bị đảo. Ghi rõ bằng tham số `dates`, hoặc"
                " sửa các ngày.",
                field=decoder.dates.contradicted,
            )
        )
    return PetitionFile(
        reading=PetitionReading(
            format=summary.format,
            encodings=summary.encodings,
            sheets=[PetitionSheet(one.name, one.read, one.rows) for one in summary.sheets],
            columns={heading: field for heading, field in summary.columns.items() if field is not None},
            dropped=[heading for heading, field in summary.columns.items() if field is None],
            dates={one.field: one.order for one in decoder.dates.settled()},
            lines=summary.lines,
            skipped=summary.skipped,
            rows=len(placed),
        ),
        petitions=petitions,
        rejected=rejected,
    )
