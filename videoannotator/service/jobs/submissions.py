"""From a valid request to a queued job, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from videoannotator.errors import MissingStreamError, RequestConflictError, VideoNotFoundError, VideoNotReadyError
from videoannotator.media.info import MediaInfo
from videoannotator.service.auth.access import Principal
from videoannotator.service.database.tables import JobRow, VideoRow
from videoannotator.service.jobs.events import EventKind
from videoannotator.service.jobs.queue import queue_position
from videoannotator.service.jobs.quota import JobQuota
from videoannotator.service.jobs.request import JobRequest
from videoannotator.service.jobs.runs import new_runs
from videoannotator.service.jobs.states import JobStatus
from videoannotator.service.jobs.unit_of_work import Transaction, UnitOfWork
from videoannotator.service.jobs.views import JobView, view


class Submissions:
    """Queues jobs on behalf of a principal."""

    def __init__(self, unit_of_work: UnitOfWork, quota: JobQuota) -> None:
        self._unit_of_work = unit_of_work
        self._quota = quota

    def submit(self, principal: Principal, request: JobRequest, *, store: bool = True) -> JobView:
        """Queue a job, or return the one that the same request made before.

        Args:
            principal: The submitter; the job belongs to its owner.
            request: In normal form.
            store: False answers what would be queued, with an empty id, and stores nothing.

        Raises:
            VideoNotFoundError: There is no such video.
            VideoNotReadyError: Its upload is not finished.
            MissingStreamError: A pipeline needs frames, which the file does not have.
            RequestConflictError: The request_id was used for another request.
            QuotaExceededError: The owner has too many jobs that have not ended.
        """
        try:
            return self._submit(principal, request, store=store)
        except IntegrityError:
            # PostgreSQL let two calls with one request_id pass at the same moment; the other's job is there now.
            return self._submit(principal, request, store=store)

    def _submit(self, principal: Principal, request: JobRequest, *, store: bool) -> JobView:
        with self._transaction(store=store) as transaction:
            session = transaction.session
            if known := _repeated(session, principal, request):
                return view(session, known)
            video = ready_video(session, principal, request.video_id, lock=store)
            _require_frames(request, video)
            self._quota.check(session, principal)
            job = _row(principal, request, video, transaction.now)
            runs = new_runs(job, request.units)
            if not store:
                job.id = ""
                return JobView(job, runs)
            session.add(job)
            session.flush()
            session.add_all(runs)
            transaction.tell(job, EventKind.STATUS, status=job.status, attempt=0, reason="", next_attempt_at=None)
            session.flush()
            return JobView(job, runs, queue_position=queue_position(session, job))

    def _transaction(self, *, store: bool) -> AbstractContextManager[Transaction]:
        return self._unit_of_work.write() if store else self._read_only()

    @contextmanager
    def _read_only(self) -> Iterator[Transaction]:
        with self._unit_of_work.read() as session:
            yield Transaction(session, self._unit_of_work.clock())


def _repeated(session: Session, principal: Principal, request: JobRequest) -> JobRow | None:
    if request.request_id is None:
        return None
    query = select(JobRow).where(JobRow.owner == principal.owner, JobRow.request_id == request.request_id)
    known = session.exec(query).first()
    if known is not None and known.request_digest != request.digest:
        message = f"The request_id {request.request_id!r} was used for another job."
        raise RequestConflictError(message, {"job_id": known.id}, field="request_id")
    return known


def ready_video(session: Session, principal: Principal, video_id: str, *, lock: bool) -> VideoRow:
    """Return a video that can be annotated, locked against deletion if wanted.

    Raises:
        VideoNotFoundError: There is no such video.
        VideoNotReadyError: Its upload is not finished.
    """
    # A call that deletes the video waits for this transaction, and then finds the job that needs it.
    video = session.get(VideoRow, video_id, with_for_update={"read": True} if lock else None)
    if video is None or not principal.may_see(video.owner):
        raise VideoNotFoundError(f"There is no video {video_id}.", {"video_id": video_id}, field="video_id")
    if video.state != "ready":
        raise VideoNotReadyError(
            f"{video.committed_bytes} of {video.size_bytes} bytes of video {video_id} have arrived.",
            {"video_id": video_id, "committed_bytes": video.committed_bytes},
            field="video_id",
        )
    return video


def _require_frames(request: JobRequest, video: VideoRow) -> None:
    if request.need_frames and not MediaInfo.model_validate(video.media).has_video:
        raise MissingStreamError(
            f"The file has no video stream, and {', '.join(request.need_frames)} cannot work without one.",
            {"pipelines": list(request.need_frames)},
            field="pipelines",
        )


def _row(principal: Principal, request: JobRequest, video: VideoRow, now: float) -> JobRow:
    return JobRow(
        **_shared_fields(request),
        id=uuid4().hex,
        owner=principal.owner,
        video_filename=video.filename,
        video_size_bytes=video.size_bytes,
        video_duration=(video.media or {}).get("duration", 0.0),
        request_digest=request.digest,
        status=JobStatus.PENDING,
        created_at=now,
        queued_at=now,
        due_at=now,
        updated_at=now,
    )


def _shared_fields(request: JobRequest) -> dict[str, Any]:
    """Return the fields that a row has under the same name. None stands for the row's default."""
    names = [field.name for field in fields(request) if field.name in JobRow.model_fields]
    values = {name: value for name in names if (value := getattr(request, name)) is not None}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
