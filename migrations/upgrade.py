"""Run alembic for one service: its own folder of versions, its own schema, its own version table, its own role."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from shared.settings import Service

_HERE = Path(__file__).parent


def config_of(service: Service, url: str = "") -> Config:
    """The alembic configuration of a service's line of versions."""
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("version_locations", str(_HERE / service))
    config.set_main_option("path_separator", "os")
    config.attributes["service"] = service
    config.attributes["url"] = url
    return config


def upgrade(service: Service, url: str) -> None:
    """Create what is missing and apply every version that is not applied yet; safe to run from several places at once."""
    command.upgrade(config_of(service, url), "head")
