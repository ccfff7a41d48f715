"""Agencies as one speaks to them, and what is asked of those that were merged since. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from services.notices.figures.model import FORMER, Subject, valid_from
from services.notices.quantities import wording


def addressed(agency: Subject, among: Iterable[Subject] = ()) -> str:
    """An agency as one is spoken to: by its full name, a commune as its people's committee; for one that ended before
    another of `among` began under its name or code, whoever took over its tasks.
    """
    ended = agency.name.endswith(FORMER) or any(
        one.code == agency.code and valid_from(one) > valid_from(agency) for one in among
    )
    name = agency.name
    if agency.kind == "commune" and not name.lower().startswith(("ubnd ", "ủy ban nhân dân ")):
        name = f"UBND {wording.lower_first(name)}"
    return f"cơ quan tiếp nhận nhiệm vụ của {name}" if ended else name
