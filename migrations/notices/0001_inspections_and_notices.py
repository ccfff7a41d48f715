"""Inspections, notices with the figures they stand on, and their renderings.

A version must work with the release before it: add first, remove one release later.
"""

from alembic import op

revision = "notices_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE notices.api_key (
        id text PRIMARY KEY,
        secret_hash bytea NOT NULL,
        name text NOT NULL,
        scopes text[] NOT NULL,
        stream text,
        agencies text[],
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        revoked_at timestamptz
    )""")
    op.execute("""
    CREATE TABLE notices.inspection (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        stream text NOT NULL,
        scope text NOT NULL,
        period_from date NOT NULL,
        period_to date NOT NULL,
        body jsonb NOT NULL,                       -- as handed in, see services.notices.inspection
        key_id text NOT NULL,                      -- the key that handed it in
        request_key text,                          -- Idempotency-Key of that request
        request_digest bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (key_id, request_key)
    )""")
    op.execute("CREATE INDEX inspection_stream ON notices.inspection (stream, id DESC)")
    # A notice is the work to be done and its result in one row: a worker that dies leaves a lease that runs out.
    op.execute("""
    CREATE TABLE notices.notice (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        inspection_id bigint NOT NULL REFERENCES notices.inspection (id),
        stream text NOT NULL,
        state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'drafting', 'draft', 'failed')),
        revision integer NOT NULL DEFAULT 1,       -- moves with everything that a reader can see
        as_of text,                                -- the position or instant asked for; NULL: the newest
        position bigint,                           -- what the figures are pinned at
        pinned jsonb,                              -- services.notices.figures.Pinned without its figures
        figures jsonb,                             -- every figure by key, as printed
        document jsonb,                            -- services.notices.tree.Notice
        checks jsonb,
        error text,
        attempts integer NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL DEFAULT now(),
        leased_until timestamptz,
        key_id text NOT NULL,
        request_key text,
        request_digest bytea NOT NULL,
        asked_at timestamptz NOT NULL DEFAULT now(),
        made_at timestamptz,
        UNIQUE (key_id, request_key),
        CHECK (state <> 'draft' OR num_nulls(position, pinned, figures, document, checks, made_at) = 0)
    )""")
    op.execute("CREATE INDEX notice_stream ON notices.notice (stream, id DESC)")
    op.execute("CREATE INDEX notice_waiting ON notices.notice (due_at) WHERE state IN ('queued', 'drafting')")
    op.execute("""
    CREATE TABLE notices.rendering (
        notice_id bigint NOT NULL REFERENCES notices.notice (id),
        form text NOT NULL CHECK (form IN ('docx', 'pdf', 'xlsx')),
        content bytea NOT NULL,
        digest bytea NOT NULL,                     -- SHA-256 of the content
        PRIMARY KEY (notice_id, form)
    )""")
    # PDF and the packed forms do not shrink further.
    op.execute("ALTER TABLE notices.rendering ALTER COLUMN content SET STORAGE EXTERNAL")
