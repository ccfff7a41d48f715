"""What a notice asks of whom is listed by its issue: nothing is added to that later."""

from alembic import op

revision = "notices_0028"
down_revision = "notices_0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION notices.demand_issuing() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM notices.issued_notice WHERE notice_id = NEW.notice_id AND xmin = pg_current_xact_id()::xid
            ) THEN
                RAISE EXCEPTION 'notice % is not issued just now: what it asks is listed by its issue, and nothing later',
                    NEW.notice_id USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END
        $$
        """
    )
    op.execute(
        "CREATE TRIGGER listed_by_issue BEFORE INSERT ON notices.recommendation"
        " FOR EACH ROW EXECUTE FUNCTION notices.demand_issuing()"
    )
