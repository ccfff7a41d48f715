"""Words that nobody knows are listed by source: those that records wait for, and those that hide a field of a dossier."""

from alembic import op

revision = "ingest_0031"
down_revision = "ingest_0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ingest.quarantine ADD COLUMN unknown jsonb")
    op.execute(
        """
        CREATE TABLE ingest.unknown_word (
            province text COLLATE "C" NOT NULL,
            code text COLLATE "C" NOT NULL,
            source text NOT NULL,
            field text NOT NULL,
            word text NOT NULL,
            setting text,
            first_at timestamptz NOT NULL,
            last_at timestamptz NOT NULL,
            PRIMARY KEY (province, code, source, field, word)
        )
        """
    )
    op.execute("CREATE INDEX unknown_word_source ON ingest.unknown_word (province, source)")
