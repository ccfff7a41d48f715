"""The APIs with the check of bodies asleep: what the types of their routes let through is then saved by nothing else.

`python -m shared.web --factory tests.guards.unguarded:ingest`
"""

from __future__ import annotations

import importlib
from functools import partial
from typing import Any

from shared.web import guard


def _app(service: str) -> Any:
    setattr(guard, "check", lambda body, **_: None)  # noqa: B010
    return importlib.import_module(f"services.{service}.app").app


ingest, metrics, notices = (partial(_app, service) for service in ("ingest", "metrics", "notices"))
