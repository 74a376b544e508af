"""Where the weights lie on this machine, and whether they are the right ones."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterable, Sequence
from pathlib import Path

from videoannotator.errors import ModelCorruptError, ModelMissingError, VideoAnnotatorError
from videoannotator.models.files import Weights
from videoannotator.models.manifest import Manifest, ManifestEntry, ModelFile

BUNDLED_DIR = Path(__file__).parent / "weights"

_CHUNK = 1 << 20

Places = tuple[Path, ...]


class ModelStore:
    """Finds weights in the operator's directory first, then in this package, then in packages made to carry weights."""

    def __init__(self, models_dir: Path | None = None, manifest: Manifest | None = None) -> None:
        """``models_dir``: VIDEOANNOTATOR_MODELS_DIR, if set. ``manifest``: the bundled one unless given."""
        self.manifest = manifest if manifest is not None else Manifest.bundled()
        self._directories = [BUNDLED_DIR] if models_dir is None else [models_dir, BUNDLED_DIR]
        self._verified: set[tuple[tuple[Path, int, int], ...]] = set()

    def weights(self, model_id: str) -> Weights:
        """Return the files of ``model_id`` once the sha256 of each is what the manifest says.

        A file is hashed again only when its size or modification time changed.
        Raises ModelMissingError or ModelCorruptError; both name the file and how to mend it.
        """
        entry = self.manifest.entry(model_id)
        return Weights(entry, {file.name: self._verified_places(entry, file) for file in entry.files})

    def check(self, model_ids: Iterable[str]) -> list[VideoAnnotatorError]:
        """Return what is wrong with each of ``model_ids``; an empty list if all can be loaded. Loads nothing."""
        problems: list[VideoAnnotatorError] = []
        for model_id in model_ids:
            try:
                self.weights(model_id)
            except (ModelMissingError, ModelCorruptError) as error:
                problems.append(error)
        return problems

    def _verified_places(self, entry: ManifestEntry, file: ModelFile) -> Places:
        places = self._find(entry, file)
        fingerprint = tuple(
            (place, status.st_size, status.st_mtime_ns) for place in places for status in [place.stat()]
        )
        if fingerprint not in self._verified:
            _verify(entry, file, places)
            self._verified.add(fingerprint)
        return places

    def _find(self, entry: ManifestEntry, file: ModelFile) -> Places:
        for directory in self._directories:
            if (path := directory / file.name).is_file():
                return (path,)
        packaged = [_in_package(location) for location in file.packaged]
        if packaged and all(path is not None and path.is_file() for path in packaged):
            return tuple(path for path in packaged if path is not None)
        places = [str(directory) for directory in self._directories]
        raise ModelMissingError(
            f"The weights of {entry.id}, {file.name}, are in none of: {', '.join(places)}.",
            {"model": entry.id, "file": file.name, "sha256": file.sha256, "searched": places},
            f"{entry.install or 'Reinstall videoannotator'}, or copy {file.name} (sha256 {file.sha256}, from "
            f"{entry.redistributor}) into the directory that VIDEOANNOTATOR_MODELS_DIR names.",
        )


def _in_package(location: str) -> Path | None:
    """Return the path of ``package/rest`` in an installed package, which is not imported for that."""
    package, _, rest = location.partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / rest


def _verify(entry: ManifestEntry, file: ModelFile, places: Sequence[Path]) -> None:
    digest = _sha256(places)
    if digest != file.sha256:
        names = " with ".join(str(place) for place in places)
        raise ModelCorruptError(
            f"{names} has sha256 {digest}, but {file.name} of {entry.id} must have {file.sha256}.",
            {"model": entry.id, "file": names, "sha256": digest, "expected": file.sha256},
            f"Delete {names}; then reinstall it or copy the file again from {entry.redistributor}.",
        )


def _sha256(places: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for place in places:
        with place.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()
