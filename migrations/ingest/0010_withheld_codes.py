"""What stands in the place of a code and is none is known again by a keyed digest; nothing of it is kept."""

from alembic import op

revision = "ingest_0010"
down_revision = "ingest_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE ingest.digest_key (key bytea NOT NULL)")
    # Two random identifiers: 244 random bits, of a strong source.
    op.execute("""
    INSERT INTO ingest.digest_key
    SELECT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')""")
    # What was kept until now of records without a code that looks like one.
    op.execute("""
    UPDATE ingest.quarantine SET code = NULL, fields = '{}'
    WHERE reason = 'bad_code' OR (reason = 'too_long' AND detail ~ '^(code|MaHoSo) has')""")
