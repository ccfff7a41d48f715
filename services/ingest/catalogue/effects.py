"""What a change of the catalogue does to dossiers, counted: before it applies by previews, then by redatings. Pure."""

from __future__ import annotations

from datetime import date

import msgspec

from shared.dossier import Facts

NO_JUDGEMENT = "none"
"""In process, or not judged."""


class AgencyEffect(msgspec.Struct):
    """What the change does to the dossiers of one agency; a dossier that changes its agency counts at both."""

    dossiers: int = 0
    """Dossiers that get a new version."""
    due_dates: int = 0
    """Of them, those with another due date."""
    judgements: int = 0
    """Of them, those that are judged otherwise (early, on time, overdue)."""
    joined: int = 0
    """Of them, those that come here from elsewhere."""
    left: int = 0
    """Of them, those that go elsewhere."""


class Effect(msgspec.Struct):
    """What the change does to the dossiers that were looked at."""

    examined: int = 0
    """Dossiers that were looked at."""
    dossiers: int = 0
    """Dossiers that get a new version."""
    due_dates: int = 0
    """Of them, those with another due date."""
    judgements: dict[str, int] = {}
    """Of them, those judged otherwise, by `before>after`, such as `overdue>on_time`; `none` is in process or not judged."""
    agencies_changed: int = 0
    """Of them, those with another agency."""
    agencies: dict[str, AgencyEffect] = {}
    """By unit key; `unmapped` without a known agency."""
    since: date | None = None
    until: date | None = None
    """First and last day on which one of them was received or ended; None: there is none."""

    def add(self, before: Facts, after: Facts) -> None:
        """Count a dossier."""
        self.examined += 1
        if before == after:
            return
        due_date, judgement, moved = (
            before.due_on != after.due_on,
            before.timeliness != after.timeliness,
            before.agency != after.agency,
        )
        self.dossiers += 1
        self.due_dates += due_date
        self.agencies_changed += moved
        if judgement:
            change = f"{before.timeliness or NO_JUDGEMENT}>{after.timeliness or NO_JUDGEMENT}"
            self.judgements[change] = self.judgements.get(change, 0) + 1
        for agency in dict.fromkeys((before.agency, after.agency)):
            effect = self.agencies.setdefault(agency or "unmapped", AgencyEffect())
            effect.dossiers += 1
            effect.due_dates += due_date
            effect.judgements += judgement
            effect.joined += moved and agency == after.agency
            effect.left += moved and agency == before.agency
        days = [day for facts in (before, after) for day in (facts.received_on, facts.ended_on) if day is not None]
        if days:
            self.since = min([*days, *([self.since] if self.since else [])])
            self.until = max([*days, *([self.until] if self.until else [])])


def effect_of(counts: object) -> Effect:
    """An effect as it was stored."""
    return msgspec.convert(counts, Effect)
