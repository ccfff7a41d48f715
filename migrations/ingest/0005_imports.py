"""Imports of files: how far each has come, so that it can be followed and resumed. The files themselves are not kept."""

from alembic import op

revision = "ingest_0005"
down_revision = "ingest_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE ingest.import (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        source text NOT NULL REFERENCES ingest.source,
        stream text NOT NULL,
        state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'complete', 'interrupted', 'failed')),
        arrived timestamptz NOT NULL DEFAULT now(),   -- breaks ties between rows without a version time; kept when resumed
        row_count bigint NOT NULL DEFAULT 0,
        accepted bigint NOT NULL DEFAULT 0,
        known bigint NOT NULL DEFAULT 0,
        superseded bigint NOT NULL DEFAULT 0,
        quarantined bigint NOT NULL DEFAULT 0,
        head_digest bytea,                            -- of the file's beginning: only the same file resumes an import
        started_at timestamptz NOT NULL DEFAULT now(),
        touched_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz,
        last_error text,
        CHECK (row_count = accepted + known + superseded + quarantined)
    )""")
    op.execute("CREATE INDEX import_source ON ingest.import (source, id DESC)")
