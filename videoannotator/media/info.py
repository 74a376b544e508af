"""Facts about a media file, light enough for a process that decodes nothing."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class MediaInfo(BaseModel):
    """What probing a file found. Serialises to JSON, because probing happens in a process of its own."""

    model_config = ConfigDict(frozen=True)

    container: str
    """Demuxer name, ``mov`` for MP4 and QuickTime, ``matroska`` for Matroska and WebM, and so on."""
    duration: float
    """Seconds; measured from packets when the container does not say."""
    width: int | None = None
    """Pixels after rotation; None without a video stream."""
    height: int | None = None
    rotation: int = 0
    """Clockwise turn in degrees that a player applies: 0, 90, 180 or 270."""
    frame_rate: float | None = None
    """Average frames per second."""
    frame_count: int | None = None
    """Announced or estimated number of frames."""
    video_codec: str | None = None
    audio_codec: str | None = None
    audio_sample_rate: int | None = None
    """Hertz."""
    audio_channels: int | None = None

    @property
    def has_video(self) -> bool:
        """Whether there is a video stream."""
        return self.video_codec is not None

    @property
    def has_audio(self) -> bool:
        """Whether there is audio."""
        return self.audio_codec is not None
