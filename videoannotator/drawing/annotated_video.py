"""From a video and its records to a video that shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

from videoannotator.drawing.audio_track import AudioTrack
from videoannotator.drawing.overlay import Overlay
from videoannotator.drawing.video_writer import VideoWriter
from videoannotator.errors import InvalidRequestError, MissingStreamError
from videoannotator.media.container import MediaFile
from videoannotator.media.frame import LostFrame
from videoannotator.media.info import MediaInfo
from videoannotator.media.limits import MediaLimits
from videoannotator.media.probe import probe
from videoannotator.media.source import open_video
from videoannotator.results.durable_files import flush_file, full_disk_as_error
from videoannotator.results.result import Result

SUFFIXES = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}
"""Which container the end of a file's name stands for."""

Progress = Callable[[int, int | None], None]
"""Called with the number of frames that are done, and of all if that is known."""

_THREADS = 2


def render(
    video: Path,
    results: Sequence[Result],
    output: Path,
    *,
    limits: MediaLimits | None = None,
    progress: Progress = lambda done, total: None,
) -> None:
    """Write ``video`` to ``output`` with ``results`` drawn into it: upright, at its own times, with its audio.

    A file that is there is replaced when its successor is complete; whatever happens, there is never half a file.
    ``results`` come with their links, and their boxes are scaled if the video has another size than theirs.

    Raises:
        InvalidRequestError: The name ends in no known suffix, or the video would overwrite itself.
        MissingStreamError: The file has no video stream.
        StorageExhaustedError: The disk is full.
        VideoAnnotatorError: The video cannot be read.
    """
    form = _form(video, output)
    limits = limits or MediaLimits()
    info = probe(video, limits)
    if not info.has_video:
        raise MissingStreamError("There is nothing to draw into: the file has no picture.")
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f".{output.name}.partial")
    try:
        with full_disk_as_error(output.parent):
            _write(video, info, results, partial, form, limits, progress)
            flush_file(partial)
            partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)


def _form(video: Path, output: Path) -> str:
    form = SUFFIXES.get(output.suffix.lower())
    if form is None:
        message = f"{output.name} cannot be written: its name ends in none of {', '.join(SUFFIXES)}."
        raise InvalidRequestError(message, field="output", hint=f"Name it {output.stem}.mp4, for example.")
    if output.exists() and video.exists() and output.samefile(video):
        raise InvalidRequestError(
            "The video would be overwritten with itself.", field="output", hint="Name another file."
        )
    return form


def _write(
    video: Path,
    info: MediaInfo,
    results: Sequence[Result],
    target: Path,
    form: str,
    limits: MediaLimits,
    progress: Progress,
) -> None:
    width, height = info.width or 0, info.height or 0
    overlay = Overlay(results, width, height)
    shape = _pixel_shape(video, info, limits)
    with ExitStack() as stack:
        source = stack.enter_context(open_video(video, limits, info=info, threads=_THREADS))
        writer = stack.enter_context(VideoWriter(target, form, width, height, info.frame_rate, shape))
        audio = AudioTrack(stack.enter_context(MediaFile(video, limits)), writer.container) if info.has_audio else None
        for frame in source.frames(lambda index, time: True):
            progress(frame.index, info.frame_count)
            if isinstance(frame, LostFrame):
                continue  # the picture before it stays
            overlay.draw(frame.image, frame.time)
            if audio is not None:
                audio.until(frame.time)
            writer.show(frame.image, frame.time)
        writer.finish()
        if audio is not None:
            audio.until(float("inf"))
        progress(source.decoded + source.lost, source.decoded + source.lost)


def _pixel_shape(video: Path, info: MediaInfo, limits: MediaLimits) -> Fraction:
    """Return the width of a pixel of the upright picture per its height."""
    with MediaFile(video, limits) as media:
        shape = media.video_stream.sample_aspect_ratio if media.video_stream is not None else None
    if not shape:
        return Fraction(1)
    return 1 / Fraction(shape) if info.rotation % 180 else Fraction(shape)
