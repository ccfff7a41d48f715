"""The pages of a rendered notice as pictures, for previews and for looking at them one by one."""

from __future__ import annotations

import io
import threading

import pypdfium2
from PIL import Image

_ONE_AT_A_TIME = threading.Lock()
"""PDFium may not be used by two threads at once."""


def picture(document: bytes, number: int, *, resolution: int) -> bytes | None:
    """A page of a PDF, from 1, as a PNG of `resolution` dots per inch; None where it has no such page."""
    with _ONE_AT_A_TIME, pypdfium2.PdfDocument(document) as opened:
        if not 1 <= number <= len(opened):
            return None
        packed = io.BytesIO()
        image: Image.Image = opened[number - 1].render(scale=resolution / 72).to_pil()
        image.save(packed, "PNG")
        return packed.getvalue()


def count(document: bytes) -> int:
    """How many pages a PDF has."""
    with _ONE_AT_A_TIME, pypdfium2.PdfDocument(document) as opened:
        return len(opened)
