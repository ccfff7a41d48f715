"""Where a source may be: which addresses a caller may have this service connect to.

By default https on port 443 at public addresses. Everything else (http, another port, an address of a private network) only
where the operator lists it: `SOURCE_HOSTS`. A caller's address is checked when it is set, as far as it shows what it is, and
again at every call, when its name was resolved; the connection goes to the addresses that were checked, so a name cannot change
in between.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple, TypeAlias

from services.ingest.sources.errors import SourceMisconfigured
from shared.languages import Bilingual, bilingual
from shared.settings import settings

MAX_LENGTH = 500
"""Characters of an address."""

_FORM = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?((?:/[a-z0-9._~%-]*)*)", re.I | re.A)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.A)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.A)


IP: TypeAlias = IPv4Address | IPv6Address
_GLOBAL_IPV6 = IPv6Network("2000::/3")
_TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))
"""6to4 and Teredo: an IPv4 address inside, which may be any."""
_USUAL_PORTS = frozenset({80, 443})


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
        raise SourceMisconfigured(_unlike(base_url))
    scheme, host, port = (
        matched[1].lower(),
        matched[2].lower(),
        int(matched[3] or (443 if matched[1].lower() == "https" else 80)),
    )
    if not 1 <= port <= 65535:
        raise SourceMisconfigured(
            Bilingual(
                "The port in base_url must lie between 1 and 65535.",
                "Cổng trong base_url phải từ 1 đến 65535.",
            )
        )
    return Address(scheme, host_of(host), port)


def _unlike(base_url: str) -> Bilingual:
    """What is wrong with a text that is no address; nothing of it is repeated, since a password may stand in it."""
    if "://" not in base_url[:MAX_LENGTH]:
        return Bilingual(
            "base_url must begin with https:// (or http:// where the operator lists it in SOURCE_HOSTS).",
            "base_url phải bắt đầu bằng https:// (hoặc http:// nếu người vận hành cho phép trong SOURCE_HOSTS).",
        )
    rest = base_url[:MAX_LENGTH].partition("://")[2]
    if "@" in rest:
        return Bilingual(
            "base_url holds a user name or a password: leave them out. `secret` names the password, `username` and `client_id`"
            " who asks.",
            "base_url có tên người dùng hoặc mật khẩu: hãy bỏ đi. Dùng `secret` cho mật khẩu, `username` và `client_id` cho"
            " tên.",
        )
    if "?" in rest or "#" in rest:
        return Bilingual(
            "base_url holds a query (?) or a fragment (#): give the address alone, http(s)://host[:port][/path].",
            "base_url có truy vấn (?) hoặc dấu #: chỉ ghi địa chỉ http(s)://máy-chủ[:cổng][/đường-dẫn].",
        )
    return bilingual(
        "base_url must be http(s)://host[:port][/path] without a user name or a query, in ASCII, at most {n} characters.",
        "base_url phải có dạng http(s)://host[:port][/path], không có tên người dùng hay truy vấn, chữ ASCII, tối đa {n}"
        " ký tự.",
        n=MAX_LENGTH,
    )


def require_path(base_url: str, added: Collection[str]) -> None:
    """Raise `SourceMisconfigured` where the path of an address, which has passed `address_of`, cannot be that of an API.

    `added` are the first parts of the paths that are added to it: one that stands in it already would be there twice.
    """
    parts = base_url.partition("://")[2].rstrip("/").split("/")[1:]
    twice = next((part for part in parts if part in added), None)
    if twice is not None:
        raise SourceMisconfigured(
            bilingual(
                "base_url holds /{part}, which is added to it by itself: end it before that, as https://motcua.example.",
                "base_url có /{part}, là phần được tự thêm vào: chỉ ghi đến trước phần đó, như https://motcua.example.",
                part=twice,
            )
        )
    if any(part in ("", ".", "..") for part in parts):
        raise SourceMisconfigured(
            Bilingual(
                "The path in base_url has an empty part (//) or one of dots: write it as it is called.",
                "Đường dẫn trong base_url có phần trống (//) hoặc phần chỉ có dấu chấm: ghi đúng như khi gọi.",
            )
        )


def host_of(text: str) -> str:
    """A host as `Address` has it, from a name or an IP (IPv6 in brackets); raises `SourceMisconfigured`."""
    try:
        if text.startswith("["):
            return str(IPv6Address(text[1:-1]))
        labels = text.split(".")
        if _NUMBER.fullmatch(labels[-1]):
            return str(IPv4Address(text))
    except AddressValueError as error:
        raise SourceMisconfigured(
            Bilingual(
                "The host is no IP address in its usual form (192.0.2.1, [2001:db8::1]).",
                "Máy chủ không phải địa chỉ IP viết đúng dạng (192.0.2.1, [2001:db8::1]).",
            )
        ) from error
    if len(text) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise SourceMisconfigured(
            Bilingual(
                "The host is no name that a server could have.",
                "Tên máy chủ không hợp lệ.",
            )
        )
    return text


def is_public(ip: IP) -> bool:
    """Whether an address is one of the public internet, which no network of ours can have."""
    if isinstance(ip, IPv4Address):
        return ip.is_global and not (ip.is_multicast or ip.is_reserved)
    if ip.ipv4_mapped is not None:
        return is_public(ip.ipv4_mapped)
    return ip in _GLOBAL_IPV6 and ip.is_global and not any(ip in tunnel for tunnel in _TUNNELS)


class _Entry(NamedTuple):
    host: str | None
    network: IPv4Network | IPv6Network | None
    ports: frozenset[int] | None
    """None: any."""

    def covers(self, address: Address, ip: IP | None) -> bool:
        if self.ports is not None and address.port not in self.ports:
            return False
        if self.network is None:
            return self.host == address.host
        return ip is not None and (ip in self.network or _plain(ip) in self.network)


class Permitted:
    """What the operator lists beyond public addresses over https."""

    def __init__(self, listed: str) -> None:
        """`listed`: names, IPs and networks with a port or without one (then 80 and 443; `*` is any), separated by commas.

        `portal.lan`, `10.20.0.0/16:8443`, `[fd00::/8]:*`. Raises `ValueError` for an entry that is none of these.
        """
        self._entries = [_entry(one.strip()) for one in listed.lower().split(",") if one.strip()]

    def require_permitted(self, address: Address) -> None:
        """Raise `SourceMisconfigured` for what can never be called, whatever its name resolves to."""
        try:
            self.require_called(address, [ip_address(address.host)])
        except ValueError:
            by_name = any(entry.covers(address, None) for entry in self._entries)
            network = any(entry.network and (entry.ports is None or address.port in entry.ports) for entry in self._entries)
            if not (_usual(address) or by_name or network):
                raise _not_permitted(address) from None

    def require_called(self, address: Address, ips: Sequence[IP]) -> None:
        """Raise `SourceMisconfigured` unless a connection for `address` may go to each of `ips`."""
        for ip in ips:
            listed = any(entry.covers(address, ip) for entry in self._entries)
            if not (listed or (_usual(address) and is_public(ip))):
                raise _not_permitted(address)


def _usual(address: Address) -> bool:
    return address.scheme == "https" and address.port == 443


def _plain(ip: IP) -> IP:
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


def _not_permitted(address: Address) -> SourceMisconfigured:
    # The message does not name the resolved address: names of the operator's network are nobody else's business.
    return SourceMisconfigured(
        bilingual(
            "No source may be read at {scheme}://{address}: only https on port 443 at public addresses, and what the operator"
            " of ingest lists in SOURCE_HOSTS.",
            "Không được đọc nguồn tại {scheme}://{address}: chỉ https cổng 443 ở địa chỉ công khai, và những gì người vận hành"
            " ingest ghi trong SOURCE_HOSTS.",
            scheme=address.scheme,
            address=address.written,
        )
    )


def _entry(text: str) -> _Entry:
    host, port = text, ""
    if text.startswith("["):
        host, closed, port = text[1:].partition("]")
        if not closed or port[:1] not in ("", ":"):
            raise ValueError(f"SOURCE_HOSTS cannot be read: {text!r} is no host, IP or network with or without a port.")
        port = port[1:]
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    ports = _USUAL_PORTS if not port else None
    if port not in ("", "*"):
        if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
            raise ValueError(f"SOURCE_HOSTS cannot be read: {port!r} in {text!r} is no port.")
        ports = frozenset({int(port)})
    try:
        return _Entry(None, ip_network(host, strict=False), ports)
    except ValueError:
        pass
    try:
        return _Entry(host_of(host), None, ports)
    except SourceMisconfigured as error:
        raise ValueError(f"SOURCE_HOSTS cannot be read: {text!r} is no host, IP or network with or without a port.") from error


def permitted() -> Permitted:
    """Where the operator lets sources be; raises `ValueError` for a list that cannot be read."""
    return Permitted(settings().source_hosts)
