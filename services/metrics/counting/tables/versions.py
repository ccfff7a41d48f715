"""Dossier versions: what was known of each dossier, from which position on."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.tables import METADATA
from shared.tables import PROVINCE_CODE, attach_ddl

channel = pg.ENUM("online", "counter", "post", name="channel", metadata=METADATA, schema="metrics")
outcome = pg.ENUM("resolved", "returned", "refused", "withdrawn", name="outcome", metadata=METADATA, schema="metrics")
timeliness = pg.ENUM("early", "on_time", "overdue", name="timeliness", metadata=METADATA, schema="metrics")


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


dossier_version = sa.Table(
    "dossier_version",
    METADATA,
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("received_on", sa.Date),
    sa.Column("ended_on", sa.Date, nullable=False),
    sa.Column("due_on", sa.Date),
    sa.Column("late_from", sa.Date, nullable=False),
    sa.Column("portal_late_from", sa.Date, nullable=False),
    sa.Column("due_soon_1", sa.Date, nullable=False),
    sa.Column("due_soon_3", sa.Date, nullable=False),
    sa.Column("due_soon_5", sa.Date, nullable=False),
    sa.Column("agency_no", sa.Integer, nullable=False),
    sa.Column("supplements", sa.Integer, comment="NULL: no source tells whether papers were asked for"),
    sa.Column("spent_minutes", sa.Integer),
    sa.Column("limit_minutes", sa.Integer),
    sa.Column("channel", channel),
    sa.Column("outcome", outcome),
    sa.Column("timeliness", timeliness),
    sa.Column("portal_timeliness", timeliness),
    _flag("interlinked"),
    _flag("digitisation_required"),
    _flag("digitised_intake"),
    _flag("digitised_result"),
    _flag("fee_required"),
    _flag("fee_online"),
    sa.Column("reused", sa.Boolean, comment="NULL: no source states it"),
    sa.Column("synced_late", sa.Boolean, comment="NULL: its source never told of it before its end"),
    _flag("deleted"),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("procedure", sa.Text),
    sa.Column("cause", sa.Text),
    sa.Column("pauses", pg.DATEMULTIRANGE),
    sa.Column("contradictions", pg.ARRAY(sa.Text), comment="kinds; NULL: it does not contradict itself"),
    sa.Column("contradiction_sources", pg.ARRAY(sa.Text), comment="the source of each of them"),
    sa.Column("misrouted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("step_days", pg.ARRAY(sa.Date), comment="when each step of its internal process ended; NULL: none is told"),
    sa.Column("step_minutes", pg.ARRAY(sa.Integer), comment="office minutes over the time of each; NULL: no time is told"),
    sa.Column("step_departments", pg.ARRAY(sa.Text), comment="the department of each; NULL: not known"),
    sa.Column("step_names", pg.ARRAY(sa.Text), comment="the name of each; NULL: not known"),
    sa.Column("index_due_on", sa.Date, comment="last day on time by decision 766; NULL: it cannot be late by its dates"),
    sa.Column("index_late", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("result_coded", sa.Boolean, server_default=sa.false(), comment="NULL: no source states it"),
    sa.Column("from_storage", sa.Boolean, comment="NULL: no source states it"),
    sa.Column("account_verified", sa.Boolean, comment="NULL: no source states it"),
    sa.Column(
        "index_ended_on", sa.Date, comment="the end by decision 766, infinity: none yet; NULL: it was not held against it"
    ),
    sa.Column("intake_stated", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("result_stated", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("fee_stated", sa.Boolean, nullable=False, server_default=sa.false()),
)
sa.Index(
    "dossier_version_number", dossier_version.c.province, dossier_version.c.number, dossier_version.c.position, unique=True
)
# Interlinked dossiers are few: their figures by procedure are read off the versions.
sa.Index(
    "dossier_version_interlinked",
    dossier_version.c.province,
    dossier_version.c.ended_on,
    postgresql_where=dossier_version.c.interlinked,
)
# Figures by department and step are read off the versions that have steps.
sa.Index(
    "dossier_version_steps",
    dossier_version.c.province,
    dossier_version.c.agency_no,
    dossier_version.c.ended_on,
    postgresql_where=dossier_version.c.step_days.is_not(None),
)
# Rows lie in the order of their positions, so a summary of pages finds a range of positions.
sa.Index(
    "dossier_version_position", dossier_version.c.position, postgresql_using="brin", postgresql_with={"pages_per_range": 32}
)
# By the end, which every version has. Who was received within a period ended after it began, and `received_on`, last in the
# index, tells those apart without a look at the table.
sa.Index(
    "dossier_version_agency",
    dossier_version.c.province,
    dossier_version.c.agency_no,
    dossier_version.c.ended_on,
    dossier_version.c.number,
    dossier_version.c.received_on,
)

# A range whose bounds are the wrong way round is an error in PostgreSQL; here it is no day.
_SPAN = sa.DDL(  # type: ignore[no-untyped-call]
    """
        CREATE FUNCTION metrics.span(since date, until date) RETURNS datemultirange IMMUTABLE PARALLEL SAFE LANGUAGE sql
        RETURN CASE WHEN since < until THEN datemultirange(daterange(since, until)) ELSE '{}'::datemultirange END
    """
)
attach_ddl(METADATA, "before_create", _SPAN)

# The last day of the civil month, quarter, half or year that a day lies in, and of the legal one (`services.metrics.periods`):
# a legal one ends on the 14th of its last month, and begins on the 15th of the month before its first.
_CIVIL_END = sa.DDL(  # type: ignore[no-untyped-call]
    """
        CREATE FUNCTION metrics.civil_end(unit text, day date) RETURNS date IMMUTABLE PARALLEL SAFE LANGUAGE sql
        RETURN (CASE unit
            WHEN 'month' THEN date_trunc('month', day::timestamp) + interval '1 month'
            WHEN 'quarter' THEN date_trunc('quarter', day::timestamp) + interval '3 months'
            WHEN 'half' THEN date_trunc('year', day::timestamp)
                + CASE WHEN extract(month FROM day) > 6 THEN interval '1 year' ELSE interval '6 months' END
            ELSE date_trunc('year', day::timestamp) + interval '1 year' END)::date - 1
    """
)
_LEGAL_END = sa.DDL(  # type: ignore[no-untyped-call]
    """
        CREATE FUNCTION metrics.legal_end(unit text, day date) RETURNS date IMMUTABLE PARALLEL SAFE LANGUAGE sql
        RETURN date_trunc('month', metrics.civil_end(unit, (day - 14 + interval '1 month')::date)::timestamp)::date + 13
    """
)
attach_ddl(METADATA, "before_create", _CIVIL_END)
attach_ddl(METADATA, "before_create", _LEGAL_END)

NEVER = sa.literal_column("'infinity'", sa.Date)
