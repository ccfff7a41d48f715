"""A snapshot as the bytes the portal sends.

Written as text, not through a JSON encoder: everything that repeats (agencies, procedures, words) is encoded once, and a
benchmark must not measure this process.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import orjson

from deploy.simulator.ledger import DAY, VIETNAM, Offering, Office, Snapshot, Step, civil_day
from deploy.simulator.vocabulary import Words
from shared.dossier import SUSPENDING, Channel, Status

SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương")
MIDDLE_NAMES = ("Văn", "Thị", "Đức", "Minh", "Thu", "Quang", "Hữu", "Ngọc")
GIVEN_NAMES = ("An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Hải", "Hương", "Khánh", "Lan", "Long", "Mai", "Nam", "Phúc", "Thảo")

_LEVELS = {"commune": 4, "district_office": 3, "district": 3, "department": 2, "province": 1}
_LAST = frozenset({Status.delivered, Status.returned, Status.refused, Status.withdrawn})
"""Steps whose task is over as it begins: nothing comes after them."""
_MASK = (1 << 64) - 1
_CLOCK = [f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}" for second in range(DAY)]
"""Every second of a day as text; a lookup is faster than formatting."""


def mix(*parts: int) -> int:
    """64 well-spread bits of the parts, the same on every machine (splitmix64)."""
    value = 0x9E3779B97F4A7C15
    for part in parts:
        value = (value + part + 0x9E3779B97F4A7C15) & _MASK
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        value ^= value >> 31
    return value


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _names(vi: str, en: str) -> list[dict[str, object]]:
    return [{"languageId": 228, "name": vi}, {"languageId": 46, "name": en}]


def _hex_id(kind: int, number: int) -> str:
    return f"{kind:08x}{number:016x}"


def agency_id(index: int) -> str:
    """The portal's own id of an agency."""
    return _hex_id(0x5F3A0001, index)


def procedure_id(index: int) -> str:
    """The portal's own id of a procedure."""
    return _hex_id(0x5F3A0002, index)


def dossier_id(index: int) -> str:
    """The portal's own id of a dossier."""
    return _hex_id(0x63900000, index)


def index_of(identifier: str) -> int | None:
    """The index behind a dossier's id; None when it is not one."""
    if len(identifier) != 24 or not identifier.startswith("63900000"):
        return None
    try:
        return int(identifier[8:], 16)
    except ValueError:
        return None


def applicant_of(code: str, index: int) -> dict[str, object]:
    """A person who does not exist, the same at every call."""
    bits = mix(index, len(code))
    name = " ".join(
        (
            SURNAMES[bits % len(SURNAMES)],
            MIDDLE_NAMES[(bits >> 8) % len(MIDDLE_NAMES)],
            GIVEN_NAMES[(bits >> 16) % len(GIVEN_NAMES)],
        )
    )
    return {
        "fullname": name,
        "identityNumber": f"0300{(bits >> 20) % 100_000_000:08d}",
        "phoneNumber": f"09{(bits >> 30) % 100_000_000:08d}",
        "email": f"cong.dan.{index}@example.vn",
        "address": f"Thôn {1 + (bits >> 40) % 9}, Thanh Hà, Hải Dương",
    }


_DAYS: dict[int, str] = {}


class _Dates(dict[int | None, str]):
    """Instants as the portal writes them, each written once; an absent one is `null`."""

    def __init__(self, *, east: bool) -> None:
        self[None] = "null"
        self._shift, self._offset = (VIETNAM, "+0700") if east else (0, "+0000")

    def __missing__(self, at: int) -> str:
        day, second = divmod(at + self._shift, DAY)
        text = _DAYS.get(day)
        if text is None:
            text = _DAYS[day] = civil_day(day * DAY - VIETNAM).isoformat()
        written = self[at] = f'"{text}T{_CLOCK[second]}.000{self._offset}"'
        return written


class _Work(NamedTuple):
    """Who has a task, and by when it should be done."""

    department: str
    due_at: int | None


ONE_STOP_DESK = "Bộ phận Một cửa"


def _shares(state: Snapshot, step: Step, end: int | None) -> Iterator[tuple[int, int | None, _Work | None]]:
    """From when to when who has the task of a step: one department, or another one too that had it by mistake."""
    history = state.history
    if history.department is None:
        yield step.at, end, None
    elif step.status is Status.processing:
        work = _Work(history.department, history.legal_due_at)
        if history.detour is None or end is None:
            yield step.at, end, work
        else:
            third = (end - step.at) // 3
            yield step.at, step.at + third, work
            yield step.at + third, end - third, _Work(history.detour, None)
            yield end - third, end, work
    else:
        yield step.at, end, _Work(history.department if step.status in SUSPENDING else ONE_STOP_DESK, None)


class Renderer:
    """Writes dossiers, agencies and procedures in the portal's form.

    `province` names the words and the suffix of codes; the dates of a dossier are all in UTC or all in +07:00, by its index.
    """

    def __init__(self, province: str, offices: list[Office], offerings: list[Offering], words: Words) -> None:
        self._words = words
        self._suffix = f".000.00.00.H{province}"
        self._office_index = {office.code: index for index, office in enumerate(offices)}
        self._sectors = {sector: number for number, sector in enumerate(dict.fromkeys(o.sector for o in offerings), start=1)}
        self.offices = offices
        self.offerings = offerings
        self._agency = [_json(self.agency(index)) for index in range(len(offices))]
        self._agency_tail = [
            f',"agency":{self._agency[index]},"agencyLevel":{_json({"id": _LEVELS[office.level]})}'
            for index, office in enumerate(offices)
        ]
        self._procedure = [_json(self._procedure_reference(index)) for index in range(len(offerings))]
        self._process = [_json(self._process_definition(offering)) for offering in offerings]
        self._status = {
            status: [_json({"id": number, "name": [{"languageId": 228, "name": name}]}) for name in names]
            for status, (number, names) in words.status.items()
        }
        self._method = {
            channel: f',"applyMethod":{_json({"id": number, "name": name})}'
            f',"dossierReceivingKind":{_json(dict(zip(("id", "name"), words.receiving_kind[channel], strict=True)))}'
            for channel, (number, name) in words.method.items()
        }
        self._task_name = {status: _json(name) for status, name in words.task.items()}
        self._own_names: dict[str, str] = {}

    def procedure_code(self, offering: Offering) -> str:
        """With the suffix that this province hangs on."""
        return offering.code + self._suffix if offering.in_catalogue else offering.code

    def sector_id(self, sector: str) -> str:
        """The portal's own id of a sector."""
        return _hex_id(0x5F3A0003, self._sectors[sector])

    def lies_under(self, index: int, identifier: str) -> bool:
        """Whether the agency with this id is the office `index` or one of its ancestors."""
        here: int | None = index
        while here is not None:
            if agency_id(here) == identifier:
                return True
            parent = self.offices[here].parent
            here = self._office_index.get(parent) if parent is not None else None
        return False

    def statuses(self, identifiers: str) -> frozenset[str]:
        """The statuses behind a comma list of this portal's numbers."""
        wanted = set(identifiers.split(","))
        return frozenset(status for status, (number, _) in self._words.status.items() if str(number) in wanted)

    def channels(self, identifier: str) -> frozenset[str]:
        """The channel behind this portal's number of an apply method."""
        return frozenset(channel for channel, (number, _) in self._words.method.items() if str(number) == identifier)

    def agency(self, index: int) -> dict[str, object]:
        """One agency in the form of the search and of the agency list."""
        office = self.offices[index]
        ancestors = []
        parent = office.parent
        while parent is not None and parent in self._office_index:
            above = self._office_index[parent]
            ancestors.append({"id": agency_id(above), "name": _names(self.offices[above].name_vi, self.offices[above].name_en)})
            parent = self.offices[above].parent
        return {
            "id": agency_id(index),
            "code": office.code,
            "name": _names(office.name_vi, office.name_en),
            "parent": ancestors[0] if ancestors else None,
            "ancestors": ancestors,
        }

    def procedure(self, index: int) -> dict[str, object]:
        """One procedure in the form of the catalogue; here names are a plain object."""
        offering = self.offerings[index]
        return {
            "id": procedure_id(index),
            "code": self.procedure_code(offering),
            "name": {"languageId": 228, "name": offering.name_vi},
            "translate": _names(offering.name_vi, offering.name_en),
            "sector": self._sector(offering),
            "agencyLevel": {"id": _LEVELS[offering.level]},
            "procedureProcessDefinition": [self._process_definition(offering)],
            "interlinked": offering.interlinked,
            "digitizingRequired": offering.digitisation_required,
            "hasFee": offering.fee_required,
        }

    def _sector(self, offering: Offering) -> dict[str, object]:
        return {
            "id": self.sector_id(offering.sector),
            "code": offering.sector,
            "name": [{"languageId": 228, "name": offering.sector_name}],
        }

    def _procedure_reference(self, index: int) -> dict[str, object]:
        offering = self.offerings[index]
        return {
            "id": procedure_id(index),
            "code": self.procedure_code(offering),
            "translate": _names(offering.name_vi, offering.name_en),
            "sector": self._sector(offering),
        }

    @staticmethod
    def _process_definition(offering: Offering) -> dict[str, object]:
        if not offering.in_catalogue:
            return {"processDefinition": {"processingTime": None, "processingTimeUnit": None, "timesheet": None}}
        in_office_time = offering.unit != "calendar_days"
        return {
            "processDefinition": {
                "processingTime": offering.amount,
                "processingTimeUnit": "h" if offering.unit == "hours" else "d",
                "timesheet": {"id": 1, "name": "Giờ hành chính"} if in_office_time else {"id": 2, "name": "Toàn thời gian"},
            }
        }

    def _tasks(self, state: Snapshot, dates: _Dates, official: str) -> tuple[list[str], bool]:
        """The tasks as text, and whether the last one is still under way."""
        identifier = dossier_id(state.history.index)
        entries: list[str] = []
        end: int | None = None
        for step, after in zip(state.steps, (*state.steps[1:], None), strict=True):
            if step.name is not None:
                name = self._own_names.get(step.name) or self._own_names.setdefault(step.name, _json(step.name))
                end = step.at  # a log tells when a step was done, and no more
            else:
                name = self._task_name[step.status]
                # A task begins with its step and ends with the next one.
                end = after.at if after is not None else step.at if step.status in _LAST else None
            for begun, done, work in _shares(state, step, end):
                entries.append(
                    f'{{"id":"{identifier}-{len(entries)}","name":{name},"assignee":{{"fullname":{official}}}'
                    f'{self._work_fields(work, dates)},"createdDate":{dates[begun]},"completedDate":{dates[done]}}}'
                )
        return entries, end is None

    def _work_fields(self, work: _Work | None, dates: _Dates) -> str:
        if work is None:
            return ""
        return f',"agency":{{"name":{_json(_names(work.department, work.department))}}},"dueDate":{dates[work.due_at]}'

    def dossier(self, state: Snapshot) -> bytes:
        """One element of `content[]`."""
        history = state.history
        index = history.index
        bits = mix(index, 1)
        dates = _Dates(east=bool(bits & 1))
        offering = self.offerings[history.offering]
        status = state.status
        if history.sent_as_finished and status in SUSPENDING:
            status = Status.resolved
        names = self._status[status]
        official = f'"{SURNAMES[(bits >> 4) % len(SURNAMES)]} {GIVEN_NAMES[(bits >> 12) % len(GIVEN_NAMES)]}"'
        tasks, under_way = self._tasks(state, dates, official)
        digitised = (3 if history.reused and bits & 2 else 2 if history.reused else 1) if history.digitised_intake else 0
        code = _json(history.code)
        person = applicant_of(history.code, index)
        received = state.received_at is not None
        files = (
            f'[{{"id":"{index}-1","name":"Tờ khai","file":[{{"filename":"to-khai-{index}.pdf"}}]'
            f',"digitizingStatus":{digitised}}},'
            f'{{"id":"{index}-2","name":"Giấy tờ kèm theo","file":[],"digitizingStatus":{digitised}}}]'
        )
        result = (
            f'[{{"id":"{index}-9","filename":"ket-qua-{index}.signed.pdf"}}]'
            if history.digitised_result and state.ended_at is not None
            else "[]"
        )
        if offering.fee_required and received:
            fee = f'[{{"id":"{index}-5","name":"Lệ phí","amount":15000,"paid":true}}]'
            method = self._words.paid_online if history.fee_online else self._words.paid_at_counter
            payment = f'{{"name":"{method}"}}'
        else:
            fee, payment = "[]", "null"
        level = 4 if history.channel is Channel.online else 3
        return (
            f'{{"id":"{dossier_id(index)}","code":{code},"nationCode":{code}'
            f',"dossierStatus":{names[(bits >> 20) % len(names)]}'
            f',"applicant":{{"data":{_json(person)},"userId":"{bits:016x}"}}'
            f',"procedure":{self._procedure[history.offering]}'
            f',"procedureProcessDefinition":{self._process[history.offering]}'
            f"{self._agency_tail[history.office]}"
            f',"procedureLevel":{{"id":{level}}}'
            f',"appliedDate":{dates[history.steps[0].at]},"acceptedDate":{dates[state.received_at]}'
            f',"appointmentDate":{dates[state.due_at]},"dueDate":{dates[state.first_due_at]}'
            f',"completedDate":{dates[state.completed_at]},"returnedDate":{dates[state.delivered_at]}'
            f',"updatedDate":{dates[state.updated_at]}{self._method[history.channel]}'
            f',"dossierFormFile":{files},"dossierResultFile":{result},"dossierFee":{fee},"paymentMethod":{payment}'
            f',"task":[{",".join(tasks)}],"currentTask":[{tasks[-1] if under_way else ""}]}}'
        ).encode()
