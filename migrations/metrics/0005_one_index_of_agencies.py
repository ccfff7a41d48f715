"""One index leads to the dossiers of an agency, in place of one by receipt and one by end: a third of what a version cost."""

from alembic import op

revision = "metrics_0005"
down_revision = "metrics_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # By the end, which every version has. Who was received within a period ended after it began, and `received_on`, last in the
    # index, tells those apart without a look at the table.
    op.execute("""
    CREATE INDEX dossier_version_agency ON metrics.dossier_version (stream, agency_no, ended_on, number, received_on)
    """)
    op.execute("DROP INDEX metrics.dossier_version_received")
    op.execute("DROP INDEX metrics.dossier_version_ended")
