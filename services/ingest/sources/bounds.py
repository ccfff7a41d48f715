"""How large the settings of a source may be, as a whole and one by one."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

Bounds = Mapping[str, tuple[float, float]]

MAX_BYTES = 128 * 1024
"""Of the settings as JSON."""
MAX_DEPTH = 3
"""Containers within one another: settings, a mapping in them, a list in that."""
MAX_ENTRIES = 2_000
"""Of one mapping or list."""
MAX_TEXT = 500
"""Characters of one text."""


def require_within(values: object, bounds: Bounds) -> None:
    """Raise `ValueError`, which names the range, for the first field of `values` outside its bounds."""
    for name, (least, most) in bounds.items():
        if not least <= getattr(values, name) <= most:  # also for NaN
            raise ValueError(f"{name} must lie between {least:,} and {most:,}".replace(",", " "))


def require_small(settings: Mapping[str, object]) -> None:
    """Raise `ValueError` for settings that nobody needs so large."""
    _require_small(settings, MAX_DEPTH)
    size = len(msgspec.json.encode(settings))
    if size > MAX_BYTES:
        raise ValueError(f"they are {size} bytes as JSON and may be {MAX_BYTES}")


def _require_small(value: object, depth: int) -> None:
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise ValueError(f"a text in them has {len(value)} characters and may have {MAX_TEXT}")
    if not isinstance(value, (list, dict)):
        return
    if not depth:
        raise ValueError(f"they are nested more than {MAX_DEPTH} deep")
    if len(value) > MAX_ENTRIES:
        raise ValueError(f"a mapping in them has {len(value)} entries and may have {MAX_ENTRIES}")
    for one in value:
        _require_small(one, depth - 1)
    if isinstance(value, dict):
        for one in value.values():
            _require_small(one, depth - 1)
