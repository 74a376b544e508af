"""Making the results of an attempt durable, and reading them back."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from videoannotator.crash_points import crash_point
from videoannotator.errors import ArtifactCorruptError, RangeNotSatisfiableError
from videoannotator.outcome import ArtifactFile
from videoannotator.service.database.tables import ArtifactRow
from videoannotator.service.storage_layout import Layout, disk_errors, sync_directory

CHUNK_BYTES = 2**20


def prepare_staging(layout: Layout, job_id: str, attempt: int) -> Path:
    """Return an empty directory for an attempt to write into."""
    staging = layout.staging(job_id, attempt)
    if staging.exists():
        shutil.rmtree(staging)
    with disk_errors():
        staging.mkdir(mode=0o700, parents=True)
    return staging


def publish(layout: Layout, job_id: str, attempt: int, artifacts: Sequence[ArtifactFile]) -> list[str]:
    """Move what an attempt staged, and made durable, to its final place.

    Readers see it only once the database names it; until then it is garbage that the next start sweeps away.

    Returns:
        The path of each artifact below the results directory.

    Raises:
        ArtifactCorruptError: A file that the worker announced is missing or has another size.
    """
    staging, final = layout.staging(job_id, attempt), layout.attempt(job_id, attempt)
    for artifact in artifacts:
        path = staging / artifact.name
        if PurePosixPath(artifact.name).name != artifact.name or not path.is_file():
            raise ArtifactCorruptError(f"The worker did not leave {artifact.name}.")
        if path.stat().st_size != artifact.size_bytes:
            raise ArtifactCorruptError(f"{artifact.name} does not have the size that the worker announced.")
    crash_point("results-before-rename")
    with disk_errors():
        staging.rename(final)
        sync_directory(final.parent)
    crash_point("results-after-rename")
    return [f"{job_id}/{attempt}/{artifact.name}" for artifact in artifacts]


def title_of(video_filename: str) -> str:
    """Return what a video is called: its stem, without anything that a file system could object to."""
    stem = re.sub(r"[^\w.-]+", "_", PurePosixPath(video_filename.replace("\\", "/")).stem).strip("._")[:100]
    return stem or "video"


def display_name(video_filename: str, artifact_name: str) -> str:
    """Return the name of an artifact that people see."""
    return f"{title_of(video_filename)}_{artifact_name}"


def discard(layout: Layout, job_id: str, attempt: int) -> None:
    """Remove what an attempt left, staged or published."""
    for directory in (layout.staging(job_id, attempt), layout.attempt(job_id, attempt)):
        if directory.exists():
            shutil.rmtree(directory)


def remove_job(layout: Layout, job_id: str) -> None:
    """Remove every file of a job."""
    directory = layout.results / job_id
    if directory.exists():
        shutil.rmtree(directory)


def read_artifact(layout: Layout, artifact: ArtifactRow, offset: int = 0, limit: int = 0) -> Iterator[bytes]:
    """Yield the bytes of an artifact from ``offset``, at most ``limit`` of them unless it is 0.

    Everything that can be wrong is found before the first chunk.

    Raises:
        RangeNotSatisfiableError: The offset lies beyond the end.
        ArtifactCorruptError: The file is gone or has changed.
    """
    if not 0 <= offset <= artifact.size_bytes:
        raise RangeNotSatisfiableError(
            f"Offset {offset} is outside of the file's {artifact.size_bytes} bytes.",
            {"size_bytes": artifact.size_bytes},
            field="offset",
        )
    path = layout.results / artifact.path
    try:
        # Opened before anything is sent: a job that is deleted meanwhile takes nothing from under the reader.
        file = path.open("rb")
    except FileNotFoundError as error:
        raise ArtifactCorruptError(f"The file of artifact {artifact.id} is missing.") from error
    if os.fstat(file.fileno()).st_size != artifact.size_bytes:
        file.close()
        raise ArtifactCorruptError(f"The file of artifact {artifact.id} has changed.")
    return _read(file, offset, min(limit or artifact.size_bytes, artifact.size_bytes - offset))


def _read(file: BinaryIO, offset: int, count: int) -> Iterator[bytes]:
    with file:
        file.seek(offset)
        while count > 0 and (data := file.read(min(CHUNK_BYTES, count))):
            count -= len(data)
            yield data
