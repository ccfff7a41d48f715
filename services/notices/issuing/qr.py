"""QR codes as SVG. Pure."""

from __future__ import annotations

import io

import segno


def qr_code(text: str) -> str:
    """A QR code of a text (ISO 18004, error correction M), in SVG."""
    drawn = io.BytesIO()
    segno.make_qr(text, error="m").save(drawn, kind="svg", xmldecl=False, border=2, nl=False)
    return drawn.getvalue().decode()
