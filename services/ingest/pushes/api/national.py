"""The route for provinces that send the national synchronisation format already: one more destination, no change of software.

The session step takes a user name and, as password, a key of ours with the scope `events:write`; the session it gives lasts for
hours and ends with the key (`services.ingest.pushes.sessions`). Over a provincial integration platform (LGSP) the body is the
bare array and the key stands in a header. What the format's own services answer is answered here: HTTP 200 with `error_code`,
`message`, `error_code` 0 and a message with "thành công" after the commit. Only a fault of ours or an unreadable body has
another HTTP status.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from fastapi import Depends, Query, Request, Response
from fastapi.security import HTTPBearer

from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.folding import fold
from services.ingest.dossiers.service import history_of
from services.ingest.events.reasons import wording
from services.ingest.events.records import Records, parsed
from services.ingest.parameters import SourceName
from services.ingest.pushes import service as pushing
from services.ingest.pushes import sessions
from services.ingest.pushes import store as senders_store
from services.ingest.pushes.api.examples import NATIONAL, NATIONAL_REPLY
from services.ingest.pushes.lookup import national_record
from services.ingest.pushes.service import MAX_RECORDS, PushResult
from services.ingest.quarantine.store import records as quarantine_store
from services.ingest.sources.fields.codes import MAX_CODE
from services.ingest.sources.kinds.national import DOSSIER_SERVICE, PROGRESS_SERVICE
from services.ingest.sources.kinds.national.wire import NationalDossier, NationalProgress
from services.ingest.sources.model import Arrival
from services.ingest.sources.service import sending_source
from services.ingest.sources.store.sources import SourceRow
from shared.access.principals import Principal, key_of
from shared.database import Connection
from shared.errors import Conflict, Forbidden, Malformed, NotFound, Unauthorised, Unavailable
from shared.fields import Line
from shared.jsontext import MAX_TOKENS
from shared.settings import MIN_SECRET_LENGTH, settings
from shared.web.operations import Router, operation
from shared.web.responses import json_response
from shared.web.routes import ANY, accepts

router = Router("national format")

SCOPE = "events:write"
LOOKUP_SERVICE = "TraCuuHoSo"
_bearer = HTTPBearer(auto_error=False, description="For the bare array: a key of the form mc_<id>_<secret>")

OK, REFUSED, WRONG, NOT_FOUND = 0, 401, 400, 404
MAX_REASONS = 5
"""Records of which a reply says why they could not be read; `GET /v1/quarantine` tells of all."""
_decode_envelope = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Message(NamedTuple):
    """What was sent, and by whom; `session` is set in answer to the session step, `code` in a look-up."""

    principal: Principal
    records: Sequence[object]
    session: str | None = None
    code: str | None = None
    """Of the dossier that is looked up."""


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """As the format's own services answer."""

    error_code: int
    """0: taken, or found; 400: nothing was taken, the message says why; 401: the session or key is not good; 404: the source
    has not sent the dossier that is looked up, or nothing of it that could be read."""
    message: str
    """Vietnamese: it is read by the clerk in front of the sender's log."""
    session: str | None = None
    """In answer to the session step: good for eight hours at most, and no longer than the key."""
    data: list[NationalDossier] | None = None
    """In answer to `TraCuuHoSo`: the dossier by what this source told of it, in the fields that are kept; agency and procedure
    by their codes."""


class Refusal(Exception):
    """Answered in the format's own way."""

    def __init__(self, code: int, message: str) -> None:
        """`message` is Vietnamese: it is read by the clerk in front of the sender's log."""
        super().__init__(message)
        self.code = code
        self.message = message


async def national_message(request: Request, _: Annotated[Any, Depends(_bearer)]) -> Message | Refusal:
    """The request's sender, shown by header, password or session, with the scope `events:write`; or why not."""
    state = request.scope["state"]
    try:
        message = await _message(request)
    except Refusal as refusal:
        if refusal.code == REFUSED:
            state |= {"refused": True, "problem": Unauthorised.type}
        return refusal
    except (Unauthorised, Forbidden) as error:
        state |= {"refused": True, "problem": error.type}
        return Refusal(REFUSED, f"Không được phép: {error.text.vi}")
    state["principal"] = message.principal
    return message


async def has_valid_session(scope: Any, beginning: bytes) -> bool | None:
    """Whether the session in the beginning of an envelope is good; None when no session is in it so far."""
    found = _SESSION.search(beginning)
    if found is None:
        return None
    try:
        principal = await _of_session(Request(scope), found[1].decode("latin-1"))
    except Refusal:
        return False
    if (slot := scope["state"].get("slot")) is not None:
        slot.introduce(principal.key_id)
    return True


_SESSION = re.compile(rb'"session"[ \t\r\n]{0,20}:[ \t\r\n]{0,20}"([^"\\]{1,200})"')
ShortText = Annotated[str, msgspec.Meta(max_length=200)]


class Login(msgspec.Struct, frozen=True):
    """The session step: it is answered with a session, which each message then bears."""

    username: str
    """Whatever the software wants to be filled in; it is not read."""
    password: ShortText
    """A key of ours with the scope `events:write`."""


class Enveloped(msgspec.Struct, frozen=True, kw_only=True):
    """What both services have in common."""

    session: ShortText | None = None
    """From the session step; not needed where a key stands in a header."""
    madonvi: str | None = None
    """The sender's own code; it is not read."""


class DossierMessage(Enveloped, frozen=True, kw_only=True):
    """Dossiers as they stand."""

    service: Literal["DongBoHoSoMC"]
    """The service that is called."""
    isUpdating: str | None = None  # noqa: N815 -- the format's own name
    """`True` or `False`; it is not read: the state follows from the records themselves."""
    data: Annotated[list[NationalDossier], msgspec.Meta(max_length=MAX_RECORDS)]
    """The records."""


class ProgressMessage(Enveloped, frozen=True, kw_only=True):
    """Steps that were taken."""

    service: Literal["CapNhatTienDoHoSoMC"]
    """The service that is called."""
    data: Annotated[list[NationalProgress], msgspec.Meta(max_length=MAX_RECORDS)]
    """The records."""


class LookupMessage(Enveloped, frozen=True, kw_only=True):
    """A dossier is looked up."""

    service: Literal["TraCuuHoSo"]
    """The service that is called."""
    mahoso: ShortText
    """Code of the dossier."""


_SOME = msgspec.Meta(min_length=1, max_length=MAX_RECORDS)


@router.post("/national/{source}", summary="DongBoHoSoMC, CapNhatTienDoHoSoMC and TraCuuHoSo")
@operation(
    response=Reply,
    example=NATIONAL_REPLY,
    body=(
        Login,
        DossierMessage,
        ProgressMessage,
        LookupMessage,
        Annotated[list[NationalDossier], _SOME],
        Annotated[list[NationalProgress], _SOME],
    ),
    body_media={ANY: "The same JSON: the senders' software names all kinds of media types"},
    body_examples=NATIONAL,
    open_query=True,
)
@accepts(limit=None, tokens=MAX_TOKENS, apart=True, introduced=has_valid_session)
async def post_national(
    request: Request,
    source: SourceName,
    message: Annotated[Message | Refusal, Depends(national_message)],
    unit: Annotated[
        Line | None, Query(alias="MaDinhDanhDV", max_length=64, description="The sender's own code; it is not read")
    ] = None,
    updating: Annotated[
        Line | None, Query(alias="isUpdating", max_length=8, description="`True` or `False`; it is not read")
    ] = None,
) -> Response:
    """Answered after the commit. Records that cannot be read are kept in quarantine and do not stop the others.

    `MaDinhDanhDV` and `isUpdating` are taken as they come: the state follows from the records themselves.
    """
    if isinstance(message, Refusal):
        return json_response(Reply(message.code, message.message))
    if message.session is not None:
        return json_response(Reply(OK, "Đăng nhập thành công", message.session))
    try:
        async with request.app.state.database.connection() as connection:
            row = await sending_source(connection, message.principal, source, Arrival.national)
    except (NotFound, Forbidden, Conflict) as error:
        return json_response(Reply(WRONG, f"Không nhận: {error.text.vi}"))
    state = request.app.state
    if message.code is not None:
        async with state.database.connection() as connection:
            return json_response(await _found_dossier(connection, row, message.code))
    now = datetime.now(UTC)
    sent = pushing.decode_records(row, message.records, now)
    result = await state.database.run(lambda tx: pushing.push(tx, state.rulesets, row, sent, now))
    await state.notifier.notify("metrics")
    return json_response(Reply(OK, f"Đồng bộ thành công: nhận {result.counts.served} bản ghi{_unread(result)}"))


async def _found_dossier(connection: Connection, source: SourceRow, code: str) -> Reply:
    """A dossier by what this source alone told of it."""
    found = (await dossiers_store.dossiers_by_code(connection, source.province, [code])).get(code)
    events = history_of(found, source.name) if found is not None else []
    state = fold(events) if events else None
    if state is not None and not state.deleted:
        return Reply(OK, "Tra cứu thành công", data=[national_record(state)])
    waiting = await quarantine_store.records(connection, province=source.province, source_name=source.name, code=code, limit=1)
    if waiting:
        why = wording(waiting[0].reason).vi.rstrip(".")
        return Reply(NOT_FOUND, f"Hồ sơ đã gửi nhưng bản ghi chưa đọc được, đang giữ ở khu cách ly: {why}")
    return Reply(NOT_FOUND, "Nguồn này chưa gửi hồ sơ nào mang mã đó")


def _unread(result: PushResult) -> str:
    """What is said of the records that could not be read: how many, and why the first of them."""
    if not result.counts.quarantined:
        return ""
    reasons = [
        f"bản ghi {index + 1}{f' {one.code}' if one.code is not None else ''}: {wording(one.reason).vi.rstrip('.')}"
        for index, one in result.rejected[:MAX_REASONS]
    ]
    return "; ".join((f"; {result.counts.quarantined} bản ghi chưa đọc được, đang giữ ở khu cách ly", *reasons))


async def _message(request: Request) -> Message:
    access = request.app.state.access
    if request.scope["state"].get("unknown"):
        # More than a login came from a sender who is not known; the rest was not read.
        raise _unknown_session()
    body = await request.body()
    key = key_of(dict(request.scope["headers"]))
    if body.lstrip()[:1] == b"[":
        principal = await access.principal(key)
        principal.demand(SCOPE)
        return Message(principal, _records(body))
    try:
        sent = _decode_envelope(body)
    except msgspec.ValidationError:
        raise Refusal(WRONG, "Nội dung phải là một đối tượng hoặc một mảng hồ sơ") from None
    except (msgspec.DecodeError, ValueError) as error:
        raise Malformed(f"The body is no JSON: {error}.") from error
    if "password" in sent and "session" not in sent:
        password = _text(sent, "password")
        principal = await access.principal(password)
        principal.demand(SCOPE)
        return Message(principal, [], await _session(request, principal.key_id))
    if key is not None:
        principal = await access.principal(key)
    else:
        principal = await _of_session(request, _text(sent, "session"))
    principal.demand(SCOPE)
    service = _text(sent, "service")
    if service == LOOKUP_SERVICE:
        code = (_text(sent, "mahoso") or "").strip()
        if not 0 < len(code) <= MAX_CODE or not code.isprintable():
            raise Refusal(WRONG, "'mahoso' phải là mã của một hồ sơ")
        return Message(principal, [], code=code)
    if service not in (DOSSIER_SERVICE, PROGRESS_SERVICE):
        known = f"{DOSSIER_SERVICE}, {PROGRESS_SERVICE} và {LOOKUP_SERVICE}"
        raise Refusal(WRONG, f"Không có dịch vụ này; chỉ nhận {known}")
    return Message(principal, _records(sent.get("data", b"null")))


def _text(sent: dict[str, msgspec.Raw], name: str) -> str | None:
    """A text of the envelope; None where there is none."""
    word = parsed(bytes(sent.get(name, b"null")))
    return word if isinstance(word, str) else None


def _records(data: bytes | msgspec.Raw) -> Sequence[object]:
    try:
        records = Records(data)
    except (msgspec.DecodeError, ValueError):
        raise Refusal(WRONG, "'data' phải là một mảng hồ sơ") from None
    if len(records) > MAX_RECORDS:
        raise Refusal(WRONG, f"Mỗi lần gửi không quá {MAX_RECORDS} bản ghi")
    return records


async def _session(request: Request, key_id: str) -> str:
    secret, now = _secret(), datetime.now(UTC)
    async with request.app.state.database.connection() as connection:
        row = await senders_store.key_row(connection, key_id, now)
    if row is None:
        raise Refusal(REFUSED, "Tài khoản không còn hiệu lực")
    return sessions.issued(secret, key_id, row.secret_hash, row.expires_at, now)


def _unknown_session() -> Refusal:
    return Refusal(REFUSED, "Phiên làm việc không hợp lệ hoặc đã hết hạn, hãy đăng nhập lại")


async def _of_session(request: Request, session: object) -> Principal:
    """Whose session it is. Its key is looked up each time, so it ends at once when that is revoked or expires."""
    refused = _unknown_session()
    secret, now = _secret(), datetime.now(UTC)
    claim = sessions.claimed(session, now)
    if claim is None:
        raise refused
    async with request.app.state.access.lookups.connection() as connection:
        row = await senders_store.key_row(connection, claim.key_id, now)
    if row is None or not sessions.holds(claim, secret, row.secret_hash):
        raise refused
    if row.last_used_at is None or row.last_used_at < now - timedelta(minutes=1):
        await request.app.state.access.used(row.id)
    return Principal(
        key_id=row.id,
        name=row.name,
        scopes=frozenset(row.scopes),
        province=row.province,
        agencies=tuple(row.agencies) if row.agencies is not None else None,
    )


def _secret() -> str:
    secret = settings().session_secret.get_secret_value()
    if len(secret) < MIN_SECRET_LENGTH:
        raise Unavailable(
            "No sessions are given here: the operator has to set SESSION_SECRET, the same for all processes of the API, to at"
            f" least {MIN_SECRET_LENGTH} random characters. The bare array with a key in the header is taken meanwhile."
        )
    return secret
