"""What an issue of a notice would be refused for, before anybody tries."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from fastapi import Query, Request, Response

from services.notices.approval import service as approving
from services.notices.drafting.api.parameters import NoticeNumber, Reader
from services.notices.drafting.api.visibility import NotDrafted, demand_drafted, notice_tag, visible_notice
from services.notices.drafting.store import notices as notices_store
from services.notices.issuing import service
from services.notices.issuing.api import examples
from services.notices.issuing.api.schemas import IssueReadiness, ReadinessRequirement
from services.notices.issuing.changes import ChangesBetween, read_changes
from services.notices.issuing.requirements import REQUIREMENTS, unmet
from services.notices.issuing.signer import SigningKeys
from shared.errors import Problem, Unavailable
from shared.fields import RowId
from shared.settings import settings
from shared.web.operations import Router, operation
from shared.web.responses import json_response

router = Router("notices")


@router.get("/notices/{number}/readiness", summary="What an issue of a notice would be refused for now")
@operation(response=IssueReadiness, example=examples.READINESS, problems=(NotDrafted, Unavailable))
async def read_readiness(
    request: Request,
    principal: Reader,
    number: NoticeNumber,
    corrects: Annotated[
        RowId | None, Query(description="`id` of the issued notice whose place it is to take", examples=[12])
    ] = None,
) -> Response:
    """The list by which it is issued, each with what to do; who issues is taken to be the holder of this key. The authority of
    time stamps is asked for one, once in a minute at most. Nothing is changed, and no number is taken."""
    config, state = settings(), request.app.state
    async with state.database.transaction(snapshot=True) as tx:
        row = await visible_notice(tx, principal, number)
        demand_drafted(row)
        before = None if corrects is None else await visible_notice(tx, principal, corrects)
        moved = None if before is None else await service.moved_since(tx, row, before)
        content = await notices_store.content(tx, number)
    changes, away = None, None
    if moved is not None:
        try:
            changes = await read_changes(state.metrics, row, *moved)
        except Problem as problem:
            changes, away = ChangesBetween(moved.after, moved.upto, None), problem
    async with state.database.transaction(snapshot=True) as tx:
        prepared = await service.prepare(
            tx,
            row,
            content,
            state.signer,
            principal=principal,
            keys=lambda: SigningKeys.of(config),
            timestamp_url=config.timestamp_url,
            corrects=before,
            changes=changes,
            hold=False,
        )
    obstacles = []
    if row.state in ("draft", "in_review"):
        obstacles = await approving.obstacles(state.sandbox.of(principal.key_id), row, content, prepared.counts)
    found = {
        one.name: one.problem for one in await unmet(dataclasses.replace(prepared.candidate, obstacles=obstacles, metrics=away))
    }
    listed = [ReadinessRequirement.of(one, found.get(one.name)) for one in REQUIREMENTS]
    return json_response(IssueReadiness(number, not found, prepared.reference, listed), etag=notice_tag(row))
