"""Settings of an installation, read from environment variables once."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Service = Literal["ingest", "metrics", "notices"]
SERVICES: tuple[Service, ...] = ("ingest", "metrics", "notices")

Plans = Literal["once", "each time", "by cost"]
"""When PostgreSQL plans a statement that a connection repeats: once, for any parameters; for the parameters of each time; or
once if that costs no more, as it thinks by itself."""


MIN_SECRET_LENGTH = 32
"""Characters of a secret that is worth signing with."""


class SettingMissing(Exception):
    """A process lacks a setting it cannot do without; the message says which, and what to give."""


class SettingWrong(Exception):
    """A setting cannot be right; the message says which, and why."""


_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?")
"""A scheme, a host and a port that is not the scheme's own, without a path (RFC 6454)."""
_SCHEMES = {"database": ("postgresql", "postgres", "postgresql+asyncpg"), "redis": ("redis", "rediss", "unix")}


PublishedUnit = Literal["month", "quarter", "year"]


class ScoresEndpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An address at which a portal publishes scores of decision 766, for a province and a civil period."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    """Of the group that it publishes, such as `progress`; under it failures are told."""
    url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/]+(/\S*)?$", max_length=2_000)]
    """Where the body is posted to."""
    body: dict[str, str | int | bool | None]
    """The JSON that is posted. In its texts `{province}`, `{year}`, `{quarter}`, `{month}`, `{from}` and `{to}` are filled in;
    a text that is nothing else becomes a number, or null where the period has no such part."""
    periods: frozenset[PublishedUnit] = frozenset(("month", "quarter", "year"))
    """For which periods it is asked."""
    provinces: dict[str, str] = {}
    """The portal's codes of provinces by ours, where they differ; where any stand here, no other province is asked for."""


def _scores_endpoints(value: str) -> tuple[ScoresEndpoint, ...]:
    return msgspec.json.decode(value, type=tuple[ScoresEndpoint, ...]) if value.strip() else ()


class Settings(BaseSettings):
    """Names are environment variables in capitals (`DATABASE_URL`); a `.env` file is not read."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    database_url: SecretStr = Field(
        default=SecretStr("postgresql://localhost/motcua"), description="Owner's URL: migrations use it, a service never does"
    )
    ingest_database_url: SecretStr = Field(default=SecretStr(""), description="URL of the role motcua_ingest")
    metrics_database_url: SecretStr = Field(default=SecretStr(""), description="URL of the role motcua_metrics")
    notices_database_url: SecretStr = Field(default=SecretStr(""), description="URL of the role motcua_notices")
    database_pool: int = Field(default=8, ge=1, le=200, description="Connections per process")

    reading_plans: Plans = Field(
        default="once",
        description="When statements that read figures are planned: `once`, since planning takes as long as reading; `by cost`"
        " for a database that is spread over several servers and finds the one of a province while it plans",
    )

    redis_url: str = Field(
        default="redis://localhost:6379/0", description="Carries notifications between services, stores nothing"
    )

    source_hosts: str = Field(
        default="",
        description="Where sources may be read beside https on port 443 at public addresses: names, IPs and networks with a"
        " port (* is any) or without one (80 and 443), separated by commas",
    )

    ingest_url: str = "http://127.0.0.1:8101"
    metrics_url: str = "http://127.0.0.1:8102"
    notices_url: str = "http://127.0.0.1:8103"
    ingest_key: SecretStr = Field(default=SecretStr(""), description="Key that metrics shows to ingest (scope feed:read)")
    metrics_key: SecretStr = Field(default=SecretStr(""), description="Key that notices shows to metrics (scope figures:read)")

    session_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Signs tickets, and at ingest's API sessions of the national format: 32 characters or more",
    )

    cors_origins: str = Field(
        default="",
        description="Origins whose pages may call the APIs from a browser, exactly as browsers send them"
        " (https://portal.example), separated by commas; none: no other origin may",
    )

    ticket_seconds: int = Field(
        default=60, ge=1, le=60, description="How long a ticket is good, which opens one address where no header can be sent"
    )

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    body_limit: int = Field(default=16 * 1024 * 1024, description="Largest request body in bytes, counted as it arrives")
    bodies_limit: int = Field(
        default=256 * 1024 * 1024, ge=1, description="Bytes of all bodies that one process holds at once; more get a 503"
    )
    max_requests: int = Field(default=200, ge=1, description="Requests that one process works on at once; more get a 503")
    header_seconds: float = Field(default=10.0, gt=0, description="How long a connection may take to send a request's headers")
    body_idle_seconds: float = Field(
        default=30.0, gt=0, description="How long a body may stay away, and how much longer than at 16 kB/s it may take in all"
    )
    key_seconds: float = Field(
        default=10.0,
        ge=0,
        le=60,
        description="For how long a checked key is cached: a revocation takes effect after at most this time",
    )
    poll_seconds: float = Field(
        default=5.0, gt=0, description="Poll interval of the workers: how often they look for work without a notification"
    )
    worker_metrics_host: str = Field(default="127.0.0.1", description="Address at which a worker answers Prometheus")
    worker_metrics_port: int = Field(
        default=0, ge=0, le=65_535, description="Port at which a worker answers Prometheus; 0: it answers none"
    )
    heartbeat_seconds: float = Field(default=5.0, gt=0, le=600, description="How often a worker writes its heartbeat")
    worker_timeout_seconds: float = Field(
        default=20.0, gt=0, le=3600, description="A worker without a heartbeat for so long counts as stopped"
    )
    loop_timeout_seconds: float = Field(
        default=300.0, gt=0, le=86_400, description="A loop of a worker without progress for so long counts as stuck"
    )

    ingest_poll_seconds: float = Field(
        default=5.0, gt=0, le=600, description="How often the API of metrics asks ingest how far it is"
    )

    published_scores: str = Field(
        default="",
        description="Addresses at which the national portal publishes scores of decision 766, as a JSON list of `name`, `url`,"
        " `body`, `periods` and `provinces`; empty: none is pulled, scores are uploaded",
    )
    published_scores_seconds: float = Field(
        default=86_400.0, ge=60, le=2_678_400, description="How often the scores of a running period are pulled"
    )

    signatory_certificate: str = Field(default="", description="File (PKCS#12) with which the signatory's signature is made")
    signatory_password: SecretStr = Field(default=SecretStr(""), description="Password of that file")
    body_certificate: str = Field(default="", description="File (PKCS#12) with which the issuing body's signature is made")
    body_password: SecretStr = Field(default=SecretStr(""), description="Password of that file")
    timestamp_url: str = Field(default="", description="Authority of time stamps (RFC 3161) for signatures; empty: none")
    verification_url: str = Field(
        default="", description="Public address of the notices' API, printed in issued notices as a QR code; empty: NOTICES_URL"
    )

    audit_days: int = Field(default=30, ge=1, le=3_650, description="For how many days audits of notices are stored")

    @field_validator(
        "database_url", "ingest_database_url", "metrics_database_url", "notices_database_url", "redis_url",
        "ingest_url", "metrics_url", "notices_url", "timestamp_url", "verification_url",
    )  # fmt: skip
    @classmethod
    def _is_an_address(cls, value: SecretStr | str, info: ValidationInfo) -> SecretStr | str:
        text = value if isinstance(value, str) else value.get_secret_value()
        if text:
            kind = next((kind for kind in _SCHEMES if kind in str(info.field_name)), "http")
            schemes = _SCHEMES.get(kind, ("http", "https"))
            try:
                parts = urlsplit(text)
                sound = parts.scheme in schemes and (parts.port is None or parts.port > 0)
                sound = sound and (kind != "http" or bool(parts.hostname))
            except ValueError:
                sound = False
            if not sound:  # what was given is not repeated: it may hold a password
                raise ValueError(f"it is no address that begins with {schemes[0]}://")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: str) -> str:
        for origin in value.split(",") if value else ():
            if origin.strip() == "*":
                raise ValueError("* is refused, since requests carry keys: list the origins")
            if not _ORIGIN.fullmatch(origin.strip()):
                raise ValueError(
                    "it is a list of origins like https://portal.example: a scheme, a host in small letters, a port"
                )
        return value

    @field_validator("published_scores")
    @classmethod
    def _are_addresses(cls, value: str) -> str:
        try:
            found = _scores_endpoints(value)
        except (msgspec.MsgspecError, ValueError) as error:
            raise ValueError(f"it is no list of addresses in JSON ({error})") from error
        if len({one.name for one in found}) < len(found):
            raise ValueError("two of its addresses have the same name")
        return value

    @property
    def scores_endpoints(self) -> tuple[ScoresEndpoint, ...]:
        """`published_scores`, one by one."""
        return _scores_endpoints(self.published_scores)

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """`cors_origins`, one by one."""
        return tuple(origin.strip() for origin in self.cors_origins.split(",")) if self.cors_origins else ()

    def database_of(self, service: Service) -> str:
        """The URL that `service` connects with; raises `SettingMissing` when it has none of its own."""
        own: SecretStr = getattr(self, f"{service}_database_url")
        if not own.get_secret_value():
            raise SettingMissing(
                f"{service.upper()}_DATABASE_URL is not set: give the URL of the role motcua_{service}, which may use its"
                " own schema alone. The owner's DATABASE_URL is for migrations."
            )
        return own.get_secret_value()


@cache
def settings() -> Settings:
    """The settings of this process; raises `SettingWrong` when one of them cannot be right."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"{str(one['loc'][0]).upper()} cannot be right: {one['msg']}." for one in error.errors() if one["loc"]]
        raise SettingWrong(" ".join(wrong)) from None
