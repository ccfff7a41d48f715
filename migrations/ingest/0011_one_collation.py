"""A province's key is compared by its bytes in every table: columns of two collations cannot be joined or spread alike.

Tables are not rewritten; indexes that begin with the key are made anew.
"""

from alembic import op

revision = "ingest_0011"
down_revision = "ingest_0010"
branch_labels = None
depends_on = None

TABLES = (
    "agency",
    "api_key",
    "day_override",
    "import",
    "procedure",
    "pull",
    "quarantine",
    "reconciliation",
    "redating",
    "source",
    "stream",
)


def upgrade() -> None:
    for table in TABLES:
        op.execute(f'ALTER TABLE ingest."{table}" ALTER COLUMN stream TYPE text COLLATE "C"')
