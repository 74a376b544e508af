"""What an implementation of a pipeline looks like; only workers import implementations.

A pipeline sees one stream of one file and turns it into records. The engine creates it anew for each file, feeds it
from one thread, and then asks for its records. It knows no file format, opens no file and keeps no frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from videoannotator.annotations import Record
from videoannotator.media.audio import SAMPLE_RATE, Samples
from videoannotator.media.frame import Frame
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import ModelSource

OnProgress = Callable[[float], None]
"""Takes the seconds of audio that are done.

Raises:
    JobCancelledError: The job was cancelled.
"""


class VideoPipeline(Protocol):
    """Looks at frames."""

    @property
    def rate(self) -> float | None:
        """Frames per second of video that it wants to see; None for every frame."""

    @property
    def warnings(self) -> Sequence[str]:
        """What a researcher should know about the result; complete once `finish` has returned."""

    def process(self, frame: Frame) -> bool:
        """Look at the next frame; frames come in the order of their times.

        Returns whether the frame is worth showing in a preview. Raising an error ends this pipeline, and only this one.
        """

    def finish(self) -> Sequence[Record]:
        """Return the records of the whole video in the order of their times. Called once, after the last frame."""


@dataclass(frozen=True, slots=True)
class Audio:
    """All that is heard in a file."""

    samples: Samples
    """16 kHz, mono, -1..1; sample ``n`` is heard ``n / 16000`` seconds after the start of the video. Read-only."""
    missing: float = 0.0
    """Seconds in between that are silent because the file has nothing readable there."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / SAMPLE_RATE


class AudioPipeline(Protocol):
    """Listens to audio."""

    @property
    def warnings(self) -> Sequence[str]:
        """What a researcher should know about the result; complete once `finish` has returned."""

    def process(self, audio: Audio, on_progress: OnProgress) -> None:
        """Listen to all of ``audio``. Called once; raising an error ends this pipeline, and only this one.

        Calls ``on_progress`` with the seconds of audio that are done, at least every few seconds of work, and lets pass
        what it raises: that is how a cancelled job stops.
        """

    def finish(self) -> Sequence[Record]:
        """Return the records in the order of their times. Called once, after `process`."""


Pipeline = VideoPipeline | AudioPipeline


class PipelineFactory(Protocol):
    """What a spec's ``implementation`` names: the class of the pipeline, or a function that returns one."""

    def __call__(self, config: Any, info: MediaInfo, sessions: ModelSource) -> Pipeline:
        """Create the pipeline for one file. ``config`` is an instance of the spec's ``config_model``.

        Loads every model it needs, so that a missing one is found before the first frame.
        """
