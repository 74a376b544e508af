"""What every pipeline's configuration has in common."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field


class PipelineConfig(BaseModel):
    """Base of all configurations: strict types, finite numbers, no unknown field, immutable.

    A field may carry older names for itself (`renamed`); its normal form always uses the present name.
    """

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)

    def models(self, usual: tuple[str, ...]) -> tuple[str, ...]:
        """Return the ids of the models that this configuration needs. ``usual``: those of the spec."""
        return usual


def renamed(name: str, *old_names: str) -> AliasChoices:
    """Return the ``validation_alias`` of a field that also answers to ``old_names``."""
    return AliasChoices(name, *old_names)


def as_whole(value: Any) -> Any:
    """Return 5 for 5.0, and anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(as_whole)]
"""An integer. 5.0 is one too: JSON numbers that travel in a protobuf Struct have no integers."""


def _or_every_frame(value: Any) -> Any:
    return None if value == 0 and not isinstance(value, bool) else value


SamplingRate = Annotated[
    Annotated[float, Field(ge=0, le=240)] | None,
    BeforeValidator(_or_every_frame),
    Field(validation_alias=renamed("frames_per_second", "predictions_per_second", "fps")),
]
"""Frames to look at per second of video; None (or 0) looks at every frame."""
