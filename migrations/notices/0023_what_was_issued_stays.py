"""No statement changes what was issued, and answers follow a recommendation into the conclusion that corrects its own."""

from alembic import op

revision = "notices_0023"
down_revision = "notices_0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION notices.refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '%.% is never emptied: it holds what was issued', TG_TABLE_SCHEMA, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END
        $$
        """
    )
    for table in ("rendering", "notice_revision", "notice", "recommendation"):
        op.execute(
            f"CREATE TRIGGER never_truncated BEFORE TRUNCATE ON notices.{table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION notices.refuse_truncate()"
        )
    op.execute(
        "CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON notices.number_series"
        " FOR EACH STATEMENT EXECUTE FUNCTION notices.refuse_change()"
    )
    op.execute(
        """
        CREATE OR REPLACE FUNCTION notices.refuse_change_of_issued() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            changed bigint[] := CASE TG_OP
                WHEN 'INSERT' THEN ARRAY[NEW.notice_id]
                WHEN 'DELETE' THEN ARRAY[OLD.notice_id]
                ELSE ARRAY[OLD.notice_id, NEW.notice_id]
            END;
        BEGIN
            IF EXISTS (SELECT FROM notices.issued_notice WHERE notice_id = ANY (changed)) THEN
                RAISE EXCEPTION 'notice % is issued: its files and texts are never changed', array_to_string(changed, ', ')
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN
                RETURN OLD;
            END IF;
            RETURN NEW;
        END
        $$
        """
    )
    op.execute(
        """
        ALTER TABLE notices.recommendation
            ADD COLUMN carried_to bigint CONSTRAINT recommendation_carried_to_fkey REFERENCES notices.recommendation,
            ADD CONSTRAINT recommendation_carried_to_key UNIQUE (carried_to)
        """
    )
    op.execute(
        "COMMENT ON COLUMN notices.recommendation.carried_to IS"
        " 'the same of the notice that corrected this one; null: it was not corrected, or does not ask it any more'"
    )
    op.execute(
        """
        UPDATE notices.recommendation AS before SET carried_to = repeated.id
        FROM notices.recommendation AS repeated
        JOIN notices.issued_notice USING (notice_id)
        WHERE issued_notice.corrects = before.notice_id
            AND (repeated.key, repeated.text) = (before.key, before.text)
            AND repeated.agency IS NOT DISTINCT FROM before.agency
        """
    )
    op.execute(
        """
        CREATE FUNCTION notices.refuse_change_of_recommendation() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'UPDATE'
                OR to_jsonb(NEW) - '{state,carried_to}'::text[] <> to_jsonb(OLD) - '{state,carried_to}'::text[]
                OR OLD.carried_to IS DISTINCT FROM NEW.carried_to AND OLD.carried_to IS NOT NULL
            THEN
                RAISE EXCEPTION 'recommendation % was issued: of it only the state changes', OLD.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END
        $$
        """
    )
    op.execute(
        "CREATE TRIGGER immutable_once_issued BEFORE UPDATE OR DELETE ON notices.recommendation"
        " FOR EACH ROW EXECUTE FUNCTION notices.refuse_change_of_recommendation()"
    )
