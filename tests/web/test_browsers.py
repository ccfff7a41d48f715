"""What a browser needs of an API: preflights and headers that let pages of other origins call it, HEAD, OPTIONS and Allow."""

from __future__ import annotations

import importlib

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from shared.settings import Settings, SettingWrong, settings
from shared.spreadsheets import CSV_UTF8, XLSX
from shared.web.compression import accepts_gzip, compressible
from shared.web.cors import EXPOSED
from shared.web.problems import PROBLEM_JSON
from shared.web.responses import MAX_TAGS_LENGTH
from shared.web.routes import Routes
from tests.patience import PATIENCE
from tests.web.conftest import PORTAL, QUESTION, Metrics

STRANGER = "https://evil.example"
"""An origin that is not among `CORS_ORIGINS`."""


def vary_of(response: httpx.Response) -> set[str]:
    return {name.strip() for value in response.headers.get_list("vary") for name in value.split(",")}


async def test_a_preflight_needs_no_key_and_says_what_a_page_may_send(metrics: httpx.AsyncClient) -> None:
    async with httpx.AsyncClient(base_url=metrics.base_url) as page:
        asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-api-key, if-none-match"}
        for origin in (PORTAL, "http://10.0.0.7:3000"):
            answer = await page.options(QUESTION, headers={"Origin": origin, **asked})
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, origin)
            assert "access-control-allow-credentials" not in answer.headers
            assert "Origin" in vary_of(answer)
        for origin in (STRANGER, "null", PORTAL + ":8443", "http://portal.example"):
            answer = await page.options(QUESTION, headers={"Origin": origin, **asked})
            assert answer.status_code == 400
            assert "access-control-allow-origin" not in answer.headers
            assert (answer.headers["content-type"], answer.json()["type"]) == (PROBLEM_JSON, "/problems/preflight-refused")
            assert "its origin is not allowed" in answer.json()["detail"]
            assert {"Origin", "Accept-Language"} <= vary_of(answer)
        wrong = {"Access-Control-Request-Method": "TRACE", "Access-Control-Request-Headers": "x-own", "Accept-Language": "vi"}
        answer = await page.options(QUESTION, headers={"Origin": PORTAL, **wrong})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (400, PORTAL)
        assert "method, headers không được phép" in answer.json()["detail"]


async def test_a_page_reads_answers_errors_and_refusals(metrics: httpx.AsyncClient) -> None:
    first = await metrics.get(QUESTION, headers={"Origin": PORTAL})
    again = await metrics.get(QUESTION, headers={"Origin": PORTAL})
    same = await metrics.get(QUESTION, headers={"Origin": PORTAL, "If-None-Match": again.headers["etag"]})
    unknown = await metrics.get("/v1/kpis?province=99", headers={"Origin": PORTAL})
    keyless = await metrics.get(QUESTION, headers={"Origin": PORTAL, "X-API-Key": "mc_unknown_key"})
    wrong = await metrics.delete(QUESTION, headers={"Origin": PORTAL})
    answers = (first, again, same, unknown, keyless, wrong)
    assert [answer.status_code for answer in answers] == [200, 200, 304, 404, 401, 405]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == PORTAL
        exposed = {name.strip() for name in answer.headers["access-control-expose-headers"].split(",")}
        assert exposed == set(EXPOSED)
        assert "Origin" in vary_of(answer)


async def test_what_a_cache_may_hold_names_the_origin_also_where_none_or_another_asked(metrics: httpx.AsyncClient) -> None:
    for headers in ({}, {"Origin": STRANGER}):
        for _ in range(2):  # by the route, then from memory
            answer = await metrics.get(QUESTION, headers=headers)
            assert "access-control-allow-origin" not in answer.headers
            assert {"Origin", "X-API-Key", "Accept"} <= vary_of(answer)


@pytest.mark.parametrize(
    ("given", "reason"),
    [("*", "refused"), (f"{PORTAL},*", "refused"), (PORTAL + "/", "list of origins"), ("portal.example", "list of origins")],
)
def test_origins_are_exact(monkeypatch: pytest.MonkeyPatch, given: str, reason: str) -> None:
    monkeypatch.setenv("CORS_ORIGINS", given)
    with pytest.raises(SettingWrong, match=f"CORS_ORIGINS.*{reason}"):
        settings.__wrapped__()
    monkeypatch.setenv("CORS_ORIGINS", f"{PORTAL} ,http://[fd00::1]:3000")
    assert Settings().allowed_origins == (PORTAL, "http://[fd00::1]:3000")
    monkeypatch.setenv("CORS_ORIGINS", "")
    assert Settings().allowed_origins == ()


async def test_head_answers_the_headers_of_get_without_its_body(metrics: httpx.AsyncClient) -> None:
    for address in ("/healthz", "/openapi.json", "/v1/kpis/catalogue", QUESTION, "/v1/kpis?province=99"):
        got = await metrics.get(address, headers={"X-Correlation-Id": "headers-of-get"})
        only = await metrics.head(address, headers={"X-Correlation-Id": "headers-of-get"})
        assert (only.status_code, only.content) == (got.status_code, b"")
        assert {**only.headers, "date": ""} == {**got.headers, "date": ""}, address
    unchanged = await metrics.head(QUESTION, headers={"If-None-Match": (await metrics.get(QUESTION)).headers["etag"]})
    assert unchanged.status_code == 304
    watched = await metrics.head("/v1/watch?province=30", timeout=PATIENCE)
    assert (watched.status_code, watched.headers["content-type"].partition(";")[0]) == (200, "text/event-stream")


async def test_options_and_405_name_the_methods_of_an_address(metrics: httpx.AsyncClient) -> None:
    for address, methods in {
        "/v1/kpis": {"GET", "HEAD", "OPTIONS"},
        "/v1/consistency-checks": {"GET", "HEAD", "POST", "OPTIONS"},
        "/v1/rebuilds": {"POST", "OPTIONS"},
        "/v1/figures/anything": {"GET", "HEAD", "OPTIONS"},
    }.items():
        async with httpx.AsyncClient(base_url=metrics.base_url) as keyless:
            told = await keyless.options(address)
        assert (told.status_code, set(told.headers["allow"].split(", "))) == (204, methods)
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - methods:
            refused = await metrics.request(method, address)
            assert (refused.status_code, refused.headers["allow"]) == (405, told.headers["allow"]), (method, address)
            assert refused.headers["content-type"] == "application/problem+json"
    assert (await metrics.options("/v1/nothing")).status_code == 404


@pytest.mark.parametrize("service", ["ingest", "metrics", "notices"])
def test_every_get_route_is_known_to_the_layers(service: str) -> None:
    app: FastAPI = importlib.import_module(f"services.{service}.app").app
    routes = Routes(app)
    for route in iter_route_contexts(app.routes):
        methods = routes.methods_at({"path": route.path_format, "method": "OPTIONS"})
        assert set(route.methods or ()) <= set(methods), route.path_format
        assert ("HEAD" in methods) == ("GET" in methods)


async def test_answers_are_packed_for_who_accepts_it_under_a_tag_of_their_own(metrics: httpx.AsyncClient) -> None:
    for address in (QUESTION, "/v1/kpis/catalogue", "/openapi.json"):
        plain = await metrics.get(address, headers={"Accept-Encoding": "identity"})
        packed = await metrics.get(address, headers={"Accept-Encoding": "gzip"})
        again = await metrics.get(address, headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in plain.headers
        for answer in (packed, again):
            assert answer.headers["content-encoding"] == "gzip", address
            assert answer.content == plain.content
            assert int(answer.headers["content-length"]) < len(plain.content) / 2
        if "etag" not in plain.headers:
            continue
        assert packed.headers["etag"] == again.headers["etag"] != plain.headers["etag"]
        for tag in (plain.headers["etag"], packed.headers["etag"]):
            for accepted in ("gzip", "identity", "gzip;q=0, br"):
                same = await metrics.get(address, headers={"Accept-Encoding": accepted, "If-None-Match": tag})
                assert (same.status_code, same.content) == (304, b""), (address, tag, accepted)
                assert "Accept-Encoding" in vary_of(same)
        assert "Accept-Encoding" in vary_of(plain)
        assert "Accept-Encoding" in vary_of(packed)


def test_what_its_own_format_packs_and_event_streams_go_out_as_they_are() -> None:
    for media in ("application/json", "application/problem+json", CSV_UTF8, "text/html; charset=utf-8", "text/javascript"):
        assert compressible(media.encode(), 1_024), media
        assert not compressible(media.encode(), 1_023), media
    for media in (XLSX, "application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                  "text/event-stream", "image/png"):  # fmt: skip
        assert not compressible(media.encode(), 100_000), media


async def test_events_are_not_held_back(metrics: httpx.AsyncClient) -> None:
    async with metrics.stream("GET", "/v1/watch?province=30", headers={"Accept-Encoding": "gzip"}) as events:
        assert "content-encoding" not in events.headers
        assert (await anext(events.aiter_bytes())).startswith(b"id: 1\nevent: position\n")


@pytest.mark.parametrize(
    ("given", "accepted"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("GZIP , br", True), ("gzip;q=1.0", True), ("deflate,gzip; q=0.001", True),
     ("", False), ("br", False), ("gzip;q=0", False), ("gzip; q=0.000,br", False), ("xgzip", False), ("gzipped", False)],
)  # fmt: skip
def test_gzip_is_accepted_where_it_is_named_and_wanted(given: str, accepted: bool) -> None:
    assert accepts_gzip({b"accept-encoding": given.encode()}) == accepted


async def test_two_different_keys_in_one_request_are_refused(metrics: httpx.AsyncClient, served: Metrics) -> None:
    for first, second in ((served.key, "mc_unknown_key"), ("mc_unknown_key", served.key)):
        both = await metrics.get(QUESTION, headers={"X-API-Key": first, "Authorization": f"Bearer {second}"})
        assert (both.status_code, both.json()["type"]) == (400, "/problems/malformed")
        assert "Two different keys" in both.json()["detail"]
    same = await metrics.get(QUESTION, headers={"Authorization": f"bearer {served.key}"})
    other = await metrics.get(QUESTION, headers={"Authorization": "Basic YTpi"})
    assert (same.status_code, other.status_code) == (200, 200)


async def test_an_if_none_match_that_is_too_long_matches_nothing(metrics: httpx.AsyncClient) -> None:
    tag = (await metrics.get(QUESTION)).headers["etag"]
    for length, status in ((4_000, 304), (MAX_TAGS_LENGTH, 200)):
        tags = f'{tag}, "{"x" * length}"'
        assert (await metrics.get(QUESTION, headers={"If-None-Match": tags})).status_code == status


async def test_the_document_names_the_address_at_which_make_run_serves_it(metrics: httpx.AsyncClient) -> None:
    (server,) = (await metrics.get("/openapi.json")).json()["servers"]
    assert server["variables"]["origin"]["default"] == "http://127.0.0.1:8102"
