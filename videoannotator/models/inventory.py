"""What this machine has of the models that the manifest knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from videoannotator.errors import ModelCorruptError, ModelMissingError, VideoAnnotatorError
from videoannotator.models.manifest import ManifestEntry
from videoannotator.models.store import ModelStore


class State(StrEnum):
    """How a model stands."""

    READY = "ready"
    MISSING = "missing"
    CORRUPT = "corrupt"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One model and how it stands on this machine."""

    entry: ManifestEntry
    state: State
    place: Path | None = None
    """Where its weights lie, or the first part of them."""
    problem: VideoAnnotatorError | None = None

    @property
    def grave(self) -> bool:
        """Whether something is wrong; an optional model may be missing."""
        return self.state is State.CORRUPT or (self.state is State.MISSING and not self.entry.optional)


def model_statuses(store: ModelStore, model_ids: Iterable[str] | None = None) -> Iterator[ModelStatus]:
    """Yield how each of ``model_ids``, or every model, stands; each is hashed.

    Raises:
        ModelMissingError: The manifest does not have an id.
    """
    entries = [store.manifest.entry(model_id) for model_id in (store.manifest.ids if model_ids is None else model_ids)]
    for entry in entries:
        yield _status(store, entry)


def _status(store: ModelStore, entry: ManifestEntry) -> ModelStatus:
    try:
        weights = store.weights(entry.id)
    except ModelMissingError as error:
        return ModelStatus(entry, State.MISSING, problem=error)
    except ModelCorruptError as error:
        return ModelStatus(entry, State.CORRUPT, problem=error)
    return ModelStatus(entry, State.READY, weights.places[entry.main.name][0])
