"""Files of Office in the strict form of its standard (ISO/IEC 29500): other names for the same, which libraries do not know."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

_NAME = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_RELATIONS = "_rels/.rels"


def transitional(content: bytes) -> bytes:
    """The file with the usual names; itself where it has them. What it unpacks to must have been checked."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            if _RELATIONS not in archive.namelist() or not _NAME.search(archive.read(_RELATIONS)):
                return content
            out = BytesIO()
            with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=1) as made:
                for entry in archive.infolist():
                    data = archive.read(entry)
                    if entry.filename.endswith((".xml", ".rels")):
                        data = _NAME.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", data)
                    made.writestr(entry.filename, data)
            return out.getvalue()
    except (BadZipFile, ValueError, EOFError, OSError, RuntimeError):
        return content  # its reader says what is wrong
