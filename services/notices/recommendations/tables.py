"""The tables of recommendations of issued notices; what was answered and judged is never changed."""

from __future__ import annotations

import sqlalchemy as sa

from services.notices.drafting.tables import notice
from services.notices.tables import METADATA, make_immutable, refuse_truncate
from shared.tables import PROVINCE_CODE, attach_ddl

recommendation = sa.Table(
    "recommendation",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("notice_id", sa.BigInteger, sa.ForeignKey(notice.c.id, name="recommendation_notice_id_fkey"), nullable=False),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("agency", sa.Text),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("deadline", sa.Date),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'open'")),
    sa.Column(
        "carried_to",
        sa.BigInteger,
        sa.ForeignKey("notices.recommendation.id", name="recommendation_carried_to_fkey"),
        comment="the same of the notice that corrected this one; null: it was not corrected, or does not ask it any more",
    ),
    sa.CheckConstraint("state IN ('open', 'answered', 'done', 'not_accepted')", name="recommendation_state_check"),
    sa.UniqueConstraint("carried_to", name="recommendation_carried_to_key"),
    sa.UniqueConstraint("notice_id", "key", "agency", name="recommendation_key", postgresql_nulls_not_distinct=True),
)
_REFUSE_CHANGE_OF_RECOMMENDATION = sa.DDL(  # type: ignore[no-untyped-call]
    """
        CREATE FUNCTION notices.refuse_change_of_recommendation() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'UPDATE'
                OR to_jsonb(NEW) - '{state,carried_to}'::text[] <> to_jsonb(OLD) - '{state,carried_to}'::text[]
                OR OLD.carried_to IS DISTINCT FROM NEW.carried_to AND OLD.carried_to IS NOT NULL
            THEN
                RAISE EXCEPTION 'recommendation %% was issued: of it only the state changes', OLD.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END
        $$
    """
)
_ISSUED = sa.DDL(  # type: ignore[no-untyped-call]
    "CREATE TRIGGER immutable_once_issued BEFORE UPDATE OR DELETE ON %(fullname)s"
    " FOR EACH ROW EXECUTE FUNCTION notices.refuse_change_of_recommendation()"
)
# What was issued of the notice is inserted first, in the same transaction: `xmin` is the transaction that inserted it.
_DEMAND_ISSUING = sa.DDL(  # type: ignore[no-untyped-call]
    """
        CREATE FUNCTION notices.demand_issuing() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM notices.issued_notice WHERE notice_id = NEW.notice_id AND xmin = pg_current_xact_id()::xid
            ) THEN
                RAISE EXCEPTION 'notice %% is not issued just now: what it asks is listed by its issue, and nothing later',
                    NEW.notice_id USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END
        $$
    """
)
_LISTED_BY_ISSUE = sa.DDL(  # type: ignore[no-untyped-call]
    "CREATE TRIGGER listed_by_issue BEFORE INSERT ON %(fullname)s FOR EACH ROW EXECUTE FUNCTION notices.demand_issuing()"
)
attach_ddl(METADATA, "before_create", _REFUSE_CHANGE_OF_RECOMMENDATION)
attach_ddl(METADATA, "before_create", _DEMAND_ISSUING)
attach_ddl(recommendation, "after_create", _ISSUED)
attach_ddl(recommendation, "after_create", _LISTED_BY_ISSUE)
refuse_truncate(recommendation)

sa.Index("recommendation_province", recommendation.c.province, recommendation.c.id.desc())

recommendation_step = sa.Table(
    "recommendation_step",
    METADATA,
    sa.Column(
        "recommendation_id",
        sa.BigInteger,
        sa.ForeignKey(recommendation.c.id, name="recommendation_step_recommendation_id_fkey"),
        primary_key=True,
    ),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("text", sa.Text),
    sa.Column("dated", sa.Date),
    sa.Column("reference", sa.Text),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("step IN ('answer', 'accept', 'decline')", name="recommendation_step_step_check"),
)
make_immutable(recommendation_step)
