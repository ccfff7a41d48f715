"""What runs in the child process: whether what was appended to a PDF are signatures and nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterator

import msgspec
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

from services.notices.issuing.signing import FIELDS


class FurtherSignatures(msgspec.Struct, frozen=True):
    """What was found of a PDF that begins as it was issued."""

    only_signed: bool
    """Our signatures hold, and signatures alone were added."""


def read(order: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The PDF comes in chunks; `order` is empty. Yields a `FurtherSignatures` in JSON."""
    del order
    content = b"".join(chunks)
    try:
        only = _only_signed(content)
    except (PdfError, SignatureValidationError, ValueError, KeyError, TypeError, IndexError):
        only = False
    yield msgspec.json.encode(FurtherSignatures(only))


def _only_signed(content: bytes) -> bool:
    signatures = PdfFileReader(io.BytesIO(content)).embedded_signatures
    if [one.field_name for one in signatures[: len(FIELDS)]] != list(FIELDS) or len(signatures) == len(FIELDS):
        return False
    # Whom a certificate is trusted by is not told here: ours are known by the bytes before.
    states = [
        validate_pdf_signature(one, ValidationContext(trust_roots=[one.signer_cert], allow_fetching=False))
        for one in signatures
    ]
    return all(
        one.intact and one.modification_level is not None and one.modification_level <= ModificationLevel.FORM_FILLING
        for one in states
    )
