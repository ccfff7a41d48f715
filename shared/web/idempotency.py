"""The header `Idempotency-Key` of routes whose repeats have no second effect (`shared.idempotency`).

It is a string as draft-ietf-httpapi-idempotency-key-header-07 has it, between quotation marks; the bare form is the same key.
"""

from __future__ import annotations

import re
import secrets
from typing import Annotated

from fastapi import Header, Request
from pydantic import WithJsonSchema

from shared import idempotency
from shared.access.principals import Principal
from shared.idempotency import KeyedRequest, KeyMalformed
from shared.languages import Bilingual

IDEMPOTENCY_KEY = "Idempotency-Key"
# Its bounds are said in the documents alone: what breaks them is answered as the draft has it, see `key_of`.
_Said = Annotated[str, WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 258, "pattern": r"^[\x20-\x7e]*$"})]
IdempotencyKey = Annotated[
    _Said | None,
    Header(
        alias=IDEMPOTENCY_KEY,
        description="1 to 128 printable characters, between quotation marks or without them. A repeat of the same request under"
        " the same key changes nothing and gets the same answer, for a week",
        examples=['"8e03978e-40d5-43e8-bc93-6894a57f9324"'],
    ),
]

_QUOTED = re.compile(r'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,128})"')
_BARE = re.compile(r"[\x21-\x7e]{1,128}")


def key_of(header: str) -> str:
    """The key in the header, quoted (RFC 9651, 3.3.3) or bare; raises `KeyMalformed`."""
    quoted = _QUOTED.fullmatch(header)
    if quoted is not None:
        return re.sub(r"\\(.)", r"\1", quoted[1])
    if header.startswith('"') or _BARE.fullmatch(header) is None:
        raise KeyMalformed(
            Bilingual(
                'The Idempotency-Key is no text of 1 to 128 printable characters. Send it between quotation marks: "order-1".',
                'Idempotency-Key phải gồm 1 đến 128 ký tự in được. Gửi trong dấu nháy kép: "order-1".',
            )
        )
    return header


async def keyed(request: Request, principal: Principal, header: str | None) -> KeyedRequest | None:
    """The request as far as a repeat must be the same; None when it came without a key. Raises `KeyMalformed`."""
    return None if header is None else await _keyed(request, principal, key_of(header))


async def always_keyed(request: Request, principal: Principal, header: str | None) -> KeyedRequest:
    """The same; one that came without a key gets one of its own. Then its work has one effect also where `Database.run` repeats
    it because the response to its COMMIT was lost. Costs a stored row for each request. Raises `KeyMalformed`."""
    return await _keyed(request, principal, secrets.token_hex(16) if header is None else key_of(header))


async def _keyed(request: Request, principal: Principal, key: str) -> KeyedRequest:
    address = b"?".join((request.url.path.encode(), request.scope["query_string"]))
    return idempotency.keyed_request(principal.key_id, key, request.method, address, await request.body())
