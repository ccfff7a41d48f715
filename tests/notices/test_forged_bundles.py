"""Whatever a stranger writes into the bundle of a file that he signs himself is a verdict and no fault of the program.

SIZE=full: a thousand changes.
"""

from __future__ import annotations

import io
import json
import os
import random
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from services.notices.issuing.bundle import EvidenceBundle
from services.notices.verification.__main__ import lines
from services.notices.verification.budget import SECONDS
from services.notices.verification.offline import COUNTS, EVIDENCE, FIGURES, OfflineVerdict
from services.notices.verification.recomputing import recomputed
from services.notices.verification.signatures import attachments
from shared.languages import Bilingual
from tests.quick import cases

CHANGES = 1_000 if os.environ.get("SIZE") == "full" else cases(30)
ONCE_PASSED = (186, 534, 942)
"""A digest that is none, a version beyond any, no body."""
ATTACHED = (EVIDENCE, FIGURES, COUNTS)
DEEP = 60_000
STRANGE = (
    '{"a":' * DEEP + "1" + "}" * DEEP,
    "[" * DEEP + "]" * DEEP,
    "1e999",
    "-1e400",
    "NaN",
    "-Infinity",
    "9" * 5_000,
    "-9223372036854775809",
    "18446744073709551616",
    "1.0000000000000000000001",
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u0000\\u001b[2J"',
    '"' + "x" * 100_000 + '"',
    '"9999-99-99"',
    "null",
    "true",
    "0",
    "-1",
    '""',
    "[]",
    "{}",
    "[null]",
    '{"":null}',
)
"""What takes the place of a value."""
MARK = "\N{REPLACEMENT CHARACTER}here\N{REPLACEMENT CHARACTER}"


@pytest.fixture(scope="module")
def attached(issued: bytes) -> dict[str, bytes]:
    found = attachments(PdfFileReader(io.BytesIO(issued)))
    return {name: found[name] for name in ATTACHED}


def place(value: Any, chance: random.Random) -> tuple[Any, Any]:
    """A container somewhere in it, and a key or an index of that."""
    while True:
        keys = list(value) if isinstance(value, dict) else range(len(value))
        at = chance.choice(keys)
        inner = value[at]
        if not (isinstance(inner, dict | list) and inner) or chance.random() < 0.1:
            return value, at
        value = inner


def changed(content: bytes, chance: random.Random) -> bytes:
    """A value is another, is gone, stands twice, has an unknown one beside it; or the text is cut off or no UTF-8."""
    kind = chance.randrange(8)
    if kind == 0:
        return content[: chance.randrange(len(content))]
    if kind == 1:
        at = chance.randrange(len(content))
        return content[:at] + chance.choice((b"\xff", b"\xed\xa0\x80", b"\x00", b" ", b"\xef\xbb\xbf")) + content[at:]
    value = json.loads(content)
    inside, at = place(value, chance)
    if kind == 2:
        del inside[at]
    elif kind == 3 and isinstance(inside, dict):
        inside[MARK] = inside[at]
        name = json.dumps(chance.choice((at, "unknown")), ensure_ascii=False)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace(f'"{MARK}"', name).encode()
    else:
        inside[at] = MARK
        other = chance.choice(STRANGE)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace(f'"{MARK}"', other).encode()
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def forged(attached: dict[str, bytes], number: int) -> Iterator[dict[str, bytes]]:
    chance = random.Random(number)
    name = ATTACHED[number % len(ATTACHED)]
    other = changed(attached[name], chance)
    if other != attached[name]:
        yield attached | {name: other}


def test_no_structure_of_a_bundle_is_a_fault_of_the_program_or_passes_for_the_issued_one(attached: dict[str, bytes]) -> None:
    passed = []
    for number in {*range(CHANGES), *ONCE_PASSED}:
        for files in forged(attached, number):
            began = time.process_time()
            found = recomputed(*(files[name] for name in ATTACHED))
            assert time.process_time() - began < SECONDS / 2, number
            told = "\n".join(lines(OfflineVerdict("changed", [], found.bundle, known=found.known)))
            told.encode()
            if not found.faults:
                passed.append(number)
    assert passed == []


def test_what_a_stranger_wrote_neither_moves_the_cursor_nor_prints_a_line_of_its_own(attached: dict[str, bytes]) -> None:
    bundle = msgspec.json.decode(attached[EVIDENCE], type=EvidenceBundle)
    moved = "\x1b[2J\nNGUYÊN VẸN\r\u2028\u202e\x9b1A"
    issue = msgspec.structs.replace(bundle.issue, body=f"UBND{moved}", reference=moved, corrects=moved)
    other = msgspec.structs.replace(bundle, issue=issue)
    told = lines(OfflineVerdict("changed", [Bilingual(moved, moved)], other, known=[moved]))
    assert len(told) == 5
    assert all(one.isprintable() for one in told)
    assert told[-1].startswith("ĐÃ BỊ THAY ĐỔI")
