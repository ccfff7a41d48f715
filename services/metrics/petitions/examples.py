"""Examples of responses about petitions."""

from __future__ import annotations

from datetime import date

from shared.contracts.petitions import ListedPetition, PetitionPage, PetitionsRecorded

RECORDED = PetitionsRecorded(recorded=2, late=1)
PAGE = PetitionPage(
    [
        ListedPetition(
            code="PAKN-2026-0042",
            agency="10816@2019-12-01",
            subject="conduct",
            received_on=date(2026, 9, 1),
            passed_on=None,
            refused_on=None,
            supplement_requested_on=None,
            handled_on=date(2026, 9, 15),
            published_on=date(2026, 9, 16),
            liked=True,
            repeated=False,
            late=False,
        )
    ],
    None,
)
