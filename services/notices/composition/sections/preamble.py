"""The paragraphs before the first heading: what the inspection rests on, when its figures were counted, and their caveats."""

from __future__ import annotations

from services.notices.composition.comparisons import RATES
from services.notices.composition.model import Paragraph
from services.notices.composition.phrases import cited, sentence
from services.notices.figures.caveats import counted_on
from services.notices.figures.model import EarlierShares, Pinned
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
                "một cửa liên thông tại {inspected}{together}.",
                plans=plans,
                team=inspection.team,
                inspected=inspection.inspected,
                together="" if len(pinned.agencies) == 1 else " (sau đây gọi chung là các cơ quan, đơn vị)",
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
        *(
            Paragraph(
                sentence("Lưu ý về số liệu: {text}", text=_doubt(inspection, earlier)),
                section="preamble",
                key=f"preamble.earlier.{number}",
                source="figures",
                emphasis=True,
            )
            for number, earlier in enumerate(pinned.earlier, 1)
        ),
    ]


_DOUBTS = {
    "incomplete": "số liệu của {period} chưa đầy đủ, việc so sánh {rates} chỉ để tham khảo.",
    "before_data": "không so sánh {rates} với {period}, do hệ thống chưa có đủ số liệu của kỳ đó.",
    "unknown_scope": "không so sánh {rates} với {period}, do phạm vi được kiểm tra khi đó chưa được thành lập.",
}
"""Words for shares of an earlier period, by why they are in doubt."""


def _doubt(inspection: Inspection, earlier: EarlierShares) -> str:
    """Which shares are compared with care, or not at all, and why."""
    compared = [one for one in inspection.comparisons if one.kpi in earlier.kpis]
    rates = ", ".join(RATES.get(one.kpi, "chỉ tiêu khác") for one in compared)
    return _DOUBTS[earlier.reason].format(period=compared[0].period, rates=rates)
