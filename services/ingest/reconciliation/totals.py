"""Control totals: what a source counts against what we have of it, agency by agency. Pure.

The portal counts by its own dates, appointments and clock (domain.md 1.1), so ours are counted the same way from the state of
each dossier: equal states give equal totals, and a difference is a dossier that one side does not have or has otherwise. Two
things are learnt from the totals themselves:

- whether `received` is the newly received alone or with those carried over, which portals do either way;
- by which instant the source judges dossiers in process to be late. Its clock may be another one than ours; where one instant
  explains the judgements of all agencies, ours are judged by it too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from services.ingest.dossiers.folding import DossierState
from services.ingest.reconciliation.model import Window
from shared.civil import civil_day
from shared.dossier import Channel, Outcome
from shared.languages import Bilingual, bilingual

ReceivedMeans = Literal["new", "with_carried_over"]
"""What the column `received` of a source counts."""


class Totals(msgspec.Struct, rename="camel"):
    """The columns of `--statistic-agency-kgg` with returned ones apart: received = resolved + unresolved + cancelled."""

    received: int = 0
    """Dossiers received in the days, or carried over into them."""
    received_online: int = 0
    """Received in the days, online."""
    received_direct: int = 0
    """Received in the days, otherwise."""
    resolved: int = 0
    """Closed in the days with a result."""
    resolved_early: int = 0
    """Closed on a day before the portal's due date."""
    resolved_on_time: int = 0
    """Closed on the day of the portal's due date, or without one."""
    resolved_overdue: int = 0
    """Closed on a day after it."""
    unresolved: int = 0
    """In process at the end of the days."""
    unresolved_on_time: int = 0
    """In process, and not past the portal's due date."""
    unresolved_overdue: int = 0
    """In process, and past it."""
    cancelled: int = 0
    """Returned, refused or withdrawn in the days."""

    def add(self, state: DossierState, window: Window, now: datetime) -> bool:
        """Count a dossier by the portal's own rules; False when it is outside the window altogether."""
        received, closed = state.received_at, state.closed_at
        if state.deleted or received is None or received > window.end or (closed is not None and closed < window.begin):
            return False
        self.received += 1
        if received >= window.begin:
            if state.about.channel is Channel.online:
                self.received_online += 1
            else:
                self.received_direct += 1
        due = state.due_at
        if _is_open(state, window):
            self.unresolved += 1
            if due is not None and due < min(window.end, now):
                self.unresolved_overdue += 1
            else:
                self.unresolved_on_time += 1
        elif state.outcome is not Outcome.resolved or closed is None:
            self.cancelled += 1
        else:
            self.resolved += 1
            closed_on, due_on = civil_day(closed), civil_day(due) if due is not None else None
            if due_on is None or closed_on == due_on:
                self.resolved_on_time += 1
            elif closed_on < due_on:
                self.resolved_early += 1
            else:
                self.resolved_overdue += 1
        return True


class SourceTotals(msgspec.Struct, rename="camel", frozen=True):
    """The same columns as the source gives them; null: it gives none of this name, which is then not compared."""

    received: int | None = None
    """Dossiers received in the days, in some portals with those carried over into them."""
    received_online: int | None = None
    """Received in the days, online."""
    received_direct: int | None = None
    """Received in the days, otherwise."""
    resolved: int | None = None
    """Closed in the days with a result."""
    resolved_early: int | None = None
    """Closed on a day before the portal's due date."""
    resolved_on_time: int | None = None
    """Closed on the day of the portal's due date, or without one."""
    resolved_overdue: int | None = None
    """Closed on a day after it."""
    unresolved: int | None = None
    """In process at the end of the days."""
    unresolved_on_time: int | None = None
    """In process, and not past the portal's due date."""
    unresolved_overdue: int | None = None
    """In process, and past it."""
    cancelled: int | None = None
    """Returned, refused or withdrawn in the days."""


class AgencyTotals(msgspec.Struct, frozen=True):
    """One agency: what the source counts, and what we count."""

    agency: str
    """Code; empty for the dossiers that name none."""
    id: str | None
    """The source's own id of it; null where the source does not list it."""
    source: SourceTotals
    """What the source counts."""
    ours: Totals
    """What we have of the source, in the same window."""
    ours_in_civil_days: Totals
    """Ours in the days as they are in Việt Nam, for comparison."""
    equal: bool
    """Whether `source` and `ours` agree in every column but the judgement of lateness in process."""
    late_alike: bool = True
    """Whether they agree in that too: in `unresolvedOnTime` and `unresolvedOverdue`."""


class OurTotals:
    """What we have of a source, counted as it counts."""

    def __init__(self, portal: Window, civil_days: Window, now: datetime) -> None:
        """Nothing is counted yet; `portal` is the window of the source's totals."""
        self._windows = portal, civil_days
        self._now = now
        self.portal: dict[str, Totals] = {}
        self.civil_days: dict[str, Totals] = {}
        self.open_due: dict[str, list[datetime]] = {}
        """Due dates of the dossiers in process at the end of the window."""

    def add(self, agency: str, state: DossierState) -> bool:
        """Count a dossier; False when it is outside both windows."""
        portal, civil_days = self._windows
        inside = self.portal.setdefault(agency, Totals()).add(state, portal, self._now)
        if inside and state.due_at is not None and _is_open(state, portal):
            self.open_due.setdefault(agency, []).append(state.due_at)
        return self.civil_days.setdefault(agency, Totals()).add(state, civil_days, self._now) or inside

    @property
    def judged_at(self) -> datetime:
        """The instant by which lateness in process was judged."""
        return min(self._windows[0].end, self._now)


class Comparison(NamedTuple):
    """The totals of both sides."""

    totals: list[AgencyTotals]
    received_means: ReceivedMeans | None
    """None: the source does not tell, and both fit as well."""
    judged_at: datetime
    """The instant by which ours are judged to be late: the one by which the source judges, where there is one that fits."""


_COLUMNS = Totals.__struct_fields__
_LATENESS = ("unresolved_on_time", "unresolved_overdue")


def compared(there: Sequence[tuple[str, str, Mapping[str, int]]], ours: OurTotals) -> Comparison:
    """The source's totals (its id of an agency, code, columns) beside ours."""
    columns_of: dict[str, tuple[str | None, Counter[str]]] = {}
    for unit, code, columns in there:
        # Several units of one code, such as one before and after a merger, are one agency of ours; both have lists.
        before = columns_of.get(code)
        sums = before[1] if before is not None else Counter[str]()
        sums.update(columns)
        columns_of[code] = (unit if before is None else None, sums)
    listed = {code: (identifier, msgspec.convert(columns, SourceTotals)) for code, (identifier, columns) in columns_of.items()}
    means = _received_means([source for _, source in listed.values()]) or _fitting(listed, ours)
    overdue = {code: source.unresolved_overdue for code, (_, source) in listed.items()}
    judged_at = judging_instant(overdue, ours.open_due, ours.judged_at)
    rows = []
    nobody: tuple[str | None, SourceTotals] = (None, _NOTHING)
    for code in sorted(listed.keys() | ours.portal.keys()):
        identifier, source = listed.get(code, nobody)
        counted = msgspec.structs.replace(ours.portal.get(code, Totals()))
        late = bisect_left(sorted(ours.open_due.get(code, ())), judged_at or ours.judged_at)
        counted.unresolved_overdue, counted.unresolved_on_time = late, counted.unresolved - late
        if means == "new":
            counted.received = counted.received_online + counted.received_direct
        differing = [name for name in _COLUMNS if getattr(source, name) not in (None, getattr(counted, name))]
        civil_days = ours.civil_days.get(code, Totals())
        equal = _has_counts(source) and all(name in _LATENESS for name in differing)
        rows.append(
            AgencyTotals(code, identifier, source, counted, civil_days, equal, late_alike=not set(differing) & set(_LATENESS))
        )
    return Comparison(rows, means, judged_at or ours.judged_at)


def _has_counts(source: SourceTotals) -> bool:
    """Whether a source's columns say how many dossiers there are: what it gives none of is not compared, and not equal."""
    return source.received is not None or None not in (source.resolved, source.unresolved)


_NOTHING, _NOT_ANY = SourceTotals(*[0] * len(_COLUMNS)), Totals()


def _received_means(totals: Sequence[SourceTotals]) -> ReceivedMeans | None:
    """What `received` counts, by its own columns: online + direct are the new ones, resolved + unresolved + cancelled all.

    None where they show both or neither.
    """
    new: list[bool] = []
    all_in_hand: list[bool] = []
    for one in totals:
        if one.received is None:
            continue
        if one.received_online is not None and one.received_direct is not None:
            new.append(one.received == one.received_online + one.received_direct)
        if one.resolved is not None and one.unresolved is not None and one.cancelled is not None:
            all_in_hand.append(one.received == one.resolved + one.unresolved + one.cancelled)
    is_new, is_all = bool(new) and all(new), bool(all_in_hand) and all(all_in_hand)
    if is_new == is_all:
        return None
    return "new" if is_new else "with_carried_over"


def _fitting(listed: Mapping[str, tuple[str | None, SourceTotals]], ours: OurTotals) -> ReceivedMeans | None:
    """The meaning of `received` by which more agencies agree with ours; None where both fit as well."""
    new = all_in_hand = 0
    for code, (_, source) in listed.items():
        counted = ours.portal.get(code, _NOT_ANY)
        new += source.received == counted.received_online + counted.received_direct
        all_in_hand += source.received == counted.received
    return None if new == all_in_hand else "new" if new > all_in_hand else "with_carried_over"


def result_in_words(totals: Sequence[AgencyTotals], differences: int, applied: int) -> Bilingual:
    """What a reconciliation found, in a sentence."""
    unequal = sum(not one.equal for one in totals)
    if not unequal:
        if all(one.late_alike for one in totals):
            return bilingual(
                "The totals of all {n} agencies agree; {applied} dossiers were taken in.",
                "Số liệu của cả {n} cơ quan khớp nhau; đã nhận bổ sung {applied} hồ sơ.",
                n=len(totals),
                applied=applied,
            )
        return bilingual(
            "The totals of all {n} agencies agree; which dossiers in process are late, the source judges by a rule of its own.",
            "Số liệu của cả {n} cơ quan khớp nhau; riêng hồ sơ đang giải quyết quá hạn, nguồn tính theo quy tắc riêng.",
            n=len(totals),
        )
    if differences:
        return bilingual(
            "The totals of {n} agencies differ. {differences} dossiers are listed with the likely cause; {applied} of them were"
            " taken in.",
            "Số liệu của {n} cơ quan còn lệch. Có {differences} hồ sơ trong danh sách kèm nguyên nhân, đã nhận bổ sung"
            " {applied} hồ sơ.",
            n=unequal,
            differences=differences,
            applied=applied,
        )
    return bilingual(
        "The totals of {n} agencies differ, and every dossier that the source lists is as we have it: it counts others than it"
        " lists, or otherwise.",
        "Số liệu của {n} cơ quan còn lệch, trong khi mọi hồ sơ nguồn liệt kê đều khớp: nguồn thống kê cả hồ sơ không liệt kê,"
        " hoặc thống kê theo cách khác.",
        n=unequal,
    )


def judging_instant(
    overdue: Mapping[str, int | None], open_due: Mapping[str, Sequence[datetime]], ours: datetime
) -> datetime | None:
    """An instant by which of each agency's due dates exactly so many are over as the source counts; `ours` where that is one.

    None where no single instant explains the counts.
    """
    low: datetime | None = None
    high: datetime | None = None
    for agency, count in overdue.items():
        if count is None:
            continue
        dates = sorted(open_due.get(agency, ()))
        if count > len(dates):
            return None
        if count and (low is None or dates[count - 1] > low):
            low = dates[count - 1]
        if count < len(dates) and (high is None or dates[count] < high):
            high = dates[count]
    if low is not None and high is not None and low >= high:
        return None
    if (low is None or low < ours) and (high is None or ours <= high):
        return ours
    return high if high is not None else (low or ours) + timedelta(microseconds=1)


def _is_open(state: DossierState, window: Window) -> bool:
    """Whether a dossier is in process at the end of a window."""
    return state.closed_at is None or state.closed_at > window.end
