"""What is found of a file that is verified. Pure."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from services.notices.figures.model import Figure

FileVerdict = Literal["unchanged", "signed_further", "changed"]
"""`unchanged`: as it was issued, byte by byte; `signed_further`: nothing but signatures was added, and these hide nothing;
`changed`: anything else."""

CODE = re.compile("[A-HJ-NP-Z2-9]{26}")
"""Under which a notice is verified."""
_END = b"%%EOF"
_ADDRESS = re.compile(rb"(?:/|\\057)v(?:/|\\057)([A-HJ-NP-Z2-9]{26})(?![A-Z0-9])")
"""A text of a PDF may write a slash by its number."""
MAX_PREFIXES = 40
"""Ends of a PDF's revisions that are looked at."""


def prefix_digests(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Where a revision of a PDF may end, with the SHA-256 of all before: what was appended leaves what was issued as it was."""
    running, done, end = hashlib.sha256(), 0, -1
    for _ in range(MAX_PREFIXES):
        end = content.find(_END, end + 1)
        if end < 0:
            return
        after = end + len(_END)
        for stop in (after, after + 1, after + 2):
            if done < stop <= len(content) and (stop == after or content[stop - 1 : stop] in b"\r\n"):
                running.update(content[done:stop])
                done = stop
                yield stop, running.digest()


def codes_in(content: bytes) -> list[str]:
    """The verification codes that a file names, the first ones first."""
    return list(dict.fromkeys(found.decode() for found in _ADDRESS.findall(content)))[:5]


class RecountedFigure(msgspec.Struct, frozen=True):
    """A figure of a notice that is counted otherwise now."""

    key: str
    """Its key in the notice."""
    figure_id: str | None
    """Id at metrics, as the notice states it; null of points of the index of decision 766, which have none."""
    stated: str
    """As the notice prints it."""
    now: str
    """As it would be printed now."""
    by: int | None
    """How many more dossiers, or fewer; null for a share and for points."""


def moved_figures(stated: Mapping[str, Figure], now: Mapping[str, Figure]) -> list[RecountedFigure]:
    """The figures of metrics that would be printed otherwise now, in the order of the notice."""
    found = []
    for key, figure in stated.items():
        if (figure.figure_id is None and figure.index is None) or (newer := now.get(key)) is None:
            continue
        if figure.tabular() != newer.tabular():
            by = None
            if figure.denominator is None and figure.numerator is not None and newer.numerator is not None:
                by = newer.numerator - figure.numerator
            found.append(RecountedFigure(key, figure.figure_id, figure.prose(), newer.prose(), by))
    return found


def client_of(address: str) -> str:
    """Whose address it is: one client has as many of IPv6 as it likes that begin with the same 64 bits."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address  # of a socket that has none
    if parsed.version == 4:
        return address
    return str(parsed.ipv4_mapped) if parsed.ipv4_mapped is not None else f"{int(parsed) >> 64:x}"


class RateLimit:
    """So many requests of one client in a span of time, counted from its first one, by this process."""

    def __init__(self, requests: int, seconds: float, *, clients: int = 10_000) -> None:
        """Of `clients` at most; when there are more, all are forgotten."""
        self._requests, self._seconds, self._clients = requests, seconds, clients
        self._seen: dict[str, tuple[float, int]] = {}

    def admit(self, address: str, now: float) -> float:
        """0 for a request that is admitted, else the seconds until the next one is."""
        client = client_of(address)
        begun, count = self._seen.get(client, (now, 0))
        if now - begun >= self._seconds:
            begun, count = now, 0
        if count >= self._requests:
            return self._seconds - (now - begun)
        if len(self._seen) >= self._clients and client not in self._seen:
            self._seen.clear()
        self._seen[client] = (begun, count + 1)
        return 0.0
