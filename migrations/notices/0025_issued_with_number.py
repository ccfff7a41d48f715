"""No notice is in force, or was, that has no number and no signed file."""

from alembic import op

revision = "notices_0025"
down_revision = "notices_0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION notices.demand_issued() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (SELECT FROM notices.issued_notice WHERE notice_id = NEW.id) THEN
                RAISE EXCEPTION 'notice % is % and was never issued: it has no number and no signed file', NEW.id, NEW.state
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NULL;
        END
        $$
        """
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER issued_with_number AFTER INSERT OR UPDATE OF state ON notices.notice"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state IN ('issued', 'superseded', 'withdrawn'))"
        " EXECUTE FUNCTION notices.demand_issued()"
    )
