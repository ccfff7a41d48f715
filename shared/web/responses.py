"""Responses of routes: structs as JSON, and content with an ETag and the comparison of `If-None-Match`.

JSON is read and written by msgspec, from and to structs, in responses, columns, log lines and between services; bodies of
unknown origin are checked by `shared.jsontext` before. The standard library's `json` is used in commands that print for
people, and for records that msgspec cannot read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from fastapi import Request, Response

from shared.web.routes import JSON

ETAG = "ETag"
"""The header that names the state of what is returned; say what it is of where an operation documents its headers."""
NOT_STORED = {"Cache-Control": "no-store"}
"""Headers of responses that must not be stored."""
REVALIDATED = "private, no-cache"
"""`Cache-Control` of responses with an ETag: store it, and revalidate it for each use."""
VARY = "Accept, Accept-Encoding, Accept-Language, Authorization, X-API-Key"
"""What a response may depend on beside its address."""

MAX_TAGS_LENGTH = 8_192
"""Bytes of `If-None-Match` that are compared; longer ones match nothing, and the response is the full one."""

_PACKED = b'-gzip"'
"""The end of an ETag of compressed bytes."""
_TAG = re.compile(rb'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def in_language(language: str) -> dict[str, str]:
    """Headers of a response whose language was chosen by `Accept-Language`."""
    return {"Content-Language": language, "Vary": "Accept-Language"}


def json_response(
    content: msgspec.Struct | Sequence[msgspec.Struct],
    *,
    status: int = 200,
    etag: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`content` as JSON that is not to be stored; days and instants in ISO 8601.

    `etag` names the state that was written, for `If-Match` of the next writing.
    """
    tag = {} if etag is None else {ETAG: etag}
    return Response(as_json(content), status, {**NOT_STORED, **tag, **(headers or {})}, JSON)


def etag_response(
    request: Request,
    content: msgspec.Struct | Sequence[msgspec.Struct],
    *,
    etag: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`content` as JSON under `etag`, or 304 when the client has it; without one, the ETag is the digest of the JSON."""
    return tagged(request, as_json(content), JSON, etag=etag, headers=headers)


def tagged(
    request: Request, content: bytes, media_type: str, *, etag: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """As `etag_response`, for content that is made already."""
    etag = etag or etag_of(content)
    return not_modified(request, etag) or Response(content, 200, {**tag_headers(etag), **(headers or {})}, media_type)


def etag_of(content: bytes) -> str:
    """The ETag of content by its digest."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def not_modified(request: Request, etag: str) -> Response | None:
    """A 304 when the client has what `etag` names; call it before reading the content."""
    return Response(status_code=304, headers=tag_headers(etag)) if has_tag(request.scope, etag.encode()) else None


def tag_headers(etag: str) -> dict[str, str]:
    """The headers of what has an ETag, also of the 304 in its place."""
    return {ETAG: etag, "Cache-Control": REVALIDATED, "Vary": VARY}


def has_tag(scope: Any, etag: bytes) -> bool:
    """Whether `If-None-Match` of a request names `etag`, compressed or not: a list of tags or `*` (RFC 9110, 13.1.2).

    A malformed header is ignored: a full response is never wrong.
    """
    if scope["method"] not in ("GET", "HEAD"):
        return False
    plain = etag.removesuffix(_PACKED) + b'"' if etag.endswith(_PACKED) else etag
    return held_tags(scope).strip() == b"*" or names_tag(scope, plain) or names_tag(scope, compressed_tag(plain))


def names_tag(scope: Any, etag: bytes) -> bool:
    """Whether `If-None-Match` of a request is a list of tags with exactly this one, weak or not."""
    given = held_tags(scope)
    return etag.removeprefix(b"W/") in _TAG.findall(given) and not _TAG.sub(b"", given).strip(b", \t")


def compressed_tag(etag: bytes) -> bytes:
    """The ETag of the compressed form of what `etag` names: other bytes need another strong ETag."""
    return etag[:-1] + _PACKED


def held_tags(scope: Any) -> bytes:
    """The header `If-None-Match` of a request, as one line; empty, so that nothing matches, where it is too long to be read."""
    tags = b",".join(value for name, value in scope["headers"] if name == b"if-none-match")
    return tags if len(tags) <= MAX_TAGS_LENGTH else b""


as_json = msgspec.json.encode
"""A struct, or whatever msgspec writes, as JSON bytes."""
