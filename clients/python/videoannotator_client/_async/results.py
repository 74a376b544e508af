"""Reading what jobs left."""

from __future__ import annotations

import os
from pathlib import Path

from videoannotator.v1.artifacts_pb2 import DownloadArchiveRequest, ListArtifactsRequest
from videoannotator.v1.jobs_pb2 import GetJobRequest
from videoannotator.v1.types_pb2 import Artifact
from videoannotator_client._async import download as downloading
from videoannotator_client._async.connection import AsyncConnection
from videoannotator_client.names import Names, names_in
from videoannotator_client.progress import ProgressOption, reporter
from videoannotator_client.requests import JobOrId, id_of
from videoannotator_client.tables import Frames, frame_of, require_pandas, table_name


class AsyncResultOperations:
    """What a client does with the results of jobs."""

    _connection: AsyncConnection

    async def artifacts(self, job: JobOrId) -> list[Artifact]:
        """Return the files that a job left."""
        request = ListArtifactsRequest(job_id=id_of(job))
        answer = await self._connection.call(self._connection.stubs.artifacts.ListArtifacts, request)
        return list(answer.artifacts)

    async def download(
        self, artifact: Artifact, directory: str | os.PathLike[str] = ".", *, progress: ProgressOption = False
    ) -> Path:
        """Put one artifact into a directory, resumed and verified; a file that is there and right is left alone.

        Raises:
            ArtifactCorruptError: If it arrives with a wrong checksum.
        """
        with reporter(progress) as report:
            return await downloading.download(self._connection, artifact, Path(directory), report)

    async def download_results(
        self,
        job: JobOrId,
        directory: str | os.PathLike[str] = ".",
        *,
        formats: Names = (),
        progress: ProgressOption = False,
    ) -> list[Path]:
        """Put all artifacts of a job, or those of ``formats``, into a directory, resumed and verified.

        Raises:
            ArtifactCorruptError: If one arrives with a wrong checksum.
        """
        wanted = names_in(formats)
        paths = []
        with reporter(progress) as report:
            for artifact in await self.artifacts(job):
                if not wanted or artifact.format in wanted:
                    paths.append(await downloading.download(self._connection, artifact, Path(directory), report))
        return paths

    async def download_archive(
        self,
        job: JobOrId,
        path: str | os.PathLike[str],
        *,
        include_video: bool = False,
        formats: Names = (),
        progress: ProgressOption = False,
    ) -> Path:
        """Write a zip of a job's artifacts, and of its video if wanted, to ``path``, or into it if it is a directory.

        Raises:
            ArtifactCorruptError: If it arrives damaged.
        """
        request = DownloadArchiveRequest(job_id=id_of(job), include_video=include_video, formats=names_in(formats))
        with reporter(progress) as report:
            return await downloading.archive(self._connection, request, Path(path), report)

    async def results(self, job: JobOrId, *, pipelines: Names = (), progress: ProgressOption = False) -> Frames:
        """Return the tables of a job, or of some of its ``pipelines``, as pandas DataFrames by name.

        Their names are those of the files without that of the video: ``person_tracking``,
        ``person_tracking_keypoints``, and ``tracks`` of all pipelines together.

        Raises:
            ConfigurationError: If pandas is not installed.
        """
        require_pandas()
        wanted = names_in(pipelines)
        found = await self._connection.call(self._connection.stubs.jobs.GetJob, GetJobRequest(job_id=id_of(job)))
        frames = {}
        with reporter(progress) as report:
            for artifact in await self.artifacts(job):
                if artifact.media_type == "text/csv" and (not wanted or artifact.pipeline in wanted):
                    content = await downloading.content(self._connection, artifact, report)
                    frames[table_name(artifact, found)] = frame_of(artifact, content)
        return frames
