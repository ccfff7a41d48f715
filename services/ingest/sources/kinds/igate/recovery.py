"""Pages that are not strict JSON throughout: cut into rows, so that a bad row stops nobody else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from hashlib import blake2b

import msgspec

from services.ingest.events.model import Reason, Rejected, Withheld
from services.ingest.sources.errors import SourceUnreadable
from services.ingest.sources.kinds.igate.wire import RawEnvelope
from shared.jsontext import STRING
from shared.languages import Bilingual

UNPARSABLE = (msgspec.DecodeError, ValueError, RecursionError)
"""What decoders raise for bytes that are no JSON, or not as agreed."""

_decode_raw = msgspec.json.Decoder(RawEnvelope).decode
_decode_any = msgspec.json.Decoder().decode


def rows_of(body: bytes) -> tuple[list[bytes], RawEnvelope]:
    """The rows of a page as bytes, and its head; raises `SourceUnreadable` when it is no page, or not whole."""
    try:
        page = _decode_raw(body)
    except UNPARSABLE:
        return _split(body)
    return [bytes(raw) for raw in page.content], page


def value_of(raw: bytes) -> object:
    """A row parsed leniently, or a rejection because nothing can read it."""
    readers: tuple[Callable[[bytes], object], ...] = (_decode_any, json.loads)
    for reader in readers:
        try:
            return reader(raw)
        except UNPARSABLE:
            continue
    withheld = Withheld(raw.decode("latin-1"))
    return Rejected(Reason.unreadable, "The row is no JSON in UTF-8, or is nested too deep.", {}, None, withheld)


_TOKEN = re.compile(STRING + rb"|[\[\]{},:]", re.DOTALL)


def _split(body: bytes) -> tuple[list[bytes], RawEnvelope]:
    """The rows of a page that is whole but not strict JSON (NaN, lone surrogates, bottomless nesting).

    Brackets and strings are enough to tell rows apart. A page that does not end is raised, to be asked for again.
    """
    unreadable = SourceUnreadable(
        Bilingual("The source's answer is no page of JSON.", "Câu trả lời của nguồn không phải một trang JSON.")
    )
    depth = 0
    key = begin = end = None
    rows: list[bytes] = []
    start = 0
    for token in _TOKEN.finditer(body):
        mark = token[0]
        if mark in (b"[", b"{"):
            depth += 1
            if depth == 2 and mark == b"[" and key == b'"content"' and begin is None:
                begin = start = token.end()
        elif mark in (b"]", b"}"):
            if depth == 2 and begin is not None and end is None:
                end = token.start()
                if rows or body[start:end].strip():
                    rows.append(body[start:end])
            depth -= 1
        elif mark == b",":
            if depth == 2 and begin is not None and end is None:
                rows.append(body[start : token.start()])
                start = token.end()
            elif depth == 1:
                key = None
        elif mark != b":" and depth == 1 and key is None:
            key = mark
    if depth != 0 or begin is None or end is None:
        raise unreadable
    try:
        return rows, _decode_raw(body[:begin] + body[end:])
    except UNPARSABLE:
        raise unreadable from None


def row_digest(text: bytes) -> int:
    """By which a row is known again where nothing that a portal wrote may be stored."""
    return int.from_bytes(blake2b(text, digest_size=8).digest())
