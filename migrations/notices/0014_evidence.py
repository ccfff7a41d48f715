"""Inspections have versions, and evidence: items by agency, each with the versions in which it stands."""

from alembic import op

revision = "notices_0014"
down_revision = "notices_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE notices.inspection ADD COLUMN version integer NOT NULL DEFAULT 1")
    op.execute("ALTER TABLE notices.inspection ADD COLUMN changed_at timestamptz")
    op.execute(
        """
        CREATE TABLE notices.inspection_version (
            inspection_id bigint NOT NULL CONSTRAINT inspection_version_inspection_id_fkey REFERENCES notices.inspection,
            version integer NOT NULL,
            body jsonb NOT NULL,
            key_id text NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT inspection_version_pkey PRIMARY KEY (inspection_id, version)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE notices.evidence_version (
            inspection_id bigint NOT NULL CONSTRAINT evidence_version_inspection_id_fkey REFERENCES notices.inspection,
            version integer NOT NULL,
            template integer NOT NULL,
            inserted integer NOT NULL,
            changed integer NOT NULL,
            removed integer NOT NULL,
            key_id text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT evidence_version_pkey PRIMARY KEY (inspection_id, version)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE notices.evidence_item (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            inspection_id bigint NOT NULL,
            item text NOT NULL,
            subject text NOT NULL,
            about text NOT NULL,
            body jsonb NOT NULL,
            first_version integer NOT NULL,
            end_version integer,
            CONSTRAINT evidence_item_version_fkey FOREIGN KEY (inspection_id, first_version)
                REFERENCES notices.evidence_version,
            CONSTRAINT evidence_item_versions_check CHECK (end_version > first_version)
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX evidence_item_current ON notices.evidence_item (inspection_id, item, subject, about)"
        " WHERE end_version IS NULL"
    )
    op.execute("CREATE INDEX evidence_item_inspection ON notices.evidence_item (inspection_id, id)")
