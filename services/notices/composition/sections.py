"""The declared list of a conclusion's sections, and their composition into the tree of a notice.

Pure. To add a section, add an entry to `SECTIONS`: what an inspection may hold for it, the schema of that, headings and
numbers follow from the list. A section in which there is nothing to say is left out, and the numbering closes up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from services.notices.composition import counted
from services.notices.composition.annexes import BLANK, annexes, label_of
from services.notices.composition.derive import demand_comparable, derive
from services.notices.composition.lateness import counts_in, demand_borne
from services.notices.composition.phrases import Matter, abbreviated, cited, findings, merged, say
from services.notices.composition.shortfalls import shortfalls
from services.notices.composition.tree import Heading, Notice, Paragraph, Run, Words
from services.notices.figures.caveats import counted_on
from services.notices.figures.model import Figure, Figures, Pinned
from services.notices.inspections.model import Finding, Inspection
from services.notices.quantities import wording
from shared.errors import Fault, Faults, Invalid
from shared.spelling import unknown

Says = Callable[[Matter], list[Paragraph]]
Entered = Literal["findings", "causes", "recommendations"]
"""Where an inspection holds what the team found for a section: in `findings` under its id, or in a list of its own."""


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it: `before`, what the team found, `after`, and the reference to its annex."""

    id: str
    """Each paragraph of the section bears it."""
    level: int
    """1 to 3, at most one deeper than that of the section before."""
    title: str
    """Level 1 is set in capitals."""
    entered: Entered | None = None
    """None: it takes no findings."""
    before: Says | None = None
    after: Says | None = None
    annex: str | None = None
    """Id of the annex with the details, named where `before` or `after` says something."""


def _asked(matter: Matter) -> list[Paragraph]:
    inspection = matter.inspection
    if not inspection.recommendations:
        return []
    return [
        Paragraph(
            say(
                "Qua kết quả kiểm tra, {issuer} đề nghị các cơ quan, đơn vị phát huy những mặt đã làm được, chủ động khắc "
                "phục các tồn tại, hạn chế và tập trung thực hiện những nội dung sau:",
                issuer=inspection.issuer.short_name,
            )
        )
    ]


def _demanded(matter: Matter) -> list[Paragraph]:
    inspection = matter.inspection
    return [
        Paragraph(
            say(
                "Yêu cầu người đứng đầu {inspected} tổ chức thực hiện nghiêm các nội dung của Thông báo này, xây dựng kế hoạch "
                "khắc phục và báo cáo kết quả về {issuer}.",
                inspected=inspection.inspected,
                issuer=inspection.issuer.short_name,
            )
        )
    ]


SECTIONS = (
    Section("leadership", 1, "Công tác lãnh đạo, chỉ đạo", "findings"),
    Section("results", 1, "Kết quả thực hiện"),
    Section("control", 2, "Công tác kiểm soát TTHC"),
    Section("publication", 3, "Công khai TTHC", "findings"),
    Section("handling", 3, "Tiếp nhận và giải quyết TTHC", "findings", after=counted.handling, annex="by_agency"),
    Section("review", 3, "Rà soát, đánh giá TTHC", "findings"),
    Section("feedback", 3, "Tiếp nhận, xử lý phản ánh, kiến nghị về quy định hành chính", "findings"),
    Section("communication", 3, "Truyền thông và thực hiện chế độ thông tin, báo cáo", "findings"),
    Section("assessment", 3, "Đánh giá việc giải quyết TTHC và khảo sát sự hài lòng của người dân, doanh nghiệp", "findings"),
    Section("staffing", 3, "Bố trí công chức đầu mối kiểm soát TTHC và công chức Bộ phận Một cửa", "findings"),
    Section("other_tasks", 3, "Thực hiện các nhiệm vụ khác về kiểm soát TTHC", "findings"),
    Section("one_stop_results", 2, "Giải quyết TTHC theo cơ chế một cửa, một cửa liên thông"),
    Section("one_stop", 3, "Tổ chức thực hiện cơ chế một cửa, một cửa liên thông", "findings"),
    Section(
        "internal_process",
        3,
        "Giải quyết TTHC theo quy trình nội bộ, quy trình điện tử",
        "findings",
        after=counted.interlinked,
        annex="by_procedure",
    ),
    Section(
        "online_service",
        3,
        "Dịch vụ công trực tuyến và số hóa hồ sơ",
        "findings",
        after=counted.online_service,
        annex="online",
    ),
    Section("appraisal", 1, "Đánh giá chung"),
    Section("achievements", 2, "Kết quả đạt được", "findings", after=counted.progress),
    Section("wanting", 2, "Tồn tại, hạn chế và nguyên nhân"),
    Section("shortcomings", 3, "Tồn tại, hạn chế", "findings", before=shortfalls),
    Section("causes", 3, "Nguyên nhân", "causes"),
    Section("recommendations", 1, "Kiến nghị", "recommendations", before=_asked, after=_demanded),
)
"""The sections of a conclusion, in order."""


def with_findings() -> dict[str, Section]:
    """The sections that `findings` of an inspection may be for, by id."""
    return {section.id: section for section in SECTIONS if section.entered == "findings"}


def unknown_section(name: str) -> str | None:
    """What is wrong with a name in `findings`; None: it is that of a section which takes findings."""
    known = with_findings().keys()
    return None if name in known else unknown("section with findings", name, known)


def demand_sections(inspection: Inspection) -> None:
    """Raise `Invalid`, with each place, when there are findings for what is no section or takes none."""
    faults = [
        Fault(f"body.findings.{name}", says, "unknown_section")
        for name in inspection.findings
        if (says := unknown_section(name)) is not None
    ]
    if faults:
        raise Invalid(f"{faults[0].at}: {faults[0].says}", members=Faults(errors=faults))


def compose(inspection: Inspection, pinned: Pinned) -> tuple[Notice, dict[str, Figure]]:
    """The notice, and every figure that it may print.

    Raises `Unavailable` when a needed figure is missing, and `Invalid` when the findings are for no section, name an unknown
    agency or state a cause that the counts do not bear, or what is compared is no share.
    """
    demand_sections(inspection)
    demand_borne(inspection, counts_in(pinned))
    demand_comparable(inspection, pinned.catalogue)
    matter = Matter(inspection, Figures(pinned))
    derive(matter)
    issuer = inspection.issuer
    body = abbreviated([*_preamble(inspection, pinned), *_numbered(matter)])
    notice = Notice(
        superior=(issuer.superior or "").upper(),
        issuer=tuple(line.upper() for line in issuer.lines),
        reference=f"Số: {BLANK}/TB-{issuer.symbol}",
        place_and_date=f"{issuer.place}, ngày {BLANK} tháng {BLANK} năm {inspection.year}",
        kind="THÔNG BÁO",
        abstract=inspection.subject or _subject(inspection),
        body=_ended(body),
        authority=tuple(line.upper() if line.isupper() else line for line in inspection.signatory.authority),
        signatory=inspection.signatory.name,
        recipients=inspection.recipients,
        annexes=annexes(matter),
    )
    return notice, matter.figures.all()


def _subject(inspection: Inspection) -> tuple[str, ...]:
    return (
        "Kết luận kiểm tra công tác kiểm soát thủ tục hành chính",
        "và thực hiện cơ chế một cửa, một cửa liên thông",
        f"tại {inspection.inspected}",
    )


def _preamble(inspection: Inspection, pinned: Pinned) -> list[Paragraph]:
    issuer, period = inspection.issuer, inspection.period
    counted = counted_on(pinned)
    plans = "; ".join(cited(plan) for plan in inspection.plans)
    return [
        Paragraph(
            say(
                "Thực hiện {plans}, {team} đã kiểm tra công tác kiểm soát thủ tục hành chính và việc thực hiện cơ chế một cửa, "
                "một cửa liên thông tại {inspected} (sau đây gọi chung là các cơ quan, đơn vị).",
                plans=plans,
                team=inspection.team,
                inspected=inspection.inspected,
            ),
            section="preamble",
        ),
        Paragraph(
            say(
                "Căn cứ {report} và số liệu của hệ thống thông tin giải quyết thủ tục hành chính trong kỳ từ ngày {start} đến "
                "ngày {end}{counted}, {issuer} thông báo kết luận kiểm tra như sau:",
                counted=f" (số liệu chốt ngày {wording.day(counted)})" if counted else "",
                report=cited(inspection.report),
                start=wording.day(period.start),
                end=wording.day(period.end),
                issuer=issuer.name,
            ),
            section="preamble",
        ),
        *(
            Paragraph(say("Lưu ý về số liệu: {text}", text=caveat.text), section="preamble", source="figures", emphasis=True)
            for caveat in pinned.caveats
        ),
    ]


def _numbered(matter: Matter) -> list[Heading | Paragraph]:
    """The sections that have something to say, their headings numbered as decree 30/2020 does."""
    contents = {section.id: content(matter, section) for section in SECTIONS}
    out: list[Heading | Paragraph] = []
    at = [0, 0, 0]
    for place, section in enumerate(SECTIONS):
        if not any(contents[below.id] for below in _subtree(place)):
            continue
        at[section.level - 1] += 1
        at[section.level :] = [0] * (3 - section.level)
        number = at[section.level - 1]
        label = (f"{wording.ROMAN[number - 1]}.", f"{number}.", f"{wording.POINTS[number - 1]})")[section.level - 1]
        title = section.title.upper() if section.level == 1 else section.title
        out.append(Heading(section.level, label, title))
        out.extend(contents[section.id])
    return out


def _subtree(place: int) -> Sequence[Section]:
    end = place + 1
    while end < len(SECTIONS) and SECTIONS[end].level > SECTIONS[place].level:
        end += 1
    return SECTIONS[place:end]


def content(matter: Matter, section: Section) -> list[Paragraph]:
    """What stands under the heading of a section; empty where there is nothing to say."""
    before, after = (says(matter) if says else [] for says in (section.before, section.after))
    out = [*before, *findings(matter, _entered(matter.inspection, section), section.id), *after]
    if section.annex and (before or after):
        reference: tuple[Run, ...] = (Words(f"(Chi tiết tại {label_of(matter.inspection, section.annex)} kèm theo)"),)
        out.append(Paragraph(reference, emphasis=True))
    return [msgspec.structs.replace(paragraph, section=section.id) for paragraph in out]


def _entered(inspection: Inspection, section: Section) -> Sequence[Finding]:
    match section.entered:
        case "findings":
            return inspection.findings.get(section.id, ())
        case "causes":
            return inspection.causes
        case "recommendations":
            return inspection.recommendations
        case None:
            return ()


def _ended(body: tuple[Heading | Paragraph, ...]) -> tuple[Heading | Paragraph, ...]:
    """The body with `./.` after its last word."""
    last = body[-1]
    assert isinstance(last, Paragraph)
    assert isinstance(last.runs[-1], Words)
    end = Words(last.runs[-1].text.rstrip(".;") + "./.")
    return (*body[:-1], msgspec.structs.replace(last, runs=merged([*last.runs[:-1], end])))
