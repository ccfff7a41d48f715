"""II.1.a Công khai TTHC: procedures that are posted, and results that are made public every month."""

from __future__ import annotations

from services.notices.composition.conduct import Conduct, conduct, evidence_paragraph, examined, listed, short_of, times
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph
from services.notices.composition.phrases import merged, sentence


def publication(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs."""
    return [
        *conduct(
            context,
            "posted",
            Conduct("publication.updated", "thường xuyên cập nhật các quyết định công bố TTHC của cấp có thẩm quyền"),
            Conduct(
                "publication.posted", "niêm yết đầy đủ, rõ ràng TTHC tại Bộ phận Tiếp nhận và Trả kết quả, thuận tiện tra cứu"
            ),
            Conduct("publication.web", "đăng tải TTHC trên cổng, trang thông tin điện tử"),
        ),
        *_procedures(context),
        *conduct(
            context,
            "results",
            Conduct("publication.months", "công khai đủ các tháng tiến độ, kết quả giải quyết hồ sơ"),
            Conduct("publication.results_web", "đưa kết quả giải quyết hằng tháng lên cổng, trang thông tin điện tử"),
            Conduct("publication.results_radio", "thông báo kết quả giải quyết trên hệ thống truyền thanh"),
        ),
    ]


def _procedures(context: CompositionContext) -> list[Paragraph]:
    """How many of the procedures are posted, and at how many points."""
    item, places = "publication.procedures", "publication.places"
    if not context.is_answered(item) or context.measured(item, "of").size == 0:
        return []
    gaps = short_of(context, item)
    runs = [
        *sentence(
            "Đã niêm yết, công khai {count}/{of} {unit} thuộc thẩm quyền của {who}, đạt {rate}",
            count=context.measured(item, "count"),
            of=context.measured(item, "of"),
            rate=context.measured(item, "rate"),
            who=examined(context, item),
            unit=times(context, item, "TTHC"),
        ),
        *(
            sentence(", tại {n} điểm niêm yết", n=context.measured(places, "count"))
            if context.is_answered(places) and context.measured(places, "count").size
            else ()
        ),
        *(
            sentence("; chưa niêm yết đủ: {names}", names=listed(context, gaps))
            if gaps and context.measured(item, "answered").size > 1
            else ()
        ),
        *sentence("."),
    ]
    return [evidence_paragraph("procedures", merged(runs), agencies=gaps)]
