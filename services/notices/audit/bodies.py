"""What a body holds: the file itself, a part of a form, or a text in JSON. Pure."""

from __future__ import annotations

from email.message import Message
from typing import Annotated, NamedTuple

import msgspec

from services.notices.audit.documents.bounds import MAX_BYTES
from shared import jsontext
from shared.errors import Invalid, Malformed
from shared.languages import Bilingual
from shared.printing import Unprintable, printed
from shared.struct_errors import sentence_of

JSON, FORM = "application/json", "multipart/form-data"
MAX_NAME_LENGTH = 200
"""Characters of a file's name that are kept."""
_MAX_PARTS = 20
_NO_NUL = r"^[^\x00]*$"


class AuditText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text to be audited."""

    text: Annotated[str, msgspec.Meta(max_length=MAX_BYTES, pattern=_NO_NUL)]
    """As it stands in the notice, with its line breaks; tables with `|` or tabs between their cells."""
    name: Annotated[str, msgspec.Meta(max_length=MAX_NAME_LENGTH, pattern=_NO_NUL)] | None = None
    """What it is called in the result; 200 characters at most are kept."""


class Received(NamedTuple):
    """What is to be audited."""

    name: str
    """Of the file; its media type where it has none."""
    content: bytes
    title: str | None
    """Its name as it is shown."""


_text = msgspec.json.Decoder(AuditText)


def received(content_type: str, name: str | None, body: bytes) -> Received:
    """What a body of this `Content-Type` holds; `name` as the caller gave it. Raises `Malformed`, `Invalid` and `TooLarge`."""
    header = Message()
    header["content-type"] = content_type
    media_type = header.get_content_type()
    if media_type == JSON:
        jsontext.check(body)
        try:
            given = _text.decode(body)
        except msgspec.ValidationError as error:
            raise Invalid(sentence_of(error)) from error
        return Received("text/plain", given.text.encode(), _title(given.name or name))
    if media_type == FORM:
        boundary = header.get_param("boundary")
        return _of_form(body, boundary if isinstance(boundary, str) else "", name)
    return Received(name or media_type, body, _title(name))


def _of_form(body: bytes, boundary: str, name: str | None) -> Received:
    """The part `file` or `text` of a form (RFC 7578); of both, as browsers send them, the one that holds something."""
    mark = b"--" + boundary.encode()
    parts = (b"\r\n" + body).split(b"\r\n" + mark, _MAX_PARTS + 1)
    if not boundary or len(parts) < 3 or len(parts) > _MAX_PARTS + 1 or not parts[-1].startswith(b"--"):
        raise Malformed(
            Bilingual(
                "The form cannot be read. Send it as multipart/form-data with a boundary and a part `file`.",
                "Không đọc được biểu mẫu. Gửi multipart/form-data có boundary và phần `file`.",
            )
        )
    given: list[Received] = []
    for part in parts[1:-1]:
        head, blank, content = part.partition(b"\r\n\r\n")
        described = _headers(head) if blank else Message()
        if described.get_param("name", header="content-disposition") in ("file", "text"):
            title = _title(described.get_filename() or name)
            given.append(Received(title or described.get_content_type(), content, title))
    filled = [one for one in given if one.content.strip()]
    if len(filled) > 1:
        raise Malformed(
            Bilingual(
                "The form has several documents. Send one in each form, as `file` or as `text`.",
                "Biểu mẫu có nhiều tài liệu. Mỗi lần chỉ gửi một tài liệu, trong `file` hoặc `text`.",
            )
        )
    if given:
        return (filled or given)[0]
    raise Malformed(
        Bilingual(
            "The form has no part `file` or `text`. Send the document as `file`.",
            "Biểu mẫu không có phần `file` hoặc `text`. Gửi tài liệu trong phần `file`.",
        )
    )


def _headers(head: bytes) -> Message:
    message = Message()
    for line in head.decode("utf-8", "replace").split("\r\n")[:20]:
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() in ("content-disposition", "content-type"):
            message[name.strip()] = value.strip()[:1_000]
    return message


def _title(name: str | None) -> str | None:
    """A file's name that can be shown: without folders and without what cannot be printed."""
    if not name:
        return None
    try:
        return printed(name.replace("\\", "/").rpartition("/")[2][:MAX_NAME_LENGTH])
    except Unprintable:
        return None
