"""Issuing a notice: number, date, final rendering and both signatures belong to the one transaction that stores them.

The row of the series is held from before the number is chosen until all is stored: others that issue in this series wait, for
as long as rendering and signing take. Whoever is killed meanwhile has taken no number.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from services.notices.approval import service as approving
from services.notices.approval import store as approval_store
from services.notices.audit.checks import recheck
from services.notices.composition.model import NoticeDocument
from services.notices.drafting import service as drafting
from services.notices.drafting.store import counts as counts_store
from services.notices.drafting.store import notices as notices_store
from services.notices.drafting.store.notices import Content, NoticeRow
from services.notices.drafting.store.queue import store_renderings
from services.notices.evidence import service as evidence_service
from services.notices.figures.counts import CountedDays
from services.notices.figures.model import Figure, Pinned
from services.notices.inspections import store as inspections_store
from services.notices.inspections.model import JSONObject
from services.notices.inspections.service import read_stored
from services.notices.issuing import store
from services.notices.issuing.bundle import BundleVersions, IssueFacts, bundle_of
from services.notices.issuing.changes import ChangesBetween
from services.notices.issuing.correction import CorrectedNotice, changed_figures, corrected
from services.notices.issuing.model import next_number, numbered, reference_of, series_of, stamps_of
from services.notices.issuing.qr import qr_code
from services.notices.issuing.requirements import Candidate, demand_all, valid_certificates
from services.notices.issuing.signer import Signer, SigningKeys
from services.notices.issuing.store import IssuedRow
from services.notices.recommendations import service as recommending
from services.notices.rendering.documents import RenderingOrder
from services.notices.rendering.model import IssueMarks, RenderingFormat
from services.notices.rendering.renderer import Renderer, RendererDied, RenderingFailed
from shared.access.principals import Principal
from shared.civil import civil_day
from shared.database import Connection, set_locally
from shared.errors import Conflict, FieldFault, Guidance, Invalid, Unavailable
from shared.languages import Bilingual, bilingual
from shared.provinces import demand_province_code

DOCUMENT = msgspec.json.Decoder(NoticeDocument)
FIGURES = msgspec.json.Decoder(dict[str, Figure])
PINNED = msgspec.json.Decoder(Pinned)
COUNTS = msgspec.json.Decoder(CountedDays)

_HOLD_SECONDS = "60s"
"""The time in which nothing may happen in the transaction: a machine that is gone holds a series no longer."""


class NumberTaken(Conflict):
    """The number is taken already, by a notice or outside."""

    type = "number-taken"
    title = "The number is taken"
    guidance = Guidance(
        "GET /v1/taken-numbers lists the numbers of the series, each with what it was used for.",
        "Số đã được dùng",
        "Số này đã được dùng cho một thông báo hoặc đã đăng ký dùng bên ngoài.",
        "GET /v1/taken-numbers liệt kê các số của sổ và việc đã dùng.",
    )


class IssueRequest(NamedTuple):
    """How a notice is to be issued."""

    principal: Principal
    keys: SigningKeys
    code: str
    """Under which it is verified."""
    address: str
    """Of the page that verifies it."""
    corrects: NoticeRow | None
    """The issued notice whose place it takes, which the caller holds; None: of none."""
    changes: ChangesBetween | None = None
    """What moved the figures since that one, where `moved_since` found that any did."""


class MovedSince(NamedTuple):
    """That figures of a notice are others than those of the one whose place it takes, and at which positions."""

    kpis: tuple[str, ...]
    after: int
    upto: int


async def moved_since(tx: Connection, row: NoticeRow, before: NoticeRow) -> MovedSince | None:
    """Of which KPIs metrics is to be asked before `row` is issued in place of `before`; None: of none."""
    if row.state != "approved" or before.state != "issued" or _covered(row) != _covered(before):
        return None
    old, new = await notices_store.content(tx, before.id), await notices_store.content(tx, row.id)
    after, upto = PINNED.decode(old.pinned).position, PINNED.decode(new.pinned).position
    changed = changed_figures(FIGURES.decode(old.figures), FIGURES.decode(new.figures))
    kpis = {one.kpi for one in changed if one.new.index is None}
    return MovedSince(tuple(sorted(kpis)), after, upto) if kpis and after < upto else None


def new_code() -> str:
    """A code that nobody guesses, of letters that nobody confuses."""
    return "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(26))


class Prepared(NamedTuple):
    """A notice as it is to be issued, before anything is stored."""

    candidate: Candidate
    number: int
    """The next one of its series."""
    series: str
    on: date
    document: NoticeDocument
    """With number and date."""
    figures: dict[str, Figure]
    pinned: Pinned
    counts: str | None
    """Of days and agencies, as JSON; None: there are none."""
    inspection_version: int
    inspection: JSONObject
    """As it was handed in."""

    @property
    def reference(self) -> str:
        """Its number and symbol."""
        return reference_of(self.number, self.series)


async def prepare(
    tx: Connection,
    row: NoticeRow,
    content: Content,
    signer: Signer,
    *,
    principal: Principal,
    keys: Callable[[], SigningKeys],
    timestamp_url: str,
    corrects: NoticeRow | None,
    changes: ChangesBetween | None,
    hold: bool,
) -> Prepared:
    """A notice as `principal` would issue it now. `hold`: nobody else takes a number of its series until the end."""
    document, figures, pinned = (
        DOCUMENT.decode(content.document),
        FIGURES.decode(content.figures),
        PINNED.decode(content.pinned),
    )
    version = row.inspection_version or row.newest_inspection
    stored = await inspections_store.find_version(tx, row.inspection_id, version)
    assert stored is not None, f"version {version} of inspection {row.inspection_id} is gone"
    inspection = read_stored(stored.body)
    body, series = inspection.issuer.name, series_of(document)
    held = await (_held_series if hold else _seen_series)(tx, row.province, body, series)
    number, on = next_number(await store.taken(tx, held.of_body)), civil_day(held.now)
    before = None if corrects is None else await store.find(tx, corrects.id)
    if before is not None and corrects is not None:
        same = _covered(row) == _covered(corrects)
        stated = FIGURES.decode((await notices_store.content(tx, before.notice_id)).figures) if same else {}
        old = CorrectedNotice(before.reference, before.issued_on, before.body, stated)
        if changes is not None and changes.upto != pinned.position:
            raise _regenerated()
        document = corrected(document, figures, pinned, inspection, old, changes)
    document = numbered(document, number, on)
    counts = await counts_store.find(tx, row.id)
    counted = None if counts is None else COUNTS.decode(counts)
    candidate = Candidate(
        row=row,
        principal=principal,
        body=body,
        corrects=corrects,
        before=before,
        steps=await approval_store.steps(tx, row.id),
        hands=await approval_store.hands(tx, row.id),
        checks=await asyncio.to_thread(recheck, document, figures, pinned, counted),
        keys=keys,
        timestamp_url=timestamp_url,
        signer=signer,
        held=held,
    )
    return Prepared(candidate, number, series, on, document, figures, pinned, counts, version, stored.body)


async def issue(
    tx: Connection, row: NoticeRow, content: Content, request: IssueRequest, renderer: Renderer, signer: Signer
) -> IssuedRow:
    """Issue an approved notice that the caller holds.

    Raises what `REQUIREMENTS` raise, `Unprintable`, and `Unavailable` where it cannot be rendered or signed: then nothing is
    stored and no number is taken.
    """
    await set_locally(tx, {"idle_in_transaction_session_timeout": _HOLD_SECONDS})
    prepared = await prepare(
        tx,
        row,
        content,
        signer,
        principal=request.principal,
        keys=lambda: request.keys,
        timestamp_url=request.keys.timestamp_url,
        corrects=request.corrects,
        changes=request.changes,
        hold=True,
    )
    candidate, number, _, on, document, figures, pinned, counts, version, inspection = prepared
    held, body, before = candidate.held, candidate.body, candidate.before
    await demand_all(candidate)
    await approving.take(tx, row, "issue", request.principal, None, held.now)
    if request.corrects is not None:
        await approving.take(tx, request.corrects, "supersede", request.principal, None, held.now)
    certificates = await valid_certificates(candidate)
    names = certificates.signatory.name, certificates.body.name
    evidence = await evidence_service.stood_in(tx, row.inspection_id, row.evidence_version or 0)
    bundle = bundle_of(
        IssueFacts(prepared.reference, body, on, request.code, before.reference if before is not None else None),
        document,
        figures,
        pinned,
        candidate.checks,
        BundleVersions(version, row.evidence_version or 0, row.text_revision, pinned.position),
        inspection=inspection,
        evidence=evidence,
        counts=counts or "",
    )
    marks = IssueMarks(
        stamps_of(document, body, *names, held.now),
        request.address,
        qr_code(request.address),
        msgspec.json.encode(bundle).decode(),
        counts or "",
    )
    files = await _rendered(renderer, RenderingOrder(document, figures, pinned, held.now.replace(microsecond=0), marks))
    place = document.locality_and_date.partition(",")[0]
    files["pdf"] = await signer.sign(files["pdf"], request.keys, location=place, address=request.address)
    issued = IssuedRow(
        notice_id=row.id,
        province=row.province,
        series_id=held.id,
        number=number,
        reference=prepared.reference,
        body=body,
        issued_on=on,
        issued_at=held.now,
        code=request.code,
        key_id=request.principal.key_id,
        name=request.principal.name,
        signatory_certificate=names[0],
        body_certificate=names[1],
        timestamped=bool(request.keys.timestamp_url),
        corrects=request.corrects.id if request.corrects is not None else None,
    )
    await store.take(tx, held.id, number, notice_id=row.id, outside=None, key_id=issued.key_id, name=issued.name, now=held.now)
    await store.put_document(tx, row.id, msgspec.json.encode(document).decode())
    await store_renderings(tx, row.id, drafting.files_of(files))
    await store.insert(
        tx,
        issued,
        inspection=msgspec.json.encode(inspection).decode(),
        evidence=msgspec.json.encode(evidence).decode(),
    )
    await recommending.list_issued(
        tx,
        document,
        pinned.agencies,
        notice_id=row.id,
        province=row.province,
        scope=row.scope,
        corrects=issued.corrects,
    )
    return issued


def _regenerated() -> Unavailable:
    return Unavailable(
        Bilingual(
            "The notice got other figures while what had moved them was read. Nothing was issued: send it again.",
            "Số liệu của thông báo vừa được cập nhật. Chưa ban hành: gửi lại.",
        ),
        headers={"Retry-After": "1"},
    )


async def _held_series(tx: Connection, province: str, body: str, series: str) -> store.HeldSeries:
    """The series of the year in which it is held."""
    held = await store.hold_series(tx, province=province, body=body, year=_year(await store.clock(tx)), series=series)
    if (year := _year(held.now)) != held.year:  # who waited over the turn of the year
        held = await store.hold_series(tx, province=province, body=body, year=year, series=series)
    return held


async def _seen_series(tx: Connection, province: str, body: str, series: str) -> store.HeldSeries:
    """The same as it is now, which nobody waits for: others may take its next number."""
    now = await store.clock(tx)
    year = _year(now)
    found = await store.find_series(tx, province=province, body=body, year=year, series=series)
    return store.HeldSeries(0, found, year, now)


def _year(at: datetime) -> int:
    return civil_day(at).year


async def _rendered(renderer: Renderer, order: RenderingOrder) -> dict[RenderingFormat, bytes]:
    try:
        return dict((await renderer.render(order)).files)
    except (RendererDied, RenderingFailed) as error:
        raise Unavailable(
            Bilingual(
                f"The notice could not be rendered: {error}. Nothing was issued.",
                "Không dựng được văn bản thông báo. Chưa ban hành: thử lại.",
            ),
            headers={"Retry-After": "2"},
        ) from error


def _covered(row: NoticeRow) -> tuple[object, ...]:
    """Of what a notice states figures, whatever became of its inspection since: those of others are not compared with them."""
    return row.province, row.scope, row.period_from, row.period_to


async def register(
    tx: Connection, *, province: str, body: str, year: int, series: str, number: int, use: str, principal: Principal
) -> None:
    """Register a number that was used outside, by hand; raises `NumberTaken`, and `Invalid` for what is no province and for a
    year that has not begun.

    The same once more changes nothing: its response may have been lost.
    """
    demand_province_code(province)
    if year > (present := _year(await store.clock(tx))):
        raise Invalid.of_fields(
            [
                FieldFault(
                    "body.year",
                    bilingual(
                        "{year} has not begun in Vietnam: give {present} or an earlier year.",
                        "Năm {year} chưa bắt đầu: ghi năm {present} hoặc năm trước đó.",
                        year=year,
                        present=present,
                    ),
                    "less_than_equal",
                )
            ]
        )
    held = await store.hold_series(tx, province=province, body=body, year=year, series=series)
    uses = [row.outside for row in await store.taken_rows(tx, held.of_body) if row.number == number]
    if use in uses:
        return
    if uses:
        raise NumberTaken(
            bilingual(
                "Number {n} of {series}, {year}, of {body} is taken already.",
                "Số {n} của sổ {series} năm {year} của {body} đã được dùng.",
                n=number,
                series=series,
                year=year,
                body=body,
            )
        )
    await store.take(
        tx, held.id, number, notice_id=None, outside=use, key_id=principal.key_id, name=principal.name, now=held.now
    )
