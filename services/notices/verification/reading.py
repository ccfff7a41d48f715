"""What runs in the child process: whether what was appended to a PDF are signatures and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from services.notices.issuing.signing import FIELDS
from services.notices.verification.signatures import UNREADABLE, NotSigned, SignatureBroken, read_signed


class FurtherSignatures(msgspec.Struct, frozen=True):
    """What was found of a PDF that begins as it was issued."""

    only_signed: bool
    """Our signatures hold, and signatures alone were added, which hide nothing of the notice."""
    pages: tuple[int, ...] = ()
    """On which these show, from 1."""


def read(order: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The PDF comes in chunks; `order` is empty. Yields a `FurtherSignatures` in JSON."""
    del order
    content = b"".join(chunks)
    try:
        # Whom a certificate is trusted by is not told here: ours are known by the bytes before.
        signed = read_signed(content)
        found = FurtherSignatures(len(signed.signatures) > len(FIELDS), tuple(signed.pages))
    except (*UNREADABLE, MemoryError, NotSigned, SignatureBroken):
        # What signatures add takes no more memory than the child has: whoever adds what does, adds something else.
        found = FurtherSignatures(False)
    yield msgspec.json.encode(found)
