"""How one iGate portal is reached and understood."""

from __future__ import annotations

from typing import ClassVar, Literal
from urllib.parse import quote

import msgspec

from services.ingest.sources.bounds import Bounds
from services.ingest.sources.fields.codes import check_patterns
from services.ingest.sources.fields.departments import KnownName, check_names
from services.ingest.sources.fields.instants import Clock
from services.ingest.sources.http.client import Credentials
from services.ingest.sources.http.rate_limits import LIMITS, Limits
from services.ingest.sources.http.secrets import Secret
from shared.dossier import Channel, Status


class Settings(Limits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a source of the kind `igate`; the limits of `Limits` stand beside them."""

    BOUNDS: ClassVar[Bounds] = {
        **LIMITS,
        "page_size": (1, 10_000),
        "overlap_seconds": (0, 30 * 86_400),
        "passes": (1, 10),
        "first_page": (0, 1),
    }
    PATHS: ClassVar[frozenset[str]] = frozenset({"pa", "bd", "auth"})
    """First parts of the paths that are added to `base_url`."""
    FETCHING: ClassVar[frozenset[str]] = frozenset({*LIMITS, "page_size", "overlap_seconds", "passes"})
    """Settings that say how loud and in which parts it is read: a change of these alone makes no other reading."""

    base_url: str
    """Address of the portal's API: https on port 443, or what the operator lists in `SOURCE_HOSTS`."""
    realm: str = "digo"
    """Realm of its Keycloak."""
    client_id: str = "motcua"
    """Client that tokens are asked for."""
    grant: Literal["client_credentials", "password"] = "client_credentials"
    """How: by the client's secret, or by user name and password."""
    username: str | None = None
    """Of the grant `password`."""
    page_size: int = 1000
    """Rows per page; a portal may understand fewer, which is noticed."""
    overlap_seconds: float = 900.0
    """How far below its watermark a pull reads again: rows that were written before it and became visible after it."""
    passes: int = 5
    """How often a list is read at most within a pull, until it is verified that nothing was skipped."""
    clock: Clock | None = None
    """Whose time dates without an offset are; by default a record with such a date cannot be read."""
    first_page: int = 0
    """Number of the first page of the portal's lists."""
    statuses: dict[str, Status] = msgspec.field(default_factory=dict)
    """Names of `dossierStatus` beyond those that are known, or meant otherwise."""
    tasks: dict[str, Status] = msgspec.field(default_factory=dict)
    """Names of `task` beyond those that are known, or meant otherwise."""
    channels: dict[str, Channel] = msgspec.field(default_factory=dict)
    """Names of `applyMethod` beyond those that are known, or meant otherwise."""
    paid_online: dict[str, bool] = msgspec.field(default_factory=dict)
    """Names of `paymentMethod`, and whether that is online, beyond those that are known."""
    departments: dict[str, KnownName] = msgspec.field(default_factory=dict)
    """Names of departments by the names of `task[].agency`, beyond those that are known, or meant otherwise."""
    steps: dict[str, KnownName] = msgspec.field(default_factory=dict)
    """Names of steps by the names of `task`, beyond those that are known, or meant otherwise."""
    codes: list[str] = msgspec.field(default_factory=list)
    """Patterns of its dossier codes beyond the known forms: regular expressions of RE2."""
    without_token: bool = False
    """The portal is open within its network."""

    def __post_init__(self) -> None:
        """Refuse what no portal understands."""
        super().__post_init__()
        check_patterns(self.codes)
        check_names(self.departments, "departments")
        check_names(self.steps, "steps")
        if self.grant == "password" and not self.username:
            raise ValueError("the grant 'password' needs a username")

    def credentials(self, secret: Secret | None) -> Credentials | None:
        """What tokens are fetched with."""
        if self.without_token:
            return None
        return Credentials(
            token_path=f"/auth/realms/{quote(self.realm, safe='')}/protocol/openid-connect/token",
            client_id=self.client_id,
            grant=self.grant,
            username=self.username,
            secret=secret,
        )
