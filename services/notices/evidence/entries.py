"""Entries of evidence as a team hands them in, held against the template and the agencies inspected. Pure.

An entry is refused with its place and what to do; all that is wrong is found at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, NamedTuple

from pydantic import ConfigDict, Field, StringConstraints

from services.notices.evidence.model import EvidenceItem, EvidenceItems, ItemKind, Level, Mark, Template, TemplateItem
from services.notices.figures.model import Subject
from services.notices.inspections.model import Day, Phrase
from shared.errors import FieldFault
from shared.fields import BodyModel, Line
from shared.languages import Bilingual, bilingual
from shared.spelling import suggestion, unknown_name

ITEM = Bilingual("item of the template", "nội dung trong mẫu")
ALL = "*"
"""In `agencies`: every agency inspected that has no entry of its own."""
MAX_COUNT = 1_000_000_000
MAX_FAULTS = 50
"""Faults that one problem lists."""

AgencyName = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-zĐđ._@-]{1,60}$")]
"""Code or unit key of an agency."""
AgencyCode = Annotated[str, StringConstraints(pattern=r"^([0-9A-Za-zĐđ._@-]{1,60}|\*)$")]


class EvidenceEntry(BodyModel):
    """What the team established of an item, for one agency or for several alike."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    item: Annotated[Line, Field(min_length=1, max_length=80)]
    """Id of the item: `publication.posted`; `GET /v1/evidence-templates` lists them."""
    agency: AgencyName | None = None
    """Code or unit key of the agency that it is of; null where it is of several, of a level or of the whole."""
    agencies: Annotated[tuple[AgencyCode, ...], Field(max_length=400)] = ()
    """Codes of the agencies of which it holds alike; `*`: of every agency inspected without an entry of its own."""
    level: Level | None = None
    """Of an item that is established by level: `office` or `commune`; else null."""
    about: Phrase | None = None
    """What it is about, where an agency has several: the report, the field, the fault, the quarter; else null."""
    mark: Mark | None = None
    """Met, partly or not met; null where it follows from the numbers and days."""
    count: Annotated[int, Field(ge=0, le=MAX_COUNT)] | None = None
    """How many; null where the item counts nothing."""
    of: Annotated[int, Field(ge=0, le=MAX_COUNT)] | None = None
    """Of how many; null where the item is no share, or always has the same base."""
    due: Day | None = None
    """The day by which it was due; null: none."""
    on: Day | None = None
    """The day on which it was sent, issued or begun; null: it was not, or the day is not known."""
    days: Annotated[int, Field(ge=0, le=3660)] | None = None
    """Days late, where `due` and `on` are not known; else null."""
    note: Phrase | None = None
    """A remark without a quantity of its own; null: none."""
    citation: Phrase | None = None
    """The document that it rests on: `Quyết định số 895/QĐ-UBND ngày 15/5/2023`; null: none."""
    attachment: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")] | None = None
    """Where the document is kept; not printed. Null: nowhere."""


class Checked(NamedTuple):
    """Entries as items by agency, and what is wrong with those that are none."""

    items: EvidenceItems
    faults: list[FieldFault]


class _Named(NamedTuple):
    at: int
    entry: EvidenceEntry
    of: TemplateItem
    subjects: tuple[Subject | Level | None, ...]


def check_entries(
    entries: Sequence[EvidenceEntry], template: Template, agencies: Sequence[Subject], *, at: str = "body.items"
) -> Checked:
    """The items of entries; `at` is the path of the list in the request, before each number."""
    faults: list[FieldFault] = []
    named: list[_Named] = []
    known = {name: agency for agency in agencies for name in (agency.code, agency.key)}
    for index, entry in enumerate(entries):
        path = f"{at}.{index}"
        if entry.item not in template:
            ids = [item.id for item in template.items]
            faults.append(FieldFault(f"{path}.item", unknown_name(ITEM, entry.item, ids, where=_WHERE), "unknown_item"))
            continue
        of = template[entry.item]
        found = [*_scope_faults(path, entry, of, known), *_value_faults(path, entry, of)]
        faults += found
        if not found:
            named.append(_Named(index, entry, of, _subjects(entry, known)))
    items = list(_expanded(named, agencies, at, faults))
    faults += _sums(items, template, at)
    return Checked(tuple(item for _, item in items), faults[:MAX_FAULTS])


_WHERE = Bilingual(
    "GET /v1/evidence-templates?year= lists the items.", "Xem các nội dung tại GET /v1/evidence-templates?year=."
)


def _scope_faults(path: str, entry: EvidenceEntry, of: TemplateItem, known: Mapping[str, Subject]) -> Iterator[FieldFault]:
    has_agency = entry.agency is not None or bool(entry.agencies)
    if of.per == "agency" and (entry.agency is None) == (not entry.agencies):
        yield FieldFault(f"{path}.agency", _ONE_OF_BOTH, "missing" if not has_agency else "none_required")
    if of.per != "agency" and has_agency:
        yield FieldFault(f"{path}.agency", _NO_AGENCY, "none_required")
    if (of.per == "level") != (entry.level is not None):
        yield FieldFault(
            f"{path}.level", _LEVEL if of.per == "level" else _NO_LEVEL, "missing" if of.per == "level" else "none_required"
        )
    if bool(of.about) != (entry.about is not None):
        message = (
            bilingual("Give in `about`: {about}.", "Ghi trong `about`: {about}.", about=of.about) if of.about else _NO_ABOUT
        )
        yield FieldFault(f"{path}.about", message, "missing" if of.about else "none_required")
    for name, code in [("agency", entry.agency), *((f"agencies.{n}", code) for n, code in enumerate(entry.agencies))]:
        if code is not None and code != ALL and code not in known:
            yield FieldFault(f"{path}.{name}", unknown_agency(code, known.values()), "unknown_agency")


def unknown_agency(code: str, agencies: Iterable[Subject]) -> Bilingual:
    """The sentence about a code that is none of the agencies inspected."""
    return bilingual(
        "{code} is none of the agencies inspected. {meant}",
        "{code} không thuộc các cơ quan, đơn vị được kiểm tra. {meant}",
        code=code,
        meant=suggestion(code, {agency.code for agency in agencies}, where=_AGENCIES),
    )


_AGENCIES = Bilingual(
    "GET /v1/kpis of metrics with by=agency lists them; correct the code, or the inspection's scope.",
    "Xem danh sách tại GET /v1/kpis của metrics với by=agency; sửa mã, hoặc phạm vi kiểm tra.",
)
_ONE_OF_BOTH = Bilingual("Give either `agency` or `agencies`.", "Ghi `agency` hoặc `agencies`, không ghi cả hai.")
_NO_AGENCY = Bilingual("The item is not established by agency: leave it out.", "Nội dung này không theo đơn vị: bỏ trống.")
_LEVEL = Bilingual(
    "The item is established by level: give `office` or `commune`.", "Nội dung theo cấp: ghi `office` hoặc `commune`."
)
_NO_LEVEL = Bilingual("The item is not established by level: leave it out.", "Nội dung này không theo cấp: bỏ trống.")
_NO_ABOUT = Bilingual("An agency has one entry of this item: leave it out.", "Mỗi đơn vị chỉ có một mục: bỏ trống.")

TAKEN: Mapping[ItemKind, tuple[str, ...]] = {
    "mark": ("mark",),
    "count": ("count",),
    "share": ("mark", "count", "of"),
    "days": ("mark", "due", "on", "days"),
    "day": ("mark", "due", "on"),
    "graded": ("count", "of"),
}
"""The values that an item takes, by its kind; each takes texts."""
_VALUES = ("mark", "count", "of", "due", "on", "days")
_NOT_TAKEN = Bilingual("The item does not take this: leave it out.", "Nội dung này không có giá trị đó: bỏ trống.")
_MISSING = Bilingual("It is missing. Give it.", "Thiếu giá trị này. Cần bổ sung.")


def _value_faults(path: str, entry: EvidenceEntry, of: TemplateItem) -> Iterator[FieldFault]:
    taken = TAKEN[of.kind]
    for name in _VALUES:
        if name not in taken and getattr(entry, name) is not None:
            yield FieldFault(f"{path}.{name}", _NOT_TAKEN, "none_required")
    base = entry.of if of.of is None else of.of
    if of.kind == "mark" and entry.mark is None:
        yield FieldFault(f"{path}.mark", _MISSING, "missing")
    if of.kind in ("count", "share", "graded") and entry.count is None:
        yield FieldFault(f"{path}.count", _MISSING, "missing")
    if of.kind in ("share", "graded") and base is None:
        yield FieldFault(f"{path}.of", _MISSING, "missing")
    if of.of is not None and entry.of not in (None, of.of):
        yield FieldFault(f"{path}.of", bilingual("It is always {n}.", "Luôn là {n}.", n=of.of), "literal_error")
    if entry.count is not None and base is not None and entry.count > base:
        message = Bilingual("The part is larger than the whole.", "Phần lớn hơn tổng số.")
        yield FieldFault(f"{path}.count", message, "less_than_equal")
    if of.kind == "days" and entry.due is None and entry.days is None:
        message = Bilingual(
            "Give `due`, with `on` where it was sent, or `days`.", "Ghi `due` (và `on` nếu đã gửi), hoặc `days`."
        )
        yield FieldFault(f"{path}.due", message, "missing")
    if entry.days is not None and entry.due is not None and entry.on is not None and entry.days != _late(entry):
        message = bilingual(
            "From `due` to `on` it is {n}; leave it out.", "Tính từ `due` đến `on` là {n}; bỏ trống.", n=_late(entry)
        )
        yield FieldFault(f"{path}.days", message, "literal_error")
    if of.kind == "day" and entry.on is None and entry.mark is None:
        message = Bilingual("Give `on`, or `mark` where the day is not known.", "Ghi `on`, hoặc `mark` nếu không rõ ngày.")
        yield FieldFault(f"{path}.on", message, "missing")
    if entry.on is not None and entry.mark == "not_met" and of.kind == "day":
        message = Bilingual("It has a day, so it is not `not_met`.", "Đã có ngày nên không thể là `not_met`.")
        yield FieldFault(f"{path}.mark", message, "literal_error")


def _late(entry: EvidenceEntry) -> int:
    assert entry.due is not None
    assert entry.on is not None
    return max(0, (entry.on - entry.due).days)


def _subjects(entry: EvidenceEntry, known: Mapping[str, Subject]) -> tuple[Subject | Level | None, ...]:
    codes = (entry.agency,) if entry.agency is not None else entry.agencies
    return tuple(known[code] for code in codes if code != ALL) if codes else (entry.level,)


def _expanded(
    named: Sequence[_Named], agencies: Sequence[Subject], at: str, faults: list[FieldFault]
) -> Iterator[tuple[int, EvidenceItem]]:
    """One item for each subject of an entry, in the order of the entries; doubled ones are faults."""
    taken: dict[tuple[str, str, str], int] = {}
    own = {
        (one.of.id, one.entry.about, subject.key) for one in named for subject in one.subjects if isinstance(subject, Subject)
    }
    for one in named:
        subjects = one.subjects
        if ALL in one.entry.agencies:
            rest = (agency for agency in agencies if (one.of.id, one.entry.about, agency.key) not in own)
            subjects = (*subjects, *rest)
        for subject in subjects:
            item = _item(one, subject)
            first = taken.setdefault((item.item, item.subject, item.about), one.at)
            if first != one.at:
                message = bilingual(
                    "{at}.{n} has the same item, agency and `about`. Leave one of them out.",
                    "Trùng nội dung, đơn vị và `about` với {at}.{n}. Bỏ một mục.",
                    at=at,
                    n=first,
                )
                faults.append(FieldFault(f"{at}.{one.at}", message, "doubled"))
                break
            yield one.at, item


def _item(one: _Named, subject: Subject | Level | None) -> EvidenceItem:
    entry = one.entry
    return EvidenceItem(
        item=one.of.id,
        agency=subject.key if isinstance(subject, Subject) else None,
        level=entry.level,
        about=entry.about or "",
        mark=entry.mark,
        count=entry.count,
        of=entry.of if one.of.of is None else one.of.of,
        due=entry.due,
        on=entry.on,
        days=None if entry.due is not None and entry.on is not None else entry.days,
        note=entry.note or "",
        citation=entry.citation or "",
        attachment=entry.attachment or "",
    )


def _sums(items: Sequence[tuple[int, EvidenceItem]], template: Template, at: str) -> Iterator[FieldFault]:
    """Points that are not the sum of their criteria, where all of these are there."""
    parts: dict[str, list[str]] = {}
    for item in template.items:
        if item.sums_to is not None:
            parts.setdefault(item.sums_to, []).append(item.id)
    found = {(one.item, one.subject, one.about): one.count or 0 for _, one in items}
    for index, one in items:
        counts = [found.get((part, one.subject, one.about)) for part in parts.get(one.item, ())]
        known = [count for count in counts if count is not None]
        if known and len(known) == len(counts) and sum(known) != one.count:
            message = bilingual("Its criteria add up to {n}.", "Tổng các tiêu chí là {n}.", n=sum(known))
            yield FieldFault(f"{at}.{index}.count", message, "sum")
