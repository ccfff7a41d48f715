"""Examples of responses about agencies."""

from __future__ import annotations

from datetime import date

from shared.contracts.agencies import AgencyList, ListedUnit
from shared.contracts.kpis import Text

AGENCIES = AgencyList(
    "30",
    [
        ListedUnit(
            agency="294@2019-12-01",
            code="294",
            name=Text("Huyện Thanh Hà", "Thanh Hà district"),
            kind="district",
            parent="H23",
            valid_from=date(2019, 12, 1),
            valid_to=date(2025, 7, 1),
            successors=[],
        )
    ],
)
