"""Write `docs/notice.md` anew from the table of steps: `python -m services.notices.drafting`."""

from __future__ import annotations

import sys
from pathlib import Path

from services.notices.drafting.drawing import page

PAGE = Path(__file__).parents[3] / "docs" / "notice.md"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
