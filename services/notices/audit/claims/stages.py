"""What comes to an account of dossiers or money, and what goes from it. Pure."""

from __future__ import annotations

from services.notices.audit.claims.contexts import Context

COMES = frozenset(("carried", "new", "received", "handled"))
_PAID_IN, _PAID_OUT = frozenset(("thu", "cấp", "đầu")), frozenset(("chi", "trả", "nộp"))
"""Words before an amount of money."""
GOES = frozenset(("resolved", "returned", "withdrawn", "supplemented", "suspended"))


def sign_of(one: Context) -> int:
    """1 for what comes, -1 for what goes, 0 where the words of a figure do not say."""
    if one.figure.unit == "money":
        words = {token.norm for token in one.lead}
        return bool(words & _PAID_IN) - bool(words & _PAID_OUT)
    stage, change = one.figure.own.get("stage", ""), one.figure.own.get("change", "")
    if stage in GOES or change == "abolished":
        return -1
    return int(stage in COMES or change == "new")
