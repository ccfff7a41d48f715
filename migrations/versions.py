"""Which versions there are, told by their files: an API that asks need not load the whole of alembic for it."""

from __future__ import annotations

from pathlib import Path

from shared.settings import Service


def newest(service: Service) -> str:
    """The revision that a service's code needs; `/readyz` compares it with the database's.

    Versions are numbered without a gap and named `<service>_<number>` (a guard test holds them to it). Raises `LookupError`
    when there is none.
    """
    numbers = sorted(path.name[:4] for path in (Path(__file__).parent / service).glob("[0-9][0-9][0-9][0-9]_*.py"))
    if not numbers:
        raise LookupError(f"migrations/{service} holds no version")
    return f"{service}_{numbers[-1]}"
