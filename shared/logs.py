"""Logs: one JSON object a line, a constant lower-case message, values in fields, a correlation id throughout."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, cast

import orjson
import structlog

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from shared.settings import Service

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(service: Service, level: str = "info") -> None:
    """Send this process's logs to standard error; libraries' warnings go the same way."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(file=sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    handler = logging.StreamHandler()
    handler.setFormatter(_LibraryLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # SQL parameters and URLs may hold what must not be logged.
    for name in ("httpx", "httpcore", "arq.worker", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)


def logger(name: str) -> FilteringBoundLogger:
    """A logger whose lines carry `area=name`."""
    return cast("FilteringBoundLogger", structlog.get_logger(area=name))


def _dumps(value: Any, **_: Any) -> bytes:
    return orjson.dumps(value, default=str)


class _LibraryLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"event": record.getMessage(), "level": record.levelname.lower(), "logger": record.name}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()
