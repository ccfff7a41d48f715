"""An issued notice without a service: the reference notice, numbered, rendered, signed with certificates made here."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import msgspec
import pytest

from services.notices.composition.service import compose
from services.notices.issuing.bundle import BundleVersions, IssueFacts, bundle_of
from services.notices.issuing.model import numbered, stamps_of
from services.notices.issuing.qr import qr_code
from services.notices.issuing.signing import SigningKey, SigningOrder, signed
from services.notices.issuing.trial_certificates import trial_certificate
from services.notices.rendering.model import IssueMarks
from services.notices.rendering.pdf import pdf
from tests.notices.daily import counted_answers, counts_json
from tests.notices.indexed import random_index, with_figures
from tests.notices.reference import DATED_AT, inspection, inspection_body, pinned, reference_evidence

BODY = "Ủy ban nhân dân huyện Thanh Hà"
CODE = "K7QF3MZ9XW2A5RTBNC4HJD6PVE"
ADDRESS = f"https://motcua.example/v/{CODE}"


def key(name: str) -> SigningKey:
    return SigningKey(trial_certificate(name, "secret", datetime.now(UTC)), "secret")


@pytest.fixture(scope="session")
def rendered() -> bytes:
    """The reference notice, numbered and rendered."""
    given = with_figures(random_index(random.Random(5), known=1), pinned(counted_answers()))
    notice, figures = compose(inspection(), given, reference_evidence())
    notice = numbered(notice, 5, date(2023, 8, 17))
    issue = IssueFacts("05/TB-UBND", BODY, date(2023, 8, 17), CODE, None)
    counts = counts_json()
    bundle = bundle_of(
        issue,
        notice,
        figures,
        given,
        [],
        BundleVersions(1, 1, 0, given.position),
        inspection=inspection_body(),
        evidence=reference_evidence().items,
        counts=counts,
    )
    stamps = stamps_of(notice, BODY, "A", "B", DATED_AT)
    marks = IssueMarks(stamps, ADDRESS, qr_code(ADDRESS), msgspec.json.encode(bundle).decode(), counts)
    return pdf(notice, figures, dated_at=DATED_AT, marks=marks)


@pytest.fixture(scope="session")
def issued(rendered: bytes) -> bytes:
    """The same, signed."""
    return signed(rendered, SigningOrder(b"", key("A"), key("B"), "Thanh Hà", ADDRESS))
