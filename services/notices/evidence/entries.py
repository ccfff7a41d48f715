"""Entries of evidence as a team hands them in, held against the template and the agencies inspected. Pure.

An entry is refused with its place and what to do; all that is wrong is found at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, NamedTuple

from pydantic import ConfigDict, Field, StringConstraints

from services.notices.evidence.model import (
    TAKEN,
    VALUES,
    EvidenceItem,
    EvidenceItems,
    ItemKey,
    Level,
    Mark,
    Template,
    TemplateItem,
)
from services.notices.figures.model import Subject, valid_from
from services.notices.inspections.model import Day, Phrase
from shared.errors import FieldFault
from shared.fields import BodyModel, Line
from shared.languages import Bilingual, bilingual
from shared.spelling import suggestion, unknown_name

ITEM = Bilingual("item of the template", "nội dung trong mẫu")
ALL = "*"
"""In `agencies`: every agency inspected that has no entry of its own, in the request or handed in before."""
MAX_ITEMS = 50_000
"""Items that the entries of one request may stand for: some hundreds for each of 150 agencies."""
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
    """Codes of the agencies of which it holds alike; `*`: of every agency inspected without an entry of its own;
    what was handed in before stands, in a PATCH."""
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
    """A remark without a quantity of its own; printed behind an agency that falls short. Null: none."""
    citation: Phrase | None = None
    """The document that it rests on: `Quyết định số 895/QĐ-UBND ngày 15/5/2023`; printed of items of
    `review`, and behind an agency that falls short. Null: none."""
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
    entries: Sequence[EvidenceEntry],
    template: Template,
    agencies: Sequence[Subject],
    *,
    reported_on: date,
    present: EvidenceItems = (),
    at: str = "body.items",
) -> Checked:
    """The items of entries. `reported_on`: the day of the team's report, after which nothing can have been seen; `present`:
    what was handed in before and stands on, unless an entry replaces it; `at`: the path of the list in the request.
    """
    faults: list[FieldFault] = []
    named: list[_Named] = []
    known = {name: agency for agency in sorted(agencies, key=valid_from) for name in (agency.code, agency.key)}
    for index, entry in enumerate(entries):
        path = f"{at}.{index}"
        if entry.item not in template:
            ids = [item.id for item in template.items]
            faults.append(FieldFault(f"{path}.item", unknown_name(ITEM, entry.item, ids, where=_WHERE), "unknown_item"))
            continue
        of = template[entry.item]
        found = [
            *_scope_faults(path, entry, of, known),
            *_value_faults(path, entry, of),
            *_mark_faults(path, entry, of),
            *_day_faults(path, entry, reported_on),
        ]
        faults += found
        if not found:
            named.append(_Named(index, entry, of, _subjects(entry, known)))
    size = sum(len(one.subjects) + (len(agencies) if ALL in one.entry.agencies else 0) for one in named)
    if size > MAX_ITEMS:
        message = bilingual(
            "The entries stand for {n} items, more than {most}. Hand them in with several PATCHes.",
            "Các mục ứng với {n} nội dung, vượt quá {most}. Gửi thành nhiều lần PATCH.",
            n=size,
            most=MAX_ITEMS,
        )
        return Checked((), [FieldFault(at, message, "too_long"), *faults[: MAX_FAULTS - 1]])
    items = list(_expanded(named, agencies, present, at, faults))
    faults += _sums(items, present, template, at)
    return Checked(tuple(item for _, item in items), faults[:MAX_FAULTS])


_WHERE = Bilingual(
    "GET /v1/evidence-templates?period_end= lists the items.", "Xem các nội dung tại GET /v1/evidence-templates?period_end=."
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

_NOT_TAKEN = Bilingual("The item does not take this: leave it out.", "Nội dung này không có giá trị đó: bỏ trống.")
_MISSING = Bilingual("It is missing. Give it.", "Thiếu giá trị này. Cần bổ sung.")


def _value_faults(path: str, entry: EvidenceEntry, of: TemplateItem) -> Iterator[FieldFault]:
    taken = TAKEN[of.kind]
    for name in VALUES:
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
    if entry.days is not None and entry.due is not None and entry.on is None:
        message = Bilingual(
            "With `due` the day of sending tells how late it was: give `on`, or leave `days` out where it was not sent.",
            "Đã có `due` thì số ngày chậm tính theo ngày gửi: ghi `on`, hoặc bỏ `days` nếu chưa gửi.",
        )
        yield FieldFault(f"{path}.days", message, "none_required")
    if entry.days is not None and entry.due is not None and entry.on is not None and entry.days != _late(entry):
        message = bilingual(
            "From `due` to `on` it is {n}; leave it out.", "Tính từ `due` đến `on` là {n}; bỏ trống.", n=_late(entry)
        )
        yield FieldFault(f"{path}.days", message, "literal_error")
    if of.kind == "day" and entry.on is None and entry.mark is None:
        message = Bilingual("Give `on`, or `mark` where the day is not known.", "Ghi `on`, hoặc `mark` nếu không rõ ngày.")
        yield FieldFault(f"{path}.on", message, "missing")


def _mark_faults(path: str, entry: EvidenceEntry, of: TemplateItem) -> Iterator[FieldFault]:
    """A mark that the numbers or days of its own entry refute."""
    follows = _following(entry, of)
    if entry.mark is not None and follows and entry.mark not in follows:
        message = bilingual(
            "Its numbers and days give {marks}: leave it out, or correct them.",
            "Theo số liệu và ngày đã ghi phải là {marks}: bỏ trống, hoặc sửa số liệu.",
            marks=" / ".join(f"`{mark}`" for mark in follows),
        )
        yield FieldFault(f"{path}.mark", message, "literal_error")


def _following(entry: EvidenceEntry, of: TemplateItem) -> tuple[Mark, ...]:
    """The marks that numbers and days allow; empty: they say nothing. Of a part the team may say that it is too little."""
    base = entry.of if of.of is None else of.of
    if of.kind == "share" and entry.count is not None and base:
        return ("met",) if entry.count >= base else ("partly", "not_met") if entry.count else ("not_met",)
    if of.kind == "day" and entry.on is not None:
        return ("met", "partly")
    if of.kind == "days" and entry.due is not None:
        return ("met", "partly") if entry.on is not None and not _late(entry) else ("not_met",)
    if of.kind == "days" and entry.days is not None:
        return ("not_met",) if entry.days else ("met", "partly")
    return ()


def _day_faults(path: str, entry: EvidenceEntry, reported_on: date) -> Iterator[FieldFault]:
    """Days that the team cannot have seen, and what was not due yet and so is not missing."""
    if entry.on is not None and entry.on > reported_on:
        message = bilingual(
            "It is after {day}, the day of the team's report. Correct it, or the inspection's `report`.",
            "Sau ngày {day} của báo cáo kết quả kiểm tra. Sửa lại, hoặc sửa `report` của cuộc kiểm tra.",
            day=reported_on.isoformat(),
        )
        yield FieldFault(f"{path}.on", message, "less_than_equal")
    if entry.due is not None and entry.on is None and entry.due >= reported_on:
        message = bilingual(
            "On {day}, the day of the team's report, it was not overdue. Give `on` if it was sent, or leave the entry out.",
            "Đến ngày {day} của báo cáo kết quả kiểm tra vẫn chưa quá hạn. Ghi `on` nếu đã gửi, hoặc bỏ mục này.",
            day=reported_on.isoformat(),
        )
        yield FieldFault(f"{path}.due", message, "less_than")


def _late(entry: EvidenceEntry) -> int:
    assert entry.due is not None
    assert entry.on is not None
    return max(0, (entry.on - entry.due).days)


def _subjects(entry: EvidenceEntry, known: Mapping[str, Subject]) -> tuple[Subject | Level | None, ...]:
    codes = (entry.agency,) if entry.agency is not None else entry.agencies
    return tuple(known[code] for code in codes if code != ALL) if codes else (entry.level,)


def _expanded(
    named: Sequence[_Named], agencies: Sequence[Subject], present: EvidenceItems, at: str, faults: list[FieldFault]
) -> Iterator[tuple[int, EvidenceItem]]:
    """One item for each subject of an entry, in the order of the entries; doubled ones are faults."""
    taken: dict[ItemKey, int] = {}
    own: set[ItemKey] = {one.key for one in present}
    for one in named:
        own |= {(one.of.id, subject.key, one.entry.about or "") for subject in one.subjects if isinstance(subject, Subject)}
    for one in named:
        subjects = one.subjects
        if ALL in one.entry.agencies:
            rest = (agency for agency in agencies if (one.of.id, agency.key, one.entry.about or "") not in own)
            subjects = (*subjects, *rest)
        for subject in subjects:
            item = _item(one, subject)
            first = taken.setdefault(item.key, one.at)
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


def _sums(
    items: Sequence[tuple[int, EvidenceItem]], present: EvidenceItems, template: Template, at: str
) -> Iterator[FieldFault]:
    """Points that are not the sum of their criteria, where all of these are there: in the request, or handed in before."""
    parts: dict[str, list[str]] = {}
    for item in template.items:
        if item.sums_to is not None:
            parts.setdefault(item.sums_to, []).append(item.id)
    found = {one.key: one.count or 0 for one in (*present, *(item for _, item in items))}
    stated: set[ItemKey] = set()
    # The whole before its parts: its fault stands at the whole where both are in the request.
    for index, one in sorted(items, key=lambda placed: placed[1].item not in parts):
        total = template[one.item].sums_to or one.item
        key = (total, one.subject, one.about)
        counts = [found.get((part, one.subject, one.about)) for part in parts.get(total, ())]
        known = [count for count in counts if count is not None]
        if key in stated or key not in found or not known or len(known) < len(counts) or sum(known) == found[key]:
            continue
        stated.add(key)
        message = bilingual(
            "The criteria add up to {n}, and {total} is {points}.",
            "Tổng các tiêu chí là {n}, còn {total} là {points}.",
            n=sum(known),
            total=total,
            points=found[key],
        )
        yield FieldFault(f"{at}.{index}.count", message, "sum")
