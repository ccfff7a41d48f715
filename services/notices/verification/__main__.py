"""Verify an issued PDF: `python -m services.notices.verification FILE [--trust CERTIFICATE]`. Needs nothing but the file.

Exit code 0: as it was issued, and every figure follows; 1: changed; 2: no issued notice, or it cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from asn1crypto import pem, x509

from services.notices.verification.offline import OfflineState, OfflineVerdict, verify_offline
from shared.civil import civil_time
from shared.languages import Bilingual

_VERDICTS: dict[OfflineState, Bilingual] = {
    "unchanged": Bilingual("UNCHANGED, every figure follows", "NGUYÊN VẸN, mọi số liệu khớp"),
    "signed_further": Bilingual(
        "UNCHANGED, signed further by others, every figure follows", "NGUYÊN VẸN, có thêm chữ ký khác, mọi số liệu khớp"
    ),
    "changed": Bilingual("CHANGED, not as it was issued", "ĐÃ BỊ THAY ĐỔI, không đúng như khi ban hành"),
    "not_issued": Bilingual("NOT AN ISSUED NOTICE", "KHÔNG PHẢI THÔNG BÁO ĐÃ BAN HÀNH"),
}
_CODES: dict[OfflineState, int] = {"unchanged": 0, "signed_further": 0, "changed": 1, "not_issued": 2}
_MAX_REASONS = 10


def main(arguments: list[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m services.notices.verification", description=__doc__)
    parser.add_argument("file", type=Path, help="an issued notice, as PDF")
    parser.add_argument(
        "--trust", type=Path, action="append", default=[], metavar="CERTIFICATE", help="of whom to trust, PEM or DER; several"
    )
    words = parser.parse_args(arguments)
    try:
        content, trusted = words.file.read_bytes(), [_certificate(path) for path in words.trust]
    except (OSError, ValueError) as error:
        print(f"{error}", file=sys.stderr)
        return 2
    verdict = verify_offline(content, trusted)
    print("\n".join(lines(verdict)))
    return _CODES[verdict.state]


def _certificate(path: Path) -> x509.Certificate:
    content = path.read_bytes()
    if pem.detect(content):
        content = pem.unarmor(content)[2]
    certificate = x509.Certificate.load(content)
    assert isinstance(certificate, x509.Certificate)
    return certificate


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
        if one.holder == one.issuer:
            found.append("  chứng thư tự tạo / the certificate is self-made")
    if verdict.signatures and verdict.signatures[0].trusted is None:
        found.append("chưa kiểm tra nguồn chứng thư / whom the certificates are from is not checked: --trust CERTIFICATE")
    if verdict.figures:
        found.append(f"tính lại / recomputed: {verdict.figures:,} số liệu / figures, {verdict.checks} phép kiểm tra / checks")
    found += [f"đã được bỏ qua khi duyệt / waived at approval: {one}" for one in verdict.known]
    for reason in verdict.reasons[:_MAX_REASONS]:
        found.append(f"- {reason.vi} / {reason.en}")
    if len(verdict.reasons) > _MAX_REASONS:
        found.append(f"- … +{len(verdict.reasons) - _MAX_REASONS}")
    last = _VERDICTS[verdict.state]
    return [*found, f"{last.vi} / {last.en}"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
