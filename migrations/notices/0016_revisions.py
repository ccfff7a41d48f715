"""People edit notices: each revision of a notice is stored, with its author and reason, and is the job that renders it."""

from alembic import op

revision = "notices_0016"
down_revision = "notices_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE notices.notice ADD COLUMN text_revision integer NOT NULL DEFAULT 1, ADD COLUMN pending_revision integer"
    )
    op.execute(
        """
        CREATE TABLE notices.notice_revision (
            notice_id bigint NOT NULL CONSTRAINT notice_revision_notice_id_fkey REFERENCES notices.notice,
            number integer NOT NULL,
            origin text NOT NULL CONSTRAINT notice_revision_origin_check CHECK (origin IN ('draft', 'edit', 'regeneration')),
            state text NOT NULL CONSTRAINT notice_revision_state_check CHECK (state IN ('queued', 'making', 'made', 'failed')),
            author text,
            reason text,
            key_id text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            made_at timestamptz,
            base integer NOT NULL,
            as_of text,
            confirmed text[] NOT NULL DEFAULT '{}',
            confirmed_reason text,
            edits jsonb NOT NULL DEFAULT '[]',
            composed jsonb,
            pinned jsonb,
            figures jsonb,
            document jsonb,
            checks jsonb,
            outcomes jsonb,
            position bigint,
            inspection_version integer,
            evidence_version integer,
            step text,
            error text,
            attempts integer NOT NULL DEFAULT 0,
            lapses integer NOT NULL DEFAULT 0,
            due_at timestamptz NOT NULL DEFAULT now(),
            lease_by text,
            lease_until timestamptz,
            CONSTRAINT notice_revision_pkey PRIMARY KEY (notice_id, number),
            CONSTRAINT notice_revision_made_check CHECK (
                state <> 'made' OR num_nulls(document, checks, made_at) = 0
                AND (base <> number OR num_nulls(composed, pinned, figures) = 0)
            )
        )
        """
    )
    op.execute("CREATE INDEX notice_revision_waiting ON notices.notice_revision (due_at) WHERE state IN ('queued', 'making')")
    op.execute(
        "CREATE UNIQUE INDEX notice_revision_pending ON notices.notice_revision (notice_id) WHERE state IN ('queued', 'making')"
    )
