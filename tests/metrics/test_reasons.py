"""Every reason why answers are not complete, made true and mended on real processes: told, and never a 304 of before."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import httpx

from deploy.local.services import Process
from services.metrics.provinces.shortfalls import SHORTFALLS
from shared.civil import civil_day
from tests.metrics.stack import AGENCY, PERIOD, PROCEDURE, Stack, kinds_in
from tests.patience import until

POLLED = {"province": "30", **PERIOD}
WORD = {"reason": "looked through in the office"}
OTHERS: dict[str, dict[str, Any]] = {
    "agencies": {**AGENCY, "code": "10814", "name_vi": "Xã Liên Hà", "name_en": "Lien Ha"},
    "procedures": {**PROCEDURE, "code": "1.004884", "name_vi": "Đăng ký lại khai sinh"},
}
"""What the catalogue does not know at first."""
LIST = "Mã hồ sơ,Ngày tiếp nhận,Mã đơn vị,Mã thủ tục\n"
PETITIONS = (
    "Mã PAKN,Cơ quan xử lý,Ngày tiếp nhận,Ngày xử lý,Ngày công khai\nPA-1,Xã Không Có,01/06/2023,05/06/2023,06/06/2023\n"
)
Act = Callable[["World"], Awaitable[object]]


@dataclass
class World:
    """The stack, and what is under way in it."""

    stack: Stack
    sending: list[asyncio.Task[httpx.Response]] = field(default_factory=list)
    end: asyncio.Event = field(default_factory=asyncio.Event)

    async def post(self, path: str, **words: Any) -> dict[str, Any]:
        answer = await self.stack.door.post(path, **words)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def connect(self, name: str, kind: str = "own", settings: dict[str, object] | None = None, **more: object) -> None:
        body = {"province": "30", "kind": kind, "settings": settings or {}, **more}
        (await self.stack.door.put(f"/v1/sources/{name}", json=body)).raise_for_status()

    async def event(self, code: str, source: str = "own-30", **facts: str) -> None:
        known = {"agency": AGENCY["code"], "procedure": PROCEDURE["code"]}
        at = {"at": "2023-06-15T09:00:00+07:00", "received_at": "2023-06-15T08:00:00+07:00"}
        event = {"code": code, "id": "1", "status": "processing", **at, **known, **facts}
        await self.post("/v1/events", params={"source": source}, json=[event])

    async def send_list(self, code: str) -> None:
        """A file whose rest is still to come."""

        async def pieces() -> AsyncIterator[bytes]:
            yield (LIST + f"{code},15/06/2023,{AGENCY['code']},{PROCEDURE['code']}\n" * 2_500).encode()
            await self.end.wait()

        headers = {"Content-Type": "text/csv"}
        post = self.stack.door.post("/v1/imports", params={"source": "lists"}, content=pieces(), headers=headers)
        self.sending.append(asyncio.create_task(post))

    async def number(self, of: str) -> int:
        found: int = (await self.stack.door.get(f"/v1/{of}")).json()[of][0]["id"]
        return found


async def run(url: str, statement: str) -> None:
    """Somebody writes to a database past its service."""
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


def send(process: Process, number: int) -> None:
    assert process.child is not None
    os.kill(process.child.pid, number)


def stop(process: str) -> Act:
    async def act(world: World) -> None:
        send(getattr(world.stack, process), signal.SIGSTOP)

    return act


def go_on(process: str) -> Act:
    async def act(world: World) -> None:
        send(getattr(world.stack, process), signal.SIGCONT)

    return act


async def nothing(world: World) -> None:
    """It is mended by the one before."""


def counting(statement: str) -> Act:
    return lambda world: run(world.stack.metrics_url, statement)


def coming(statement: str) -> Act:
    return lambda world: run(world.stack.ingest_url, statement)


async def a_portal_that_nobody_reaches(world: World) -> None:
    await world.connect("portal", "igate", {"base_url": "https://motcua.invalid", "without_token": True, "attempts": 1})

    async def attempts() -> int:
        found: int = (await world.stack.door.get("/v1/sources/portal")).json()["attempts"]
        return found

    await until(attempts, bool)


async def differs(world: World) -> None:
    made = (
        "WITH made AS (INSERT INTO ingest.reconciliation (source, province, from_on, to_on, state, finished_at, equal)"
        " VALUES ('portal', '30', '2023-01-01', '2023-06-30', 'complete', now(), false) RETURNING id)"
        " INSERT INTO ingest.difference (reconciliation, code, cause) SELECT id, 'H-1', 'told_otherwise' FROM made"
    )
    await run(world.stack.ingest_url, made)


async def agreed(world: World) -> None:
    await world.post("/v1/sources/portal/retire", json=WORD)
    await world.post(f"/v1/reconciliations/{await world.number('reconciliations')}/dismiss", json=WORD)


async def silent(world: World) -> None:
    await world.connect("quiet", expected_every_seconds=60)
    await run(world.stack.ingest_url, "UPDATE ingest.source SET created_at = '2020-01-01' WHERE name = 'quiet'")


async def read_otherwise(world: World) -> None:
    await world.connect("desk")
    await world.event("D-1", "desk")
    await world.connect("desk", settings={"codes": ["X-[0-9]+"]})


async def file_ends(world: World) -> None:
    world.end.set()
    assert (await world.sending.pop()).is_success


async def file_is_cut_off(world: World) -> None:
    world.end.clear()
    await world.send_list("L-2")
    await world.stack.until("30", lambda answer: "import_running" in kinds_in(answer))
    world.sending[-1].cancel()
    with suppress(asyncio.CancelledError):
        await world.sending.pop()


async def petitions_come(world: World) -> None:
    answer = await world.stack.watch.post(
        "/v1/petitions/files",
        params={"province": "30", "subject": "rule"},
        content=PETITIONS.encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert answer.json()["rejected"] == 1, answer.text


async def petitions_are_dismissed(world: World) -> None:
    (await world.stack.watch.post("/v1/petitions/rejected/dismiss", json={"province": "30", **WORD})).raise_for_status()


def catalogued(kind: str, row: Mapping[str, object], own: Mapping[str, object]) -> Act:
    async def act(world: World) -> None:
        answer = await world.stack.door.put(f"/v1/catalogue/30/{kind}", json={kind: [own, row]})
        assert answer.is_success, answer.text

    return act


LONGER = {**PROCEDURE, "limit": {"amount": 7, "unit": "working_days"}}


@dataclass(frozen=True)
class Case:
    """How a reason comes, and goes."""

    bring: Act = nothing
    mend: Act = nothing
    count: int = 1
    dated: bool = True
    """It is known since when."""
    asked: dict[str, str] | None = None
    """Of a query alone: what it asks beside the polled one."""


TODAY = civil_day(datetime.now(UTC))
AHEAD = date(TODAY.year + 1, 1, 31)
GROUPS: tuple[Mapping[str, Case], ...] = (
    {
        "quarantined": Case(
            lambda world: world.post("/v1/events", params={"source": "own-30"}, json=[{"code": "broken"}, {"code": "other"}]),
            lambda world: world.post("/v1/quarantine/dismiss", params={"province": "30"}, json=WORD),
            count=2,
        ),
        "agency_unmapped": Case(
            lambda world: world.event("U-1", agency=OTHERS["agencies"]["code"]),
            catalogued("agencies", OTHERS["agencies"], AGENCY),
            dated=False,
        ),
        "procedure_unmapped": Case(
            lambda world: world.event("U-2", procedure=OTHERS["procedures"]["code"]),
            catalogued("procedures", OTHERS["procedures"], PROCEDURE),
            dated=False,
        ),
        "source_silent": Case(silent, lambda world: world.connect("quiet")),
        "pull_unverified": Case(read_otherwise, lambda world: world.post("/v1/sources/desk/sent-again", json=WORD)),
        "petitions_rejected": Case(petitions_come, petitions_are_dismissed),
        "import_running": Case(lambda world: world.send_list("L-1"), file_ends),
        # Never read, so nobody knows since when.
        "source_missing": Case(
            a_portal_that_nobody_reaches, lambda world: world.post("/v1/sources/portal/dismiss", json=WORD), dated=False
        ),
        "reconciliation_gap": Case(differs, agreed),
    },
    {
        "import_interrupted": Case(
            file_is_cut_off,
            lambda world: imports_dismissed(world),
        )
    },
    {
        "worker_silent": Case(stop("worker"), go_on("worker")),
        # The lag of a frozen worker is measured by what ingest has, and not by what the worker read of it.
        "behind": Case(lambda world: world.event("B-1")),
        "sources_unknown": Case(counting("UPDATE metrics.province SET quality = 'null'"), dated=False),
        "recounting": Case(
            counting("UPDATE metrics.province SET counted_by = 'an earlier release'"),
            lambda world: world.stack.watch.post("/v1/rebuilds", params={"province": "30"}),
            dated=False,
        ),
    },
    {
        "ingest_worker_silent": Case(stop("ingest_worker"), go_on("ingest_worker")),
        "redating": Case(catalogued("procedures", OTHERS["procedures"], LONGER), count=0),
    },
    {"ingest_unreachable": Case(stop("ingest"), go_on("ingest"))},
    {
        "ingest_restored": Case(
            coming("UPDATE ingest.epoch SET epoch = gen_random_uuid()"),
            lambda world: world.stack.watch.post("/v1/provinces/30/resync"),
        )
    },
    {
        "nothing_counted": Case(asked={"as_of": "0"}, dated=False),
        "period_before_data": Case(asked={"from": "2023-06-10"}, count=5, dated=False),
        "period_not_over": Case(asked={"to": str(AHEAD)}, count=(AHEAD - TODAY).days, dated=False),
    },
)
"""Kinds of a group hold together for a while; each is mended before those that came before it. `count` 0: some."""


async def imports_dismissed(world: World) -> object:
    return await world.post(f"/v1/imports/{await world.number('imports')}/dismiss", json=WORD)


def told(answer: dict[str, Any], kind: str, case: Case) -> None:
    """The answer says all of this reason."""
    freshness = answer["freshness"]
    (reason,) = (one for one in freshness["reasons"] if one["kind"] == kind)
    (shortfall,) = (one for one in SHORTFALLS if one.kind == kind)
    assert freshness["complete"] is False
    assert reason["count"] == case.count if case.count else reason["count"] > 0, reason
    assert (reason["since"] is not None) is case.dated, reason
    assert reason["what_to_do"] == {"vi": shortfall.what_to_do.vi, "en": shortfall.what_to_do.en}


async def etag_of(stack: Stack) -> str:
    return str((await stack.watch.get("/v1/kpis", params=POLLED)).headers["etag"])


async def status(stack: Stack, etag: str) -> int:
    return (await stack.watch.get("/v1/kpis", params=POLLED, headers={"If-None-Match": etag})).status_code


async def answered_alone(stack: Stack) -> None:
    """What is polled again is answered while nobody can read the database or be asked."""
    connection = await asyncpg.connect(stack.metrics_url)
    try:
        for _ in range(20):  # what moves meanwhile is computed once
            etag = await etag_of(stack)
            async with connection.transaction():
                await connection.execute("LOCK TABLE metrics.province, metrics.agency_day, metrics.dossier_version")
                with suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        if await status(stack, etag) == 304:
                            return
        raise AssertionError("A repeat waits for the database.")
    finally:
        await connection.close()


async def gauged(stack: Stack, kinds: list[str], value: str) -> None:
    for kind in kinds:
        await stack.until_gauge(f'motcua_metrics_incomplete{{province="30",reason="{kind}"}} {value}')


def test_every_reason_has_its_case() -> None:
    assert sorted(kind for group in GROUPS for kind in group) == sorted(one.kind for one in SHORTFALLS)


async def test_each_reason_is_told_when_it_comes_and_gone_when_what_it_says_was_done(stack: Stack) -> None:
    world = World(stack)
    await stack.push("30", 1, 6)
    await stack.counted("30", 6)
    await stack.until("30", lambda answer: bool(answer["freshness"]["complete"]))
    await world.connect("lists", "files")
    for group in GROUPS:
        of_all = [kind for kind, case in group.items() if case.asked is None]
        for kind, case in group.items():
            etag = await etag_of(stack)
            await case.bring(world)
            if case.asked is not None:
                told((await stack.watch.get("/v1/kpis", params={**POLLED, **case.asked})).json(), kind, case)
                assert await status(stack, etag) == 304  # the polled period is another
                continue
            answer = await stack.until("30", lambda answer, kind=kind: kind in kinds_in(answer))  # type: ignore[misc]
            told(answer, kind, case)
            if kind == "ingest_unreachable":
                assert answer["freshness"]["behind"] is None
            assert await status(stack, etag) == 200, kind
        alerts = sorted(str(one.kind) for one in SHORTFALLS if one.kind in of_all and one.alerted and not one.alert_after)
        if of_all:
            await asyncio.gather(stack.until_alerts("30", alerts), gauged(stack, of_all, "1.0"))
            await answered_alone(stack)
        for kind in reversed(of_all):
            etag = await etag_of(stack)
            await group[kind].mend(world)
            if group[kind].mend is not nothing:
                await stack.until("30", lambda answer, kind=kind: kind not in kinds_in(answer))  # type: ignore[misc]
                assert await status(stack, etag) == 200, kind
        await stack.until("30", lambda answer: bool(answer["freshness"]["complete"]))
        if of_all:
            await stack.until_alerts("30", [])
    await gauged(stack, [one.kind for one in SHORTFALLS if not one.of_query], "0.0")
