"""Dossiers, each with all of its events, and the codes in them that the catalogue lacks."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.tables import METADATA
from shared.tables import PROVINCE_CODE, attach_ddl

dossier = sa.Table(
    "dossier",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("code", sa.Text(collation="C"), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("facts_digest", sa.LargeBinary, nullable=False),
    sa.Column("mapped", sa.Boolean, nullable=False),
    sa.Column("findings", pg.ARRAY(sa.Text)),
    sa.Column("seen", sa.LargeBinary, nullable=False),
    sa.Column("history", sa.LargeBinary, nullable=False),
    postgresql_with={"fillfactor": 90},
)
# STORAGE ('seen', b'm')
sa.Index("dossier_unmapped", dossier.c.province, dossier.c.number, postgresql_where=sa.text("NOT mapped"))
sa.Index("dossier_number", dossier.c.province, dossier.c.number, unique=True)

unmapped_code = sa.Table(
    "unmapped_code",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("seen_on", sa.Date, nullable=False),
)

# Digests and histories of open dossiers are rewritten often and short: kept in the row as long as it has room.
_MAIN = sa.DDL("ALTER TABLE ingest.dossier ALTER COLUMN seen SET STORAGE MAIN")  # type: ignore[no-untyped-call]
attach_ddl(dossier, "after_create", _MAIN)
