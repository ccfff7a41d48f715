"""II.2.c Dịch vụ công trực tuyến và số hóa hồ sơ: online service and digitisation, with the bases of the shares."""

from __future__ import annotations

from services.notices.composition.conduct import Conduct, conduct
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, Run
from services.notices.composition.phrases import figures_paragraph, sentence


def online_service(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs; none where metrics has no figures yet."""
    whole = context.words.whole
    paragraphs = conduct(
        context,
        "conduct",
        Conduct(
            "desk.electronic",
            "tiếp nhận, giải quyết TTHC trên môi trường điện tử theo Nghị định số 45/2020/NĐ-CP ngày 08/4/2020 của Chính phủ",
        ),
    )
    if not context.lacks_figures:
        paragraphs.extend(_counted(context, whole))
    return [
        *paragraphs,
        *conduct(
            context,
            "payment",
            Conduct("payment.land", "vận động người dân thanh toán trực tuyến nghĩa vụ tài chính về đất đai"),
            Conduct("payment.fees", "hướng dẫn người dân thanh toán trực tuyến phí, lệ phí"),
        ),
    ]


def _counted(context: CompositionContext, whole: str) -> list[Paragraph]:
    """What came in online, what was digitised, what was paid online."""
    figures = context.figures
    paragraphs: list[Paragraph] = []
    if figures["received_new"].size == 0:
        paragraphs.append(figures_paragraph("online", sentence("Trong kỳ không có hồ sơ mới tiếp nhận.")))
    elif not figures["online_share"].is_known:
        text = "Trong tổng số {n} hồ sơ mới tiếp nhận, số nộp trực tuyến {rate} do nguồn dữ liệu không ghi hình thức nộp."
        runs = sentence(text, n=figures["received_new"], rate=figures["online_share"])
        paragraphs.append(figures_paragraph("online", runs))
    elif figures["received_online"].size == 0:
        paragraphs.append(
            figures_paragraph(
                "online",
                sentence("Trong {n} hồ sơ mới tiếp nhận không có hồ sơ nào nộp trực tuyến.", n=figures["received_new"]),
            )
        )
    else:
        paragraphs.append(
            figures_paragraph(
                "online",
                sentence(
                    "Trong kỳ, {whole} tiếp nhận {online} hồ sơ trực tuyến trên tổng số {new} hồ sơ mới tiếp nhận, đạt tỷ lệ "
                    "{rate}{target}.",
                    whole=whole,
                    target=_target(context),
                    online=figures["received_online"],
                    new=figures["received_new"],
                    rate=figures["online_share"],
                ),
            )
        )
    paragraphs.append(figures_paragraph("digitised", _digitised(context)))
    paid = figures.find("online_payment_share")
    if paid is not None and (paid.value is not None or not paid.is_known):
        part, base = (figures[f"online_payment_share.{one}"] for one in ("part", "base"))
        text = "Thanh toán trực tuyến {part}/{base} hồ sơ phải nộp phí, lệ phí, đạt {rate}."
        if not paid.is_known:
            text = "Thanh toán trực tuyến phí, lệ phí của {base} hồ sơ phải nộp: {rate}."
        paragraphs.append(figures_paragraph("payment_share", sentence(text, part=part, base=base, rate=paid)))
    return paragraphs


def _target(context: CompositionContext) -> tuple[Run, ...]:
    """That the target of online service is reached; nothing where it is not, or none was set."""
    target, share = context.figures.find("target.online_share"), context.figures["online_share"]
    if target is None or target.value is None or share.value is None or share.value < target.value:
        return ()
    return sentence(", bảo đảm chỉ tiêu giao ({target})", target=target)


def _digitised(context: CompositionContext) -> tuple[Run, ...]:
    figures = context.figures

    def one(kpi: str, what: str, among: str, nothing: str) -> tuple[Run, ...]:
        part, base = figures[f"{kpi}.part"], figures[f"{kpi}.base"]
        if base.size == 0:
            return sentence(nothing)
        if not part.is_known:
            return sentence(f"{what} trong {{base}} hồ sơ {among}: {{rate}}", base=base, rate=figures[kpi])
        if part.size == 0:
            return sentence(f"chưa {what} hồ sơ nào trong {{base}} hồ sơ {among}", base=base)
        return sentence(f"{what} {{part}}/{{base}} hồ sơ {among}, đạt {{rate}}", part=part, base=base, rate=figures[kpi])

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
    return sentence("Về số hóa: {intake}; {result}.", intake=intake, result=result)
