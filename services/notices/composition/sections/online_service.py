"""II.2.c Dịch vụ công trực tuyến và số hóa hồ sơ: online service and digitisation, with the bases of the shares."""

from __future__ import annotations

from services.notices.composition.context import Matter
from services.notices.composition.model import Paragraph, Run
from services.notices.composition.phrases import counted, say


def online_service(matter: Matter) -> list[Paragraph]:
    """Online service and digitisation, with the bases of the shares."""
    figures = matter.figures
    whole = f"toàn {matter.inspection.issuer.territory}"
    out: list[Paragraph] = []
    if matter.lacks_figures:
        return out
    if figures["received_new"].size == 0:
        out.append(counted(say("Trong kỳ không có hồ sơ mới tiếp nhận.")))
    elif figures["received_online"].size == 0:
        out.append(counted(say("Trong {n} hồ sơ mới tiếp nhận không có hồ sơ nào nộp trực tuyến.", n=figures["received_new"])))
    else:
        out.append(
            counted(
                say(
                    "Trong kỳ, {whole} tiếp nhận {online} hồ sơ trực tuyến trên tổng số {new} hồ sơ mới tiếp nhận, đạt tỷ lệ "
                    "{rate}.",
                    whole=whole,
                    online=figures["received_online"],
                    new=figures["received_new"],
                    rate=figures["online_share"],
                )
            )
        )
    out.append(counted(_digitised(matter)))
    return out


def _digitised(matter: Matter) -> tuple[Run, ...]:
    figures = matter.figures

    def one(kpi: str, what: str, among: str, nothing: str) -> tuple[Run, ...]:
        part, base = figures[f"{kpi}.part"], figures[f"{kpi}.base"]
        if base.size == 0:
            return say(nothing)
        if part.size == 0:
            return say(f"chưa {what} hồ sơ nào trong {{base}} hồ sơ {among}", base=base)
        return say(f"{what} {{part}}/{{base}} hồ sơ {among}, đạt {{rate}}", part=part, base=base, rate=figures[kpi])

    intake = one(
        "digitised_intake",
        "số hóa đầy đủ thành phần khi tiếp nhận",
        "thuộc các TTHC phải số hóa",
        "không phát sinh hồ sơ phải số hóa khi tiếp nhận",
    )
    result = one(
        "digitised_result",
        "số hóa kết quả giải quyết",
        "đã có kết quả thuộc các TTHC phải số hóa",
        "không phát sinh kết quả phải số hóa",
    )
    return say("Về số hóa: {intake}; {result}.", intake=intake, result=result)
