"""Verifying a file: by its digest, else by how a PDF begins, else by the code or the number that it bears."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import NamedTuple

import msgspec

from services.notices.issuing import store as issued_store
from services.notices.issuing.store import IssuedRow
from services.notices.verification import store
from services.notices.verification.copies import NamedNotices, may_be_a_copy
from services.notices.verification.model import FileVerdict, codes_in, prefix_digests
from services.notices.verification.reading import FurtherSignatures
from shared.database import Connection
from shared.errors import Problem, Unavailable, Unreadable
from shared.languages import Bilingual, bilingual
from shared.sandbox.parent import Sandbox

MAX_BYTES = 16 * 1024 * 1024
"""Of a file that is verified."""
ADVICE = Bilingual("Send the file as it was issued.", "Gửi tệp đúng như khi được ban hành.")

_BEARS_CODE = Bilingual(
    "It bears the verification code of the notice, but its bytes are others: it was cut off, saved anew by a program, or"
    " altered.",
    "Tệp mang mã xác minh của thông báo nhưng dữ liệu đã khác: bị cắt, được phần mềm lưu lại hoặc bị sửa.",
)
_NAMES_IT = Bilingual(
    "It names the notice by number, date and body, but is no file that was issued: it was saved anew by a program, or altered.",
    "Tệp ghi số, ngày và cơ quan ban hành của thông báo nhưng không phải tệp đã ban hành: được phần mềm lưu lại hoặc bị sửa.",
)

_READ = "services.notices.verification.reading:read"
_NAME = "services.notices.verification.copies:read"
_FOUND = msgspec.json.Decoder(FurtherSignatures)
_NAMED = msgspec.json.Decoder(NamedNotices)


class Recognised(NamedTuple):
    """A file that we issued, or that was made of one."""

    issued: IssuedRow
    verdict: FileVerdict | None
    """None: to be told from what was appended to it."""
    why: Bilingual | None = None
    """Why it is changed; None: it is not, or that is to be told from what was appended."""


class Digests(NamedTuple):
    """By what a file is recognised."""

    whole: bytes
    prefixes: list[bytes]
    codes: list[str]


async def digests_of(content: bytes) -> Digests:
    """The SHA-256 of a file and of how it may have begun, and the codes that it names."""
    return await asyncio.to_thread(
        lambda: Digests(hashlib.sha256(content).digest(), [digest for _, digest in prefix_digests(content)], codes_in(content))
    )


async def recognise(tx: Connection, digests: Digests) -> Recognised | None:
    """The issued notice that a file is of; None: of none of ours."""
    if (whole := await store.find_file(tx, [digests.whole])) is not None:
        return Recognised(await _issued(tx, whole.notice_id), "unchanged")
    if digests.prefixes and (begun := await store.find_file(tx, digests.prefixes)) is not None:
        return Recognised(await _issued(tx, begun.notice_id), None)
    for code in digests.codes:
        if (row := await issued_store.find_by_code(tx, code)) is not None:
            return Recognised(row, "changed", _BEARS_CODE)
    return None


async def named(sandbox: Sandbox, content: bytes) -> NamedNotices:
    """The notices that a file names, of which nothing else is known; none of one that cannot be read.

    Raises `Unavailable` when too many others are at work.
    """
    if not may_be_a_copy(content):
        return NamedNotices()

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    async with sandbox.child(_NAME, b"") as child:
        try:
            async for message in child.messages(chunks()):
                return _NAMED.decode(message)
        except Unreadable:
            pass  # also of one whose reader died: it has none of our bytes, and nothing is said of any notice
    return NamedNotices()


async def recognise_named(tx: Connection, found: NamedNotices, province: str | None) -> Recognised | None:
    """The issued notice that a file names: of `province` only, if that is given. Of several of the same number, date and body
    none is meant."""
    for code in found.codes:
        row = await issued_store.find_by_code(tx, code)
        if row is not None and province in (None, row.province):
            return Recognised(row, "changed", _BEARS_CODE)
    for one in found.citations:
        rows = await issued_store.find_cited(tx, reference=one.reference, issued_on=one.issued_on, body=one.body)
        rows = [row for row in rows if province in (None, row.province)]
        if len(rows) == 1:
            return Recognised(rows[0], "changed", _NAMES_IT)
    return None


async def _issued(tx: Connection, notice_id: int) -> IssuedRow:
    row = await issued_store.find(tx, notice_id)
    assert row is not None
    return row


async def appended(sandbox: Sandbox, content: bytes) -> FurtherSignatures:
    """What was done to a PDF that begins as it was issued: it was signed further, or changed.

    Raises `Unavailable` where the reader tells neither: of a file that was not read nobody is accused.
    """

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    async with sandbox.child(_READ, b"") as child:
        try:
            async for message in child.messages(chunks()):
                return _FOUND.decode(message)
        except Problem as error:
            raise _unread() from error
    raise _unread()


def why_changed(found: FurtherSignatures) -> Bilingual | None:
    """A sentence on what was appended; None of nothing but signatures."""
    if found.why is None:
        return None
    return bilingual(
        "The file begins as it was issued, but {why}.", "Phần đầu của tệp đúng như khi ban hành, nhưng {why}.", why=found.why
    )


def _unread() -> Unavailable:
    return Unavailable(
        Bilingual(
            "The file begins as it was issued; what was added to it could not be read to its end, so nothing is said of it."
            " Send it again.",
            "Phần đầu của tệp đúng như khi ban hành; phần thêm vào chưa đọc được hết nên chưa kết luận. Gửi lại tệp.",
        ),
        headers={"Retry-After": "2"},
    )
