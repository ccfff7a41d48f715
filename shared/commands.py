"""How commands report errors: an expected failure is one sentence on standard error and an exit code.

Unexpected exceptions keep their traceback. Codes: 0 done, 1 something outside the program failed, 2 arguments or settings are
wrong.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator

from shared import logs
from shared.database import SCHEMA_ERRORS, unavailability
from shared.errors import Invalid, Problem
from shared.settings import Service, SettingMissing, SettingWrong

log = logs.logger("commands")

_ANOTHER_VERSION = "The schema of the database is not the one of this version. Run `python -m migrations`."
_NETWORK = {errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT}


def run(main: Callable[[], int], report: Callable[[str], None] | None = None) -> int:
    """Run `main` and return its exit code; an expected failure is given to `report` (left out: printed to standard error)."""
    try:
        return main()
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        found = expected_failure(error)
        if found is None:
            raise
        sentence, code = found
        (report or _to_standard_error)(sentence)
        return code


def serve(service: Service, main: Callable[[], None]) -> int:
    """As `run`, for a worker: an expected failure is a line of its log."""
    logs.configure(service)

    def work() -> int:
        main()
        return 0

    return run(work, lambda sentence: log.error("cannot work", detail=sentence))


def expected_failure(error: BaseException) -> tuple[str, int] | None:
    """The sentence and exit code of an expected failure; None for an unexpected exception."""
    for one in _causes(error):
        if isinstance(one, SettingMissing | SettingWrong):
            return str(one), 2
        if isinstance(one, Problem):
            return one.detail, 2 if isinstance(one, Invalid) else 1
        if isinstance(one, OSError) and one.filename is not None and one.errno not in _NETWORK:
            return f"{one.filename}: {one.strerror}.", 1
        problem = unavailability(one)
        detail = problem.detail if problem is not None else _ANOTHER_VERSION if isinstance(one, SCHEMA_ERRORS) else None
        if detail is not None:
            # Of several lines the first says what is the matter.
            said = str(one).strip().partition("\n")[0]
            return f"{detail} ({said or type(one).__name__})", 1
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _to_standard_error(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
