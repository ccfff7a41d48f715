"""Bodies of unknown origin: strict, bounded, and cheap to judge whatever their bytes are."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.events.records import Faulty, Records
from shared.errors import Malformed, Problem, TooLarge
from shared.jsontext import DEPTH_APART, MAX_DEPTH, MAX_KEYS, MAX_TOKENS, check, checked_apart, without_half_surrogates
from tests.slowness import slowness

SIZE = 16 * 1024 * 1024


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": [1, "x", {}, -0.5e3, true, null]}', b"[]", b'"\\ud83d\\ude00"', '{"tên": "Cẩm Việt"}'.encode(), b'"\\\\u0000"',
        b'{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}', b"123456789012345678901234567890", b'{"\\"": 1, "\\\\": 2}',
        b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, b'["[[[[", "{\\"a\\":"]',
    ],
)  # fmt: skip
def test_what_is_strict_is_taken(body: bytes) -> None:
    check(body)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"NaN", b"[Infinity]", b"[1,]", b"[1 2]", b"{1: 2}", b"01", b"tru", b"[1]x", b'"a\nb"', b'"\\x"', b'"',
        "[1]".encode("utf-16"), b"\xef\xbb\xbf[]", b'"\xff"', b'"\xc0\x80"', b'"\xed\xa0\x80"', b'"\xe1\xba', b'"\\ud800"',
        b'{"a": 1, "a": 2}', b'[{"b": {"a": 1, "\\u0061": 2}}]', b'{"a": {}, "a": []}', b'{"a" :1, "b": {"a": 1}, "a": 1}',
        b'"\\u0000"', b'"\\\\\\u0000"', b'{"\\u0000": 1}', b"1e999", b"[-1e999]", b'{"a": 1e400}', b"9" * 400,
        b'{"a":' + b"9" * 400 + b"}", b"9" * 250 + b"e99",
    ],
)  # fmt: skip
def test_what_is_not_strict_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        check(body)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
        b"[" * 2_000,
        b"[" + b"0," * MAX_TOKENS + b"0]", b"1" * 2_000, b"{" + b",".join(b'"%d":0' % i for i in range(MAX_KEYS + 1)) + b"}",
    ],
)  # fmt: skip
def test_what_is_beyond_a_bound_is_refused(body: bytes) -> None:
    with pytest.raises(TooLarge):
        check(body)


@pytest.mark.parametrize(
    "body",
    [
        b'["\\u0000"]',
        b"[1e999]",
        b'{"a":-1e999}',
        b"9" * 400,
        b"1" * 2_000,
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b"{" + b",".join(b'"%d":0' % i for i in range(MAX_KEYS + 1)) + b"}",
    ],
)
def test_values_that_a_route_judges_itself_are_left_to_it(body: bytes) -> None:
    assert checked_apart(body) == body
    with pytest.raises((Malformed, TooLarge)):
        check(body)


def test_half_a_surrogate_becomes_what_costs_its_record_alone() -> None:
    halves = rb'["\ud800", "\uDFFF\ud83d\ude00", "\ud800\ud83d\ude00", "\\ud800", "\\\ud800"]'
    mended = without_half_surrogates(halves)
    assert mended == rb'["\u0000", "\u0000\ud83d\ude00", "\u0000\ud83d\ude00", "\\ud800", "\\\u0000"]'
    assert checked_apart(halves) == mended
    began = time.process_time()
    for hostile_text in (b"\\" * SIZE, b"\\ud800" * (SIZE // 6), b"\\ud83d\\ude00" * (SIZE // 12)):
        assert len(without_half_surrogates(hostile_text)) == len(hostile_text)
    assert time.process_time() - began < 1.5 * slowness()


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, DEPTH_APART, 500, 950, 50_000])
@pytest.mark.parametrize(
    ("opened", "inner", "closed"),
    [(b"[", b"1e999", b"]"), (b'{"a":', b'"]}\\""', b"}"), (b'[ {"a" : ', b"[[1, {}], {}]", b"} ]")],
)
def test_a_record_of_any_depth_costs_itself_alone(depth: int, opened: bytes, inner: bytes, closed: bytes) -> None:
    deep = opened * depth + inner + closed * depth
    records = Records(checked_apart(b'[{"a": 1}, %b, {"b": [%b], "c": 2}, {"d": {}}]' % (deep, deep)))
    assert [isinstance(one, Faulty) for one in records] == [False, True, True, False]
    assert (records[0], records[3]) == ({"a": 1}, {"d": {}})


@pytest.mark.parametrize("body", [b"[" * 9_999, b"[" * 9_999 + b"]" * 9_998, b"[" * 9_999 + b"]" * 10_000, b'{"a":' * 9_999])
def test_what_has_no_end_is_refused_however_deep_it_is(body: bytes) -> None:
    with pytest.raises(Malformed):
        checked_apart(body)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(_values, st.booleans(), st.sampled_from([None, 1]))
def test_what_json_writes_is_taken_unless_it_holds_nul(value: object, plain: bool, indent: int | None) -> None:
    try:
        body = json.dumps(value, ensure_ascii=plain, indent=indent).encode()
    except UnicodeEncodeError:
        return
    holds_nul, surrogate = "\0" in _texts(value), any("\ud800" <= one <= "\udfff" for one in _texts(value))
    if holds_nul or surrogate:
        with pytest.raises(Problem):
            check(body)
    else:
        check(body)


@given(st.binary(max_size=64))
def test_bytes_are_taken_or_refused_and_nothing_else_happens(body: bytes) -> None:
    try:
        check(body)
    except (Malformed, TooLarge):
        return
    json.loads(body.decode())


def hostile() -> dict[str, bytes]:
    return {
        "one string": b'"' + b"a" * (SIZE - 2) + b'"',
        "one string with a wide character": b'"' + b"a" * (SIZE - 6) + "😀".encode() + b'"',
        "escaped quotes": b'\\"' * (SIZE // 2),
        "escaped quotes in a string": b'["' + b'\\"' * (SIZE // 2 - 2) + b'"]',
        "quotes": b'"' * SIZE,
        "brackets": b"[" * SIZE,
        "backslashes": b"\\" * SIZE,
        "backslashes in a string": b'"' + b"\\" * (SIZE - 2) + b'"',
        "backslashes before U+0000": b'"' + b"\\" * (SIZE - 8) + b'u0000"',
        "U+0000 escaped": b'"' + b"\\\\u0000" * (SIZE // 7 - 1) + b'"',
        "numbers": b"[" + b"0," * (SIZE // 2 - 1) + b"0]",
        "numbers with exponents": b"[" + b"1e5," * (SIZE // 4 - 1) + b"0]",
        "one number": b"1" * SIZE,
        "one fraction": b"0." + b"1" * SIZE,
        "one exponent": b"[1e" + b"1" * SIZE + b"]",
        "empty strings": b"[" + b'"",' * (SIZE // 3 - 1) + b"0]",
        "empty objects": b"[" + b"{}," * (SIZE // 3 - 1) + b"0]",
        "keys": b"{" + b",".join(b'"%x":0' % i for i in range(SIZE // 12)) + b"}",
        "objects": b"[" + b'{"a":0},' * (SIZE // 8 - 1) + b"0]",
        "spaces": b" " * SIZE,
        "spaces after a key": b'{"a"' + b" " * SIZE + b": 1}",
        "keys without an end": b'{"a" ' * (SIZE // 5),
        "blanks in an array": b"[" + b" " * SIZE + b"]",
        "blanks around it": b" " * (SIZE // 2) + b"[]" + b" " * (SIZE // 2),
        "blanks after a value": b'{"a":1' + b" " * SIZE + b',"b":1}',
        "tabs between numbers": b"[" + b"1, \t \t \t \t \t \t \t" * (SIZE // 17) + b"0]",
        "objects with escaped keys": b"[" + b'{"\\u0061":1,"\\u0062":2},' * (SIZE // 25) + b"0]",
        "wide characters": b'"' + "😀".encode() * (SIZE // 4) + b'"',
        "binary": bytes(range(256)) * (SIZE // 256),
    }


_COST = """
import json, sys, time
from shared.errors import Problem
from shared.jsontext import check
from tests.web.test_jsontext import hostile
def resident():
    fields = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return [int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM")]
costs = {}
for name, body in hostile().items():
    open("/proc/self/clear_refs", "w").write("5")
    before, began = resident()[0], time.process_time()
    try:
        check(body)
    except Problem:
        pass
    costs[name] = (time.process_time() - began, resident()[1] - before)
began = time.process_time()
json.loads(hostile()["objects"])
json.dump([time.process_time() - began, costs], sys.stdout)
"""


def test_sixteen_megabytes_of_anything_cost_little_time_and_memory() -> None:
    done = subprocess.run([sys.executable, "-c", _COST], capture_output=True, check=True, text=True)
    costs: dict[str, tuple[float, int]]
    parsing, costs = json.loads(done.stdout)
    assert len(costs) > 20
    # Held against the standard parser, as machines differ: a search that begins anew at each blank takes three times as long.
    assert not {name: cost for name, cost in costs.items() if cost[0] > 1.5 * parsing or cost[1] > 2 * SIZE}


def _texts(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(map(_texts, value))
    if isinstance(value, dict):
        return "".join(_texts(one) for pair in value.items() for one in pair)
    return ""
