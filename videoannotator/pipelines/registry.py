"""The pipelines that this installation has, under all their names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import get_args

from videoannotator.errors import PipelineNotFoundError, PipelineUnavailableError, RegistryError
from videoannotator.models.manifest import Manifest
from videoannotator.pipelines.audio_processing.spec import AUDIO_PROCESSING
from videoannotator.pipelines.config import PipelineConfig
from videoannotator.pipelines.face_analysis.spec import FACE_ANALYSIS
from videoannotator.pipelines.person_tracking.spec import PERSON_TRACKING
from videoannotator.pipelines.record_checks import clashing_names, output_problems, record_problems
from videoannotator.pipelines.scene_detection.spec import SCENE_DETECTION
from videoannotator.pipelines.speaker_diarization.spec import SPEAKER_DIARIZATION
from videoannotator.pipelines.spec import Modality, PipelineSpec, Stability
from videoannotator.pipelines.speech_recognition.spec import SPEECH_RECOGNITION
from videoannotator.pipelines.unavailable import UNAVAILABLE
from videoannotator.record_types.installed import ENTRY_POINT_GROUP
from videoannotator.record_types.names import exists

BUILT_IN = (PERSON_TRACKING, FACE_ANALYSIS, SCENE_DETECTION, SPEECH_RECOGNITION, SPEAKER_DIARIZATION, AUDIO_PROCESSING)

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Registry:
    """An immutable set of pipeline specs; names and aliases are unique across all of them."""

    def __init__(
        self,
        specs: Iterable[PipelineSpec],
        known_models: Collection[str] | None = None,
        unavailable: Iterable[PipelineSpec] = (),
    ) -> None:
        """Register ``specs`` in their order. ``known_models``: ids of the manifest, None to leave them unchecked.

        ``unavailable``: pipelines that are known but cannot run; one whose name is taken is left out.

        Raises:
            RegistryError: Something is wrong; every problem of every specification is listed.
        """
        self._specs = tuple(specs)
        _raise_if(_problems(self._specs, known_models))
        self._by_name = {name: spec for spec in self._specs for name in (spec.name, *spec.all_aliases)}
        self.unavailable = tuple(spec for spec in unavailable if spec.name not in self._by_name)
        """Those that are known but cannot run."""
        self._missing = {name: spec for spec in self.unavailable for name in (spec.name, *spec.all_aliases)}

    @classmethod
    def load(cls) -> Registry:
        """Return the built-in pipelines and those that installed packages announce as entry points.

        Raises:
            RegistryError: Something is wrong; every problem of every specification is listed.
        """
        specs, problems = list(BUILT_IN), []
        for entry in entry_points(group=ENTRY_POINT_GROUP):
            try:
                specs.append(_load_plugin(entry))
            except Exception as error:  # noqa: BLE001 - a plugin can raise anything; all of them are reported at once
                problems.append(f"The plugin {entry.name!r} ({entry.value}) cannot be loaded: {error!r}.")
        known_models = Manifest.bundled().ids
        _raise_if([*problems, *_problems(specs, known_models)])
        return cls(specs, known_models, UNAVAILABLE)

    def get(self, name: str) -> PipelineSpec:
        """Return the pipeline called ``name``; an alias will do.

        Raises:
            PipelineUnavailableError: The pipeline is known but cannot run.
            PipelineNotFoundError: There is none; the nearest name is suggested.
        """
        spec = self._by_name.get(name)
        if spec is None and name in self._missing:
            lost = self._missing[name]
            raise PipelineUnavailableError(
                f"{lost.name} cannot run. {lost.unavailable}", {"pipeline": lost.name}, lost.remedy
            )
        if spec is None:
            nearest = get_close_matches(name.lower(), self._by_name, n=1)
            hint = f"Did you mean {self._by_name[nearest[0]].name!r}?" if nearest else None
            raise PipelineNotFoundError(
                f"There is no pipeline {name!r}.", {"pipeline": name, "available": list(self.names)}, hint
            )
        return spec

    def find(self, name: str) -> PipelineSpec:
        """Return the pipeline called ``name``, also one that cannot run.

        Raises:
            PipelineNotFoundError: There is none; the nearest name is suggested.
        """
        return self._missing[name] if name in self._missing and name not in self._by_name else self.get(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The canonical names, in the order of registration."""
        return tuple(spec.name for spec in self._specs)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[PipelineSpec]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)


def _load_plugin(entry: EntryPoint) -> PipelineSpec:
    spec = entry.load()
    if not isinstance(spec, PipelineSpec):
        raise TypeError(f"expected a PipelineSpec, got {type(spec).__name__}")
    return spec


def _raise_if(problems: list[str]) -> None:
    if problems:
        raise RegistryError(" ".join(problems), {"problems": problems})


def _problems(specs: Iterable[PipelineSpec], known_models: Collection[str] | None) -> list[str]:
    specs = tuple(specs)
    problems: list[str] = []
    owners: dict[str, str] = {}
    for spec in specs:
        problems += _spec_problems(spec, known_models)
        for name in (spec.name, *spec.all_aliases):
            if name in owners:
                problems.append(f"The name {name!r} belongs to both {owners[name]!r} and {spec.name!r}.")
            owners.setdefault(name, spec.name)
    return [*problems, *clashing_names(specs)]


def _spec_problems(spec: PipelineSpec, known_models: Collection[str] | None) -> Iterator[str]:
    if not _NAME.fullmatch(spec.name):
        yield f"{spec.name!r} is not a pipeline name: lower-case letters, digits and underscores, a letter first."
    if not spec.outputs:
        yield f"{spec.name!r} declares no output."
    if spec.stability not in get_args(Stability):
        known = ", ".join(get_args(Stability))
        yield f"The stability of {spec.name!r} is {spec.stability!r}; it must be one of {known}."
    if len(spec.modalities) != 1 or spec.modalities[0] not in get_args(Modality):
        yield f"{spec.name!r} must take either video or audio."
    if not spec.records:
        yield f"{spec.name!r} declares no type of record."
    yield from record_problems(spec)
    yield from output_problems(spec)
    if not (isinstance(spec.config_model, type) and issubclass(spec.config_model, PipelineConfig)):
        yield f"The config_model of {spec.name!r} is not a PipelineConfig."
    elif required := [name for name, field in spec.config_model.model_fields.items() if field.is_required()]:
        yield f"The config_model of {spec.name!r} has fields without a default: {', '.join(required)}."
    if known_models is not None:
        for model in spec.models:
            if model not in known_models:
                yield f"{spec.name!r} needs the model {model!r}, which the manifest does not have."
    if not exists(spec.implementation):
        yield f"The implementation of {spec.name!r}, {spec.implementation!r}, does not exist."
