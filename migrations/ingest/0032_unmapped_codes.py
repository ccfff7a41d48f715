"""Codes that dossiers name and the catalogue lacks are counted by the database; those of before come by a redating."""

from alembic import op

revision = "ingest_0032"
down_revision = "ingest_0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE ingest.unmapped_code (
            province text COLLATE "C" NOT NULL,
            number bigint NOT NULL,
            kind text NOT NULL,
            code text NOT NULL,
            source text NOT NULL,
            seen_on date NOT NULL,
            PRIMARY KEY (province, number, kind)
        )
        """
    )
