"""A source tells by which reading all of it was read: one whose words mean something else now is read, or sent, again.

Of what earlier releases stored it is not known (0): portals are read whole once, and of the others somebody says so.
"""

from alembic import op

revision = "ingest_0041"
down_revision = "ingest_0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE ingest.source
            ADD COLUMN read_by bigint, ADD COLUMN reread_since timestamptz,
            ADD COLUMN sent_again_at timestamptz, ADD COLUMN sent_again_by text, ADD COLUMN sent_again_for text
        """
    )
    op.execute(
        """
        UPDATE ingest.source s SET read_by = 0
        WHERE s.cursor IS NOT NULL
            OR EXISTS (SELECT FROM ingest.pull p WHERE p.source = s.name AND p.served > 0)
            OR EXISTS (SELECT FROM ingest.import i WHERE i.source = s.name AND i.row_count > 0)
        """
    )
