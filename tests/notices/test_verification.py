"""Files are known as ours by their bytes, and as changed by any other byte; figures that moved are named."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec

from services.notices.issuing.signing import SigningKey, signer_of
from services.notices.issuing.trial_certificates import trial_certificate
from services.notices.verification import service
from services.notices.verification.__main__ import lines
from services.notices.verification.model import RateLimit, codes_in, moved_figures, prefix_digests
from services.notices.verification.offline import verify_offline
from services.notices.verification.reading import read
from shared.errors import Unavailable
from shared.sandbox.parent import Sandbox, SandboxLimits
from tests.notices.issued import CODE
from tests.notices.reference import composed

KEY = SigningKey(trial_certificate("C", "x", datetime.now(UTC)), "x")


MARGIN = (300, 800, 560, 830)
"""Above the text of a page, where a copy is stamped."""


def signed_further(document: bytes, box: tuple[int, int, int, int] = (0, 0, 0, 0), page: int = 0) -> bytes:
    """Signed by somebody else, as a file of an archive may be; with a `box` the signature is seen on the page."""
    signer = signer_of(KEY)
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    metadata = signers.PdfSignatureMetadata(field_name="archive")
    spec = SigFieldSpec("archive", on_page=page, box=box)
    signed: bytes = signers.PdfSigner(metadata, signer, new_field_spec=spec).sign_pdf(writer).getvalue()
    return signed


def only_signed(document: bytes) -> bool:
    (message,) = read(b"", iter([document]))
    return bool(msgspec.json.decode(message)["only_signed"])


def test_what_was_issued_is_found_in_what_was_signed_further(issued: bytes) -> None:
    further = signed_further(issued, MARGIN)
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


def test_a_signature_of_others_shows_beside_the_notice_and_never_over_it(issued: bytes) -> None:
    beside = verify_offline(signed_further(issued, MARGIN))
    assert (beside.state, beside.pages) == ("signed_further", [1])
    assert "page 1" in "".join(lines(beside))
    assert verify_offline(signed_further(issued)).pages == []
    # Its picture would print whatever it likes in the place of a figure, of a table or of the stamps of who signed.
    for page, box in ((0, (100, 500, 400, 560)), (9, (200, 200, 240, 300)), (8, (330, 600, 500, 640))):
        over = verify_offline(signed_further(issued, box, page))
        assert (over.state, "lies over" in str(over.reasons)) == ("changed", True), (page, box)
        assert not only_signed(signed_further(issued, box, page))


PARTS: Any = generic
"""It has no types."""
AT = PARTS.ArrayObject(map(PARTS.NumberObject, (100, 700, 400, 760)))


def appended(document: bytes, change: Callable[[Any], None]) -> bytes:
    writer, output = IncrementalPdfFileWriter(io.BytesIO(document)), io.BytesIO()
    change(writer)
    writer.write(output)  # type: ignore[no-untyped-call]
    return output.getvalue()


def drawn(writer: Any, **entry: object) -> Any:
    """An annotation on the first page."""
    entries = {PARTS.pdf_name(f"/{name}"): value for name, value in ({"Rect": AT} | entry).items()}
    added = writer.add_object(PARTS.DictionaryObject(entries))
    writer.register_annotation(writer.find_page_for_modification(0)[0], added)
    return added


def noted(writer: Any) -> None:
    drawn(writer, Subtype=PARTS.pdf_name("/FreeText"), Contents=PARTS.pdf_string("Đã sửa"))


def filled(writer: Any) -> None:
    """A field is added to the form, and filled in."""
    words = {"T": PARTS.pdf_string("số"), "V": PARTS.pdf_string("99")}
    field = drawn(writer, Subtype=PARTS.pdf_name("/Widget"), FT=PARTS.pdf_name("/Tx"), **words)
    fields = writer.root["/AcroForm"]["/Fields"]
    fields.append(field)
    writer.update_container(fields)


@pytest.mark.parametrize("change", [noted, filled])
def test_what_others_add_to_a_page_before_or_after_they_sign_is_a_change(
    change: Callable[[Any], None],
    issued: bytes,
) -> None:
    assert not only_signed(signed_further(appended(issued, change)))
    assert not only_signed(appended(signed_further(issued), change))


async def test_of_a_file_whose_reader_dies_nothing_is_said() -> None:
    for limits in (SandboxLimits(megabytes=24), SandboxLimits(idle_seconds=0.0)):
        with pytest.raises(Unavailable, match="nothing is said of it"):
            await service.appended(Sandbox(limits), b"%PDF-1.7 and more")


def test_a_changed_file_is_known_by_the_code_in_its_signatures() -> None:
    code = CODE
    assert codes_in(b"(https://a.example/v/" + code.encode() + b") /v/SHORT /v/" + code.encode()) == [code]


def test_a_signed_file_names_its_code_where_any_byte_may_change(issued: bytes) -> None:
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
