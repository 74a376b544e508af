"""Downloading the models that are only on a hub; done only by the command for it, never by a running service."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from videoannotator.checksums import sha256_of
from videoannotator.errors import ConfigurationError, ModelCorruptError, ModelMissingError, ServiceUnavailableError
from videoannotator.models.checksums import write_checksums
from videoannotator.models.manifest import Hub, ManifestEntry

Fetch = Callable[[Hub, str, Path], Path]
"""Downloads one file of a hub's repository into a directory and returns where it is."""


def pull(entry: ManifestEntry, models_dir: Path | None, fetch: Fetch | None = None) -> Path:
    """Download ``entry`` into ``models_dir`` and return its directory there.

    All of it arrives, with the checksums beside it, or nothing does. A file whose checksum the manifest knows must have
    it; that of the others is taken down, and every later use is held against it.

    Raises:
        ConfigurationError: There is no directory for models, or the download tool is not installed.
        ModelMissingError: The hub does not have the file.
        ModelCorruptError: A file of a model differs from its checksum.
        ServiceUnavailableError: The hub cannot be reached.
    """
    if entry.hub is None:
        raise ModelMissingError(f"{entry.id} is on no hub.", {"model": entry.id}, f"{entry.remedy}.")
    if models_dir is None:
        raise ConfigurationError(
            "There is no directory for models.",
            hint="Set VIDEOANNOTATOR_MODELS_DIR to a directory that the service can read, for the service too.",
            field="VIDEOANNOTATOR_MODELS_DIR",
        )
    target = models_dir / Path(entry.main.name).parent
    models_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{entry.id}.", dir=models_dir) as temporary:
        arriving = Path(temporary) / "model"
        arriving.mkdir()
        _fetch_all(entry, entry.hub, fetch or fetch_from_hugging_face, arriving)
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        arriving.rename(target)
    return target


def _fetch_all(entry: ManifestEntry, hub: Hub, fetch: Fetch, directory: Path) -> None:
    sums: dict[str, str] = {}
    with tempfile.TemporaryDirectory(dir=directory.parent) as downloads:
        for file in entry.files:
            name = Path(file.name).name
            path = directory / name
            fetch(hub, file.hub_path or name, Path(downloads)).replace(path)
            sums[name] = sha256_of(path)
            if file.sha256 not in (None, sums[name]):
                raise ModelCorruptError(
                    f"{name} from {hub.repository} has sha256 {sums[name]}, but must have {file.sha256}.",
                    {"model": entry.id, "file": name, "sha256": sums[name], "expected": file.sha256},
                    "The file on the hub is another one than it was; nothing was kept.",
                )
    write_checksums(directory, sums)


def fetch_from_hugging_face(hub: Hub, name: str, directory: Path) -> Path:
    """Download a file from huggingface.co.

    Raises:
        ModelMissingError: The hub does not have the file.
        ServiceUnavailableError: The hub cannot be reached.
    """
    try:
        from huggingface_hub import hf_hub_download, logging
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    except ImportError as error:
        hint = "pip install 'videoannotator[audio]', which brings it."
        raise ModelMissingError("Downloading models needs huggingface_hub.", hint=hint) from error
    logging.get_logger().setLevel("ERROR")  # its lines about retries
    where = f"{hub.repository} on huggingface.co"
    try:
        return Path(hf_hub_download(hub.repository, name, revision=hub.revision, local_dir=directory))
    except (LocalEntryNotFoundError, OSError) as error:
        if isinstance(error, HfHubHTTPError):
            raise ModelMissingError(
                f"{name} of {where} was refused: {str(error).splitlines()[0]}",
                {"repository": hub.repository, "file": name},
                "If its licence must be accepted first, do so there and set HF_TOKEN to your access token.",
            ) from error
        raise ServiceUnavailableError(
            f"{where} cannot be reached.",
            hint="Pull on a machine with access to huggingface.co, and copy its directory of models to this one.",
        ) from error
