"""What others may add to an issued notice with their signatures: nothing that a reader shows above or over it, or runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lxml import etree
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from shared.languages import Bilingual, bilingual

_MAX_ANNOTATIONS, _MAX_PARENTS = 500, 8
"""Of a page that is looked at, and of a field: nobody signs more often, and no form lies deeper."""
_ACTIONS = ("/A", "/AA")
_DESCRIBED = ("/Title", "/Author", "/Subject", "/Keywords")
_NAMESPACES = ("{http://purl.org/dc/elements/1.1/}", "{http://ns.adobe.com/pdf/1.3/}Keywords")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


class SignatureBroken(Exception):
    """A signature does not hold, or with it more was added than a signature."""

    def __init__(self, why: Bilingual) -> None:
        """`why` is half a sentence."""
        super().__init__(why.en)
        self.why = why


def pages(reader: PdfFileReader) -> Iterator[Any]:
    """The pages of a file in their order."""
    for number in range(int(reader.root["/Pages"]["/Count"])):
        parent, index, _ = reader.find_page_container(number)  # type: ignore[no-untyped-call]
        yield parent.get_object()["/Kids"][index]


def added_annotations(reader: PdfFileReader, before: PdfFileReader) -> Mapping[int, Sequence[Any]]:
    """By page, from 0, what lies on it in a file that did not `before`. Raises `SignatureBroken` for more than signatures."""
    found = {}
    for number, (page, old) in enumerate(zip(pages(reader), pages(before), strict=True)):
        kept = {one.idnum for one in _raw(old) if isinstance(one, generic.IndirectObject)}
        added = [one for one in _raw(page) if not (isinstance(one, generic.IndirectObject) and one.idnum in kept)]
        if added:
            found[number] = [one.get_object() for one in added]
            for one in found[number]:
                _demand_field(one, number + 1)
    return found


def _raw(page: Any) -> list[Any]:
    annotations = page.get("/Annots", ())
    if len(annotations) > _MAX_ANNOTATIONS:
        raise SignatureBroken(
            bilingual(
                "more than {n} things lie on one page", "có hơn {n} đối tượng đặt trên một trang", n=f"{_MAX_ANNOTATIONS:,}"
            )
        )
    return [annotations.raw_get(index) for index in range(len(annotations))]


def _demand_field(annotation: Any, page: int) -> None:
    """It is the field of a signature that runs nothing. A field may be another annotation besides, which a reader draws."""
    if annotation.get("/Subtype") != "/Widget":
        raise SignatureBroken(
            bilingual(
                "page {page}: something else than a signature was added",
                "trang {page}: có đối tượng được thêm vào không phải chữ ký",
                page=page,
            )
        )
    field = annotation
    for _ in range(_MAX_PARENTS):
        if any(one in field for one in _ACTIONS):
            raise SignatureBroken(
                bilingual(
                    "page {page}: a signature of somebody else runs an action",
                    "trang {page}: chữ ký của bên khác kèm lệnh tự thực hiện",
                    page=page,
                )
            )
        if "/Parent" not in field:
            return
        field = field["/Parent"]
    raise SignatureBroken(
        bilingual("page {page}: fields without end", "trang {page}: trường biểu mẫu lồng nhau không dứt", page=page)
    )


def demand_description(reader: PdfFileReader, before: PdfFileReader) -> None:
    """Title, author and whatever else describes a notice are what they were; dates and programs whoever signs writes anew."""
    if _described(reader) != _described(before) or _metadata(reader) != _metadata(before):
        raise SignatureBroken(
            Bilingual(
                "its title, or what else describes it, was changed", "tiêu đề hoặc thông tin mô tả của tệp đã bị thay đổi"
            )
        )


def _described(reader: PdfFileReader) -> list[str | None]:
    if "/Info" not in reader.trailer:
        return [None] * len(_DESCRIBED)
    entries = reader.trailer["/Info"]
    return [str(entries[key]) if key in entries else None for key in _DESCRIBED]


def _metadata(reader: PdfFileReader) -> list[tuple[str, str, str]]:
    """What a file states of itself, whatever prefixes and comments it is written with: property, language, text."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(reader.root["/Metadata"].data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    if root.getroottree().docinfo.doctype:
        raise ValueError("its metadata declares a type of its own")
    found = []
    for element in root.iter("*"):
        found += [(name, "", text) for name, text in element.attrib.items() if name.startswith(_NAMESPACES)]
        if element.tag.startswith(_NAMESPACES):
            found += [
                (element.tag, leaf.get(_LANGUAGE, ""), "".join(leaf.text.split()))
                for leaf in element.iter("*")
                if leaf.text and leaf.text.strip()
            ]
    return sorted(found)
