"""The only place that speaks HTTP to a portal: paced, bounded, patient at one layer, and never louder than agreed.

Every call takes its turn in the agreed rate, is counted, and ends within a time. What may pass by itself (429, 5xx, HTML in
place of JSON, cut JSON, time-outs, lost connections) is asked again with capped exponential back-off and full jitter, here
and nowhere above; what will not pass is raised at once. A circuit breaker stops asking a portal that is down.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Literal, TypeVar

import anyio
import httpx
import msgspec

from services.ingest.sources.errors import SourceAway, SourceRefuses, SourceUnreadable, WrongPath
from services.ingest.sources.http.addresses import Permitted, address_of
from services.ingest.sources.http.addresses import permitted as default_permitted
from services.ingest.sources.http.pinned import PinnedTransport, Resolve, resolved
from services.ingest.sources.http.rate_limits import Breaker, HostTurns, Limits, RateLimiter
from services.ingest.sources.http.responses import TokenExpired, TransientFailure, body_of
from services.ingest.sources.http.secrets import Secret
from shared.languages import Bilingual, bilingual
from shared.portal_responses import retry_after

T = TypeVar("T")

MAX_RENEWALS = 2
"""Tokens that are fetched for one question; a third refusal is a matter of rights, not of time."""
_TOKEN_SECONDS = 60.0
MAX_HOLD_SECONDS = 3_600.0  # a `Retry-After` beyond it is asked about again
_NOTHING_THERE = frozenset({404, 405, 410})


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a token is fetched with (OpenID Connect, Keycloak's paths)."""

    token_path: str
    client_id: str
    grant: Literal["client_credentials", "password"] = "client_credentials"
    username: str | None = None
    secret: Secret | None = None
    """None: the portal gives tokens without one."""

    def form(self, host: str, port: int) -> dict[str, str]:
        """The form of the token request to that host; raises `SourceMisconfigured` where the secret may not go."""
        password = self.secret.value_for(host, port) if self.secret is not None else ""
        named = (
            {"username": self.username or "", "password": password} if self.grant == "password" else {"client_secret": password}
        )
        return {"grant_type": self.grant, "client_id": self.client_id, **named}


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float | str | None = None
    """Some software writes the number as a text."""

    @property
    def seconds(self) -> float:
        """How long it is believed; a minute where that is not stated."""
        try:
            seconds = float(self.expires_in or "")
        except ValueError:
            return _TOKEN_SECONDS
        return seconds if 0 < seconds < float("inf") else _TOKEN_SECONDS


async def warm() -> None:
    """Load what httpx loads at its first call only, so that no pull waits for it."""
    await httpx.AsyncHTTPTransport().aclose()
    anyio.Event()


class PortalClient:
    """Asks one portal, within `Limits`. Clocks, sleep and chance can be given, so that tests need no patience."""

    def __init__(
        self,
        base_url: str,
        credentials: Credentials | None,
        limits: Limits,
        *,
        breaker: Mapping[str, object] | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        permitted: Permitted | None = None,
        resolve: Resolve = resolved,
        verify: ssl.SSLContext | bool = True,
        source: str = "",
    ) -> None:
        """Raises `SourceMisconfigured` when no portal may be at `base_url`, by `permitted` or else by SOURCE_HOSTS."""
        self.address = address_of(base_url)
        permitted = permitted or default_permitted()
        permitted.require_permitted(self.address)
        self.limits = limits
        self.breaker = Breaker(limits, now, breaker)
        self.calls: Counter[str] = Counter()
        """Calls by what came of them: ok, 5xx, 429, html, cut, time-out, connection, 401, token ..."""
        self.total_calls = 0
        """Calls that left, whatever comes of them."""
        self._credentials = credentials
        self._clock, self._now, self._sleep, self._chance = clock, now, sleep, chance
        self._rate_limiter = RateLimiter(
            limits.rate,
            clock,
            sleep,
            # A clock of its own is a time of its own.
            *(HostTurns.of_source(self.address.host, self.address.port, source) if clock is time.monotonic else ()),
        )
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._token: str | None = None
        self._renew_at = 0.0
        self._renewing = asyncio.Lock()
        self._ends_at = clock() + limits.budget_seconds
        self._http = httpx.AsyncClient(
            base_url=base_url,
            timeout=httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds),
            transport=PinnedTransport(
                self.address,
                permitted,
                # Servers drop idle connections after some seconds: we drop them first.
                limits=httpx.Limits(max_connections=limits.concurrency + 1, keepalive_expiry=2.0),
                resolve=resolve,
                verify=verify,
            ),
            headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "motcua"},
            follow_redirects=False,
            trust_env=False,
        )

    def begin(self) -> None:
        """A pull begins: its time and its calls are counted from here. Connections, token and pace are kept."""
        self._ends_at = self._clock() + self.limits.budget_seconds
        self.calls.clear()
        self.total_calls = 0

    def restart_budget(self) -> None:
        """What is asked next has the whole time budget again: for lists that are read as a whole or not at all."""
        self._ends_at = self._clock() + self.limits.budget_seconds

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    @property
    def out_of_time(self) -> bool:
        """Whether the time budget is used up."""
        return self._clock() >= self._ends_at

    @property
    def answered(self) -> bool:
        """Whether anything ever answered, whatever it was."""
        return any(count for kind, count in self.calls.items() if kind not in ("connection", "time-out"))

    async def authenticate(self) -> None:
        """Fetch a token, once and without waiting, where one is needed. Raises `SourceError`."""
        if self._credentials is None:
            return
        try:
            await self._bearer(self._credentials)
        except TransientFailure as failure:
            self.calls[failure.kind] += 1
            raise failure.final from failure

    async def fetch(
        self,
        path: str,
        params: Mapping[str, str | int],
        decode: Callable[[bytes], T],
        *,
        renewals: int = MAX_RENEWALS,
    ) -> T:
        """GET `path` and decode the answer; a `SourceUnreadable` from `decode` is asked again like a cut answer.

        `renewals`: how often a refused token is fetched anew.
        Raises `SourceAway` when the time budget is over by as long as one call may take, whatever is being waited for.
        """
        try:
            async with asyncio.timeout(max(self._ends_at + self.limits.call_seconds - self._clock(), 0.0)):
                return await self._fetch_with_retries(path, params, decode, renewals)
        except TimeoutError as error:
            raise SourceAway(
                Bilingual(
                    "The time budget ended before the source had answered. The next pull goes on from here.",
                    "Hết thời gian cho phép trước khi nguồn trả lời. Lần kéo sau tiếp tục từ đây.",
                )
            ) from error

    async def _fetch_with_retries(
        self, path: str, params: Mapping[str, str | int], decode: Callable[[bytes], T], max_renewals: int
    ) -> T:
        renewals = 0
        attempt = 0
        while True:
            self.breaker.admit()
            try:
                answer = decode(await self._once(path, params))
            except TokenExpired:
                self.calls["401"] += 1
                self.breaker.responded()
                if renewals == max_renewals:
                    raise SourceRefuses(
                        Bilingual(
                            "The source refuses a token that it has just given. Check the rights of this client there.",
                            "Nguồn từ chối mã truy cập vừa cấp. Kiểm tra quyền của tài khoản này tại nguồn.",
                        )
                    ) from None
                renewals += 1
                continue
            except SourceUnreadable as error:
                if error.settled:
                    raise
                failure = TransientFailure("unreadable", error)
            except TransientFailure as transient:
                failure = transient
            else:
                self.calls["ok"] += 1
                self.breaker.succeeded()
                return answer
            self.calls[failure.kind] += 1
            if failure.kind == "429":
                self.breaker.responded()
            else:
                self.breaker.failed(failure.kind)
            attempt += 1
            if attempt >= self.limits.attempts:
                raise failure.final from failure
            await self._wait(attempt, failure)

    async def _wait(self, attempt: int, failure: TransientFailure) -> None:
        ceiling = min(self.limits.backoff_cap_seconds, self.limits.backoff_seconds * 2 ** (attempt - 1))
        wait = self._chance() * ceiling
        if failure.retry_after is not None:
            if failure.retry_after > self.limits.patience_seconds:
                failure.final.again_after = failure.retry_after
                raise failure.final from failure
            wait = failure.retry_after
        if self._clock() + wait > self._ends_at:
            raise SourceAway(
                Bilingual(
                    "The time budget ended while waiting to ask again. The next pull goes on from here.",
                    "Hết thời gian cho phép khi chờ hỏi lại. Lần kéo sau tiếp tục từ đây.",
                ),
                again_after=wait,
            ) from failure
        await self._sleep(wait)

    async def _once(self, path: str, params: Mapping[str, str | int]) -> bytes:
        headers = {}
        if self._credentials is not None:
            headers["Authorization"] = f"Bearer {await self._bearer(self._credentials)}"
        try:
            return await self._exchange(self._http.build_request("GET", path, params=dict(params), headers=headers))
        except TokenExpired:
            if headers.get("Authorization") == f"Bearer {self._token}":
                self._token = None
            raise

    async def _bearer(self, credentials: Credentials) -> str:
        async with self._renewing:
            if self._token is None or self._clock() >= self._renew_at:
                form = credentials.form(self.address.host, self.address.port)
                request = self._http.build_request("POST", credentials.token_path, data=form)
                try:
                    body = await self._exchange(request)
                except WrongPath as error:
                    nothing_there = bilingual(
                        "The source gives no tokens at {path}: nothing is there. Check base_url and realm.",
                        "Nguồn không cấp mã tại {path}: không có gì ở đó. Kiểm tra base_url và realm.",
                        path=credentials.token_path,
                    )
                    raise WrongPath(nothing_there, settled=True) from error
                except (TokenExpired, SourceUnreadable, SourceRefuses) as error:
                    raise SourceRefuses(
                        Bilingual(
                            "The source gives no token for these credentials. Check realm, client and secret.",
                            "Nguồn không cấp mã truy cập cho tài khoản này. Kiểm tra realm, client và secret.",
                        )
                    ) from error
                self.calls["token"] += 1
                try:
                    token = msgspec.json.decode(body, type=_Token)
                except (msgspec.DecodeError, ValueError, RecursionError) as error:
                    raise TransientFailure(
                        "unreadable",
                        SourceUnreadable(
                            Bilingual(
                                "The answer to the token request is no token.",
                                "Câu trả lời khi xin mã truy cập không phải là mã.",
                            )
                        ),
                    ) from error
                if not (token.access_token.isascii() and token.access_token.isprintable()):
                    raise SourceUnreadable(
                        Bilingual(
                            "The token holds characters that no header may hold.",
                            "Mã truy cập có ký tự không được phép trong tiêu đề.",
                        ),
                        settled=True,
                    )
                self._token = token.access_token
                # Before it expires, whatever the length of its life: an expiry in mid-flight costs a call.
                self._renew_at = self._clock() + max(token.seconds * 0.9 - 1.0, token.seconds * 0.5)
            return self._token

    async def _exchange(self, request: httpx.Request) -> bytes:
        async with self._slots:
            await self._rate_limiter.wait_turn()
            self.total_calls += 1
            try:
                async with asyncio.timeout(self.limits.call_seconds):
                    response = await self._http.send(request, stream=True)
                    try:
                        self._check(response)
                        return await body_of(response, self.limits.body_bytes)
                    finally:
                        await response.aclose()
            except TransientFailure as failure:
                # After the call's time: from here on no call leaves before what its Retry-After says is over.
                if failure.retry_after is not None:
                    await self._rate_limiter.hold(min(failure.retry_after, MAX_HOLD_SECONDS))
                raise
            except (TimeoutError, httpx.TimeoutException) as error:
                raise TransientFailure(
                    "time-out",
                    SourceAway(
                        Bilingual(
                            "The source did not answer in time, at every attempt.", "Nguồn không trả lời kịp ở mọi lần thử."
                        )
                    ),
                ) from error
            except httpx.TransportError as error:
                # Not how it fails: that would tell what else listens there.
                raise TransientFailure(
                    "connection",
                    SourceAway(
                        Bilingual(
                            "The connection to the source fails, at every attempt.",
                            "Không kết nối được tới nguồn ở mọi lần thử.",
                        )
                    ),
                ) from error

    def _check(self, response: httpx.Response) -> None:
        status = response.status_code
        if status == 200:
            return
        if status == 401:
            raise TokenExpired
        wished = retry_after(response.headers, self._now())
        if status == 429:
            raise TransientFailure(
                "429",
                SourceAway(Bilingual("The source says it is asked too often.", "Nguồn báo bị hỏi quá nhiều.")),
                retry_after=wished,
            )
        if status >= 500 or status in (408, 425):
            final = SourceAway(
                bilingual(
                    "The source answers {status}, at every attempt.", "Nguồn trả lời {status} ở mọi lần thử.", status=status
                )
            )
            raise TransientFailure("5xx" if status >= 500 else "time-out", final, retry_after=wished)
        if 300 <= status < 400:  # portals send their visitors to a page about maintenance
            raise TransientFailure(
                "redirect",
                SourceUnreadable(
                    bilingual(
                        "The source answers {status} and points elsewhere. Check base_url.",
                        "Nguồn trả lời {status} và chuyển sang địa chỉ khác. Kiểm tra base_url.",
                        status=status,
                    )
                ),
            )
        self.calls["4xx"] += 1
        if status == 403:
            raise SourceRefuses(
                Bilingual(
                    "The source answers 403: this client may not read what it asks for.",
                    "Nguồn trả lời 403: tài khoản này không được đọc dữ liệu đang hỏi.",
                )
            )
        unreadable = WrongPath if status in _NOTHING_THERE else SourceUnreadable
        unexpected = bilingual(
            "The source answers {status} to {path}. Check base_url.",
            "Nguồn trả lời {status} cho {path}. Kiểm tra base_url.",
            status=status,
            path=response.request.url.path,
        )
        raise unreadable(unexpected, settled=True)
