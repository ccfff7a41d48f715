"""How far each province is counted."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.tables import METADATA
from shared.tables import PROVINCE_CODE

province = sa.Table(
    "province",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column(
        "position",
        sa.BigInteger,
        nullable=False,
        server_default=sa.text("0"),
        comment="the last position of the feed whose effect is in the counters",
    ),
    sa.Column("head", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column(
        "revision",
        sa.BigInteger,
        nullable=False,
        server_default=sa.text("0"),
        comment="moves with everything that can change a response",
    ),
    sa.Column("catalogue", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("applied_at", sa.DateTime(timezone=True)),
    sa.Column("quality", pg.JSONB, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("batches", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("counting_seconds", sa.Double, nullable=False, server_default=sa.text("0")),
    sa.Column("epoch", sa.Text, comment="of the feed that is counted"),
    sa.Column("digest", sa.Text, comment="of the version at `position` there; NULL: not known yet"),
    sa.Column("restored", sa.Text, comment="why the feed is not the one that was counted; NULL: it is"),
    sa.Column("restored_at", sa.DateTime(timezone=True)),
    sa.Column("resyncs", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("first_on", sa.Date, comment="the first day on which a dossier was received, as far as is known"),
    sa.Column("counted_by", sa.Text, comment="revision of the definition of counters and ledger; NULL: not known"),
    sa.Column(
        "petitions_rejected",
        sa.Integer,
        nullable=False,
        server_default=sa.text("0"),
        comment="rows of files of petitions that wait",
    ),
    sa.Column("petitions_rejected_since", sa.DateTime(timezone=True)),
    postgresql_with={"fillfactor": 50},
)

batch = sa.Table(
    "batch",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True),
    sa.Column("versions", sa.Integer, nullable=False),
    sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
    comment="the positions that figures can be asked as of: the ends of batches",
)
ingest_head = sa.Table(
    "ingest_head",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("head", sa.BigInteger, comment="NULL: ingest does not have the province"),
    sa.Column("epoch", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False, comment="what was counted when the head was fetched"),
    sa.Column("behind_since", sa.DateTime(timezone=True)),
    sa.Column("worker_silent", sa.Boolean, nullable=False),
    sa.Column("worker_since", sa.DateTime(timezone=True), comment="last sign of life of the silent worker of ingest"),
    sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column(
        "known_until", sa.DateTime(timezone=True), nullable=False, comment="not known any more when nothing newer came by then"
    ),
    postgresql_with={"fillfactor": 50},
)
