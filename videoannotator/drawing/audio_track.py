"""Bringing the audio of one file into another: as it is if it plays everywhere, as AAC otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from videoannotator.errors import UnsupportedMediaError
from videoannotator.media.container import MediaFile, decode_audio_packet

_COPIED = {
    "mp4": {"aac", "mp3", "ac3", "eac3", "alac"},
    "mov": {"aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s24le"},
    "matroska": {"aac", "mp3", "mp2", "ac3", "eac3", "alac", "opus", "vorbis", "flac", "pcm_s16le", "pcm_s24le"},
}
"""Audio that stays as it is, by what it is written to."""
_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)
_LAYOUTS = {1: "mono", 6: "5.1"}
_Timed: TypeAlias = "tuple[float, Packet[Any]]"


class AudioTrack:
    """The audio of ``media``, handed on little by little, so that it lies beside its pictures."""

    def __init__(self, media: MediaFile, container: OutputContainer) -> None:
        """Add the stream to ``container``. ``media`` has an audio stream."""
        stream = media.audio_stream
        if stream is None:
            raise UnsupportedMediaError("The file has no audio.")
        self._container = container
        is_kept = stream.codec_context.codec.canonical_name in _COPIED[container.format.name]
        self._packets = _copied(media, stream, container) if is_kept else _encoded(media, stream, container)
        next(self._packets)  # adds the stream, before the first packet of any other is written
        self._waiting: _Timed | None = None

    def until(self, time: float) -> None:
        """Write what is heard before ``time``, in seconds of the video."""
        while (entry := self._waiting or next(self._packets, None)) is not None:
            self._waiting = entry
            if entry[0] >= time:
                return
            self._waiting = None
            self._container.mux(entry[1])


def _copied(media: MediaFile, stream: AudioStream, container: OutputContainer) -> Iterator[_Timed]:
    out = container.add_stream_from_template(stream)
    yield 0.0, Packet(0)
    last: int | None = None
    for packet in media.packets(stream):
        if packet is None or packet.size == 0 or packet.dts is None or packet.pts is None:
            continue
        shift = round(media.origin / packet.time_base)
        packet.dts, packet.pts = packet.dts - shift, packet.pts - shift
        if last is not None and packet.dts <= last:
            continue  # a damaged display_time: the packet has no place
        if packet.pts + (packet.duration or 0) <= 0 and container.format.name == "matroska":
            continue  # only warms a decoder up; there is no time before 0, so that everything would be shifted
        last = packet.dts
        packet.stream = out
        yield float(packet.dts * packet.time_base), packet


def _encoded(media: MediaFile, stream: AudioStream, container: OutputContainer) -> Iterator[_Timed]:
    source = stream.codec_context
    rate = source.sample_rate if source.sample_rate in _RATES else 48_000
    layout = _LAYOUTS.get(source.channels, "stereo")
    out = container.add_stream("aac", rate=rate, layout=layout)
    yield 0.0, Packet(0)
    # Silence where timestamps leave gaps, or everything after a gap would be heard too early.
    resampler = AudioResampler("fltp", layout, rate, options={"async": "1"})
    for frame in _frames(media, stream):
        for block in resampler.resample(frame):
            yield from _timed(out.encode(block))
    for block in resampler.resample(None):
        yield from _timed(out.encode(block))
    yield from _timed(out.encode(None))


def _frames(media: MediaFile, stream: AudioStream) -> Iterator[AudioFrame]:
    for packet in media.packets(stream):
        for frame in (decode_audio_packet(stream, packet) or ()) if packet is not None else ():
            if frame.pts is not None and frame.time_base is not None:
                frame.pts -= round(media.origin / frame.time_base)
            yield frame


def _timed(packets: list[Packet[Any]]) -> Iterator[_Timed]:
    for packet in packets:
        yield float((packet.dts or 0) * packet.time_base), packet
