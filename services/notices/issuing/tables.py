"""The tables of issued notices: series, numbers that are taken, and what was issued. The database refuses changes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.drafting.tables import notice, notice_counts, rendering
from services.notices.revisions.tables import notice_revision
from services.notices.tables import METADATA, make_immutable, refuse_truncate
from shared.tables import PROVINCE_CODE, attach_ddl

number_series = sa.Table(
    "number_series",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("series", sa.Text, nullable=False),
    sa.UniqueConstraint("province", "body", "year", "series", name="number_series_key"),
)
make_immutable(number_series)

taken_number = sa.Table(
    "taken_number",
    METADATA,
    sa.Column(
        "series_id", sa.BigInteger, sa.ForeignKey(number_series.c.id, name="taken_number_series_id_fkey"), primary_key=True
    ),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("notice_id", sa.BigInteger, sa.ForeignKey(notice.c.id, name="taken_number_notice_id_fkey")),
    sa.Column("outside", sa.Text),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("num_nonnulls(notice_id, outside) = 1", name="taken_number_use_check"),
    sa.CheckConstraint("number > 0", name="taken_number_number_check"),
    sa.UniqueConstraint("notice_id", name="taken_number_notice_id_key"),
)
make_immutable(taken_number)

issued_notice = sa.Table(
    "issued_notice",
    METADATA,
    sa.Column("notice_id", sa.BigInteger, sa.ForeignKey(notice.c.id, name="issued_notice_notice_id_fkey"), primary_key=True),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("series_id", sa.BigInteger, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("issued_on", sa.Date, nullable=False),
    sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("signatory_certificate", sa.Text, nullable=False),
    sa.Column("body_certificate", sa.Text, nullable=False),
    sa.Column("timestamped", sa.Boolean, nullable=False),
    sa.Column("corrects", sa.BigInteger, sa.ForeignKey(notice.c.id, name="issued_notice_corrects_fkey")),
    sa.Column("inspection", pg.JSONB, nullable=False),
    sa.Column("evidence", pg.JSONB, nullable=False),
    sa.ForeignKeyConstraint(
        ["series_id", "number"], [taken_number.c.series_id, taken_number.c.number], name="issued_notice_number_fkey"
    ),
    sa.UniqueConstraint("code", name="issued_notice_code_key"),
    sa.UniqueConstraint("corrects", name="issued_notice_corrects_key"),
)
make_immutable(issued_notice)

_REFUSE_CHANGE_OF_ISSUED = sa.DDL(  # type: ignore[no-untyped-call]
    """
        CREATE FUNCTION notices.refuse_change_of_issued() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            changed bigint[] := CASE TG_OP
                WHEN 'INSERT' THEN ARRAY[NEW.notice_id]
                WHEN 'DELETE' THEN ARRAY[OLD.notice_id]
                ELSE ARRAY[OLD.notice_id, NEW.notice_id]
            END;
        BEGIN
            IF EXISTS (SELECT FROM notices.issued_notice WHERE notice_id = ANY (changed)) THEN
                RAISE EXCEPTION 'notice %% is issued: its files and texts are never changed', array_to_string(changed, ', ')
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
_REFUSE_CHANGE_OF_ISSUED_NOTICE = sa.DDL(  # type: ignore[no-untyped-call]
    """
        CREATE FUNCTION notices.refuse_change_of_issued_notice() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM notices.issued_notice WHERE notice_id = OLD.id) AND (
                TG_OP = 'DELETE' OR NEW.state NOT IN ('issued', 'superseded', 'withdrawn')
                OR OLD.state <> 'issued' AND NEW.state <> OLD.state AND OLD.state <> 'approved'
                OR to_jsonb(NEW) - '{state,revision}'::text[] <> to_jsonb(OLD) - '{state,revision}'::text[]
            ) THEN
                RAISE EXCEPTION 'notice %% is issued: of it only the state changes', OLD.id
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
_OF_ISSUED = sa.DDL(  # type: ignore[no-untyped-call]
    "CREATE TRIGGER immutable_once_issued BEFORE INSERT OR UPDATE OR DELETE ON %(fullname)s"
    " FOR EACH ROW EXECUTE FUNCTION notices.refuse_change_of_issued()"
)
_ISSUED_NOTICE = sa.DDL(  # type: ignore[no-untyped-call]
    "CREATE TRIGGER immutable_once_issued BEFORE UPDATE OR DELETE ON %(fullname)s"
    " FOR EACH ROW EXECUTE FUNCTION notices.refuse_change_of_issued_notice()"
)
# Deferred: the notice takes its step before the row of what was issued of it is there, in the same transaction.
_DEMAND_ISSUED = sa.DDL(  # type: ignore[no-untyped-call]
    """
        CREATE FUNCTION notices.demand_issued() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (SELECT FROM notices.issued_notice WHERE notice_id = NEW.id) THEN
                RAISE EXCEPTION 'notice %% is %% and was never issued: it has no number and no signed file', NEW.id, NEW.state
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF NEW.state = 'superseded' AND NOT EXISTS (SELECT FROM notices.issued_notice WHERE corrects = NEW.id) THEN
                RAISE EXCEPTION 'notice %% is superseded, and none was issued that takes its place', NEW.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF NEW.state = 'withdrawn' AND NOT EXISTS (
                SELECT FROM notices.notice_step WHERE notice_id = NEW.id AND step = 'withdraw'
            ) THEN
                RAISE EXCEPTION 'notice %% is withdrawn, and nobody decided that', NEW.id USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NULL;
        END
        $$
    """
)
_ISSUED_WITH_NUMBER = sa.DDL(  # type: ignore[no-untyped-call]
    "CREATE CONSTRAINT TRIGGER issued_with_number AFTER INSERT OR UPDATE OF state ON %(fullname)s"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state IN ('issued', 'superseded', 'withdrawn'))"
    " EXECUTE FUNCTION notices.demand_issued()"
)
attach_ddl(METADATA, "before_create", _REFUSE_CHANGE_OF_ISSUED)
attach_ddl(METADATA, "before_create", _REFUSE_CHANGE_OF_ISSUED_NOTICE)
attach_ddl(rendering, "after_create", _OF_ISSUED)
attach_ddl(notice_counts, "after_create", _OF_ISSUED)
attach_ddl(notice_revision, "after_create", _OF_ISSUED)
attach_ddl(notice, "after_create", _ISSUED_NOTICE)
attach_ddl(METADATA, "before_create", _DEMAND_ISSUED)
attach_ddl(notice, "after_create", _ISSUED_WITH_NUMBER)
for table in (rendering, notice_counts, notice_revision, notice):
    refuse_truncate(table)
