"""What was issued in the place of a notice, and in the place of that: the chain by which verification and follow-ups go."""

from __future__ import annotations

import sqlalchemy as sa

from services.notices.drafting.store.notices import corrections
from shared.database import Database
from shared.statements import Statement, parameter
from tests.conftest import NewDatabase

_FROM_NOTICE = corrections(sa.select(parameter("notice_id", sa.BigInteger)))
_IN_TURN = Statement(sa.select(_FROM_NOTICE.c.notice_id).order_by(_FROM_NOTICE.c.place), int)


async def test_what_took_the_place_of_a_notice_is_followed_to_the_end(new_database: NewDatabase) -> None:
    database = Database(await new_database("notices"), size=1)
    try:
        async with database.transaction() as tx:
            await tx.execute("ALTER TABLE notices.issued_notice RENAME TO issued_notice_of_service")
            await tx.execute("CREATE TABLE notices.issued_notice (notice_id bigint, corrects bigint, inspection jsonb)")
            await tx.execute("INSERT INTO notices.issued_notice VALUES (9, NULL), (7, 4), (1, NULL), (4, 1), (8, 7)")
            found = {number: await _IN_TURN.all(tx, notice_id=number) for number in (1, 7, 9)}
        assert found == {1: [1, 4, 7, 8], 7: [7, 8], 9: [9]}
    finally:
        await database.close()
