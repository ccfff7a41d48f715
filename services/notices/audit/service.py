"""Audits through the API and in the worker: small bodies are audited at once, large ones wait for a worker.

Bodies are read in a child process with limits, whoever audits them: nothing of them is decoded outside of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import msgspec

from services.notices.audit import store
from services.notices.audit.messages import AuditOrder, Finding, Progress, decode
from services.notices.audit.store import AuditContent, AuditJob, AuditRow
from shared.contracts.kpis import Text
from shared.database import Connection
from shared.errors import Problem, TooManyRequests, Unavailable, Unreadable
from shared.languages import Bilingual, bilingual
from shared.quotas import Quota
from shared.sandbox.parent import Sandbox, SandboxLimits

SMALL = 512 * 1024
"""Bytes of a body that is audited while its sender waits."""
MAX_WAITING = 20
"""Audits of one key that may wait for a worker."""
MAX_BODIES = 4
"""Large bodies that an API holds in memory at once."""
PATIENCE_SECONDS = 5.0
"""How long a large body waits for others before it is refused."""
LEASE = timedelta(seconds=10)
"""How long a silent worker holds an audit before another may claim it."""
MAX_LAPSES = 2
"""Leases of an audit that may lapse because workers died."""
PROGRESS_SECONDS = 1.0
"""Between two notes of the progress."""

AT_ONCE = SandboxLimits(seconds=20, seconds_per_megabyte=4.0)
LATER = SandboxLimits(seconds=60, seconds_per_megabyte=10.0, idle_seconds=300.0)
ADVICE = Bilingual(
    "Send the text of the notice, or the file in smaller parts.", "Gửi phần chữ của thông báo, hoặc chia nhỏ tệp."
)
"""What to do with a file that cannot be read."""

_BODIES = Quota("audits", MAX_BODIES)
_READ = "services.notices.audit.reading:read"


async def finding(
    sandbox: Sandbox,
    order: AuditOrder,
    chunks: AsyncIterator[bytes],
    progress: Callable[[Progress], Awaitable[None]] | None = None,
) -> Finding:
    """What the audit of a body finds. Raises what the reader raises, `ChildDied` and `Unavailable`."""
    async with sandbox.child(_READ, msgspec.json.encode(order)) as child:
        async for message in child.messages(chunks):
            said = decode(message)
            if isinstance(said, Finding):
                return said
            if progress is not None:
                await progress(said)
    raise Unreadable(Bilingual("The body ended before its end. Send it again.", "Nội dung gửi chưa trọn vẹn. Gửi lại."))


@asynccontextmanager
async def room(bodies: asyncio.Semaphore) -> AsyncIterator[None]:
    """Room for a large body in memory; raises `Unavailable` when others fill it for too long."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await bodies.acquire()
    except TimeoutError as error:
        raise Unavailable(
            Bilingual(
                "Too many large documents come at the moment. Send this one again in a few seconds.",
                "Đang có quá nhiều tài liệu lớn gửi đến. Gửi lại tài liệu này sau vài giây.",
            ),
            headers=_BODIES.refusal(10),
        ) from error
    try:
        yield
    finally:
        bodies.release()


async def insert(
    tx: Connection, found: Finding, *, province: str | None, key_id: str, content_type: str, now: datetime
) -> AuditRow:
    """Store what an audit found."""
    return await store.insert(
        tx, _content(found), province=province, key_id=key_id, title=found.title, content_type=content_type, now=now
    )


def _content(found: Finding) -> AuditContent:
    return AuditContent(msgspec.json.encode(found.audit).decode(), found.page, msgspec.json.encode(found.figures).decode())


async def queue(
    tx: Connection, content: bytes, order: AuditOrder, *, province: str | None, key_id: str, now: datetime
) -> AuditRow:
    """Have a worker audit a body; raises `TooManyRequests` when too many of the key wait already."""
    if await store.count_waiting(tx, key_id) >= MAX_WAITING:
        raise TooManyRequests(
            bilingual(
                "{n} documents of this key wait to be audited. Send the next when one of them is done.",
                "Khóa này có {n} tài liệu đang chờ kiểm tra số liệu. Gửi tiếp khi có tài liệu xong.",
                n=MAX_WAITING,
            ),
            headers={"Retry-After": "10"},
        )
    return await store.queue(
        tx, province=province, key_id=key_id, title=order.name, content_type=order.content_type, content=content, now=now
    )


def demand_few_lapses(job: AuditJob) -> None:
    """Raise `Unreadable` when more than `MAX_LAPSES` workers have died over the audit."""
    if job.lapses > MAX_LAPSES:
        raise Unreadable(
            Bilingual(
                "The workers died over this document. Send it in parts, and tell the operator its number.",
                "Tiến trình dừng khi đọc tài liệu này. Chia nhỏ rồi gửi, và báo mã số cho người vận hành.",
            )
        )


async def complete(tx: Connection, job: AuditJob, found: Finding, now: datetime) -> bool:
    """Store what an audit found; False when the lease was lost, and nothing is stored."""
    return await store.complete(tx, job, _content(found), title=found.title, now=now)


async def fail(tx: Connection, job: AuditJob, problem: Problem, now: datetime) -> None:
    """Store why a document cannot be audited."""
    error = Text(vi=problem.text.vi, en=problem.text.en)
    await store.fail(tx, job, msgspec.json.encode(error).decode(), now)
