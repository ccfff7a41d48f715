"""Parameters of routes of audits: what a document is called, and which figures of ours it is compared with."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query

from services.notices.audit.bodies import MAX_NAME_LENGTH
from services.notices.figures.metrics_client import KpiSelection
from shared import fields
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.errors import FieldFault, Invalid
from shared.fields import Line, RowId
from shared.languages import Bilingual

Auditor = Annotated[Principal, Depends(require("audits:write"))]
AuditNumber = Annotated[RowId, Path(description="`id` of an audit", examples=[5])]
FileName = Annotated[
    fields.Line | None,
    Query(
        max_length=MAX_NAME_LENGTH, description="Name of the file, where the body does not tell it", examples=["thong-bao.pdf"]
    ),
]
_NO_PROVINCE = Bilingual(
    "To compare with our figures, name the `province` too.", "Muốn đối chiếu với số liệu, cho biết cả `province`."
)
_NO_PERIOD = Bilingual(
    "To compare with our figures, give `from` and `to`, or `period`.",
    "Muốn đối chiếu với số liệu, cho biết `from` và `to`, hoặc `period`.",
)


def read_selection(
    principal: Auditor,
    province: Annotated[
        fields.ProvinceCode | None, Query(description="Compare with our figures of this province", examples=["30"])
    ] = None,
    scope: Annotated[
        str | None,
        Query(pattern=r"^[^\x00-\x1f~,]{1,64}$", description="Code or unit key of an agency, with all below it; none: all"),
    ] = None,
    since: Annotated[
        fields.Day | None, Query(alias="from", description="First civil day of the notice's period", examples=["2022-12-15"])
    ] = None,
    to: Annotated[fields.Day | None, Query(description="Its last civil day, inside", examples=["2023-07-20"])] = None,
    period: Annotated[
        Line | None, Query(max_length=16, description="In place of the days: 2023, 2023-H1, 2023-Q2, 2023-M05")
    ] = None,
    as_of: Annotated[
        Line | None, Query(max_length=40, description="A position or an instant; none: as known when the document was audited")
    ] = None,
) -> KpiSelection | None:
    """FastAPI's dependency: the figures to compare with, None where none are named.

    Raises `Invalid`; `Forbidden` for keys without figures:read, `NotFound` for another province than that of the key.
    """
    if not any((province, scope, since, to, period, as_of)):
        return None
    if province is None:
        raise Invalid.of_fields([FieldFault("query.province", _NO_PROVINCE, "missing")])
    if period is None and (since is None or to is None):
        raise Invalid.of_fields([FieldFault("query.period", _NO_PERIOD, "missing")])
    principal.demand("figures:read")
    principal.demand_province(province)
    days = [None if day is None else day.isoformat() for day in (since, to)]
    return KpiSelection(province, scope, days[0], days[1], period, as_of)


Selection = Annotated[KpiSelection | None, Depends(read_selection)]
