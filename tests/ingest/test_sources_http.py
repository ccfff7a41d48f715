"""The client towards a portal: patient with what passes, quick to say what does not, never louder than agreed."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from services.ingest.sources.errors import (
    SourceAway,
    SourceError,
    SourceMisconfigured,
    SourceRefuses,
    SourceUnreadable,
    WrongPath,
)
from services.ingest.sources.http.client import Credentials, PortalClient
from services.ingest.sources.http.rate_limits import LIMITS, Breaker, Limits, RateLimiter
from tests.ingest.portals import Reply, Scripted, Unbounded, answer, broken_off, dripping, secret_for
from tests.patience import PATIENCE

GOOD = answer(200, b'{"a":1}')
HTML = answer(200, b"<html>bao tri</html>", content_type="text/html; charset=utf-8")
TOKEN = answer(200, b'{"access_token":"one","expires_in":300}')


class Time:
    """A clock that only sleeping moves, and a coin that always falls the same."""

    def __init__(self, chance: float = 1.0) -> None:
        self.at = 1000.0
        self.slept: list[float] = []
        self._chance = chance

    def clock(self) -> float:
        return self.at

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.at)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds
        await asyncio.sleep(0)

    def chance(self) -> float:
        return self._chance


def client(url: str, time: Time | None = None, credentials: Credentials | None = None, **limits: Any) -> PortalClient:
    time = time or Time()
    return PortalClient(
        url,
        credentials,
        Unbounded(**{"rate": 1e6, **limits}),
        clock=time.clock,
        now=time.now,
        sleep=time.sleep,
        chance=time.chance,
    )


def parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise SourceUnreadable("no JSON") from error


async def asked(replies: list[Reply], decode: Callable[[bytes], Any] = parsed, time: Time | None = None, **limits: Any) -> Any:
    script = Scripted(replies)
    async with script.serving() as url:
        one = client(url, time, **limits)
        try:
            return await one.fetch("/x", {}, decode), one, script
        finally:
            await one.close()


@pytest.mark.parametrize(
    ("passing", "kind"),
    [
        (answer(500, b"{}"), "5xx"),
        (answer(502, b"<html>", content_type="text/html"), "5xx"),
        (answer(503, b""), "5xx"),
        (HTML, "html"),
        (answer(200, b'{"a":'), "unreadable"),
        (broken_off(b'{"a":1'), "connection"),
        (answer(429, b"", retry_after="1"), "429"),
        (answer(302, b"", location="/bao-tri"), "redirect"),
        (answer(408, b""), "time-out"),
        (answer(200, gzip.compress(b'{"a":1}')[:-9], content_encoding="gzip"), "cut"),
        (answer(200, b"not packed at all", content_encoding="gzip"), "cut"),
    ],
)
async def test_what_may_pass_is_asked_again_until_it_has_passed(passing: Reply, kind: str) -> None:
    got, one, _ = await asked([passing, passing, GOOD])
    assert got == {"a": 1}
    assert one.calls[kind] == 2
    assert one.calls["ok"] == 1


async def test_waits_double_up_to_their_cap_with_full_jitter() -> None:
    time = Time(chance=0.5)
    with pytest.raises(SourceAway):
        await asked([answer(500)], time=time, attempts=7, backoff_seconds=1.0, backoff_cap_seconds=10.0)
    assert [wait for wait in time.slept if wait > 0.01] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


async def test_a_source_that_never_recovers_is_called_away_after_the_agreed_attempts() -> None:
    script = Scripted([answer(500)])
    async with script.serving() as url:
        one = client(url, attempts=3)
        with pytest.raises(SourceAway, match="500"):
            await one.fetch("/x", {}, parsed)
        await one.close()
    assert len(script.asked) == 3


async def test_html_at_every_attempt_is_called_unreadable() -> None:
    with pytest.raises(SourceUnreadable, match="HTML"):
        await asked([HTML], attempts=2)


async def test_retry_after_in_seconds_is_obeyed_to_the_second() -> None:
    time = Time()
    await asked([answer(429, retry_after="7"), GOOD], time=time)
    assert time.at - 1000 == pytest.approx(7, abs=0.1)


async def test_retry_after_as_a_date_is_read_by_the_sources_own_clock() -> None:
    time = Time()
    wrong = datetime(2031, 5, 5, tzinfo=UTC)  # the portal's clock is years ahead of ours
    headers = {
        "date": format_datetime(wrong, usegmt=True),
        "retry_after": format_datetime(wrong + timedelta(seconds=9), usegmt=True),
    }
    await asked([answer(429, **headers), GOOD], time=time)
    assert time.at - 1000 == pytest.approx(9, abs=0.1)


@pytest.mark.parametrize("nonsense", ["soon", "-5", "9" * 40, "Mon, 99 Foo 2026 00:00:00 GMT"])
async def test_a_retry_after_that_means_nothing_is_a_plain_failure(nonsense: str) -> None:
    time = Time()
    got, _, _ = await asked([answer(429, retry_after=nonsense), GOOD], time=time)
    assert got == {"a": 1}
    assert time.at - 1000 < 1


async def test_a_retry_after_beyond_our_patience_ends_the_pull_and_says_when_to_come_back() -> None:
    with pytest.raises(SourceAway) as caught:
        await asked([answer(429, retry_after="7200")], patience_seconds=60)
    assert caught.value.again_after == 7200


@pytest.mark.parametrize("limits", [{"patience_seconds": 60}, {"attempts": 1}])
async def test_after_a_retry_after_no_call_leaves_before_it_is_over_whatever_becomes_of_its_pull(
    limits: dict[str, Any],
) -> None:
    time = Time()
    script = Scripted([answer(429, retry_after="1800"), GOOD])
    async with script.serving() as url:
        one = client(url, time, **limits)
        with pytest.raises(SourceAway):
            await one.fetch("/x", {}, parsed)
        one.begin()
        await one.fetch("/x", {}, parsed)
        await one.close()
    assert time.at - 1000 >= 1800


async def test_the_rate_and_a_retry_after_hold_over_all_clients_of_a_host() -> None:
    script = Scripted([*[GOOD] * 20, answer(429, retry_after="1"), GOOD])
    loop = asyncio.get_running_loop()
    async with script.serving() as url:
        one, other = (PortalClient(url, None, Unbounded(rate=50, attempts=1)) for _ in range(2))
        began = loop.time()
        await asyncio.gather(*(client.fetch("/x", {}, parsed) for client in (one, other) for _ in range(10)))
        assert loop.time() - began >= 19 / 50
        with pytest.raises(SourceAway):
            await one.fetch("/x", {}, parsed)
        held = loop.time()
        await other.fetch("/x", {}, parsed)
        assert loop.time() - held >= 0.9
        await one.close()
        await other.close()


@pytest.mark.parametrize("kind", ["text/html", "text/html; charset=utf-8", "text/plain", ""])
async def test_json_is_read_whatever_it_is_called_and_whatever_mark_is_before_it(kind: str) -> None:
    got, one, _ = await asked([answer(200, b'\xef\xbb\xbf {"a":1}', content_type=kind)])
    assert got == {"a": 1}
    assert one.total_calls == 1


async def test_a_page_of_html_is_none_whatever_it_is_called() -> None:
    got, one, _ = await asked([answer(200, b"\xef\xbb\xbf\n<!DOCTYPE html><html></html>"), GOOD])
    assert got == {"a": 1}
    assert one.calls["html"] == 1


@pytest.mark.parametrize(("status", "error"), [(403, SourceRefuses), (400, SourceUnreadable), (404, SourceUnreadable)])
async def test_what_will_not_pass_is_said_at_once(status: int, error: type[SourceError]) -> None:
    script = Scripted([answer(status)])
    async with script.serving() as url:
        one = client(url)
        with pytest.raises(error, match=str(status)):
            await one.fetch("/x", {}, parsed)
        await one.close()
    assert len(script.asked) == 1


@pytest.mark.parametrize(("status", "error"), [(404, WrongPath), (405, WrongPath), (400, SourceRefuses), (401, SourceRefuses)])
async def test_a_token_that_is_asked_for_at_a_wrong_path_is_no_matter_of_credentials(
    status: int, error: type[SourceError]
) -> None:
    script = Scripted([answer(status)])
    async with script.serving() as url:
        one = client(url, credentials=Credentials(token_path="/token", client_id="x"))
        with pytest.raises(error, match=r"base_url and realm" if error is WrongPath else "client and secret"):
            await one.fetch("/x", {}, parsed)
        await one.close()
    assert len(script.asked) == 1


async def test_nobody_there_is_away_and_not_a_crash() -> None:
    script = Scripted([GOOD])
    async with script.serving() as url:
        pass
    one = client(url, attempts=2)
    with pytest.raises(SourceAway, match="connection"):
        await one.fetch("/x", {}, parsed)
    await one.close()


async def test_a_drip_is_cut_off_by_the_time_for_the_whole_answer() -> None:
    one_second = dripping(b'{"a":1}' + b" " * 100, pause=0.05)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    got, one, _ = await asked([one_second, GOOD], call_seconds=0.3)
    assert got == {"a": 1}
    assert one.calls["time-out"] == 1
    assert loop.time() - begun < 2


async def test_a_gzip_bomb_goes_off_in_small_pieces() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(300)) + packer.flush()
    tracemalloc.start()
    with pytest.raises(SourceUnreadable, match="larger"):
        await asked([answer(200, bomb, content_encoding="gzip")], body_bytes=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


async def test_an_honest_packed_answer_is_read_also_in_several_members() -> None:
    packed = gzip.compress(b'{"a":') + gzip.compress(b"1}")
    got, _, _ = await asked([answer(200, packed, content_encoding="gzip")])
    assert got == {"a": 1}


async def test_an_answer_too_large_is_refused_while_it_arrives() -> None:
    with pytest.raises(SourceUnreadable, match="page_size"):
        await asked([answer(200, b" " * 100_000)], body_bytes=10_000)


async def test_calls_keep_their_distance_whatever_the_hurry() -> None:
    time = Time()
    pace = RateLimiter(10.0, time.clock, time.sleep)
    taken: list[float] = []

    async def call() -> None:
        await pace.wait_turn()
        taken.append(time.at)

    await asyncio.gather(*(call() for _ in range(50)))
    assert min(after - before for before, after in pairwise(taken)) >= 0.1
    for place, instant in enumerate(taken):
        assert sum(instant - 1 < other <= instant for other in taken[: place + 1]) <= 10


async def test_never_more_calls_at_once_than_agreed() -> None:
    running = most = 0

    async def slow(writer: asyncio.StreamWriter) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        await GOOD(writer)

    script = Scripted([slow])
    async with script.serving() as url:
        one = client(url, concurrency=3)
        await asyncio.gather(*(one.fetch("/x", {}, parsed) for _ in range(12)))
        await one.close()
    assert most == 3


async def test_a_pull_never_waits_beyond_its_time_budget() -> None:
    time = Time()
    with pytest.raises(SourceAway, match="budget"):
        await asked([answer(429, retry_after="50")], time=time, budget_seconds=30)
    assert time.at - 1000 < 30


@pytest.mark.parametrize("attempts", [1, 30])
async def test_no_call_outlives_the_time_budget_by_more_than_its_own_time(attempts: int) -> None:
    async def silent(writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    limits = Unbounded(
        rate=1e6, budget_seconds=0.3, call_seconds=0.4, read_seconds=60, attempts=attempts, backoff_seconds=0.001, concurrency=1
    )
    async with asyncio.timeout(PATIENCE), Scripted([silent]).serving() as url:
        one = PortalClient(url, None, limits)
        began = asyncio.get_running_loop().time()
        # The calls stand in line for the only connection: none of them waits for all those before it.
        ended = await asyncio.gather(*(one.fetch("/x", {}, parsed) for _ in range(40)), return_exceptions=True)
        took = asyncio.get_running_loop().time() - began
        await one.close()
    assert {type(error) for error in ended} == {SourceAway}
    assert took < 40 * limits.call_seconds / 2
    assert one.total_calls <= 2


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


@pytest.mark.parametrize("address", ["ftp://portal", "http://user:word@portal", "portal.gov.vn", "http://", "http://x/?a=1"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SourceMisconfigured):
        PortalClient(address, None, Limits())


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("end", [0, 1])
def test_limits_that_let_nothing_through_or_limit_nothing_are_refused_with_their_range(name: str, end: int) -> None:
    bound = LIMITS[name][end]
    whole = isinstance(getattr(Limits(), name), int)
    msgspec.structs.replace(Limits(), **{name: int(bound) if whole else bound})
    with pytest.raises(ValueError, match=f"^{name} must lie between [0-9. ]+ and [0-9. ]+$"):
        msgspec.structs.replace(Limits(), **{name: bound * 2 + 1 if end else bound / 2})


def test_every_limit_has_bounds() -> None:
    assert set(LIMITS) == set(Limits.__struct_fields__)
    for nothing in (float("nan"), float("inf"), -1):
        with pytest.raises(ValueError, match="rate must lie between"):
            Limits(rate=nothing)
