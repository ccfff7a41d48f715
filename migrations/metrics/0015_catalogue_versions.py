"""Agencies and procedures are stored as they were known from each position on; what is known today holds from the beginning."""

from alembic import op

revision = "metrics_0015"
down_revision = "metrics_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE metrics.catalogue (
            province text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            version integer NOT NULL,
            agencies jsonb NOT NULL,
            procedures jsonb NOT NULL,
            PRIMARY KEY (province, position)
        )
        """
    )
    op.execute(
        "COMMENT ON TABLE metrics.catalogue IS"
        " 'as it is known from a position on, to the next one that is stored; see shared.contracts.feed'"
    )
    op.execute(
        """
        INSERT INTO metrics.catalogue
        SELECT p.province, 0, p.catalogue,
            coalesce((
                SELECT jsonb_agg(a.description ORDER BY a.key) FROM metrics.agency AS a
                WHERE a.province = p.province AND a.description IS NOT NULL
            ), '[]'),
            coalesce((
                SELECT jsonb_agg(jsonb_build_object('code', q.code, 'vi', q.name_vi, 'en', q.name_en) ORDER BY q.code)
                FROM metrics.procedure AS q WHERE q.province = p.province
            ), '[]')
        FROM metrics.province AS p WHERE p.catalogue > 0
        """
    )
    op.execute("COMMENT ON COLUMN metrics.agency.description IS 'not read any more: see catalogue'")
    op.execute("COMMENT ON TABLE metrics.procedure IS 'not read any more: see catalogue'")
