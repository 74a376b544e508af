"""How far turns are from who truly spoke when."""

from __future__ import annotations

from collections.abc import Sequence

from videoannotator.annotations import SpeakerTurn


def diarization_error_rate(truth: Sequence[SpeakerTurn], turns: Sequence[SpeakerTurn], duration: float) -> float:
    """Return the seconds of speech that are missed, invented or given to another speaker, per second of true speech.

    Names need not agree: speakers are matched as well as can be. No second is forgiven around the ends of a turn, and
    speech of several people at once counts for each of them. ``duration``: seconds of the audio. 0 is perfect; there
    is no upper limit.
    """
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    def annotation(entries: Sequence[SpeakerTurn]) -> Annotation:
        found = Annotation(uri="sound")
        for entry in entries:
            found[Segment(entry.start, entry.end), entry.index] = entry.speaker
        return found

    whole = Timeline([Segment(0, duration)], uri="sound")
    return float(DiarizationErrorRate()(annotation(truth), annotation(turns), uem=whole))
