"""Components of the OpenAPI document that routes of several capabilities use, and that no struct of ours can describe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

from shared.web.schemas import REF, Json

Example = dict[str, object]
"""JSON as it may come, in the documents."""

_OPEN = {
    "RecordFields": "Fields of a record by the names that its source gives them: each kind has its own list of those that may"
    " be kept. Values are as the source wrote them.",
    "SourceCursor": "How far a source has been read, as the adapter of its kind writes it: to look at, and of use to it alone.",
    "JsonSchema": "A JSON Schema (2020-12): its words are those of the standard.",
}
"""Name, and why it is not described further."""


RecordFields = Annotated[Mapping[str, object], msgspec.Meta(extra_json_schema={"$ref": REF.format(name="RecordFields")})]
JsonSchema = Annotated[Mapping[str, object], msgspec.Meta(extra_json_schema={"$ref": REF.format(name="JsonSchema")})]
SourceCursor = Annotated[Mapping[str, object], msgspec.Meta(extra_json_schema={"$ref": REF.format(name="SourceCursor")})]


def components() -> dict[str, Json]:
    """Schemas by name."""
    return {
        name: {"title": name, "type": "object", "additionalProperties": True, "description": why} for name, why in _OPEN.items()
    }
