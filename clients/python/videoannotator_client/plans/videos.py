"""Videos on the server."""

from __future__ import annotations

from videoannotator.errors import VideoNotFoundError
from videoannotator.v1.types_pb2 import Video
from videoannotator.v1.videos_pb2 import DeleteVideoRequest, GetVideoRequest, ListVideosRequest, ListVideosResponse
from videoannotator_client.calls import UNARY_TIMEOUT, call
from videoannotator_client.plans.deleting import deletion
from videoannotator_client.plans.paging import Listing, listing
from videoannotator_client.progress import Showing, shown
from videoannotator_client.sources import VideoFile, opened
from videoannotator_client.steps import Plan
from videoannotator_client.upload import upload as uploading


def upload(video: VideoFile, *, filename: str | None = None, progress: Showing = False) -> Plan[Video]:
    """Upload a video and return it READY; goes on where an earlier upload of the same file broke off.

    Raises:
        InvalidRequestError: If the file cannot be read.
        VideoAnnotatorError: If the server refuses the video.
    """
    with shown(progress) as report, opened(video, filename) as source:
        return (yield from uploading(source, report))


def video(video_id: str) -> Plan[Video]:
    """Return one video.

    Raises:
        VideoNotFoundError: If there is none.
    """
    return (yield from call(lambda stubs: stubs.videos.GetVideo, GetVideoRequest(video_id=video_id)))


def videos(limit: int | None = None) -> Plan[Listing[Video]]:
    """Return your videos, newest first: all, or ``limit`` of them."""
    return (yield from listing(lambda stubs: stubs.videos.ListVideos, ListVideosRequest(), _videos_of, limit))


def delete_video(video_id: str) -> Plan[None]:
    """Remove a video and its file; results of ended jobs stay.

    Raises:
        VideoNotFoundError: If there is none.
        VideoInUseError: If a job that has not ended needs it.
    """
    request = DeleteVideoRequest(video_id=video_id)
    yield from deletion(lambda stubs: stubs.videos.DeleteVideo, request, UNARY_TIMEOUT, VideoNotFoundError)


def _videos_of(page: ListVideosResponse) -> list[Video]:
    return list(page.videos)
