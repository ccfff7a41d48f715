"""Checks that a body of unknown origin is strict, bounded JSON, without making objects of it.

One pass over the tokens in linear time: possessive patterns never backtrack, and an unterminated string is one token up to
the end of the text. How parsers treat hostile text is listed in `tests/web/test_jsontext.py`.
"""

from __future__ import annotations

import codecs
import math
import re

import msgspec

from shared.errors import Malformed, TooLarge
from shared.languages import Bilingual, bilingual

MAX_DEPTH = 32
DEPTH_APART = 2 * MAX_DEPTH
"""Levels of a text whose records are judged one by one: enough to tell which of them is nested too deep."""
MAX_TOKENS = 500_000
"""Values, keys with their values, and closing brackets of one text: 5.000 records of 80 fields are 410.000."""
MAX_KEYS = 5_000
"""Keys of one object."""
MAX_NUMBER = 1_000
"""Characters of a number; any that a parser holds exactly is shorter."""
MAX_ESCAPED = 50_000
"""Objects with escaped keys: these are decoded to be compared, which for objects of few keys costs more than all the rest."""

STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+'
"""Pattern of a string, or of one that never ends; linear, and without memory of where it was."""

_NUMBER = rb"-?(?:(\d{200}[\d.eE+-]*+)|\d++(?:\.\d++)?+(?:[eE](?:[-+]?\d\d?(?!\d)|([-+]?\d++)))?+)"
"""A number; its groups say that it may be out of range: with less than 200 digits and an exponent of two it is not."""
_SPACE = rb"[ \t\r\n]*+"
_BETWEEN = rb"[ \t\r\n,aelrsu]*+"
"""What may stand between two tokens, with the rest of `true`, `false` and `null`. It belongs to the token before it: a search
that began anew at each blank would take forty times as long for them."""
_TOKEN = re.compile(
    rb"(?:(%(string)b)(?:%(space)b:%(space)b(?:()%(string)b|([\[{])|%(number)b()|[tfn]()))?+"
    rb"|([\[{])|%(number)b|[tfn]|([\]}]))%(between)b"
    % {b"string": STRING, b"space": _SPACE, b"number": _NUMBER, b"between": _BETWEEN},
    re.DOTALL,
)
_FIRST = re.compile(_SPACE)
MAX_WIDE = 1024 * 1024
"""Bytes of one text in a JSON that is not all ASCII: Python takes up to four bytes for each of them while it reads the text."""
_KEY, _OPENED_BY_KEY, _NUMBER_OF_KEY, _OPENED, _LONG, _EXPONENT, _CLOSED = 1, 3, 6, 8, 9, 10, 11
"""Groups of `_TOKEN`: a match's `lastindex` says what it is. A key and its plain value are one token."""
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")
MAX_SURROGATES = 100_000
_SURROGATES = re.compile(
    rb"(?<!\\)((?:\\\\)*+)\\u(?:([dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_WINDOW = 65_536

_well_formed = msgspec.json.Decoder(msgspec.Raw).decode
_texts = msgspec.json.Decoder(list[str]).decode


def check(body: bytes, *, max_tokens: int = MAX_TOKENS) -> None:
    """Raise `Malformed` or `TooLarge` unless `body` is JSON in UTF-8, at most `max_tokens` tokens, without repeated keys.

    Neither U+0000 nor a number that no parser can hold may stand in it, nor what is nested deeper, has more keys or longer
    numbers than the bounds here.
    """
    _check_utf8(body)
    try:
        _check_form(body)
    except RecursionError as error:
        raise _too_deep() from error
    if b"\\u0000" in body and _NUL.search(body):
        raise Malformed(
            Bilingual(
                "The JSON holds the character U+0000, which no text here may hold. Remove it.",
                "JSON chứa ký tự U+0000 không được phép. Xóa ký tự đó.",
            )
        )
    _check_tokens(body, max_tokens)


def checked_apart(body: bytes, *, max_tokens: int = MAX_TOKENS) -> bytes:
    """A text for a route that judges each record by itself, so that what `check` refuses of values does not cost the others.

    What would cost them all has become what costs its record alone: half of a surrogate pair U+0000, and what is nested deeper
    than `DEPTH_APART` levels nothing. The rest raises `Malformed` or `TooLarge`: NaN is no JSON for anyone.
    """
    body = without_half_surrogates(body)
    _check_utf8(body)
    formed = True
    try:
        _check_form(body)
    except RecursionError:  # it goes deeper than any parser: without its depths it can be judged
        formed = False
    cuts: list[int] = []
    _check_tokens(body, max_tokens, cuts)
    if cuts:
        view = memoryview(body)
        body = b"".join(view[start:end] for start, end in zip([0, *cuts[1::2]], [*cuts[::2], len(body)], strict=False))
    if not formed:
        _check_form(body)
    return body


def without_half_surrogates(body: bytes) -> bytes:
    """The text with U+0000 in the place of each escaped half of a surrogate pair, of the same length.

    No parser takes such a half, so one would cost all records of a body; U+0000 costs its record alone. A text with more than
    `MAX_SURROGATES` escapes of pairs is left as it is.
    """
    if not 0 < body.count(b"\\ud") + body.count(b"\\uD") <= MAX_SURROGATES:
        return body
    return _SURROGATES.sub(lambda found: found[0] if found[2] else found[1] + b"\\u0000", body)


def _check_form(body: bytes) -> None:
    """Raise `Malformed` unless it is JSON, `RecursionError` where it is nested too deep to tell."""
    try:
        _well_formed(body)
    except ValueError as error:
        raise Malformed(
            bilingual("The body is not JSON in UTF-8: {error}.", "Nội dung không phải JSON (UTF-8): {error}.", error=error)
        ) from error


def _check_utf8(body: bytes) -> None:
    if body.isascii():
        return
    # A text as a whole takes four bytes for each of its characters as soon as one of them needs them.
    decode = codecs.getincrementaldecoder("utf-8")().decode
    view = memoryview(body)
    try:
        for start in range(0, len(body), _WINDOW):
            decode(view[start : start + _WINDOW])
        decode(b"", True)
    except UnicodeDecodeError as error:
        raise Malformed(
            bilingual(
                "The body is not JSON in UTF-8: {error}.", "Nội dung không phải JSON (UTF-8): {error}.", error=error.reason
            )
        ) from error


def _check_tokens(body: bytes, max_tokens: int, cuts: list[int] | None = None) -> None:
    """Depth, number of tokens, keys and numbers of a text that is well formed.

    With `cuts` the values are not judged: it receives beginnings and ends, in turn, of what is deeper than `DEPTH_APART`.
    """
    values = cuts is None
    below = 0
    outer: list[list[bytes]] = []
    keys: list[bytes] = []
    escaped = 0 if b"\\" in body else None
    wide = len(body) > MAX_WIDE and (escaped is not None or not body.isascii())
    first = _FIRST.match(body)
    assert first is not None
    for count, token in enumerate(_TOKEN.finditer(body, first.end())):
        if count >= max_tokens:
            raise TooLarge(
                bilingual(
                    "The JSON holds more than {n} values. Send it in parts.",
                    "JSON có hơn {n} giá trị. Chia nhỏ rồi gửi.",
                    n=max_tokens,
                )
            )
        if wide and token.end() - token.start() > MAX_WIDE:
            raise TooLarge(
                bilingual(
                    "A text of the JSON is longer than {n} bytes. Shorten it.",
                    "Một chuỗi trong JSON dài hơn {n} byte. Rút ngắn chuỗi đó.",
                    n=MAX_WIDE,
                )
            )
        kind = token.lastindex
        if kind is None or kind == _KEY:
            continue
        if below:
            below += 1 if kind in (_OPENED, _OPENED_BY_KEY) else -1 if kind == _CLOSED else 0
            if not below and cuts is not None:
                cuts.append(token.start())
                keys = outer.pop()
            continue
        if kind == _CLOSED:
            if len(keys) > 1:
                escaped = _check_keys(keys, escaped)
            if not outer:
                return  # it is no JSON
            keys = outer.pop()
            continue
        if kind < _OPENED:
            keys.append(token[_KEY])
            if values and len(keys) > MAX_KEYS:
                raise TooLarge(
                    bilingual(
                        "An object of the JSON has more than {n} keys.", "Một đối tượng trong JSON có hơn {n} khóa.", n=MAX_KEYS
                    )
                )
        if kind in (_OPENED, _OPENED_BY_KEY):
            outer.append(keys)
            keys = []
            if cuts is None:
                if len(outer) > MAX_DEPTH:
                    raise _too_deep()
            elif len(outer) == DEPTH_APART:
                below = 1
                cuts.append(token.end(kind))
        elif kind == _NUMBER_OF_KEY:
            if values and (token[4] or token[5]):
                _check_number(token[0][len(token[_KEY]) :].strip(b" \t\r\n:,"))
        elif values and kind in (_LONG, _EXPONENT):
            _check_number(token[0].rstrip(b" \t\r\n,"))


def _check_keys(keys: list[bytes], escaped: int | None) -> int | None:
    """Raise unless the keys of an object differ; how many objects had `escaped` keys by now (None: nothing is escaped)."""
    different: set[bytes] | set[str] = set(keys)
    if escaped is not None and b"\\" in (joined := b",".join(keys)):
        escaped += 1
        if escaped > MAX_ESCAPED:
            raise TooLarge(
                bilingual(
                    "More than {n} objects of the JSON have escaped keys. Send it in parts, or write keys in UTF-8.",
                    "Hơn {n} đối tượng trong JSON có khóa viết dạng \\u. Chia nhỏ rồi gửi, hoặc viết khóa bằng UTF-8.",
                    n=MAX_ESCAPED,
                )
            )
        different = set(_texts(b"[%b]" % joined))
    if len(different) < len(keys):
        raise Malformed(
            Bilingual(
                "An object of the JSON gives a key twice. Give each once.",
                "Một đối tượng trong JSON có khóa lặp lại. Mỗi khóa chỉ ghi một lần.",
            )
        )
    return escaped


def _check_number(number: bytes) -> None:
    if len(number) > MAX_NUMBER:
        raise TooLarge(
            bilingual("The JSON holds a number of more than {n} characters.", "JSON có số dài hơn {n} ký tự.", n=MAX_NUMBER)
        )
    if math.isinf(float(number)):
        raise Malformed(Bilingual("The JSON holds a number that is out of range.", "JSON có số vượt quá giới hạn."))


def _too_deep() -> TooLarge:
    return TooLarge(
        bilingual(
            "The JSON is nested deeper than {n} levels. Send flatter data.",
            "JSON lồng sâu quá {n} cấp. Giảm số cấp.",
            n=MAX_DEPTH,
        )
    )
