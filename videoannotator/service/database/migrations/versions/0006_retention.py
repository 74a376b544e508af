"""How long a job is kept after its end."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Let the rule of the service hold for the jobs that there are."""
    op.add_column("jobs", sa.Column("retention_days", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Forget how long single jobs were to be kept."""
    op.drop_column("jobs", "retention_days")
