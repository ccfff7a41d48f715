"""The PDF is PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1): the rules that can be read from the file, each by its clause.

typst refuses to write what breaks the standards that it is told; these are looked at in the file itself, whoever wrote it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pdfua
import pikepdf
import pytest

from services.notices.rendering.pdf import pdf
from tests.notices.reference import DATED_AT, composed

PDFA = "http://www.aiim.org/pdfa/ns/id/"
PDFUA = "http://www.aiim.org/pdfua/ns/id/"
XMP = "http://ns.adobe.com/xap/1.0/"
DC = "http://purl.org/dc/elements/1.1/"


@pytest.fixture(scope="module")
def content() -> bytes:
    notice, figures = composed()
    return pdf(notice, figures, dated_at=DATED_AT)


@pytest.fixture(scope="module")
def opened(content: bytes) -> Iterator[Any]:
    with pikepdf.open(io.BytesIO(content)) as file:
        yield file


def _dictionaries(file: Any) -> Iterator[Any]:
    for thing in file.objects:
        if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
            yield thing


def _fonts(file: Any) -> Iterator[Any]:
    return (one for one in _dictionaries(file) if one.get("/Type") == "/Font")


def _elements(file: Any) -> Iterator[Any]:
    """The structure elements, in the order of reading."""

    def below(element: Any) -> Iterator[Any]:
        children = element.get("/K", [])
        for child in children if isinstance(children, pikepdf.Array) else [children]:
            if isinstance(child, pikepdf.Dictionary) and "/S" in child:
                yield child
                yield from below(child)

    yield from below(file.Root.StructTreeRoot)


def header(file: Any, content: bytes) -> bool:
    line = content.split(b"\n")[1]
    return content.startswith(b"%PDF-1.7\n") and line[:1] == b"%" and all(byte > 127 for byte in line[1:5])


def trailer(file: Any, content: bytes) -> bool:
    return "/ID" in file.trailer and "/Encrypt" not in file.trailer


def nothing_after_the_end(file: Any, content: bytes) -> bool:
    return content.rstrip().endswith(b"%%EOF")


def streams(file: Any, content: bytes) -> bool:
    """No external stream, no LZW."""
    found = [one for one in file.objects if isinstance(one, pikepdf.Stream)]
    return not any("/F" in one or "/LZWDecode" in str(one.get("/Filter", "")) for one in found)


def output_intent(file: Any, content: bytes) -> bool:
    (intent,) = file.Root.OutputIntents
    return bool(intent.S == "/GTS_PDFA1") and int(intent.DestOutputProfile.N) in (1, 3, 4)


def fonts_embedded(file: Any, content: bytes) -> bool:
    described = [one for one in _dictionaries(file) if one.get("/Type") == "/FontDescriptor"]
    return len(described) > 0 and all("/FontFile2" in one or "/FontFile3" in one for one in described)


def fonts_read_as_unicode(file: Any, content: bytes) -> bool:
    return all("/ToUnicode" in font for font in _fonts(file) if font.Subtype == "/Type0")


def metadata(file: Any, content: bytes) -> bool:
    with file.open_metadata() as found:
        ids = (found[f"{{{PDFA}}}part"], found[f"{{{PDFA}}}conformance"], found[f"{{{PDFUA}}}part"])
        return ids == ("3", "A", "1") and bool(found[f"{{{DC}}}title"]) and "/Filter" not in file.Root.Metadata


def metadata_agrees(file: Any, content: bytes) -> bool:
    """What the document information says, the metadata say."""
    with file.open_metadata() as found:
        title, created = str(found[f"{{{DC}}}title"]), str(found[f"{{{XMP}}}CreateDate"])
        same_day = str(file.docinfo["/CreationDate"])[2:10] == created[:10].replace("-", "")
        return str(file.docinfo["/Title"]) == title and same_day


def no_actions(file: Any, content: bytes) -> bool:
    forbidden = {"/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData"}
    actions = {str(one.get("/S")) for one in _dictionaries(file)}
    return not actions & forbidden and "/AA" not in file.Root and "/OpenAction" not in file.Root


def attachments(file: Any, content: bytes) -> bool:
    """Each embedded file says what it is to the document, and is listed with it (clause 6.8)."""
    listed = list(file.Root.AF)
    wanted = {"/AFRelationship", "/Desc", "/EF", "/F", "/UF"}
    return bool(listed) and all(wanted <= set(one.keys()) and "/Subtype" in one.EF.F for one in listed)


def tagged(file: Any, content: bytes) -> bool:
    return bool(file.Root.MarkInfo.Marked) and str(file.Root.Lang).startswith("vi") and len(list(_elements(file))) > 100


def title_shown(file: Any, content: bytes) -> bool:
    return bool(file.Root.ViewerPreferences.DisplayDocTitle)


def pages_follow_the_structure(file: Any, content: bytes) -> bool:
    return all(page.obj.get("/Tabs", "/S") == "/S" and "/StructParents" in page.obj for page in file.pages)


def headings_in_order(file: Any, content: bytes) -> bool:
    levels = [int(str(one.S)[2:]) for one in _elements(file) if str(one.S)[:2] == "/H" and str(one.S)[2:].isdigit()]
    return levels[0] == 1 and all(after <= before + 1 for before, after in pairwise(levels))


def table_heads_have_a_scope(file: Any, content: bytes) -> bool:
    heads = [one for one in _elements(file) if one.S == "/TH"]

    def scoped(head: Any) -> bool:
        attributes = head.get("/A", [])
        return any("/Scope" in one for one in (attributes if isinstance(attributes, pikepdf.Array) else [attributes]))

    return len(heads) > 20 and all(scoped(head) for head in heads)


RULES: dict[str, Callable[[Any, bytes], bool]] = {
    "19005-3 6.1.2 header": header,
    "19005-3 6.1.3 trailer": trailer,
    "19005-3 6.1.3 end of file": nothing_after_the_end,
    "19005-3 6.1.7 streams": streams,
    "19005-3 6.2.3 output intent": output_intent,
    "19005-3 6.2.11.4 fonts embedded": fonts_embedded,
    "19005-3 6.2.11.7 fonts with Unicode": fonts_read_as_unicode,
    "19005-3 6.5.1 no actions": no_actions,
    "19005-3 6.6.2 metadata": metadata,
    "19005-3 6.6.3 metadata agree": metadata_agrees,
    "19005-3 6.7.2 tagged": tagged,
    "19005-3 6.8 embedded files": attachments,
    "14289-1 7.1 title shown": title_shown,
    "14289-1 7.4 headings": headings_in_order,
    "14289-1 7.5 tables": table_heads_have_a_scope,
    "14289-1 7.18.3 order of tabs": pages_follow_the_structure,
}


@pytest.mark.parametrize("rule", RULES)
def test_the_pdf_keeps_the_rules_of_its_standards(rule: str, opened: Any, content: bytes) -> None:
    assert RULES[rule](opened, content)


def test_a_validator_of_accessibility_finds_nothing(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "notice.pdf"
    path.write_bytes(content)
    report = pdfua.validate(str(path))
    assert [str(one) for one in report.findings] == []
