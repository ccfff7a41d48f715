"""Notices of many inspections are ordered at once: a batch lists them, so that its progress can be read."""

from alembic import op

revision = "notices_0017"
down_revision = "notices_0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE notices.notice_batch (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT notice_batch_pkey PRIMARY KEY,
            province text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            key_id text NOT NULL,
            ordered_at timestamptz NOT NULL DEFAULT now()
        )
        """
    )
    op.execute(
        """
        CREATE TABLE notices.batch_notice (
            batch_id bigint NOT NULL CONSTRAINT batch_notice_batch_id_fkey REFERENCES notices.notice_batch,
            number integer NOT NULL,
            notice_id bigint NOT NULL CONSTRAINT batch_notice_notice_id_fkey REFERENCES notices.notice,
            existing boolean NOT NULL,
            CONSTRAINT batch_notice_pkey PRIMARY KEY (batch_id, number)
        )
        """
    )
    # The same order is looked for among the notices of its inspection.
    op.execute("CREATE INDEX notice_inspection ON notices.notice (inspection_id)")
