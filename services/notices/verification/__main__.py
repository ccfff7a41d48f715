"""Verify an issued PDF: `python -m services.notices.verification FILE [--trust CERTIFICATE]`. Needs nothing but the file.

Exit code 0: as it was issued by whom CERTIFICATE vouches for, and every figure follows; 1: changed since it was signed; 2: no
issued notice; 3: not changed since it was signed, but nothing shows by whom (no --trust, or none vouches for it); 64: nothing
was verified, since a file cannot be read or the command is wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from asn1crypto import pem, x509

from services.notices.verification.offline import OfflineState, OfflineVerdict, verify_bounded
from shared.civil import civil_time
from shared.languages import Bilingual

_VERDICTS: dict[OfflineState, Bilingual] = {
    "unchanged": Bilingual("UNCHANGED, every figure follows", "NGUYÊN VẸN, mọi số liệu khớp"),
    "signed_further": Bilingual(
        "UNCHANGED, signed further by others, every figure follows", "NGUYÊN VẸN, có thêm chữ ký khác, mọi số liệu khớp"
    ),
    "not_trusted": Bilingual(
        "NOT CHANGED since it was signed, but NOT BY WHOM YOU TRUST",
        "KHÔNG ĐỔI từ khi ký, nhưng KHÔNG PHẢI bên được tin cậy ký",
    ),
    "changed": Bilingual("CHANGED, not as it was signed", "ĐÃ BỊ THAY ĐỔI, không đúng như khi ký"),
    "not_issued": Bilingual("NOT AN ISSUED NOTICE", "KHÔNG PHẢI THÔNG BÁO ĐÃ BAN HÀNH"),
}
_UNPROVEN = Bilingual(
    "NOT CHANGED since it was signed, every figure follows; BY WHOM IS NOT CHECKED: --trust CERTIFICATE",
    "KHÔNG ĐỔI từ khi ký, mọi số liệu khớp; CHƯA KIỂM TRA AI KÝ: --trust CERTIFICATE",
)
"""Of a file that holds, where no certificate was given: whoever made it may have signed it with a certificate of his own."""
_COUNTED = "  từ {n} số đếm theo ngày và cơ quan / from {n} counts by day and agency"
_NOT_COUNTED = "  tệp không kèm số đếm theo ngày và cơ quan / the file carries no counts by day and agency"
_STAMPED = "  hình chữ ký của bên khác ở trang / signatures of others show on page {pages}"
_CODES: dict[OfflineState, int] = {"unchanged": 0, "signed_further": 0, "changed": 1, "not_issued": 2, "not_trusted": 3}
_CODE_UNPROVEN = 3
_CODE_USAGE = 64
_MAX_REASONS = 10


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """The usual code of a wrong command is that of a verdict."""
        self.print_usage(sys.stderr)
        self.exit(_CODE_USAGE, f"{self.prog}: {message}\n")


def main(arguments: list[str]) -> int:
    """The exit code."""
    parser = _Parser(prog="python -m services.notices.verification", description=__doc__)
    parser.add_argument("file", type=Path, help="an issued notice, as PDF")
    parser.add_argument(
        "--trust", type=Path, action="append", default=[], metavar="CERTIFICATE", help="of whom to trust, PEM or DER; several"
    )
    words = parser.parse_args(arguments)
    try:
        content = words.file.read_bytes()
        trusted = [one for path in words.trust for one in _certificates(path)]
    except (OSError, ValueError) as error:
        parser.error(str(error))
    verdict = verify_bounded(content, trusted)
    print("\n".join(lines(verdict)))
    return _CODE_UNPROVEN if verdict.holds and not trusted else _CODES[verdict.state]


def _certificates(path: Path) -> list[x509.Certificate]:
    """Those of a file: one in DER, or any number in PEM. Raises `OSError`, and `ValueError` for a file of anything else."""
    content = path.read_bytes()
    try:
        parts = [(kind, der) for kind, _, der in pem.unarmor(content, multiple=True)] if pem.detect(content) else []
        ders = [der for kind, der in parts if kind in ("CERTIFICATE", "X509 CERTIFICATE")] if parts else [content]
        found = [x509.Certificate.load(der, strict=True) for der in ders]
        for one in found:
            _ = one.native  # until then a file of anything passes for a certificate
    except (ValueError, TypeError) as error:
        raise _no_certificate(path) from error
    if not found:
        raise _no_certificate(path)
    return found


def _no_certificate(path: Path) -> ValueError:
    return ValueError(
        f"--trust {path}: no certificate in PEM or DER / không phải chứng thư PEM hoặc DER. Of a file of PKCS#12 export it:"
        " openssl pkcs12 -in FILE -nokeys -out CERTIFICATE"
    )


def lines(verdict: OfflineVerdict) -> list[str]:
    """What is printed of a verdict, in both languages."""
    found = []
    if verdict.bundle is not None:
        issue = verdict.bundle.issue
        found.append(f"{issue.reference}, {issue.issued_on:%d/%m/%Y}, {issue.body}")
        if issue.corrects is not None:
            found.append(f"thay thế / takes the place of: {issue.corrects}")
    for one in verdict.signatures:
        at = f"{civil_time(one.signed_at):%d/%m/%Y %H:%M:%S}" if one.signed_at is not None else "?"
        found.append(f"chữ ký / signature ({one.field}): {one.holder}, {at}, SHA-256 {one.fingerprint[:16]}…")
        if one.stamp is not None:
            stamped = f"{civil_time(one.stamp.at):%d/%m/%Y %H:%M:%S}"
            unknown = " (KHÔNG được tin cậy / NOT trusted)" if one.stamp.trusted is False else ""
            found.append(f"  dấu thời gian / time stamp: {one.stamp.authority}, {stamped}{unknown}")
        if one.holder == one.issuer:
            found.append("  chứng thư tự tạo / the certificate is self-made")
    if verdict.pages:
        found.append(_STAMPED.format(pages=", ".join(map(str, verdict.pages))))
    if verdict.figures:
        found.append(f"tính lại / recomputed: {verdict.figures:,} số liệu / figures, {verdict.checks} phép kiểm tra / checks")
        found.append(_COUNTED.format(n=f"{verdict.counts:,}") if verdict.counts is not None else _NOT_COUNTED)
    found += [f"đã được bỏ qua khi duyệt / waived at approval: {one}" for one in verdict.known]
    for reason in verdict.reasons[:_MAX_REASONS]:
        found.append(f"- {reason.vi} / {reason.en}")
    if len(verdict.reasons) > _MAX_REASONS:
        found.append(f"- … +{len(verdict.reasons) - _MAX_REASONS}")
    unproven = verdict.holds and verdict.signatures[0].trusted is None
    last = _UNPROVEN if unproven else _VERDICTS[verdict.state]
    return [_legible(one) for one in [*found, f"{last.vi} / {last.en}"]]


def _legible(line: str) -> str:
    """A line that stays one: what a file holds may be written to move the cursor, or to show a verdict of its own."""
    return "".join(one if one.isprintable() else "?" for one in line.replace("\N{NO-BREAK SPACE}", " "))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
