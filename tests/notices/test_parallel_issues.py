"""Many issue at once through the whole of it, numbered, rendered, signed and stored, while APIs are killed.

Each gets a number of its own, and the series has no gap. SIZE=full: a hundred.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest_asyncio

from deploy.local.services import Process
from services.notices.drafting.tables import notice
from tests.certificates import signing_settings
from tests.notices.conftest import Services
from tests.notices.test_issuing import approved, numbers
from tests.notices.test_life import ANY, approver
from tests.patience import PATIENCE
from tests.quick import FULL

NOTICES, EACH = (100, 7) if FULL else (4, 2)
"""How many are issued, and after how many of them an API is killed."""
_COPIED = ", ".join(one.name for one in notice.c if one.name != "id")
COPY = f"INSERT INTO notices.notice ({_COPIED}) SELECT {_COPIED} FROM notices.notice WHERE id = $1 RETURNING id"
STEPS = """
    INSERT INTO notices.notice_step
    SELECT $2::bigint, number, step, state, key_id, name, person, reason, text_revision, waived, decided_at
    FROM notices.notice_step WHERE notice_id = $1
"""


async def copies(services: Services, number: int, count: int) -> list[int]:
    """So many approved notices as that one, which nobody had to draft."""
    connection = await asyncpg.connect(services.database_url)
    try:
        made = [await connection.fetchval(COPY, number) for _ in range(count)]
        for one in made:
            await connection.execute(STEPS, number, one)
        return made
    finally:
        await connection.close()


class Office:
    """APIs that issue; of those that were killed another one takes the place."""

    def __init__(self, services: Services, settings: dict[str, Any]) -> None:
        self.kills = 0
        self._services, self._settings = services, settings
        self.apis = [self._started(), self._started()]

    def _started(self) -> Process:
        return self._services.processes.api("notices", database_url=self._services.database_url, **self._settings)

    async def kill_one(self) -> None:
        """Whatever it is doing."""
        killed = self.apis.pop(0)
        killed.kill()
        self.kills += 1
        self.apis.append(await asyncio.to_thread(self._started))

    async def issued(self, number: int, chief: dict[str, str]) -> dict[str, Any]:
        """A notice is issued, however often whoever issues it is cut off."""
        turn = number
        while True:
            turn += 1
            url = self.apis[turn % len(self.apis)].url
            try:
                async with httpx.AsyncClient(base_url=url, headers=chief | ANY, timeout=PATIENCE) as http:
                    response = await http.post(f"/v1/notices/{number}/issue")
                    if response.status_code == 409:  # it was issued by a request whose response was lost
                        response = await http.get(f"/v1/notices/{number}/issue")
                    if response.status_code == 200:
                        answer: dict[str, Any] = response.json()
                        return answer
                    assert response.status_code == 503, response.text
            except httpx.TransportError:
                await asyncio.sleep(0.05)


@pytest_asyncio.fixture
async def office(services: Services, tmp_path: Path) -> AsyncIterator[Office]:
    urls = {"metrics_url": services.proxy.url, "metrics_key": services.metrics.key}
    made = await asyncio.to_thread(Office, services, signing_settings(tmp_path) | urls)
    yield made
    for api in made.apis:
        api.kill()


async def test_many_issue_at_once_while_apis_are_killed_and_no_number_is_left_out_or_given_twice(
    services: Services, office: Office
) -> None:
    chief = await approver(services)
    number = await approved(services, chief)
    waiting = [number, *await copies(services, number, NOTICES - 1)]
    taken = {one["number"] for one in numbers(services)["numbers"]}
    answers: list[dict[str, Any]] = []
    for done in asyncio.as_completed([asyncio.create_task(office.issued(one, chief)) for one in waiting]):
        answers.append(await done)
        if len(answers) % EACH == 0 and len(answers) < NOTICES:
            await office.kill_one()
    assert office.kills == (NOTICES - 1) // EACH
    found = numbers(services)["numbers"]
    assert [one["number"] for one in found] == list(range(1, len(taken) + NOTICES + 1))
    assert len({one["reference"] for one in answers}) == len({one["code"] for one in answers}) == NOTICES
    new = {one["notice"]: f"{one['number']:02d}/TB-UBND" for one in found if one["number"] not in taken}
    assert new == {one["notice"]: one["reference"] for one in answers}
    digests = [one["digests"]["pdf"] for one in answers]
    assert len(set(digests)) == NOTICES
