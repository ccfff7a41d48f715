"""Certificates for trials as files, and the settings with which an API signs with them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from services.notices.issuing.trial_certificates import trial_certificate


def signing_settings(folder: Path) -> dict[str, str]:
    """Makes the signatory's and the issuing body's certificate in this folder."""
    settings: dict[str, str] = {}
    for name in ("signatory", "body"):
        file = folder / f"{name}.p12"
        file.write_bytes(trial_certificate(name, "secret", datetime.now(UTC)))
        settings |= {f"{name}_certificate": str(file), f"{name}_password": "secret"}
    return settings
