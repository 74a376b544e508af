"""Progress is counted in units of work, which may be seconds: frames_done and its like become units_done."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_COUNTS = ("done", "failed", "total")
_EVENTS = sa.table("events", sa.column("kind", sa.String()), sa.column("payload", sa.JSON()))


def upgrade() -> None:
    """Bring the schema from 0002 to 0003."""
    _rename("frames", "units")


def downgrade() -> None:
    """Bring the schema from 0003 back to 0002."""
    _rename("units", "frames")


def _rename(before: str, after: str) -> None:
    names = {f"{before}_{count}": f"{after}_{count}" for count in _COUNTS}
    for old, new in names.items():
        op.alter_column("runs", old, new_column_name=new)
    payload: sa.ColumnElement[str] = sa.cast(_EVENTS.c.payload, sa.Text())
    for old, new in names.items():
        # A text within JSON has its quotes escaped: what is replaced can only be a key.
        payload = sa.func.replace(payload, f'"{old}":', f'"{new}":', type_=sa.Text())
    as_json = payload if op.get_bind().dialect.name == "sqlite" else sa.cast(payload, sa.JSON())
    op.execute(_EVENTS.update().where(_EVENTS.c.kind == "progress").values(payload=as_json))
