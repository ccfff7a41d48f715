"""A world made of an event log in CSV: one row a step, in the columns of a published log of a Dutch municipality ("WABO").

`case:concept:name` the case, `concept:name` the step, `time:timestamp`; per case `case:channel`, `case:department`,
`case:group`, `case:startdate`, `case:deadline`, `case:enddate` (empty while open). The log's dirt stays in: open cases, steps
long after the end, an end before the start. Whose dossier it is: the group where there is one, else the department. Its
procedure is in no catalogue, so nobody knows a legal limit and the deadline of the log is what counts.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path

from deploy.simulator.ledger import DAY, History, Offering, Office, Promise, Step, instant
from deploy.simulator.world import LedgerWorld
from shared.dossier import Channel, Status

PROVINCE = "00"
"""No province has it."""
MUNICIPALITY = "NL"
CHANNELS = {
    "Internet": Channel.online,
    "e-mail": Channel.online,
    "Desk": Channel.counter,
    "Intern": Channel.counter,
    "Post": Channel.post,
}
COLUMNS = (
    "case:concept:name",
    "concept:name",
    "time:timestamp",
    "case:channel",
    "case:department",
    "case:group",
    "case:startdate",
    "case:deadline",
    "case:enddate",
)
_SINCE = date(2000, 1, 1)


def agency_code(department: str, group: str = "") -> str:
    """`NL.GENERAL`, `NL.GENERAL.GROUP-5`."""
    parts = [MUNICIPALITY, department] + ([group] if group else [])
    return ".".join(part.strip().upper().replace(" ", "-") for part in parts)


def read_event_log(path: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of each case; ValueError says which column or which cell cannot be read."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(f"{path.name} is no event log that can be served: it has no column {', '.join(missing)}")
        cases: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in reader:
            cases[row["case:concept:name"]].append(row)
    if not cases:
        raise ValueError(f"{path.name} holds no cases")
    return dict(cases)


def event_log_world(path: Path) -> LedgerWorld:
    """Serve the log; the portal's clock stands a day after the last thing in it."""
    cases = read_event_log(path)
    offices = [Office(MUNICIPALITY, "Thành phố theo nhật ký", "Municipality of the log", None, "province", _SINCE)]
    place = {MUNICIPALITY: 0}
    for rows in cases.values():
        department, group = rows[0]["case:department"], rows[0]["case:group"]
        for name, code, above, level in (
            (department, agency_code(department), MUNICIPALITY, "department"),
            (group, agency_code(department, group), agency_code(department), "district_office"),
        ):
            if name and code not in place:
                place[code] = len(offices)
                offices.append(Office(code, name, name, above, level, _SINCE))
    offering = Offering(
        code="NL.WABO",
        name_vi="Giấy phép môi trường (giai đoạn tiếp nhận)",
        name_en="Environmental permit (receipt phase)",
        sector="MT",
        sector_name="Môi trường",
        amount=0,
        unit="calendar_days",
        in_catalogue=False,
    )
    ledger = [
        _history(index, name, rows, place[agency_code(rows[0]["case:department"], rows[0]["case:group"])])
        for index, (name, rows) in enumerate(sorted(cases.items()))
    ]
    newest = max(history.steps[-1].recorded_at for history in ledger)
    return LedgerWorld(province=PROVINCE, offices=offices, offerings=[offering], ledger=ledger, starts_at=newest + DAY)


def _history(index: int, name: str, rows: list[dict[str, str]], office: int) -> History:
    first = rows[0]
    try:
        channel = CHANNELS[first["case:channel"]]
    except KeyError:
        raise ValueError(f"{name} came by an unknown channel: {first['case:channel']!r}") from None
    received = _instant(name, first["case:startdate"])
    due = _instant(name, first["case:deadline"])
    ended = _instant(name, first["case:enddate"]) if first["case:enddate"] else None
    steps = [Step(Status.received, received, received)]
    told = received
    for when, what in sorted((_instant(name, row["time:timestamp"]), row["concept:name"]) for row in rows):
        told = max(told, when)
        steps.append(Step(Status.processing, when, told, what))
    if ended is not None:
        # Told last, since the log goes on with steps after the end and the case stays closed all the same.
        steps.append(Step(Status.resolved, ended, max(told, ended)))
    return History(
        index=index,
        code=name,
        office=office,
        offering=0,
        channel=channel,
        steps=tuple(steps),
        promises=(Promise(due, received),),
        completed_at=ended,
    )


def _instant(name: str, text: str) -> int:
    try:
        return instant(datetime.fromisoformat(text))
    except (ValueError, TypeError):
        raise ValueError(f"{name} holds a time that cannot be read: {text!r}") from None
