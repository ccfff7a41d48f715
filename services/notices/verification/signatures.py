"""The signatures of an issued PDF, and whether any byte of it was changed since.

Stricter than what a reader of PDFs wants: what a signature cannot cover, the bytes that it consists of itself, must stand as
we write them. So no byte of a file is free.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from asn1crypto import cms, x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from services.notices.issuing.signing import FIELDS
from services.notices.verification.additions import SignatureBroken, added_annotations, demand_description
from services.notices.verification.stamps import visible_stamps
from shared.languages import Bilingual, bilingual

_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+([0-9]{1,10})\s+([0-9]{1,10})\s+([0-9]{1,10})\s*\]")
MAX_SIGNATURES = 40
"""Of a file that is verified: for each, all its bytes are read."""

UNREADABLE = (
    PdfError,
    SignatureValidationError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    AssertionError,
    RecursionError,
    ArithmeticError,
    UnicodeError,
    struct.error,
    zlib.error,
)
"""What reading a damaged file may raise."""


class NotSigned(Exception):
    """A PDF without our two signatures."""


class _Range(NamedTuple):
    """The bytes that a signature covers: so many from the begin, and so many from `after`; it stands between."""

    length: int
    after: int
    rest: int


class TimeStamp(NamedTuple):
    """When an authority of time stamps had the signature before it."""

    authority: str
    """Its common name."""
    at: datetime
    trusted: bool | None
    """As of the signature's certificate."""


class HeldSignature(NamedTuple):
    """A signature that holds."""

    field: str
    holder: str
    """Whose certificate made it: its common name."""
    issuer: str
    """Who vouches for the certificate."""
    fingerprint: str
    """SHA-256 of the certificate, in hexadecimal digits."""
    signed_at: datetime | None
    """As whoever signed states it."""
    trusted: bool | None
    """Whether the certificate is vouched for by one that is trusted; None: none were given."""
    stamp: TimeStamp | None = None
    """None: no authority stamped it."""


class SignedFile(NamedTuple):
    """A PDF with our signatures, all of which hold, and with nothing added but signatures."""

    reader: PdfFileReader
    signatures: list[HeldSignature]
    """In their order; ours are the first."""
    pages: list[int]
    """On which others' signatures show, from 1."""


def read_signed(content: bytes, trusted: Sequence[x509.Certificate] = ()) -> SignedFile:
    """A PDF whose bytes are all as they were signed, by us and by nobody or others after us.

    Raises `NotSigned`, `SignatureBroken`, and any of `UNREADABLE` of a damaged file.
    """
    ranges = [_Range(*(int(part) for part in found.groups())) for found in _RANGE.finditer(content)]
    if len(ranges) < len(FIELDS):
        raise NotSigned
    if len(ranges) > MAX_SIGNATURES:
        raise SignatureBroken(bilingual("it has more than {n} signatures", "tệp có hơn {n} chữ ký", n=MAX_SIGNATURES))
    # What nobody signed is not opened: it may be made to be read without end.
    if max(one.after + one.rest for one in ranges) < len(content):
        raise _behind()
    # The last one first, which covers all before: a changed byte is found before anything expensive is done.
    for number in reversed(range(len(ranges))):
        _demand_whole(ranges[number], content, ours=number < len(FIELDS))
    reader = PdfFileReader(io.BytesIO(content))
    embedded: list[EmbeddedPdfSignature] = list(reader.embedded_signatures)
    if [one.field_name for one in embedded[: len(FIELDS)]] != list(FIELDS):
        raise NotSigned
    for one, known in zip(embedded[: len(FIELDS)], ranges, strict=False):
        if [int(part) for part in one.byte_range] != [0, *known]:
            raise _broken(one.field_name, _OTHER_BYTES)
    if embedded[-1].evaluate_signature_coverage() is not SignatureCoverageLevel.ENTIRE_FILE:
        raise _behind()
    further = len(embedded) > len(FIELDS)
    # What the body signed over the signatory's signature it vouches for; what others added to that is compared.
    held = [_held(one, trusted, compared=further and one.field_name == FIELDS[-1]) for one in embedded]
    if not further:
        return SignedFile(reader, held, [])
    last = ranges[len(FIELDS) - 1]
    issued = content[: last.after + last.rest]
    before = PdfFileReader(io.BytesIO(issued))
    demand_description(reader, before)
    stamps = visible_stamps(added_annotations(reader, before), issued)
    if stamps.hides:
        raise SignatureBroken(
            bilingual(
                "page {page}: a signature of somebody else lies over what was issued",
                "trang {page}: chữ ký của bên khác che nội dung đã ban hành",
                page=stamps.hides[0],
            )
        )
    return SignedFile(reader, held, stamps.pages)


_OTHER_BYTES = Bilingual("it is of other bytes", "chữ ký thuộc về dữ liệu khác")
_NOT_HELD = Bilingual("it does not hold", "không còn giá trị")
_STAMP_NOT_HELD = Bilingual("its time stamp does not hold", "dấu thời gian không còn giá trị")
_CHANGED = Bilingual("bytes were changed", "dữ liệu đã bị thay đổi")
_ITSELF_CHANGED = Bilingual("the signature itself was changed", "chính chữ ký đã bị thay đổi")
_NO_DIGEST = Bilingual("no digest is signed", "chữ ký không có giá trị băm")


def _broken(field: str, why: Bilingual) -> SignatureBroken:
    return SignatureBroken(bilingual("{field}: {why}", "{field}: {why}", field=field, why=why))


def _behind() -> SignatureBroken:
    return SignatureBroken(
        Bilingual("something stands behind the last signature", "có dữ liệu được thêm vào sau chữ ký cuối cùng")
    )


def _demand_whole(one: _Range, content: bytes, *, ours: bool) -> None:
    """The bytes that a signature covers are those that were signed; of ours, it is itself written as we write it: nothing
    beside it, no other encoding, nothing that nobody reads."""
    written = content[one.length : one.after]
    der = bytes.fromhex(written[1:-1].decode("ascii"))
    signed = cms.ContentInfo.load(der)["content"]
    signer = signed["signer_infos"][0]
    covered = hashlib.new(signer["digest_algorithm"]["algorithm"].native, content[: one.length])
    covered.update(content[one.after : one.after + one.rest])
    if covered.digest() != _signed_digest(signer):
        raise SignatureBroken(_CHANGED)
    if not ours:
        return
    # Forcing the whole would encode what lies n deep 2^n times: so the parts are encoded anew first, and the frame by them.
    canonical = cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": cms.SignedData(
                {
                    "version": "v1",
                    "digest_algorithms": [signer["digest_algorithm"]],
                    "encap_content_info": {"content_type": "data"},
                    "certificates": [cms.CertificateChoices.load(one.dump(force=True)) for one in signed["certificates"]],
                    "signer_infos": [_canonical(signer)],
                }
            ),
        }
    ).dump()
    padded = canonical + bytes(len(der) - len(canonical))
    if written != b"<" + padded.hex().upper().encode() + b">" or signer["version"].native != "v1":
        raise SignatureBroken(_ITSELF_CHANGED)


def _canonical(signer: Any) -> Any:
    """The same encoded anew. What it signs of itself is taken as it stands: the signature is of those bytes."""
    parts = {
        "version": "v1",
        "sid": cms.SignerIdentifier.load(signer["sid"].dump(force=True)),
        "digest_algorithm": cms.DigestAlgorithm.load(signer["digest_algorithm"].dump(force=True)),
        "signed_attrs": signer["signed_attrs"].untag(),
        "signature_algorithm": cms.SignedDigestAlgorithm.load(signer["signature_algorithm"].dump(force=True)),
        "signature": signer["signature"].native,
    }
    if signer["unsigned_attrs"]:
        parts["unsigned_attrs"] = [cms.CMSAttribute.load(one.dump(force=True)) for one in signer["unsigned_attrs"]]
    return cms.SignerInfo(parts)


def _signed_digest(signer: Any) -> bytes:
    for attribute in signer["signed_attrs"]:
        if attribute["type"].native == "message_digest":
            digest: bytes = attribute["values"][0].native
            return digest
    raise SignatureBroken(_NO_DIGEST)


def _held(one: EmbeddedPdfSignature, trusted: Sequence[x509.Certificate], *, compared: bool) -> HeldSignature:
    certificate = one.signer_cert
    signed_at = one.self_reported_timestamp
    roots = list(trusted) or [certificate]
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=signed_at)
    status = validate_pdf_signature(one, context, skip_diff=not compared)
    level = status.modification_level
    added = compared and (level is None or level > ModificationLevel.FORM_FILLING)
    if not status.intact or not status.valid or added:
        raise _broken(one.field_name, _NOT_HELD)
    stamp = status.timestamp_validity
    if stamp is not None and not (stamp.intact and stamp.valid):
        raise _broken(one.field_name, _STAMP_NOT_HELD)
    return HeldSignature(
        field=one.field_name,
        holder=_subject_name(certificate.subject),
        issuer=_subject_name(certificate.issuer),
        fingerprint=hashlib.sha256(certificate.dump()).hexdigest(),
        signed_at=signed_at,
        trusted=bool(status.trusted) if trusted else None,
        stamp=None
        if stamp is None
        else TimeStamp(_subject_name(stamp.signing_cert.subject), stamp.timestamp, bool(stamp.trusted) if trusted else None),
    )


def _subject_name(name: Any) -> str:
    return str(name.native.get("common_name") or name.human_friendly)


def attachments(reader: PdfFileReader) -> dict[str, bytes]:
    """The attached files of a PDF by name."""
    names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    return {str(names[index]): names[index + 1]["/EF"]["/F"].data for index in range(0, len(names), 2)}
