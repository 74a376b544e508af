"""How long ended jobs are kept, and their removal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from videoannotator.service.artifacts.stored_files import remove_job
from videoannotator.service.database.tables import ArtifactRow, JobRow, VideoRow
from videoannotator.service.jobs.removal import forget_job, forget_video_if_unused
from videoannotator.service.jobs.states import TERMINAL, JobStatus
from videoannotator.service.jobs.unit_of_work import UnitOfWork
from videoannotator.service.leftovers import Kind, Leftover
from videoannotator.service.storage_layout import Layout

_DAY = 86400.0
_ENDED_AT = func.coalesce(JobRow.completed_at, JobRow.cancelled_at)
_AT_ONCE = 1000
"""Most things that one round removes, so that the chores beside it are not kept waiting."""

Rule = Mapping[str, int]
"""Days after which a job that ended in a status goes; one that is not named stays."""


class Retention:
    """Finds and removes what was kept long enough. What has not ended is never touched."""

    def __init__(self, unit_of_work: UnitOfWork, layout: Layout, rule: Rule, *, with_videos: bool) -> None:
        """``with_videos``: whether a video goes when no job is left of it."""
        self._unit_of_work = unit_of_work
        self._layout = layout
        self._rule = rule
        self._with_videos = with_videos

    def due(self, limit: int | None = None) -> list[Leftover]:
        """Return what may go now: jobs, those that ended first before the others, and videos that never had one."""
        with self._unit_of_work.read() as session:
            sizes = select(func.sum(ArtifactRow.size_bytes)).where(ArtifactRow.job_id == JobRow.id)
            query = select(JobRow, _ENDED_AT, sizes.correlate(JobRow).scalar_subquery())
            jobs = session.exec(query.where(self._is_due()).order_by(_ENDED_AT, col(JobRow.id)).limit(limit)).all()
            videos = session.exec(self._unused_videos().limit(limit)).all() if self._removes_videos() else []
        return [
            *(
                Leftover(Kind.JOB, job.id, job.owner, job.video_filename, ended_at, int(size or 0))
                for job, ended_at, size in jobs
            ),
            *(
                Leftover(Kind.UNUSED_VIDEO, video.id, video.owner, video.filename, video.created_at, video.size_bytes)
                for video in videos
            ),
        ]

    def remove(self, leftover: Leftover) -> bool:
        """Remove a job or a video that was due; return False if that is not so any more, because it was used again."""
        return self._remove_job(leftover.id) if leftover.kind is Kind.JOB else self._remove_video(leftover.id)

    def apply(self) -> Sequence[Leftover]:
        """Remove what may go now, at most a thousand things; return it."""
        return [leftover for leftover in self.due(_AT_ONCE) if self.remove(leftover)]

    def _remove_job(self, job_id: str) -> bool:
        with self._unit_of_work.write() as transaction:
            due = select(JobRow).where(JobRow.id == job_id, self._is_due()).with_for_update()
            job = transaction.session.exec(due).first()
            if job is None:
                return False
            video_id = forget_job(transaction.session, job, with_video=self._with_videos)
        # In this order: files without a row are swept later, a row without its files would promise too much.
        remove_job(self._layout, job_id)
        if video_id is not None:
            self._layout.remove_video(video_id)
        return True

    def _remove_video(self, video_id: str) -> bool:
        with self._unit_of_work.write() as transaction:
            if not forget_video_if_unused(transaction.session, video_id):
                return False
        self._layout.remove_video(video_id)
        return True

    def _removes_videos(self) -> bool:
        return self._with_videos and JobStatus.COMPLETED in self._rule

    def _is_due(self) -> ColumnElement[bool]:
        now = self._unit_of_work.clock()
        own = and_(col(JobRow.retention_days) > 0, now - _DAY * col(JobRow.retention_days) > _ENDED_AT)
        ruled = [
            and_(col(JobRow.retention_days).is_(None), col(JobRow.status) == status, now - _DAY * days > _ENDED_AT)
            for status, days in self._rule.items()
        ]
        return and_(col(JobRow.status).in_([*TERMINAL]), or_(own, *ruled))

    def _unused_videos(self) -> SelectOfScalar[VideoRow]:
        horizon = self._unit_of_work.clock() - _DAY * self._rule[JobStatus.COMPLETED]
        used = select(JobRow.id).where(JobRow.video_id == VideoRow.id).exists()
        return (
            select(VideoRow)
            .where(VideoRow.state == "ready", VideoRow.created_at < horizon, ~used)
            .order_by(col(VideoRow.created_at), col(VideoRow.id))
        )
