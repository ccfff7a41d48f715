"""Passwords of sources: a namespace of their own, each bound by the operator to a province and to the hosts that may see it.

`MOTCUA_SECRET_<NAME>` is the password and belongs to ingest's worker alone. `MOTCUA_SECRET_<NAME>_PROVINCE` (the province) and
`MOTCUA_SECRET_<NAME>_HOSTS` (`host[:port]`, comma-separated; 443 where no port stands) bind it. The API has these two as well,
so it refuses a source that asks for a password it would not get.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.ingest.sources.errors import SourceMisconfigured
from services.ingest.sources.http.addresses import Address, host_of
from shared.languages import bilingual

PREFIX = "MOTCUA_SECRET_"
PROVINCE, HOSTS = "_PROVINCE", "_HOSTS"


@dataclass(frozen=True)
class Secret:
    """A password and the only places it may be sent to."""

    value: str = field(repr=False)
    hosts: frozenset[tuple[str, int]]

    def value_for(self, host: str, port: int) -> str:
        """The password, for a request to that host and port; raises `SourceMisconfigured` where it may not go."""
        if (host, port) not in self.hosts:
            raise SourceMisconfigured(
                bilingual(
                    "The password of this source may not be sent to {host}:{port}: it is bound to other hosts.",
                    "Mật khẩu của nguồn này không được gửi tới {host}:{port}: nó dành cho máy chủ khác.",
                    host=host,
                    port=port,
                )
            )
        return self.value


def require_bound(name: str, province: str, address: Address, environment: Mapping[str, str]) -> frozenset[tuple[str, int]]:
    """The hosts that `name` is bound to; raises `SourceMisconfigured` unless this province and address are bound to it.

    Unbound, another province's and another host's have the same message, so that names of secrets cannot be found out.
    """
    if name.endswith((PROVINCE, HOSTS)):
        raise SourceMisconfigured(
            bilingual(
                "No secret can be named {name}: variables that end with {province} or {hosts} bind secrets.",
                "Không thể đặt tên mật khẩu là {name}: biến kết thúc bằng {province} hoặc {hosts} dùng để ràng buộc mật khẩu.",
                name=name,
                province=PROVINCE,
                hosts=HOSTS,
            )
        )
    bound_to = environment.get(f"{PREFIX}{name}{PROVINCE}", "").strip()
    hosts = _hosts(name, environment)
    if bound_to != province or (address.host, address.port) not in hosts:
        raise SourceMisconfigured(
            bilingual(
                "No secret {name} is bound to province {province} and {address}. The operator binds it with {first} and"
                " {second}, for API and"
                " worker of ingest, and starts them anew.",
                "Không có mật khẩu {name} được ràng buộc với tỉnh {province} và {address}. Người vận hành ràng buộc bằng"
                " {first} và {second}"
                " cho API và tiến trình nền của ingest, rồi khởi động lại.",
                name=name,
                province=province,
                address=address.written,
                first=f"{PREFIX}{name}{PROVINCE}",
                second=f"{PREFIX}{name}{HOSTS}",
            )
        )
    return hosts


def secret_of(name: str, province: str, address: Address, environment: Mapping[str, str]) -> Secret:
    """The password `name`, for a source of `province` at `address`; raises `SourceMisconfigured`."""
    hosts = require_bound(name, province, address, environment)
    value = environment.get(f"{PREFIX}{name}", "")
    if not value:
        raise SourceMisconfigured(
            bilingual(
                "The worker has no variable {name} with the password of this source.",
                "Tiến trình nền không có biến {name} chứa mật khẩu của nguồn này.",
                name=PREFIX + name,
            )
        )
    return Secret(value, hosts)


def _hosts(name: str, environment: Mapping[str, str]) -> frozenset[tuple[str, int]]:
    found = set()
    for entry in environment.get(f"{PREFIX}{name}{HOSTS}", "").lower().split(","):
        host, colon, port = entry.strip().rpartition(":") if not entry.strip().endswith("]") else (entry.strip(), "", "")
        if not colon:
            host, port = host or port, "443"
        if not host:
            continue
        if not (port.isascii() and port.isdecimal()):
            raise SourceMisconfigured(
                bilingual(
                    "{name} cannot be read: entries are host or host:port.",
                    "Không đọc được {name}: mỗi mục là host hoặc host:port.",
                    name=PREFIX + name + HOSTS,
                )
            )
        found.add((host_of(host), int(port)))
    return frozenset(found)
