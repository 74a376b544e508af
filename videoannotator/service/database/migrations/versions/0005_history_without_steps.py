"""The history of a job keeps what changed its state; how far it is, and where it waits, is the state itself."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

EVENTS = sa.table("events", sa.column("kind", sa.String), sa.column("payload", sa.JSON))


def upgrade() -> None:
    """Add the revision, and forget the steps that were kept; the numbers of the others stay as they are."""
    op.add_column("jobs", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    is_step = (EVENTS.c.kind == "progress") & (EVENTS.c.payload["status"].as_string() == "running")
    op.execute(EVENTS.delete().where((EVENTS.c.kind == "queue_position") | is_step))


def downgrade() -> None:
    """Remove the revision; the steps are gone."""
    op.drop_column("jobs", "revision")
