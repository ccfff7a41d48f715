"""Logs: one JSON object a line on standard error, whoever writes it: `time`, `service`, `level`, `event`, values in fields.

Messages are constant and in lower case; a correlation id runs from the request through the queue to the job. Messages of
libraries, `warnings`, asyncio and the interpreter have the same form.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec
import structlog

if TYPE_CHECKING:
    from types import TracebackType

    from structlog.typing import FilteringBoundLogger

    from shared.settings import Service

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_LIBRARIES = ("httpx", "httpcore", "arq", "arq.worker", "uvicorn", "uvicorn.error", "asyncio")
_service = "unknown"


def configure(service: Service | Literal["unknown"], level: str = "info") -> None:
    """Write all log messages of this process to standard error, as lines of `service`."""
    global _service
    _service = service
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _add_service,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(file=sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in _LIBRARIES:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        # SQL parameters and URLs may hold what must not be logged.
        library.setLevel(logging.WARNING)
    # uvicorn makes an access line for each answer as soon as somebody could hear it.
    logging.getLogger("uvicorn.access").handlers.clear()
    logging.getLogger("uvicorn.access").propagate = False
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda one: _uncaught(one.exc_type, one.exc_value, one.exc_traceback)
    sys.unraisablehook = lambda one: _uncaught(one.exc_type, one.exc_value, one.exc_traceback)


def logger(name: str) -> FilteringBoundLogger:
    """A logger whose lines carry `area=name`."""
    return cast("FilteringBoundLogger", structlog.get_logger(area=name))


class LineFormatter(logging.Formatter):
    """A library's record as a line like ours."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON, within the context in which it was made."""
        line: dict[str, object] = {
            **structlog.contextvars.get_contextvars(),
            "time": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "service": _service,
            "level": record.levelname.lower(),
            "event": record.getMessage().strip(),
            "logger": record.name,
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


def where(error: BaseException) -> list[str]:
    """The source lines of an exception, without its message, which may quote personal data."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def _dumps(value: Any, **_: Any) -> bytes:
    return msgspec.json.encode(value, enc_hook=str)


def _add_service(_: Any, __: str, line: Any) -> Any:
    line.setdefault("service", _service)
    return line


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("interpreter").critical("uncaught exception", exc_info=(kind, error or kind(), trace))
