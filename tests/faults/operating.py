"""The one who operates the stack while it storms: connects the portal, looks how far things are, reconciles; all patiently."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import httpx

from deploy.local.stack import Stack, StackError

SOURCE = "storm"


class Operator:
    """Speaks to the APIs with the operator's keys, and again while they are away."""

    def __init__(self, stack: Stack, province: str) -> None:
        """`stack` is watched over while an answer is waited for."""
        self._stack = stack
        self._province = province
        self._http = httpx.Client(timeout=60)

    def await_portal(self, seconds: float = 120.0) -> None:
        """The stack does not wait for its portal, whose ledger may be large."""
        ends = time.monotonic() + seconds
        while True:
            try:
                self._clock()
                return
            except httpx.TransportError as error:
                if time.monotonic() > ends:
                    raise StackError(f"the portal is not up after {seconds:.0f} s") from error
            self._stack.watch()
            time.sleep(0.1)

    def give(self, agencies: list[dict[str, Any]], procedures: list[dict[str, Any]]) -> None:
        """Give the catalogue."""
        self._ask("PUT", "ingest", f"/v1/catalogue/{self._province}/agencies", json={"agencies": agencies})
        self._ask("PUT", "ingest", f"/v1/catalogue/{self._province}/procedures", json={"procedures": procedures})

    def connect(self, settings: dict[str, Any], *, every_seconds: float) -> None:
        """Connect the stack's portal, or change how it is read."""
        body = {
            "province": self._province,
            "kind": "igate",
            "settings": {"base_url": self._stack.url("portal"), **settings},
            "secret": "PORTAL",
            "every_seconds": every_seconds,
        }
        self._ask("PUT", "ingest", f"/v1/sources/{SOURCE}", json=body)

    def run_the_clock(self, speed: float) -> int:
        """Lets the portal's time pass at this speed from now on; the portal's instant now."""
        return self._clock(speed=speed)

    def skip(self, seconds: int) -> int:
        """Lets so much of the portal's time pass at once; the portal's instant after it."""
        return self._clock(skip_seconds=seconds)

    def reconcile(self, first: date, last: date) -> int:
        """Order a comparison of the portal's totals with ours; its number."""
        days = {"from": first.isoformat(), "to": last.isoformat()}
        return int(self._ask("POST", "ingest", f"/v1/sources/{SOURCE}/reconcile", json=days)["id"])

    def reconciliation(self, number: int) -> dict[str, Any]:
        """How it went."""
        return self._ask("GET", "ingest", f"/v1/reconciliations/{number}")

    def last_pull(self) -> int:
        """The number of the newest pull."""
        return max((one["id"] for one in self._pulls()), default=0)

    def first_pass_is_over(self) -> bool:
        """Whether the portal's list was read whole and that was proven; asked once, so an API that is away says no."""
        source = self._glance(f"/v1/sources/{SOURCE}")
        return source is not None and bool((source["cursor"] or {}).get("since"))

    def stored(self) -> tuple[int, int] | None:
        """The newest pull that has stored a page, and its pages; None where there is none, or the API is away."""
        seen = self._glance("/v1/pulls", source=SOURCE, limit=5)
        pulls = seen["pulls"] if seen is not None else []
        return next(((one["id"], one["pages"]) for one in pulls if one["pages"]), None)

    def read_to_the_end(self, *, after: int) -> bool:
        """Whether a pull that began after pull number `after` is complete."""
        return any(one["state"] == "complete" and one["id"] > after for one in self._pulls())

    def all_counted(self) -> bool:
        """Whether all of the feed is in the figures."""
        return self._counted() >= self._head()

    def state(self) -> str:
        """Where things are, for the one who has waited too long."""
        names = ("id", "state", "seconds", "pages", "calls", "served", "last_error")
        pulls = [{name: one[name] for name in names} for one in self._pulls()[:3]]
        return f"feed at {self._head()}, counted {self._counted()}, pulls {pulls}"

    def _clock(self, **change: float) -> int:
        answer = self._http.post(f"{self._stack.url('portal')}/_truth/clock", json=change)
        return int(answer.json()["now"])

    def _glance(self, path: str, **params: Any) -> dict[str, Any] | None:
        """An answer of ingest, asked for once."""
        headers = {"Authorization": f"Bearer {self._stack.keys.operator['ingest']}"}
        try:
            answer = self._http.get(self._stack.url("ingest") + path, params=params, headers=headers, timeout=1)
        except httpx.TransportError:
            return None
        seen: dict[str, Any] = answer.json()
        return seen if answer.is_success else None

    def _pulls(self) -> list[dict[str, Any]]:
        pulls: list[dict[str, Any]] = self._ask("GET", "ingest", "/v1/pulls", params={"source": SOURCE, "limit": 20})["pulls"]
        return pulls

    def _head(self) -> int:
        provinces = self._ask("GET", "ingest", "/v1/provinces")["provinces"]
        return next((int(one["head"]) for one in provinces if one["province"] == self._province), 0)

    def _counted(self) -> int:
        question = {"province": self._province, "from": "2022-01-01", "to": "2022-01-01", "kpi": "received_new"}
        return int(self._ask("GET", "metrics", "/v1/kpis", params=question)["position"])

    def _ask(self, method: str, service: str, path: str, **request: Any) -> dict[str, Any]:
        key = self._stack.keys.operator[service]  # type: ignore[index]
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = self._http.request(
                    method, self._stack.url(service) + path, headers={"Authorization": f"Bearer {key}"}, **request
                )
                if answer.is_success:
                    body: dict[str, Any] = answer.json()
                    return body
                reason = f"{answer.status_code} {answer.text[:300]}"
            except httpx.TransportError as error:
                reason = repr(error)
            if time.monotonic() > deadline:
                raise StackError(f"{method} {service}{path} fails: {reason}")
            self._stack.watch()
            time.sleep(0.05)
