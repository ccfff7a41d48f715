"""Files are known as ours by their bytes, and as changed by any other byte; figures that moved are named."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec

from services.notices.issuing.model import numbered
from services.notices.issuing.signing import SigningKey, signer_of
from services.notices.issuing.trial_certificates import trial_certificate
from services.notices.rendering.docx import docx
from services.notices.rendering.xlsx import xlsx
from services.notices.verification import service
from services.notices.verification.__main__ import lines
from services.notices.verification.copies import Citation, NamedNotices, named_in
from services.notices.verification.model import RateLimit, codes_in, moved_figures, prefix_digests
from services.notices.verification.offline import verify_offline
from services.notices.verification.reading import read
from services.notices.verification.stamps import visible_stamps
from shared.errors import Unavailable
from shared.sandbox.parent import Sandbox, SandboxLimits
from tests.notices.issued import BODY, CODE
from tests.notices.reference import DATED_AT, composed

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


def test_a_field_that_a_reader_draws_larger_where_the_page_is_small_lies_over_all_of_it(issued: bytes) -> None:
    def margin(flags: int) -> Callable[[Any], None]:
        at = PARTS.ArrayObject(map(PARTS.NumberObject, MARGIN))
        return lambda writer: drawn(writer, Subtype=PARTS.pdf_name("/Widget"), Rect=at, F=PARTS.NumberObject(flags))

    hides = [visible_stamps(PdfFileReader(io.BytesIO(appended(issued, margin(one)))), issued).hides for one in (4, 4 | 8, 16)]
    assert hides == [[], [1], [1]]


def retitled(writer: Any) -> None:
    old = writer.root["/Metadata"].data
    assert b"</dc:title>" in old
    entries = {PARTS.pdf_name("/Type"): PARTS.pdf_name("/Metadata"), PARTS.pdf_name("/Subtype"): PARTS.pdf_name("/XML")}
    stream = PARTS.StreamObject(
        entries, stream_data=re.sub(rb"</rdf:li>(?=.{0,60}</dc:title>)", b" khac\\g<0>", old, flags=re.S)
    )
    writer.root[PARTS.pdf_name("/Metadata")] = writer.add_object(stream)
    writer.update_root()


def test_a_title_that_others_write_is_a_change(issued: bytes) -> None:
    assert "title" in str(verify_offline(signed_further(appended(issued, retitled))).reasons)


def test_of_a_file_with_more_signatures_than_anybody_makes_none_is_tried(issued: bytes) -> None:
    assert "more than 40" in str(verify_offline(issued + b"/ByteRange [0 1 2 3]" * 40).reasons)


def saved_anew(packed: bytes, change: Callable[[bytes], bytes] = lambda part: part) -> bytes:
    """A DOCX or XLSX of which every part is written anew."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(old.read(part)))
    return output.getvalue()


def reprinted(document: bytes) -> bytes:
    """A PDF with the same pages of which no byte is the same: it is encrypted, and anybody may open it."""
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(document)) as opened:
        opened.save(output, encryption=pikepdf.Encryption(owner="x", user=""))
    return output.getvalue()


def test_a_copy_that_was_saved_anew_names_its_notice(issued: bytes) -> None:
    notice, on = numbered(composed()[0], 5, date(2023, 8, 17)), date(2023, 8, 17)
    cited = (Citation("05/TB-UBND", on, BODY),)
    document = docx(notice, dated_at=DATED_AT)
    for packed in (document, xlsx(notice, dated_at=DATED_AT)):
        assert named_in(saved_anew(packed)) == NamedNotices(citations=cited)
    # As a word processor cuts a line into runs.
    runs = "Thông báo số </w:t></w:r><w:r><w:t>05/TB".encode()
    cut = saved_anew(document, lambda part: part.replace("Thông báo số 05/TB".encode(), runs))
    assert named_in(cut) == NamedNotices(citations=cited)
    assert codes_in(reprinted(issued)) == []
    assert named_in(reprinted(issued)) == NamedNotices(codes=(CODE,))


def test_a_file_that_cannot_be_read_or_never_ends_names_nothing() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", bytes(60_000_000))
        packed.writestr("xl/sharedStrings.xml", f"(Kèm theo Thông báo số 05/TB-UBND ngày 17 tháng 8 năm 2023 của {BODY})")
    strange = "(Kèm theo Thông báo số 05/TB-UBND ngày 31 tháng 02 năm 2023 của A)"
    document = docx(composed()[0], dated_at=DATED_AT)
    for content in (
        bomb.getvalue(),
        saved_anew(document, lambda part: strange.encode()),
        document[: len(document) // 2],
        document,  # a draft has no number
        b"PK\x03\x04",
        b"%PDF-1.7 1 0 obj << /Type /Catalog /Pages 1 0 R >> endobj",
    ):
        assert named_in(content) == NamedNotices()


def test_of_a_file_that_was_cut_off_or_saved_anew_it_is_said_of_which_notice_it_was(issued: bytes) -> None:
    with pikepdf.open(io.BytesIO(issued)) as opened:
        output = io.BytesIO()
        opened.save(output)
    for content in (issued[:-5_000], output.getvalue(), issued + issued):
        found = verify_offline(content)
        assert found.state == "changed"
    assert CODE in str(verify_offline(issued[:-5_000]).reasons)


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
