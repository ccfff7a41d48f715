"""Scores that the stand-in for the national portal publishes about the world: pulled, and compared with ours.

It publishes by its own count, and some rows are planted to differ (`deploy.simulator.published`): these are to be found, and no
other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import httpx

from deploy.demo import responses
from deploy.demo.client import Client, JourneyError

PERIOD = "C2023-M06"
PLANTED: Mapping[str, str] = {
    "not_synchronised": "10816",
    "other_base": "10819",
    "other_day": "10825",
    "judged_otherwise": "294.TCKH",
    "unmapped_unit": "10831",
}
"""How rows are planted to differ, by the code of their unit."""
CAUSES: Mapping[str, str] = {
    "10816": "not_synchronised",
    "10819": "other_base",
    "10825": "not_synchronised",  # of an earlier day it lacks what came since, and no more can be told from counts
    "294.TCKH": "judged_otherwise",
    "X10831": "unmapped_unit",
}
"""What is found by unit."""


def compare_published(
    metrics: Client, portal: str, province: str, check: Callable[[str, bool, str], None], *, patience: float
) -> str:
    """Have the scores of a month pulled and compare them; a line on what was found."""
    httpx.post(f"{portal}/_truth/plants", json=PLANTED, timeout=60).raise_for_status()
    metrics.post("/v1/indices/766/published/pulls", {"province": province, "period": PERIOD}, responses.PullsOrdered)
    deadline = time.monotonic() + patience
    query = {"province": province, "period": PERIOD}
    while True:
        found = metrics.get("/v1/indices/766/published", responses.Published, **query)
        if found.pulls and all(one.pulled_at and not one.next_at and not one.failing_since for one in found.pulls):
            break
        if time.monotonic() > deadline:
            raise JourneyError(f"published scores are not pulled after {patience:.0f} s: {found.pulls}")
        time.sleep(0.2)
    differing = {(row.unit, row.code): row.cause for row in found.rows if row.cause is not None}
    progress = {unit or "": cause for (unit, code), cause in differing.items() if code == "PROGRESS"}
    strange = sorted(f"{code} of {unit}" for unit, code in differing if unit not in CAUSES)
    ok = progress == CAUSES and not strange
    check("pulled scores differ from ours where that was planted, and nowhere else", ok, f"{progress}; {strange or 'no other'}")
    units = len({row.unit for row in found.rows})
    return f"published scores pulled: {len(found.rows)} of {units} units compared, {len(differing)} differ in {len(progress)}"
