"""Compares figures of a notice with ours: same, different by so much, undecided, or without a counterpart. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from services.notices.audit.comparison.agencies import FoundAgencies, Missing, OurAgencies, words_of
from services.notices.audit.comparison.counterparts import Counterpart, counterpart_of
from services.notices.audit.comparison.figures import FigureContext, ReadFigure
from services.notices.audit.comparison.model import ComparedFigure, ComparisonVerdict, NoticeComparison, OurFigure
from services.notices.audit.figures import FigureKind
from services.notices.quantities import wording
from shared.civil import civil_time
from shared.contracts.kpis import KpiResponse, Kpis, Text, UnitRow
from shared.languages import Bilingual, bilingual

Names = Mapping[str, Text]
"""Names of KPIs by id."""

_COUNTED_UNITS = (None, "dossier")

_CHANGE = Bilingual(
    "a change, not a figure of the period: not compared", "mức tăng, giảm, không phải số của kỳ: không đối chiếu"
)
_PERIOD = Bilingual("of another period: not compared", "số của kỳ khác: không đối chiếu")
_TARGET = Bilingual("a goal: not compared", "mục tiêu: không đối chiếu")
_NOT_COUNTED = Bilingual("we count no such thing: no counterpart", "chưa có số liệu tương ứng")
_QUALIFIED = Bilingual(
    "words that are not known restrict what it counts: no counterpart", "có từ ngữ chưa hiểu giới hạn số này: không đối chiếu"
)
_OPEN = Bilingual(
    "resolved dossiers or those in process, the notice leaves it open: undecided",
    "văn bản không nói là hồ sơ đã giải quyết hay đang giải quyết: chưa kết luận được",
)
_NO_AGENCY = Bilingual(
    "no agency of ours is called '{name}': no counterpart", "không có cơ quan nào tên '{name}' trong danh mục: không đối chiếu"
)
_NO_LEVEL = Bilingual(
    "no agency of ours is of this level: no counterpart", "danh mục không có cơ quan cấp này: không đối chiếu"
)
_SEVERAL = Bilingual(
    "several agencies of ours are called '{name}': undecided", "có nhiều cơ quan cùng tên '{name}': chưa kết luận được"
)
_NO_VALUE = Bilingual("ours: nothing to take a share of ({ours}): undecided", "số của hệ thống: không phát sinh ({ours})")
_SAME = Bilingual(
    "ours: {ours} as of {at}, the same; open: {links}", "số của hệ thống: {ours} tính đến {at}, khớp; xem: {links}"
)
_MORE = Bilingual(
    "ours: {ours} as of {at}, {by} more; open: {links}", "số của hệ thống: {ours} tính đến {at}, nhiều hơn {by}; xem: {links}"
)
_LESS = Bilingual(
    "ours: {ours} as of {at}, {by} less; open: {links}", "số của hệ thống: {ours} tính đến {at}, ít hơn {by}; xem: {links}"
)


def compare(figures: Iterable[ReadFigure], response: KpiResponse[UnitRow], names: Names) -> NoticeComparison:
    """Each figure of a notice beside that of a response by agency; `names` are those of the KPIs."""
    agencies = OurAgencies(response)
    return NoticeComparison(
        province=response.province,
        position=response.position,
        as_of=response.as_of,
        since=response.period.since,
        until=response.period.until,
        scope=response.scope,
        freshness=response.freshness,
        figures=tuple(_compared(figure, agencies, response.as_of, names) for figure in figures),
    )


def _compared(figure: ReadFigure, agencies: OurAgencies, as_of: datetime | None, names: Names) -> ComparedFigure:
    counterpart = _counterpart(figure)
    if isinstance(counterpart, Bilingual):
        return _without(figure, counterpart)
    name = _name(counterpart, names)
    found = agencies.find(figure.scope, level := figure.meaning.get("level", ""), figure.before)
    if found is Missing.unknown and figure.own:
        found = agencies.find("", level)
    if found is Missing.ambiguous:
        return _without(figure, bilingual(_SEVERAL.en, _SEVERAL.vi, name=figure.scope), name, ComparisonVerdict.undecided)
    if isinstance(found, Missing):
        missing = _NO_AGENCY if figure.scope else _NO_LEVEL
        return _without(figure, bilingual(missing.en, missing.vi, name=figure.scope), name)
    if figure.qualified and not (figure.unknown and found.name and set(figure.unknown) <= words_of(found.name)):
        return _without(figure, _QUALIFIED, name)
    if figure.assumed:
        return _without(figure, _OPEN, name, ComparisonVerdict.undecided)
    ours = _ours(counterpart, found, share=figure.kind is FigureKind.rate)
    if ours is None:
        return _without(figure, _NOT_COUNTED, name)
    return _with_ours(figure, ours, name, found, as_of)


def _counterpart(figure: ReadFigure) -> Counterpart | Bilingual:
    """What the figure is compared with, or why it is not."""
    if figure.context is FigureContext.change or figure.kind in (FigureKind.points, FigureKind.times):
        return _CHANGE
    if figure.period or figure.context is FigureContext.earlier:
        return _PERIOD
    if figure.context is FigureContext.target:
        return _TARGET
    share = figure.kind is FigureKind.rate
    counterpart = counterpart_of(figure.meaning, figure.topic, share=share)
    if counterpart is None or (not share and figure.unit not in _COUNTED_UNITS):
        return _NOT_COUNTED
    return counterpart


def _without(
    figure: ReadFigure,
    why: Bilingual,
    name: Text | None = None,
    verdict: ComparisonVerdict = ComparisonVerdict.without_counterpart,
) -> ComparedFigure:
    return ComparedFigure(
        at=figure.at,
        printed=figure.printed,
        verdict=verdict,
        name=name,
        agency=None,
        ours=None,
        difference=None,
        statement=Text(why.vi, why.en),
    )


def _name(counterpart: Counterpart, names: Names) -> Text:
    """What a counterpart is called: by the names of its KPIs."""

    def together(kpis: Sequence[str]) -> Text:
        known = [names.get(kpi, Text(kpi, kpi)) for kpi in kpis]
        return Text(" + ".join(one.vi for one in known), " + ".join(one.en for one in known))

    if counterpart.kpi is not None:
        return together([counterpart.kpi])
    counts = together(counterpart.counts)
    if not counterpart.base:
        return counts
    base = together(counterpart.base)
    return Text(f"{counts.vi} / {base.vi}", f"{counts.en} / {base.en}")


def _ours(counterpart: Counterpart, found: FoundAgencies, *, share: bool) -> OurFigure | None:
    """Our figure: numerators and denominators of all agencies are added up; None where metrics does not give one of them."""
    numerator = denominator = 0
    figures: list[str] = []
    for row in found.rows:
        if any(row.get(kpi) is None or row[kpi].numerator is None for kpi in counterpart.kpis):
            return None
        figures += [row[kpi].figure for kpi in counterpart.kpis]
        if counterpart.kpi is not None:
            numerator += row[counterpart.kpi].numerator or 0
            denominator += row[counterpart.kpi].denominator or 0
        else:
            numerator += _total(row, counterpart.counts)
            denominator += _total(row, counterpart.base)
    percent = wording.percent(numerator, denominator) if share else None
    return OurFigure(
        kpis=counterpart.kpis,
        numerator=numerator,
        denominator=denominator if share else None,
        value=numerator if not share else None if percent is None else float(percent),
        figures=tuple(figures),
    )


def _total(row: Kpis, kpis: Sequence[str]) -> int:
    return sum(row[kpi].numerator or 0 for kpi in kpis)


def _with_ours(figure: ReadFigure, ours: OurFigure, name: Text, found: FoundAgencies, as_of: datetime | None) -> ComparedFigure:
    exact = _exact(ours)
    printed = wording.cell(ours.numerator)
    if ours.denominator is not None:
        of = f"{printed}/{wording.cell(ours.denominator)}"
        printed = f"{wording.rate(Decimal(str(ours.value)))} ({of})" if ours.value is not None else of
    agency = found.name if found.name != "" and (figure.scope or figure.meaning.get("level")) else None
    if exact is None:
        why = bilingual(_NO_VALUE.en, _NO_VALUE.vi, ours=printed)
        verdict, difference, statement = ComparisonVerdict.undecided, None, Text(why.vi, why.en)
    else:
        off = _difference(figure, exact)
        verdict = ComparisonVerdict.different if off else ComparisonVerdict.same
        words = _SAME if not off else _MORE if off > 0 else _LESS
        size = abs(off)
        by = wording.cell(int(size)) if ours.denominator is None and size == int(size) else wording.decimal(size)
        points = {"en": " points", "vi": " điểm phần trăm"} if ours.denominator is not None else {"en": "", "vi": ""}
        at = "?" if as_of is None else f"{civil_time(as_of):%d/%m/%Y %H:%M}"
        links = " ".join(f"/v1/figures/{one}" for one in ours.figures[:4]) + (" …" if len(ours.figures) > 4 else "")
        statement = Text(
            words.vi.format(ours=printed, at=at, by=by + points["vi"], links=links),
            words.en.format(ours=printed, at=at, by=by + points["en"], links=links),
        )
        difference = None if not off else int(off) if ours.denominator is None and off == int(off) else float(off)
    return ComparedFigure(
        at=figure.at,
        printed=figure.printed,
        verdict=verdict,
        name=name,
        agency=agency,
        ours=ours,
        difference=difference,
        statement=statement,
    )


def _exact(ours: OurFigure) -> Decimal | None:
    """Our value without rounding, a share in per cent."""
    if ours.denominator is None:
        return Decimal(ours.numerator)
    return Decimal(100 * ours.numerator) / ours.denominator if ours.denominator else None


def _difference(figure: ReadFigure, ours: Decimal) -> Decimal:
    """Ours less the printed one; 0 where the figure, as it is printed, may stand for ours."""
    if (figure.low is None or figure.low <= ours) and (figure.high is None or ours <= figure.high):
        return Decimal(0)
    off = ours - figure.value
    return off.quantize(Decimal(1).scaleb(-max(figure.decimals, 2))) if figure.kind is FigureKind.rate else off
