"""The facts of a dossier, as they stand in the feed."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from shared.dossier.contradictions import Contradiction
from shared.dossier.statuses import Outcome, Status


class Channel(StrEnum):
    """How a dossier came in (`KenhThucHien`)."""

    online = "online"  # trực tuyến (2)
    counter = "counter"  # trực tiếp (1)
    post = "post"  # bưu chính công ích (3)


class Timeliness(StrEnum):
    """Trước hạn, đúng hạn, quá hạn."""

    early = "early"
    on_time = "on_time"
    overdue = "overdue"


class DueBasis(StrEnum):
    """Which of the due dates is the one that counts."""

    legal = "legal"
    extended = "extended"
    portal = "portal"


class StepFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A step of the internal process (bước xử lý) that has ended: which department, and how late by working time."""

    ended_on: date
    """The civil day it ended, between receipt and end of the dossier."""
    department: str | None = None
    """The department that took it, as a known name or a code; none: it is not known."""
    step: str | None = None
    """What was done, or the role that did it, as a known name; none: it is not known."""
    started_on: date | None = None
    """The civil day it began; none: not told."""
    due_on: date | None = None
    """The civil day by which it should have ended, as its source tells it; none: not told."""
    minutes_over: int | None = None
    """Office minutes between its due time and its end, without those in which somebody else was waited for; 0: it was in time.
    None: no due time is known."""


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """All that is counted of one dossier, free of personal data: one version in the feed.

    Days are civil days in Asia/Ho_Chi_Minh. Without `received_on` a dossier counts nothing but a refusal on `ended_on`;
    a `deleted` one counts nothing at all.
    """

    code: str
    """Code of the dossier, as its office gave it."""
    status: Status
    """Where it stands."""
    agency: str | None = None
    """Unit key `<code>@<valid from>` of the agency that answers for it; None while the catalogue does not know it."""
    procedure: str | None = None
    """Code without its suffix; None while unknown."""
    sector: str | None = None
    """Code of the procedure's sector (lĩnh vực)."""
    channel: Channel | None = None
    """How it came in; none: nobody says."""
    received_on: date | None = None
    """The civil day of its receipt."""
    due_on: date | None = None
    """The due date that counts; `due_basis` says which one it is."""
    due_basis: DueBasis | None = None
    """Which of the three due dates counts."""
    legal_due_on: date | None = None
    """By the procedure's limit, calendar and policy of the day of receipt."""
    portal_due_on: date | None = None
    """As its source tells it."""
    extended_due_on: date | None = None
    """As a letter of apology set it anew; where it counts, moved by the suspensions inside the extension."""
    late_from: date | None = None
    """First civil day at whose end the dossier is overdue if it is still in process and not suspended."""
    due_soon: tuple[date, date, date] | None = None
    """First civil days on which the due date is at most 1, 3 and 5 working days away."""
    ended_on: date | None = None
    """The day the clock stopped; never before `received_on`."""
    outcome: Outcome | None = None
    """How its processing ended; none: it is in process."""
    timeliness: Timeliness | None = None
    """Of an ended dossier, by law."""
    portal_late_from: date | None = None
    """As `late_from`, by the portal's due date."""
    portal_timeliness: Timeliness | None = None
    """The same by the portal's own due and end dates."""
    delivered_on: date | None = None
    """The day the result was handed over."""
    suspensions: tuple[tuple[date, date | None], ...] = ()
    """Half-open days, disjoint and sorted, clipped to the days in process; an open end is None."""
    interlinked: bool = False
    """Liên thông: its procedure takes several agencies."""
    digitisation_required: bool = False
    """Its procedure requires papers and result to be digitised."""
    digitised_intake: bool | None = None
    """Its papers were digitised when it was taken in; None: no source states it."""
    digitised_result: bool | None = None
    """Its result was digitised; None: no source states it."""
    fee_required: bool = False
    """A fee or charge is due for it."""
    fee_online: bool | None = None
    """The fee was paid online; None: no source states it."""
    reused: bool | None = None
    """Papers that were digitised before were used again; None: no source states it."""
    supplements: int | None = None
    """How often papers were asked for; None: no source tells whether they were."""
    spent_minutes: int | None = None
    """Working time up to its end, without suspensions; of an ended dossier with a limit. At most `limit_minutes` exactly when
    it is in time."""
    limit_minutes: int | None = None
    """Working time up to the due date by law that counts, the extension included where it does; a working day has 480
    minutes."""
    cause: str | None = None
    """Why it is late, or why portal and law differ: see `shared.workdays.causes`."""
    synced_late: bool | None = None
    """Its source still had it in process more than a day after its end; None: it never told of it before its end."""
    contradictions: tuple[Contradiction, ...] = ()
    """What cannot all be true of it: such a dossier has no due date that counts and no cause, and ends on time."""
    steps: tuple[StepFacts, ...] = ()
    """Steps of the internal process that have ended, in order; empty where its sources tell of none."""
    result_coded: bool | None = None
    """Its electronic result has a code and a link; None: no source states it."""
    from_storage: bool | None = None
    """A paper was taken from the personal storage of the national portal; None: no source states it."""
    account_verified: bool | None = None
    """The applicant's account was verified with VNeID or the population data; None: no source states it."""
    index_judged: bool = False
    """It was held against decision 766; false: an earlier release dated it, and `index_*` tell nothing."""
    index_ended_on: date | None = None
    """The day of its end by decision 766: its source closed it, whatever stops the clock; never before `received_on`. None: it
    has not ended."""
    index_due_on: date | None = None
    """The last civil day by which it must end to be on time by decision 766: the portal's due date, else that by law, moved by
    the days in which the applicant supplied papers. None: it has none, or waits for papers that were requested in time."""
    index_late: bool = False
    """It ended, and `index_ended_on` is after `index_due_on`, or papers were requested more than once."""
    misrouted: int = 0
    """How often it came back to a department and step where it had been already, without anybody being waited for."""
    deleted: bool = False
    """Its source no longer has it."""
