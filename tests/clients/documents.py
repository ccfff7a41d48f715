"""The OpenAPI documents of the services; `make openapi` writes them to `docs/openapi/`."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from shared.settings import SERVICES, Service

FOLDER = Path(__file__).parents[2] / "docs" / "openapi"
PYTHON_CLIENT = FOLDER / "python-client.json"
"""For `openapi-python-client generate --config`: without it the generator leaves out responses in other media types."""


def path_of(service: Service) -> Path:
    """Where the document of a service is committed."""
    return FOLDER / f"{service}.json"


def made(service: Service) -> str:
    """The document of a service as its code makes it."""
    document = importlib.import_module(f"services.{service}.app").app.openapi()
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def python_client_config() -> str:
    """Settings of openapi-python-client: which media types of the documents are bytes, of which it knows but few."""
    media_types = sorted({media for service in SERVICES for media in _byte_types(json.loads(made(service)))})
    overrides = dict.fromkeys(media_types, "application/octet-stream")
    return json.dumps({"content_type_overrides": overrides, "post_hooks": []}, indent=2) + "\n"


def _byte_types(document: dict[str, Any]) -> set[str]:
    return {
        media
        for path in document["paths"].values()
        for operation in path.values()
        for holder in (operation.get("requestBody", {}), *operation["responses"].values())
        for media in holder.get("content", {})
        if media != "application/json" and not media.endswith("+json")
    }


if __name__ == "__main__":
    for name in SERVICES:
        path_of(name).write_text(made(name))
    PYTHON_CLIENT.write_text(python_client_config())
