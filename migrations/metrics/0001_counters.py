"""Dossier versions, the counters by agency and day, the ledger of their changes, and the place in the feed."""

from alembic import op

revision = "metrics_0001"
down_revision = None
branch_labels = None
depends_on = None

# In the order of `services.metrics.measures`; a guard test compares. Written out, because a version never changes its meaning.
_COUNTS = """
received_online received_counter received_post received_unstated received_interlinked intake_to_digitise
intake_digitised received_reusing fee_due fee_paid_online resolved_early resolved_to_the_day resolved_overdue returned
withdrawn refused refused_after_receipt closed_without_result_overdue interlinked_in_time interlinked_overdue
interlinked_without_result result_to_digitise result_digitised timed minutes_spent timed_with_limit
minutes_spent_of_limit minutes_of_limit took_half_day took_1_day took_2_days took_3_days took_5_days took_7_days
took_10_days took_15_days took_20_days took_30_days took_60_days took_longer supplements supplemented ended_synced_late
ended portal_overdue portal_only_overdue law_only_overdue overdue_days_off_counted overdue_suspension_hidden
overdue_not_closed_in_software overdue_after_hours_ignored overdue_first_day_counted overdue_calendar_changed
overdue_synced_late overdue_extended overdue_due_moved overdue_supplement_needed overdue_staff overdue_other open late
suspended due_within_1 due_within_3 due_within_5 interlinked_open interlinked_late portal_late portal_only_late
law_only_late late_days_off_counted late_suspension_hidden late_not_closed_in_software late_after_hours_ignored
late_first_day_counted late_calendar_changed late_synced_late late_extended late_due_moved late_supplement_needed
late_staff late_other
""".split()  # noqa: SIM905
_WIDE = {"minutes_spent", "minutes_spent_of_limit", "minutes_of_limit"}


def _columns(rest: str) -> str:
    return ",\n".join(f"{name} {'bigint' if name in _WIDE else 'integer'} {rest}" for name in _COUNTS)


def upgrade() -> None:
    op.execute("""
    CREATE TABLE metrics.api_key (
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
    CREATE TABLE metrics.stream (
        stream text PRIMARY KEY,
        position bigint NOT NULL DEFAULT 0,
        head bigint NOT NULL DEFAULT 0,
        generation bigint NOT NULL DEFAULT 0,
        catalogue integer NOT NULL DEFAULT 0,
        applied_at timestamptz,
        quality jsonb NOT NULL DEFAULT '{}'
    ) WITH (fillfactor = 50)
    """)
    op.execute("COMMENT ON COLUMN metrics.stream.position IS 'the last position of the feed whose effect is in the counters'")
    op.execute("COMMENT ON COLUMN metrics.stream.generation IS 'moves with everything that can change an answer'")
    op.execute("""
    CREATE TABLE metrics.batch (
        stream text NOT NULL,
        position bigint NOT NULL,
        versions integer NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (stream, position)
    )
    """)
    op.execute("COMMENT ON TABLE metrics.batch IS 'the positions that figures can be asked as of: the ends of batches'")
    op.execute("""
    CREATE TABLE metrics.agency (
        stream text NOT NULL,
        agency_no integer NOT NULL,
        key text NOT NULL,
        description jsonb,
        PRIMARY KEY (stream, agency_no),
        UNIQUE (stream, key)
    )
    """)
    op.execute("COMMENT ON COLUMN metrics.agency.description IS 'shared.agencies.Agency; NULL until the catalogue tells of it'")
    op.execute("""
    CREATE TABLE metrics.procedure (
        stream text NOT NULL,
        code text NOT NULL,
        name_vi text NOT NULL,
        name_en text NOT NULL,
        PRIMARY KEY (stream, code)
    )
    """)
    op.execute("CREATE TYPE metrics.channel AS ENUM ('online', 'counter', 'post')")
    op.execute("CREATE TYPE metrics.outcome AS ENUM ('resolved', 'returned', 'refused', 'withdrawn')")
    op.execute("CREATE TYPE metrics.timeliness AS ENUM ('early', 'on_time', 'overdue')")
    # A range whose bounds are the wrong way round is an error in PostgreSQL; here it is no day.
    op.execute("""
    CREATE FUNCTION metrics.span(since date, until date) RETURNS datemultirange IMMUTABLE PARALLEL SAFE LANGUAGE sql
    RETURN CASE WHEN since < until THEN datemultirange(daterange(since, until)) ELSE '{}'::datemultirange END
    """)
    # Only ever added to: the version known at a position is the last one up to it.
    op.execute("""
    CREATE TABLE metrics.dossier_version (
        stream text NOT NULL,
        number bigint NOT NULL,
        position bigint NOT NULL,
        received_on date,
        ended_on date NOT NULL,
        due_on date,
        late_from date NOT NULL,
        portal_late_from date NOT NULL,
        due_soon_1 date NOT NULL,
        due_soon_3 date NOT NULL,
        due_soon_5 date NOT NULL,
        agency_no integer NOT NULL,
        supplements integer NOT NULL,
        spent_minutes integer,
        limit_minutes integer,
        channel metrics.channel,
        outcome metrics.outcome,
        timeliness metrics.timeliness,
        portal_timeliness metrics.timeliness,
        interlinked boolean NOT NULL,
        digitisation_required boolean NOT NULL,
        digitised_intake boolean NOT NULL,
        digitised_result boolean NOT NULL,
        fee_required boolean NOT NULL,
        fee_online boolean NOT NULL,
        reused boolean NOT NULL,
        synced_late boolean NOT NULL,
        deleted boolean NOT NULL,
        code text NOT NULL,
        status text NOT NULL,
        procedure text,
        cause text,
        pauses datemultirange
    )
    """)
    op.execute("CREATE UNIQUE INDEX dossier_version_number ON metrics.dossier_version (stream, number, position)")
    op.execute("CREATE INDEX dossier_version_received ON metrics.dossier_version (stream, agency_no, received_on, number)")
    op.execute("CREATE INDEX dossier_version_ended ON metrics.dossier_version (stream, agency_no, ended_on, number)")
    # Interlinked dossiers are few: their figures by procedure are read off the versions.
    op.execute("""
    CREATE INDEX dossier_version_interlinked ON metrics.dossier_version (stream, ended_on) WHERE interlinked
    """)
    # Rows lie in the order of their positions, so a summary of pages finds a range of positions.
    op.execute(
        "CREATE INDEX dossier_version_position ON metrics.dossier_version USING brin (position) WITH (pages_per_range = 32)"
    )
    for name, day in (("agency_day", "day"), ("agency_month", "month")):
        op.execute(f"""
        CREATE TABLE metrics.{name} (
            stream text NOT NULL,
            agency_no integer NOT NULL,
            {day} date NOT NULL,
            {_columns("NOT NULL DEFAULT 0")},
            PRIMARY KEY (stream, agency_no, {day})
        ) WITH (fillfactor = 60)
        """)
    op.execute(f"""
    CREATE TABLE metrics.ledger (
        position bigint NOT NULL,
        agency_no integer NOT NULL,
        day date NOT NULL,
        stream text NOT NULL,
        {_columns("NULL")}
    )
    """)
    op.execute("COMMENT ON TABLE metrics.ledger IS 'what each batch added to agency_day; NULL is 0'")
    op.execute("CREATE INDEX ledger_agency ON metrics.ledger (stream, agency_no, position)")
    op.execute("CREATE INDEX ledger_position ON metrics.ledger (stream, position)")
    op.execute("""
    CREATE TABLE metrics.evidence (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        stream text NOT NULL,
        agency_no integer NOT NULL,
        day date NOT NULL,
        measure text NOT NULL,
        amount integer NOT NULL CHECK (amount >= 0),
        source text NOT NULL,
        position bigint NOT NULL,
        entered_by text NOT NULL,
        entered_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """)
    op.execute(
        "COMMENT ON COLUMN metrics.evidence.position IS 'the position of the stream when it was entered: known from there on'"
    )
    op.execute("CREATE INDEX evidence_agency ON metrics.evidence (stream, agency_no, day)")
