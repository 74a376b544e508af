"""What a job lost to infrastructure is called lost_attempts."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Bring the schema from 0003 to 0004."""
    op.alter_column("jobs", "losses", new_column_name="lost_attempts")


def downgrade() -> None:
    """Bring the schema from 0004 back to 0003."""
    op.alter_column("jobs", "lost_attempts", new_column_name="losses")
