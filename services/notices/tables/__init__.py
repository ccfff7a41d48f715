"""The tables of notices, declared once, as SQLAlchemy Core metadata; the migrations make them, and a test holds both equal."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData(schema="notices")
