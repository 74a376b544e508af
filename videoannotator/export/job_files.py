"""All files of one annotated video, from the records of each pipeline to the index."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from videoannotator.export import index, tracks
from videoannotator.export.artifact_writer import ArtifactWriter
from videoannotator.outcome import ArtifactFile
from videoannotator.results import provenance
from videoannotator.results.durable_files import flush_directory, full_disk_as_error
from videoannotator.results.run_results import AnnotatedVideo

_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the files of a video go, and what they are called."""

    directory: Path
    """Made if it is not there."""
    prefix: str = ""
    """Start of every file's name, for example ``clip_``."""
    shown_prefix: str = ""
    """Start of every file's name where it is handed out."""


def write_job(
    video: AnnotatedVideo, outputs: Sequence[str], destination: Destination, check: Callable[[], None]
) -> list[ArtifactFile]:
    """Write everything that the completed runs have to tell; nothing at all if none completed.

    ``check`` is called before each file and may raise.

    Raises:
        StorageExhaustedError: When the disk is full.
    """
    completed = [run for run in video.runs if run.completed]
    if not completed:
        return []
    writer = ArtifactWriter(destination.directory, destination.prefix, check)
    with full_disk_as_error(destination.directory):
        destination.directory.mkdir(parents=True, exist_ok=True)
        results, identities = tracks.identified(video.results())
        for run in completed:
            own = [each for each in results if each.pipeline == run.pipeline]
            writer.write_records(own)
            writer.write_pipeline(own, [output for output in outputs if output in run.outputs])
        whole = video.provenance()
        if tracks.has_identities(results):
            writer.write_tracks(identities, outputs, whole)
        possible = {output for run in completed for output in run.outputs}
        writer.write_job(results, [output for output in outputs if output in possible], whole)
        writer.add(provenance.NAME, None, "provenance", _JSON, whole, partial(provenance.write, document=whole))
        files = _as_handed_out(writer.files, destination)
        writer.add(index.NAME, None, "results", _JSON, whole, partial(index.write, video=video, files=files))
        flush_directory(destination.directory)
    return writer.files


def _as_handed_out(files: Sequence[ArtifactFile], destination: Destination) -> Mapping[str, ArtifactFile]:
    return {f"{destination.shown_prefix}{file.name.removeprefix(destination.prefix)}": file for file in files}
