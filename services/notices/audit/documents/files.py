"""A file by its name: which reader takes it. Pure."""

from __future__ import annotations

from io import BytesIO

import docx

from services.notices.audit.documents.model import Document, DocumentBuilder
from services.notices.audit.documents.plain_text import read_text

SUFFIXES = frozenset((".txt", ".md", ".docx"))
"""Endings of the files that can be read."""


def read_file(name: str, content: bytes) -> Document:
    """The document of a file; raises ValueError for one that is none."""
    if name.lower().endswith(".docx"):
        builder = DocumentBuilder()
        for paragraph in docx.Document(BytesIO(content)).paragraphs:
            builder.paragraph(paragraph.text)
        return builder.build()
    return read_text(content.decode("utf-8-sig"))
