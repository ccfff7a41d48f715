"""Names that begin with `clock@` are those of published policies: a province's own ones get others, in every stored version."""

from alembic import op

revision = "ingest_0036"
down_revision = "ingest_0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("province", "policies"), ("catalogue_part", "body")):
        of_policies = "AND part = 'policies'" if table == "catalogue_part" else ""
        op.execute(
            f"""
            UPDATE ingest.{table} SET {column} = jsonb_set({column}, '{{clock}}', (
                SELECT jsonb_agg(
                    CASE WHEN own ->> 'version' LIKE 'clock@%'
                        THEN own || jsonb_build_object('version', 'own-' || (own ->> 'version'))
                        ELSE own END
                    ORDER BY place
                )
                FROM jsonb_array_elements({column} -> 'clock') WITH ORDINALITY AS listed (own, place)
            ))
            WHERE jsonb_path_exists({column}, '$.clock[*].version ? (@ starts with "clock@")') {of_policies}
            """
        )
