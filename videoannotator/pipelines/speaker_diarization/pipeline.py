"""Speaker diarization: pyannote's pipeline over all of the audio, and its answer as turns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from videoannotator.annotations import SpeakerTurn
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import ModelSource
from videoannotator.pipelines.base import Audio, OnProgress
from videoannotator.pipelines.speaker_diarization.config import SEGMENTATION, SpeakerDiarizationConfig
from videoannotator.pipelines.speaker_diarization.quiet import quietly
from videoannotator.pipelines.speaker_diarization.turns import turns_of

with quietly():
    from videoannotator.pipelines.speaker_diarization.diarizer import Diarizer
    from videoannotator.pipelines.speaker_diarization.segmentation import load_segmentation
    from videoannotator.pipelines.speaker_diarization.speaker_embedder import SpeakerEmbedder

_SHORTEST_AUDIO = 0.1
"""Seconds; shorter audio holds no speech."""


class SpeakerDiarization:
    """Hears who speaks when."""

    def __init__(self, config: SpeakerDiarizationConfig, info: MediaInfo, sessions: ModelSource) -> None:
        """Load the models that ``config`` calls for.

        Raises:
            ModelMissingError: A model is not there.
            ModelCorruptError: A file of a model differs from its checksum.
        """
        self._config = config
        self._turns: list[SpeakerTurn] = []
        with quietly():
            segmentation = sessions.load(SEGMENTATION, load_segmentation)
            voices = SpeakerEmbedder(sessions.get(config.voices), segmentation.resources.lock)
            self._diarizer = Diarizer(segmentation, voices, config)

    @property
    def warnings(self) -> Sequence[str]:
        """Whether no one speaks, or fewer speakers than asked for; options without effect."""
        return tuple(self._notes())

    def process(self, audio: Audio, on_progress: OnProgress) -> None:
        """Listen to all of ``audio``."""
        on_progress(0.0)
        if audio.duration < _SHORTEST_AUDIO:
            return
        found = self._diarizer.listen(audio.samples, lambda part: on_progress(part * audio.duration))
        stretches = [(turn.start, turn.end, str(voice)) for turn, _, voice in found.itertracks(yield_label=True)]
        self._turns = turns_of(stretches, audio.duration, self._config.min_duration_on)

    def finish(self) -> Sequence[SpeakerTurn]:
        """Return the turns in the order of their starts."""
        return self._turns

    def _notes(self) -> Iterable[str]:
        if self._config.use_auth_token is not None:
            yield "use_auth_token has no effect: models are downloaded by `videoannotator models pull` only."
        if not self._turns:
            yield "No speech was heard in this video."
            return
        found, (least, most) = len({turn.speaker for turn in self._turns}), self._config.bounds
        if found < least:
            yield f"Asked for {least} speakers or more, but only {found} could be told apart."
        if found > most:
            yield f"Asked for {most} speakers at most, but {found} could not be joined."
