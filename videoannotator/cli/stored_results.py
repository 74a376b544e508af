"""Fetching what jobs keep: the records of what was found, and the video they are about."""

from __future__ import annotations

import zipfile
from contextlib import closing
from pathlib import Path

from videoannotator.cli.session import Session
from videoannotator.cli.transfer import transfer_bar
from videoannotator.errors import InvalidRequestError
from videoannotator.v1.types_pb2 import Artifact

_NEEDED = ("ndjson", "provenance")
"""Formats of the artifacts that tell everything that was found."""


def fetch_records(session: Session, job: str, directory: Path) -> None:
    """Fetch the records of a job. A word that can be no id is taken for a directory that is not there."""
    needed = [each for each in _artifacts(session, job) if each.format in _NEEDED]
    with closing(transfer_bar(session.terminal)) as bar:
        for artifact in needed:
            session.client.download(artifact, directory, progress=bar)


def fetch_records_and_video(session: Session, job: str, directory: Path) -> Path:
    """Fetch the records of a job and its video; return the video."""
    records = {each.name for each in _artifacts(session, job) if each.format in _NEEDED}
    with closing(transfer_bar(session.terminal)) as bar:
        archive = session.client.download_archive(
            job, directory / "job.zip", include_video=True, formats=_NEEDED, progress=bar
        )
    with zipfile.ZipFile(archive) as opened:
        # Whatever a name says, nothing lands outside of the directory.
        paths = {name: Path(opened.extract(name, directory)) for name in opened.namelist()}
    archive.unlink()
    return next(path for name, path in paths.items() if name not in records)


def _artifacts(session: Session, job: str) -> list[Artifact]:
    """Return what a job left; it has records."""
    if not job.isalnum():
        raise InvalidRequestError(
            f"There is no directory {job}.",
            field="JOB|DIRECTORY",
            hint="Name a directory with results, or the id of a job as `videoannotator jobs list` shows it.",
        )
    artifacts = session.client.artifacts(job)
    if not any(each.format == "ndjson" for each in artifacts):
        raise InvalidRequestError(
            f"Job {job} has no records.",
            hint=f"`videoannotator jobs show {job}` says how it ended, `jobs retry {job}` runs it again.",
        )
    return artifacts
