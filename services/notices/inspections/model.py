"""An inspection (cuộc kiểm tra) as its team submits it: what it rests on, what it found, who signs.

Pure. These models are the body of `POST /v1/inspections` and what is stored. Words may be written freely, quantities may not:
a number is declared once under `counts`, with the document that it was taken from, and a text refers to it as `{name}`,
`{name.of}` or `{name.rate}`. So every number of the notice has a known origin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from services.notices.inspections.causes import causes_mentioned, explains_lateness
from services.notices.quantities.number_words import dossiers_in_words
from services.notices.quantities.references import quantities
from shared.fields import TEXT, WRITTEN_DAY, BodyModel, Printed, ProvinceCode
from shared.languages import Bilingual, bilingual
from shared.printing import printed
from shared.workdays.causes import DelayCause

JSONObject: TypeAlias = Mapping[str, object]
"""An inspection as JSON holds it, before it is read."""

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)(\.of|\.rate)?\}")


def _countless(text: str) -> str:
    plain = PLACEHOLDER.sub("", text)
    in_words = dossiers_in_words(plain)
    found = [in_words] if in_words is not None else quantities(plain)
    if found:
        raise ValueError(
            bilingual(
                "The text holds the quantity {quantity}; declare it under 'counts' and write its name in braces, so that the"
                " number has a known origin.",
                "Văn bản có số lượng {quantity}; khai báo trong 'counts' và ghi tên của nó trong ngoặc nhọn, để số liệu có"
                " nguồn gốc.",
                quantity=found[0],
            )
        )
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        raise ValueError(
            Bilingual(
                "A brace begins no known placeholder; use {name}, {name.of} or {name.rate}.",
                "Dấu ngoặc nhọn không mở một tên hợp lệ; dùng {name}, {name.of} hoặc {name.rate}.",
            )
        )
    return text


def _numberless(text: str) -> str:
    numbers = quantities(text)
    if numbers:
        raise ValueError(
            bilingual(
                "The number {number} would stand in the notice without a figure behind it; write it in words.",
                "Số {number} sẽ xuất hiện trong thông báo mà không có số liệu kèm theo; viết bằng chữ.",
                number=numbers[0],
            )
        )
    return text


PrintedLine = Annotated[Printed, Field(min_length=1, max_length=300)]
"""One line of print."""
Phrase = Annotated[PrintedLine, AfterValidator(_numberless)]
"""A line that goes into a sentence; of numbers it holds only those of documents and days."""
Prose = Annotated[
    str, StringConstraints(min_length=1, max_length=3000, pattern=TEXT), AfterValidator(printed), AfterValidator(_countless)
]
"""A sentence or more, without a quantity of its own; it ends without a full stop or semicolon, the composer sets them."""
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-zĐđ._-]{1,40}$")]
Day = Annotated[date, WRITTEN_DAY, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
Rate = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
"""Per cent."""


class InspectionPart(BodyModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Citation(InspectionPart):
    """A document that is cited: in full the first time, by type and number after that (decree 30/2020, annex I, II.6)."""

    kind: Phrase
    """`Kế hoạch`, `Báo cáo`, `Quyết định`."""
    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,5}[a-zđ]?/[0-9A-ZĐa-zđ./&-]{1,40}$")]
    """`34/KH-UBND`."""
    on: Day
    """The day it bears."""
    issuer: Phrase
    """Who issued it, in full."""
    subject: Phrase
    """What it is about, as it goes on after `về`."""


class Period(InspectionPart):
    """Civil days in Asia/Ho_Chi_Minh, both counted."""

    start: Annotated[Day, Field(alias="from")]
    """The first day."""
    end: Annotated[Day, Field(alias="to")]
    """The last day; a period has ten years at most."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end < self.start:
            raise ValueError(Bilingual("The period ends before it begins.", "Kỳ báo cáo kết thúc trước khi bắt đầu."))
        if (self.end - self.start).days > 3660:
            raise ValueError(Bilingual("The period is longer than ten years.", "Kỳ báo cáo dài hơn mười năm."))
        return self


class Issuer(InspectionPart):
    """The body that issues the notice. Its names hold no numbers."""

    name: Phrase
    """`Ủy ban nhân dân huyện Thanh Hà`."""
    short_name: Phrase
    """`UBND huyện Thanh Hà`."""
    lines: Annotated[tuple[PrintedLine, ...], Field(min_length=1, max_length=3)]
    """The name as the head of the document breaks it; set in capitals."""
    superior: PrintedLine | None = None
    """The body above it, set in capitals without bold; a people's committee has none."""
    symbol: Annotated[str, StringConstraints(pattern=r"^[A-ZĐ][A-ZĐa-zđ.&-]{0,19}$")] = "UBND"
    """After `TB-` in the reference number."""
    place_of_issue: PrintedLine
    """Where it is issued: `Thanh Hà`."""
    territory: Phrase
    """What the whole is called: `huyện` gives `toàn huyện`."""


class DeclaredCount(InspectionPart):
    """A manual input: a quantity that the team counted, with the document that holds it."""

    value: Annotated[int, Field(ge=0, le=1_000_000_000)]
    """How many; written `{name}` in a text."""
    of: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    """How many of how many, where it is a share: `{name.of}` is the whole, `{name.rate}` the share in per cent."""
    source_document: PrintedLine
    """The document that it was taken from: given with the figure, not printed."""

    @model_validator(mode="after")
    def _within(self) -> Self:
        if self.of is not None and self.value > self.of:
            raise ValueError(Bilingual("The part is larger than the whole.", "Phần lớn hơn tổng số."))
        return self


class TeamFinding(InspectionPart):
    """Something that the team found, with agencies as examples."""

    text: Prose
    """A sentence or more without its full stop. Quantities stand in it as names of `counts` in braces, never as digits."""
    agencies: Annotated[tuple[Code, ...], Field(max_length=60)] = ()
    """Codes of agencies named as examples; printed after `như:`."""
    items: Annotated[tuple[Prose, ...], Field(max_length=30)] = ()
    """Finer points under it, each a line with `+`."""


TeamFindings = Annotated[tuple[TeamFinding, ...], Field(max_length=40)]
FindingsBySection = Annotated[dict[Identifier, TeamFindings], Field(max_length=100)]
"""Findings by the id of the section that states them; `services.notices.inspections.outline` lists the sections."""


class StatedCause(InspectionPart):
    """Why dossiers are late, as the team states it: a cause that metrics counts, in the words of the team."""

    cause: DelayCause
    """The kind under which metrics counts such dossiers."""
    text: Prose
    """The cause in words that mean no other. `chủ yếu`, `phần lớn`, `toàn bộ` attribute that much of the lateness to it,
    and are compared with the counts as well."""
    own_finding: Phrase | None = None
    """The document that the cause rests on, where the counts do not support it: the notice then marks it as the team's own."""

    @model_validator(mode="after")
    def _in_its_own_words(self) -> Self:
        for words, causes in causes_mentioned(self.text):
            if self.cause not in causes:
                raise ValueError(
                    bilingual(
                        "'{words}' means {causes}, not {cause}; state each cause in a text of its own.",
                        "'{words}' chỉ nguyên nhân {causes}, không phải {cause}; nêu mỗi nguyên nhân trong một đoạn riêng.",
                        words=words,
                        causes=", ".join(sorted(causes)),
                        cause=self.cause,
                    )
                )
        return self


class Comparison(InspectionPart):
    """A rate of an earlier period to compare with."""

    kpi: Identifier
    """A share of metrics' catalogue (`GET /v1/kpis/catalogue` there)."""
    period: Phrase
    """How it goes on after `so với`: `năm 2022`."""
    rate: Rate | None = None
    """What it was, in per cent with two decimals; null: it is counted, in the days of `counted_in`."""
    counted_in: Period | None = None
    """The days of the earlier period, of which metrics counts the rate; null: `rate` holds it."""

    @model_validator(mode="after")
    def _from_one_source(self) -> Self:
        if (self.rate is None) == (self.counted_in is None):
            raise ValueError(
                Bilingual(
                    "Give either the earlier rate, or the days in which it is counted.",
                    "Ghi tỷ lệ của kỳ trước, hoặc khoảng ngày để hệ thống tính tỷ lệ đó.",
                )
            )
        return self


class FollowUp(InspectionPart):
    """What became of a recommendation of the earlier notice."""

    recommendation: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,79}$")]
    """Its key, as `GET /v1/notices/{number}/recommendations` of the earlier notice lists it."""
    outcome: Literal["done", "partly", "not_done"]
    """Whether it was carried out."""
    agencies: Annotated[tuple[Code, ...], Field(max_length=60)] = ()
    """Codes of the agencies that did not carry it out, or only partly."""
    text: Prose | None = None
    """What the team found of it; null: nothing to add."""


class Targets(InspectionPart):
    """Rates that were to be reached, in per cent."""

    online_share: Rate | None = None
    """Of newly received dossiers, those received online; null: no target."""
    digitised_intake: Rate | None = None
    """Of dossiers that must be digitised, those whose papers were at intake; null: no target."""
    digitised_result: Rate | None = None
    """Of results that must be digitised, those that were; null: no target."""


class Tasks(InspectionPart):
    """Tasks of the year's plan."""

    done: Annotated[int, Field(ge=0, le=100_000)]
    """Tasks that are done or under way."""
    assigned: Annotated[int, Field(ge=0, le=100_000)]
    """All tasks of the plan that is cited first."""

    @model_validator(mode="after")
    def _within(self) -> Self:
        if self.done > self.assigned:
            raise ValueError(Bilingual("More tasks are done than assigned.", "Số nhiệm vụ đã làm lớn hơn số được giao."))
        return self


class Signatory(InspectionPart):
    """Who signs, and for whom."""

    authority: Annotated[tuple[PrintedLine, ...], Field(min_length=1, max_length=4)]
    """`TM. ỦY BAN NHÂN DÂN`, `KT. CHỦ TỊCH`, `PHÓ CHỦ TỊCH`, line by line."""
    name: PrintedLine
    """The full name, printed below the signature."""


class Inspection(InspectionPart):
    """All that a conclusion needs besides the figures."""

    province: ProvinceCode
    """The province."""
    scope: Code
    """Code of the agency whose subtree was inspected; for a district, the district."""
    period: Period
    """The period of the figures."""
    issuer: Issuer
    """Who issues the conclusion."""
    year: Annotated[int, Field(ge=2000, le=2100)]
    """The year in which the notice will be issued, for its blank date and the series of its number."""
    subject: Annotated[tuple[PrintedLine, ...], Field(max_length=4)] = ()
    """Trích yếu as lines; left out, it follows from what was inspected."""
    inspected: Phrase
    """Whom it covers, in the middle of a sentence: `các phòng chuyên môn thuộc UBND huyện và UBND các xã, thị trấn`."""
    plans: Annotated[tuple[Citation, ...], Field(min_length=1, max_length=10)]
    """What the inspection rests on; the first holds the tasks of `tasks`."""
    report: Citation
    """The team's report."""
    team: Phrase = "Đoàn kiểm tra"
    """Who inspected, as sentences name them."""
    counts: Annotated[dict[Identifier, DeclaredCount], Field(max_length=200)] = Field(default_factory=dict)
    """Every quantity of the texts, by the name that they use."""
    findings: FindingsBySection = Field(default_factory=dict)
    """What the team found, by the section of the conclusion that states it."""
    overdue_causes: Annotated[tuple[StatedCause, ...], Field(max_length=20)] = ()
    """Why dossiers were resolved late; one that the counts do not support needs `own_finding`."""
    pending_causes: Annotated[tuple[StatedCause, ...], Field(max_length=20)] = ()
    """Why dossiers in process are late, likewise."""
    comparisons: Annotated[tuple[Comparison, ...], Field(max_length=10)] = ()
    """Rates of an earlier period: what became better is stated under achievements, what became worse under shortcomings."""
    targets: Targets = Targets()
    """A missed target is stated under shortcomings."""
    tasks: Tasks | None = None
    """How far the year's plan is carried out; null: the notice does not mention it."""
    causes: Annotated[tuple[TeamFinding, ...], Field(max_length=40)] = ()
    """Causes of the shortcomings; not of lateness, which goes under `overdue_causes` and `pending_causes`."""
    recommendations: Annotated[tuple[TeamFinding, ...], Field(max_length=40)] = ()
    """What the inspected are asked to do, beside what follows from the shortcomings."""
    deadline: Day | None = None
    """By when shortcomings are to be made good; after the team's report; null: some weeks after it."""
    follows: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    """Number of the earlier notice whose recommendations were followed up; null: none."""
    follow_ups: Annotated[tuple[FollowUp, ...], Field(max_length=200)] = ()
    """What became of them; one that is not here was not looked into, and is not stated."""
    signatory: Signatory
    """Who signs the conclusion."""
    recipients: Annotated[tuple[PrintedLine, ...], Field(min_length=1, max_length=30)]
    """Nơi nhận, line by line."""
    annex_naming: Literal["Biểu số", "Phụ lục"] = "Biểu số"
    """What the annexes are called."""

    @model_validator(mode="after")
    def _declared(self) -> Self:
        for text in self.prose():
            for name, part in PLACEHOLDER.findall(text):
                if name not in self.counts:
                    raise ValueError(
                        bilingual(
                            "{{{name}}} is used in a text but not declared under 'counts'.",
                            "{{{name}}} được dùng trong văn bản nhưng chưa khai báo trong 'counts'.",
                            name=name,
                        )
                    )
                if part and self.counts[name].of is None:
                    raise ValueError(
                        bilingual(
                            "{{{name}{part}}} needs the base of the share: give counts.{name}.of.",
                            "{{{name}{part}}} cần mẫu số của tỷ lệ: ghi counts.{name}.of.",
                            name=name,
                            part=part,
                        )
                    )
        for text in self._other_texts():
            if (words := explains_lateness(text)) is not None:
                raise ValueError(
                    bilingual(
                        "'{words}' explains why dossiers are late; state that under overdue_causes or pending_causes, where"
                        " it is compared with what was counted.",
                        "'{words}' giải thích vì sao hồ sơ trễ hạn; nêu trong overdue_causes hoặc pending_causes để đối chiếu"
                        " với số liệu.",
                        words=words,
                    )
                )
        if self.deadline is not None and self.deadline <= self.report.on:
            raise ValueError(
                bilingual(
                    "The deadline is not after {day}, the day of the team's report: nobody could keep it.",
                    "Thời hạn khắc phục không sau ngày {day} của báo cáo kết quả kiểm tra: không thể thực hiện.",
                    day=self.report.on.isoformat(),
                )
            )
        compared = [comparison.kpi for comparison in self.comparisons]
        if any(one.counted_in is not None and one.counted_in.end >= self.period.start for one in self.comparisons):
            raise ValueError(
                Bilingual("`counted_in` must end before the period begins.", "`counted_in` phải kết thúc trước kỳ kiểm tra.")
            )
        if self.follow_ups and self.follows is None:
            raise ValueError(
                Bilingual(
                    "'follow_ups' needs the earlier notice: give its number as 'follows'.",
                    "'follow_ups' cần thông báo kỳ trước: ghi số của thông báo đó trong 'follows'.",
                )
            )
        followed = [one.recommendation for one in self.follow_ups]
        if len(set(followed)) != len(followed):
            raise ValueError(
                Bilingual("A recommendation is followed up twice.", "Một kiến nghị được theo dõi hai lần trong 'follow_ups'.")
            )
        if len(set(compared)) != len(compared):
            raise ValueError(Bilingual("A rate is compared twice.", "Một tỷ lệ được so sánh hai lần."))
        return self

    def prose(self) -> list[str]:
        """Every free text of it."""
        return [*(cause.text for cause in (*self.overdue_causes, *self.pending_causes)), *self._other_texts()]

    def _other_texts(self) -> list[str]:
        findings: list[TeamFinding] = [*self.causes, *self.recommendations]
        for section in self.findings.values():
            findings.extend(section)
        followed = (one.text for one in self.follow_ups if one.text is not None)
        return [*followed, *(finding.text for finding in findings), *(item for finding in findings for item in finding.items)]

    def stored(self) -> JSONObject:
        """As JSON-ready data, as it was submitted."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
