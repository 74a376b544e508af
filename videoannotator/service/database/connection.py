"""Connections and transactions, with the durability that the promises need."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlmodel import Session

from videoannotator.errors import DatabaseBusyError, InvalidRequestError, StorageExhaustedError

if TYPE_CHECKING:
    from alembic.config import Config

BUSY_TIMEOUT = 10.0
"""Seconds that a transaction waits for another one."""
_CONNECTIONS = 20


class Database:
    """A database of this service's schema. Safe to use from several threads."""

    def __init__(self, url: str) -> None:
        """Prepare connections to ``url``; the schema is made by ``migrate``."""
        self.url = url
        self._writing = threading.Lock()
        self.engine = _sqlite_engine(url) if url.startswith("sqlite") else _postgres_engine(url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that sees one state of the database and changes nothing."""
        with self._session("read") as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session whose changes become durable together when the block ends, or not at all.

        Raises:
            DatabaseBusyError: Another transaction held the database for too long.
            StorageExhaustedError: The disk is full.
        """
        with self._turn(), self._session("write") as session:
            yield session
            session.commit()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Queue the writers of this process: SQLite would have each ask again after a nap, and the unlucky starve."""
        if self.engine.dialect.name != "sqlite":
            yield
            return
        if not self._writing.acquire(timeout=BUSY_TIMEOUT):
            raise DatabaseBusyError("Other writers held the database for too long.")
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def _session(self, purpose: str) -> Iterator[Session]:
        try:
            with (
                self.engine.connect().execution_options(purpose=purpose) as connection,
                Session(connection, autoflush=False, expire_on_commit=False) as session,
            ):
                yield session
        except DBAPIError as error:
            raise _as_typed_error(error) from error

    def migrate(self) -> None:
        """Bring the schema to the version of this program; safe to repeat."""
        from alembic import command

        config = _alembic_config()
        with self.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def is_current(self) -> bool:
        """Return whether the schema is of the version of this program."""
        from alembic.runtime.migration import MigrationContext
        from alembic.script import ScriptDirectory

        with self.engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
        return found == ScriptDirectory.from_config(_alembic_config()).get_current_head()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _alembic_config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url, pool_size=_CONNECTIONS, connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False}
    )
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _: object) -> None:
        # The driver's own transaction control would begin too late for BEGIN IMMEDIATE.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A write that begins as a read can fail half-way with a lock that waiting does not cure.
        reading = connection.get_execution_options().get("purpose") == "read"
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _postgres_engine(url: str) -> Engine:
    engine = create_engine(url, pool_size=_CONNECTIONS, pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _: object) -> None:
        # The driver would store the name of an enumeration's member instead of its value.
        from psycopg.types.string import StrDumper

        connection.adapters.register_dumper(StrEnum, StrDumper)

    return engine


def _as_typed_error(error: DBAPIError) -> Exception:
    text = str(error.orig).lower()
    if "disk is full" in text or "no space left" in text:
        return StorageExhaustedError("The disk of the database is full.")
    if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
        return DatabaseBusyError(f"The database did not answer: {type(error.orig).__name__}")
    if isinstance(error, DataError):
        return InvalidRequestError(
            "A text or a number of the request cannot be stored: it has a NUL or is out of range."
        )
    return error
