"""A province's key is compared by its bytes in every table: columns of two collations cannot be joined or spread alike.

Tables are not rewritten; indexes that begin with the key are made anew.
"""

from alembic import op

revision = "metrics_0010"
down_revision = "metrics_0009"
branch_labels = None
depends_on = None

TABLES = (
    "agency",
    "agency_day",
    "agency_month",
    "alert",
    "alert_rule",
    "api_key",
    "assessment",
    "batch",
    "dossier_version",
    "evidence",
    "ingest_head",
    "ledger",
    "procedure",
    "proof",
    "stream",
)


def upgrade() -> None:
    for table in TABLES:
        op.execute(f'ALTER TABLE metrics."{table}" ALTER COLUMN stream TYPE text COLLATE "C"')
