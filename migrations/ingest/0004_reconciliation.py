"""Reconciliations: a source's own totals against ours, and the dossiers that differ."""

from alembic import op

revision = "ingest_0004"
down_revision = "ingest_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE ingest.reconciliation (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        source text NOT NULL REFERENCES ingest.source,
        stream text NOT NULL,
        from_on date NOT NULL,
        to_on date NOT NULL,                       -- civil days, inclusive
        nightly_on date,                           -- the night it was planned for; null: somebody asked
        state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'running', 'complete', 'failed')),
        attempts integer NOT NULL DEFAULT 0,
        not_before timestamptz NOT NULL DEFAULT now(),
        lease_by text,
        lease_until timestamptz,
        planned_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz,
        position bigint,                           -- head of the feed that ours was counted at
        totals jsonb,                              -- per agency: the source's, ours in its window, ours in civil days
        examined bigint,
        last_error text,
        UNIQUE (source, nightly_on)
    )""")
    op.execute("CREATE INDEX reconciliation_open ON ingest.reconciliation (id) WHERE state IN ('planned', 'running')")
    op.execute("""
    CREATE TABLE ingest.difference (
        reconciliation bigint NOT NULL REFERENCES ingest.reconciliation ON DELETE CASCADE,
        code text COLLATE "C" NOT NULL,
        cause text NOT NULL,
        agency text,                               -- code as the source writes it
        there jsonb,                               -- what the source says and what we have, where they differ
        here jsonb,
        taken_in boolean NOT NULL DEFAULT false,   -- what the source says was taken in by this reconciliation
        PRIMARY KEY (reconciliation, code, cause)
    )""")
