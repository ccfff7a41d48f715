"""A province's sequence is called a province: columns, tables, indexes and constraints are renamed, no row is touched."""

from alembic import op

revision = "ingest_0013"
down_revision = "ingest_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        DO $$
        DECLARE found record;
        BEGIN
            FOR found IN SELECT table_name FROM information_schema.columns
                WHERE table_schema = 'ingest' AND column_name = 'stream' LOOP
                EXECUTE format('ALTER TABLE ingest.%I RENAME COLUMN stream TO province', found.table_name);
            END LOOP;
            FOR found IN SELECT conname AS name, conrelid::regclass AS owner FROM pg_constraint
                WHERE connamespace = 'ingest'::regnamespace AND conname LIKE '%stream%' AND conislocal LOOP
                EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', found.owner, found.name,
                    replace(found.name, 'stream', 'province'));
            END LOOP;
            FOR found IN SELECT relname AS name FROM pg_class
                WHERE relnamespace = 'ingest'::regnamespace AND relkind IN ('r', 'i') AND relname LIKE '%stream%' LOOP
                EXECUTE format('ALTER %s ingest.%I RENAME TO %I',
                    CASE WHEN found.name = 'stream' THEN 'TABLE' ELSE 'INDEX' END, found.name,
                    replace(found.name, 'stream', 'province'));
            END LOOP;
        END $$
        """
    )
