"""An audit as a page for people: what contradicts itself on top, then the document with its figures marked."""

from __future__ import annotations

from html import escape

from fastapi import Request, Response

from services.notices.audit.api.comparison_page import comparison_part
from services.notices.audit.api.schemas import AuditOut
from services.notices.audit.model import Claim, Verdict
from shared.languages import Bilingual, Language
from shared.web.pages import language_of, page

_STYLE = (
    "body{max-width:60rem}mark{padding:0 .15em;border-radius:.2em;color:inherit;background:none}"
    # A sign with each colour: not everybody sees the colours apart, and printers know none.
    "mark.holds{background:#d7f0d9}mark.holds::before{content:'\u2713\u202f'}"
    "mark.contradicted{background:#ffd3cf;outline:1px solid #b3261e;font-weight:600}"
    "mark.contradicted::before{content:'\u2717\u202f'}"
    "mark.undecided{background:#fff0bf;border-bottom:2px dotted #8a6d00}mark.undecided::before{content:'?\u202f'}"
    "mark.unclaimed{background:#e9e9e9}mark[title]{cursor:help}"
    "mark:target{outline:3px solid #0b57d0}"
    "td,th{border:1px solid #c8c8c8;padding:.2rem .5rem}td.number{text-align:right;white-space:nowrap}"
    "tr.different{background:#ffd3cf}tr.undecided{background:#fff0bf}"
    "li{margin:.4rem 0}.notice{border-top:2px solid #1b1b1b;margin-top:1.5rem}"
    # Nobody can point at paper.
    "@media print{mark[title]::after{content:' ['attr(title)']';font-size:.7em;font-weight:400}"
    "mark,tr{print-color-adjust:exact;-webkit-print-color-adjust:exact}}"
)
_TITLE = Bilingual("Audit of the figures", "Kiểm tra số liệu")
_STATES = {
    "queued": Bilingual(
        "This document waits for a worker. Load the page again in a moment.", "Tài liệu đang chờ. Tải lại trang sau."
    ),
    "auditing": Bilingual(
        "A worker reads this document. Load the page again in a moment.", "Đang đọc tài liệu. Tải lại trang sau."
    ),
    "failed": Bilingual("This document could not be read.", "Không đọc được tài liệu."),
}
_VERDICTS = {
    "contradicted": Bilingual("contradicted", "mâu thuẫn"),
    "holds": Bilingual("holds", "đúng"),
    "undecided": Bilingual("undecided", "chưa kết luận được"),
    "unclaimed": Bilingual("not claimed", "không có đẳng thức nào"),
}
_CONTRADICTIONS = Bilingual("What contradicts itself", "Chỗ mâu thuẫn")
_NONE = Bilingual("No contradiction was found.", "Không thấy mâu thuẫn.")
_NONE_READ = Bilingual(
    "No contradiction was found in what could be read. What is named above was not read.",
    "Không thấy mâu thuẫn trong phần đọc được. Phần nêu trên chưa đọc được.",
)
_UNREAD = Bilingual("Not read, so that nothing is said of it:", "Phần không đọc được, chưa kiểm tra:")
_COMPUTED = Bilingual("computed", "tính ra")
_REPAIR = Bilingual("repair", "có thể sửa")
_OR = Bilingual("or", "hoặc")
_HINT = Bilingual(
    "Point at a figure to see its equations; print the page to have them beside the figures.",
    "Rê chuột lên một số để xem đẳng thức; in trang này thì đẳng thức in cạnh số.",
)


def audit_page(request: Request, out: AuditOut, document: str) -> Response:
    """The page of an audit; `document` is the marked document as HTML, empty where there is none."""
    language = language_of(request.headers)
    title = _TITLE.in_language(language) + (f": {out.title}" if out.title else "")
    return page(request, title, _content(out, document, language), language, style=_STYLE)


def _content(out: AuditOut, document: str, language: Language) -> str:
    if out.result is None:
        told = f"<p>{_STATES[out.state].in_language(language)}</p>"
        if out.progress is not None:
            told += f"<p>{out.progress.read} / {out.progress.pages}</p>"
        return told + (f"<p>{escape(getattr(out.error, language))}</p>" if out.error is not None else "")
    parts = []
    if out.result.unread:
        items = "".join(f"<li>{escape(one)}</li>" for one in out.result.unread)
        parts.append(f"<h2>{_UNREAD.in_language(language)}</h2><ul>{items}</ul>")
    if out.result.contradictions:
        items = "".join(_contradiction(one, language) for one in out.result.contradictions)
        parts.append(f"<h2>{_CONTRADICTIONS.in_language(language)}</h2><ol>{items}</ol>")
    else:
        none = _NONE_READ if out.result.unread else _NONE
        parts.append(f"<p>{none.in_language(language)}</p>")
    verdicts = [one.verdict for one in out.result.claims]
    counts = {one.value: f" {verdicts.count(one)}" for one in Verdict}
    marks = " · ".join(
        f'<mark class="{name}">{words.in_language(language)}</mark>{counts.get(name, "")}' for name, words in _VERDICTS.items()
    )
    parts.append(f"<p>{marks}. {_HINT.in_language(language)}</p>")
    parts.append(f'<div class="notice">{document}</div>')
    if out.comparison is not None:
        parts.append(comparison_part(out.comparison, language))
    return "".join(parts)


def _contradiction(claim: Claim, language: Language) -> str:
    repairs = f" {_OR.in_language(language)} ".join(f"<b>{escape(one.from_)} → {escape(one.to)}</b>" for one in claim.repairs)
    repaired = f"; {_REPAIR.in_language(language)}: {repairs}" if repairs else ""
    computed = f" ({_COMPUTED.in_language(language)} {escape(claim.computed)})" if claim.computed else ""
    where = f'<a href="#f{claim.at.start}">{escape(claim.equation or claim.claimed)}</a>'
    return f"<li>{where}{computed}{repaired}<br>“{escape(claim.quote)}”</li>"
