"""Files are known as ours by their bytes, and as changed by any other byte; figures that moved are named."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime

import msgspec
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec

from services.notices.issuing.signing import SigningKey, signer_of
from services.notices.issuing.trial_certificates import trial_certificate
from services.notices.verification.model import RateLimit, codes_in, moved_figures, prefix_digests
from services.notices.verification.reading import read
from tests.notices.reference import composed
from tests.notices.test_issuing import CODE, issued  # noqa: F401


def signed_further(document: bytes) -> bytes:
    """Signed by somebody else, as a file of an archive may be."""
    signer = signer_of(SigningKey(trial_certificate("C", "x", datetime.now(UTC)), "x"))
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    metadata = signers.PdfSignatureMetadata(field_name="archive")
    spec = SigFieldSpec("archive", on_page=0, box=(0, 0, 0, 0))
    signed: bytes = signers.PdfSigner(metadata, signer, new_field_spec=spec).sign_pdf(writer).getvalue()
    return signed


def only_signed(document: bytes) -> bool:
    (message,) = read(b"", iter([document]))
    return bool(msgspec.json.decode(message)["only_signed"])


def test_what_was_issued_is_found_in_what_was_signed_further(issued: bytes) -> None:  # noqa: F811
    further = signed_further(issued)
    assert hashlib.sha256(issued).digest() in {digest for _, digest in prefix_digests(further)}
    assert only_signed(further)
    assert not only_signed(issued)  # nothing was added
    writer = IncrementalPdfFileWriter(io.BytesIO(further))
    writer.root["/PageMode"] = writer.root.raw_get("/Type")
    writer.update_root()  # type: ignore[no-untyped-call]
    changed = io.BytesIO()
    writer.write(changed)  # type: ignore[no-untyped-call]
    assert not only_signed(changed.getvalue())
    assert not only_signed(issued + b"\nnonsense %%EOF")


def test_a_changed_file_is_known_by_the_code_in_its_signatures() -> None:
    code = CODE
    assert codes_in(b"(https://a.example/v/" + code.encode() + b") /v/SHORT /v/" + code.encode()) == [code]


def test_a_signed_file_names_its_code_where_any_byte_may_change(issued: bytes) -> None:  # noqa: F811
    assert codes_in(issued) == [CODE]


def test_figures_that_moved_are_named_with_what_they_are_now() -> None:
    _, figures = composed()
    counted = {key: one for key, one in figures.items() if one.figure_id is not None}
    key = "handled" if "handled" in counted else next(key for key, one in counted.items() if one.denominator is None)
    newer = counted | {key: msgspec.structs.replace(counted[key], numerator=(counted[key].numerator or 0) + 3)}
    (moved,) = moved_figures(figures, newer)
    assert (moved.key, moved.stated, moved.now, moved.by) == (key, figures[key].prose(), newer[key].prose(), 3)
    assert moved_figures(figures, counted) == []


def test_the_page_answers_an_address_so_often_in_a_minute() -> None:
    limit = RateLimit(2, 60.0)
    assert [limit.admit("a", at) for at in (0.0, 1.0)] == [0.0, 0.0]
    assert limit.admit("a", 2.0) == 58.0
    assert limit.admit("b", 2.0) == 0.0
    assert limit.admit("a", 60.0) == 0.0
