"""Which calendar and rules the versions of a stream were computed by.

A version made at position P was computed by the newest row with `after_position` < P: both the change of the law and the
versions are written under the stream's row lock.
"""

from alembic import op

revision = "ingest_0003"
down_revision = "ingest_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE ingest.law (
        stream text COLLATE "C" NOT NULL,
        catalogue bigint NOT NULL,                 -- version of agencies, procedures, calendar and policies
        after_position bigint NOT NULL,            -- head of the feed when it was decided
        reason text NOT NULL,                      -- what changed
        calendar text NOT NULL,                    -- version of the calendar
        rules text[] NOT NULL,                     -- versions of the clock's policies, oldest first
        decided_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (stream, catalogue)
    )""")
