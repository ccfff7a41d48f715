"""Tables as annexes have them: none that is true is called wrong, and a mistyped total is found, in every format."""

from __future__ import annotations

import pytest

from services.notices.audit.documents.files import read_file
from services.notices.audit.engine import audit
from services.notices.audit.model import Verdict
from tests.audit.annexes import ANNEXES, FORMATS, Annex, cut


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


@pytest.mark.parametrize("name", ANNEXES)
def test_an_annex_of_which_columns_are_missing_raises_no_alarm(name: str) -> None:
    for seed in range(12):
        claims = audit(cut(ANNEXES[name], seed)).claims
        assert [one.equation for one in claims if one.verdict is Verdict.contradicted] == [], seed
