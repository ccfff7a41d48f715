"""Habits of portals: what a portal always does with its list, other than it says or was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal, get_args

from deploy.simulator.ledger import Snapshot
from deploy.simulator.rendering import mix

Order = Literal["change", "oldest_change", "receipt", "code", "none"]


@dataclass(slots=True)
class Habits:
    """The list of dossiers as this portal serves it; for worlds of up to some thousand dossiers, sorted at each call."""

    order: Order = "change"
    """By what the list is ordered, whatever was asked for; `none`: the order in which dossiers were made."""
    tie_seconds: int = 0
    """Changes are told on multiples of so many seconds, and dossiers of equal ones change places from call to call."""
    total_cap: int = 0
    """The total is never told higher."""
    total_drift: int = 0
    """The total is told up to so many too high, another one with each call."""
    without_total: bool = False
    """No total is told."""
    list_cap: int = 0
    """Dossiers beyond so many are not listed."""
    page_cap: int = 0
    """Pages hold no more rows, and the answer still says the size that was asked for."""
    page_cap_after: int = 0
    """Searches after which that begins."""
    offset_uncapped: bool = False
    """A capped page begins where one of the size asked for would."""
    twice_one_in: int = 0
    """One dossier in so many is listed twice, and counted twice in the total."""
    empty_page: int = -1
    """Number of a page that is always empty."""
    last_page_again: bool = False
    """Behind the last page it comes again, for every number."""
    first_page_always: bool = False
    """Whatever page is asked for, the first one comes."""
    first_page: int = 0
    """Number of the first page."""
    seconds_per_search: int = 0
    """So much of the portal's time passes with each search: the list moves while it is read."""
    filter_exclusive: bool = False
    """The end and the begin of the statistics' days do not belong to them."""
    filter_shift_seconds: int = 0
    """The statistics' days begin and end so much later."""
    as_html: bool = False
    """JSON is called text/html and begins with a byte order mark."""
    text_numbers: bool = False
    """`expires_in` is a text."""

    @property
    def usual(self) -> bool:
        """Whether the list is served as it was asked for."""
        return self == Habits(
            filter_exclusive=self.filter_exclusive,
            filter_shift_seconds=self.filter_shift_seconds,
            as_html=self.as_html,
            text_numbers=self.text_numbers,
        )

    def change(self, values: Mapping[str, object]) -> None:
        """Take on habits; ValueError names what is none."""
        types = {one.name: type(one.default) for one in fields(self)}
        for name, value in values.items():
            if type(value) is not types.get(name) or (name == "order" and value not in get_args(Order)):
                raise ValueError(f"no habit: {name}={value!r}; known are {', '.join(types)}")
        for name, value in values.items():
            setattr(self, name, value)

    def listed(self, dossiers: Sequence[Snapshot], search: int) -> list[Snapshot]:
        """The whole list in its order at the search of this number."""
        rows = list(dossiers)
        if self.tie_seconds:
            rows = [one._replace(updated_at=self.change_at(one.updated_at)) for one in dossiers]
        match self.order:
            case "change":
                rows.sort(key=lambda one: (-one.updated_at, mix(search, one.history.index) if self.tie_seconds else 0))
            case "oldest_change":
                rows.sort(key=lambda one: one.updated_at)
            case "receipt":
                rows.sort(key=lambda one: -one.history.steps[0].at)
            case "code":
                rows.sort(key=lambda one: one.history.code)
            case _:
                rows.sort(key=lambda one: one.history.index)
        if self.twice_one_in:
            rows = [row for number, row in enumerate(rows) for _ in range(1 if (number + 1) % self.twice_one_in else 2)]
        return rows[: self.list_cap or None]

    def change_at(self, updated_at: int) -> int:
        """The change of a dossier as it is told."""
        return updated_at - updated_at % self.tie_seconds if self.tie_seconds else updated_at

    def page(self, rows: Sequence[Snapshot], number: int, size: int, search: int) -> Sequence[Snapshot]:
        """The page that is served for a number and a size."""
        number = 0 if self.first_page_always else max(number - self.first_page, 0)
        served = min(size, self.page_cap) if self.page_cap and search > self.page_cap_after else size
        step = size if self.offset_uncapped else served
        if self.last_page_again and rows:
            number = min(number, (len(rows) - 1) // step)
        if number == self.empty_page:
            return ()
        return rows[number * step : number * step + served]

    def total(self, rows: Sequence[Snapshot], search: int) -> int | None:
        """The total that is told."""
        if self.without_total:
            return None
        total = len(rows) + (mix(search, 5) % (self.total_drift + 1) if self.total_drift else 0)
        return min(total, self.total_cap) if self.total_cap else total
