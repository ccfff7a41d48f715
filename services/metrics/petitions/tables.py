"""Versions of petitions: what was known of each, from which position on."""

from __future__ import annotations

import sqlalchemy as sa

from services.metrics.tables import METADATA
from shared.tables import PROVINCE_CODE

petition = sa.Table(
    "petition",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("agency_no", sa.Integer, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("received_on", sa.Date, nullable=False),
    sa.Column("passed_on", sa.Date),
    sa.Column("refused_on", sa.Date),
    sa.Column("supplement_requested_on", sa.Date),
    sa.Column("handled_on", sa.Date),
    sa.Column("published_on", sa.Date),
    sa.Column("liked", sa.Boolean, comment="NULL: nobody rated it"),
    sa.Column("repeated", sa.Boolean, nullable=False),
    sa.Column("late", sa.Boolean, nullable=False),
    sa.Column("late_from", sa.Date, nullable=False),
    sa.Column(
        "position",
        sa.BigInteger,
        nullable=False,
        comment="the position of the province when it was recorded: known from there on",
    ),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
)
sa.Index("petition_code", petition.c.province, petition.c.code, petition.c.id)
sa.Index("petition_agency", petition.c.province, petition.c.agency_no, petition.c.received_on)

rejected_petition = sa.Table(
    "rejected_petition",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("file", sa.Text, nullable=False, comment="digest of the file that it came in"),
    sa.Column("sheet", sa.Text, nullable=False, comment="empty: the file has none"),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("code", sa.Text, comment="NULL: it has none, or what stands there may be a person's"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("vi", sa.Text, nullable=False),
    sa.Column("en", sa.Text, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("corrected_at", sa.DateTime(timezone=True), comment="NULL: it was not"),
    sa.Column("dismissed_at", sa.DateTime(timezone=True), comment="NULL: nobody did"),
    sa.Column("dismissed_by", sa.Text),
    sa.Column("dismissed_for", sa.Text),
)
_r = rejected_petition.c
sa.Index("rejected_petition_row", _r.province, _r.file, _r.sheet, _r.line, unique=True)
sa.Index(
    "rejected_petition_waiting",
    _r.province,
    _r.id,
    postgresql_where=sa.and_(_r.corrected_at.is_(None), _r.dismissed_at.is_(None)),
)
