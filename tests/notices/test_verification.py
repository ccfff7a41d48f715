"""Files are known as ours by their bytes, and as changed by any other byte; figures that moved are named."""

from __future__ import annotations

import hashlib
import io
import re
import signal
import sys
import time
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
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from services.notices.issuing.model import numbered
from services.notices.issuing.signing import SigningKey, signer_of
from services.notices.issuing.trial_certificates import trial_certificate
from services.notices.rendering.docx import docx
from services.notices.rendering.xlsx import xlsx
from services.notices.verification import budget, service
from services.notices.verification.__main__ import lines
from services.notices.verification.additions import added_annotations
from services.notices.verification.budget import OVERSPENT
from services.notices.verification.copies import Citation, NamedNotices, named_in
from services.notices.verification.model import RateLimit, codes_in, moved_figures, prefix_digests
from services.notices.verification.offline import verify_bounded, verify_offline
from services.notices.verification.reading import further_signatures, read
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
    signer = signer_of(KEY, "body")
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

    before = PdfFileReader(io.BytesIO(issued))
    added = [added_annotations(PdfFileReader(io.BytesIO(appended(issued, margin(one)))), before) for one in (4, 4 | 8, 16)]
    hides = [visible_stamps(one, issued).hides for one in added]
    assert hides == [[], [1], [1]]


def named(name: str) -> Any:
    return PARTS.pdf_name(name)


def signed_with(document: bytes, change: Callable[[Any, Any], None]) -> bytes:
    """Signed by somebody else who, with the signature and its field in the margin of the first page, writes something else."""
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    writer._update_meta = lambda: None  # type: ignore[method-assign]
    append_signature_field(writer, SigFieldSpec("archive", on_page=0, box=MARGIN))
    fields = writer.root["/AcroForm"]["/Fields"]
    change(writer, fields[len(fields) - 1])
    signer = signers.PdfSigner(signers.PdfSignatureMetadata(field_name="archive"), signer_of(KEY, "body"))
    signed: bytes = signer.sign_pdf(writer).getvalue()
    return signed


def as_stamp(_: Any, field: Any) -> None:
    """To a reader it is a stamp over the text, and to a form the field of a signature."""
    field.update({named("/Subtype"): named("/Stamp"), named("/Rect"): AT})


def as_nothing(_: Any, field: Any) -> None:
    del field["/Subtype"]
    field[named("/Rect")] = AT


SCRIPT = PARTS.DictionaryObject({named("/S"): named("/JavaScript"), named("/JS"): PARTS.pdf_string("x")})


def with_action(_: Any, field: Any) -> None:
    field[named("/A")] = SCRIPT


def with_events(_: Any, field: Any) -> None:
    field[named("/AA")] = PARTS.DictionaryObject({named("/PO"): SCRIPT})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda writer, field: None, None),
        (as_stamp, "something else than a signature"),
        (as_nothing, "something else than a signature"),
        (with_action, "runs an action"),
        (with_events, "runs an action"),
    ],
)
def test_what_others_sign_with_is_a_signature_and_nothing_else(
    change: Callable[[Any, Any], None], why: str | None, issued: bytes
) -> None:
    found = further_signatures(signed_with(issued, change))
    assert (found.only_signed, found.pages) == ((True, (1,)) if why is None else (False, ()))
    assert (why or "None") in str(found.why)


def rewritten(change: Callable[[bytes], bytes]) -> Callable[[Any, Any], None]:
    def written(writer: Any, _: Any) -> None:
        old = writer.root["/Metadata"].data
        assert change(old) != old
        entries = {named("/Type"): named("/Metadata"), named("/Subtype"): named("/XML")}
        writer.root[named("/Metadata")] = writer.add_object(PARTS.StreamObject(entries, stream_data=change(old)))
        writer.update_root()

    return written


def with_info(writer: Any, _: Any) -> None:
    entries = PARTS.DictionaryObject({named("/Title"): PARTS.pdf_string("Khác")})
    writer.set_info(writer.add_object(entries))


TITLE = re.compile(rb"(<dc:title>)(.*?)(</dc:title>)", re.S)
OTHER = b'<rdf:Alt><rdf:li xml:lang="x-default">Thong bao khac</rdf:li></rdf:Alt>'
ALIAS = (
    b'<rdf:Description rdf:about="" xmlns:d="http://purl.org/dc/elements/1.1/"><d:%b>' + OTHER + b"</d:%b></rdf:Description>"
)


@pytest.mark.parametrize(
    "change",
    [
        rewritten(lambda old: TITLE.sub(rb"\1" + OTHER + rb"\3", old)),
        rewritten(lambda old: TITLE.sub(rb"<!--\g<0>-->\1" + OTHER + rb"\3", old)),
        rewritten(lambda old: old.replace(b"</rdf:RDF>", ALIAS % (b"title", b"title") + b"</rdf:RDF>")),
        rewritten(lambda old: old.replace(b"</rdf:RDF>", ALIAS % (b"description", b"description") + b"</rdf:RDF>")),
        rewritten(lambda old: b'<!DOCTYPE x [<!ENTITY a "b">]>' + re.sub(rb"<\?xpacket.*?\?>", b"", old)),
        with_info,
    ],
    ids=["title", "behind a comment", "under another prefix", "description", "declared", "in the other place"],
)
def test_a_title_or_description_that_others_write_is_a_change(change: Callable[[Any, Any], None], issued: bytes) -> None:
    found = further_signatures(signed_with(issued, change))
    assert (found.only_signed, any(one in str(found.why) for one in ("title", "cannot be read"))) == (False, True)


def test_dates_and_programs_may_be_written_anew_by_whoever_signs(issued: bytes) -> None:
    later = rewritten(lambda old: re.sub(rb"(<xmp:ModifyDate>).*?<", rb"\g<1>2026-01-01T00:00:00Z<", old))
    assert further_signatures(signed_with(issued, later)).only_signed


def test_what_takes_more_than_any_notice_to_be_read_is_a_change(issued: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    content, handler = signed_further(issued), signal.getsignal(signal.SIGPROF)
    monkeypatch.setattr(budget, "SECONDS", 0.01)
    assert further_signatures(content).why == OVERSPENT
    assert "more time or memory" in str(verify_bounded(content).reasons)
    monkeypatch.setattr(budget, "SECONDS", 20.0)
    monkeypatch.setattr(budget, "MEGABYTES", 64)
    with budget.memory(), pytest.raises(MemoryError):
        bytearray(2**28)
    assert len(bytearray(2**28)) == 2**28
    assert signal.getsignal(signal.SIGPROF) == handler


def test_time_that_was_over_where_nothing_can_be_raised_is_over_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a callback of the garbage collector, after which the file would be read on as if nothing had been."""
    monkeypatch.setattr(budget, "SECONDS", 0.01)
    lost: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda raised: lost.append(raised.exc_type))

    class Slow:
        def __del__(self) -> None:
            end = time.process_time() + 0.5
            while time.process_time() < end:
                pass

    with pytest.raises(budget.Overspent), budget.budget():
        Slow()
    assert lost == [budget.Overspent]


def test_what_nobody_signed_is_not_opened(issued: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last section of references claims more objects than fit into memory, in no bytes at all."""
    trailer = b"/Type /XRef /W [0 0 0] /Index [0 2000000000] /Size 2000000000 /Length 0"
    bomb = issued + b"\n9000 0 obj\n<< " + trailer + b" >>\nstream\n\nendstream\nendobj\nstartxref\n"
    monkeypatch.setattr(budget, "SECONDS", 5.0)
    assert "behind the last signature" in str(further_signatures(bomb + b"%d\n%%%%EOF\n" % (len(issued) + 1)).why)


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
    share = next(key for key, one in counted.items() if (one.denominator or 0) > 20_000 and (one.numerator or 0) < 1_000)
    wider = msgspec.structs.replace(counted[share], denominator=(counted[share].denominator or 0) + 1)
    assert moved_figures(figures, counted | {share: wider}) == [], "printed as before"


def test_the_page_answers_an_address_so_often_in_a_minute() -> None:
    limit = RateLimit(2, 60.0)
    assert [limit.admit("a", at) for at in (0.0, 1.0)] == [0.0, 0.0]
    assert limit.admit("a", 2.0) == 58.0
    assert limit.admit("b", 2.0) == 0.0
    assert limit.admit("a", 60.0) == 0.0
