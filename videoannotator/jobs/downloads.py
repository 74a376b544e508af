"""Handing out what jobs left, after checking whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from videoannotator.access import Principal
from videoannotator.database.tables import ArtifactRow
from videoannotator.errors import ArtifactCorruptError, VideoNotFoundError
from videoannotator.jobs.repository import JobRepository
from videoannotator.storage.layout import Layout
from videoannotator.storage.results import ArchiveMember, display_name, read_artifact, zip_members
from videoannotator.storage.videos import VideoRepository


class Downloads:
    """Opens artifacts and archives for a principal."""

    def __init__(self, jobs: JobRepository, videos: VideoRepository, layout: Layout) -> None:
        self._jobs = jobs
        self._videos = videos
        self._layout = layout

    def artifacts(self, principal: Principal, job_id: str) -> Sequence[ArtifactRow]:
        """Return the committed artifacts of a job."""
        return self._jobs.get(principal, job_id).artifacts

    def open(
        self, principal: Principal, artifact_id: str, offset: int = 0, limit: int = 0
    ) -> tuple[ArtifactRow, Iterator[bytes]]:
        """Return an artifact and its bytes from ``offset``.

        Raises:
            ArtifactNotFoundError, RangeNotSatisfiableError, ArtifactCorruptError

        """
        artifact = self._jobs.artifact(principal, artifact_id)
        return artifact, read_artifact(self._layout, artifact, offset, limit)

    def archive(
        self, principal: Principal, job_id: str, *, include_video: bool = False, formats: frozenset[str] = frozenset()
    ) -> tuple[str, Iterator[bytes]]:
        """Return the name and the bytes of a zip of a job's artifacts of ``formats`` (all when empty).

        Raises:
            JobNotFoundError: No such job.
            VideoNotFoundError: The video is asked for, but was deleted.
            ArtifactCorruptError: A file is missing.

        """
        view = self._jobs.get(principal, job_id)
        members = [
            ArchiveMember(row.name, self._layout.results / row.path)
            for row in view.artifacts
            if not formats or row.format in formats
        ]
        missing = [member.name for member in members if not member.path.is_file()]
        if missing:
            raise ArtifactCorruptError(f"the files of {', '.join(missing)} are missing", {"names": missing})
        if include_video:
            video = self._videos.get(principal, view.job.video_id)
            suffix = PurePosixPath(video.filename).suffix.lower()
            path = self._layout.video(video.id)
            if not path.is_file():
                raise VideoNotFoundError(f"the file of video {video.id} is missing", {"video_id": video.id})
            members.append(ArchiveMember(display_name(video.filename, f"source{suffix}"), path))
        return f"job_{job_id}_artifacts.zip", zip_members(members)
