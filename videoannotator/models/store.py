"""Where the weights lie on this machine, and whether they are the right ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from videoannotator.errors import ModelCorruptError, ModelMissingError, VideoAnnotatorError
from videoannotator.models.manifest import Manifest, ManifestEntry

BUNDLED_DIR = Path(__file__).parent / "weights"

_CHUNK = 1 << 20


class ModelStore:
    """Finds weights in the operator's directory first, then in those that came with the package."""

    def __init__(self, models_dir: Path | None = None, manifest: Manifest | None = None) -> None:
        """``models_dir``: VIDEOANNOTATOR_MODELS_DIR, if set. ``manifest``: the bundled one unless given."""
        self.manifest = manifest if manifest is not None else Manifest.bundled()
        self._directories = [BUNDLED_DIR] if models_dir is None else [models_dir, BUNDLED_DIR]
        self._verified: set[tuple[Path, int, int]] = set()

    def verified_path(self, model_id: str) -> Path:
        """Return the file of ``model_id`` once its sha256 is what the manifest says.

        A file is hashed again only when its size or modification time changed.
        Raises ModelMissingError or ModelCorruptError; both name the file and how to mend it.
        """
        entry = self.manifest.entry(model_id)
        path = self._find(entry)
        status = path.stat()
        fingerprint = (path, status.st_size, status.st_mtime_ns)
        if fingerprint not in self._verified:
            _verify(entry, path)
            self._verified.add(fingerprint)
        return path

    def check(self, model_ids: Iterable[str]) -> list[VideoAnnotatorError]:
        """Return what is wrong with each of ``model_ids``; an empty list if all can be loaded. Loads nothing."""
        problems: list[VideoAnnotatorError] = []
        for model_id in model_ids:
            try:
                self.verified_path(model_id)
            except (ModelMissingError, ModelCorruptError) as error:
                problems.append(error)
        return problems

    def _find(self, entry: ManifestEntry) -> Path:
        for directory in self._directories:
            if (path := directory / entry.file).is_file():
                return path
        places = [str(directory) for directory in self._directories]
        raise ModelMissingError(
            f"The weights of {entry.id}, {entry.file}, are in none of: {', '.join(places)}.",
            {"model": entry.id, "file": entry.file, "sha256": entry.sha256, "searched": places},
            f"Reinstall videoannotator, or copy {entry.file} (sha256 {entry.sha256}, from {entry.redistributor}) into "
            "the directory that VIDEOANNOTATOR_MODELS_DIR names.",
        )


def _verify(entry: ManifestEntry, path: Path) -> None:
    digest = _sha256(path)
    if digest != entry.sha256:
        raise ModelCorruptError(
            f"{path} has sha256 {digest}, but {entry.id} must have {entry.sha256}.",
            {"model": entry.id, "file": str(path), "sha256": digest, "expected": entry.sha256},
            f"Delete {path}; then reinstall videoannotator or copy the file again from {entry.redistributor}.",
        )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
