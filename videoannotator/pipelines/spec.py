"""What a pipeline says about itself, light enough for a process that runs none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from videoannotator.annotations import Record
from videoannotator.outcome import ProgressUnit
from videoannotator.pipelines.config import PipelineConfig

Stability = Literal["stable", "beta", "experimental"]
Modality = Literal["video", "audio"]


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """One kind of file that a pipeline's records can be written to."""

    format: str
    """A name of `videoannotator.formats.names.OUTPUTS`."""
    types: tuple[str, ...]
    """What the file tells, for example ``keypoints``."""
    media_type: str


@dataclass(frozen=True, slots=True)
class PipelineSpec:
    """A pipeline's name, configuration, needs and outputs, and where its implementation lives."""

    name: str
    display_name: str
    description: str
    family: str
    variant: str
    config_model: type[PipelineConfig]
    records: tuple[type[Record], ...]
    """The types of annotation it produces."""
    implementation: str
    """``module:attribute`` of a `videoannotator.pipelines.base.PipelineFactory`; imported only in a worker."""
    outputs: tuple[OutputSpec, ...]
    aliases: tuple[str, ...] = ()
    stability: Stability = "stable"
    tasks: tuple[str, ...] = ()
    modalities: tuple[Modality, ...] = ("video",)
    """The stream it needs: one."""
    models: tuple[str, ...] = ()
    """Ids in the model manifest of what it needs unless configured otherwise."""
    packages: tuple[str, ...] = ()
    """Importable names of the packages that it needs besides those of every pipeline."""
    extra: str = "ml"
    """The extra of this distribution that brings ``packages``."""
    needs_gpu: bool = False
    unavailable: str = ""
    """Why it cannot run anywhere; empty for one that has an implementation."""
    remedy: str = ""
    """What would change that."""

    @property
    def all_aliases(self) -> tuple[str, ...]:
        """Every other name it answers to; ``family_variant`` is always one."""
        names = dict.fromkeys((*self.aliases, f"{self.family}_{self.variant}"))
        return tuple(name for name in names if name != self.name)

    @property
    def unit(self) -> ProgressUnit:
        """What its progress counts."""
        return "seconds" if "audio" in self.modalities else "frames"

    def models_for(self, config: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the ids of the models that a run with ``config``, in normal form, needs."""
        return self.config_model.model_validate(dict(config)).models(self.models)

    def config_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the configuration: types, ranges, choices, defaults and descriptions."""
        schema = self.config_model.model_json_schema()
        schema["title"] = self.display_name
        schema["properties"] = {name: _property(entry) for name, entry in schema.get("properties", {}).items()}
        return schema

    def default_config(self) -> dict[str, Any]:
        """Return the configuration that an empty one stands for."""
        return self.config_model().model_dump(mode="json")


def _property(entry: dict[str, Any]) -> dict[str, Any]:
    """Drop what pydantic derives from the field's name, and say "number or null" in one type, as forms expect it."""
    flat = {key: value for key, value in entry.items() if key not in ("title", "anyOf")}
    branches = entry.get("anyOf", [])
    if [branch.get("type") for branch in branches[1:]] == ["null"]:
        return {**branches[0], **flat, "type": [branches[0]["type"], "null"]}
    return flat if not branches else {**flat, "anyOf": branches}
