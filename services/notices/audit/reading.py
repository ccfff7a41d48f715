"""What runs in the child process: a body is read, audited and marked up, within its limits."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from services.notices.audit.bodies import received
from services.notices.audit.comparison.figures import read_figures
from services.notices.audit.documents.bounds import MAX_BYTES
from services.notices.audit.documents.files import reading
from services.notices.audit.engine import audit_with_reading
from services.notices.audit.marking import marked
from services.notices.audit.messages import AuditOrder, Finding, Progress
from shared.errors import TooLarge
from shared.languages import bilingual


def read(order: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Audit what comes, which `order` describes (`AuditOrder` in JSON); yields `Progress` and one `Finding` in JSON.

    Raises `Unreadable`, `Malformed`, `Invalid` and `TooLarge`.
    """
    described = msgspec.json.decode(order, type=AuditOrder)
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > MAX_BYTES:
            raise TooLarge(
                bilingual(
                    "The file is larger than {n} bytes. Send it in parts.",
                    "Tệp lớn hơn {n} byte. Chia nhỏ rồi gửi.",
                    n=MAX_BYTES,
                )
            )
    given = received(described.content_type, described.name, bytes(body))
    body.clear()
    steps = reading(given.name, given.content)
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            document = end.value
            break
        yield msgspec.json.encode(Progress(step.read, step.pages))
    found, understood = audit_with_reading(document)
    page = marked(document, understood.figures, found)
    yield msgspec.json.encode(Finding(given.title, found, page, read_figures(document, understood, found)))
