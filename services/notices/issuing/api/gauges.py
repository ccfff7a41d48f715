"""Gauges of the certificates to sign with for Prometheus: until when they are valid, and who vouches for them."""

from __future__ import annotations

import asyncio
from datetime import datetime

from prometheus_client import Gauge

from services.notices.issuing.signer import Signer, SigningKeys, SigningNotSet
from services.notices.issuing.signing import Certified
from shared.errors import Problem
from shared.logs import logger
from shared.settings import settings

log = logger("certificates")

POLL_SECONDS = 3_600.0
"""Certificates end once in years, and reading them takes a process."""

VALID_UNTIL = Gauge(
    "motcua_notices_certificate_valid_until_seconds",
    "Unix time until which a certificate to sign with is valid, and those that vouch for it; absent where none is set or known",
    ["certificate"],
)


def valid_until(one: Certified) -> datetime:
    """Until when a certificate may sign: as long as it is valid itself, and each that vouches for it."""
    return min(part.valid_until for part in (one, *one.chain))


async def refresh() -> None:
    """Set the gauges every hour until cancelled; what is not known is absent."""
    while True:
        try:
            keys = SigningKeys.of(settings())
            async with Signer() as signer:  # it ends with that: nobody may sign for weeks
                certificates = await signer.certificates(keys)
        except SigningNotSet:
            VALID_UNTIL.clear()
        except Problem as error:
            VALID_UNTIL.clear()
            log.warning("certificates not read", error=str(error)[:300])
        else:
            VALID_UNTIL.labels("signatory").set(valid_until(certificates.signatory).timestamp())
            VALID_UNTIL.labels("body").set(valid_until(certificates.body).timestamp())
        await asyncio.sleep(POLL_SECONDS)
