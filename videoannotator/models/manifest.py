"""The list of all models: their files, checksums, licences and origins."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field

from videoannotator.errors import ModelMissingError
from videoannotator.outcome import ModelProvenance


class ModelFile(BaseModel):
    """One file of a model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """Its path in a models directory."""
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    """None for a file that is only on a hub: its checksum is taken down when it is pulled."""
    size_bytes: int
    """Of a file without a checksum: about."""
    hub_path: str = ""
    """Its path in the hub's repository, if that is not the last part of its name."""
    packaged: tuple[str, ...] = ()
    """Where installed packages have it, as ``package/path``; more than one: they are its parts, in this order."""
    elsewhere: tuple[str, ...] = ()
    """Where other programs keep it; ``~`` and ``$NAME`` stand for what they do in a shell."""


class Hub(BaseModel):
    """Where a model can be downloaded: a repository of huggingface.co."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repository: str
    revision: str = "main"


class ManifestEntry(BaseModel):
    """One model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    task: str
    """What it does, for example ``person-detection``."""
    files: tuple[ModelFile, ...] = Field(min_length=1)
    """The weights first; then what is needed to use them."""
    licence: str
    licence_file: str | None = None
    """The licence's text, beside the bundled weights."""
    source: str
    """Who trained it."""
    redistributor: str
    """The package that the weights were taken from."""
    conversion: str = ""
    """What was done to the weights since."""
    install: str = ""
    """The command that brings it; empty for what is part of this package."""
    hub: Hub | None = None
    """Where `videoannotator models pull` gets it; None for what cannot be pulled."""

    @property
    def main(self) -> ModelFile:
        """The file with the weights."""
        return self.files[0]

    @property
    def size_bytes(self) -> int:
        """Of all files together."""
        return sum(file.size_bytes for file in self.files)

    @property
    def optional(self) -> bool:
        """Whether it must be downloaded with `videoannotator models pull`."""
        return self.main.sha256 is None or self.hub is not None

    @property
    def remedy(self) -> str:
        """The command that brings it, in words."""
        if self.hub is not None:
            return f"Run `videoannotator models pull {self.id}`"
        return f"Run `{self.install}`" if self.install else "Reinstall videoannotator"

    @property
    def provenance(self) -> ModelProvenance:
        """What a result says about this model; without a checksum if the manifest has none."""
        return ModelProvenance(
            id=self.id,
            task=self.task,
            sha256=self.main.sha256 or "",
            licence=self.licence,
            source=f"{self.source}; from {self.redistributor}",
        )


class Manifest:
    """All models by id."""

    def __init__(self, entries: Sequence[ManifestEntry]) -> None:
        self._entries = {entry.id: entry for entry in entries}

    @classmethod
    def bundled(cls) -> Manifest:
        """Read the manifest that is part of this package."""
        text = (files("videoannotator.models") / "manifest.json").read_text(encoding="utf-8")
        return cls([ManifestEntry.model_validate(entry) for entry in json.loads(text)["models"]])

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all models."""
        return tuple(self._entries)

    def entry(self, model_id: str) -> ManifestEntry:
        """Return the entry of ``model_id``.

        Raises:
            ModelMissingError: There is none.
        """
        if model_id not in self._entries:
            hint = f"Known models: {', '.join(self.ids)}. Install the version of VideoAnnotator that has this one."
            raise ModelMissingError(f"The manifest has no model {model_id!r}.", {"model": model_id}, hint)
        return self._entries[model_id]
