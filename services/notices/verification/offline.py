"""Verifying an issued PDF without server, database or settings: its signatures, its digests, its arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from asn1crypto import x509

from services.notices.issuing.bundle import EvidenceBundle
from services.notices.issuing.signing import FIELDS
from services.notices.verification.additions import SignatureBroken
from services.notices.verification.budget import OVERSPENT, Overspent, budget, memory
from services.notices.verification.model import codes_in
from services.notices.verification.recomputing import recomputed
from services.notices.verification.signatures import (
    UNREADABLE,
    HeldSignature,
    NotSigned,
    attachments,
    read_signed,
)
from shared.languages import Bilingual, bilingual

OfflineState = Literal["unchanged", "signed_further", "not_trusted", "changed", "not_issued"]
"""`unchanged`: every byte is as it was signed, and all figures follow; `signed_further`: others signed it after us;
`not_trusted`: the same, but none of the given certificates vouches for who signed; `changed`: bytes were changed, or a figure
does not follow; `not_issued`: no notice of this system."""
EVIDENCE, FIGURES, COUNTS = "evidence.json", "figures.json", "counts.json"


class OfflineVerdict(NamedTuple):
    """What was found of a file."""

    state: OfflineState
    reasons: list[Bilingual]
    """Why it is called changed, not trusted or not issued; empty otherwise."""
    bundle: EvidenceBundle | None = None
    signatures: Sequence[HeldSignature] = ()
    figures: int = 0
    checks: int = 0
    known: Sequence[str] = ()
    """Checks that did not hold when it was approved either, and were waived with a reason."""
    counts: int | None = None
    """Of days and agencies, of which the figures were summed anew; None: it carries none."""
    pages: Sequence[int] = ()
    """On which signatures of others show, from 1: what is read there beside the notice is theirs."""

    @property
    def holds(self) -> bool:
        """Whether the file is as it was issued."""
        return self.state in ("unchanged", "signed_further")


def verify_bounded(content: bytes, trusted: Sequence[x509.Certificate] = ()) -> OfflineVerdict:
    """Verify a file that may be made to be read without end: in limited time and memory. Only in the main thread."""
    try:
        with memory(), budget():
            return verify_offline(content, trusted)
    except (MemoryError, Overspent):
        reason = bilingual("It is not as it was issued: {why}.", "Tệp không đúng như khi được ban hành: {why}.", why=OVERSPENT)
        return OfflineVerdict("changed", [reason])


def verify_offline(content: bytes, trusted: Sequence[x509.Certificate] = ()) -> OfflineVerdict:
    """Verify a file; with `trusted`, each of our signatures must be vouched for by one of these certificates. Without, whoever
    made the file may have signed it: then nothing is said of who that was."""
    if not content.startswith(b"%PDF-"):
        return _not_issued(content)
    try:
        reader, signatures, pages = read_signed(content, trusted)
        attached = attachments(reader)
        evidence, figures, counts = attached[EVIDENCE], attached[FIGURES], attached.get(COUNTS)
    except NotSigned:
        return _not_issued(content)
    except SignatureBroken as error:
        return OfflineVerdict(
            "changed",
            [bilingual("A signature does not hold. {why}.", "Chữ ký không còn giá trị. {why}.", why=error.why)],
        )
    except UNREADABLE as error:
        return OfflineVerdict(
            "changed",
            [bilingual("The file is damaged ({why}).", "Tệp bị hỏng ({why}).", why=type(error).__name__)],
        )
    found = recomputed(evidence, figures, counts)
    if found.bundle is not None and (codes := codes_in(content)) and (own := found.bundle.issue.code) not in codes:
        found.faults.append(f"the bundle is that of the notice with the code {own}, and the file bears {codes[0]}")
    reasons = [bilingual("A figure does not follow: {fault}", "Số liệu không khớp: {fault}", fault=one) for one in found.faults]
    strange = [
        bilingual(
            "Nobody trusted vouches for the certificate of {holder}.",
            "Chứng thư số của {holder} không do tổ chức được tin cậy cấp.",
            holder=one.holder,
        )
        for one in signatures[: len(FIELDS)]
        if one.trusted is False
    ]
    whole: OfflineState = "unchanged" if len(signatures) == len(FIELDS) else "signed_further"
    state: OfflineState = "changed" if reasons else "not_trusted" if strange else whole
    return OfflineVerdict(state, reasons + strange, found.bundle, signatures, *found[1:3], found.known, found.counts, pages)


def _not_issued(content: bytes) -> OfflineVerdict:
    """Of what bears the code of a notice it is said that it is none any more: it was cut off, or saved anew by a program."""
    if codes := codes_in(content):
        reason = bilingual(
            "It bears the verification code {code} of a notice and has not both of its signatures: it was cut off, saved anew"
            " by a program, or made of it. Ask for the file as it was issued.",
            "Tệp mang mã xác minh {code} của một thông báo nhưng không còn đủ hai chữ ký số: đã bị cắt, được phần mềm lưu lại"
            " hoặc làm từ thông báo đó. Đề nghị lấy tệp đúng như khi được ban hành.",
            code=codes[0],
        )
        return OfflineVerdict("changed", [reason])
    reason = Bilingual(
        "It is no PDF with the signatures of the signatory and of the body.",
        "Tệp không phải PDF có chữ ký số của người ký và của cơ quan ban hành.",
    )
    return OfflineVerdict("not_issued", [reason])
