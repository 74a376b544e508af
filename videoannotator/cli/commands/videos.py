"""Videos on the server."""

from __future__ import annotations

from typing import Annotated

import typer

from videoannotator.cli.session import Session, client_command

app = typer.Typer(name="videos", help="List and delete videos on the server.", no_args_is_help=True)


@client_command(app, "list")
def list_videos(
    session: Session,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="Most videos to show.")] = 20,
) -> None:
    """List your videos, newest first."""
    from rich.filesize import decimal
    from rich.markup import escape
    from videoannotator_client.plain import plain

    from videoannotator.cli.job_display import local_time
    from videoannotator.v1.types_pb2 import Video, VideoState

    def state(video: Video) -> str:
        if video.state == VideoState.VIDEO_STATE_READY:
            return "[green]ready[/]"
        return f"[yellow]uploading[/] {video.committed_bytes / max(video.size_bytes, 1):.0%}"

    def length(video: Video) -> str:
        return f"{video.media.duration.ToTimedelta().total_seconds():.1f} s" if video.HasField("media") else "-"

    videos = session.client.videos(limit)
    if session.terminal.as_json:
        for video in videos:
            session.terminal.json(plain(video))
        return
    session.terminal.table(
        ["VIDEO", "STATE", "FILE", "SIZE", "LENGTH", "CREATED"],
        [
            [each.id, state(each), escape(each.filename), decimal(each.size_bytes), length(each),
             local_time(each.created_at)]
            for each in videos
        ],
    )  # fmt: skip
    if videos.total == 0:
        session.terminal.note("no videos")
    if videos.total > len(videos):
        session.terminal.note(f"{len(videos)} of {videos.total} videos; --limit shows more")


@client_command(app, "delete")
def delete(
    session: Session, videos: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of the videos.")]
) -> None:
    """Remove videos and their files. Results of ended jobs stay."""
    for video in videos:
        session.client.delete_video(video)
        if session.terminal.as_json:
            session.terminal.json({"id": video, "deleted": True})
        else:
            session.terminal.line(f"video {video}: deleted")
