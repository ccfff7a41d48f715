"""The worlds of the journey: what the portal serves, how it is connected, and the expected figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from deploy.simulator import event_log, municipal
from deploy.simulator.event_log import event_log_world
from deploy.simulator.expected import expected as reference_expected
from deploy.simulator.expected import expected_differences, expected_late_departments, expected_work
from deploy.simulator.reference import DISTRICT, FIRST_DAY, LAST_DAY
from shared.agencies import Agency, AgencyKind, reference_structure
from shared.procedures import Procedure, reference_procedures

Figure = Mapping[str, int | float | None]
"""`numerator`, `denominator` and `value`; a count carries itself in `numerator` and `value`."""
Figures = Mapping[str, Mapping[str, Figure]]
"""By agency code, then by KPI id."""


@dataclass(frozen=True)
class World:
    """One world."""

    name: str
    province: str
    source: str
    """Name of the source at ingest."""
    portal: tuple[str, ...]
    """Arguments of `python -m deploy.simulator`."""
    agencies: list[Agency]
    procedures: list[Procedure]
    scope: str
    """Code of the agency whose report is made."""
    begin: date
    end: date
    """The last day of the period, which belongs to it."""
    expected: Figures
    inspection: Mapping[str, object]
    """As it is submitted to notices."""
    evidence: Mapping[str, object] | None = None
    """What the team established, as it is handed in to notices; None: nothing."""
    disagreements: Mapping[str, int] | None = None
    """Causes for which the portal alone calls dossiers overdue, and how many; None where nobody counted them."""
    late_departments: Mapping[str, int] | None = None
    """Departments that had late steps of the internal process, and how many; None where the portal tells no departments."""
    published: bool = False
    """Whether a stand-in for the national portal publishes scores of it that are compared with ours."""


def reference() -> World:
    """Thanh Hà district, 15/12/2022-20/7/2023, calibrated to the notice that was issued about it."""
    work = expected_work()
    return World(
        name="reference",
        province="30",
        source="hai-duong",
        portal=("--world", "reference"),
        agencies=list(reference_structure()),
        procedures=list(reference_procedures()),
        scope=DISTRICT,
        begin=FIRST_DAY,
        end=LAST_DAY,
        expected={code: figures | work[code] for code, figures in reference_expected().items()},
        inspection=_inspection("reference"),
        evidence=_body("reference_evidence"),
        disagreements=_reference_disagreements(),
        late_departments=expected_late_departments(),
        published=True,
    )


def _reference_disagreements() -> dict[str, int]:
    built_in = expected_differences()
    causes = [cause for cause in built_in if cause != "unseen" and not cause.startswith("open_")]
    return {cause: built_in[cause] + built_in.get(f"open_{cause}", 0) for cause in causes}


def municipality(log: Path) -> World:
    """The log of a real municipality; its figures are computed straight from the file."""
    log = log.absolute()
    offices = event_log_world(log).offices  # says what is wrong with a file that is no log
    begin, end = municipal.middle_period(log)
    agencies = [
        Agency(
            code=office.code,
            name_vi=office.name_vi,
            name_en=office.name_en,
            kind=AgencyKind(office.level),
            parent=office.parent,
            valid_from=office.valid_from,
        )
        for office in offices
    ]
    inspection = _inspection("municipal") | {
        "year": end.year + 1,
        "province": event_log.PROVINCE,
        "scope": event_log.MUNICIPALITY,
        "period": {"from": begin.isoformat(), "to": end.isoformat()},
    }
    return World(
        name="municipality",
        province=event_log.PROVINCE,
        source="municipality",
        portal=("--world", str(log)),
        agencies=agencies,
        procedures=[],
        scope=event_log.MUNICIPALITY,
        begin=begin,
        end=end,
        expected=municipal.expected(log, begin, end),
        inspection=inspection,
    )


def world_named(name: str) -> World:
    """`reference`, or the path of an event log; raises OSError or ValueError when the file is not one."""
    return reference() if name == "reference" else municipality(Path(name))


def _inspection(name: str) -> dict[str, object]:
    return _body(f"{name}_inspection")


def _body(name: str) -> dict[str, object]:
    return msgspec.json.decode(Path(__file__).with_name(f"{name}.json").read_bytes(), type=dict[str, object])


def is_equal(wanted: Figure, found: Figure | None) -> bool:
    """Whether a figure is the expected one."""
    return found is not None and all(wanted[part] == found[part] for part in ("numerator", "denominator", "value"))


def written(figure: Figure | None) -> str:
    """A figure as a check prints it."""
    if figure is None:
        return "nothing"
    whole = f"/{figure['denominator']}" if figure["denominator"] is not None else ""
    return f"{figure['numerator']}{whole}"
