"""Names as the endpoints of an iGate portal write them."""

from __future__ import annotations

from services.ingest.sources.fields.whitelist import MAX_TEXT
from services.ingest.sources.kinds.igate.wire import VIETNAMESE, Translation


def name_of(name: str | list[Translation] | Translation | None) -> str | None:
    """The Vietnamese name in any of the forms that the endpoints use; the first one where none is Vietnamese."""
    if type(name) is list:
        for one in name:
            if one.language_id == VIETNAMESE and one.name:
                return _short(one.name)
        name = name[0].name if name else None
    elif isinstance(name, Translation):
        name = name.name
    return _short(name) if isinstance(name, str) and name else None


def _short(name: str) -> str:
    return name if len(name) <= MAX_TEXT else name[:MAX_TEXT]
