"""What the decoder of each kind makes of a corpus of records: when that changes, its `REVISION` must be counted up.

`python -m tests.ingest.revisions` writes `revisions.json`, which is compared by `test_revisions.py`. It refuses answers that
changed under a revision that did not.
"""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from services.ingest.events.model import Event, Rejected, UnknownWord
from services.ingest.sources.fields import vocabulary
from services.ingest.sources.fields.departments import DEPARTMENTS, STEP_NAMES
from services.ingest.sources.fields.whitelist import Spec
from services.ingest.sources.kinds import KINDS
from services.ingest.sources.model import Kind
from tests.ingest.test_source_contract import LATEST, SUBJECTS

RECORDED = Path(__file__).with_name("revisions.json")
VALUES: tuple[Any, ...] = (
    *(
        None,
        "",
        " ",
        "-",
        "x",
        "NULL",
        "0",
        "1",
        "2",
        "3",
        "4",
        "10",
        0,
        1,
        2,
        10,
        15_000,
        1.5,
        True,
        False,
        [],
        {},
        [None],
        [{}],
    ),
    *("2023-06-15T08:00:00.000+0700", "2023-06-15T08:00:00+07:00", "2023-06-15T08:00:00Z", "2023-06-15T08:00:00.600Z"),
    *("2023-06-15 08:00", "2023-06-15", "15/06/2023 08:00", "15/06/2023", "6/15/2023", "05/06/2023", "08:00 15/06/2023"),
    *(
        "15-06-2023",
        "15.06.2023 8h30",
        "15/06/2023 08:30 CH",
        "20230615080000",
        "20230615",
        "20231315080000",
        "45092.5",
        45092.5,
    ),
    *(45_092, 1686790800000, "0001-01-01T00:00:00", "00010101000000", "01/01/1900", "00/01/1900", "31/02/2023", "2199-01-01"),
    *(
        "2030-01-01T00:00:00Z",
        "01/01/2030",
        "hôm qua",
        "000.00.19.H30-230615-0042",
        "000.00.19.H30-230615-0043/BS",
        "12345678901",
    ),
    *(
        "123/2023/BN",
        "H30-1",
        "Nguyễn Văn An",
        "Trần Thị B 0912345678",
        "1.001612",
        "1.001612.000.00.00.H30",
        "1.00161",
        1.00161,
    ),
    *("10813", "0042", "P.TNMT", "UBND xã Hồng Lạc", "Phòng Tư pháp", "Một từ lạ", "đã", "Đã trả kết quả", "ĐÃ TRẢ KẾT QUẢ"),
    *(
        "  Trực tuyến ",
        "delivered",
        "online",
        {"name": "Trực tuyến"},
        {"name": "Tạm dừng"},
        {"name": "Từ lạ"},
        {"code": "10813"},
    ),
    *([{"name": "Tạm dừng", "createdDate": "2023-06-16T08:00:00+07:00"}], [{"digitizingStatus": 3}], [{"amount": 0}]),
    *("–", "…", "· · ·"),
)
"""Stand in each place of the records. Further ones are written at the end."""
WORDS = sorted(
    {
        *vocabulary.STATUSES,
        *vocabulary.TASKS,
        *vocabulary.CHANNELS,
        *vocabulary.FEE_FLAGS,
        *(word for name, others in (*DEPARTMENTS.items(), *STEP_NAMES.items()) for word in (name, *others)),
    }
)
"""All words that are known."""
_UNKNOWN = ("Xyz xyz", "Zyx zyx")
SEVERAL = 100
"""Records with several places changed ..."""
_FIRST = 84
"""... by so many of the values, which stay the same when further ones are written."""
Decode = Callable[[object], Event | Rejected]
_DIGITS = 4


class Answers(msgspec.Struct):
    """What one revision of a decoder answers, as digests."""

    revision: int
    records: dict[str, str]
    """By the place in the records: a digest of `_DIGITS` for each of `VALUES` in it."""
    words: dict[str, str]
    """By the place: a digest of all words that say something there."""


def answers(name: str, kind: Kind) -> Answers:
    """What the decoder of a kind answers now."""
    found = Answers(kind.REVISION, {}, {})
    settings = msgspec.convert(kind.EXAMPLE_SETTINGS, kind.Settings)
    decode = kind.decoder("x", settings, LATEST)
    examples = [
        _kept(one, kind.FIELDS) for one in (kind.EXAMPLE_RECORD, *(SUBJECTS[name].examples if name in SUBJECTS else ()))
    ]
    for example in examples:
        for holder, key, at in _places(example, ""):
            if at not in found.records:
                found.records[at] = "".join(_digest(one) for one in _each(decode, example, holder, key, VALUES))
                said = dict(zip(WORDS, _each(decode, example, holder, key, WORDS), strict=True))
                nothing, other = _each(decode, example, holder, key, _UNKNOWN)
                if nothing == other and (known := {word: one for word, one in said.items() if one != nothing}):
                    found.words[at] = _digest(known, 8)
    found.records["several"] = "".join(_digest(_several(decode, examples, seed)) for seed in range(SEVERAL))
    return found


def changed(before: Answers, now: Answers) -> list[str]:
    """What is read otherwise than before, in words."""
    found = []
    for at, digests in before.records.items():
        new = now.records.get(at, "")
        for number in range(len(digests) // _DIGITS):
            place = slice(number * _DIGITS, (number + 1) * _DIGITS)
            if digests[place] != new[place]:
                found.append(f"{at} = {VALUES[number]!r}" if number < len(VALUES) else at)
    return found + [
        f"the known words in {at}" for at in before.words.keys() | now.words if before.words.get(at) != now.words.get(at)
    ]


def recorded() -> dict[str, Answers]:
    """What was written."""
    return msgspec.json.decode(RECORDED.read_bytes(), type=dict[str, Answers]) if RECORDED.exists() else {}


def _kept(value: Any, spec: Spec | None) -> Any:
    """Of a record what may be kept: the decoder sees no more."""
    if isinstance(value, Mapping):
        return {name: _kept(one, (spec or {})[name]) for name, one in value.items() if name in (spec or {})}
    return [_kept(one, spec) for one in value] if isinstance(value, list) else value


def _places(value: Any, above: str) -> Iterator[tuple[Any, Any, str]]:
    """Every place of a record in which a value can stand, with its name; of a list the first."""
    for key in list(value) if isinstance(value, dict) else range(min(len(value), 1)):
        at = f"{above}.{key}".removeprefix(".")
        yield value, key, at
        if isinstance(value[key], dict | list):
            yield from _places(value[key], at)


def _each(decode: Decode, record: Any, holder: Any, key: Any, values: Iterable[Any]) -> list[Any]:
    """What is read with each of the values in a place."""
    kept = holder[key]
    read = []
    for value in values:
        holder[key] = value
        read.append(_answer(decode(record)))
    holder[key] = kept
    return read


def _several(decode: Decode, examples: list[Any], seed: int) -> Any:
    """What is read of a record of which several places are others."""
    chance = random.Random(seed)
    record = copy.deepcopy(chance.choice(examples))
    for holder, key, _ in chance.sample(list(_places(record, "")), 3):
        holder[key] = copy.deepcopy(chance.choice(VALUES[:_FIRST]))
    return _answer(decode(record))


def _answer(read: Event | Rejected) -> Any:
    if isinstance(read, Event):
        return _plain(read)
    return [read.reason.value, read.code, _plain(read.version_at), _plain(read.unknown)]


def _plain(value: Any) -> Any:
    """An event by names, without what it says nothing of: a field that is added later changes no answer."""
    if isinstance(value, msgspec.Struct):
        names = (name for name in value.__struct_fields__ if not (isinstance(value, UnknownWord) and name == "word"))
        members = ((name, _plain(getattr(value, name))) for name in names)
        return {name: one for name, one in members if one not in (None, [], {})}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _digest(value: Any, size: int = _DIGITS // 2) -> str:
    return blake2b(msgspec.json.encode(value), digest_size=size).hexdigest()


def main() -> int:
    """Write the answers; exit code 1 when one changed under the same revision."""
    before, now = recorded(), {name: answers(name, kind) for name, kind in KINDS.items()}
    for name, known in before.items():
        if name in now and now[name].revision <= known.revision and (others := changed(known, now[name])):
            print(f"{name} reads {others[0]} otherwise ({len(others)} in all): count its REVISION up first.", file=sys.stderr)
            return 1
    RECORDED.write_bytes(msgspec.json.format(msgspec.json.encode(now), indent=1) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
