"""Administrative procedures (thủ tục hành chính) through time: limit, level of online service, what they require.

When the rules of a procedure change, the same code gets a new row from a day on; a dossier follows the row in force on the day
of its receipt. Intervals are half-open. `procedure` has the rows, `table` reads and writes them as CSV. Pure: no I/O beyond the
reference table, no clock.
"""

from shared.procedures.procedure import (
    PortalProcedure,
    Procedure,
    ProcedureChange,
    Procedures,
    ServiceLevel,
    differences,
    merge_portal_procedures,
    normal_code,
)
from shared.procedures.table import COLUMNS, HEADINGS, Sector, from_rows, reference_procedures, sectors, to_rows

__all__ = [
    "COLUMNS",
    "HEADINGS",
    "PortalProcedure",
    "Procedure",
    "ProcedureChange",
    "Procedures",
    "Sector",
    "ServiceLevel",
    "differences",
    "from_rows",
    "merge_portal_procedures",
    "normal_code",
    "reference_procedures",
    "sectors",
    "to_rows",
]
