"""Input of the deadline clock: time limits, suspensions, extensions, and the policies where the law leaves a choice."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache, lru_cache
from itertools import pairwise
from typing import Annotated

import msgspec

from shared.data import rows
from shared.dossier import SuspensionKind
from shared.errors import Invalid
from shared.languages import Bilingual, bilingual

PUBLISHED = "clock@"
"""How the names of published policies begin, and no others."""


class LimitUnit(StrEnum):
    """What a time limit is counted in."""

    working_days = "working_days"  # ngày làm việc
    calendar_days = "calendar_days"  # ngày
    hours = "hours"  # giờ (làm việc)


class TimeLimit(msgspec.Struct, frozen=True, order=True, gc=False):
    """Time limit (thời hạn giải quyết). `amount` 0 in days means the day of receipt itself ("trả ngay trong ngày")."""

    amount: Annotated[int, msgspec.Meta(ge=0, le=10_000)]
    """0 to 10000 of `unit`."""
    unit: LimitUnit = LimitUnit.working_days
    """What it is counted in."""

    def __post_init__(self) -> None:
        if not 0 <= self.amount <= 10_000:
            raise Invalid(
                bilingual(
                    "A time limit of {amount} cannot be meant: it must lie between 0 and 10000.",
                    "Thời hạn {amount} không hợp lệ: phải từ 0 đến 10000.",
                    amount=self.amount,
                )
            )


class Suspension(msgspec.Struct, frozen=True, order=True, gc=False):
    """A suspension (tạm dừng): the office waits for somebody else in [from_at, to_at); `to_at` is None while it waits."""

    from_at: datetime
    to_at: datetime | None = None
    kind: SuspensionKind = SuspensionKind.supplement


class Extension(msgspec.Struct, frozen=True, gc=False):
    """A new due date announced by letter (thư xin lỗi và hẹn lại ngày trả kết quả)."""

    until: date
    letter: str
    """Reference number of the letter; without one the extension does not count."""
    decided_on: date | None = None


class Effect(StrEnum):
    """What a suspension does to the limit."""

    pause = "pause"  # the days it lasts are not counted
    restart = "restart"  # the whole limit runs anew from its end
    runs_on = "runs_on"  # nothing


class AfterHours(StrEnum):
    """Which day a receipt after closing or on a day off counts for."""

    next_working_day = "next_working_day"
    same_day = "same_day"


class StopEvent(StrEnum):
    """The event that stops the clock."""

    result_ready = "result_ready"
    delivered = "delivered"


class ExtensionRule(StrEnum):
    """Whether an extended due date replaces the legal one for early, on time and overdue."""

    apart = "apart"
    counts = "counts"


class Policy(msgspec.Struct, frozen=True):
    """The choices that the law leaves open or that may change, in force from `valid_from`: a row of `policies.csv`."""

    version: str
    """Its name, given with each due date that was computed by it: `hai-duong@1`."""
    valid_from: date
    """It holds for dossiers received from this day on."""
    supplement: Effect = Effect.pause
    """What waiting for papers does to the limit."""
    payment: Effect = Effect.pause
    """What waiting for a payment does to the limit."""
    stop: Effect = Effect.pause
    """What a stop of processing does to the limit."""
    after_hours: AfterHours = AfterHours.next_working_day
    """As which day's a receipt after closing or on a day off counts."""
    stop_event: StopEvent = StopEvent.result_ready
    """The event that stops the clock."""
    extension: ExtensionRule = ExtensionRule.apart
    """Whether a due date extended by letter replaces the legal one."""
    same_day_cutoff: Annotated[time, msgspec.Meta(tz=False)] | None = None
    """Of every limit of 0 days whose procedure has no cut-off of its own: what is received later counts as the next working
    day's. A province's own policy without one has that of the country."""
    same_day_basis: str = ""
    """The law that sets this cut-off; empty: `legal_basis` does."""
    extension_basis: str = ""
    """The law by which a limit is extended once and by letter; a province's own policy without one has that of the country."""
    legal_basis: str = ""
    """The decision that made this choice."""
    from_memory: tuple[str, ...] = ()
    """Those of the bases above whose published text was not seen; explanations that cite one say so."""

    def cutoff_of(self, limit: TimeLimit, of_procedure: time | None) -> time | None:
        """The cut-off of what is received with a limit: that of its procedure, else the policy's where the limit is 0 days."""
        if of_procedure is not None or limit.amount or limit.unit is LimitUnit.hours:
            return of_procedure
        return self.same_day_cutoff

    def effect_of(self, kind: SuspensionKind) -> Effect:
        """What a suspension of this kind does."""
        if kind is SuspensionKind.supplement:
            return self.supplement
        return self.payment if kind is SuspensionKind.payment else self.stop


@cache
def policies() -> tuple[Policy, ...]:
    """All published policies, oldest first."""
    table = [{column: cell for column, cell in row.items() if cell} for row in rows("policies.csv")]
    split = [{**row, "from_memory": [law for law in row.get("from_memory", "").split("; ") if law]} for row in table]
    return tuple(msgspec.convert(split, list[Policy], strict=False))


@lru_cache(maxsize=8192)
def policy_on(day: date, among: tuple[Policy, ...] | None = None) -> Policy:
    """The policy in force on a day: of a dossier, the day it was received.

    `among` are the policies to choose from, oldest first; None: the published ones. Before the first of them it holds too.
    """
    chosen = among or policies()
    starts = [policy.valid_from for policy in chosen]
    return chosen[max(bisect_right(starts, day) - 1, 0)]


def require_own_names(own: Sequence[Policy]) -> None:
    """Raise Invalid where a province's own policy has the name of a published one, of this release or of a later one."""
    if taken := [policy.version for policy in own if policy.version.startswith(PUBLISHED)]:
        raise Invalid(
            bilingual(
                "Names that begin with {published} are those of published policies. Give {names} a `version` of its own.",
                "Tên bắt đầu bằng {published} dành cho các quy tắc đã công bố. Đặt `version` khác cho {names}.",
                published=PUBLISHED,
                names=", ".join(taken),
            )
        )


def policies_with(own: Sequence[Policy]) -> tuple[Policy, ...]:
    """The published policies with a province's own on top: from the day its first one holds, only its own do.

    Raises Invalid when two of the own ones begin on the same day or have the same name.
    """
    ordered = sorted(own, key=lambda policy: policy.valid_from)
    for earlier, later in pairwise(ordered):
        if earlier.valid_from == later.valid_from:
            raise Invalid(
                bilingual(
                    "Two policies hold from {day}: {earlier} and {later}. Keep one.",
                    "Hai quy tắc cùng có hiệu lực từ ngày {day}: {earlier} và {later}. Giữ lại một.",
                    day=later.valid_from,
                    earlier=earlier.version,
                    later=later.version,
                )
            )
    if len({policy.version for policy in ordered}) < len(ordered):
        raise Invalid(Bilingual("Each policy needs a `version` of its own.", "Mỗi quy tắc cần `version` riêng."))
    kept = [policy for policy in policies() if not ordered or policy.valid_from < ordered[0].valid_from]
    ends_with = Policy("", date.max)
    return (*kept, *(part for own, after in pairwise((*ordered, ends_with)) for part in _under_law(own, after.valid_from)))


def _under_law(own: Policy, end: date) -> Iterator[Policy]:
    """A province's policy with the law of the country where it says nothing of its own, from each day that this changes."""
    last: Policy | None = None
    for begins in (own.valid_from, *(one.valid_from for one in policies() if own.valid_from < one.valid_from < end)):
        law = policy_on(begins)
        cutoff_of = own if own.same_day_cutoff is not None else law
        extension_of = own if own.extension_basis else law
        taken = {law.same_day_basis, law.extension_basis} & {cutoff_of.same_day_basis, extension_of.extension_basis}
        part = msgspec.structs.replace(
            own,
            valid_from=own.valid_from if last is None else begins,
            same_day_cutoff=cutoff_of.same_day_cutoff,
            same_day_basis=cutoff_of.same_day_basis,
            extension_basis=extension_of.extension_basis,
            from_memory=tuple(dict.fromkeys((*own.from_memory, *(name for name in law.from_memory if name in taken)))),
        )
        if last is None or part != msgspec.structs.replace(last, valid_from=begins):
            yield part
        last = part
