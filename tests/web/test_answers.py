"""What routes answer with: JSON of structs, and ETags compared as RFC 9110 has it."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from fastapi import Request

from shared.web.responses import etag_response, has_tag, json_response


class Day(msgspec.Struct, frozen=True):
    on: date


def scope(*tags: str, method: str = "GET") -> dict[str, Any]:
    return {"type": "http", "method": method, "headers": [(b"if-none-match", tag.encode()) for tag in tags]}


@pytest.mark.parametrize(
    "tags",
    [('"a"',), ('W/"a"',), ('"b", "a"',), ('"b",W/"a" ,"c"',), ('"b"', '"a"'), ("*",), (' "x,y" , "a"',)],
)
def test_the_client_has_what_its_list_of_tags_names(tags: tuple[str, ...]) -> None:
    assert has_tag(scope(*tags), b'"a"')
    assert has_tag(scope(*tags, method="HEAD"), b'W/"a"')


@pytest.mark.parametrize("tags", [(), ("",), ('"aa"',), ('"x"a"',), ("a",), ('"b", a',), ('"a" or so',), ('"a","b',), ('"*"',)])
def test_what_is_no_list_or_names_another_tag_gets_the_whole_answer(tags: tuple[str, ...]) -> None:
    assert not has_tag(scope(*tags), b'"a"')


def test_only_reads_are_conditional() -> None:
    assert not has_tag(scope("*", method="POST"), b'"a"')


def test_an_answer_of_the_moment_is_not_stored_and_a_tagged_one_is_asked_for_again() -> None:
    plain = json_response([Day(date(2023, 7, 20))], status=201, headers={"Location": "/v1/days/1"})
    assert (plain.status_code, plain.body) == (201, b'[{"on":"2023-07-20"}]')
    assert plain.headers["cache-control"] == "no-store"
    assert plain.headers["location"] == "/v1/days/1"

    first = etag_response(Request(scope()), Day(date(2023, 7, 20)))
    again = etag_response(Request(scope(first.headers["etag"])), Day(date(2023, 7, 20)))
    assert (first.status_code, again.status_code, again.body) == (200, 304, b"")
    for name in ("etag", "cache-control", "vary"):
        assert again.headers[name] == first.headers[name]
