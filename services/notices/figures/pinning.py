"""Brings the responses of metrics into one set of figures, all at one position of the feed. Pure."""

from __future__ import annotations

import msgspec

from services.notices.figures.catalogue import Catalogue
from services.notices.figures.model import FORMER, EarlierShares, Figure, FigureUnit, Pinned, Subject, valid_from
from services.notices.quantities import wording
from shared.contracts.kpis import KpiFigure as Measured
from shared.contracts.kpis import KpiResponse, Kpis, ProcedureRow, Total, UnitRow, WorkRow
from shared.errors import Unavailable

UNMAPPED = "unmapped"
"""Key of the agency of dossiers whose agency the catalogue does not know."""


def demand_position(position: int, *others: int) -> None:
    """Raise `Unavailable` when responses are of other positions."""
    if any(other != position for other in others):
        raise Unavailable("The figures moved while they were read. The draft is made again from one position.")


def demand_totals(total: Total, *others: Total) -> None:
    """Raise `Unavailable` when responses of one position give a figure of the whole differently.

    What people enter is known from the position on that the province is at, so it can come between two responses.
    """
    for kpi in (kpi for one in others for kpi, given in one.kpis.items() if total.kpis.get(kpi, given) != given):
        raise Unavailable(f"{kpi} was entered or counted anew while the figures were read. The draft is made again.")


def pin(
    catalogue: Catalogue,
    total: KpiResponse[UnitRow],
    by_agency: KpiResponse[UnitRow],
    by_procedure: KpiResponse[ProcedureRow],
    by_department: KpiResponse[WorkRow],
    by_step: KpiResponse[WorkRow],
) -> Pinned:
    """Pin the figures of five responses of metrics, all at one position, with the catalogue that they were counted by.

    Keys: `resolved` for the whole, `resolved@<unit key>` for an agency, `resolved#<code>` for a procedure,
    `steps_overdue:<name>` for a department and `steps_overdue><name>` for a step (no name: not known which); of a share also
    its part and its base, `online_share.part` and `online_share.base`. What no source states has no
    numerator.
    Raises `Unavailable` when the responses are not of one position, or counted by other rules than those of the catalogue.
    """
    demand_position(total.position, *(one.position for one in (by_agency, by_procedure, by_department, by_step)))
    rules = {kpi.id: kpi.rule for kpi in catalogue.kpis}
    units = {kpi.id: kpi.unit for kpi in catalogue.kpis}
    figures: dict[str, Figure] = {}

    def add(key: str, one: Measured, numerator: int | None, denominator: int | None) -> None:
        figures[key] = Figure(
            key=key,
            unit=FigureUnit.count if denominator is None else FigureUnit.rate,
            numerator=numerator,
            denominator=denominator,
            figure_id=one.figure,
            rule=one.rule,
        )

    def take(measured: Kpis, suffix: str) -> None:
        for kpi, one in measured.items():
            if one.numerator is None and units.get(kpi) == "working_days":
                continue  # a percentile is no quotient
            if rules.get(kpi) != one.rule:
                raise Unavailable(
                    f"Metrics changed while it was read: {one.rule} is not of its catalogue. The draft is made again."
                )
            add(kpi + suffix, one, one.numerator, one.denominator)
            if one.denominator is not None:
                # Part and base of a share are printed as well.
                add(f"{kpi}.part{suffix}", one, one.numerator, None)
                add(f"{kpi}.base{suffix}", one, one.denominator, None)

    take(total.total.kpis, "")
    agencies, procedures = agencies_of(by_agency), []
    for agency, row in zip(agencies, by_agency.rows, strict=True):
        take(row.kpis, "@" + agency.key)
    for linked in by_procedure.rows:
        procedures.append(Subject(linked.procedure, linked.procedure, wording.normal(linked.name.vi) or linked.procedure))
        take(linked.kpis, "#" + linked.procedure)
    work: dict[str, list[Subject]] = {":": [], ">": []}
    for mark, by_work in ((":", by_department), (">", by_step)):
        for worked in by_work.rows:
            name = worked.work or ""
            work[mark].append(Subject(name, name, wording.normal(worked.name.vi)))
            take(worked.kpis, mark + name)
    return Pinned(
        province=total.province,
        position=total.position,
        as_of=total.as_of,
        agencies=agencies,
        scope=_scope(total),
        procedures=tuple(procedures),
        departments=tuple(work[":"]),
        steps=tuple(work[">"]),
        figures=figures,
        freshness=total.freshness,
        catalogue=catalogue,
    )


def with_earlier(pinned: Pinned, response: KpiResponse[UnitRow]) -> Pinned:
    """The same with the shares of an earlier period, as `before.<kpi>`.

    Without them where the response's period began before there were data: what was not counted is not compared. That, and that
    sources of the period are missing, is told in `earlier`.
    """
    demand_position(pinned.position, response.position)
    kpis = tuple(response.total.kpis)
    reasons = {reason.kind for reason in response.freshness.reasons}
    if reasons & _BEFORE_DATA:
        return with_doubt(pinned, EarlierShares(kpis, "before_data"))
    if reasons:
        pinned = with_doubt(pinned, EarlierShares(kpis, "incomplete"))
    earlier = {
        f"before.{kpi}": Figure(
            key=f"before.{kpi}",
            unit=FigureUnit.rate,
            numerator=one.numerator,
            denominator=one.denominator,
            figure_id=one.figure,
            rule=one.rule,
        )
        for kpi, one in response.total.kpis.items()
        if one.numerator is not None and one.denominator is not None
    }
    return msgspec.structs.replace(pinned, figures=pinned.figures | earlier)


def with_doubt(pinned: Pinned, earlier: EarlierShares) -> Pinned:
    """The same, with shares of an earlier period that cannot be compared, or only with care."""
    return msgspec.structs.replace(pinned, earlier=(*pinned.earlier, earlier))


_BEFORE_DATA = frozenset({"nothing_counted", "period_before_data"})


def _scope(response: KpiResponse[UnitRow]) -> Subject:
    """What a response is about as a whole."""
    one = response.scope
    return Subject(one.agency or "", one.code or "", wording.normal(one.name.vi), one.kind or "")


def agencies_of(response: KpiResponse[UnitRow]) -> tuple[Subject, ...]:
    """The agencies of a response by agency, in its order."""
    found = []
    for row in response.rows:
        # Dossiers of an agency that the catalogue does not know yet are counted too.
        key = row.agency or UNMAPPED
        name = wording.normal(row.name.vi) or row.code or key
        found.append(Subject(key, row.code or key.partition("@")[0], name, _kind(row.kind, name)))
    newest = {one.name: one.key for one in sorted(found, key=valid_from)}
    # A merged unit that has the name of one of its parts: both have figures in a period in which they met.
    return tuple(one if newest[one.name] == one.key else msgspec.structs.replace(one, name=one.name + FORMER) for one in found)


def _kind(kind: str | None, name: str) -> str:
    """`commune` or `office`; by the name where metrics gives no kind."""
    if kind is not None:
        return "commune" if kind == "commune" else "office"
    front = name.lower().removeprefix("ủy ban nhân dân ").removeprefix("ubnd ")
    return "commune" if front.startswith(("xã ", "thị trấn ", "phường ")) else "office"
