"""How one iGate portal is reached and understood."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

import msgspec

from services.ingest.sources.bounds import Bounds, require_within
from services.ingest.sources.codes import check_patterns
from services.ingest.sources.http import Credentials
from services.ingest.sources.restraint import Limits
from services.ingest.sources.secrets import Secret
from shared.dossier import Channel, Status

_BOUNDS: Bounds = {"page_size": (1, 10_000), "overlap_seconds": (0, 30 * 86_400), "passes": (1, 10)}


class Settings(Limits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a source of the kind `igate`; the limits of `Limits` stand beside them."""

    base_url: str
    realm: str = "digo"
    client_id: str = "motcua"
    grant: Literal["client_credentials", "password"] = "client_credentials"
    username: str | None = None
    page_size: int = 1000
    """Rows per page; a portal may understand fewer, which is noticed."""
    overlap_seconds: float = 900.0
    """How far below its watermark a pull reads again: rows that were written before it and became visible after it."""
    passes: int = 3
    """How often a whole list is read at most, until it is proven that nothing was skipped."""
    statuses: dict[str, Status] = msgspec.field(default_factory=dict)
    """Names of `dossierStatus` beyond those that `services.ingest.sources.names` knows, or meant otherwise."""
    tasks: dict[str, Status] = msgspec.field(default_factory=dict)
    channels: dict[str, Channel] = msgspec.field(default_factory=dict)
    paid_online: dict[str, bool] = msgspec.field(default_factory=dict)
    codes: list[str] = msgspec.field(default_factory=list)
    """Patterns of its dossier codes beyond the known forms (`services.ingest.sources.codes`)."""
    without_token: bool = False
    """The portal is open within its network."""

    def __post_init__(self) -> None:
        """Refuse what no portal understands."""
        super().__post_init__()
        require_within(self, _BOUNDS)
        check_patterns(self.codes)
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
