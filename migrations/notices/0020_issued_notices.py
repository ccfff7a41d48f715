"""Notices are issued: their numbers, what was issued and what it stands on, which the database refuses to change."""

from alembic import op

revision = "notices_0020"
down_revision = "notices_0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE notices.number_series (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT number_series_pkey PRIMARY KEY,
            province text COLLATE "C" NOT NULL,
            body text NOT NULL,
            year integer NOT NULL,
            series text NOT NULL,
            CONSTRAINT number_series_key UNIQUE (province, body, year, series)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE notices.taken_number (
            series_id bigint NOT NULL CONSTRAINT taken_number_series_id_fkey REFERENCES notices.number_series,
            number integer NOT NULL CONSTRAINT taken_number_number_check CHECK (number > 0),
            notice_id bigint CONSTRAINT taken_number_notice_id_fkey REFERENCES notices.notice,
            outside text,
            key_id text NOT NULL,
            name text NOT NULL,
            taken_at timestamptz NOT NULL,
            CONSTRAINT taken_number_pkey PRIMARY KEY (series_id, number),
            CONSTRAINT taken_number_notice_id_key UNIQUE (notice_id),
            CONSTRAINT taken_number_use_check CHECK (num_nonnulls(notice_id, outside) = 1)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE notices.issued_notice (
            notice_id bigint CONSTRAINT issued_notice_pkey PRIMARY KEY
                CONSTRAINT issued_notice_notice_id_fkey REFERENCES notices.notice,
            province text COLLATE "C" NOT NULL,
            series_id bigint NOT NULL,
            number integer NOT NULL,
            reference text NOT NULL,
            body text NOT NULL,
            issued_on date NOT NULL,
            issued_at timestamptz NOT NULL,
            code text NOT NULL CONSTRAINT issued_notice_code_key UNIQUE,
            key_id text NOT NULL,
            name text NOT NULL,
            signatory_certificate text NOT NULL,
            body_certificate text NOT NULL,
            timestamped boolean NOT NULL,
            corrects bigint CONSTRAINT issued_notice_corrects_fkey REFERENCES notices.notice
                CONSTRAINT issued_notice_corrects_key UNIQUE,
            inspection jsonb NOT NULL,
            evidence jsonb NOT NULL,
            CONSTRAINT issued_notice_number_fkey FOREIGN KEY (series_id, number) REFERENCES notices.taken_number
        )
        """
    )
    for table in ("taken_number", "issued_notice"):
        op.execute(
            f"CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON notices.{table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION notices.refuse_change()"
        )
    op.execute(
        """
        CREATE FUNCTION notices.refuse_change_of_issued() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            changed bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.notice_id ELSE OLD.notice_id END;
        BEGIN
            IF EXISTS (SELECT FROM notices.issued_notice WHERE notice_id = changed) THEN
                RAISE EXCEPTION 'notice % is issued: its files and texts are never changed', changed
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN
                RETURN OLD;
            END IF;
            RETURN NEW;
        END
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION notices.refuse_change_of_issued_notice() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM notices.issued_notice WHERE notice_id = OLD.id) AND (
                TG_OP = 'DELETE' OR NEW.state NOT IN ('issued', 'superseded', 'withdrawn')
                OR OLD.state <> 'issued' AND NEW.state <> OLD.state AND OLD.state <> 'approved'
                OR to_jsonb(NEW) - '{state,revision}'::text[] <> to_jsonb(OLD) - '{state,revision}'::text[]
            ) THEN
                RAISE EXCEPTION 'notice % is issued: of it only the state changes', OLD.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN
                RETURN OLD;
            END IF;
            RETURN NEW;
        END
        $$
        """
    )
    for table in ("rendering", "notice_revision"):
        op.execute(
            f"CREATE TRIGGER immutable_once_issued BEFORE INSERT OR UPDATE OR DELETE ON notices.{table}"
            " FOR EACH ROW EXECUTE FUNCTION notices.refuse_change_of_issued()"
        )
    op.execute(
        "CREATE TRIGGER immutable_once_issued BEFORE UPDATE OR DELETE ON notices.notice"
        " FOR EACH ROW EXECUTE FUNCTION notices.refuse_change_of_issued_notice()"
    )
