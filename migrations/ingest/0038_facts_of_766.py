"""Dossiers of before get the facts that decision 766 counts: each province is dated anew once."""

from alembic import op

revision = "ingest_0038"
down_revision = "ingest_0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        INSERT INTO ingest.redating (province, reason, catalogue, only_unmapped, upto)
        SELECT p.province, 'release', p.catalogue, false, p.numbers FROM ingest.province p WHERE p.numbers > 0
        """
    )
