"""The whole journey over REST: connect a portal, see it pulled and counted, compare the figures, have the conclusion made.

`make run` and `make demo` make the same one. It holds no state of its own: made again it goes on from what it finds.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from deploy.demo import answers
from deploy.demo.worlds import Figure, Figures, World
from shared.contracts.feed import Catalogue, Heads

T = TypeVar("T")
C = TypeVar("C")
Say = Callable[[str], None]

_PATIENCE = 60.0
"""Seconds for which a service may be away before the journey gives up on it."""

_SETTLING = 15.0
"""Seconds after which figures that are not complete are concluded from all the same."""


class JourneyError(Exception):
    """The journey cannot go on; the message is one sentence."""


@dataclass(frozen=True)
class Check:
    """Something that must hold after the journey."""

    name: str
    ok: bool
    detail: str


class Journey:
    """One journey through one world. `make()` it, then read what it found."""

    def __init__(
        self,
        url: Callable[[str], str],
        keys: Mapping[Any, str],
        world: World,
        *,
        out: Path,
        say: Say = print,
        patience: float = 600.0,
    ) -> None:
        """`url` gives a service's address, `keys` its operator's key; `out` takes the documents; `patience` is for the pull."""
        self.world = world
        self.out = out
        self.position = 0
        self.figures: Figures = {}
        self.checks: list[Check] = []
        self.seconds: dict[str, float] = {}
        self.files: list[Path] = []
        self._say = say
        self._patience = patience
        self._url = url
        self._ingest, self._metrics, self._notices = (
            _Client(url(name), keys[name]) for name in ("ingest", "metrics", "notices")
        )

    @property
    def kpi_url(self) -> str:
        """The question whose answer the conclusion rests on."""
        return f"{self._url('metrics')}/v1/kpis?{urlencode(self._question)}"

    @property
    def _question(self) -> dict[str, str]:
        world = self.world
        return {
            "province": world.province,
            "scope": world.scope,
            "from": world.begin.isoformat(),
            "to": world.end.isoformat(),
            "by": "agency",
        }

    def make(self) -> None:
        """All of it; raises `JourneyError` when a service refuses or stays away. Figures that differ are failed checks."""
        with self._timed("connect"):
            self._connect()
        with self._timed("pull_to_kpi"):
            self._follow()
        with self._timed("compare"):
            self._compare()
            self._disagreements()
        with self._timed("conclude"):
            self._conclude()

    def _connect(self) -> None:
        world = self.world
        source = {
            "province": world.province,
            "kind": "igate",
            "settings": {"base_url": self._url("portal")},
            "secret": "PORTAL",
            "every_seconds": 10,
        }
        # Nothing where the source is not connected yet.
        before = self._ingest.find("/v1/pulls", answers.Pulls, source=world.source, limit="1")
        self._pulls_before = before.pulls[0].id if before and before.pulls else 0
        # The catalogue before the first dossier: the other way round every dossier would have to be dated twice.
        known = self._ingest.find("/v1/catalogue", Catalogue, province=world.province)
        if known is None or not known.agencies:
            self._ingest.put(f"/v1/catalogue/{world.province}/agencies", world.agencies)
            if world.procedures:
                self._ingest.put(f"/v1/catalogue/{world.province}/procedures", world.procedures)
        self._ingest.put(f"/v1/sources/{world.source}", source)
        self._ingest.order(f"/v1/sources/{world.source}/pull")

    def _follow(self) -> None:
        """Waits until a pull that began after us is complete and its last version is in the KPIs."""
        deadline = time.monotonic() + self._patience
        told, pull, head = 0.0, None, 0
        while True:
            latest = self._ingest.get("/v1/pulls", answers.Pulls, source=self.world.source, limit="20").pulls
            ours = [one for one in latest if one.id > self._pulls_before]
            pull = next((one for one in ours if one.state == "complete"), None)
            head = self._head()
            counted = self._counted()
            if pull and counted >= head:
                break
            if time.monotonic() - told > 1.0:
                told = time.monotonic()
                self._say(self._progress(ours, head, counted))
            if time.monotonic() > deadline:
                raise JourneyError(
                    f"the portal is not pulled after {self._patience:.0f} s: {self._progress(ours, head, counted)}"
                )
            time.sleep(0.05)
        self._say(f"all {pull.served:,} records of the portal are in the KPIs, {head:,} versions")
        self._hold("the pull is proven whole", bool(pull.proof), pull.proof or "no proof")
        for one in self._ingest.get("/v1/pulls", answers.Pulls, source=self.world.source, limit="500").pulls:
            fates = {name: getattr(one, name) for name in ("accepted", "known", "superseded", "quarantined")}
            detail = f"{one.served} served = " + " + ".join(f"{count} {name}" for name, count in fates.items())
            self._hold(f"nothing of pull {one.id} was dropped", one.served == sum(fates.values()), detail)

    def _progress(self, pulls: list[answers.Pull], head: int, counted: int) -> str:
        served = max((one.served for one in pulls), default=0)
        text = f"  {served:>9,} records read, {head:>9,} versions in the feed, {counted:>9,} of them counted"
        failure = next((one.last_error for one in pulls if one.last_error), None)
        return f"{text} (the portal said: {failure})" if failure and pulls[0].state == "failed" else text

    def _head(self) -> int:
        provinces = self._ingest.get("/v1/provinces", Heads).provinces
        return next((one.head for one in provinces if one.province == self.world.province), 0)

    def _counted(self) -> int:
        found = self._metrics.find("/v1/kpis", answers.Kpis, **{**self._question, "by": "none", "kpi": "received_new"})
        return found.position if found else 0

    def _compare(self) -> None:
        kpis = self._metrics.get("/v1/kpis", answers.Kpis, **self._question)
        self.position = kpis.position
        found = {self.world.scope: kpis.total.kpis} | {row.code or "": row.kpis for row in kpis.rows}
        # A row holds what an agency answers for itself; a question about it, all that is under it too.
        for code in self.world.expected:
            alone = {**self._question, "scope": code, "by": "none", "as_of": str(self.position)}
            found[code] = self._metrics.get("/v1/kpis", answers.Kpis, **alone).total.kpis
        parts = ("numerator", "denominator", "value")
        self.figures = {
            code: {kpi: {part: getattr(figure, part) for part in parts} for kpi, figure in figures.items()}
            for code, figures in found.items()
        }
        for code, figures in self.world.expected.items():
            differences = [
                f"{kpi}: expected {_written(wanted)}, found {_written(self.figures[code].get(kpi))}"
                for kpi, wanted in figures.items()
                if not _equal(wanted, self.figures[code].get(kpi))
            ]
            self._hold(f"the figures of {code}", not differences, "; ".join(differences) or f"all {len(figures)} as expected")
        self._hold("the balances hold", kpis.balance.ok, str(kpis.balance.breaks or "all"))
        total = self.figures[self.world.scope]
        self._say(
            "figures of the period: "
            + ", ".join(
                f"{name} {total[name]['value']:,}" for name in ("received_new", "carried_over", "resolved", "in_process")
            )
        )

    def _disagreements(self) -> None:
        """Tells how many dossiers are overdue by the software alone, and why; the list must be as long as the KPIs say."""
        question = {name: value for name, value in self._question.items() if name != "by"} | {"as_of": str(self.position)}
        lines: list[answers.Disagreement] = []
        following: dict[str, str] = {}
        while True:
            page = self._metrics.get("/v1/disagreements", answers.Disagreements, **question, **following)
            lines += page.dossiers
            if page.next_cursor is None:
                break
            following = {"cursor": page.next_cursor}
        listed = Counter(line.side for line in lines)
        total = self.figures[self.world.scope]
        for side, kpi in (("portal_only", "overdue_by_portal_only"), ("law_only", "overdue_by_law_only")):
            counted = total[kpi]["value"]
            detail = f"{listed[side]} in the list, {counted} counted"
            self._hold(f"the list of dossiers overdue by one side alone ({side})", listed[side] == counted, detail)
        causes = Counter(line.cause for line in lines if line.side == "portal_only")
        by_cause = ", ".join(f"{cause} {count}" for cause, count in causes.most_common())
        self._say(
            f"overdue as the software says: {total['overdue_by_portal']['value']:,}, of these not by law:"
            f" {listed['portal_only']:,} ({by_cause or 'none'}); overdue by law alone: {listed['law_only']:,}"
        )
        self._say(f"overdue only by the software's calendar, which counts days off: {causes['days_off_counted']:,}")
        if self.world.disagreements is not None:
            wanted = ", ".join(f"{cause} {count}" for cause, count in sorted(self.world.disagreements.items()))
            got = ", ".join(f"{cause} {count}" for cause, count in sorted(causes.items()))
            self._hold("why the software alone calls them overdue", got == wanted, f"expected {wanted}; found {got}")

    def _conclude(self) -> None:
        notice = self._notice()
        deadline = time.monotonic() + self._patience
        while notice.state in ("queued", "drafting"):
            if time.monotonic() > deadline:
                raise JourneyError(
                    f"the conclusion is not made after {self._patience:.0f} s: see the log of the notices worker"
                )
            time.sleep(0.05)
            notice = self._notices.get(f"/v1/notices/{notice.id}", answers.Notice)
        self._hold("the conclusion is made", notice.state == "draft", notice.error or notice.state)
        if notice.state != "draft":
            return
        broken = [check for check in notice.checks if not check.ok]
        self._hold("the arithmetic of the conclusion", not broken, str(broken or "all equations hold"))
        self._hold("the conclusion stands on these figures", notice.position == self.position, f"position {notice.position}")
        self.out.mkdir(parents=True, exist_ok=True)
        for part, name in (
            ("document.docx", "conclusion.docx"),
            ("document.pdf", "conclusion.pdf"),
            ("annexes.xlsx", "annexes.xlsx"),
        ):
            path = self.out / name
            path.write_bytes(self._notices.file(f"/v1/notices/{notice.id}/{part}"))
            self.files.append(path)

    def _notice(self) -> answers.Notice:
        """The newest notice of this world's inspection at this position, which is ordered when there is none."""
        for notice in self._notices.get("/v1/notices", answers.Notices, province=self.world.province).notices:
            if notice.position == self.position:
                return self._notices.get(f"/v1/notices/{notice.id}", answers.Notice)
        self._await_completeness()
        inspection = self._notices.post("/v1/inspections", self.world.inspection, answers.Inspection)
        path, order = f"/v1/inspections/{inspection.id}/notices", {"as_of": self.position}
        ordered = self._notices.offer(path, order, answers.Notice, answers.Unconfirmed)
        if isinstance(ordered, answers.Notice):
            return ordered
        # A portal that is not read whole yet keeps the journey from no conclusion: the conclusion says so, and so do we.
        self._say("the conclusion says of its figures: " + "; ".join(reason.detail for reason in ordered.reasons))
        confirmed = {"confirm": [reason.kind for reason in ordered.reasons], "reason": "Kết luận của lần chạy thử"}
        return self._notices.post(path, order | confirmed, answers.Notice)

    def _await_completeness(self) -> None:
        """Waits a little for figures that metrics calls complete: it asks only now and then whether a source is late."""
        deadline = time.monotonic() + _SETTLING
        question = {**self._question, "by": "none", "kpi": "received_new"}
        while time.monotonic() < deadline and not self._metrics.get("/v1/kpis", answers.Kpis, **question).freshness.complete:
            time.sleep(0.2)

    def _hold(self, name: str, ok: bool, detail: str) -> None:
        self.checks.append(Check(name, ok, detail))

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[step] = round(time.monotonic() - began, 3)


class _Client:
    """A service as the operator sees it; a service that is away for a moment is asked again."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    def get(self, path: str, kind: type[T], **params: str) -> T:
        return msgspec.json.decode(self._ask("GET", path, params=params).content, type=kind)

    def find(self, path: str, kind: type[T], **params: str) -> T | None:
        """Like `get`, None where there is nothing (yet)."""
        response = self._ask("GET", path, params=params, accepted=(404,))
        return None if response.status_code == 404 else msgspec.json.decode(response.content, type=kind)

    def put(self, path: str, body: object) -> None:
        self._ask("PUT", path, body=msgspec.json.encode(body))

    def order(self, path: str) -> None:
        """Like `post`, with nothing to say and nothing to hear."""
        self._ask("POST", path)

    def post(self, path: str, body: object, kind: type[T]) -> T:
        return msgspec.json.decode(self._ask("POST", path, body=msgspec.json.encode(body)).content, type=kind)

    def offer(self, path: str, body: object, kind: type[T], conflict: type[C]) -> T | C:
        """Like `post`; a conflict is an answer too."""
        response = self._ask("POST", path, accepted=(409,), body=msgspec.json.encode(body))
        if response.status_code == 409:
            return msgspec.json.decode(response.content, type=conflict)
        return msgspec.json.decode(response.content, type=kind)

    def file(self, path: str) -> bytes:
        return self._ask("GET", path).content

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        accepted: tuple[int, ...] = (),
    ) -> httpx.Response:
        headers = None if body is None else {"Content-Type": "application/json"}
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                response = self._http.request(method, path, params=params, content=body, headers=headers)
            except httpx.TransportError as error:
                reason = f"{type(error).__name__}"
            else:
                if response.is_success or response.status_code in accepted:
                    return response
                reason = f"{response.status_code}: {response.text[:500]}"
                if response.status_code < 500:
                    raise JourneyError(f"{method} {response.url} was refused with {reason}")
            if time.monotonic() > deadline:
                raise JourneyError(f"{method} {self._http.base_url}{path} fails for {_PATIENCE:.0f} s with {reason}")
            time.sleep(0.1)


def _equal(wanted: Figure, found: Figure | None) -> bool:
    return found is not None and all(wanted[part] == found[part] for part in ("numerator", "denominator", "value"))


def _written(figure: Figure | None) -> str:
    if figure is None:
        return "nothing"
    whole = f"/{figure['denominator']}" if figure["denominator"] is not None else ""
    return f"{figure['numerator']}{whole}"
