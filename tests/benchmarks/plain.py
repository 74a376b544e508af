"""What REST is measured against: FastAPI under uvicorn that serves the same bytes.

It knows no tokens, no jobs and no database: the floor of what such a service takes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, File, Response, UploadFile
from fastapi.responses import FileResponse


def application(directory: Path) -> FastAPI:
    """Return an application that serves and stores files in ``directory``."""
    app = FastAPI()
    job = (directory / "job.json").read_bytes()

    @app.get("/job")
    async def read() -> Response:
        return Response(job, media_type="application/json")

    @app.post("/upload")
    def upload(video: Annotated[UploadFile, File()]) -> dict[str, int]:
        with (directory / "stored").open("wb") as stored:
            shutil.copyfileobj(video.file, stored, 2**20)
            return {"size": stored.tell()}

    @app.post("/safe-upload")
    def safe_upload(video: Annotated[UploadFile, File()]) -> dict[str, str]:
        digest = hashlib.sha256()
        with (directory / "stored").open("wb") as stored:
            while piece := video.file.read(2**20):
                digest.update(piece)
                stored.write(piece)
            os.fsync(stored.fileno())
        return {"sha256": digest.hexdigest()}

    @app.get("/download")
    async def download() -> FileResponse:
        return FileResponse(directory / "large.mp4")

    return app


@contextmanager
def serving(directory: Path) -> Iterator[tuple[tuple[str, int], int]]:
    """Yield the address of a server of its own on ``directory``, and its process id."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.plain", str(directory), str(listener.fileno())],
            pass_fds=[listener.fileno()],
            env={**os.environ, "TMPDIR": str(directory)},
        )
        try:
            yield listener.getsockname(), process.pid
        finally:
            process.terminate()
            process.wait()


def main() -> None:
    """Serve: directory and file descriptor of the listening socket are the arguments."""
    import uvicorn

    # Not by uvicorn's own way for descriptors: it takes them for Unix sockets, and Nagle's algorithm stays on.
    config = uvicorn.Config(application(Path(sys.argv[1])), log_level="warning")
    uvicorn.Server(config).run([socket.socket(fileno=int(sys.argv[2]))])


if __name__ == "__main__":
    main()
