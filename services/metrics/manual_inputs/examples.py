"""Examples of responses about manual inputs."""

from __future__ import annotations

from datetime import date

from shared.contracts.manual_inputs import ManualInputRecorded

RECORDED = ManualInputRecorded("10816@2019-12-01", date(2023, 7, 20), {"ratings": 40, "ratings_satisfied": 38})
