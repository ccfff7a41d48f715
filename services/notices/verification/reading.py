"""What runs in the child process: whether what was appended to a PDF are signatures and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from services.notices.issuing.signing import FIELDS
from services.notices.verification.additions import SignatureBroken
from services.notices.verification.budget import OVERSPENT, Overspent, budget
from services.notices.verification.signatures import UNREADABLE, NotSigned, read_signed
from shared.languages import Bilingual


class FurtherSignatures(msgspec.Struct, frozen=True):
    """What was found of a PDF that begins as it was issued."""

    only_signed: bool
    """Our signatures hold, and signatures alone were added, which hide nothing of the notice."""
    pages: tuple[int, ...] = ()
    """On which these show, from 1."""
    why: Bilingual | None = None
    """Half a sentence: why it is more than signatures; None: it is not."""


_NONE = Bilingual("what was added to it is no signature", "phần thêm vào không phải chữ ký")
_UNREADABLE = Bilingual("what was added to it cannot be read", "không đọc được phần thêm vào")


def read(order: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The PDF comes in chunks; `order` is empty. Yields a `FurtherSignatures` in JSON."""
    del order
    yield msgspec.json.encode(further_signatures(b"".join(chunks)))


def further_signatures(content: bytes) -> FurtherSignatures:
    """What was added to a PDF; read in a limited time, after which it is something else. Only in the main thread."""
    try:
        with budget():
            # Whom a certificate is trusted by is not told here: ours are known by the bytes before.
            signed = read_signed(content)
        if len(signed.signatures) > len(FIELDS):
            return FurtherSignatures(True, tuple(signed.pages))
        why = _NONE
    except SignatureBroken as error:
        why = error.why
    except (MemoryError, Overspent):
        # What signatures add takes neither more memory than the child has nor so long: whoever adds what does, adds something
        # else.
        why = OVERSPENT
    except NotSigned:
        why = _NONE
    except UNREADABLE:
        why = _UNREADABLE
    return FurtherSignatures(False, why=why)
