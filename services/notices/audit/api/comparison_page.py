"""The part of an audit's page that shows the figures of the notice beside ours."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from html import escape

from services.notices.audit.comparison.model import ComparedFigure, ComparisonVerdict, NoticeComparison, OurFigure
from services.notices.quantities import wording
from shared.civil import civil_time
from shared.contracts.kpis import Number, Text
from shared.languages import Bilingual, Language
from shared.settings import settings

_TITLE = Bilingual("Beside our figures", "Đối chiếu với số liệu của hệ thống")
_HEADS = (
    Bilingual("in the notice", "trong văn bản"),
    Bilingual("what", "chỉ tiêu"),
    Bilingual("agency", "cơ quan"),
    Bilingual("ours", "của hệ thống"),
    Bilingual("difference", "chênh lệch"),
    Bilingual("dossiers", "hồ sơ"),
)
_VERDICTS = {
    ComparisonVerdict.same: Bilingual("✓ same", "✓ khớp"),
    ComparisonVerdict.different: Bilingual("✗ different", "✗ lệch"),
    ComparisonVerdict.undecided: Bilingual("? undecided", "? chưa kết luận được"),
    ComparisonVerdict.without_counterpart: Bilingual("without a counterpart", "không có số đối chiếu"),
}
_LEVELS = {
    "province": Bilingual("provincial level", "cấp tỉnh"),
    "district": Bilingual("district level", "cấp huyện"),
    "commune": Bilingual("commune level", "cấp xã"),
}
_KNOWN_AT = Bilingual(
    "as of {at}, position {position}, from {since} to {until}", "tính đến {at}, vị trí {position}, kỳ từ {since} đến {until}"
)
_INCOMPLETE = Bilingual("Our figures are not complete:", "Số liệu của hệ thống chưa đầy đủ:")
_OPEN = Bilingual("open", "xem")
_MAX_LINKS = 4


def comparison_part(comparison: NoticeComparison, language: Language) -> str:
    """What is comparable as a table, the different ones first; of all others why they are not, counted."""
    scope = escape(getattr(comparison.scope.name, language))
    at = "?" if comparison.as_of is None else f"{civil_time(comparison.as_of):%d/%m/%Y %H:%M}"
    known = _KNOWN_AT.in_language(language).format(
        at=at, position=comparison.position, since=comparison.since, until=comparison.until
    )
    parts = [f"<h2>{_TITLE.in_language(language)}</h2><p>{scope}; {escape(known)}</p>"]
    if not comparison.freshness.complete:
        reasons = "".join(f"<li>{escape(getattr(one.what_to_do, language))}</li>" for one in comparison.freshness.reasons)
        parts.append(f"<p><b>{_INCOMPLETE.in_language(language)}</b></p><ul>{reasons}</ul>")
    verdicts = Counter(one.verdict for one in comparison.figures)
    counts = " · ".join(f"{words.in_language(language)}: {verdicts[one]}" for one, words in _VERDICTS.items())
    parts.append(f"<p>{counts}</p>")
    order = [ComparisonVerdict.different, ComparisonVerdict.undecided, ComparisonVerdict.same]
    shown = [one for verdict in order for one in comparison.figures if one.verdict is verdict]
    if shown:
        heads = "".join(f"<th>{one.in_language(language)}</th>" for one in _HEADS)
        rows = "".join(_row(one, language) for one in shown)
        parts.append(f"<table><tr>{heads}</tr>{rows}</table>")
    return "".join(parts) + _others(comparison, language)


def _others(comparison: NoticeComparison, language: Language) -> str:
    """Figures without a counterpart, by why."""
    why: dict[str, list[str]] = {}
    for one in comparison.figures:
        if one.verdict is ComparisonVerdict.without_counterpart:
            why.setdefault(getattr(one.statement, language), []).append(_in_notice(one))
    items = "".join(f"<li>{escape(words)}: {'; '.join(figures)}</li>" for words, figures in why.items())
    return f"<ul>{items}</ul>" if items else ""


def _in_notice(one: ComparedFigure) -> str:
    return f'<a href="#f{one.at.start}">{escape(one.printed)}</a>'


def _row(one: ComparedFigure, language: Language) -> str:
    verdict = _VERDICTS[one.verdict].in_language(language)
    name = "" if one.name is None else escape(_text(one.name, language))
    agency = (
        "" if one.agency is None else _LEVELS[one.agency].in_language(language) if one.agency in _LEVELS else escape(one.agency)
    )
    if one.ours is None:
        ours, links = escape(_text(one.statement, language)), ""
    else:
        ours, links = escape(_ours(one.ours)), _links(one.ours, language)
    difference = "" if one.difference is None else _signed(one.difference)
    return (
        f'<tr class="{one.verdict.value}"><td class="number">{_in_notice(one)}</td><td>{name}</td><td>{agency}</td>'
        f'<td class="number">{ours}</td><td>{verdict} {escape(difference)}</td><td>{links}</td></tr>'
    )


def _signed(difference: Number) -> str:
    size = abs(difference)
    words = wording.cell(size) if isinstance(size, int) else wording.decimal(Decimal(str(size)))
    return ("+" if difference > 0 else "−") + words


def _ours(ours: OurFigure) -> str:
    count = wording.cell(ours.numerator)
    if ours.denominator is None:
        return count
    percent = wording.percent(ours.numerator, ours.denominator)
    of = f"{count}/{wording.cell(ours.denominator)}"
    return of if percent is None else f"{wording.rate(percent)} ({of})"


def _links(ours: OurFigure, language: Language) -> str:
    address, words = settings().metrics_url.rstrip("/"), _OPEN.in_language(language)
    links = [f'<a href="{escape(f"{address}/v1/figures/{one}")}">{words}</a>' for one in ours.figures[:_MAX_LINKS]]
    return " ".join(links) + (" …" if len(ours.figures) > _MAX_LINKS else "")


def _text(text: Text, language: Language) -> str:
    return text.vi if language == "vi" else text.en
