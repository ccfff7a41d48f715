"""Agencies, procedures and days of a province, which ruleset they make, and what has to be dated anew."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.tables import METADATA
from shared.tables import PROVINCE_CODE

agency = sa.Table(
    "agency",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("valid_from", sa.Date, primary_key=True),
    sa.Column("body", pg.JSONB, nullable=False),
)

procedure = sa.Table(
    "procedure",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("valid_from", sa.Date, primary_key=True),
    sa.Column("body", pg.JSONB, nullable=False),
)

day_override = sa.Table(
    "day_override",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("worked", sa.Boolean, nullable=False),
    sa.Column("legal_basis", sa.Text, nullable=False),
    sa.Column("known_from", sa.Date, primary_key=True),
    sa.Column("verified", sa.Boolean, nullable=False, server_default=sa.text("true")),
)

ruleset = sa.Table(
    "ruleset",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("catalogue", sa.BigInteger, primary_key=True),
    sa.Column("after_position", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("calendar", sa.Text, nullable=False),
    sa.Column("rules", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("decided_by", sa.Text, comment="name of the key; NULL: not known, or nobody asked"),
    sa.Column("note", sa.Text),
)

catalogue_part = sa.Table(
    "catalogue_part",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("part", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("body", pg.JSONB, nullable=False),
    comment="a part holds from its version to the next one of the same part",
)

redating = sa.Table(
    "redating",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("catalogue", sa.BigInteger, nullable=False),
    sa.Column("only_unmapped", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("done_to", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("upto", sa.BigInteger, nullable=False),
    sa.Column("examined", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("changed", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("from_position", sa.BigInteger),
    sa.Column("to_position", sa.BigInteger),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("counts", pg.JSONB, nullable=False, server_default=sa.text("'{}'")),
)
sa.Index("redating_open", redating.c.province, redating.c.id, postgresql_where=sa.text("finished_at IS NULL"))
