"""Dossiers whose agency or procedure the catalogue does not know are counted, those of before too."""

from alembic import op

revision = "metrics_0006"
down_revision = "metrics_0005"
branch_labels = None
depends_on = None

FILL = (
    # What each version of before added and the next one of its dossier took away, booked at the end of the batch it came in.
    """
    WITH version AS (
        SELECT stream, position, agency_no, received_on AS day, procedure, deleted,
               lead(position) OVER (PARTITION BY stream, number ORDER BY position) AS followed_at
        FROM metrics.dossier_version
    ), unmapped AS (
        SELECT * FROM version WHERE NOT deleted AND day IS NOT NULL AND (agency_no = 0 OR procedure IS NULL)
    ), change AS (
        SELECT stream, position, agency_no, day, 1 AS change FROM unmapped
        UNION ALL SELECT stream, followed_at, agency_no, day, -1 FROM unmapped WHERE followed_at IS NOT NULL
    ), booked AS (
        SELECT stream, agency_no, day, change, (
            SELECT min(batch.position) FROM metrics.batch
            WHERE batch.stream = change.stream AND batch.position >= change.position
        ) AS position
        FROM change
    )
    INSERT INTO metrics.ledger (stream, position, agency_no, day, received_unmapped)
    SELECT stream, position, agency_no, day, sum(change) FROM booked GROUP BY 1, 2, 3, 4 HAVING sum(change) <> 0
    """,
    """
    INSERT INTO metrics.agency_day (stream, agency_no, day, received_unmapped)
    SELECT stream, agency_no, day, sum(received_unmapped) FROM metrics.ledger
    WHERE received_unmapped IS NOT NULL GROUP BY 1, 2, 3
    ON CONFLICT (stream, agency_no, day) DO UPDATE SET received_unmapped = excluded.received_unmapped
    """,
    """
    INSERT INTO metrics.agency_month (stream, agency_no, month, received_unmapped)
    SELECT stream, agency_no, date_trunc('month', day)::date, sum(received_unmapped) FROM metrics.ledger
    WHERE received_unmapped IS NOT NULL GROUP BY 1, 2, 3
    ON CONFLICT (stream, agency_no, month) DO UPDATE SET received_unmapped = excluded.received_unmapped
    """,
)


def upgrade() -> None:
    op.execute("ALTER TABLE metrics.ledger ADD COLUMN received_unmapped integer")
    for table in ("agency_day", "agency_month"):
        op.execute(f"ALTER TABLE metrics.{table} ADD COLUMN received_unmapped integer NOT NULL DEFAULT 0")
    for statement in FILL:
        op.execute(statement)
