"""What a service says of itself to who comes without knowing anything: its first page, its documents, each kind of problem."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import AsyncIterator, Iterator

import httpx
import msgspec
import pytest
import pytest_asyncio

import services
import shared
from shared.errors import Problem
from shared.settings import SERVICES
from shared.web.site import ProblemKind, ProblemKinds, ServiceCard, kind_named, kinds

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest_asyncio.fixture(params=SERVICES)
async def stranger(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    """Someone without a key before the application itself, whose resources are not there: pages need none."""
    app = importlib.import_module(f"services.{request.param}.app").app
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        client.headers["X-Service"] = request.param
        yield client


def all_kinds() -> Iterator[type[Problem]]:
    """Every kind of problem in the code, those of modules too that no API loads."""
    for package in (shared, services):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    below: list[type[Problem]] = [Problem]
    while below:
        kind = below.pop()
        below += kind.__subclasses__()
        if kind.__module__.partition(".")[0] in ("shared", "services"):
            yield kind


def test_every_kind_of_problem_has_one_explanation_in_both_languages() -> None:
    explained: dict[str, list[str]] = {}
    for kind in all_kinds():
        explained.setdefault(kind.type, [])
        if "guidance" in vars(kind):
            explained[kind.type].append(kind.__name__)
    written = {slug: names for slug, names in explained.items() if not slug.startswith("http-")}
    assert {slug: names for slug, names in written.items() if len(names) != 1} == {}
    assert set(written) == set(kinds())
    for slug, told in kinds().items():
        for words in (told.title, told.meaning, told.what_to_do):
            assert len(words.en) > 3, slug
            assert re.search("[à-ỹđ]", words.vi, re.IGNORECASE), slug


async def test_the_type_of_every_problem_is_the_address_of_its_page(stranger: httpx.AsyncClient) -> None:
    for slug in [*{kind.type for kind in all_kinds()}, "http-418"]:
        found = await stranger.get(f"/problems/{slug}")
        assert found.status_code == 200, slug
        kind = msgspec.json.decode(found.content, type=ProblemKind)
        assert kind.type == f"/problems/{slug}"
        assert kind == kind_named(slug)
    listed = msgspec.json.decode((await stranger.get("/problems")).content, type=ProblemKinds)
    assert {kind.type for kind in listed.problems} == {f"/problems/{slug}" for slug in kinds()}
    unknown = await stranger.get("/problems/no-such-kind")
    assert unknown.status_code == 404
    assert (await stranger.get(unknown.json()["type"])).json()["status"] == 404
    assert (await stranger.get("/problems/http-499")).status_code == 404


async def test_people_get_pages_in_their_language_and_programs_json(stranger: httpx.AsyncClient) -> None:
    card = msgspec.json.decode((await stranger.get("/")).content, type=ServiceCard)
    assert card.service == stranger.headers["X-Service"]
    for address in (card.documents, card.openapi, card.problems, card.health):
        assert (await stranger.get(address)).status_code == 200, address
    for address, vietnamese, english in (
        ("/", "Các loại lỗi", "Kinds of problems"),
        ("/problems", "Không tìm thấy", "Not found"),
        ("/problems/not-found", "Cần làm gì", "What to do"),
    ):
        for language, words in (("vi-VN,vi", vietnamese), ("en-GB", english), ("", vietnamese)):
            shown = await stranger.get(address, headers={**PAGE, "Accept-Language": language})
            assert shown.headers["content-type"] == "text/html; charset=utf-8"
            assert words in shown.text, (address, language)
            assert {"Accept", "Accept-Language"} <= {name.strip() for name in shown.headers["vary"].split(",")}
            assert shown.headers["content-security-policy"].startswith("default-src 'none'")
            assert "unsafe" not in shown.headers["content-security-policy"]
            for target in re.findall(r'href="([^"]+)"', shown.text):
                if "ready" not in target:  # it needs a database
                    assert (await stranger.get(str(httpx.URL(f"http://desk{address}").join(target)))).status_code == 200


async def test_the_documents_need_nothing_from_elsewhere(stranger: httpx.AsyncClient) -> None:
    shown = await stranger.get("/docs", headers=PAGE)
    assert "script-src 'self'" in shown.headers["content-security-policy"]
    assert "unsafe" not in shown.headers["content-security-policy"]
    assert "<script>" not in shown.text
    files = re.findall(r'(?:src|href)="([^"]+)"', shown.text)
    assert len(files) == 4
    for name in files:
        assert "//" not in name
        found = await stranger.get("/" + name)
        assert found.status_code == 200, name
        assert found.headers["x-content-type-options"] == "nosniff"
    assert "SwaggerUIBundle" in (await stranger.get("/docs/swagger-ui-bundle.js")).text
    assert (await stranger.get("/docs/index.html")).status_code == 404
