"""Write `docs/dossier.md` afresh from the tables of the states: `python -m shared.dossier`."""

from __future__ import annotations

import sys
from pathlib import Path

from shared.dossier.drawing import page

PAGE = Path(__file__).parent.parent.parent / "docs" / "dossier.md"


def main() -> int:
    """Write the page; exit code 1 when it cannot be written."""
    try:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(), encoding="utf-8")
    except OSError as error:
        print(f"{PAGE} cannot be written: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
