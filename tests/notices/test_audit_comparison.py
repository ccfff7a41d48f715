"""Notices compared with our figures through the API, the page and the command, before the real metrics."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import pytest_asyncio

from deploy.local.services import ROOT
from services.notices.audit import service as auditing
from tests.notices.conftest import Services, until
from tests.notices.counted import PERIOD
from tests.notices.test_audits import key
from tests.patience import PATIENCE

OURS = {"province": "30", "scope": "294", **PERIOD}


@pytest_asyncio.fixture(scope="session")
async def client(_services: Services) -> AsyncIterator[httpx.Client]:
    """With a key of the province that audits and reads figures."""
    with httpx.Client(base_url=str(_services.http.base_url), timeout=PATIENCE) as http:
        http.headers["X-API-Key"] = await key(_services, "audits:write", "figures:read", province="30")
        yield http


@pytest_asyncio.fixture(scope="session")
async def without_figures(_services: Services) -> str:
    """A key that audits and reads no figures."""
    return await key(_services, "audits:write")


class Counted(NamedTuple):
    """What metrics counts."""

    resolved: int
    overdue: int
    online: int
    received: int
    commune: str
    resolved_there: int


@pytest.fixture(scope="session")
def counted(_services: Services) -> Counted:
    """The figures of the district, and of one commune."""
    query = {**OURS, "by": "agency", "kpi": ["resolved", "resolved_overdue", "received_online", "received_new"]}
    metrics = _services.metrics
    answer: dict[str, Any] = httpx.get(f"{metrics.url}/v1/kpis", params=query, headers={"X-API-Key": metrics.key}).json()
    total = {kpi: one["numerator"] for kpi, one in answer["total"]["kpis"].items()}
    commune = next(row for row in answer["rows"] if row["kind"] == "commune" and row["kpis"]["resolved"]["numerator"] > 1)
    return Counted(
        resolved=total["resolved"],
        overdue=total["resolved_overdue"],
        online=total["received_online"],
        received=total["received_new"],
        commune=commune["name"]["vi"],
        resolved_there=commune["kpis"]["resolved"]["numerator"],
    )


def notice(counted: Counted) -> str:
    """A text with one wrong figure, that of the overdue dossiers."""
    rate = f"{100 * counted.online / counted.received:.2f}".replace(".", ",")
    return (
        f"Trong kỳ đã giải quyết {counted.resolved} hồ sơ. Giải quyết quá hạn {counted.overdue + 7} hồ sơ.\n"
        f"Tỷ lệ tiếp nhận trực tuyến đạt {rate}%.\n"
        f"{counted.commune} đã giải quyết {counted.resolved_there} hồ sơ. Xã Quỳnh Hội đã giải quyết 3 hồ sơ."
    )


def verdicts(audit: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What a comparison found, in the order of the text."""
    return [(one["verdict"], one["agency"], one["difference"]) for one in audit["comparison"]["figures"]]


def test_each_figure_is_beside_ours_and_opens_to_its_dossiers(
    client: httpx.Client, counted: Counted, services: Services
) -> None:
    sent = client.post("/v1/audits", params=OURS, json={"text": notice(counted)})
    assert sent.status_code == 201, sent.text
    found = sent.json()
    assert verdicts(found) == [
        ("same", None, None),
        ("different", None, -7),
        ("same", None, None),
        ("same", counted.commune, None),
        ("without_counterpart", None, None),
    ]
    comparison = found["comparison"]
    assert (comparison["position"], comparison["freshness"]["complete"]) == (services.position, True)
    figure = comparison["figures"][1]["ours"]["figures"][0]
    headers = {"X-API-Key": services.metrics.key}
    opened = httpx.get(f"{services.metrics.url}/v1/figures/{figure}", headers=headers, params={"limit": 10_000}).json()
    assert sum(one["contribution"] for one in opened["dossiers"]) == counted.overdue
    read = client.get(sent.headers["location"]).json()
    assert read["result"] == found["result"]
    assert (read["comparison"]["position"], read["comparison"]["figures"]) == (comparison["position"], comparison["figures"])


def test_later_the_figures_are_those_that_were_known_when_the_document_was_audited(
    client: httpx.Client, counted: Counted, services: Services
) -> None:
    sent = client.post("/v1/audits", json={"text": notice(counted)})
    assert sent.json()["comparison"] is None
    compared = client.get(sent.headers["location"], params=OURS).json()
    assert compared["comparison"]["position"] == services.position
    before = client.get(sent.headers["location"], params={**OURS, "as_of": "2001-01-01T00:00:00Z"}).json()
    assert before["comparison"]["position"] == 0
    assert {verdict for verdict, _, _ in verdicts(before)} <= {"different", "undecided", "without_counterpart"}
    assert not before["comparison"]["freshness"]["complete"]


def test_the_page_shows_both_with_the_difference_and_the_way_to_the_dossiers(client: httpx.Client, counted: Counted) -> None:
    sent = client.post("/v1/audits", params=OURS, json={"text": notice(counted)})
    page = client.get(sent.headers["location"], headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert "Beside our figures" in page
    assert "✗ different −7" in page
    assert counted.commune in page
    figure = sent.json()["comparison"]["figures"][1]["ours"]["figures"][0]
    assert re.search(rf'<a href="http://[^"]*/v1/figures/{re.escape(figure)}">open</a>', page)
    assert "no agency of ours is called" in page


def test_a_large_document_is_compared_once_the_worker_has_audited_it(client: httpx.Client, counted: Counted) -> None:
    body = notice(counted) + " " * auditing.SMALL
    sent = client.post("/v1/audits", params=OURS, content=body.encode(), headers={"Content-Type": "text/plain"})
    assert (sent.status_code, sent.json()["comparison"]) == (202, None)
    ended = until(lambda: client.get(sent.headers["location"]).json(), lambda read: read["state"] in ("audited", "failed"))
    assert [verdict for verdict, _, _ in verdicts(ended)][:3] == ["same", "different", "same"]


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ({"scope": "294"}, 422, "province"),
        ({"province": "30"}, 422, "period"),
        ({"province": "30", "from": "2023-02-01"}, 422, "period"),
        ({"province": "30", "period": "2023-Q9"}, 422, "2023-Q9"),
        ({**OURS, "scope": "no such"}, 404, "no such"),
        ({**OURS, "province": "31"}, 404, "31"),
    ],
)
def test_figures_that_cannot_be_compared_are_refused_and_nothing_is_stored(
    client: httpx.Client, query: dict[str, str], status: int, told: str
) -> None:
    sent = client.post("/v1/audits", params=query, json={"text": "Tiếp nhận 5 hồ sơ."})
    assert sent.status_code == status, sent.text
    assert told in sent.text
    assert "location" not in sent.headers


def test_a_key_without_figures_compares_nothing(client: httpx.Client, without_figures: str) -> None:
    without = {"X-API-Key": without_figures}
    for sent in (
        client.post("/v1/audits", params=OURS, json={"text": "Tiếp nhận 5 hồ sơ."}, headers=without),
        client.get("/v1/audits/1", params=OURS, headers=without),
    ):
        assert sent.status_code == 403
        assert "figures:read" in sent.json()["detail"]


def test_while_metrics_is_away_the_audit_is_had_without_the_comparison(
    services: Services, client: httpx.Client, counted: Counted
) -> None:
    sent = client.post("/v1/audits", json={"text": notice(counted)})
    services.proxy.failures = [500]
    assert client.get(sent.headers["location"], params=OURS).status_code == 503
    assert client.get(sent.headers["location"]).status_code == 200
    assert client.get(sent.headers["location"], params=OURS).status_code == 200


def test_the_command_compares_with_the_running_metrics(services: Services, counted: Counted, tmp_path: Path) -> None:
    (tmp_path / "notice.txt").write_text(notice(counted))
    words = [f"--{name}={value}" for name, value in OURS.items()]
    running = {"METRICS": services.metrics.url, "METRICS_API_KEY": services.metrics.key}

    def run(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "services.notices.audit", "notice.txt", *words],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    done = run(running)
    assert done.returncode == 0, done.stderr
    entry = json.loads(done.stdout)["notice.txt"]
    assert verdicts(entry)[:3] == [("same", None, None), ("different", None, -7), ("same", None, None)]
    alone = run({})
    assert (alone.returncode, len(alone.stderr.splitlines())) == (2, 1)
    assert "METRICS_API_KEY" in alone.stderr
