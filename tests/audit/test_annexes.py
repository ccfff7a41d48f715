"""Tables as annexes have them: none that is true is called wrong, and a mistyped total is found, in every format."""

from __future__ import annotations

import pytest

from services.notices.audit.documents.files import read_file
from services.notices.audit.engine import audit
from services.notices.audit.model import Verdict
from tests.audit.annexes import ANNEXES, FORMATS, Annex


def contradicted(annex: Annex, suffix: str) -> list[str]:
    """The contradicted equations of a table."""
    found = audit(read_file(f"annex.{suffix}", FORMATS[suffix](annex)))
    return [one.equation for one in found.claims if one.verdict is Verdict.contradicted]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("name", ANNEXES)
def test_a_true_annex_raises_no_alarm_and_a_mistyped_total_is_found(name: str, suffix: str) -> None:
    annex = ANNEXES[name]
    assert contradicted(annex, suffix) == []
    assert any(annex.wrong in equation for equation in contradicted(annex.with_slip(), suffix))
