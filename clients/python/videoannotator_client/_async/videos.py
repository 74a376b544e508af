"""Videos on the server."""

from __future__ import annotations

from videoannotator.errors import VideoNotFoundError
from videoannotator.v1.types_pb2 import Video
from videoannotator.v1.videos_pb2 import DeleteVideoRequest, GetVideoRequest, ListVideosRequest
from videoannotator_client._async import upload as uploading
from videoannotator_client._async.connection import AsyncConnection
from videoannotator_client._async.paging import listing
from videoannotator_client.listing import Listing
from videoannotator_client.progress import ProgressOption, reporter
from videoannotator_client.sources import VideoFile, open_source


class AsyncVideoOperations:
    """What a client does with videos."""

    _connection: AsyncConnection

    async def upload(self, video: VideoFile, *, filename: str | None = None, progress: ProgressOption = False) -> Video:
        """Upload a video and return it READY; goes on where an earlier upload of the same file broke off.

        Raises:
            InvalidRequestError: If the file cannot be read.
            VideoAnnotatorError: If the server refuses the video.
        """
        with reporter(progress) as report, open_source(video, filename) as source:
            return await uploading.upload(self._connection, source, report)

    async def video(self, video_id: str) -> Video:
        """Return one video.

        Raises:
            VideoNotFoundError: If there is none.
        """
        return await self._connection.call(self._connection.stubs.videos.GetVideo, GetVideoRequest(video_id=video_id))

    async def videos(self, limit: int | None = None) -> Listing[Video]:
        """Return your videos, newest first: all, or ``limit`` of them."""
        rpc = self._connection.stubs.videos.ListVideos
        return await listing(self._connection, rpc, ListVideosRequest(), lambda page: page.videos, limit)

    async def delete_video(self, video_id: str) -> None:
        """Remove a video and its file; results of ended jobs stay.

        Raises:
            VideoNotFoundError: If there is none.
            VideoInUseError: If a job that has not ended needs it.
        """
        rpc = self._connection.stubs.videos.DeleteVideo
        await self._connection.delete(rpc, DeleteVideoRequest(video_id=video_id), VideoNotFoundError)
