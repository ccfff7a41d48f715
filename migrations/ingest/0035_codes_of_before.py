"""Provinces with unmapped dossiers of which no code is stored are looked through once: a release of before stored none."""

from alembic import op

revision = "ingest_0035"
down_revision = "ingest_0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        INSERT INTO ingest.redating (province, reason, catalogue, only_unmapped, upto)
        SELECT p.province, 'release', p.catalogue, true, p.numbers
        FROM ingest.province p
        WHERE EXISTS (SELECT FROM ingest.dossier d WHERE d.province = p.province AND NOT d.mapped)
          AND NOT EXISTS (SELECT FROM ingest.unmapped_code u WHERE u.province = p.province)
        """
    )
