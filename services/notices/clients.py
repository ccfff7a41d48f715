"""Metrics as notices sees it: the KPIs of a scope, over HTTP."""

from __future__ import annotations

from typing import Self

import httpx
import msgspec

from services.notices.figures import Answer
from services.notices.inspection import Inspection
from shared.errors import Unavailable

_ANSWER = msgspec.json.Decoder(Answer)


class MetricsAway(Unavailable):
    """Metrics does not answer, or not as agreed."""

    type = "metrics-away"
    title = "Metrics does not answer"


class Metrics:
    """A client of metrics' read routes; one connection is kept, failures are `MetricsAway`."""

    def __init__(self, url: str, key: str) -> None:
        """`key` needs the scope figures:read."""
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            timeout=httpx.Timeout(30, connect=3),
            limits=httpx.Limits(max_connections=4),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def kpis(self, inspection: Inspection, kpis: tuple[str, ...], *, by: str, as_of: str | None) -> Answer:
        """The figures of an inspection's scope and period: in total, and in rows `by` agency or procedure."""
        params: list[tuple[str, str | int | float | bool | None]] = [
            ("stream", inspection.stream),
            ("scope", inspection.scope),
            ("from", inspection.period.start.isoformat()),
            ("to", inspection.period.end.isoformat()),
            ("by", by),
            *(("kpi", kpi) for kpi in kpis),
        ]
        if as_of is not None:
            params.append(("as_of", as_of))
        try:
            response = await self._client.get("/v1/kpis", params=params)
        except httpx.HTTPError as error:
            raise MetricsAway(f"Metrics is not reached ({type(error).__name__}). Check METRICS_URL.") from error
        if response.status_code != 200:
            raise MetricsAway(f"Metrics answered {response.status_code}: {_detail(response)}")
        try:
            return _ANSWER.decode(response.content)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise MetricsAway(
                f"The figures of metrics break the contract: {error}. Are both services of the same release?"
            ) from error


def _detail(response: httpx.Response) -> str:
    if response.status_code in (401, 403):
        return "METRICS_KEY needs the scope figures:read for this stream."
    try:
        return str(msgspec.json.decode(response.content)["detail"])[:500]
    except (msgspec.DecodeError, KeyError, TypeError):
        return "Look into its log."
