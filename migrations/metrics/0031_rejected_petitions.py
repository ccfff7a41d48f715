"""Rows of files of petitions that were set aside wait until they are corrected or dismissed, and answers tell of them."""

from alembic import op

revision = "metrics_0031"
down_revision = "metrics_0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE metrics.rejected_petition (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            province text COLLATE "C" NOT NULL,
            file text NOT NULL,
            sheet text NOT NULL,
            line integer NOT NULL,
            code text,
            reason text NOT NULL,
            vi text NOT NULL,
            en text NOT NULL,
            recorded_by text NOT NULL,
            first_at timestamptz NOT NULL,
            last_at timestamptz NOT NULL,
            corrected_at timestamptz,
            dismissed_at timestamptz,
            dismissed_by text,
            dismissed_for text
        )
        """
    )
    for column, comment in (
        ("file", "digest of the file that it came in"),
        ("sheet", "empty: the file has none"),
        ("code", "NULL: it has none, or what stands there may be a person''s"),
        ("corrected_at", "NULL: it was not"),
        ("dismissed_at", "NULL: nobody did"),
    ):
        op.execute(f"COMMENT ON COLUMN metrics.rejected_petition.{column} IS '{comment}'")
    op.execute("CREATE UNIQUE INDEX rejected_petition_row ON metrics.rejected_petition (province, file, sheet, line)")
    op.execute(
        "CREATE INDEX rejected_petition_waiting ON metrics.rejected_petition (province, id)"
        " WHERE corrected_at IS NULL AND dismissed_at IS NULL"
    )
    op.execute(
        "ALTER TABLE metrics.province ADD COLUMN petitions_rejected integer NOT NULL DEFAULT 0,"
        " ADD COLUMN petitions_rejected_since timestamptz"
    )
    op.execute("COMMENT ON COLUMN metrics.province.petitions_rejected IS 'rows of files of petitions that wait'")
