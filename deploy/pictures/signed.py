"""The signed page of an issued notice as a picture: `python -m deploy.pictures.signed`, after `make demo`."""

from __future__ import annotations

import sys
from pathlib import Path

import pypdfium2

from deploy.local.services import ROOT
from shared import commands

ISSUED = ROOT / "reports" / "issued.pdf"
PICTURE = Path(__file__).parent / "signed.png"
_STAMP = "Người ký:"
_SCALE = 0.9


def main() -> int:
    """Exit code 0, or 1 where no notice was issued."""
    if not ISSUED.exists():
        print(f"{ISSUED} is not there: `make demo` leaves it", file=sys.stderr)
        return 1
    document = pypdfium2.PdfDocument(ISSUED)
    for page in document:
        if _STAMP in page.get_textpage().get_text_range():
            page.render(scale=_SCALE).to_pil().quantize(64).save(PICTURE, optimize=True)
            return 0
    print(f"{ISSUED} shows no signature", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(commands.run(main))
