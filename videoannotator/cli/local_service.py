"""What a command needs of a service that is installed on this machine, and what it says if it is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from videoannotator.errors import ConfigurationError

if TYPE_CHECKING:
    from videoannotator.service.database.connection import Database
    from videoannotator.service.storage_layout import Layout
    from videoannotator.settings import Settings


def incomplete(error: ModuleNotFoundError) -> ConfigurationError:
    """Return what is wrong with an installation in which the service lacks a module."""
    return ConfigurationError(
        f"The service is not installed completely: there is no module {error.name}",
        hint="Install it: pip install 'videoannotator[server]'",
    )


@contextmanager
def local_storage(storage_dir: Path | None) -> Iterator[tuple[Settings, Layout, Database]]:
    """Yield the settings with the storage that they name, or ``storage_dir`` does, whether its service runs or not.

    Raises:
        ConfigurationError: A setting is wrong, the service is not installed, there is no storage, or its database is of
            another version.
    """
    try:
        from videoannotator.service.upkeep import open_storage
    except ModuleNotFoundError as error:
        raise incomplete(error) from error
    from videoannotator.settings import load_settings

    settings = load_settings({"storage_dir": storage_dir} if storage_dir else {})
    with open_storage(settings.storage_dir, settings.effective_database_url) as (layout, database):
        yield settings, layout, database
