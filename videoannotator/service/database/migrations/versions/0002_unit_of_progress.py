"""What the progress of a run counts: frames of picture or seconds of sound."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring the schema from 0001 to 0002."""
    op.add_column("runs", sa.Column("unit", sa.String(), nullable=False, server_default="frames"))


def downgrade() -> None:
    """Bring the schema from 0002 back to 0001."""
    op.drop_column("runs", "unit")
