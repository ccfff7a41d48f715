"""Dossiers with their history, the feed, sources, pulls, quarantine and the catalogue.

A version must work with the release before it: add first, remove one release later.
"""

from alembic import op

revision = "ingest_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE ingest.api_key (
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
    CREATE TABLE ingest.stream (
        stream text PRIMARY KEY,
        head bigint NOT NULL DEFAULT 0,            -- newest position of the feed
        numbers bigint NOT NULL DEFAULT 0,         -- newest dossier number
        catalogue bigint NOT NULL DEFAULT 0,       -- version of agencies, procedures, calendar and policies
        policies jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now()
    )""")
    # One row a dossier. `history` holds all its events (msgpack, whitelisted fields, sorted), `seen` their digests, eight bytes
    # each: everything that was ever said is in it, so any rule can be applied anew.
    op.execute("""
    CREATE TABLE ingest.dossier (
        stream text COLLATE "C" NOT NULL,
        code text COLLATE "C" NOT NULL,
        number bigint NOT NULL,
        source text NOT NULL,
        position bigint NOT NULL,                  -- of the newest version
        facts_digest bytea NOT NULL,
        mapped boolean NOT NULL,                   -- agency and procedure are in the catalogue
        findings text[],
        seen bytea NOT NULL,
        history bytea NOT NULL,
        PRIMARY KEY (stream, code)
    ) WITH (fillfactor = 90)""")
    op.execute("ALTER TABLE ingest.dossier ALTER COLUMN seen SET STORAGE MAIN")
    op.execute("CREATE UNIQUE INDEX dossier_number ON ingest.dossier (stream, number)")
    op.execute("CREATE INDEX dossier_unmapped ON ingest.dossier (stream, number) WHERE NOT mapped")
    op.execute("""
    CREATE TABLE ingest.feed (
        stream text COLLATE "C" NOT NULL,
        position bigint NOT NULL,
        number bigint NOT NULL,
        facts text NOT NULL,                       -- JSON as served
        recorded_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (stream, position)
    )""")
    op.execute("""
    CREATE TABLE ingest.source (
        name text PRIMARY KEY,
        stream text NOT NULL REFERENCES ingest.stream,
        kind text NOT NULL,
        settings jsonb NOT NULL,
        secret_env text,                           -- name of the environment variable that holds the password
        enabled boolean NOT NULL DEFAULT true,
        every_seconds double precision NOT NULL,
        place jsonb,                               -- where it has been read to; moves with the effect of what was read
        next_at timestamptz NOT NULL DEFAULT now(),
        lease_until timestamptz,
        lease_by text,
        attempts integer NOT NULL DEFAULT 0,       -- failed rounds in a row
        breaker jsonb,
        total bigint,                              -- dossiers the source says it has
        created_at timestamptz NOT NULL DEFAULT now()
    )""")
    op.execute("""
    CREATE TABLE ingest.pull (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        source text NOT NULL REFERENCES ingest.source,
        stream text NOT NULL,
        since timestamptz,                         -- lower edge of the window: the watermark less the overlap
        started_at timestamptz NOT NULL DEFAULT now(),
        touched_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz,
        state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'complete', 'interrupted', 'failed')),
        pages bigint NOT NULL DEFAULT 0,
        calls bigint NOT NULL DEFAULT 0,
        served bigint NOT NULL DEFAULT 0,
        accepted bigint NOT NULL DEFAULT 0,
        known bigint NOT NULL DEFAULT 0,
        superseded bigint NOT NULL DEFAULT 0,
        quarantined bigint NOT NULL DEFAULT 0,
        proof text,                                -- how it is known that nothing was skipped
        last_error text,
        CHECK (served = accepted + known + superseded + quarantined)
    )""")
    op.execute("CREATE INDEX pull_source ON ingest.pull (source, id DESC)")
    op.execute("""
    CREATE TABLE ingest.quarantine (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        stream text NOT NULL,
        source text NOT NULL,
        digest bytea NOT NULL,                     -- of the whitelisted fields: the same record served again is the same row
        reason text NOT NULL,
        detail text NOT NULL,
        code text,
        fields jsonb NOT NULL,
        pull bigint,
        times bigint NOT NULL DEFAULT 1,
        first_at timestamptz NOT NULL DEFAULT now(),
        last_at timestamptz NOT NULL DEFAULT now(),
        released_at timestamptz,                   -- a replay took it in
        UNIQUE (stream, source, digest)
    )""")
    op.execute("CREATE INDEX quarantine_open ON ingest.quarantine (stream, reason, id) WHERE released_at IS NULL")
    op.execute("""
    CREATE TABLE ingest.agency (
        stream text NOT NULL,
        code text NOT NULL,
        valid_from date NOT NULL,
        body jsonb NOT NULL,
        PRIMARY KEY (stream, code, valid_from)
    )""")
    op.execute("""
    CREATE TABLE ingest.procedure (
        stream text NOT NULL,
        code text NOT NULL,
        valid_from date NOT NULL,
        body jsonb NOT NULL,
        PRIMARY KEY (stream, code, valid_from)
    )""")
    op.execute("""
    CREATE TABLE ingest.day_override (
        stream text NOT NULL,                      -- '' is the whole country
        day date NOT NULL,
        worked boolean NOT NULL,
        legal_basis text NOT NULL,
        known_from date NOT NULL,
        PRIMARY KEY (stream, day, known_from)
    )""")
    # Dossiers to be dated anew after a change of catalogue, calendar, policy or rule; goes through them by number.
    op.execute("""
    CREATE TABLE ingest.redating (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        stream text NOT NULL,
        reason text NOT NULL,
        catalogue bigint NOT NULL,
        only_unmapped boolean NOT NULL DEFAULT false,
        done_to bigint NOT NULL DEFAULT 0,
        upto bigint NOT NULL,
        examined bigint NOT NULL DEFAULT 0,
        changed bigint NOT NULL DEFAULT 0,
        from_position bigint,
        to_position bigint,
        created_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz
    )""")
    op.execute("CREATE INDEX redating_open ON ingest.redating (stream, id) WHERE finished_at IS NULL")
