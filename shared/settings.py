"""Everything that differs between one installation and another, read from the environment once."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

Service = Literal["ingest", "metrics", "notices"]
SERVICES: tuple[Service, ...] = ("ingest", "metrics", "notices")


class Settings(BaseSettings):
    """Names are environment variables in capitals (`DATABASE_URL`); a `.env` file is not read."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    database_url: str = Field(
        default="postgresql://localhost/motcua",
        description="Owner's URL: migrations use it, and every service without a URL of its own",
    )
    ingest_database_url: str | None = None
    metrics_database_url: str | None = None
    notices_database_url: str | None = None
    database_pool: int = Field(default=8, ge=1, le=200, description="Connections per process")

    redis_url: str = Field(default="redis://localhost:6379/0", description="The doorbell; nothing is kept there")

    ingest_url: str = "http://127.0.0.1:8101"
    metrics_url: str = "http://127.0.0.1:8102"
    notices_url: str = "http://127.0.0.1:8103"
    ingest_key: SecretStr = Field(default=SecretStr(""), description="Key that metrics shows to ingest (scope feed:read)")
    metrics_key: SecretStr = Field(default=SecretStr(""), description="Key that notices shows to metrics (scope figures:read)")

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    body_limit: int = Field(default=16 * 1024 * 1024, description="Largest request body in bytes, counted as it arrives")
    silence_seconds: float = Field(
        default=30.0, gt=0, description="How long a body may stay away; in all it has as long again for each 16 kB a second"
    )
    key_seconds: float = Field(
        default=10.0, ge=0, le=60, description="For how long a checked key is believed: a revocation takes at most this long"
    )
    look_seconds: float = Field(
        default=2.0, gt=0, description="How often a worker looks for work by itself, should the doorbell be silent"
    )
    heartbeat_seconds: float = Field(default=5.0, gt=0, le=600, description="How often a worker shows that it lives")
    silent_seconds: float = Field(
        default=20.0, gt=0, le=3600, description="A part that was not heard of for so long counts as stopped"
    )
    loop_silent_seconds: float = Field(
        default=300.0, gt=0, le=86_400, description="A worker's loop that does not come forward for so long counts as stuck"
    )

    def database_of(self, service: Service) -> str:
        """The URL that `service` connects with."""
        own: str | None = getattr(self, f"{service}_database_url")
        return own or self.database_url


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
