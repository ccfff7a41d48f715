"""Tables, columns, indexes and constraints get the words of the glossary: all is renamed, no row is touched."""

from alembic import op

revision = "metrics_0013"
down_revision = "metrics_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE metrics.proof RENAME TO consistency_check")
    op.execute("ALTER TABLE metrics.evidence RENAME TO manual_input")
    for table in ("manual_input", "assessment"):
        op.execute(f"ALTER TABLE metrics.{table} RENAME COLUMN entered_by TO recorded_by")
        op.execute(f"ALTER TABLE metrics.{table} RENAME COLUMN entered_at TO recorded_at")
    op.execute("ALTER TABLE metrics.province RENAME COLUMN generation TO revision")
    op.execute("ALTER TABLE metrics.ingest_head RENAME COLUMN asked_at TO fetched_at")
    for old, new in (
        ("proof_", "consistency_check_"),
        ("evidence_", "manual_input_"),
        ("entered_by", "recorded_by"),
        ("entered_at", "recorded_at"),
        ("province_generation", "province_revision"),
        ("asked_at", "fetched_at"),
    ):
        op.execute(
            f"""
            DO $$
            DECLARE found record;
            BEGIN
                FOR found IN SELECT conname AS name, conrelid::regclass AS owner FROM pg_constraint
                    WHERE connamespace = 'metrics'::regnamespace AND conname LIKE '%{old}%' AND conislocal LOOP
                    EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', found.owner, found.name,
                        replace(found.name, '{old}', '{new}'));
                END LOOP;
                FOR found IN SELECT relname AS name, relkind FROM pg_class
                    WHERE relnamespace = 'metrics'::regnamespace AND relkind IN ('i', 'S') AND relname LIKE '%{old}%' LOOP
                    EXECUTE format('ALTER %s metrics.%I RENAME TO %I',
                        CASE found.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'INDEX' END, found.name,
                        replace(found.name, '{old}', '{new}'));
                END LOOP;
            END $$
            """
        )
    op.execute(
        "COMMENT ON COLUMN metrics.manual_input.position IS"
        " 'the position of the province when it was recorded: known from there on'"
    )
    op.execute("COMMENT ON COLUMN metrics.ingest_head.position IS 'what was counted when the head was fetched'")
    op.execute("COMMENT ON COLUMN metrics.province.digest IS 'of the version at `position` there; NULL: not known yet'")
    op.execute("COMMENT ON COLUMN metrics.province.revision IS 'moves with everything that can change a response'")
    op.execute("COMMENT ON COLUMN metrics.agency.description IS 'shared.agencies.Agency; NULL until the catalogue has it'")
