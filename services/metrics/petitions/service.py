"""Stating what became of petitions: what says something new is stored, and what was said before changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from services.metrics.agencies.model import Units
from services.metrics.petitions.agency_names import AgencyNames
from services.metrics.petitions.model import Clock, Petition, clock_of
from services.metrics.petitions.store import petitions as store
from services.metrics.petitions.store import rejected as waiting
from services.metrics.provinces.store.provinces import lock
from shared.contracts.kpis import Text
from shared.contracts.petitions import PetitionFile, PetitionsTaken, ReadPetition, RejectedPetition, Subject
from shared.database import Connection
from shared.errors import NotFound
from shared.languages import Bilingual, bilingual
from shared.workdays import Calendar, OutsideCalendar

MAX_PROBLEMS = 1_000
"""Rows set aside that are listed one by one."""


class Stated(NamedTuple):
    """What is stated of a petition."""

    petition: Petition
    agency_no: int
    clock: Clock


class Recorded(NamedTuple):
    """What became of statements."""

    new: int
    corrected: int
    known: int
    late: int
    """Of new and corrected ones."""


async def record(
    tx: Connection,
    province: str,
    stated: Sequence[Stated],
    permitted: frozenset[int] | None,
    by: str,
    *,
    dry_run: bool = False,
) -> Recorded:
    """Store statements, each of another petition, that say something new; `dry_run`: count them only.

    Raises `NotFound`, before anything is stored, for a petition of an agency that is not `permitted` (None: all are).
    """
    if not dry_run:
        await lock(tx, province)  # first, so that nobody else states the same meanwhile
    there = await store.known(tx, province, [one.petition.code for one in stated])
    if permitted is not None and (others := [code for code, (_, agency) in there.items() if agency not in permitted]):
        raise NotFound(_of_another(min(others)))
    fresh = [one for one in stated if there.get(one.petition.code) != (one.petition, one.agency_no)]
    if fresh and not dry_run:
        await store.insert(tx, province, fresh, by)
    corrected = sum(one.petition.code in there for one in fresh)
    late = sum(one.clock.late for one in fresh)
    return Recorded(len(fresh) - corrected, corrected, len(stated) - len(fresh), late)


def _of_another(code: str) -> Bilingual:
    return bilingual(
        "There is no petition {code} that this key may state. Nothing was stored. Check the code.",
        "Không có phản ánh, kiến nghị {code} mà khóa này được ghi. Chưa lưu gì. Kiểm tra lại mã.",
        code=code,
    )


def _no_file(name: str) -> Bilingual:
    return bilingual(
        "There is no file {name} of which rows were set aside. GET /v1/petitions/rejected lists them with their `file`; nothing"
        " was stored.",
        "Không có tệp {name} nào có dòng chưa nhận được. Xem `file` ở GET /v1/petitions/rejected; chưa lưu gì.",
        name=name,
    )


class Otherwise(NamedTuple):
    """What holds of each row of a file that does not say it."""

    agency: str | None = None
    """Code or unit key."""
    subject: Subject | None = None


async def take_file(
    tx: Connection,
    province: str,
    file: PetitionFile,
    units: Units,
    permitted: frozenset[int] | None,
    calendar: Calendar,
    otherwise: Otherwise,
    by: str,
    *,
    name: str,
    corrects: str | None = None,
    dry_run: bool,
) -> PetitionsTaken:
    """Store what a file says of petitions, and which of its rows are set aside; `dry_run`: say what would become of them.

    `name` is the file's, by what is in it; it comes in the place of the file `corrects`. Raises `NotFound` where no row of that
    one was set aside.
    """
    if not dry_run:
        await lock(tx, province)
    if corrects is not None and not await waiting.is_file(tx, province, corrects):
        raise NotFound(_no_file(corrects))
    there = await store.known(tx, province, [row.code for row in file.petitions])
    names = AgencyNames(units, permitted)
    rejected = list(file.rejected)
    stated: dict[str, Stated] = {}
    for row in _apart(file.petitions, rejected):
        found = _stated(row, names, calendar, otherwise)
        held = there.get(row.code)
        if isinstance(found, Stated) and permitted is not None and held is not None and held[1] not in permitted:
            found = "not_found", _of_another(row.code)
        if isinstance(found, Stated):
            stated[row.code] = found
        else:
            rejected.append(_rejected(row, *found))
    made = await record(tx, province, list(stated.values()), permitted, by, dry_run=dry_run)
    rejected.sort(key=lambda one: (one.sheet or "", one.line))
    if not dry_run:
        await waiting.taken(tx, province, name, list(stated), rejected, by, corrects=corrects)
    return PetitionsTaken(
        dry_run=dry_run,
        reading=file.reading,
        new=made.new,
        corrected=made.corrected,
        known=made.known,
        repeated=file.reading.rows - len(stated) - len(rejected),
        late=made.late,
        rejected=len(rejected),
        problems=rejected[:MAX_PROBLEMS],
        file=name,
    )


def _apart(rows: Sequence[ReadPetition], rejected: list[RejectedPetition]) -> Iterable[ReadPetition]:
    """A row for each petition; those that say different things of one go to `rejected`, for nobody knows which is right."""
    times = Counter(row.code for row in rows)
    statements: dict[str, set[tuple[object, ...]]] = {}
    for row in rows:
        if times[row.code] > 1:
            statements.setdefault(row.code, set()).add(_facts(row))
    seen: set[str] = set()
    for row in rows:
        if len(statements.get(row.code, ())) > 1:
            rejected.append(_rejected(row, "said_twice", _TWICE))
        elif row.code not in seen:
            seen.add(row.code)
            yield row


def _facts(row: ReadPetition) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in row.__struct_fields__ if name not in ("line", "sheet"))


def _stated(row: ReadPetition, names: AgencyNames, calendar: Calendar, otherwise: Otherwise) -> Stated | tuple[str, Bilingual]:
    written, subject = row.agency or otherwise.agency, row.subject or otherwise.subject
    if written is None:
        return "missing_field", _NO_AGENCY
    if subject is None:
        return "missing_field", _NO_SUBJECT
    # The unit that carried the code when it began to answer for the petition: units change between the two days.
    agency = names.find(written, row.passed_on or row.received_on)
    if isinstance(agency, Bilingual):
        return "unknown_agency", agency
    given = {name: getattr(row, name) for name in Petition._fields if name != "subject"}
    petition = Petition(subject=subject, **given)
    if (fault := petition.fault()) is not None:
        return "contradictory", fault
    try:
        return Stated(petition, agency, clock_of(petition, calendar))
    except OutsideCalendar:
        return "date_out_of_range", _OUTSIDE


def _rejected(row: ReadPetition, reason: str, what: Bilingual) -> RejectedPetition:
    return RejectedPetition(line=row.line, sheet=row.sheet, code=row.code, reason=reason, what=Text(what.vi, what.en))


_TWICE = Bilingual(
    "The file says different things of this petition in several rows, and nobody knows which is right. Keep one of them.",
    "Tệp có nhiều dòng ghi khác nhau cho cùng mã phản ánh, không rõ dòng nào đúng. Giữ lại một dòng.",
)
_NO_AGENCY = Bilingual(
    "The row names no agency that answers for the petition. Fill in the column 'Cơ quan xử lý', or send the file with"
    " `agency`.",
    "Dòng không ghi cơ quan xử lý. Điền cột 'Cơ quan xử lý', hoặc gửi tệp kèm tham số `agency`.",
)
_NO_SUBJECT = Bilingual(
    "The row does not say what the petition is about: a rule or conduct. Fill in the column 'Loại phản ánh', or send the file"
    " with `subject`.",
    "Dòng không ghi loại phản ánh (quy định hay hành vi hành chính). Điền cột 'Loại phản ánh', hoặc gửi tệp kèm `subject`.",
)
_OUTSIDE = Bilingual(
    "A day lies outside the years that the calendar knows. Correct the cell.",
    "Có ngày nằm ngoài các năm mà lịch làm việc có. Sửa lại ô đó.",
)
