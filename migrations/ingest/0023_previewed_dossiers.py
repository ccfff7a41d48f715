"""Facts that a change of the catalogue would alter are stored while they are found, so that metrics can count both sides."""

from alembic import op

revision = "ingest_0023"
down_revision = "ingest_0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE ingest.previewed_dossier (
            preview bigint NOT NULL REFERENCES ingest.preview ON DELETE CASCADE,
            number bigint NOT NULL,
            before text NOT NULL,
            after text NOT NULL,
            PRIMARY KEY (preview, number)
        )
        """
    )
