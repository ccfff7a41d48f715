"""Each part of the catalogue is stored as it was at each version: agencies, procedures, days and policies."""

from alembic import op

revision = "ingest_0017"
down_revision = "ingest_0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE ingest.catalogue_part (
            province text COLLATE "C" NOT NULL,
            part text NOT NULL,
            version bigint NOT NULL,
            body jsonb NOT NULL,
            PRIMARY KEY (province, part, version)
        )
        """
    )
    op.execute("COMMENT ON TABLE ingest.catalogue_part IS 'a part holds from its version to the next one of the same part'")
    # What was before is not known any more: the catalogue of today stands for it.
    for part, body in (
        ("agencies", "SELECT jsonb_agg(body ORDER BY code, valid_from) FROM ingest.agency AS a WHERE a.province = p.province"),
        (
            "procedures",
            "SELECT jsonb_agg(body ORDER BY code, valid_from) FROM ingest.procedure AS a WHERE a.province = p.province",
        ),
        (
            "calendar",
            "SELECT jsonb_agg(to_jsonb(a) ORDER BY day, known_from)"
            " FROM ingest.day_override AS a WHERE a.province = p.province",
        ),
        ("policies", "p.policies"),
    ):
        value = body if body == "p.policies" else f"coalesce(({body}), '[]')"
        op.execute(
            f"INSERT INTO ingest.catalogue_part SELECT p.province, '{part}', 0, {value} FROM ingest.province AS p"
            " WHERE p.catalogue > 0"
        )
