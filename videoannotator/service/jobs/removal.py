"""Forgetting jobs that have ended and, where that is wanted, videos that no job is left of."""

from __future__ import annotations

from sqlmodel import Session, col, select

from videoannotator.service.database.tables import JobRow, VideoRow


def forget_job(session: Session, job: JobRow, *, with_video: bool) -> str | None:
    """Delete the rows of a job that has ended; its files are the caller's to remove.

    Args:
        session: An open transaction.
        job: Locked in it.
        with_video: Whether the job's video goes, too, if no other job is left of it.

    Returns:
        The id of the video, if it went.
    """
    session.delete(job)
    session.flush()
    return job.video_id if with_video and forget_video_if_unused(session, job.video_id) else None


def forget_video_if_unused(session: Session, video_id: str) -> bool:
    """Delete the row of a video that no job is left of; return whether that was so."""
    # Locked first: a submission that wants the video has either added its job by now, or will find no video.
    video = session.get(VideoRow, video_id, with_for_update=True)
    if video is None or video.state != "ready":
        return False
    if session.exec(select(JobRow.id).where(col(JobRow.video_id) == video_id).limit(1)).first() is not None:
        return False
    session.delete(video)
    return True
