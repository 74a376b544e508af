"""Where the weights lie on this machine, and whether they are the right ones."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterable
from pathlib import Path

from videoannotator.checksums import sha256_of
from videoannotator.errors import ModelCorruptError, ModelMissingError, VideoAnnotatorError
from videoannotator.models.checksums import CHECKSUMS, read_checksums
from videoannotator.models.files import Weights
from videoannotator.models.manifest import Manifest, ManifestEntry, ModelFile

BUNDLED_DIR = Path(__file__).parent / "weights"

Places = tuple[Path, ...]
"""Where one file lies: in one place, or in several that are its parts."""


class ModelStore:
    """Finds weights in the operator's directory first, then in this package, then in packages made to carry weights."""

    def __init__(self, models_dir: Path | None = None, manifest: Manifest | None = None) -> None:
        """``models_dir``: VIDEOANNOTATOR_MODELS_DIR, if set. ``manifest``: the bundled one unless given."""
        self.manifest = manifest if manifest is not None else Manifest.bundled()
        self.models_dir = models_dir
        self._verified: dict[tuple[tuple[Path, int, int], ...], str] = {}

    def weights(self, model_id: str) -> Weights:
        """Return the files of ``model_id`` once the sha256 of each is what it should be.

        A file is hashed again only when its size or modification time changed.

        Raises:
            ModelMissingError: A file is not there; the hint says how to get it.
            ModelCorruptError: A file differs from its checksum; the hint says how to mend it.
        """
        entry = self.manifest.entry(model_id)
        places = {file.name: self._find(entry, file) for file in entry.files}
        digests = [self._verify(entry, file, places[file.name]) for file in entry.files]
        return Weights(entry, places, digests[0])

    def check(self, model_ids: Iterable[str]) -> list[VideoAnnotatorError]:
        """Return what is wrong with each of ``model_ids``; an empty list if all can be loaded. Loads nothing."""
        problems: list[VideoAnnotatorError] = []
        for model_id in model_ids:
            try:
                self.weights(model_id)
            except (ModelMissingError, ModelCorruptError) as error:
                problems.append(error)
        return problems

    def _find(self, entry: ManifestEntry, file: ModelFile) -> Places:
        directories = [BUNDLED_DIR] if self.models_dir is None else [self.models_dir, BUNDLED_DIR]
        elsewhere = [Path(os.path.expandvars(place)).expanduser() for place in file.elsewhere]
        for path in (*(directory / file.name for directory in directories), *elsewhere):
            if path.is_file():
                return (path,)
        parts = [part for location in file.packaged if (part := _in_package(location)) is not None]
        if parts and len(parts) == len(file.packaged):
            return tuple(parts)
        searched = [str(directory) for directory in (*directories, *(path.parent for path in elsewhere))]
        known = f" (sha256 {file.sha256}, from {entry.redistributor})" if file.sha256 else ""
        raise ModelMissingError(
            f"The weights of {entry.id}, {file.name}, are in none of: {', '.join(searched)}.",
            {"model": entry.id, "file": file.name, "sha256": file.sha256, "searched": searched},
            f"{entry.remedy}, or copy {file.name}{known} into the directory that VIDEOANNOTATOR_MODELS_DIR names.",
        )

    def _verify(self, entry: ManifestEntry, file: ModelFile, places: Places) -> str:
        """Return the file's sha256."""
        expected = file.sha256 or _recorded_checksum(entry, places[0])
        status = [(place, place.stat()) for place in places]
        fingerprint = tuple((place, each.st_size, each.st_mtime_ns) for place, each in status)
        digest = self._verified.get(fingerprint) or sha256_of(*places)
        if digest != expected:
            names = " with ".join(str(place) for place in places)
            raise ModelCorruptError(
                f"{names} has sha256 {digest}, but {file.name} of {entry.id} must have {expected}.",
                {"model": entry.id, "file": names, "sha256": digest, "expected": expected},
                f"Delete {names}; then reinstall it or copy the file again from {entry.redistributor}.",
            )
        self._verified[fingerprint] = digest
        return digest


def _recorded_checksum(entry: ManifestEntry, place: Path) -> str:
    """Return the checksum that was taken down when the file was pulled."""
    known = read_checksums(place.parent)
    if place.name not in known:
        raise ModelMissingError(
            f"{place.parent / CHECKSUMS} has no checksum of {place.name}, so that it could not be verified.",
            {"model": entry.id, "file": str(place)},
            f"{entry.remedy}; or, if you trust the file: cd {place.parent} && sha256sum * > {CHECKSUMS}",
        )
    return known[place.name]


def _in_package(location: str) -> Path | None:
    """Return the path of the file ``package/rest`` in an installed package, which is not imported for that."""
    package, _, rest = location.partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(next(iter(spec.submodule_search_locations))) / rest
    return path if path.is_file() else None
