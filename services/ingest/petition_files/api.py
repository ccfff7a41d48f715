"""The route by which metrics has a file of petitions read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query, Request

from services.ingest.petition_files import examples
from services.ingest.petition_files.service import read_file
from services.ingest.sources.fields.instants import TOLERANCE
from services.ingest.sources.kinds.files.dates import Order
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.contracts.petitions import MAX_FILE_BYTES, PETITION_FILES, PetitionFile
from shared.errors import Unreadable
from shared.sandbox.parent import ChildDied
from shared.web.operations import Router, operation
from shared.web.routes import accepts
from shared.web.uploads import while_connected

router = Router("imports")
Follower = Annotated[Principal, Depends(require("feed:read"))]


@router.post("/petition-files", summary="See how a file of petitions is understood")
@operation(body_media=PETITION_FILES, example=examples.READ, problems=(Unreadable, ChildDied))
@accepts(limit=MAX_FILE_BYTES, streamed=True)
async def read_petition_file(
    request: Request,
    principal: Follower,
    dates: Annotated[Order | None, Query(description="Order of day and month; none: what the file proves")] = None,
) -> PetitionFile:
    """Nothing is stored: metrics has files read here that are sent to it (`POST /v1/petitions/files`), and stores petitions."""
    sandbox = request.app.state.sandbox.of(principal.key_id)
    latest = datetime.now(UTC) + TOLERANCE
    return await while_connected(request, lambda chunks: read_file(sandbox, chunks, latest, dates))
