"""An inspection of what metrics does not know is refused when it is submitted or corrected, before anything is stored."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.notices.conftest import Services
from tests.notices.counted import UNEXPLAINED

UNKNOWN = [({"province": "99"}, "province 99"), ({"scope": "77777"}, "77777")]


def numbers(services: Services) -> list[int]:
    """Of the inspections there are."""
    return [one["id"] for one in services.http.get("/v1/inspections").json()["inspections"]]


@pytest.mark.parametrize(("unknown", "says"), UNKNOWN)
def test_an_inspection_of_what_metrics_does_not_know_is_refused(services: Services, unknown: dict[str, Any], says: str) -> None:
    before = numbers(services)
    refused = services.http.post("/v1/inspections", json=UNEXPLAINED | unknown)
    assert (refused.status_code, says in refused.json()["detail"]) == (404, True), refused.text
    assert numbers(services) == before


def test_a_correction_to_days_of_which_metrics_knows_no_such_scope_is_refused(services: Services) -> None:
    address = services.submit()
    read = services.http.get(address)
    earlier = UNEXPLAINED | {"period": {"from": "2001-01-01", "to": "2001-02-01"}}
    refused = corrected(services, address, read.headers["etag"], earlier)
    assert (refused.status_code, "294" in refused.json()["detail"]) == (404, True), refused.text
    assert services.http.get(address).json()["version"] == 1
    moved = corrected(services, address, read.headers["etag"], UNEXPLAINED | {"province": "99"})
    assert moved.status_code == 422, "that it may not move is known without metrics"
    assert corrected(services, address, read.headers["etag"], UNEXPLAINED | {"year": 2024}).json()["version"] == 2


def corrected(services: Services, address: str, tag: str, body: dict[str, Any]) -> httpx.Response:
    """The answer to a correction."""
    return services.http.put(address, json=body, headers={"If-Match": tag})


def test_while_metrics_is_away_nothing_is_stored_and_the_same_key_submits_it_later(services: Services) -> None:
    before, key = numbers(services), {"Idempotency-Key": "of-a-team"}
    services.proxy.failures = [503]
    away = services.http.post("/v1/inspections", json=UNEXPLAINED, headers=key)
    assert (away.status_code, away.json()["type"].rpartition("/")[2]) == (503, "metrics-away")
    assert numbers(services) == before
    submitted = services.http.post("/v1/inspections", json=UNEXPLAINED, headers=key)
    assert submitted.status_code == 201
    services.proxy.failures = [503]
    again = services.http.post("/v1/inspections", json=UNEXPLAINED, headers=key)
    assert again.headers["location"] == submitted.headers["location"], "what is stored needs no metrics"
