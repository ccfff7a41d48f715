"""`signing`, `series_held`, `verification`, `verification_alone`: what issuing and verifying the reference conclusion cost.

`signing`: CPU of both signatures, beside the limit of 0.15 s; `series_held`: rendering and both
signatures, for which the row of the series is held, beside rendering alone; `verification`: CPU of recognising a signed file of
2 MB, beside the limit of 0.2 s; `verification_alone`: CPU of verifying that file without a server, every figure recomputed of
the counts of days that are attached to it, beside the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from services.notices.audit.checks import Check
from services.notices.issuing.bundle import BundleVersions, IssueFacts, bundle_of
from services.notices.issuing.model import numbered, stamps_of
from services.notices.issuing.qr import qr_code
from services.notices.issuing.signer import Signer, SigningKeys
from services.notices.issuing.signing import SigningKey, SigningOrder, signed
from services.notices.issuing.trial_certificates import trial_certificate
from services.notices.rendering.documents import RenderingOrder
from services.notices.rendering.model import IssueMarks
from services.notices.rendering.renderer import Renderer
from services.notices.verification.model import codes_in, prefix_digests
from services.notices.verification.offline import verify_offline
from tests.bench._rows import row
from tests.notices.daily import counted_answers, counts_json
from tests.notices.reference import DATED_AT, composed, inspection_body, pinned, reference_evidence

SIGNING, VERIFYING = 0.15, 0.2
SIZE = 2_000_000
_BODY = "Ủy ban nhân dân huyện Thanh Hà"
_CODE = "K7QF3MZ9XW2A5RTBNC4HJD6PVE"
_ADDRESS = f"https://motcua.example/v/{_CODE}"


def _order(number: int, padding: str = "") -> RenderingOrder:
    """`padding`: what makes its bundle so much larger, as waived checks would."""
    notice, figures = composed(counted_answers())
    on, given, counts = date(2023, 8, 17), pinned(counted_answers()), counts_json()
    notice = numbered(notice, number, on)
    issue = IssueFacts(f"{number:02d}/TB-UBND", _BODY, on, _CODE, None)
    versions = BundleVersions(1, 1, 0, given.position)
    stood_on: dict[str, Any] = {"inspection": inspection_body(), "evidence": reference_evidence().items, "counts": counts}
    waived = [Check("padding", False, padding)] if padding else []
    bundle = msgspec.json.encode(bundle_of(issue, notice, figures, given, waived, versions, **stood_on)).decode()
    marks = IssueMarks(stamps_of(notice, _BODY, "A", "B", DATED_AT), _ADDRESS, qr_code(_ADDRESS), bundle, counts)
    return RenderingOrder(notice, figures, given, DATED_AT, marks)


def _key(name: str) -> SigningKey:
    return SigningKey(trial_certificate(name, "secret", datetime.now(UTC)), "secret")


def _recognise(content: bytes) -> None:
    """What the API does with a file before it looks into the database."""
    hashlib.sha256(content).digest()
    list(prefix_digests(content))
    codes_in(content)


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """Medians of runs in turn; the first of each is not counted."""
    keys = SigningKeys(_key("A"), _key("B"), "")
    rendering, signing, held, recognising, alone = [], [], [], [], []
    async with Renderer() as renderer, Signer() as signer:
        # What cannot be compressed makes a file of two megabytes.
        padding = random.Random(7).randbytes(SIZE).hex()
        large = (await renderer.render(_order(1, padding))).files["pdf"]
        large = await signer.sign(large, keys, location="Thanh Hà", address=_ADDRESS)
        assert len(large) > SIZE
        for turn in range(runs + 1):
            order = _order(turn + 2)
            began = time.perf_counter()
            unsigned = (await renderer.render(order)).files["pdf"]
            rendered = time.perf_counter()
            await signer.sign(unsigned, keys, location="Thanh Hà", address=_ADDRESS)
            ended = time.perf_counter()
            spent = time.process_time()
            await asyncio.to_thread(signed, unsigned, SigningOrder(b"", keys.signatory, keys.body, "Thanh Hà", _ADDRESS))
            began_signed, spent = spent, time.process_time()
            _recognise(large)
            recognised = time.process_time()
            verdict = await asyncio.to_thread(verify_offline, large)
            assert verdict.state == "unchanged", verdict.reasons
            if turn:
                rendering.append(rendered - began)
                signing.append(spent - began_signed)
                held.append(ended - began)
                recognising.append(recognised - spent)
                alone.append(time.process_time() - recognised)
    return {
        "signing": row(signing, [SIGNING], "s CPU", "lower"),
        "series_held": row(held, rendering, "s", "lower"),
        "verification": row(recognising, [VERIFYING], "s CPU", "lower"),
        "verification_alone": row(alone, [VERIFYING], "s CPU", "lower"),
    }
