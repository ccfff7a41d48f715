"""Where a source may be: which addresses a caller may have this service connect to."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple

from services.ingest.sources.errors import SourceMisconfigured

MAX_LENGTH = 500
"""Characters of an address."""

_FORM = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?((?:/[a-z0-9._~%-]*)*)", re.I | re.A)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.A)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.A)


class Address(NamedTuple):
    """Where connections go: the host as a name in lower case or as a literal IP without brackets."""

    scheme: str
    host: str
    port: int

    @property
    def written(self) -> str:
        """As `host:port`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address_of(base_url: str) -> Address:
    """The address in `base_url`; raises `SourceMisconfigured` for anything that two readers could understand differently.

    No user name, query, fragment, backslash or blank; a name is ASCII (IDNA in its xn-- form) without a dot at the end; an IPv4
    address has four plain decimal numbers, because the system's resolver also reads `0x7f.1` and `2130706433`.
    """
    matched = _FORM.fullmatch(base_url) if len(base_url) <= MAX_LENGTH else None
    if matched is None:
        raise SourceMisconfigured(
            "base_url must be http(s)://host[:port][/path] without a user name or a query, in ASCII and at most"
            f" {MAX_LENGTH} characters."
        )
    scheme, host, port = (
        matched[1].lower(),
        matched[2].lower(),
        int(matched[3] or (443 if matched[1].lower() == "https" else 80)),
    )
    if not 1 <= port <= 65535:
        raise SourceMisconfigured("The port in base_url must lie between 1 and 65535.")
    return Address(scheme, host_of(host), port)


def host_of(text: str) -> str:
    """A host as `Address` has it, from a name or an IP (IPv6 in brackets); raises `SourceMisconfigured`."""
    try:
        if text.startswith("["):
            return str(IPv6Address(text[1:-1]))
        labels = text.split(".")
        if _NUMBER.fullmatch(labels[-1]):
            return str(IPv4Address(text))
    except AddressValueError as error:
        raise SourceMisconfigured("The host is no IP address in its usual form (192.0.2.1, [2001:db8::1]).") from error
    if len(text) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise SourceMisconfigured("The host is no name that a server could have.")
    return text
