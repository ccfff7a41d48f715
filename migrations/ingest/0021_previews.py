"""What a change of the catalogue would move is worked out before it applies."""

from alembic import op

revision = "ingest_0021"
down_revision = "ingest_0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE ingest.preview (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            province text COLLATE "C" NOT NULL,
            catalogue bigint NOT NULL,
            parts jsonb NOT NULL,
            upto bigint NOT NULL,
            done_to bigint NOT NULL DEFAULT 0,
            counts jsonb NOT NULL DEFAULT '{}',
            created_at timestamptz NOT NULL,
            finished_at timestamptz,
            outdated boolean NOT NULL DEFAULT false
        )
        """
    )
    op.execute("CREATE INDEX preview_open ON ingest.preview (id) WHERE finished_at IS NULL")
