"""The whole journey over REST: connect a portal, wait until it is counted, compare the figures, order the conclusion.

`make run` and `make demo` make the same journey. It stores no state: made again it continues from what the services have.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec

from deploy.demo import pushing, responses
from deploy.demo.client import Client, JourneyError
from deploy.demo.issuing import LATE_DOSSIER, Issuing
from deploy.demo.publishing import compare_published
from deploy.demo.revising import CONFIRMED, Revising
from deploy.demo.worlds import Figures, World, is_equal, written
from deploy.local.progress import Progress, Step
from shared.contracts.feed import Catalogue, Heads
from shared.contracts.kpis import WorkRow
from shared.contracts.previews import FigurePreview

Echo = Callable[[str], None]

_SETTLING = 15.0
"""Seconds to wait for complete figures before the conclusion is ordered nevertheless."""


@dataclass(frozen=True)
class Check:
    """Something that must hold after the journey."""

    name: str
    ok: bool
    detail: str


class Journey:
    """A journey through one world: call `make()`, then read `figures`, `checks`, `files` and `seconds`."""

    def __init__(
        self,
        url: Callable[[str], str],
        keys: Mapping[Any, str],
        world: World,
        *,
        out: Path,
        echo: Echo = print,
        progress: Progress | None = None,
        patience: float = 600.0,
    ) -> None:
        """`url` maps a service to its address, `keys` a service to its operator's key; documents are written into `out`.

        `progress` gets the steps (by default printed by `echo`); `patience` is in seconds, for the pull and for the conclusion.
        """
        self.world = world
        self.out = out
        self.position = 0
        self.figures: Figures = {}
        self.checks: list[Check] = []
        self.seconds: dict[str, float] = {}
        self.files: list[Path] = []
        self._drafted: responses.Notice | None = None
        self._echo = echo
        self._progress = progress or Progress(echo)
        self._patience = patience
        self._url = url
        self._ingest, self._metrics, self._notices = (
            Client(url(name), keys[name]) for name in ("ingest", "metrics", "notices")
        )

    @property
    def kpi_path(self) -> str:
        """Path and query at metrics of the figures behind the conclusion."""
        return f"/v1/kpis?{urlencode(self._query)}"

    @property
    def _query(self) -> dict[str, str]:
        world = self.world
        return {
            "province": world.province,
            "scope": world.scope,
            "from": world.begin.isoformat(),
            "to": world.end.isoformat(),
            "by": "agency",
        }

    def make(self) -> None:
        """Make the journey; raises `JourneyError` when a service refuses or stays away. Differing figures are failed checks."""
        with self._timed("connect", Step.connect):
            self._connect()
        with self._timed("pull_to_kpi", Step.pull):
            self._follow()
        with self._timed("compare", Step.compare):
            self._compare()
            self._disagreements()
            self._late_departments()
            if self.world.published:
                portal, province = self._url("portal"), self.world.province
                self._echo(compare_published(self._metrics, portal, province, self._check, patience=self._patience))
        with self._timed("conclude", Step.conclude):
            self._conclude()

    def preview(self) -> None:
        """Ask what a day off in the middle of the period would move: dossiers, figures, the conclusion. Changes nothing."""
        with self._timed("preview", Step.preview):
            world = self.world
            middle = world.begin + (world.end - world.begin) / 2
            day = middle + timedelta(days=(2 - middle.weekday()) % 7)  # a Wednesday
            told = {"day": day.isoformat(), "worked": False, "legal_basis": "Chạy thử", "known_from": world.begin.isoformat()}
            asked = self._ingest.post(f"/v1/catalogue/{world.province}/previews", {"days": [told]}, responses.Preview)
            path, query = f"/v1/catalogue-previews/{asked.id}", {**self._query}
            del query["by"]
            figures = self._metrics.when_ready(path, FigurePreview, **query)
            notices = self._notices.when_ready(path, responses.NoticePreview, province=world.province)
            preview = self._ingest.get(f"/v1/catalogue/{world.province}/previews/{asked.id}", responses.Preview)
        moved = len(figures.total.kpis) + sum(len(row.kpis) for row in figures.rows)
        self._echo(
            f"a day off on {day} would move {preview.dossiers:,} dossiers ({preview.due_dates:,} due dates), {moved} figures of"
            f" the period, and {notices.figures} figures that {len(notices.notices)} notices state"
        )
        same = preview.dossiers == figures.dossiers and notices.figures <= moved
        self._check("a preview tells dossiers, figures and notices alike", same, f"{moved} figures, {notices.figures} stated")

    def push(self) -> None:
        """Send a dossier with its steps in the national format, and check who was late, opened to the dossier."""
        if self.world.late_departments is None:
            return
        with self._timed("push", Step.push):
            self._ingest.put(
                f"/v1/sources/{pushing.SOURCE}", {"province": self.world.province, "kind": "national", "settings": {}}
            )
            for records in ([pushing.DOSSIER], pushing.STEPS):
                sent = self._ingest.post(f"/v1/national/{pushing.SOURCE}", records, responses.NationalReply)
                self._check("a record in the national format is taken", sent.error_code == 0, sent.message)
            self._await_counted()
            for by, expected in (("department", pushing.LATE_DEPARTMENTS), ("step", pushing.LATE_STEPS)):
                rows = [row for row in self._late_rows(by) if row.kpis["steps_overdue"].numerator]
                found = {row.name.vi: row.kpis["steps_overdue"].numerator for row in rows}
                self._check(f"whose pushed steps were late, by {by}", found == expected, f"expected {expected}; found {found}")
                for row in rows:
                    opened = self._metrics.get(f"/v1/figures/{row.kpis['steps_overdue'].figure}", responses.Opened)
                    listed = [(one.code, one.contribution) for one in opened.dossiers]
                    ok = listed == [(pushing.CODE, expected[row.name.vi])]
                    self._check(f"late steps of {row.name.vi} open to their dossiers", ok, str(listed))
            query = {"province": self.world.province, "scope": pushing.SCOPE, "kpi": "misrouted", **pushing.PERIOD}
            astray = self._metrics.get("/v1/kpis", responses.Kpis, **query).total.kpis["misrouted"].numerator
            self._check("the pushed dossier was misrouted", astray == pushing.MISROUTED, f"{astray} counted")

    def revise(self) -> None:
        """Edit a paragraph, compose the notice anew on the newest figures, check both, and leave its pages as pictures."""
        if self._drafted is not None:
            with self._timed("revise", Step.revise):
                revised = Revising(self._notices, self._drafted.id, self._check, patience=self._patience)
                revised.edit()
                revised.regenerate(self._counted())
                revised.leave_pages(self.out / "pages")

    def issue(self, person: str) -> None:
        """Approve, issue and verify the notice with a person's key; where dossiers can be sent, one comes late: correct it."""
        if self._drafted is None:
            return
        with self._timed("issue", Step.issue):
            number, decider = self._drafted.id, Client(self._url("notices"), person)
            issuing = Issuing(self._notices, decider, self._check, self.out, patience=self._patience)
            issued = issuing.issue(number, "issued.pdf")
            self.files.append(self.out / "issued.pdf")
            issuing.verify(issued, "issued.pdf")
            if self.world.late_departments is not None:
                before = self._counted()
                self._ingest.post(f"/v1/national/{pushing.SOURCE}", [LATE_DOSSIER], responses.NationalReply)
                self._await_counted()
                period = {name: value for name, value in self._query.items() if name != "by"}
                issuing.correct(number, issued, "issued.pdf", self._metrics, period, before)
                self.files.append(self.out / "corrected.pdf")

    def _await_counted(self) -> None:
        """Wait until what was sent is in the figures."""
        head = self._head()
        deadline = time.monotonic() + self._patience
        while self._counted() < head:
            if time.monotonic() > deadline:
                raise JourneyError(f"what was sent is not counted after {self._patience:.0f} s")
            time.sleep(0.05)

    def _late_rows(self, by: str) -> list[WorkRow]:
        query = {"province": self.world.province, "scope": pushing.SCOPE, "by": by, "kpi": "steps_overdue", **pushing.PERIOD}
        return self._metrics.get("/v1/kpis", responses.WorkKpis, **query).rows

    def _connect(self) -> None:
        world = self.world
        source = {
            "province": world.province,
            "kind": "igate",
            "settings": {"base_url": self._url("portal")},
            "secret": "PORTAL",
            "every_seconds": 10,
        }
        # 404 while the source is not connected yet.
        before = self._ingest.find("/v1/pulls", responses.Pulls, source=world.source, limit="1")
        self._pulls_before = before.pulls[0].id if before and before.pulls else 0
        # The catalogue comes before the first dossier, or every due date would be computed twice.
        known = self._ingest.find("/v1/catalogue", Catalogue, province=world.province)
        if known is None or not known.agencies:
            self._ingest.put(f"/v1/catalogue/{world.province}/agencies", {"agencies": world.agencies})
            if world.procedures:
                self._ingest.put(f"/v1/catalogue/{world.province}/procedures", {"procedures": world.procedures})
        self._ingest.put(f"/v1/sources/{world.source}", source)
        self._ingest.trigger(f"/v1/sources/{world.source}/pull")

    def _follow(self) -> None:
        """Wait until a pull that began after `_connect` is complete and all its versions are in the KPIs."""
        deadline = time.monotonic() + self._patience
        total: int | None = None
        while True:
            total = total or self._dossiers_of_portal()
            latest = self._ingest.get("/v1/pulls", responses.Pulls, source=self.world.source, limit="20").pulls
            ours = [one for one in latest if one.id > self._pulls_before]
            pull = next((one for one in ours if one.state == "complete"), None)
            head = self._head()
            counted = self._counted()
            if pull and counted >= head:
                break
            served = max((one.served for one in ours), default=0)
            share = (max(served, head) + counted) / (2 * total) if total else 0
            self._progress.advance(share, self._details(ours, head, counted))
            if time.monotonic() > deadline:
                details = self._details(ours, head, counted)
                raise JourneyError(f"the portal is not pulled after {self._patience:.0f} s: {details}")
            time.sleep(0.05)
        self._echo(f"all {pull.served:,} records of the portal are in the KPIs, {head:,} versions")
        self._check("the pull skipped nothing", bool(pull.verification), pull.verification or "not verified")
        for one in self._ingest.get("/v1/pulls", responses.Pulls, source=self.world.source, limit="500").pulls:
            fates = {name: getattr(one, name) for name in ("accepted", "known", "superseded", "quarantined")}
            detail = f"{one.served} served = " + " + ".join(f"{count} {name}" for name, count in fates.items())
            self._check(f"nothing of pull {one.id} was dropped", one.served == sum(fates.values()), detail)

    def _details(self, pulls: list[responses.Pull], head: int, counted: int) -> str:
        served = max((one.served for one in pulls), default=0)
        text = f"{served:,} records read, {head:,} versions in the feed, {counted:,} of them counted"
        failure = next((one.last_error for one in pulls if one.last_error), None)
        return f"{text} (the portal answered: {failure})" if failure and pulls[0].state == "failed" else text

    def _dossiers_of_portal(self) -> int | None:
        """How many dossiers the stand-in portal lists, for the progress in per cent; None while it is started again."""
        try:
            health = httpx.get(f"{self._url('portal')}/healthz").content
        except httpx.TransportError:
            return None
        return max(msgspec.json.decode(health, type=responses.PortalHealth).dossiers, 1)

    def _head(self) -> int:
        provinces = self._ingest.get("/v1/provinces", Heads).provinces
        return next((one.head for one in provinces if one.province == self.world.province), 0)

    def _counted(self) -> int:
        found = self._metrics.find("/v1/kpis", responses.Kpis, **{**self._query, "by": "none", "kpi": "received_new"})
        return found.position if found else 0

    def _compare(self) -> None:
        kpis = self._metrics.get("/v1/kpis", responses.Kpis, **self._query)
        self.position = kpis.position
        found = {self.world.scope: kpis.total.kpis} | {row.code or "": row.kpis for row in kpis.rows}
        # A row holds what an agency answers for itself; a question about it, all that is under it too.
        for code in self.world.expected:
            alone = {**self._query, "scope": code, "by": "none", "as_of": str(self.position)}
            found[code] = self._metrics.get("/v1/kpis", responses.Kpis, **alone).total.kpis
        parts = ("numerator", "denominator", "value")
        self.figures = {
            code: {kpi: {part: getattr(figure, part) for part in parts} for kpi, figure in figures.items()}
            for code, figures in found.items()
        }
        for code, figures in self.world.expected.items():
            differences = [
                f"{kpi}: expected {written(wanted)}, found {written(self.figures[code].get(kpi))}"
                for kpi, wanted in figures.items()
                if not is_equal(wanted, self.figures[code].get(kpi))
            ]
            self._check(f"the figures of {code}", not differences, "; ".join(differences) or f"all {len(figures)} as expected")
        self._check("the balances hold", kpis.balance.ok, str(kpis.balance.breaks or "all"))
        total = self.figures[self.world.scope]
        self._echo(
            "figures of the period: "
            + ", ".join(
                f"{name} {total[name]['value']:,}" for name in ("received_new", "carried_over", "resolved", "in_process")
            )
        )

    def _disagreements(self) -> None:
        """Print how many dossiers only the portal calls overdue, by cause, and check that the list is as long as the KPI."""
        query = {name: value for name, value in self._query.items() if name != "by"} | {"as_of": str(self.position)}
        lines: list[responses.Disagreement] = []
        following: dict[str, str] = {}
        while True:
            page = self._metrics.get("/v1/disagreements", responses.Disagreements, **query, **following)
            lines += page.dossiers
            if page.next_cursor is None:
                break
            following = {"cursor": page.next_cursor}
        listed = Counter(line.side for line in lines)
        total = self.figures[self.world.scope]
        for side, kpi in (("portal_only", "overdue_by_portal_only"), ("law_only", "overdue_by_law_only")):
            counted = total[kpi]["value"]
            detail = f"{listed[side]} in the list, {counted} counted"
            self._check(f"the list of dossiers overdue by one side alone ({side})", listed[side] == counted, detail)
        causes = Counter(line.cause for line in lines if line.side == "portal_only")
        by_cause = ", ".join(f"{cause} {count}" for cause, count in causes.most_common())
        self._echo(
            f"overdue as the software says: {total['overdue_by_portal']['value']:,}, of these not by law:"
            f" {listed['portal_only']:,} ({by_cause or 'none'}); overdue by law alone: {listed['law_only']:,}"
        )
        self._echo(f"overdue only by the software's calendar, which counts days off: {causes['days_off_counted']:,}")
        if self.world.disagreements is not None:
            wanted = ", ".join(f"{cause} {count}" for cause, count in sorted(self.world.disagreements.items()))
            got = ", ".join(f"{cause} {count}" for cause, count in sorted(causes.items()))
            self._check("why the software alone calls them overdue", got == wanted, f"expected {wanted}; found {got}")

    def _late_departments(self) -> None:
        """Check whose steps of the internal process were late, where the portal tells departments."""
        if self.world.late_departments is None:
            return
        query = {**self._query, "by": "department", "as_of": str(self.position), "kpi": "steps_overdue"}
        rows = self._metrics.get("/v1/kpis", responses.WorkKpis, **query).rows
        counted = {row.name.vi: row.kpis["steps_overdue"].numerator for row in rows if row.kpis["steps_overdue"].numerator}
        wanted, got = (
            ", ".join(f"{name} {count}" for name, count in sorted(one.items()))
            for one in (self.world.late_departments, counted)
        )
        self._echo(f"late steps of the internal process by department: {got or 'none'}")
        self._check("whose steps were late", got == wanted, f"expected {wanted}; found {got}")

    def _conclude(self) -> None:
        notice = self._notice()
        deadline = time.monotonic() + self._patience
        while notice.state in ("queued", "drafting"):
            if time.monotonic() > deadline:
                raise JourneyError(f"the conclusion is not made after {self._patience:.0f} s: see the notices worker's log")
            time.sleep(0.05)
            notice = self._notices.get(f"/v1/notices/{notice.id}", responses.Notice)
        if notice.state == "draft":
            self._drafted = self._notices.get(f"/v1/notices/{notice.id}", responses.Notice)
        self._check("the conclusion is made", notice.state == "draft", notice.error or notice.state)
        if notice.state != "draft":
            return
        broken = [check for check in notice.checks if not check.ok]
        self._check("the arithmetic of the conclusion", not broken, str(broken or "all equations hold"))
        self._check("the conclusion stands on these figures", notice.position == self.position, f"position {notice.position}")
        self.out.mkdir(parents=True, exist_ok=True)
        for part, name in (
            ("document.docx", "conclusion.docx"),
            ("document.pdf", "conclusion.pdf"),
            ("annexes.xlsx", "annexes.xlsx"),
        ):
            path = self.out / name
            path.write_bytes(self._notices.file(f"/v1/notices/{notice.id}/{part}"))
            self.files.append(path)

    def _notice(self) -> responses.Notice:
        """The newest notice about the world's inspection at this position; ordered when there is none."""
        for notice in self._notices.get("/v1/notices", responses.Notices, province=self.world.province).notices:
            if notice.position == self.position:
                return self._notices.get(f"/v1/notices/{notice.id}", responses.Notice)
        self._await_completeness()
        inspection = self._notices.post("/v1/inspections", self.world.inspection, responses.Inspection)
        if self.world.evidence is not None:
            self._notices.patch(f"/v1/inspections/{inspection.id}/evidence", self.world.evidence)
        path, order = f"/v1/inspections/{inspection.id}/notices", {"as_of": self.position}
        ordered = self._notices.post_or_conflict(path, order, responses.Notice, responses.Unconfirmed)
        if isinstance(ordered, responses.Notice):
            return ordered
        # Incomplete figures are confirmed here; the conclusion states why they are incomplete.
        self._echo("the conclusion states about its figures: " + "; ".join(reason.detail for reason in ordered.reasons))
        confirmed = {"confirm": [reason.kind for reason in ordered.reasons], "reason": CONFIRMED}
        return self._notices.post(path, order | confirmed, responses.Notice)

    def _await_completeness(self) -> None:
        """Wait a little for complete figures: metrics checks only at intervals whether a source is late."""
        deadline = time.monotonic() + _SETTLING
        query = {**self._query, "by": "none", "kpi": "received_new"}
        while time.monotonic() < deadline and not self._metrics.get("/v1/kpis", responses.Kpis, **query).freshness.complete:
            time.sleep(0.2)

    def _check(self, name: str, ok: bool, detail: str) -> None:
        self.checks.append(Check(name, ok, detail))

    @contextmanager
    def _timed(self, name: str, step: Step) -> Iterator[None]:
        self._progress.begin(step)
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 3)
