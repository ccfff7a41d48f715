"""Files that failed in an earlier release left their first rows: they are named again, and who need not have the rest says so.

A record in quarantine tells the import that alone served it: it leaves with the rows of that.
"""

from alembic import op

revision = "ingest_0040"
down_revision = "ingest_0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE ingest.import
            ADD COLUMN dismissed_at timestamptz, ADD COLUMN dismissed_by text, ADD COLUMN dismissed_for text
        """
    )
    op.execute("ALTER TABLE ingest.quarantine ADD COLUMN import bigint")
    op.execute(
        """
        UPDATE ingest.import
        SET state = 'interrupted',
            last_error = concat_ws(' ', last_error, format(
                'Its first %s rows are kept: send the file again with resume=%s, or dismiss it with a reason.', row_count, id
            ))
        WHERE state = 'failed' AND row_count > 0
        """
    )
