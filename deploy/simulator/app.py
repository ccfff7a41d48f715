"""The portal's routes. Rows are rendered once and pages are joined bytes, so that pulling measures the one who pulls."""

from __future__ import annotations

import codecs
import hashlib
import hmac
import time
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import parse_qs

import msgspec
import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from deploy.simulator import truth
from deploy.simulator.calls import Calls
from deploy.simulator.clock import PortalClock
from deploy.simulator.faults import FaultMiddleware, Faults
from deploy.simulator.filters import Filters, dates_of, filters_of
from deploy.simulator.habits import Habits
from deploy.simulator.ledger import Snapshot, snapshot
from deploy.simulator.national import NationalPortal
from deploy.simulator.rendering import Renderer, agency_id, index_of
from deploy.simulator.statistics import FIELDS, totals
from deploy.simulator.vocabulary import words_of
from deploy.simulator.world import World

MAX_PAGE_SIZE = 2000
"""Upper bound of `size`, as in Spring Data; the answer's `size` has the number used."""
CACHED_BYTES = 1 << 30
"""Upper bound of the cache of rendered rows; further rows are rendered at each request."""
MAX_SNAPSHOTS = 200_000
"""Up to this number of dossiers the snapshots for filters and statistics are cached until the list changes."""


class _ClockChange(msgspec.Struct):
    """A change of the portal's clock."""

    speed: float | None = None
    """Seconds of the portal in each real second; None: unchanged."""
    skip_seconds: float = 0.0


class Portal:
    """One portal over one world: its clock, its list, its rendered rows, its tokens."""

    def __init__(
        self,
        world: World,
        *,
        clock: PortalClock,
        client_id: str = "motcua",
        client_secret: str = "motcua",  # the stand-in's own, as good as public
        token_seconds: int = 300,
        faults: Faults | None = None,
        max_per_second: int = 0,
        max_page_size: int = MAX_PAGE_SIZE,
        habits: Habits | None = None,
    ) -> None:
        self.world = world
        self.clock = clock
        self.faults = faults or Faults()
        self.habits = habits or Habits()
        self.calls = Calls()
        self._searches = 0
        self._listing = world.listing()
        self._renderer = Renderer(world.province, world.offices, world.offerings, words_of(world.province))
        self._rows: dict[int, bytes] = {}
        self._cached_bytes = 0
        self._client = (client_id, client_secret)
        self._token_seconds = token_seconds
        self._max_per_second = max_per_second
        self._max_page_size = max_page_size
        self._snapshots: tuple[int, list[Snapshot]] | None = None
        self._snapshot_of: dict[int, Snapshot] = {}
        self._found: tuple[tuple[int, Filters], list[int]] | None = None
        self._agencies = [orjson.dumps(self._renderer.agency(index)) for index in range(len(world.offices))]
        self._procedures = [
            orjson.dumps(self._renderer.procedure(index))
            for index in range(len(world.offerings))
            if world.offerings[index].in_catalogue
        ]

    def app(self) -> ASGIApp:
        """The ASGI application inside the fault layer."""
        routes = [
            Route("/auth/realms/{realm}/protocol/openid-connect/token", self._token, methods=["POST"]),
            Route("/pa/dossier/search", self._search),
            Route("/pa/dossier-statistic/--statistic-agency-kgg", self._statistic),
            Route("/pa/dossier/{id}", self._one),
            Route("/bd/procedure", self._procedure_list),
            Route("/ba/agency", self._agency_list),
            Route("/healthz", self._health),
            Route("/_truth/dossiers", self._truth_dossiers),
            Route("/_truth/agencies.csv", self._truth_agencies),
            Route("/_truth/procedures.csv", self._truth_procedures),
            Route("/_truth/calls", self._truth_calls, methods=["GET", "DELETE"]),
            Route("/_truth/faults", self._truth_faults, methods=["GET", "POST"]),
            Route("/_truth/habits", self._truth_habits, methods=["GET", "POST"]),
            Route("/_truth/clock", self._truth_clock, methods=["GET", "POST"]),
        ]
        national = NationalPortal(self.world, self.habits, lambda: self._snapshots_now(self._advance()))
        return FaultMiddleware(
            Starlette(routes=[*routes, *national.routes]),
            faults=self.faults,
            calls=self.calls,
            now=time.monotonic,
            max_per_second=self._max_per_second,
        )

    def warm(self) -> int:
        """Render every row that fits; returns how many did."""
        now = self._advance()
        for index in self._listing.page(0, len(self._listing)):
            if self._cached_bytes >= CACHED_BYTES:
                break
            self._row(index, now)
        return len(self._rows)

    # --- what all routes need -------------------------------------------------------------------------------------

    def _advance(self) -> int:
        now = self.clock.now()
        for index in self._listing.advance(now):
            self._snapshot_of.pop(index, None)
            old = self._rows.pop(index, None)
            if old is not None:
                self._cached_bytes -= len(old)
        return now

    def _row(self, index: int, now: int) -> bytes:
        row = self._rows.get(index)
        if row is None:
            state = snapshot(self.world.history(index), now)
            if state is None:
                raise LookupError(f"dossier {index} is in the list and not in the portal at {now}")
            row = self._renderer.dossier(state)
            if self._cached_bytes < CACHED_BYTES:
                self._rows[index] = row
                self._cached_bytes += len(row)
        return row

    def _snapshots_now(self, now: int) -> Iterable[Snapshot]:
        """All dossiers in the list's order; cached until the list changes, unless there are too many."""
        if self._snapshots is not None and self._snapshots[0] == self._listing.version:
            return self._snapshots[1]
        indexes = self._listing.page(0, len(self._listing))
        if len(indexes) > MAX_SNAPSHOTS:
            snapshots = (snapshot(self.world.history(index), now) for index in indexes)
            return (one for one in snapshots if one is not None)
        for index in indexes:
            if index not in self._snapshot_of and (state := snapshot(self.world.history(index), now)) is not None:
                self._snapshot_of[index] = state
        self._snapshots = self._listing.version, [self._snapshot_of[index] for index in indexes if index in self._snapshot_of]
        return self._snapshots[1]

    # --- tokens ---------------------------------------------------------------------------------------------------

    def _sign(self, text: str) -> str:
        return hmac.new(self._client[1].encode(), text.encode(), hashlib.sha256).hexdigest()

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
        grant = form.get("grant_type")
        if grant == "client_credentials":
            given = (form.get("client_id"), form.get("client_secret"))
        elif grant == "password":
            given = (form.get("username"), form.get("password"))
        else:
            return _json({"error": "unsupported_grant_type"}, 400)
        if given != self._client:
            return _json({"error": "invalid_client", "error_description": "Invalid client credentials"}, 401)
        expires = f"{time.time() + self._token_seconds:.3f}"
        return _json(
            {
                "access_token": f"{expires}.{self._sign(expires)}",
                "expires_in": str(self._token_seconds) if self.habits.text_numbers else self._token_seconds,
                "token_type": "Bearer",
                "scope": "openid",
            }
        )

    def _admit(self, request: Request) -> None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        expires, _, signature = token.rpartition(".")
        if kind != "Bearer" or not hmac.compare_digest(signature.encode(), self._sign(expires).encode()):
            raise HTTPException(401, "invalid_token", {"WWW-Authenticate": "Bearer"})
        if float(expires) < time.time():
            raise HTTPException(401, "token expired", {"WWW-Authenticate": 'Bearer error="invalid_token"'})

    # --- the portal -----------------------------------------------------------------------------------------------

    async def _search(self, request: Request) -> Response:
        self._admit(request)
        query = request.query_params
        if query.get("sort", "updatedDate,desc") != "updatedDate,desc":
            raise HTTPException(400, "sort must be updatedDate,desc")
        page, size = self._paging(request)
        self._searches += 1
        if self.habits.seconds_per_search:
            self.clock.skip(self.habits.seconds_per_search)
        now = self._advance()
        filters = filters_of(query, self._renderer)
        if not self.habits.usual:
            return self._search_by_habit(filters, page, size, now, request)
        if filters == Filters():
            total, part = len(self._listing), self._listing.page
        else:
            found = self._matching(filters, now)
            total, part = len(found), lambda offset, size: found[offset : offset + size]
        chosen = _slice(part, page * size, size, request.scope.get("moved", 0))
        self.calls.rows += len(chosen)
        return self._page([self._row(index, now) for index in chosen], page, size, total, request)

    def _search_by_habit(self, filters: Filters, page: int, size: int, now: int, request: Request) -> Response:
        found = [one for one in self._snapshots_now(now) if filters.match(one, self.world)]
        rows = self.habits.listed(found, self._searches)
        chosen = self.habits.page(rows, page, size, self._searches)
        self.calls.rows += len(chosen)
        total = self.habits.total(rows, self._searches)
        return self._page([self._renderer.dossier(one) for one in chosen], page, size, total, request)

    def _page(self, rows: list[bytes], page: int, size: int, total: int | None, request: Request) -> Response:
        body = _page(rows, page, size, total, request)
        return (
            Response(codecs.BOM_UTF8 + body, media_type="text/html")
            if self.habits.as_html
            else Response(body, media_type="application/json")
        )

    def _matching(self, filters: Filters, now: int) -> list[int]:
        if filters.code is not None:
            index = self.world.index_of(filters.code)
            state = None if index is None else snapshot(self.world.history(index), now)
            return [state.history.index] if state is not None and filters.match(state, self.world) else []
        key = (self._listing.version, filters)
        if self._found is None or self._found[0] != key:
            self._found = key, [one.history.index for one in self._snapshots_now(now) if filters.match(one, self.world)]
        return self._found[1]

    async def _one(self, request: Request) -> Response:
        self._admit(request)
        now = self._advance()
        index = index_of(request.path_params["id"])
        if index is None or index >= len(self.world) or snapshot(self.world.history(index), now) is None:
            raise HTTPException(404, "dossier not found")
        return Response(self._row(index, now), media_type="application/json")

    async def _statistic(self, request: Request) -> Response:
        self._admit(request)
        query = request.query_params
        now = self._advance()
        window = dates_of(query, "from-date", "to-date")
        if window is None:
            raise HTTPException(400, "from-date and to-date are required")
        shift, inside = self.habits.filter_shift_seconds, int(self.habits.filter_exclusive)
        counts = totals(
            self._snapshots_now(now),
            window[0] + shift + inside,
            window[1] + shift - inside,
            now,
            cancelled_apart=query.get("suppended-cancelled") == "true",
        )
        above = query.get("agency-id")
        counted_agencies = []
        for index, office in enumerate(self.world.offices):
            if above is not None and not self._renderer.lies_under(index, above):
                continue
            counted_agencies.append(
                {
                    "agency": {
                        "id": agency_id(index),
                        "name": {"languageId": 228, "name": office.name_vi},
                        "code": office.code,
                    },
                    **counts.get(index, dict.fromkeys(FIELDS, 0)),
                }
            )
        return _json(counted_agencies)

    async def _procedure_list(self, request: Request) -> Response:
        self._admit(request)
        page, size = self._paging(request)
        rows = self._procedures[page * size : page * size + size]
        return self._page(rows, page, size, len(self._procedures), request)

    async def _agency_list(self, request: Request) -> Response:
        self._admit(request)
        page, size = self._paging(request)
        rows = self._agencies[page * size : page * size + size]
        return self._page(rows, page, size, len(self._agencies), request)

    async def _health(self, request: Request) -> Response:
        return _json({"status": "ok", "dossiers": len(self._listing)})

    def _paging(self, request: Request) -> tuple[int, int]:
        try:
            page = int(request.query_params.get("page", 0))
            size = int(request.query_params.get("size", 20))
        except ValueError as error:
            raise HTTPException(400, "page and size are whole numbers") from error
        if page < 0 or size < 1:
            raise HTTPException(400, "page begins at 0, size at 1")
        return page, min(size, self._max_page_size)

    # --- the truth ------------------------------------------------------------------------------------------------

    async def _truth_dossiers(self, request: Request) -> Response:
        now = self._advance()
        begin = int(request.query_params.get("after", -1)) + 1
        end = min(begin + int(request.query_params.get("limit", len(self.world))), len(self.world))
        lines = (orjson.dumps(truth.entry(self.world, index, now)) + b"\n" for index in range(begin, end))
        return StreamingResponse(lines, media_type="application/x-ndjson")

    async def _truth_agencies(self, request: Request) -> Response:
        return Response(truth.agencies_csv(self.world), media_type="text/csv; charset=utf-8")

    async def _truth_procedures(self, request: Request) -> Response:
        return Response(truth.procedures_csv(self.world), media_type="text/csv; charset=utf-8")

    async def _truth_calls(self, request: Request) -> Response:
        report = self.calls.report()
        if request.method == "DELETE":
            self.calls.clear()
        return _json(report)

    async def _truth_faults(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                self.faults.change(msgspec.json.decode(await request.body(), type=dict[str, int | float]))
            except ValueError as error:
                raise HTTPException(400, str(error)) from error
        return _json({kind: getattr(self.faults, kind) for kind in (*Faults.KINDS, "drip_seconds", "retry_after", "seed")})

    async def _truth_habits(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                self.habits.change(msgspec.json.decode(await request.body(), type=dict[str, bool | int | str]))
            except ValueError as error:
                raise HTTPException(400, str(error)) from error
        return _json(self.habits)

    async def _truth_clock(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                change = msgspec.json.decode(await request.body(), type=_ClockChange)
            except msgspec.DecodeError as error:
                raise HTTPException(400, str(error)) from error
            if change.speed is not None:
                self.clock.run(change.speed)
            self.clock.skip(int(change.skip_seconds))
        now = self._advance()
        return _json({"now": now, "speed": self.clock.speed, "version": self._listing.version})


def _slice(part: Callable[[int, int], Sequence[int]], offset: int, size: int, moved: int) -> Sequence[int]:
    """The rows of a page; `moved` rows of the page before once more (above 0), or that many skipped (below)."""
    if moved < 0 < offset:
        return part(offset - moved, size)
    if moved > 0:
        again = part(max(offset - moved, 0), min(moved, offset))
        rows = part(offset, size)
        return [*again, *rows, *rows[:2]]
    return part(offset, size)


def _page(rows: list[bytes], page: int, size: int, total: int | None, request: Request) -> bytes:
    last = (page + 1) * size >= total if total is not None else not rows
    head: dict[str, object] = {
        "number": page,
        "size": size,
        "numberOfElements": len(rows),
        "first": page == 0,
        "last": last,
        "empty": not rows,
    }
    if request.query_params.get("spec") == "page" and total is not None:
        head["totalPages"] = -(-total // size)
        head["totalElements"] = total
    return b'{"content":[' + b",".join(rows) + b"]," + orjson.dumps(head)[1:]


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
