"""Tables and columns are named as the glossary has it: cursor, verification, ruleset, applied, requested and responded.

Only `source`, which has some dozens of rows, is rewritten: the names within its cursors and breaker states change too.
"""

from alembic import op

revision = "ingest_0015"
down_revision = "ingest_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ingest.source RENAME COLUMN place TO cursor")
    op.execute(
        """
        UPDATE ingest.source SET
            cursor = CASE WHEN cursor ? 'proof'
                THEN (cursor - 'proof') || jsonb_build_object('verification', cursor -> 'proof') ELSE cursor END,
            breaker = CASE WHEN breaker ? 'opened'
                THEN (breaker - 'opened') || jsonb_build_object('times_opened', breaker -> 'opened') ELSE breaker END
        """
    )
    op.execute("ALTER TABLE ingest.pull RENAME COLUMN proof TO verification")
    op.execute("ALTER TABLE ingest.offer RENAME COLUMN asked_at TO requested_at")
    op.execute("ALTER TABLE ingest.offer RENAME COLUMN answered_at TO responded_at")
    op.execute("ALTER TABLE ingest.difference RENAME COLUMN taken_in TO applied")
    op.execute("ALTER TABLE ingest.law RENAME TO ruleset")
    # The primary key and, from PostgreSQL 18 on, NOT NULL are constraints with names.
    op.execute(
        """
        DO $$
        DECLARE found record;
        BEGIN
            FOR found IN SELECT conname AS name, conrelid::regclass AS owner FROM pg_constraint
                WHERE connamespace = 'ingest'::regnamespace
                AND (conname LIKE 'law\\_%' OR conname IN ('offer_asked_at_not_null', 'difference_taken_in_not_null')) LOOP
                EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', found.owner, found.name,
                    replace(replace(regexp_replace(found.name, '^law_', 'ruleset_'), 'asked_at', 'requested_at'),
                        'taken_in', 'applied'));
            END LOOP;
        END $$
        """
    )
