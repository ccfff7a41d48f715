"""Evidence of an inspection: its items, answered by agency, and what they add up to. Pure.

A template lists the items of a year. An answer is `EvidenceItem`; `EvidenceSet` holds the answers of one version, and
`Measure` is what a notice may state of them, and `aggregates` makes a figure of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Literal, TypeAlias

import msgspec

from services.notices.figures.model import Subject, valid_from

ItemKind = Literal["mark", "count", "share", "days", "day", "graded"]
"""What answers an item. `mark`: met, partly, not met; `count`: how many; `share`: how many of how many; `days`: due and sent,
so days late; `day`: since when; `graded`: points, so a grade."""
ItemScope = Literal["agency", "level", "whole"]
"""Who answers an item: each agency, each level of agencies, or the inspection as a whole."""
Level = Literal["office", "commune"]
"""`office`: the offices (cơ quan chuyên môn, cấp huyện); `commune`: the communes (cấp xã)."""
Mark = Literal["met", "partly", "not_met"]
Grade = Literal["excellent", "good", "fair", "average", "weak"]
"""Grades of circular 01/2018/TT-VPCP."""
Measure = Literal[
    "answered", "met", "partly", "not_met", "met_rate", "count", "of", "rate", "agencies", "late", "late_reports", "days",
    "excellent", "good", "fair", "average", "weak", "excellent_rate",
]  # fmt: skip
"""What is counted of an item.

`answered`: agencies (or levels) that answered; `met`, `partly`, `not_met`: those with this mark, `met_rate` of those that
answered; `count`: the sum of counts, of `days` the reports; `of`, `rate`: the base of a share and the share; `agencies`: those
with a count above 0; `late`: agencies late with at least one report; `late_reports`: reports late; `days`: days late of the
latest report sent; `excellent` and the other grades: agencies of this grade, `excellent_rate` of those that answered.
"""

GRADES: tuple[Grade, ...] = ("excellent", "good", "fair", "average", "weak")
LEVELS: tuple[Level, ...] = ("office", "commune")
_WORST: dict[Mark, int] = {"met": 0, "partly": 1, "not_met": 2}

MARKED: frozenset[ItemKind] = frozenset({"mark", "share", "days", "day"})
"""Kinds of which every answer has a mark, stated or following from its numbers and days."""
MEASURES: Mapping[ItemKind, tuple[Measure, ...]] = {
    "mark": ("answered", "met", "partly", "not_met", "met_rate"),
    "count": ("answered", "count", "agencies"),
    "share": ("answered", "met", "partly", "not_met", "met_rate", "count", "of", "rate"),
    "days": ("answered", "met", "partly", "not_met", "met_rate", "count", "late", "late_reports", "days"),
    "day": ("answered", "met", "partly", "not_met", "met_rate"),
    "graded": ("answered", *GRADES, "excellent_rate"),
}
"""What may be stated of an item, by its kind."""
TAKEN: Mapping[ItemKind, tuple[str, ...]] = {
    "mark": ("mark",),
    "count": ("count",),
    "share": ("mark", "count", "of"),
    "days": ("mark", "due", "on", "days"),
    "day": ("mark", "due", "on"),
    "graded": ("count", "of"),
}
"""The values that an item takes, by its kind; each takes texts."""
VALUES = ("mark", "count", "of", "due", "on", "days")
RATES: Mapping[Measure, tuple[Measure, Measure]] = {
    "met_rate": ("met", "answered"),
    "rate": ("count", "of"),
    "excellent_rate": ("excellent", "answered"),
}
"""Measures that are shares, with their part and base."""


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"at_least": "from"}):
    """A grade, and the points from which it is given."""

    grade: Grade
    at_least: int


class LevelWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a level of agencies is called in a scope of a kind."""

    level: Level
    """The level."""
    scope: Literal["province", "district", "commune"]
    """Kind of the scope that was inspected."""
    name: str
    """Whose level something is of, at the beginning of a sentence: `Cấp huyện`."""
    group: str | None = None
    """Heading of its group of agencies in a table: `Cơ quan chuyên môn`; null: it follows from the names of the agencies."""


class TemplateItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that an inspection establishes."""

    id: str
    """`publication.posted`: its topic, then its name."""
    section: str
    """Id of the section of the conclusion that states it first."""
    title: str
    """What is established, in Vietnamese, as the form prints it."""
    kind: ItemKind
    """What answers it."""
    per: ItemScope = "agency"
    """Who answers it."""
    unit: str = ""
    """What its counts count, in Vietnamese: `hồ sơ`; empty where it has none."""
    about: str = ""
    """What tells several answers of one agency apart, in Vietnamese: `tên báo cáo`; empty: an agency answers once."""
    of: int | None = None
    """The base that every answer has, such as the 18 points that can be had; null: each answer states its own."""
    sums_to: str | None = None
    """Item whose count is the sum of this one and its fellows, for the same agency and `about`; null: none."""

    @property
    def topic(self) -> str:
        """The part of its id before the full stop."""
        return self.id.partition(".")[0]


class Template:
    """The items of the inspections of some years, and the words of their conclusions."""

    def __init__(
        self,
        year: int,
        since: date,
        items: tuple[TemplateItem, ...],
        bands: tuple[Band, ...],
        levels: tuple[LevelWords, ...],
        communes: tuple[str, ...],
        renamed: Mapping[str, str],
    ) -> None:
        """`year`: its name; `since`: it is of inspections whose period ends on that day or later.

        `bands`: grades by points, the best first; `levels`: the levels of agencies by kind of scope; `communes`: kinds of
        communes in the order in which they are named; `renamed`: words of sentences that are called otherwise since.
        """
        self.year = year
        self.since = since
        self.items = items
        self.bands = bands
        self.levels = levels
        self.communes = communes
        self.renamed = renamed
        self._by_id = {item.id: item for item in items}

    def __getitem__(self, item: str) -> TemplateItem:
        """The item of an id; raises `KeyError` where there is none."""
        return self._by_id[item]

    def __contains__(self, item: str) -> bool:
        """Whether there is an item of that id."""
        return item in self._by_id

    def takes(self, given: EvidenceItem) -> bool:
        """Whether what was handed in by any template answers an item of this: its id may have another meaning here."""
        of = self._by_id.get(given.item)
        if of is None:
            return False
        per: ItemScope = "agency" if given.agency is not None else "level" if given.level is not None else "whole"
        values = {name for name in VALUES if getattr(given, name) is not None}
        return (
            per == of.per and bool(given.about) == bool(of.about) and values <= {*TAKEN[of.kind]} and of.of in (None, given.of)
        )

    def grade(self, points: int) -> Grade:
        """The grade of a sum of points."""
        return next(band.grade for band in self.bands if points >= band.at_least)


class EvidenceItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An answer to an item of the template."""

    item: str
    """Id of the item."""
    agency: str | None = None
    """Code or unit key of the agency that it is of; null where the item is answered by level or for the whole."""
    level: Level | None = None
    """Level of agencies that it is of; null where the item is answered otherwise."""
    about: str = ""
    """What it is about, where an agency answers the item several times: the report, the field, the fault, the quarter."""
    mark: Mark | None = None
    """Met, partly or not met; null: it follows from the numbers and days."""
    count: int | None = None
    """How many."""
    of: int | None = None
    """Of how many, where the item is a share."""
    due: date | None = None
    """The day by which it was due."""
    on: date | None = None
    """The day on which it was sent, issued or begun; null: it was not."""
    days: int | None = None
    """Days late where `due` and `on` are not both known; else it follows from them."""
    note: str = ""
    """A remark; it holds no quantity of its own."""
    citation: str = ""
    """The document that it rests on, as a notice prints it: `Quyết định số 895/QĐ-UBND ngày 15/5/2023`."""
    attachment: str = ""
    """Where the document is kept; not printed."""

    @property
    def subject(self) -> str:
        """Who answered: `10864@2019-12-01`, `group:office`, or nothing for the whole."""
        return self.agency or (f"group:{self.level}" if self.level else "")

    @property
    def key(self) -> ItemKey:
        """By what it is told from others of its inspection."""
        return (self.item, self.subject, self.about)

    @property
    def days_late(self) -> int | None:
        """Days after `due`, 0 where it was in time; None where it was not sent, or nothing is known."""
        if self.due is not None and self.on is not None:
            return max(0, (self.on - self.due).days)
        return self.days

    @property
    def is_late(self) -> bool:
        """Whether it came after its day, or was not sent at all."""
        late = self.days_late
        return late > 0 if late is not None else self.due is not None and self.on is None


def mark_of(kind: ItemKind, item: EvidenceItem) -> Mark | None:
    """The mark of an answer: as stated, or as its numbers and days give it; None where its kind has none.

    What was late is not met, whatever mark was stated.
    """
    if kind == "days" and item.is_late:
        return "not_met"
    if item.mark is not None:
        return item.mark
    if kind == "share" and item.count is not None and item.of is not None:
        return "met" if item.count == item.of else "partly" if item.count else "not_met"
    if kind == "day":
        return "met" if item.on is not None else "not_met"
    return "met" if kind == "days" else None


EvidenceItems: TypeAlias = tuple[EvidenceItem, ...]
ItemKey: TypeAlias = tuple[str, str, str]
"""Item, subject and about: of each an inspection has one answer."""


class EvidenceSet:
    """The answers of one version of an inspection's evidence."""

    def __init__(self, version: int, template: Template, items: EvidenceItems) -> None:
        """`version` 0 and no items: nothing was handed in."""
        self.version = version
        self.template = template
        self.items = items

    @classmethod
    def empty(cls, template: Template) -> EvidenceSet:
        """Evidence of an inspection of which none was handed in."""
        return cls(0, template, ())

    def with_keys(self, agencies: tuple[Subject, ...]) -> EvidenceSet:
        """The same with agencies by their unit keys; those that are none of `agencies` stay as they are."""
        keys = {agency.code: agency.key for agency in sorted(agencies, key=valid_from)}
        named = (
            msgspec.structs.replace(one, agency=keys[one.agency]) if one.agency is not None and one.agency in keys else one
            for one in self.items
        )
        return EvidenceSet(self.version, self.template, tuple(named))

    def of(self, item: str) -> EvidenceItems:
        """The answers to an item, in the order in which they were handed in; raises `KeyError` for an unknown item."""
        return self._by_item.get(self.template[item].id, ())

    def by_subject(self, item: str) -> Mapping[str, EvidenceItems]:
        """The answers to an item by who answered (`EvidenceItem.subject`)."""
        self.template[item]
        return self._by_subject.get(item, {})

    def is_answered(self, item: str) -> bool:
        """Whether anybody answered it."""
        return bool(self.of(item))

    def mark(self, item: str, subject: str) -> Mark | None:
        """The worst mark among somebody's answers to an item; None where nothing was answered, or the item has no marks."""
        kind = self.template[item].kind
        marks = [mark for one in self.by_subject(item).get(subject, ()) if (mark := mark_of(kind, one)) is not None]
        return max(marks, key=_WORST.__getitem__, default=None)

    def grade(self, item: str, subject: str) -> Grade | None:
        """The worst grade among somebody's answers to a graded item; None where there is none."""
        points = [one.count for one in self.by_subject(item).get(subject, ()) if one.count is not None]
        return self.template.grade(min(points)) if points else None

    def subjects(self, item: str, measure: Measure) -> tuple[str, ...]:
        """Who is counted in a measure of an item, in the order of the answers: `subjects("reporting.reports", "late")`."""
        return tuple(one for one in self.by_subject(item) if self.number(item, measure, one))

    def first_day(self, item: str) -> date | None:
        """The earliest day among the answers to an item."""
        return min((one.on for one in self.of(item) if one.on is not None), default=None)

    def number(self, item: str, measure: Measure, subject: str | None = None, about: str | None = None) -> int:
        """What a measure that is no share counts: of all answers, or of one subject's, or of those about one thing."""
        answers = self.of(item) if subject is None else self.by_subject(item).get(subject, ())
        return count(self.template, self.template[item].kind, measure, answers, about)

    @cached_property
    def _by_item(self) -> dict[str, EvidenceItems]:
        found: dict[str, list[EvidenceItem]] = {}
        for one in self.items:
            found.setdefault(one.item, []).append(one)
        return {item: tuple(answers) for item, answers in found.items()}

    @cached_property
    def _by_subject(self) -> dict[str, dict[str, EvidenceItems]]:
        found: dict[str, dict[str, EvidenceItems]] = {}
        for one in self.items:
            of_item = found.setdefault(one.item, {})
            of_item[one.subject] = (*of_item.get(one.subject, ()), one)
        return found


def count(template: Template, kind: ItemKind, measure: Measure, items: EvidenceItems, about: str | None = None) -> int:
    """What a measure counts among answers; subjects are counted once, with the worst of their answers."""
    taken = items if about is None else tuple(one for one in items if one.about == about)
    match measure:
        case "count" if kind == "days":
            return len(taken)
        case "count":
            return sum(one.count or 0 for one in taken)
        case "of":
            return sum(one.of or 0 for one in taken)
        case "late_reports":
            return sum(one.is_late for one in taken)
        case "days":
            return max((one.days_late or 0 for one in taken), default=0)
        case "answered":
            return len({one.subject for one in taken})
        case "agencies":
            return len({one.subject for one in taken if one.count})
        case "late":
            return len({one.subject for one in taken if one.is_late})
        case "met" | "partly" | "not_met":
            worst: dict[str, Mark] = {}
            for one in taken:
                mark = mark_of(kind, one)
                if mark is not None:
                    worst[one.subject] = max(mark, worst.get(one.subject, mark), key=_WORST.__getitem__)
            return sum(mark == measure for mark in worst.values())
        case "excellent" | "good" | "fair" | "average" | "weak":
            lowest: dict[str, int] = {}
            for one in taken:
                if one.count is not None:
                    lowest[one.subject] = min(one.count, lowest.get(one.subject, one.count))
            return sum(template.grade(points) == measure for points in lowest.values())
        case "met_rate" | "rate" | "excellent_rate":
            raise ValueError(f"{measure} is a share")


def counted(template: Template, kind: ItemKind, measure: Measure, items: EvidenceItems) -> EvidenceItems:
    """The items that a measure counts: those of its subjects, and of `late_reports` those that were late."""
    if measure == "late_reports":
        return tuple(one for one in items if one.is_late)
    by_subject: dict[str, list[EvidenceItem]] = {}
    for one in items:
        by_subject.setdefault(one.subject, []).append(one)
    part = RATES.get(measure, (measure,))[-1]
    return tuple(one for group in by_subject.values() if count(template, kind, part, tuple(group)) for one in group)
