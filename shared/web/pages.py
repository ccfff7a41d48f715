"""Small pages for people, in Vietnamese or English: without scripts, and with nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from html import escape

from fastapi import Request, Response

from shared.languages import Language
from shared.web.responses import NOT_STORED, tagged

HTML = "text/html; charset=utf-8"
SECURITY = "Content-Security-Policy"
NO_SNIFFING = {"X-Content-Type-Options": "nosniff"}
"""Browsers must not guess another media type."""
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}"
    "h1{font-size:1.5rem}dt{font-weight:600;margin-top:.8rem}dd{margin:0}code{background:#f2f2f2;padding:0 .2em}"
    "table{border-collapse:collapse}td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0}a{color:#0b57d0}"
)


@cache
def _no_scripts(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def language_of(headers: Mapping[str, str]) -> Language:
    """The language that a reader prefers: Vietnamese unless English comes first."""
    return "en" if headers.get("accept-language", "").lower().startswith("en") else "vi"


def wants_page(headers: Mapping[str, str]) -> bool:
    """Whether a page is accepted, as browsers say of what people open; programs get JSON."""
    return "text/html" in headers.get("accept", "")


def page(request: Request, title: str, content: str, language: Language, *, style: str = "", status: int = 200) -> Response:
    """A page with `content` as HTML below its title, which is text; `style` is CSS beside that of all pages. With another
    `status` it is the answer to this request only, and is not stored."""
    style = _STYLE + style
    html = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{style}</style></head>'
        f"<body><h1>{escape(title)}</h1>{content}</body></html>"
    )
    headers = {SECURITY: _no_scripts(style), **NO_SNIFFING}
    if status != 200:
        return Response(html.encode(), status, headers=headers | NOT_STORED, media_type=HTML)
    return tagged(request, html.encode(), HTML, headers=headers)


def prose(text: str) -> str:
    """Text as HTML, with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def link(address: str, text: str) -> str:
    """A link within this service."""
    return f'<a href="{escape(address)}">{escape(text)}</a>'
