"""Columns and stored JSON take the words of the glossary; what a conclusion states stays as it is."""

from alembic import op

revision = "notices_0010"
down_revision = "notices_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE notices.notice RENAME COLUMN asked_at TO ordered_at")
    op.execute("ALTER TABLE notices.notice RENAME COLUMN made_at TO drafted_at")
    op.execute("ALTER TABLE notices.notice RENAME COLUMN confirmed_because TO confirmed_reason")
    op.execute("ALTER TABLE notices.rendering RENAME COLUMN form TO format")
    # NOT NULL has a constraint of its own from PostgreSQL 18 on.
    op.execute(
        """
        DO $$
        DECLARE found record;
        BEGIN
            FOR found IN SELECT conname AS old, conrelid::regclass AS owner, replacement.name AS new
                FROM pg_constraint JOIN (VALUES
                    ('rendering_form_check', 'rendering_format_check'),
                    ('rendering_form_not_null', 'rendering_format_not_null'),
                    ('notice_asked_at_not_null', 'notice_ordered_at_not_null')
                ) AS replacement (old, name) ON conname = replacement.old
                WHERE connamespace = 'notices'::regnamespace LOOP
                EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', found.owner, found.old, found.new);
            END LOOP;
        END $$
        """
    )
    # Drafted notices and submitted inspections must stay readable: there are few, and only names of fields change.
    op.execute(
        """
        CREATE FUNCTION pg_temp.renamed(object jsonb, old text, new text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
        $$ SELECT CASE WHEN object ? old THEN object - old || jsonb_build_object(new, object -> old) ELSE object END $$
        """
    )
    op.execute(
        """
        UPDATE notices.inspection SET body = pg_temp.renamed(body, 'stream', 'province')
            || jsonb_build_object('issuer', pg_temp.renamed(body -> 'issuer', 'place', 'place_of_issue'))
            || CASE WHEN body ? 'counts' THEN jsonb_build_object('counts', (
                    SELECT coalesce(jsonb_object_agg(key, pg_temp.renamed(value, 'evidence', 'source_document')), '{}')
                    FROM jsonb_each(body -> 'counts')
                )) ELSE '{}' END
        """
    )
    # The new revision is the new ETag: clients read the new names.
    op.execute(
        """
        UPDATE notices.notice SET
            revision = revision + 1,
            pinned = pg_temp.renamed(pinned, 'stream', 'province'),
            figures = (
                SELECT jsonb_object_agg(key, pg_temp.renamed(pg_temp.renamed(pg_temp.renamed(
                    value, 'opened_by', 'figure_id'), 'entered_at', 'input_path'), 'evidence', 'source_document'))
                FROM jsonb_each(figures)
            ),
            document = pg_temp.renamed(document, 'place_and_date', 'locality_and_date') || jsonb_build_object('body', (
                SELECT jsonb_agg(
                    CASE WHEN block ->> 'source' = 'evidence' THEN block || '{"source": "findings"}' ELSE block END
                    ORDER BY number
                )
                FROM jsonb_array_elements(document -> 'body') WITH ORDINALITY AS blocks (block, number)
            ))
        WHERE state = 'draft'
        """
    )
