"""An issued PDF is verified alone: no byte and no figure of it is changed unnoticed. SIZE=full makes a thousand changes."""

from __future__ import annotations

import hashlib
import io
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from asn1crypto import pem
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from services.notices.composition.model import FigureRun, Paragraph
from services.notices.figures.counts import CountedDays
from services.notices.figures.model import Figure
from services.notices.issuing.bundle import EvidenceBundle
from services.notices.issuing.signing import SigningOrder, signed
from services.notices.issuing.trial_certificates import trial_certificate
from services.notices.verification.__main__ import lines, main
from services.notices.verification.offline import COUNTS, EVIDENCE, FIGURES, OfflineVerdict, verify_offline
from services.notices.verification.recomputing import recomputed
from services.notices.verification.signatures import attachments
from tests.notices.issued import ADDRESS, key
from tests.notices.test_verification import signed_further
from tests.quick import FULL, cases

CHANGES = 1_000 if FULL else cases(150)
"""Of each eleven one adds to the file, two change figures or a count of a day and make their digests anew; the others change
bytes."""


class Attached(NamedTuple):
    """The bundle of the reference notice, and its figures."""

    bundle: EvidenceBundle
    figures: list[Figure]
    evidence: bytes
    listed: bytes
    counted: CountedDays
    counts: bytes

    def with_counts(self, counted: CountedDays) -> tuple[bytes, bytes, bytes]:
        """All attachments with other counts and their digest, as a forger writes them."""
        counts = msgspec.json.encode(counted)
        digests = msgspec.structs.replace(self.bundle.digests, counts=hashlib.sha256(counts).hexdigest())
        return msgspec.json.encode(msgspec.structs.replace(self.bundle, digests=digests)), self.listed, counts

    def with_figures(self, figures: list[Figure]) -> tuple[bytes, bytes]:
        """Both attachments with other figures and their digest, as a forger writes them."""
        listed = msgspec.json.encode(figures)
        digests = msgspec.structs.replace(self.bundle.digests, figures=hashlib.sha256(listed).hexdigest())
        return msgspec.json.encode(msgspec.structs.replace(self.bundle, digests=digests)), listed


@pytest.fixture(scope="module")
def attached(issued: bytes) -> Attached:
    found = attachments(PdfFileReader(io.BytesIO(issued)))
    bundle = msgspec.json.decode(found[EVIDENCE], type=EvidenceBundle)
    figures = msgspec.json.decode(found[FIGURES], type=list[Figure])
    counted = msgspec.json.decode(found[COUNTS], type=CountedDays)
    return Attached(bundle, figures, found[EVIDENCE], found[FIGURES], counted, found[COUNTS])


def test_an_issued_file_holds_and_one_that_others_sign_too(issued: bytes) -> None:
    found = verify_offline(issued)
    assert (found.state, found.reasons) == ("unchanged", [])
    assert found.figures > 1_000
    assert found.checks > 50
    assert found.counts is not None
    assert found.counts > 50_000
    assert [one.holder.partition(" ")[0] for one in found.signatures] == ["A", "B"]
    assert verify_offline(signed_further(issued)).state == "signed_further"
    assert verify_offline(b"PK\x03\x04").state == "not_issued"


def changed_byte(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    kind = chance.randrange(4)
    if kind == 0:
        return content[:at] + content[at + 1 :]
    if kind == 1:
        return content[:at] + bytes([chance.randrange(256)]) + content[at:]
    return content[:at] + bytes([content[at] ^ chance.randrange(1, 256)]) + content[at + 1 :]


def added_figures(content: bytes, evidence: bytes, listed: bytes) -> bytes:
    """The file with other attachments, which are appended."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    for index in range(0, len(names), 2):
        stream = names[index + 1]["/EF"]["/F"]
        if str(names[index]) == COUNTS:
            continue
        stream._data = evidence if str(names[index]) == EVIDENCE else listed
        stream._encoded_data = None
        writer.mark_update(names[index + 1]["/EF"].raw_get("/F"))
    output = io.BytesIO()
    writer.write(output)  # type: ignore[no-untyped-call]
    return output.getvalue()


def changed_figure(attached: Attached, key: str, chance: random.Random) -> list[Figure]:
    at = next(index for index, one in enumerate(attached.figures) if one.key == key)
    figure = attached.figures[at]
    if figure.numerator is None:
        other = msgspec.structs.replace(figure, stated=f"{float(figure.stated or 0) + chance.randint(1, 9)}")
    else:
        other = msgspec.structs.replace(figure, numerator=figure.numerator + chance.choice((-1, 1, 10, 900)))
    return [*attached.figures[:at], other, *attached.figures[at + 1 :]]


def changed_count(counted: CountedDays, chance: random.Random) -> CountedDays:
    """A count of a day is another, is gone, or there is one more; or what was there before the period is another."""
    agency = chance.choice(sorted(counted.agencies))
    measures = counted.agencies[agency].measures
    name = chance.choice(sorted(measures))
    before, days, counts = measures[name].before, list(measures[name].days), list(measures[name].counts)
    at, kind = chance.randrange(len(days)), chance.randrange(4)
    if kind == 0:
        counts[at] += chance.choice((-1, 1, 10))
    elif kind == 1:
        del days[at], counts[at]
    elif kind == 2:
        before += chance.choice((-1, 1))
    else:
        days.append(days[-1] + 1)
        counts.append(1)
    other = msgspec.structs.replace(measures[name], before=before, days=days, counts=counts)
    changed = msgspec.structs.replace(counted.agencies[agency], measures=measures | {name: other})
    return msgspec.structs.replace(counted, agencies=counted.agencies | {agency: changed})


def test_every_change_of_a_byte_a_count_or_a_printed_figure_is_found(issued: bytes, attached: Attached) -> None:
    chance = random.Random(19)
    runs = [run for block in attached.bundle.notice.body if isinstance(block, Paragraph) for run in block.runs]
    cells = [cell for annex in attached.bundle.notice.annexes for row in annex.rows for cell in row.cells]
    printed = sorted({one.figure for one in runs if isinstance(one, FigureRun)} | {one.figure for one in cells if one.figure})
    unnoticed = []
    for number in range(CHANGES):
        if number % 11 == 0:
            if not recomputed(*attached.with_counts(changed_count(attached.counted, chance))).faults:
                unnoticed.append(f"count {number}")
        elif number % 11 == 1:
            key = chance.choice(printed)
            forged = attached.with_figures(changed_figure(attached, key, chance))
            if not recomputed(*forged, attached.counts).faults:  # whoever forged it has signed it, too
                unnoticed.append(key)
        elif number % 11 == 2 and number < 55:
            key = chance.choice(attached.figures).key
            forged = attached.with_figures(changed_figure(attached, key, chance))
            if verify_offline(added_figures(issued, *forged)).holds:
                unnoticed.append(f"{key}, appended")
        else:
            content = changed_byte(issued, chance)
            if content != issued and verify_offline(content).holds:
                unnoticed.append(f"change {number}")
    assert unnoticed == []


def test_whatever_is_changed_in_the_bundle_differs_from_its_digests(attached: Attached) -> None:
    chance = random.Random(7)
    other = changed_figure(attached, chance.choice(attached.figures).key, chance)
    assert recomputed(attached.evidence, msgspec.json.encode(other), attached.counts).faults
    assert recomputed(attached.evidence + b" ", attached.listed, attached.counts).faults
    assert recomputed(attached.evidence, attached.listed, attached.counts + b" ").faults
    assert recomputed(attached.evidence, attached.listed).faults  # counts were there when it was signed
    assert recomputed(attached.evidence, attached.listed, attached.counts).faults == []
    later = msgspec.structs.replace(attached.bundle.issue, reference="06/TB-UBND")
    assert recomputed(
        msgspec.json.encode(msgspec.structs.replace(attached.bundle, issue=later)), attached.listed, attached.counts
    ).faults


def test_a_bundle_of_another_notice_or_one_that_nothing_reads_is_found(rendered: bytes, attached: Attached) -> None:
    other = msgspec.structs.replace(attached.bundle.issue, code="A" * 26)
    bundle = msgspec.json.encode(msgspec.structs.replace(attached.bundle, issue=other))
    assert recomputed(bundle, attached.listed, attached.counts).faults == []  # by itself it holds
    forged = added_figures(rendered, bundle, attached.listed)
    found = verify_offline(signed(forged, SigningOrder(b"", key("A"), key("B"), "Thanh Hà", ADDRESS)))
    assert (found.state, f"the notice with the code {'A' * 26}" in str(found.reasons)) == ("changed", True)
    assert "cannot be read" in recomputed(b'{"issue":' + b"[" * 100_000, attached.listed).faults[0]


def test_a_count_on_another_day_is_found_by_the_balance_of_that_day(attached: Attached) -> None:
    agency, counted = next(iter(attached.counted.agencies.items()))
    received = counted.measures["received_online"]
    moved = [received.counts[0] + 1, received.counts[1] - 1, *received.counts[2:]]
    other = counted.measures | {"received_online": msgspec.structs.replace(received, counts=moved)}
    changed = attached.counted.agencies | {agency: msgspec.structs.replace(counted, measures=other)}
    faults = recomputed(*attached.with_counts(msgspec.structs.replace(attached.counted, agencies=changed))).faults
    assert len(faults) == 1
    assert f"does not hold for {agency} on day {received.days[0]} of the period" in faults[0]


def test_a_file_that_was_issued_before_there_were_counts_holds_and_says_that_it_has_none(attached: Attached) -> None:
    digests = msgspec.structs.replace(attached.bundle.digests, counts=msgspec.UNSET)
    bundle = msgspec.structs.replace(attached.bundle, form=1, digests=digests)
    found = recomputed(msgspec.json.encode(bundle), attached.listed)
    assert (found.faults, found.counts) == ([], None)
    told = lines(OfflineVerdict("not_trusted", [], figures=found.figures, checks=found.checks))
    assert "  tệp không kèm số đếm theo ngày và cơ quan / the file carries no counts by day and agency" in told
    of_later = msgspec.structs.replace(attached.bundle, form=4)
    assert recomputed(msgspec.json.encode(of_later), attached.listed, attached.counts).faults


def test_nothing_that_was_not_published_is_in_the_bundle(attached: Attached) -> None:
    assert attached.bundle.notice.shortcomings == ()
    assert attached.bundle.counted.freshness is None


@pytest.mark.parametrize(
    ("change", "code", "verdict"),
    [
        (
            lambda content: content,
            3,
            "KHÔNG ĐỔI từ khi ký, mọi số liệu khớp; CHƯA KIỂM TRA AI KÝ: --trust CERTIFICATE / NOT CHANGED",
        ),
        (lambda content: content[:9_000] + b"x" + content[9_001:], 1, "ĐÃ BỊ THAY ĐỔI"),
        (lambda content: b"x", 2, "KHÔNG PHẢI THÔNG BÁO ĐÃ BAN HÀNH / NOT AN ISSUED NOTICE"),
    ],
    ids=["as issued", "changed", "of others"],
)
def test_the_program_tells_its_verdict_in_both_languages(
    change: Callable[[bytes], bytes],
    code: int,
    verdict: str,
    issued: bytes,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "notice.pdf"
    path.write_bytes(change(issued))
    assert main([str(path)]) == code
    assert capsys.readouterr().out.splitlines()[-1].startswith(verdict)


def test_a_certificate_that_nobody_trusted_vouches_for_is_no_proof(
    issued: bytes,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path, stranger = tmp_path / "notice.pdf", tmp_path / "stranger.pem"
    path.write_bytes(issued)
    other = pkcs12.load_pkcs12(trial_certificate("C", "x", datetime.now(UTC)), b"x").cert
    assert other is not None
    stranger.write_bytes(other.certificate.public_bytes(Encoding.PEM))
    assert main([str(path), "--trust", str(stranger)]) == 3
    assert capsys.readouterr().out.splitlines()[-1].startswith("KHÔNG ĐỔI từ khi ký, nhưng KHÔNG PHẢI bên được tin cậy ký")
    own = []
    for number, one in enumerate(PdfFileReader(io.BytesIO(issued)).embedded_signatures):
        own.append(tmp_path / f"{number}.der")
        own[-1].write_bytes(one.signer_cert.dump())
    assert main([str(path), *(word for one in own for word in ("--trust", str(one)))]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "NGUYÊN VẸN, mọi số liệu khớp / UNCHANGED, every figure follows"
    both = tmp_path / "both.pem"
    both.write_bytes(b"".join(pem.armor("CERTIFICATE", one.read_bytes()) for one in own))
    assert main([str(path), "--trust", str(both)]) == 0


KEY_FILE = trial_certificate("C", "x", datetime.now(UTC))


@pytest.mark.parametrize(
    "content",
    [
        KEY_FILE,
        b"",
        b"certificate",
        b"0\x82",
        pem.armor("PRIVATE KEY", b"0\x03\x02\x01\x01"),
        pem.armor("CERTIFICATE", b"x"),
        None,
    ],
    ids=["PKCS#12", "empty", "words", "cut off", "a key", "no certificate inside", "missing"],
)
def test_a_file_that_holds_no_certificate_is_a_wrong_command_and_no_verdict(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, notice = tmp_path / "trusted", tmp_path / "notice.pdf"
    notice.write_bytes(b"%PDF-")
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        main([str(notice), "--trust", str(path)])
    assert ended.value.code == 64
    told = capsys.readouterr()
    assert (told.out, str(path) in told.err) == ("", True)


def test_the_program_needs_no_settings(issued: bytes, tmp_path: Path) -> None:
    path = tmp_path / "notice.pdf"
    path.write_bytes(issued)
    command = [sys.executable, "-m", "services.notices.verification", str(path)]
    done = subprocess.run(command, env={"PYTHONIOENCODING": "utf-8"}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (3, "")
