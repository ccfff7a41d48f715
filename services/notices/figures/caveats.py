"""Caveats of figures: there were none yet, the period has not ended, some are missing.

Pure. Whoever orders a notice confirms each kind of caveat by name, and the document states it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, Self

import msgspec

from services.notices.figures.model import Caveat, CaveatFacts, CaveatKind
from services.notices.inspections.model import Period
from services.notices.quantities import wording
from shared.civil import civil_day
from shared.contracts.kpis import Freshness
from shared.errors import Conflict, Guidance
from shared.languages import Bilingual, bilingual, joined

REASON_WORDS = {
    "worker_silent": "việc tổng hợp số liệu đang gián đoạn",
    "ingest_restored": "dữ liệu nguồn đã được khôi phục hoặc thay thế, số liệu chưa được tổng hợp lại",
    "ingest_unreachable": "chưa đối chiếu được với hệ thống tiếp nhận dữ liệu",
    "ingest_worker_silent": "việc đồng bộ dữ liệu từ các nguồn đang gián đoạn",
    "sources_unknown": "chưa rõ tình trạng đồng bộ của các nguồn dữ liệu",
    "behind": "một số thay đổi của hồ sơ chưa được tổng hợp",
    "recounting": "số liệu đang được tính lại theo phiên bản phần mềm mới",
    "source_missing": "có nguồn dữ liệu chưa được đồng bộ đầy đủ",
    "source_silent": "có nguồn dữ liệu quá hạn gửi dữ liệu",
    "pull_unverified": "có nguồn dữ liệu chưa xác nhận là đã được đọc đủ",
    "import_running": "có tệp dữ liệu đang được nhập",
    "import_interrupted": "có tệp dữ liệu nhập dở dang",
    "quarantined": "có bản ghi chưa đọc được, đang chờ xử lý",
    "petitions_rejected": "có dòng phản ánh, kiến nghị chưa nhận được, đang chờ sửa",
    "reconciliation_gap": "có hồ sơ chênh lệch với phần mềm nguồn khi đối chiếu",
    "redating": "thay đổi danh mục chưa được áp dụng cho mọi hồ sơ",
    "agency_unmapped": "có hồ sơ trong kỳ chưa xác định được cơ quan giải quyết",
    "procedure_unmapped": "có hồ sơ trong kỳ chưa xác định được thủ tục hành chính",
    "nothing_counted": "chưa có số liệu nào được tổng hợp",
    "period_before_data": "kỳ báo cáo bắt đầu trước ngày đầu tiên có dữ liệu",
    "period_not_over": "kỳ báo cáo chưa kết thúc",
}
"""Kinds of `freshness.reasons` of metrics, and the words of the document for each."""

_OWN_CAVEATS = frozenset({"nothing_counted", "period_not_over"})
"""Reasons that are caveats of their own: `no_figures` and `period_not_ended`."""

UNKNOWN_REASON_WORDS = "có dữ liệu chưa được tổng hợp đầy đủ"
"""The words where metrics gives no reason, or one that is not among them."""


class CountedState(Protocol):
    """Position and completeness of figures: of a response of metrics, or of pinned figures."""

    @property
    def position(self) -> int:
        """Of the feed."""

    @property
    def as_of(self) -> datetime | None:
        """When that position was counted; None before the first."""

    @property
    def freshness(self) -> object:
        """What metrics states about completeness: a `Freshness`."""


@dataclass(frozen=True)
class ConfirmedCaveats:
    """The caveats that an order confirmed, and why."""

    kinds: tuple[str, ...] = ()
    reason: str | None = None


class CaveatsNotConfirmed(Conflict):
    """There is a caveat that was not confirmed, or one was confirmed that does not hold."""

    type = "not-confirmed"
    title = "The figures have caveats that must be confirmed"
    guidance = Guidance(
        "Read `reasons`; wait until they pass, or order again with exactly these in `confirm` and a `reason`.",
        "Số liệu có điểm cần xác nhận",
        "Có điểm lưu ý chưa được xác nhận, hoặc đã xác nhận điểm không còn đúng.",
        "Đọc `reasons`; chờ đến khi hết, hoặc đặt lại với đúng các mục đó trong `confirm` và lý do trong `reason`.",
    )

    @classmethod
    def example(cls) -> Self:
        """Of a period that has not ended."""
        facts = CaveatFacts(period_to=date(2031, 12, 31), counted_on=date(2026, 11, 26))
        detail = "The period ends on 2031-12-31; the figures were counted on 2026-11-26, before its last day was over."
        text = "Kỳ báo cáo kết thúc ngày 31/12/2031, nhưng số liệu được chốt khi kỳ chưa kết thúc; các số liệu là tạm tính."
        caveat = caveat_details(Caveat("period_not_ended", text, detail, facts))
        return cls(
            f'{detail} Wait, or order with {{"confirm": ["period_not_ended"], "reason": ...}}: the notice will state it.',
            members=CaveatReasons([caveat]),
        )


def counted_on(state: CountedState) -> date | None:
    """The civil day in Vietnam on which the figures were counted; None before the first of the province."""
    if state.as_of is None or state.position == 0:
        return None
    return civil_day(state.as_of)


def caveats_of(state: CountedState, period: Period, now: datetime) -> tuple[Caveat, ...]:
    """Every caveat of figures of `period`, in the order of `KINDS`."""
    found = (find(state, period, now) for find in KINDS.values())
    return tuple(one for one in found if one is not None)


def demand_confirmed(caveats: Sequence[Caveat], confirmed: Collection[str], *, exactly: bool) -> None:
    """Raise `Unconfirmed`, with `reasons`, unless every caveat is confirmed; `exactly`: and nothing else is."""
    missing = [one for one in caveats if one.kind not in confirmed]
    needless = sorted(set(confirmed) - {one.kind for one in caveats}) if exactly else []
    if not missing and not needless:
        return
    details = [Bilingual(one.detail, one.text) for one in missing]
    if missing:
        kinds = ", ".join(f'"{one.kind}"' for one in caveats)
        details.append(
            bilingual(
                'Wait, or order with {{"confirm": [{kinds}], "reason": ...}}: the notice will state it.',
                'Chờ thêm, hoặc đặt thông báo với {{"confirm": [{kinds}], "reason": ...}}: thông báo sẽ nêu rõ điều này.',
                kinds=kinds,
            )
        )
    if needless:
        details.append(
            bilingual(
                "Leave {kinds} out of `confirm`: it does not hold.",
                "Bỏ {kinds} khỏi `confirm`: điều đó không đúng.",
                kinds=", ".join(needless),
            )
        )
    raise CaveatsNotConfirmed(joined(details), members=CaveatReasons([caveat_details(one) for one in caveats]))


class CaveatDetails(CaveatFacts, frozen=True, kw_only=True):
    """A caveat of figures, and the facts that it rests on."""

    kind: CaveatKind
    """Its name in `confirm`."""
    detail: str
    """What it is and what to do about it, for whoever orders."""
    text: str
    """As the document states it, in Vietnamese."""


class CaveatReasons(msgspec.Struct, frozen=True):
    """What must be confirmed before anything is concluded from the figures."""

    reasons: list[CaveatDetails]
    """Every caveat of the figures, also those that were confirmed: `confirm` must hold exactly their kinds. Empty: none."""


def caveat_details(caveat: Caveat) -> CaveatDetails:
    """A caveat as responses give it."""
    return CaveatDetails(kind=caveat.kind, detail=caveat.detail, text=caveat.text, **msgspec.structs.asdict(caveat.facts))


def _no_figures(state: CountedState, period: Period, _: datetime) -> Caveat | None:
    counted = counted_on(state)
    if counted is None:
        return Caveat(
            "no_figures",
            "Tại thời điểm chốt số liệu, hệ thống chưa có số liệu nào của các cơ quan, đơn vị; việc không nêu hồ sơ phát sinh "
            "trong kỳ không có nghĩa là không có hồ sơ.",
            f"At position {state.position} nothing of the province was counted yet.",
            CaveatFacts(position=state.position, counted_on=None),
        )
    if counted >= period.start:
        return None
    return Caveat(
        "no_figures",
        f"Số liệu được chốt ngày {wording.day(counted)}, trước khi kỳ báo cáo bắt đầu; hệ thống chưa có số liệu về hồ sơ phát "
        "sinh trong kỳ.",
        f"The figures were counted on {counted}, before the period begins on {period.start}.",
        CaveatFacts(position=state.position, counted_on=counted),
    )


def known_on(state: CountedState, now: datetime) -> date:
    """The civil day up to which figures are known: today if theirs is the newest position, else when it was counted."""
    today = civil_day(now)
    head = state.freshness.head if isinstance(state.freshness, Freshness) else None
    is_newest = head is not None and state.position >= head
    return today if is_newest else counted_on(state) or today


def _period_not_ended(state: CountedState, period: Period, now: datetime) -> Caveat | None:
    counted = known_on(state, now)
    if counted > period.end:  # on its last day a period goes on until midnight, whatever was counted in the morning
        return None
    return Caveat(
        "period_not_ended",
        f"Kỳ báo cáo kết thúc ngày {wording.day(period.end)}, nhưng số liệu được chốt khi kỳ chưa kết thúc; các số liệu là tạm "
        "tính, riêng số hồ sơ đang giải quyết và quá hạn là dự tính đến hết kỳ theo tình trạng hồ sơ khi chốt số liệu.",
        f"The period ends on {period.end}; the figures were counted on {counted}, before its last day was over.",
        CaveatFacts(period_to=period.end, counted_on=counted),
    )


def _figures_incomplete(state: CountedState, _period: Period, _: datetime) -> Caveat | None:
    freshness = state.freshness if isinstance(state.freshness, Freshness) else None
    reasons = [one for one in freshness.reasons if one.kind not in _OWN_CAVEATS] if freshness is not None else []
    if freshness is not None and (freshness.complete or (freshness.reasons and not reasons)):
        return None
    words = dict.fromkeys(REASON_WORDS.get(one.kind, UNKNOWN_REASON_WORDS) for one in reasons) or {UNKNOWN_REASON_WORDS: None}
    kinds = ", ".join(dict.fromkeys(one.kind for one in reasons)) or "no reason given"
    return Caveat(
        "figures_incomplete",
        f"Số liệu chưa đầy đủ: {'; '.join(words)}.",
        f"Metrics does not call its figures complete ({kinds}).",
        CaveatFacts(because=tuple(reasons)),
    )


KINDS: dict[CaveatKind, Callable[[CountedState, Period, datetime], Caveat | None]] = {
    "no_figures": _no_figures,
    "period_not_ended": _period_not_ended,
    "figures_incomplete": _figures_incomplete,
}
"""Every kind of caveat, and the function that finds it. Add a kind here, and to `CaveatKind`."""
