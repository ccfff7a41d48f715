"""The OpenAPI documents of the services; `make openapi` writes them to `docs/openapi/`."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

from shared.settings import SERVICES, Service

FOLDER = Path(__file__).parents[2] / "docs" / "openapi"


def path_of(service: Service) -> Path:
    """Where the document of a service is committed."""
    return FOLDER / f"{service}.json"


def made(service: Service) -> str:
    """The document of a service as its code makes it."""
    document = importlib.import_module(f"services.{service}.app").app.openapi()
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    for name in SERVICES:
        path_of(name).write_text(made(name))
