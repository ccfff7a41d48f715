"""Facts tell no request for papers, and an end told in time, from what no source tells: each province is dated anew once."""

from alembic import op

revision = "ingest_0044"
down_revision = "ingest_0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        INSERT INTO ingest.redating (province, reason, catalogue, only_unmapped, upto)
        SELECT p.province, 'release', p.catalogue, false, p.numbers FROM ingest.province p WHERE p.numbers > 0 AND NOT EXISTS (
            -- One that has not begun yet does it.
            SELECT FROM ingest.redating r
            WHERE r.province = p.province AND r.upto = p.numbers
                AND NOT r.only_unmapped AND r.finished_at IS NULL AND r.done_to = 0
        )
        """
    )
