"""Verifying a file, and the public page that issued notices name."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request, Response

from services.notices.drafting import service as drafting
from services.notices.drafting.api.parameters import Reader
from services.notices.drafting.api.schemas import pinned_freshness
from services.notices.drafting.store import notices as notices_store
from services.notices.figures.metrics_client import Metrics
from services.notices.figures.model import Figure, Pinned
from services.notices.inspections.model import JSONObject
from services.notices.inspections.service import read_stored
from services.notices.issuing import store as issued_store
from services.notices.quantities import wording
from services.notices.verification import service
from services.notices.verification import store as verification_store
from services.notices.verification.api import examples
from services.notices.verification.api.schemas import IssuedReference, Verification
from services.notices.verification.copies import NamedNotices
from services.notices.verification.model import CODE, RateLimit, RecountedFigure, moved_figures
from services.notices.verification.service import MAX_BYTES
from services.notices.verification.store import StatedNotice
from shared.errors import NotFound, Problem, TooLarge, TooManyRequests, Unavailable
from shared.languages import Bilingual, bilingual
from shared.quotas import Quota
from shared.spreadsheets import XLSX
from shared.web.formats import DOCX, PDF
from shared.web.operations import Router, operation
from shared.web.pages import language_of, page, prose, wants_page
from shared.web.responses import json_response
from shared.web.routes import accepts

router = Router("notices")
public = APIRouter()
"""The page is none of the API, and is read without a key."""
_FIGURES = msgspec.json.Decoder(dict[str, Figure])
_PINNED = msgspec.json.Decoder(Pinned)
_FILE = {
    PDF: "An issued notice, however it was signed further",
    DOCX: "An issued notice",
    XLSX: "The annexes of one",
    "application/octet-stream": "Any of these",
}


@router.post("/verifications", summary="Verify a file: ours or not, changed or not, in force or not", response_class=Response)
@operation(response=Verification, example=examples.VERIFIED, body_media=_FILE, problems=(TooLarge, Unavailable))
@accepts(limit=MAX_BYTES)
async def verify(request: Request, principal: Reader) -> Response:
    """By the bytes of the file, not by what it states: one that has none of ours and bears the code of a notice, or the number,
    date and body on its annexes, is `changed`, as when an office program saved it anew. A file of a province that the key may
    not see is answered as one that is not ours. The file is not stored."""
    content = await request.body()
    digests = await service.digests_of(content)
    sandbox = request.app.state.verification_sandbox.of(principal.key_id)
    bears = NamedNotices()
    async with request.app.state.database.transaction(snapshot=True) as tx:
        known = await service.recognise(tx, digests)
    if known is None:
        bears = await service.named(sandbox, content)
    async with request.app.state.database.transaction(snapshot=True) as tx:
        found = known if known is not None else await service.recognise_named(tx, bears, principal.province)
        if found is None or principal.province not in (None, found.issued.province):
            return json_response(_NOT_OURS)
        stored = await notices_store.content(tx, found.issued.notice_id)
        notice, *successors = await verification_store.succession(tx, found.issued.notice_id)
        inspection = await issued_store.find_inspection(tx, found.issued.notice_id)
    last = successors[-1] if successors else notice
    verdict, why, pages = found.verdict, found.why, list[int]()
    if verdict is None:
        appended = await service.appended(sandbox, content)
        verdict, pages = ("signed_further" if appended.only_signed else "changed"), list(appended.pages)
        why = service.why_changed(appended)
    moved = await _moved(request.app.state.metrics, inspection, _FIGURES.decode(stored.figures))
    return json_response(
        Verification(
            ours=True,
            file=verdict,
            reason=None if why is None else why.en,
            reason_vi=None if why is None else why.vi,
            stamped_pages=pages,
            notice=_reference(notice),
            body=found.issued.body,
            state=notice.state,
            superseded_by=_reference(successors[0]) if successors else None,
            in_force=_reference(last) if last.state == "issued" else None,
            moved=moved,
            freshness=pinned_freshness(_PINNED.decode(stored.pinned).freshness),
        )
    )


async def _moved(metrics: Metrics, inspection: JSONObject, stated: dict[str, Figure]) -> list[RecountedFigure] | None:
    """What moved since, of the inspection as it was at issue; None: metrics is away, or does not know the scope any more."""
    try:
        now = await drafting.pin_figures(metrics, read_stored(inspection), None)
    except Problem:
        return None
    return moved_figures(stated, now.figures)


def _reference(row: StatedNotice) -> IssuedReference:
    return IssuedReference(row.notice_id, row.reference, row.issued_on)


_NOT_OURS = Verification(
    ours=False,
    file=None,
    reason=None,
    reason_vi=None,
    stamped_pages=[],
    notice=None,
    body=None,
    state=None,
    superseded_by=None,
    in_force=None,
    moved=None,
    freshness=None,
)
_QUOTA = Quota("verification-page", 30, "requests")
_LIMIT = RateLimit(_QUOTA.limit, 60.0)
"""Of the page, for one client in a minute. Who that is behind a proxy says the proxy, if `--forwarded-allow-ips` names it."""
_STATES: dict[str, Bilingual] = {
    "issued": Bilingual("It is in force.", "Thông báo đang có hiệu lực."),
    "withdrawn": Bilingual("It was withdrawn: it is not in force.", "Thông báo đã bị thu hồi, không còn hiệu lực."),
}
_STATES_OF_SUCCESSORS: dict[str, Bilingual] = {
    "issued": Bilingual("That notice is in force.", "Thông báo đó đang có hiệu lực."),
    "withdrawn": Bilingual(
        "That notice was withdrawn: none is in force.", "Thông báo đó đã bị thu hồi, không còn thông báo nào có hiệu lực."
    ),
}


@public.get("/v/{code}", include_in_schema=False)
async def verification_page(request: Request, code: Annotated[str, Path(description="As the notice prints it")]) -> Response:
    """What whoever holds the notice may know of it: its number, date and body, and whether it is in force. A code that is typed
    in small letters is the same; whatever is none, is one that no notice has."""
    try:
        return await _page_of(request, code.strip().upper())
    except (NotFound, TooManyRequests) as problem:
        if not wants_page(request.headers):
            raise
        language = language_of(request.headers)
        refusal = page(
            request,
            _REFUSED.in_language(language),
            f"<p>{prose(problem.text.in_language(language))}</p>",
            language,
            status=problem.status,
        )
        refusal.headers.update(problem.headers)
        return refusal


_REFUSED = Bilingual("Verification of a notice", "Xác minh thông báo")


async def _page_of(request: Request, code: str) -> Response:
    address = request.client.host if request.client is not None else ""
    wait = _LIMIT.admit(address, time.monotonic())
    if wait:
        raise TooManyRequests(
            Bilingual("Too many requests. Try again in a minute.", "Quá nhiều yêu cầu. Thử lại sau một phút."),
            headers=_QUOTA.refusal(int(wait) + 1),
        )
    if CODE.fullmatch(code) is None:
        raise _unknown()
    async with request.app.state.page_lookups.connection() as connection:
        issued = await issued_store.find_by_code(connection, code)
        if issued is None:
            raise _unknown()
        succession = await verification_store.succession(connection, issued.notice_id)
    states = _sentences(succession)
    language = language_of(request.headers)
    title = Bilingual(f"Notice {issued.reference}", f"Thông báo số {issued.reference}")
    about = Bilingual(
        f"Issued by {issued.body} on {issued.issued_on.isoformat()}.",
        f"{issued.body} ban hành {wording.long_day(issued.issued_on)}.",
    )
    paragraphs = "".join(f"<p>{prose(getattr(one, language))}</p>" for one in (about, *states))
    return page(request, getattr(title, language), paragraphs, language)


def _sentences(succession: Sequence[StatedNotice]) -> list[Bilingual]:
    """Whether the first is in force, and what took its place, down to what is in force today."""
    sentences: list[Bilingual] = []
    for successor in succession[1:]:
        sentences.append(
            bilingual(
                "{it} is superseded by notice {reference} of {day}.",
                "{it} đã được thay thế bằng Thông báo số {reference} {day}.",
                it=Bilingual("That notice", "Thông báo đó") if sentences else Bilingual("It", "Thông báo"),
                reference=successor.reference,
                day=Bilingual(successor.issued_on.isoformat(), wording.long_day(successor.issued_on)),
            )
        )
    states = _STATES_OF_SUCCESSORS if sentences else _STATES
    return [*sentences, states[succession[-1].state]]


def _unknown() -> NotFound:
    return NotFound(
        Bilingual(
            "No notice has this code. Compare it with the last page of the notice: 26 letters and digits.",
            "Không có thông báo nào mang mã này. Đối chiếu lại với trang cuối của thông báo: 26 chữ cái và chữ số.",
        )
    )
