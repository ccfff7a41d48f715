"""What the figures of a notice are summed of, day by day, is stored with it, and never changed once it is issued; and what is
superseded has a successor, what is withdrawn the decision of a person."""

from alembic import op

revision = "notices_0026"
down_revision = "notices_0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE notices.notice_counts (
            notice_id bigint PRIMARY KEY CONSTRAINT notice_counts_notice_id_fkey REFERENCES notices.notice,
            counts text NOT NULL
        )
        """
    )
    op.execute(
        "COMMENT ON TABLE notices.notice_counts"
        " IS 'what the figures of a notice are summed of, as it is attached when it is issued'"
    )
    op.execute(
        "CREATE TRIGGER immutable_once_issued BEFORE INSERT OR UPDATE OR DELETE ON notices.notice_counts"
        " FOR EACH ROW EXECUTE FUNCTION notices.refuse_change_of_issued()"
    )
    op.execute(
        "CREATE TRIGGER never_truncated BEFORE TRUNCATE ON notices.notice_counts"
        " FOR EACH STATEMENT EXECUTE FUNCTION notices.refuse_truncate()"
    )
    op.execute(
        """
        CREATE OR REPLACE FUNCTION notices.demand_issued() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (SELECT FROM notices.issued_notice WHERE notice_id = NEW.id) THEN
                RAISE EXCEPTION 'notice % is % and was never issued: it has no number and no signed file', NEW.id, NEW.state
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF NEW.state = 'superseded' AND NOT EXISTS (SELECT FROM notices.issued_notice WHERE corrects = NEW.id) THEN
                RAISE EXCEPTION 'notice % is superseded, and none was issued that takes its place', NEW.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF NEW.state = 'withdrawn' AND NOT EXISTS (
                SELECT FROM notices.notice_step WHERE notice_id = NEW.id AND step = 'withdraw'
            ) THEN
                RAISE EXCEPTION 'notice % is withdrawn, and nobody decided that', NEW.id USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NULL;
        END
        $$
        """
    )
