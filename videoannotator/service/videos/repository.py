"""The rows of videos. Every query is filtered by owner here, so that no caller can forget it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import tuple_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from videoannotator.errors import QuotaExceededError, RequestConflictError, VideoInUseError, VideoNotFoundError
from videoannotator.media.info import MediaInfo
from videoannotator.service.auth.access import Principal
from videoannotator.service.clock import Clock
from videoannotator.service.database.connection import Database
from videoannotator.service.database.tables import JobRow, VideoRow
from videoannotator.service.jobs.states import TERMINAL


@dataclass(frozen=True, slots=True)
class NewVideo:
    """A validated announcement of an upload."""

    filename: str
    size_bytes: int
    sha256: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class VideoPage:
    """A page of a list of videos."""

    videos: tuple[VideoRow, ...]
    total: int
    last_key: tuple[float, str] | None
    """Where the next page starts; None on the last."""


class VideoRepository:
    """Reads and changes videos on behalf of a principal."""

    def __init__(self, database: Database, clock: Clock, max_owner_bytes: int, expiry: float) -> None:
        self._database = database
        self._clock = clock
        self._max_owner_bytes = max_owner_bytes
        self._expiry = expiry

    def create(self, principal: Principal, new: NewVideo) -> VideoRow:
        """Announce an upload, or return the one that the same request announced before.

        Raises:
            RequestConflictError: The request_id was used for another file.
            QuotaExceededError: The owner keeps too many bytes.
        """
        try:
            return self._create(principal, new)
        except IntegrityError:
            # PostgreSQL let two calls with one request_id pass at the same moment; the other's video is there now.
            return self._create(principal, new)

    def _create(self, principal: Principal, new: NewVideo) -> VideoRow:
        with self._database.write() as session:
            if known := _repeated(session, principal, new):
                return known
            self._check_quota(session, principal, new.size_bytes)
            now = self._clock()
            video = VideoRow(
                id=uuid4().hex,
                owner=principal.owner,
                filename=new.filename,
                size_bytes=new.size_bytes,
                sha256=new.sha256,
                request_id=new.request_id,
                created_at=now,
                expires_at=now + self._expiry,
            )
            session.add(video)
            return video

    def add(self, principal: Principal, video_id: str, new: NewVideo, media: MediaInfo) -> VideoRow:
        """Record a video whose file is there already; QuotaExceededError if the owner keeps too many bytes."""
        with self._database.write() as session:
            self._check_quota(session, principal, new.size_bytes)
            video = VideoRow(
                id=video_id,
                owner=principal.owner,
                filename=new.filename,
                size_bytes=new.size_bytes,
                committed_bytes=new.size_bytes,
                state="ready",
                sha256=new.sha256,
                created_at=self._clock(),
                media=media.model_dump(),
            )
            session.add(video)
            return video

    def get(self, principal: Principal, video_id: str) -> VideoRow:
        """Return one video."""
        with self._database.read() as session:
            return _visible(session, principal, video_id)

    def list(self, principal: Principal, limit: int, after: tuple[float, str] | None = None) -> VideoPage:
        """Return up to ``limit`` videos after the key ``after``, newest first."""
        query = select(VideoRow)
        if not principal.is_admin:
            query = query.where(VideoRow.owner == principal.owner)
        columns = (col(VideoRow.created_at), col(VideoRow.id))
        page = query.order_by(*(column.desc() for column in columns)).limit(limit + 1)
        if after is not None:
            page = page.where(tuple_(*columns) < after)
        with self._database.read() as session:
            total = session.exec(select(func.count()).select_from(query.subquery())).one()
            rows = list(session.exec(page))
        shown = rows[:limit]
        key = (shown[-1].created_at, shown[-1].id) if len(rows) > limit else None
        return VideoPage(tuple(shown), total, key)

    def delete(self, principal: Principal, video_id: str) -> None:
        """Forget a video; its file is the caller's to remove.

        Raises:
            VideoInUseError: A job that has not ended needs it.
        """
        with self._database.write() as session:
            delete_video(session, principal, video_id)

    def advance(self, video_id: str, committed_bytes: int) -> VideoRow:
        """Record that more bytes are safely on disk."""
        with self._database.write() as session:
            video = _existing(session, video_id)
            video.committed_bytes = committed_bytes
            video.expires_at = self._clock() + self._expiry
            return video

    def finish(self, video_id: str, sha256: str, media: MediaInfo) -> VideoRow:
        """Make a video READY."""
        with self._database.write() as session:
            video = _existing(session, video_id)
            video.state = "ready"
            video.sha256 = sha256
            video.media = media.model_dump()
            video.expires_at = None
            return video

    def discard(self, video_id: str) -> None:
        """Forget an upload that turned out to be useless."""
        with self._database.write() as session:
            video = session.get(VideoRow, video_id, with_for_update=True)
            if video is not None:
                session.delete(video)

    def expired(self) -> Sequence[str]:
        """Return the ids of unfinished uploads that were not continued."""
        with self._database.read() as session:
            query = select(VideoRow.id).where(VideoRow.state == "uploading", col(VideoRow.expires_at) < self._clock())
            return session.exec(query).all()

    def bytes_to_come(self) -> int:
        """Return the bytes that running uploads have announced and that have not arrived."""
        missing = func.sum(VideoRow.size_bytes - VideoRow.committed_bytes)
        with self._database.read() as session:
            return int(session.exec(select(missing).where(VideoRow.state == "uploading")).one() or 0)

    def _check_quota(self, session: Session, principal: Principal, more: int) -> None:
        sizes = select(func.sum(VideoRow.size_bytes)).where(VideoRow.owner == principal.owner)
        kept = int(session.exec(sizes).one() or 0)
        if kept + more > self._max_owner_bytes:
            raise QuotaExceededError(
                f"{principal.owner} keeps {kept} bytes of videos; {more} more would pass the limit.",
                {"kept_bytes": kept, "limit_bytes": self._max_owner_bytes},
            )


def delete_video(session: Session, principal: Principal, video_id: str) -> None:
    """Delete the row of a video; see `VideoRepository.delete`."""
    video = _visible(session, principal, video_id, lock=True)
    users = session.exec(
        select(JobRow.id).where(JobRow.video_id == video_id, col(JobRow.status).not_in([*TERMINAL])).limit(20)
    ).all()
    if users:
        raise VideoInUseError(
            f"Video {video_id} is needed by {len(users)} job(s).",
            {"video_id": video_id, "job_ids": list(users)},
        )
    session.delete(video)


def _repeated(session: Session, principal: Principal, new: NewVideo) -> VideoRow | None:
    if new.request_id is None:
        return None
    query = select(VideoRow).where(VideoRow.owner == principal.owner, VideoRow.request_id == new.request_id)
    known = session.exec(query).first()
    if known is None:
        return None
    same = (known.filename, known.size_bytes) == (new.filename, new.size_bytes)
    if not same or (new.sha256 is not None and known.sha256 not in (None, new.sha256)):
        raise RequestConflictError(
            f"request_id {new.request_id!r} was used for another video.", {"video_id": known.id}, field="request_id"
        )
    return known


def _existing(session: Session, video_id: str) -> VideoRow:
    video = session.get(VideoRow, video_id, with_for_update=True)
    if video is None:
        raise VideoNotFoundError(f"Video {video_id} was deleted.", {"video_id": video_id})
    return video


def _visible(session: Session, principal: Principal, video_id: str, *, lock: bool = False) -> VideoRow:
    video = session.get(VideoRow, video_id, with_for_update=lock or None)
    if video is None or not principal.may_see(video.owner):
        raise VideoNotFoundError(f"There is no video {video_id}.", {"video_id": video_id})
    return video
