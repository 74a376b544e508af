"""Drawing results into their video."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from videoannotator.cli.session import Session, client_command
from videoannotator.errors import ConfigurationError, InvalidRequestError

if TYPE_CHECKING:
    from videoannotator.export.reexport import StoredResults

_NAME = "annotated.mp4"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    client_command(app, "render")(render)


def render(
    session: Session,
    source: Annotated[
        str,
        typer.Argument(metavar="JOB|DIRECTORY", help="Id of a job on the server, or a directory with results."),
    ],
    video: Annotated[
        Path | None,
        typer.Option(
            "--video",
            metavar="FILE",
            help="The video. Default: the file of that name in or above DIRECTORY, or here; for a job, the server's.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=f"What to write: .mp4, .mov or .mkv. Default: CLIP_{_NAME} in DIRECTORY; for a job, here.",
        ),
    ] = None,
) -> None:
    """Write a copy of the video that shows the results: boxes, ids, skeletons, emotions, captions and speakers.

    It keeps the audio and the true time of every frame, and turns frames upright. It reads the .ndjson files that
    every job leaves: those in DIRECTORY, or those of JOB, which it downloads first. Ctrl-C leaves no half video.

    Examples: `videoannotator render results --video clip.mp4`, `videoannotator render JOB -o shown.mp4`.
    """
    place = Path(source)
    try:
        if place.is_dir():
            _render(session, place, video, output, place)
            return
        from videoannotator.cli.stored_results import fetch_records, fetch_records_and_video  # gRPC is slow to load

        target = output.parent if output is not None else Path()
        target.mkdir(parents=True, exist_ok=True)
        # Beside the output, because a video may be larger than the room for temporary files.
        with TemporaryDirectory(prefix=".videoannotator-", dir=target) as kept:
            if video is None:
                video = fetch_records_and_video(session, source, Path(kept))
            else:
                fetch_records(session, source, Path(kept))
            _render(session, Path(kept), video, output, Path())
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Rendering needs the module {error.name}, which is not installed.",
            hint="Install it: pip install 'videoannotator[ml]'",
        ) from error


def _render(session: Session, source: Path, video: Path | None, output: Path | None, place: Path) -> None:
    """Render the records in ``source`` to ``output``, or into ``place`` under the usual name."""
    from videoannotator.checksums import sha256_of
    from videoannotator.cli.display import open_display, work_in_words
    from videoannotator.drawing.annotated_video import render as write
    from videoannotator.export import reexport, tracks
    from videoannotator.media.limits import MediaLimits
    from videoannotator.settings import load_settings

    kept = _chosen([each for each in reexport.stored_in(source) if each.results], video)
    found = video or _path_beside(source, kept)
    if not found.is_file():
        raise InvalidRequestError(f"{found} is not a file.", field="--video", hint="Name a video file.")
    if _digest(kept) not in (None, sha256_of(found)):
        session.terminal.warn(f"{found.name} is not the very file that the records are about: check that they fit")
    target = output or place / f"{kept.prefix}{_NAME}"
    results, _ = tracks.identified(kept.results)
    settings = load_settings()
    limits = MediaLimits(max_duration=settings.max_video_duration, max_pixels=settings.max_video_pixels)
    with open_display(session.terminal) as display:
        display.headline(f"{found.name}: drawing")

        def show(done: int, total: int | None) -> None:
            fraction = min(done / total, 1.0) if total else 0.0
            display.progress("render", "running", fraction, work_in_words(done, 0, total))

        try:
            write(found, results, target, limits=limits, progress=show)
        except KeyboardInterrupt:
            display.log("warning", "interrupted: no video was written")
            raise
    _print(session, target)
    reexport.require_readable([kept])


def _chosen(kept: Sequence[StoredResults], video: Path | None) -> StoredResults:
    """Return what is kept of ``video``, or of the only one."""
    if len(kept) == 1:
        return kept[0]
    fitting = [each for each in kept if video is not None and video.name == _filename(each)]
    if len(fitting) == 1:
        return fitting[0]
    raise InvalidRequestError(
        f"There are records of several videos: {', '.join(map(_filename, kept))}.",
        field="--video",
        hint="Name one of them with --video.",
    )


def _path_beside(source: Path, kept: StoredResults) -> Path:
    """Return the video that the records are about, if it is where videos usually are."""
    name = _filename(kept)
    for place in (source, source.resolve().parent, Path()):
        if (place / name).is_file():
            return place / name
    raise InvalidRequestError(
        f"{name} is neither in {source} nor above it nor here.",
        field="--video",
        hint="Name the video with --video FILE.",
    )


def _filename(kept: StoredResults) -> str:
    facts = kept.results[0].provenance.get("video", {})
    return Path(str(facts.get("filename") or kept.results[0].video)).name


def _digest(kept: StoredResults) -> str | None:
    digest = kept.results[0].provenance.get("video", {}).get("sha256")
    return None if digest is None else str(digest)


def _print(session: Session, path: Path) -> None:
    from rich.filesize import decimal
    from rich.markup import escape

    size = path.stat().st_size
    if session.terminal.as_json:
        session.terminal.json({"path": str(path), "size_bytes": size})
    else:
        session.terminal.table(["FILE", "SIZE"], [[escape(str(path)), decimal(size)]])
