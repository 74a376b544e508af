"""Finding out what a media file is, and whether it can be decoded at all.

`python -m videoannotator.media.probe PATH [LIMITS]` prints one line of JSON, {"info": ...} or {"error": ...}, after it
has put limits on its own process: it may write to a pipe but to no file. LIMITS is a JSON object with the fields of
MediaLimits.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videoannotator.errors import CorruptMediaError, MediaLimitError, VideoAnnotatorError
from videoannotator.media.container import (
    MediaFile,
    check_pixels,
    decode_audio_packet,
    decode_video_packet,
    packet_time,
)
from videoannotator.media.extent import is_fragmented, is_whole
from videoannotator.media.info import MediaInfo
from videoannotator.media.limits import MediaLimits
from videoannotator.media.signature import MP4
from videoannotator.outcome import ErrorRecord

MAX_PACKETS_TO_FIRST_FRAME = 2000
"""A recording may start between two key frames, but key frames are not further apart than this."""
MAX_PACKETS_TO_STREAM = 20_000
"""A stream that has not begun after so many packets of the others is taken for empty."""

_INDEX_TAIL = 1000
"""Last entries of a stream's index among which the one that lies last in the file is looked for."""
_PROCESS_LIMITS = {
    resource.RLIMIT_AS: 2 << 30,
    resource.RLIMIT_CPU: 120,
    resource.RLIMIT_NOFILE: 64,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_CORE: 0,
}


def probe(path: Path, limits: MediaLimits | None = None) -> MediaInfo:
    """Return what the file is, after decoding its first frame and its first audio.

    The header is believed where the whole file is there; otherwise every packet is read to measure the duration.

    Raises:
        UnsupportedMediaError: The file is not of a kind that can be read.
        CorruptMediaError: The file is damaged.
        MediaLimitError: The file is longer or larger than allowed.
        MissingStreamError: The file has no video stream.
        InvalidRequestError: The file cannot be read at all.
    """
    limits = limits or MediaLimits()
    with MediaFile(path, limits) as media:
        _refuse_cut_mp4(media)
        announced = _announced_duration(media)
        _check_duration(announced or 0.0, limits)
        scan = _PacketScan(media, limits, to_the_end=announced is None)
        scan.run()
        return _info(media, scan, announced)


class _PacketScan:
    """One pass over the packets: decodes the beginning of each stream and measures what it reads."""

    def __init__(self, media: MediaFile, limits: MediaLimits, *, to_the_end: bool) -> None:
        self._media = media
        self._limits = limits
        self._to_the_end = to_the_end
        self._waiting = [stream for stream in (media.video_stream, media.audio_stream) if stream is not None]
        self._seen: dict[int, int] = {stream.index: 0 for stream in self._waiting}
        self.first_frame: VideoFrame | None = None
        self.has_audio_data = False
        self.end = 0.0

    @property
    def frames(self) -> int:
        """Packets of the video stream that were read."""
        return self._seen[self._media.video_stream.index] if self._media.video_stream is not None else 0

    def run(self) -> None:
        total = 0
        for packet in self._media.packets(*self._waiting):
            if packet is None:
                continue
            total += 1
            self._measure(packet)
            if packet.stream in self._waiting:
                self._decode(packet)
            if total > MAX_PACKETS_TO_STREAM:
                self._waiting = [stream for stream in self._waiting if self._seen[stream.index]]
            if not self._waiting and not self._to_the_end:
                break
        self._require_usable()

    def _measure(self, packet: Packet[Any]) -> None:
        if packet.size == 0:
            return
        self._seen[packet.stream.index] += 1
        time = packet_time(packet)
        if time is not None:
            length = float((packet.duration or 0) * packet.time_base)
            self.end = max(self.end, time - self._media.origin + length)
            _check_duration(self.end, self._limits)

    def _decode(self, packet: Packet[Any]) -> None:
        stream = packet.stream
        if isinstance(stream, VideoStream):
            frames = decode_video_packet(stream, packet) or []
            self.first_frame = next((frame for frame in frames if not frame.is_corrupt), None)
            done = self.first_frame is not None
        else:
            assert isinstance(stream, AudioStream)  # noqa: S101 - `packets` was asked for these two only
            done = self.has_audio_data = bool(decode_audio_packet(stream, packet))
        if done:
            self._waiting.remove(stream)
        elif self._seen[stream.index] > MAX_PACKETS_TO_FIRST_FRAME:
            raise self._undecodable(stream)

    def _require_usable(self) -> None:
        for stream in self._waiting:
            if self._seen[stream.index]:
                raise self._undecodable(stream)
        if self.first_frame is None and not self.has_audio_data:
            raise CorruptMediaError("The file holds neither video nor audio: the recording or copy was cut short.")
        if self.first_frame is not None:
            check_pixels(self.first_frame.width, self.first_frame.height, self._limits)

    def _undecodable(self, stream: VideoStream | AudioStream) -> CorruptMediaError:
        name = stream.codec_context.name
        if isinstance(stream, AudioStream):
            return CorruptMediaError(f"The audio ({name}) cannot be decoded: its data is damaged.")
        limit = self._limits.max_pixels
        return CorruptMediaError(
            f"The video ({name}) cannot be decoded: its data is damaged, or frames have more than {limit} pixels."
        )


def _refuse_cut_mp4(media: MediaFile) -> None:
    """Raise CorruptMediaError if the index of an MP4 file points beyond the file's end.

    Its other half plays, but half a session is not what was asked for; a fragmented recording has no such index.
    """
    if media.kind is not MP4 or is_fragmented(media.descriptor, media.size):
        return
    tails = [
        stream.index_entries[-_INDEX_TAIL:] for stream in (media.video_stream, media.audio_stream) if stream is not None
    ]
    needed = max((entry.pos + entry.size for tail in tails for entry in tail), default=0)
    if needed > media.size:
        share = 100 * media.size / needed
        raise CorruptMediaError(
            f"The file is cut short: {media.size} of at least {needed} bytes ({share:.0f} %) are there.",
            {"size_bytes": media.size, "needed_bytes": needed},
        )


def _announced_duration(media: MediaFile) -> float | None:
    """Return the seconds that the header promises; None if it promises nothing or part of the file is missing."""
    duration = media.container.duration
    if duration is None or duration <= 0 or not is_whole(media.kind, media.descriptor, media.size):
        return None
    return duration / av.time_base


def _check_duration(seconds: float, limits: MediaLimits) -> None:
    if seconds > limits.max_duration:
        raise MediaLimitError(
            f"The recording is {seconds:.0f} s long; at most {limits.max_duration:.0f} s are allowed.",
            {"duration": seconds, "max_duration": limits.max_duration},
        )


def _info(media: MediaFile, scan: _PacketScan, announced: float | None) -> MediaInfo:
    duration = scan.end if announced is None else announced
    facts: dict[str, Any] = {}
    if media.video_stream is not None and scan.first_frame is not None:
        counted = scan.frames if announced is None else None
        facts |= _picture_facts(media.video_stream, scan.first_frame, duration, counted)
    if media.audio_stream is not None and scan.has_audio_data:
        context = media.audio_stream.codec_context
        facts["audio_codec"] = context.codec.canonical_name
        facts["audio_sample_rate"] = context.sample_rate
        facts["audio_channels"] = context.channels
    return MediaInfo(container=media.kind.demuxer, duration=duration, **facts)


def _picture_facts(stream: VideoStream, frame: VideoFrame, duration: float, counted: int | None) -> dict[str, Any]:
    rotation = clockwise_turn(frame)
    upright = (frame.width, frame.height) if rotation % 180 == 0 else (frame.height, frame.width)
    rate = float(stream.average_rate or stream.guessed_rate or 0)
    count = counted or stream.frames or round(duration * rate)
    return {
        "width": upright[0],
        "height": upright[1],
        "rotation": rotation,
        "frame_rate": rate or (count / duration if duration else None),
        "frame_count": count or None,
        "video_codec": stream.codec_context.codec.canonical_name,
    }


def clockwise_turn(frame: VideoFrame) -> int:
    """Return the clockwise turn in degrees that makes a frame upright: 0, 90, 180 or 270."""
    return round(-frame.rotation / 90) * 90 % 360


def main(arguments: Sequence[str] | None = None) -> int:
    """Probe the file that the first argument names, print one line of JSON, and return the exit code."""
    path, *rest = sys.argv[1:] if arguments is None else arguments
    limits = MediaLimits(**json.loads(rest[0])) if rest else MediaLimits()
    _limit_process()
    try:
        line = {"info": probe(Path(path), limits).model_dump(mode="json")}
    except VideoAnnotatorError as error:
        line = {"error": ErrorRecord.of(error).model_dump(mode="json")}
    print(json.dumps(line))
    return 0


def _limit_process() -> None:
    for name, value in _PROCESS_LIMITS.items():
        _, hard = resource.getrlimit(name)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (allowed, allowed))


if __name__ == "__main__":
    sys.exit(main())
