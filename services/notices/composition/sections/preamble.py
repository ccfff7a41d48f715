"""The paragraphs before the first heading: what the inspection rests on, when its figures were counted, and their caveats."""

from __future__ import annotations

from services.notices.composition.model import Paragraph
from services.notices.composition.phrases import cited, sentence
from services.notices.figures.caveats import counted_on
from services.notices.figures.model import Pinned
from services.notices.inspections.model import Inspection
from services.notices.quantities import wording


def preamble(inspection: Inspection, pinned: Pinned) -> list[Paragraph]:
    """Its paragraphs; each caveat of the figures is one."""
    issuer, period = inspection.issuer, inspection.period
    counted = counted_on(pinned)
    plans = "; ".join(cited(plan) for plan in inspection.plans)
    return [
        Paragraph(
            sentence(
                "Thực hiện {plans}, {team} đã kiểm tra công tác kiểm soát thủ tục hành chính và việc thực hiện cơ chế một cửa, "
                "một cửa liên thông tại {inspected} (sau đây gọi chung là các cơ quan, đơn vị).",
                plans=plans,
                team=inspection.team,
                inspected=inspection.inspected,
            ),
            section="preamble",
            key="preamble.basis",
        ),
        Paragraph(
            sentence(
                "Căn cứ {report} và số liệu của hệ thống thông tin giải quyết thủ tục hành chính trong kỳ từ ngày {start} đến "
                "ngày {end}{counted}, {issuer} thông báo kết luận kiểm tra như sau:",
                counted=f" (số liệu chốt ngày {wording.day(counted)})" if counted else "",
                report=cited(inspection.report),
                start=wording.day(period.start),
                end=wording.day(period.end),
                issuer=issuer.name,
            ),
            section="preamble",
            key="preamble.figures",
        ),
        *(
            Paragraph(
                sentence("Lưu ý về số liệu: {text}", text=caveat.text),
                section="preamble",
                key=f"preamble.caveat.{caveat.kind}",
                source="figures",
                emphasis=True,
            )
            for caveat in pinned.caveats
        ),
    ]
