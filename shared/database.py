"""PostgreSQL: a pool of connections per service and process, and transactions.

The driver is asyncpg, without a layer above: bulk data goes through COPY. Correctness rests on unique constraints and row
locks.

Transactions are opened by routes, workers and commands, which pass `tx` on. Stores and use cases take `tx`; they open none and
commit none, so it can be seen in one place what belongs to a transaction. A use case that waits for another system between
transactions, or needs several at once, takes the `Database` instead, and its module's docstring says where one transaction ends
and the next begins. `tests/guards/test_transactions.py` names them all.
"""

from __future__ import annotations

import asyncio
import errno
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Literal, TypeAlias, TypeVar

import asyncpg

from shared.errors import Problem, StorageFull, Unavailable
from shared.languages import Bilingual
from shared.logs import logger
from shared.settings import Plans

log = logger("database")
T = TypeVar("T")

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
"""A connection, or one that a pool lends."""

TRANSIENT_ERRORS = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.StatementCompletionUnknownError,
    asyncpg.LockNotAvailableError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
    TimeoutError,
    OSError,
)
"""What a second try can mend: lost connections, a server that restarts or is no longer the first, serialisation failures and
deadlocks. A server that is killed cuts messages short, which the driver reports as an internal error."""

SCHEMA_ERRORS = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError)
"""What statements meet in a schema that the migrations of this version have not made."""

UNAVAILABLE_DETAILS: dict[type[Exception], Bilingual] = {
    asyncpg.DiskFullError: Bilingual(
        "The disk of the database is full. The operator must make room.",
        "Đĩa của cơ sở dữ liệu đã đầy. Người vận hành cần giải phóng dung lượng.",
    ),
    asyncpg.InsufficientResourcesError: Bilingual(
        "The database has run out of memory or of another of its limits. Try again later.",
        "Cơ sở dữ liệu đã hết bộ nhớ hoặc chạm giới hạn khác. Thử lại sau.",
    ),
    asyncpg.QueryCanceledError: Bilingual(
        "The database took too long and was stopped. Ask for less, or try again later.",
        "Cơ sở dữ liệu xử lý quá lâu và đã bị dừng. Thu hẹp yêu cầu, hoặc thử lại sau.",
    ),
    asyncpg.TransactionTimeoutError: Bilingual(
        "The database took too long and was stopped. Ask for less, or try again later.",
        "Cơ sở dữ liệu xử lý quá lâu và đã bị dừng. Thu hẹp yêu cầu, hoặc thử lại sau.",
    ),
    asyncpg.PostgresSystemError: Bilingual(
        "The database cannot read or write its files. The operator must look at its disk and its log.",
        "Cơ sở dữ liệu không đọc hoặc ghi được tệp. Người vận hành cần kiểm tra đĩa và nhật ký.",
    ),
    asyncpg.OperatorInterventionError: Bilingual(
        "The database stopped the work. Try again later.",
        "Cơ sở dữ liệu đã dừng xử lý. Thử lại sau.",
    ),
    asyncpg.DatabaseDroppedError: Bilingual(
        "The database was dropped while it was used. The operator must bring it back.",
        "Cơ sở dữ liệu đã bị xóa khi đang dùng. Người vận hành cần khôi phục.",
    ),
    asyncpg.InvalidCatalogNameError: Bilingual(
        "The database that the service is to use does not exist. The operator must make it.",
        "Cơ sở dữ liệu của dịch vụ không tồn tại. Người vận hành cần tạo.",
    ),
    asyncpg.InvalidAuthorizationSpecificationError: Bilingual(
        "The database refuses the service's account. The operator must mend it.",
        "Cơ sở dữ liệu từ chối tài khoản của dịch vụ. Người vận hành cần sửa.",
    ),
}
"""Errors that an immediate retry does not mend, with a sentence on what to do."""
_FULL = (errno.ENOSPC, errno.EDQUOT)

_SET_LOCALLY = "SELECT set_config(name, value, true) FROM unnest($1::text[], $2::text[]) AS given (name, value)"
_PLAN_CACHE_MODES: dict[Plans, str] = {"once": "force_generic_plan", "each time": "force_custom_plan", "by cost": "auto"}


def unavailability(error: BaseException) -> Problem | None:
    """The problem to respond with when the database or the disk caused `error`; None for any other exception."""
    if isinstance(error, asyncpg.DiskFullError):
        return StorageFull(UNAVAILABLE_DETAILS[asyncpg.DiskFullError])
    if isinstance(error, OSError) and error.errno in _FULL:
        return StorageFull(
            Bilingual(
                "The disk of the service is full. The operator must make room.",
                "Đĩa của dịch vụ đã đầy. Người vận hành cần giải phóng dung lượng.",
            )
        )
    if isinstance(error, TRANSIENT_ERRORS):
        return Unavailable(
            Bilingual(
                "The database is away for the moment. Try again in a few seconds.",
                "Cơ sở dữ liệu tạm thời không trả lời. Thử lại sau vài giây.",
            ),
            headers={"Retry-After": "2"},
        )
    detail = next((UNAVAILABLE_DETAILS[kind] for kind in type(error).__mro__ if kind in UNAVAILABLE_DETAILS), None)
    return None if detail is None else Unavailable(detail, headers={"Retry-After": "10"})


class Database:
    """A pool of connections to one service's schema."""

    def __init__(self, url: str, *, size: int = 8, application: str = "motcua", plans: Plans = "by cost") -> None:
        """`url` is a PostgreSQL URL; nothing is connected yet. `plans` holds where a transaction does not `set_plans`."""
        self._url = url.replace("postgresql+asyncpg://", "postgresql://", 1)
        self.size = size
        """Connections, at most."""
        self._application = application
        self._plans: Plans = plans
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._opening = asyncio.Lock()

    async def _opened(self) -> asyncpg.Pool[asyncpg.Record]:
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    self._pool = await asyncpg.create_pool(
                        self._url,
                        min_size=1,
                        max_size=self.size,
                        command_timeout=300,
                        # All columns of the counters by their whole names are long: parsing them takes longer than most reads.
                        max_cacheable_statement_size=128 * 1024,
                        max_inactive_connection_lifetime=60,
                        timeout=10,
                        server_settings={
                            "application_name": self._application,
                            "timezone": "UTC",
                            "jit": "off",  # our statements are short: compiling them costs more than it gives
                            "plan_cache_mode": _PLAN_CACHE_MODES[self._plans],
                        },
                    )
        return self._pool

    async def close(self) -> None:
        """Close the pool; connections still in use are cut after a moment."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            try:
                await asyncio.wait_for(pool.close(), 3)
            except TimeoutError:
                pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection outside a transaction, for reads of one statement."""
        pool = await self._opened()
        async with pool.acquire(timeout=30) as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self, *, snapshot: bool = False, readonly: bool = False) -> AsyncIterator[Connection]:
        """A transaction; it commits when the block ends and rolls back when it raises.

        At READ COMMITTED, or with `one_state` at REPEATABLE READ: then all its statements see one state of the database.
        """
        isolation: Literal["repeatable_read", "read_committed"] = "repeatable_read" if snapshot else "read_committed"
        async with self.connection() as connection, connection.transaction(isolation=isolation, readonly=readonly):
            yield connection

    async def run(self, work: Callable[[Connection], Awaitable[T]], *, attempts: int = 6) -> T:
        """Run `work` in a transaction, and again in a new one after a transient error, `attempts` times at most.

        The response to a COMMIT can be lost, so `work` must be idempotent.
        """
        for attempt in range(1, attempts + 1):
            try:
                async with self.transaction() as connection:
                    return await work(connection)
            except TRANSIENT_ERRORS as error:
                if attempt == attempts:
                    raise
                log.warning("transaction repeated", attempt=attempt, error=type(error).__name__)
                await asyncio.sleep(random.uniform(0, min(2.0, 0.05 * 2**attempt)))
        raise AssertionError("unreachable")

    async def ping(self) -> None:
        """Raise `Unavailable` when the database does not answer within two seconds."""
        try:
            async with self.connection() as connection:
                await connection.fetchval("SELECT 1", timeout=2)
        except (*TRANSIENT_ERRORS, asyncpg.PostgresError) as error:
            raise Unavailable(
                Bilingual(
                    "The database does not answer. Check the URL that this service was given and that PostgreSQL runs.",
                    "Cơ sở dữ liệu không trả lời. Kiểm tra địa chỉ (URL) đã cấu hình và PostgreSQL có đang chạy không.",
                )
            ) from error


async def set_plans(tx: Connection, plans: Plans) -> None:
    """When the statements of the transaction are planned from here on."""
    await set_locally(tx, {"plan_cache_mode": _PLAN_CACHE_MODES[plans]})


async def set_locally(tx: Connection, settings: Mapping[str, str]) -> None:
    """Give settings of PostgreSQL other values until the transaction ends."""
    await tx.execute(_SET_LOCALLY, list(settings), list(settings.values()))
