"""What OpenAPI says of structs: they are written and read by msgspec and never pass through a model of FastAPI."""

from __future__ import annotations

import msgspec

from shared.web.routes import JSON


def documented(kind: type, example: object = None, *, status: int = 200) -> dict[int | str, dict[str, object]]:
    """For a route's `responses`: JSON of the struct `kind` under `status`, with an example where there is one."""
    (schema,), components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    content: dict[str, object] = {"schema": {**schema, "$defs": components}}
    if example is not None:
        content["example"] = example
    return {status: {"description": "Successful Response", "content": {JSON: content}}}
