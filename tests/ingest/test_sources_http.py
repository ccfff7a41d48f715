"""The client towards a portal: patient with what passes, quick to say what does not, never louder than agreed."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
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
from services.ingest.sources.http.rate_limits import LIMITS, HostTurns, Limits, RateLimiter
from tests.ingest.portal_client import GOOD, HTML, Time, asked, client, parsed
from tests.ingest.portals import Reply, Scripted, Unbounded, answer, broken_off, dripping
from tests.patience import PATIENCE


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


async def test_a_slow_source_slows_no_other_of_its_host_and_what_it_is_told_holds_them_for_a_while() -> None:
    time = Time()
    host = HostTurns()
    slow = RateLimiter(0.01, time.clock, time.sleep, HostTurns(), host)
    usual = RateLimiter(10.0, time.clock, time.sleep, HostTurns(), host)
    began = time.clock()
    await slow.wait_turn()
    for _ in range(10):
        await usual.wait_turn()
    assert time.clock() - began <= 1.1
    await slow.hold(300)
    await usual.wait_turn()
    assert 30 <= time.clock() - began <= 32
    await slow.wait_turn()
    assert time.clock() - began >= 300


async def test_calls_of_a_slow_source_that_stood_behind_a_held_host_leave_at_their_own_pace() -> None:
    time = Time()
    own, host = HostTurns(), HostTurns()
    slow, other = (RateLimiter(rate, time.clock, time.sleep, turns, host) for rate, turns in ((0.5, own), (10.0, HostTurns())))
    began = time.clock()
    await other.hold(30)
    left: list[float] = []

    async def call() -> None:
        await slow.wait_turn()
        left.append(time.clock())

    await asyncio.gather(*(call() for _ in range(5)))
    assert min(left) >= began + 30
    assert min(after - before for before, after in pairwise(left)) >= 2


async def test_what_is_read_while_a_call_waits_for_its_turn_holds_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time()
    own, host = HostTurns("own"), HostTurns("host")
    pace = RateLimiter(10.0, time.clock, time.sleep, own, host)

    class Shared:
        """Turns of which the host's is given just as another call is told to wait."""

        async def take(self, name: str, interval: float) -> float:
            if name == "host":
                await pace.hold(5)
            return 0.0

        async def hold(self, name: str, seconds: float) -> float:
            """Another process that calls for the source is told to wait longer than the others of the host are held."""
            return max(seconds, began + 90 - time.clock()) if name == "own" else seconds

    monkeypatch.setattr(HostTurns, "shared", Shared())
    began = time.clock()
    await pace.wait_turn()
    assert time.clock() - began >= 90


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
