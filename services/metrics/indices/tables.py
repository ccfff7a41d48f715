"""Points of an index that people enter; scores that the portal published, and how they are pulled."""

from __future__ import annotations

import sqlalchemy as sa

from services.metrics.tables import METADATA
from shared.tables import PROVINCE_CODE

assessment = sa.Table(
    "assessment",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("index", sa.Text, nullable=False),
    sa.Column("component", sa.Text, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date, nullable=False),
    sa.Column("points", sa.Double, nullable=False),
    sa.Column("basis", sa.Text, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
    sa.Column(
        "position",
        sa.BigInteger,
        nullable=False,
        server_default=sa.text("0"),
        comment="the position of the province when it was recorded: known from there on",
    ),
    sa.CheckConstraint("points >= 0", name="assessment_points_check"),
)
published_score = sa.Table(
    "published_score",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, comment="code by the portal; NULL: the scope itself"),
    sa.Column("numerator", sa.Double),
    sa.Column("denominator", sa.Double),
    sa.Column("points", sa.Double, comment="NULL: none was published"),
    sa.Column("out_of", sa.Double),
    sa.Column("published_on", sa.Date, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
)
published_pull = sa.Table(
    "published_pull",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("endpoint", sa.Text, primary_key=True, comment="its name in the settings"),
    sa.Column("since", sa.Date, primary_key=True),
    sa.Column("until", sa.Date, primary_key=True),
    sa.Column("next_at", sa.DateTime(timezone=True), comment="NULL: when somebody orders it"),
    sa.Column("pulled_at", sa.DateTime(timezone=True), comment="when scores were read last"),
    sa.Column("scores", sa.Integer, comment="how many were read then"),
    sa.Column("failures", sa.Integer, nullable=False, comment="in a row, since then"),
    sa.Column("failing_since", sa.DateTime(timezone=True)),
    sa.Column("error_vi", sa.Text),
    sa.Column("error_en", sa.Text),
)
sa.Index("published_pull_next", published_pull.c.next_at)
sa.Index(
    "published_score_scope",
    published_score.c.province,
    published_score.c.scope,
    published_score.c.since,
    published_score.c.until,
)
sa.Index(
    "assessment_scope", assessment.c.province, assessment.c.scope, assessment.c.index, assessment.c.since, assessment.c.until
)
