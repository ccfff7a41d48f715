"""Agencies (cơ quan, đơn vị) through time: `units` and their structure, `plan` for a reorganisation to come, `table` for CSV.

Pure: no I/O beyond the reference table, no clock.
"""

from shared.agencies.agency import Agency, AgencyKind
from shared.agencies.contradictions import contradictions
from shared.agencies.plan import Plan, check_plan
from shared.agencies.table import COLUMNS, HEADINGS, from_rows, reference_structure, to_rows
from shared.agencies.units import LikeForLike, Structure

__all__ = [
    "COLUMNS",
    "HEADINGS",
    "Agency",
    "AgencyKind",
    "LikeForLike",
    "Plan",
    "Structure",
    "check_plan",
    "contradictions",
    "from_rows",
    "reference_structure",
    "to_rows",
]
