"""Thresholds that are watched, and when they were crossed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.tables import METADATA
from shared.tables import PROVINCE_CODE

alert_rule = sa.Table(
    "alert_rule",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("kpi", sa.Text),
    sa.Column("scope", pg.ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
    sa.Column("each_agency", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("days", sa.Integer, nullable=False, server_default=sa.text("30")),
    sa.Column("above", sa.Double, comment="kind silence: hours without a new position"),
    sa.Column("below", sa.Double),
    sa.Column("minimum", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("reason", sa.Text, comment="kind incomplete: which reason"),
    sa.CheckConstraint("kind IN ('kpi', 'silence', 'incomplete')", name="alert_rule_kind_check"),
)
sa.Index("alert_rule_reason", alert_rule.c.province, alert_rule.c.reason, unique=True)

alert = sa.Table(
    "alert",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("rule", sa.BigInteger, sa.ForeignKey(alert_rule.c.id, name="alert_rule_fkey"), nullable=False),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("agency", sa.Text, comment="unit key, where the rule watches each agency for itself"),
    sa.Column("value", sa.Double),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("closed_at", sa.DateTime(timezone=True)),
    sa.Column("incomplete", pg.ARRAY(sa.Text), comment="kinds of reasons when it opened; NULL: it is of no figure, or older"),
)
sa.Index(
    "alert_open",
    alert.c.rule,
    sa.text("COALESCE(agency, ''::text)"),
    unique=True,
    postgresql_where=sa.text("closed_at IS NULL"),
)
sa.Index("alert_province", alert.c.province, alert.c.id)
