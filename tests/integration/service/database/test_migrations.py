"""What a database holds stays there when its schema changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tests.support.postgres import postgres
from videoannotator.service.database import connection
from videoannotator.service.database.connection import Database

PROGRESS = {
    "pipeline": "speech",
    "unit": "seconds",
    "frames_done": 12,
    "frames_failed": 0,
    "frames_total": None,
    "progress": 0.5,
}
LOG = {"level": "info", "message": 'a "frames_done": of the researcher'}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{tmp_path / 'test.db'}")
    else:
        with postgres(tmp_path / "postgres") as url:
            yield from _opened(url)


def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


def migrate(database: Database, change: Callable[[Config, str], None], revision: str) -> None:
    """Bring the schema to ``revision`` with ``command.upgrade`` or ``command.downgrade``."""
    config = Config()
    config.set_main_option("script_location", str(Path(connection.__file__).parent / "migrations"))
    with database.engine.begin() as session:
        config.attributes["connection"] = session
        change(config, revision)


def insert(database: Database, table: str, **values: Any) -> None:
    """Insert a row; what it needs besides and has no meaning here is filled in."""
    with database.engine.begin() as session:
        reflected = sa.Table(table, sa.MetaData(), autoload_with=session)
        needed = {column.name: _filler(column) for column in reflected.columns if not column.nullable}
        session.execute(reflected.insert().values({**needed, **values}))


def _filler(column: sa.Column[Any]) -> Any:
    return {} if isinstance(column.type, sa.JSON) else "" if isinstance(column.type, sa.String) else 0


def rows(database: Database, table: str) -> list[dict[str, Any]]:
    """Return what a table holds, by its key."""
    with database.engine.begin() as session:
        reflected = sa.Table(table, sa.MetaData(), autoload_with=session)
        return [dict(row) for row in session.execute(reflected.select().order_by(*reflected.primary_key)).mappings()]


def test_work_that_was_counted_in_frames_is_counted_in_units_and_back(database: Database) -> None:
    migrate(database, command.upgrade, "0002")
    insert(database, "jobs", id="j", status="completed", max_attempts=1)
    insert(database, "runs", job_id="j", pipeline="speech", unit="seconds", frames_done=12, frames_failed=3)
    insert(database, "events", job_id="j", sequence=1, kind="progress", payload=PROGRESS)
    insert(database, "events", job_id="j", sequence=2, kind="log", payload=LOG)

    migrate(database, command.upgrade, "0003")
    (run,) = rows(database, "runs")
    assert (run["unit"], run["units_done"], run["units_failed"], run["units_total"]) == ("seconds", 12, 3, None)
    progress, log = (event["payload"] for event in rows(database, "events"))
    assert progress == {key.replace("frames_", "units_"): fact for key, fact in PROGRESS.items()}
    assert log == LOG

    migrate(database, command.downgrade, "0002")
    (run,) = rows(database, "runs")
    assert (run["frames_done"], run["frames_failed"], run["frames_total"]) == (12, 3, None)
    assert [event["payload"] for event in rows(database, "events")] == [PROGRESS, LOG]


def test_what_a_job_lost_to_infrastructure_is_kept_under_its_new_name_and_back(database: Database) -> None:
    migrate(database, command.upgrade, "0003")
    insert(database, "jobs", id="j", status="completed", max_attempts=1, losses=2)

    migrate(database, command.upgrade, "0004")
    (job,) = rows(database, "jobs")
    assert job["lost_attempts"] == 2

    migrate(database, command.downgrade, "0003")
    (job,) = rows(database, "jobs")
    assert job["losses"] == 2


def test_steps_of_progress_and_places_in_the_queue_leave_the_history(database: Database) -> None:
    migrate(database, command.upgrade, "0004")
    insert(database, "jobs", id="j", status="completed", max_attempts=1)
    kept = {"log": LOG, "progress": {**PROGRESS, "status": "completed"}, "status": {"status": "completed"}}
    gone = {"progress": {**PROGRESS, "status": "running"}, "queue_position": {"position": 3}}
    for sequence, (kind, payload) in enumerate([*gone.items(), *kept.items()], start=1):
        insert(database, "events", job_id="j", sequence=sequence, kind=kind, payload=payload)

    migrate(database, command.upgrade, "0005")
    assert [(event["sequence"], event["kind"]) for event in rows(database, "events")] == [
        (3, "log"), (4, "progress"), (5, "status")
    ]  # fmt: skip
    assert [job["revision"] for job in rows(database, "jobs")] == [0]
