"""Make certificates for trials: `python -m services.notices.issuing FOLDER`, the password in TRIAL_PASSWORD."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from services.notices.issuing.trial_certificates import trial_certificate
from shared import commands

NAMES = {"signatory.p12": "Người ký", "body.p12": "Cơ quan ban hành"}
"""The files, and whose certificates they hold."""


def main() -> int:
    """Write those that are missing, readable by this account alone."""
    folder, password = Path(sys.argv[1]), os.environ["TRIAL_PASSWORD"]
    folder.mkdir(parents=True, exist_ok=True)
    for file, name in NAMES.items():
        if not (folder / file).exists():
            descriptor = os.open(folder / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(trial_certificate(name, password, datetime.now(UTC)))
            print(f"{folder / file}: a certificate for trials, without legal force")
    return 0


if __name__ == "__main__":
    sys.exit(commands.run(main))
