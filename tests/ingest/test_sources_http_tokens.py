"""Tokens of portals are shared and renewed, and a portal that is down is not asked."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from services.ingest.sources.errors import (
    SourceAway,
    SourceRefuses,
    SourceUnreadable,
)
from services.ingest.sources.http.client import Credentials, PortalClient
from services.ingest.sources.http.rate_limits import Breaker, Limits
from tests.ingest.portal_client import GOOD, HTML, TOKEN, Time, asked, client, parsed
from tests.ingest.portals import Reply, Scripted, answer, secret_for


class TestTokens:
    @staticmethod
    def credentials(url: str) -> Credentials:
        return Credentials(token_path="/token", client_id="motcua", secret=secret_for(url, "s3cret"))

    async def _ask(self, script: Scripted, times: int = 1, time: Time | None = None, **limits: Any) -> PortalClient:
        async with script.serving() as url:
            one = client(url, time, self.credentials(url), **limits)
            try:
                for _ in range(times):
                    await one.fetch("/x", {}, parsed)
            finally:
                await one.close()
            return one

    async def test_a_token_is_fetched_once_and_shown_with_every_call(self) -> None:
        script = Scripted([TOKEN, GOOD])
        await self._ask(script, times=3)
        assert [target for _, target, _, _ in script.asked] == ["/token", "/x", "/x", "/x"]
        assert script.asked[0][3] == b"grant_type=client_credentials&client_id=motcua&client_secret=s3cret"
        assert {headers["authorization"] for _, _, headers, _ in script.asked[1:]} == {"Bearer one"}

    async def test_a_token_is_renewed_before_it_expires(self) -> None:
        time = Time()
        script = Scripted([TOKEN, GOOD, TOKEN, GOOD])
        async with script.serving() as url:
            one = client(url, time, self.credentials(url))
            await one.fetch("/x", {}, parsed)
            time.at += 299
            await one.fetch("/x", {}, parsed)
            await one.close()
        assert [target for _, target, _, _ in script.asked] == ["/token", "/x", "/token", "/x"]
        assert one.calls["401"] == 0

    @pytest.mark.parametrize(
        ("written", "seconds"), [('"300"', 300), ("300.0", 300), ('"soon"', 60), ("null", 60), ("-1", 60), ('"NaN"', 60)]
    )
    async def test_how_long_a_token_lives_is_read_as_a_number_or_a_text(self, written: str, seconds: float) -> None:
        time = Time()
        token = answer(200, f'{{"access_token":"one","expires_in":{written}}}'.encode())
        script = Scripted([token, GOOD, GOOD, token, GOOD])
        async with script.serving() as url:
            one = client(url, time, self.credentials(url))
            for later in (0, seconds * 0.8, seconds * 0.2):
                time.at += later
                await one.fetch("/x", {}, parsed)
            await one.close()
        assert [target for _, target, _, _ in script.asked] == ["/token", "/x", "/x", "/token", "/x"]

    async def test_a_token_revoked_in_the_middle_is_renewed_and_the_call_repeated(self) -> None:
        two = answer(200, b'{"access_token":"two","expires_in":300}')
        script = Scripted([TOKEN, GOOD, answer(401), two, GOOD])
        one = await self._ask(script, times=2)
        assert script.asked[-1][2]["authorization"] == "Bearer two"
        assert one.breaker.failures == 0

    async def test_a_fresh_token_that_is_refused_is_a_matter_of_rights(self) -> None:
        script = Scripted([TOKEN, answer(401)] * 3)
        with pytest.raises(SourceRefuses, match="rights"):
            await self._ask(script)

    @pytest.mark.parametrize("status", [400, 401, 403])
    async def test_wrong_credentials_are_said_and_never_shown(self, status: int) -> None:
        with pytest.raises(SourceRefuses) as caught:
            await self._ask(Scripted([answer(status)]))
        assert "secret" in str(caught.value)
        assert "s3cret" not in str(caught.value)

    async def test_a_token_route_that_fails_is_asked_again_like_any_other(self) -> None:
        script = Scripted([answer(503), HTML, answer(200, b"[]"), TOKEN, GOOD])
        one = await self._ask(script)
        assert one.calls["ok"] == 1

    async def test_calls_at_once_share_one_renewal(self) -> None:
        script = Scripted([TOKEN, GOOD])
        async with script.serving() as url:
            one = client(url, None, self.credentials(url), concurrency=5)
            await asyncio.gather(*(one.fetch("/x", {}, parsed) for _ in range(5)))
            await one.close()
        assert [target for _, target, _, _ in script.asked].count("/token") == 1

    async def test_a_token_that_no_header_may_hold_is_refused(self) -> None:
        with pytest.raises(SourceUnreadable, match="token"):
            await self._ask(Scripted([answer(200, b'{"access_token":"a\\r\\nx: y","expires_in":300}')]))


class TestBreaker:
    def test_it_opens_after_failures_in_a_row_and_says_for_how_long(self) -> None:
        time = Time()
        breaker = Breaker(Limits(breaker_failures=3, breaker_seconds=30), time.now)
        for _ in range(2):
            breaker.failed("5xx")
        breaker.succeeded()
        for _ in range(3):
            breaker.admit()
            breaker.failed("5xx")
        assert breaker.state == "open"
        with pytest.raises(SourceAway, match="3 times in a row") as caught:
            breaker.admit()
        assert caught.value.again_after == pytest.approx(30)

    def test_one_probe_closes_it_or_opens_it_for_twice_as_long(self) -> None:
        time = Time()
        breaker = Breaker(Limits(breaker_failures=1, breaker_seconds=30), time.now)
        breaker.failed("time-out")
        time.at += 31
        breaker.admit()
        assert breaker.state == "half_open"
        with pytest.raises(SourceAway):
            breaker.admit()
        breaker.failed("time-out")
        time.at += 31
        with pytest.raises(SourceAway):
            breaker.admit()
        time.at += 30
        breaker.admit()
        breaker.succeeded()
        assert breaker.report()["state"] == "closed"
        assert breaker.report()["failures"] == 0

    def test_its_state_outlives_the_process(self) -> None:
        time = Time()
        limits = Limits(breaker_failures=1, breaker_seconds=30)
        before = Breaker(limits, time.now)
        before.failed("connection")
        after = Breaker(limits, time.now, json.loads(json.dumps(before.report())))
        with pytest.raises(SourceAway):
            after.admit()
        time.at += 31
        after.admit()

    async def test_a_portal_that_says_too_many_is_not_held_for_dead(self) -> None:
        _, one, _ = await asked([answer(429, retry_after="0")] * 5 + [GOOD], breaker_failures=2)
        assert one.breaker.state == "closed"

    @pytest.mark.parametrize("reply", [answer(429, retry_after="0"), answer(401)])
    async def test_a_probe_that_is_answered_at_all_ends_the_half_open_state(self, reply: Reply) -> None:
        script = Scripted([answer(500), reply, GOOD])
        time = Time()
        async with script.serving() as url:
            one = client(url, time, breaker_failures=1, breaker_seconds=30)
            with pytest.raises(SourceAway):
                await one.fetch("/x", {}, parsed)
            time.at += 31
            assert await one.fetch("/x", {}, parsed) == {"a": 1}
            await one.close()
        assert one.breaker.state == "closed"

    async def test_an_open_breaker_makes_no_call(self) -> None:
        script = Scripted([answer(500)])
        async with script.serving() as url:
            one = client(url, breaker_failures=3, attempts=8)
            with pytest.raises(SourceAway):
                await one.fetch("/x", {}, parsed)
            before = len(script.asked)
            with pytest.raises(SourceAway):
                await one.fetch("/x", {}, parsed)
            await one.close()
        assert before == 3
        assert len(script.asked) == 3
