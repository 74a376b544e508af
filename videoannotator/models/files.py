"""The files of a model, found and verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from videoannotator.models.manifest import ManifestEntry
from videoannotator.outcome import ModelProvenance


@dataclass(frozen=True, slots=True)
class Weights:
    """The verified files of one model."""

    entry: ManifestEntry
    places: Mapping[str, tuple[Path, ...]]
    """By the file's name. A file that is packaged in parts lies in several places, in order."""
    sha256: str
    """Of the main file."""

    @property
    def provenance(self) -> ModelProvenance:
        """What a result says about this model."""
        return self.entry.provenance.model_copy(update={"sha256": self.sha256})

    @property
    def path(self) -> Path:
        """The model's main file, which lies in one place."""
        return self.path_of(self.entry.main.name)

    def path_of(self, name: str) -> Path:
        """Return where the file called ``name`` lies, which is one place."""
        [place] = self.places[name]
        return place

    def read(self, name: str) -> bytes:
        """Return the content of the file called ``name``."""
        return b"".join(place.read_bytes() for place in self.places[name])
