"""Handing out what jobs left, after checking whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from videoannotator.errors import ArtifactCorruptError, ArtifactNotFoundError, VideoNotFoundError
from videoannotator.service.artifacts.archive import Archive, ArchiveMember
from videoannotator.service.artifacts.repository import ArtifactRepository
from videoannotator.service.artifacts.stored_files import display_name, read_artifact
from videoannotator.service.auth.access import Principal
from videoannotator.service.auth.audit_log import Action, AuditLog
from videoannotator.service.database.tables import ArtifactRow
from videoannotator.service.jobs.repository import JobRepository
from videoannotator.service.storage_layout import Layout
from videoannotator.service.videos.repository import VideoRepository

_MAIN_FORMATS = ("coco", "webvtt", "vtt", "rttm", "json", "csv")


class Downloads:
    """Opens artifacts and archives for a principal."""

    def __init__(
        self,
        artifacts: ArtifactRepository,
        jobs: JobRepository,
        videos: VideoRepository,
        layout: Layout,
        audit_log: AuditLog,
    ) -> None:
        self._artifacts = artifacts
        self._jobs = jobs
        self._videos = videos
        self._layout = layout
        self._audit_log = audit_log

    def artifacts(self, principal: Principal, job_id: str) -> Sequence[ArtifactRow]:
        """Return the committed artifacts of a job."""
        return self._jobs.get(principal, job_id).artifacts

    def artifact(self, principal: Principal, artifact_id: str) -> ArtifactRow:
        """Return an artifact by its id; ArtifactNotFoundError if there is none."""
        return self._artifacts.get(principal, artifact_id)

    def named(self, principal: Principal, job_id: str, name: str) -> ArtifactRow:
        """Return the artifact of a job that has a name; ArtifactNotFoundError if there is none."""
        for artifact in self.artifacts(principal, job_id):
            if artifact.name == name:
                return artifact
        raise ArtifactNotFoundError(f"Job {job_id} has no artifact {name!r}.", {"job_id": job_id, "name": name})

    def main_result(self, principal: Principal, job_id: str, pipeline: str) -> ArtifactRow:
        """Return the file that says most about a pipeline's records; ArtifactNotFoundError if there is none."""
        found = [artifact for artifact in self.artifacts(principal, job_id) if artifact.pipeline == pipeline]
        if not found:
            message = f"Job {job_id} has no file of {pipeline}."
            raise ArtifactNotFoundError(message, {"job_id": job_id, "pipeline": pipeline})
        return min(found, key=main_first)

    def read(self, principal: Principal, artifact: ArtifactRow, offset: int = 0, limit: int = 0) -> Iterator[bytes]:
        """Return the bytes of an artifact from ``offset``, at most ``limit`` of them unless it is 0.

        Raises:
            RangeNotSatisfiableError: The file is shorter than ``offset``.
            ArtifactCorruptError: The file is gone or has changed.
        """
        self._audit_log.record(principal, Action.RESULT_READ, job_id=artifact.job_id, artifact_id=artifact.id)
        return read_artifact(self._layout, artifact, offset, limit)

    def archive(
        self, principal: Principal, job_id: str, *, include_video: bool = False, formats: frozenset[str] = frozenset()
    ) -> Archive:
        """Return a zip of a job's artifacts of ``formats`` (all when empty).

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
            raise ArtifactCorruptError(f"The files of {', '.join(missing)} are missing.", {"names": missing})
        if include_video:
            video = self._videos.get(principal, view.job.video_id)
            suffix = PurePosixPath(video.filename).suffix.lower()
            path = self._layout.video(video.id)
            if not path.is_file():
                raise VideoNotFoundError(f"The file of video {video.id} is missing.", {"video_id": video.id})
            members.append(ArchiveMember(display_name(video.filename, f"source{suffix}"), path))
        self._audit_log.record(
            principal, Action.RESULT_READ, job_id=job_id, video_id=view.job.video_id if include_video else None
        )
        return Archive(f"job_{job_id}_artifacts.zip", members)


def main_first(artifact: ArtifactRow) -> tuple[int, str]:
    """Order the artifacts of one pipeline: the file that says most about its records comes first."""
    rank = _MAIN_FORMATS.index(artifact.format) if artifact.format in _MAIN_FORMATS else len(_MAIN_FORMATS)
    return rank, artifact.name
