"""Bounds of a walk through a list."""

from __future__ import annotations

WINDOW = 8
"""Pages that are read at once or after one another between two looks at the newest row."""
MAX_TIES = 200
SPARE_ROWS = 32
HEAD_ROWS = 100
MAX_ABOVE = 100_000
"""Rows above `top` that are counted for a verification; the next pull reads them anyway, and those beyond."""
MAX_RESIZED = 5
"""How often a portal may change the size of its pages in one pass."""
MAX_EMPTY = 3
"""Empty pages in a row after which a list is over, whatever its total."""
MAX_REPEATED = 10
"""Pages in a row without a new row after which a pass is over."""
MAX_CLOSED = 20
"""How often a pass goes back because its total fell: some totals only waver."""
SIZES = (100, 85, 65, 95, 55)
"""Sizes of pages of one pass after the other, in per cent: borders that hid a row hide it no more."""
