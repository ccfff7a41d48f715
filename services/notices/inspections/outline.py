"""The outline of a conclusion: its sections in order, and where an inspection holds what the team found for each. Pure.

To add a section, add an entry to `SECTIONS`: what an inspection may hold for it, the schema of that, headings and numbers
follow from the list. Sentences about figures are worded in `services.notices.composition.sections`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.notices.inspections.model import Inspection
from shared.errors import FieldFault, Invalid
from shared.languages import Bilingual
from shared.spelling import SECTION, unknown_name

TeamInput = Literal["findings", "causes", "recommendations"]
"""Where an inspection holds what the team found for a section: in `findings` under its id, or in a list of its own."""


@dataclass(frozen=True)
class Section:
    """A section of the conclusion: its heading, and what an inspection may hold for it."""

    id: str
    """Each paragraph of the section bears it."""
    level: int
    """1 to 3, at most one deeper than that of the section before."""
    title: str
    """Level 1 is set in capitals."""
    team_input: TeamInput | None = None
    """None: it takes no findings."""


SECTIONS = (
    Section("leadership", 1, "Công tác lãnh đạo, chỉ đạo", "findings"),
    Section("results", 1, "Kết quả thực hiện"),
    Section("control", 2, "Công tác kiểm soát TTHC"),
    Section("publication", 3, "Công khai TTHC", "findings"),
    Section("handling", 3, "Tiếp nhận và giải quyết TTHC", "findings"),
    Section("review", 3, "Rà soát, đánh giá TTHC", "findings"),
    Section("feedback", 3, "Tiếp nhận, xử lý phản ánh, kiến nghị về quy định hành chính", "findings"),
    Section("communication", 3, "Truyền thông và thực hiện chế độ thông tin, báo cáo", "findings"),
    Section("assessment", 3, "Đánh giá việc giải quyết TTHC và khảo sát sự hài lòng của người dân, doanh nghiệp", "findings"),
    Section("staffing", 3, "Bố trí công chức đầu mối kiểm soát TTHC và công chức Bộ phận Một cửa", "findings"),
    Section("other_tasks", 3, "Thực hiện các nhiệm vụ khác về kiểm soát TTHC", "findings"),
    Section("one_stop_results", 2, "Giải quyết TTHC theo cơ chế một cửa, một cửa liên thông"),
    Section("one_stop", 3, "Tổ chức thực hiện cơ chế một cửa, một cửa liên thông", "findings"),
    Section("internal_process", 3, "Giải quyết TTHC theo quy trình nội bộ, quy trình điện tử", "findings"),
    Section("online_service", 3, "Dịch vụ công trực tuyến và số hóa hồ sơ", "findings"),
    Section("follow_up", 2, "Thực hiện kiến nghị của kết luận kiểm tra kỳ trước", "findings"),
    Section("appraisal", 1, "Đánh giá chung"),
    Section("achievements", 2, "Kết quả đạt được", "findings"),
    Section("wanting", 2, "Tồn tại, hạn chế và nguyên nhân"),
    Section("shortcomings", 3, "Tồn tại, hạn chế", "findings"),
    Section("causes", 3, "Nguyên nhân", "causes"),
    Section("recommendations", 1, "Kiến nghị", "recommendations"),
)
"""The sections of a conclusion, in order."""


def with_findings() -> dict[str, Section]:
    """The sections that `findings` of an inspection may be for, by id."""
    return {section.id: section for section in SECTIONS if section.team_input == "findings"}


def unknown_section(name: str) -> Bilingual | None:
    """What is wrong with a name in `findings`; None where it is the id of a section that takes findings."""
    known = with_findings().keys()
    return None if name in known else unknown_name(SECTION, name, known)


def demand_sections(inspection: Inspection) -> None:
    """Raise `Invalid`, with each place, when there are findings for what is no section or takes none."""
    faults = [
        FieldFault(f"body.findings.{name}", problem, "unknown_section")
        for name in inspection.findings
        if (problem := unknown_section(name)) is not None
    ]
    if faults:
        raise Invalid.of_fields(faults)
