"""Holds what the services know against the ledger: every dossier by the feed, every figure by the KPIs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from tests.faults.ledger import Entry, figures, periods


@dataclass
class Compared:
    """What was compared and what differed."""

    dossiers: int = 0
    deleted: int = 0
    """Dossiers that the source has no more, as we know too."""
    figures: int = 0
    lost: int = 0
    """Dossiers that are missing, and counts that are too low."""
    doubled: int = 0
    """Dossiers that nobody has or that exist twice, and counts that are too high."""
    differences: int = 0
    """Dossiers and figures that are not as they must be."""
    examples: list[str] = field(default_factory=list)

    def differ(self, text: str) -> None:
        """Note a difference."""
        self.differences += 1
        self.examples.append(text)


class _Facts(msgspec.Struct):
    """What is compared of a dossier, as it stands in the feed, by types of our own."""

    code: str
    status: str | None = None
    agency: str | None = None
    channel: str | None = None
    received_on: str | None = None
    ended_on: str | None = None
    outcome: str | None = None
    timeliness: str | None = None
    late_from: str | None = None
    suspensions: list[list[str | None]] = []
    contradictions: list[dict[str, str]] = []
    deleted: bool = False


class _Version(msgspec.Struct):
    position: int
    number: int
    facts: _Facts


class _Page(msgspec.Struct):
    items: list[_Version]


def compare(
    url: Callable[[str], str], keys: Mapping[Any, str], province: str, known: list[Entry], deleted: Set[str]
) -> Compared:
    """Dossier by dossier and figure by figure; the services must be at rest.

    `deleted` are the codes that the source has no more. Those that were never read are missing rightly; those that were must be
    known as deleted, unless they were never received: no total counts these, so no reconciliation need find out.
    """
    found = Compared()
    with httpx.Client(timeout=60) as http:
        _dossiers(_feed(http, url("ingest"), keys["ingest"], province), known, deleted, found)
        for begin, end in periods(known):
            question = {"province": province, "from": begin.isoformat(), "to": end.isoformat(), "by": "agency"}
            body = _answer(http, url("metrics") + "/v1/kpis", keys["metrics"], question).json()
            if not body["balance"]["ok"]:
                found.differ(f"{begin}..{end}: the balance does not hold: {body['balance']['breaks']}")
            rows = {row["code"]: row["kpis"] for row in body["rows"]}
            wanted = figures(known, begin, end)
            for code, counts in wanted.items():
                for kpi, count in counts.items():
                    _figure(f"{begin}..{end} {code} {kpi}", count, rows.get(code, {}).get(kpi), found)
            for code in rows.keys() - wanted.keys():
                for kpi, figure in rows[code].items():
                    if figure["denominator"] is None and kpi in _COUNTED:
                        _figure(f"{begin}..{end} {code} {kpi}", 0, figure, found)
    return found


_COUNTED = {"received_new", "carried_over", "resolved", "in_process", "returned", "contradictory"}


def _figure(name: str, wanted: int, figure: Mapping[str, Any] | None, found: Compared) -> None:
    found.figures += 1
    count = 0 if figure is None else figure["value"]
    if count != wanted:
        found.lost += max(wanted - count, 0)
        found.doubled += max(count - wanted, 0)
        found.differ(f"{name}: expected {wanted}, found {count}")


def _answer(http: httpx.Client, url: str, key: str, question: Mapping[str, Any]) -> httpx.Response:
    """A service that finds its connections cut says 503 and means `again in a moment`."""
    for _attempt in range(20):
        answer = http.get(url, params=question, headers={"Authorization": f"Bearer {key}"})
        if answer.status_code != 503:
            break
        time.sleep(0.25)
    return answer.raise_for_status()


def _feed(http: httpx.Client, url: str, key: str, province: str) -> Iterator[_Version]:
    after = 0
    while True:
        answer = _answer(http, f"{url}/v1/feed", key, {"province": province, "after": after, "limit": 5_000})
        items = msgspec.json.decode(answer.content, type=_Page).items
        if not items:
            return
        yield from items
        after = items[-1].position


def _dossiers(versions: Iterable[_Version], known: list[Entry], deleted: Set[str], found: Compared) -> None:
    newest: dict[int, _Facts] = {}
    for place, version in enumerate(versions, start=1):
        if version.position != place:
            found.differ(f"the feed has a gap before position {version.position}")
        newest[version.number] = version.facts
    by_code: dict[str, _Facts] = {}
    for facts in newest.values():
        if facts.code in by_code:
            found.doubled += 1
            found.differ(f"{facts.code} exists twice")
        by_code[facts.code] = facts
    wanted = {one.code: one for one in known}
    found.dossiers = len(wanted)
    for code in wanted.keys() - by_code.keys():
        found.lost += 1
        found.differ(f"{code} is missing")
    for code in by_code.keys() - wanted.keys():
        if code not in deleted:
            found.doubled += 1
            found.differ(f"{code} is in no ledger")
        elif by_code[code].deleted:
            found.deleted += 1
        elif by_code[code].received_on is not None:
            found.doubled += 1
            found.differ(f"{code} was deleted at the source and is not here")
    for code in wanted.keys() & by_code.keys():
        differing = list(_unequal(wanted[code], by_code[code]))
        if differing:
            found.differ(f"{code}: {'; '.join(differing)}")


def differences(wanted: Entry, facts: object) -> list[str]:
    """How the facts of a dossier, as they stand in the feed, differ from what the ledger says."""
    return list(_unequal(wanted, msgspec.convert(facts, _Facts)))


def _unequal(wanted: Entry, facts: _Facts) -> Iterator[str]:
    pairs: dict[str, tuple[Any, Any]] = {
        "contradictory": (wanted.contradictory, bool(facts.contradictions)),
        "deleted": (False, facts.deleted),
        "agency": (wanted.agency, (facts.agency or "").partition("@")[0]),
        "suspensions": (
            [[begin.isoformat(), end and end.isoformat()] for begin, end in wanted.suspensions],
            facts.suspensions,
        ),
    }
    for name in ("status", "channel", "outcome", "timeliness"):
        pairs[name] = getattr(wanted, name), getattr(facts, name)
    for name in ("received_on", "ended_on", "late_from"):
        day = getattr(wanted, name)
        pairs[name] = day and day.isoformat(), getattr(facts, name)
    for name, (left, right) in pairs.items():
        if left != right:
            yield f"{name} expected {left}, found {right}"
