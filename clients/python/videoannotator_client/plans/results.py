"""Reading what jobs left."""

from __future__ import annotations

import os
from pathlib import Path

from videoannotator.v1.artifacts_pb2 import ListArtifactsRequest
from videoannotator.v1.types_pb2 import Artifact
from videoannotator_client import download as downloading
from videoannotator_client.calls import call
from videoannotator_client.names import Names, names_in
from videoannotator_client.plans.jobs import job as job_by_id
from videoannotator_client.progress import Showing, shown
from videoannotator_client.requests import JobOrId, id_of
from videoannotator_client.steps import Plan
from videoannotator_client.tables import Frames, frame_of, require_pandas, table_name


def artifacts(job: JobOrId) -> Plan[list[Artifact]]:
    """Return the files that a job left."""
    request = ListArtifactsRequest(job_id=id_of(job))
    answer = yield from call(lambda stubs: stubs.artifacts.ListArtifacts, request)
    return list(answer.artifacts)


def download(artifact: Artifact, directory: str | os.PathLike[str] = ".", *, progress: Showing = False) -> Plan[Path]:
    """Put one artifact into a directory, resumed and verified; a file that is there and right is left alone.

    Raises:
        ArtifactCorruptError: If it arrives with a wrong checksum.
    """
    with shown(progress) as report:
        return (yield from downloading.download(artifact, Path(directory), report))


def download_results(
    job: JobOrId, directory: str | os.PathLike[str] = ".", *, formats: Names = (), progress: Showing = False
) -> Plan[list[Path]]:
    """Put all artifacts of a job, or those of ``formats``, into a directory, resumed and verified.

    Raises:
        ArtifactCorruptError: If one arrives with a wrong checksum.
    """
    wanted = names_in(formats)
    paths = []
    with shown(progress) as report:
        for artifact in (yield from artifacts(job)):
            if not wanted or artifact.format in wanted:
                paths.append((yield from downloading.download(artifact, Path(directory), report)))
    return paths


def download_archive(
    job: JobOrId,
    path: str | os.PathLike[str],
    *,
    include_video: bool = False,
    formats: Names = (),
    progress: Showing = False,
) -> Plan[Path]:
    """Write a zip of a job's artifacts, and of its video if wanted, to ``path``, or into it if it is a directory.

    Raises:
        ArtifactCorruptError: If it arrives damaged.
    """
    with shown(progress) as report:
        return (
            yield from downloading.archive(
                id_of(job), Path(path), include_video=include_video, formats=names_in(formats), report=report
            )
        )


def results(job: JobOrId, *, pipelines: Names = (), progress: Showing = False) -> Plan[Frames]:
    """Return the tables of a job, or of some of its ``pipelines``, as pandas DataFrames by name.

    Their names are those of the files without that of the video: ``person_tracking``, ``person_tracking_keypoints``.

    Raises:
        ConfigurationError: If pandas is not installed.
    """
    require_pandas()
    wanted = names_in(pipelines)
    found = yield from job_by_id(id_of(job))
    frames = {}
    with shown(progress) as report:
        for artifact in (yield from artifacts(job)):
            if artifact.format == "csv" and (not wanted or artifact.pipeline in wanted):
                content = yield from downloading.content(artifact, report)
                frames[table_name(artifact, found)] = frame_of(artifact, content)
    return frames
