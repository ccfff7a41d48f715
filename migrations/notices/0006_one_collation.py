"""A province's key is compared by its bytes in every table: columns of two collations cannot be joined or spread alike.

Tables are not rewritten; indexes that begin with the key are made anew.
"""

from alembic import op

revision = "notices_0006"
down_revision = "notices_0005"
branch_labels = None
depends_on = None

TABLES = (
    "api_key",
    "inspection",
    "notice",
)


def upgrade() -> None:
    for table in TABLES:
        op.execute(f'ALTER TABLE notices."{table}" ALTER COLUMN stream TYPE text COLLATE "C"')
