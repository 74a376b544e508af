"""Files without rows and rows without files: found while the service runs, and settled where that is safe."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from sqlmodel import col, select

from videoannotator.service.clock import Clock
from videoannotator.service.database.connection import Database
from videoannotator.service.database.tables import ArtifactRow, JobRow, VideoRow
from videoannotator.service.jobs.states import JobStatus
from videoannotator.service.leftovers import Kind, Leftover, size_of
from videoannotator.service.storage_layout import Layout


class Orphans:
    """Compares the storage directory with the database."""

    def __init__(self, database: Database, layout: Layout, clock: Clock, min_age: float) -> None:
        """``min_age``: seconds for which nothing was written into files that count as stray; 0 before anything runs."""
        self._database = database
        self._layout = layout
        self._clock = clock
        self._min_age = min_age

    def stray_files(self) -> list[Leftover]:
        """Return the directories that no row speaks of, and job directories with nothing in them."""
        # The directories first: what begins after that is not among them, and what ends before it has its row by then.
        uploads = list(self._layout.uploads.iterdir())
        jobs = list(self._layout.results.iterdir())
        attempts = [attempt for job in jobs for attempt in _entries(job)]
        with self._database.read() as session:
            videos = set(session.exec(select(VideoRow.id)))
            active = [JobStatus.RUNNING, JobStatus.CANCELLING]
            working = set(session.exec(select(JobRow.id).where(col(JobRow.status).in_(active))))
            committed = session.exec(select(ArtifactRow.job_id, ArtifactRow.attempt).distinct()).all()
        kept = {(job_id, str(attempt)) for job_id, attempt in committed}
        strays = [path for path in uploads if path.name not in videos]
        strays += [
            path for path in attempts if path.parent.name not in working and (path.parent.name, path.name) not in kept
        ]
        strays += [job for job in jobs if job.name not in working and not _entries(job)]
        return [self._leftover(path) for path in strays if self._is_old(path)]

    def lost_files(self) -> list[Leftover]:
        """Return the rows whose files are gone."""
        with self._database.read() as session:
            of_video = (VideoRow.id, VideoRow.owner, VideoRow.filename, VideoRow.created_at)
            videos = session.exec(select(*of_video).where(VideoRow.state == "ready")).all()
            of_artifact = (ArtifactRow.id, JobRow.owner, ArtifactRow.path, ArtifactRow.created_at)
            artifacts = session.exec(select(*of_artifact).join(JobRow)).all()
        return [
            *(Leftover(Kind.LOST_VIDEO, *facts) for facts in videos if not self._layout.video(facts[0]).is_file()),
            *(
                Leftover(Kind.LOST_RESULT, *facts)
                for facts in artifacts
                if not (self._layout.results / facts[2]).is_file()
            ),
        ]

    def remove(self, stray: Leftover) -> None:
        """Remove stray files, and the directory of their job when nothing is left in it."""
        path = self._layout.root / stray.id
        if path.parent.parent == self._layout.results:
            shutil.rmtree(path)
            path = path.parent
        if path.parent == self._layout.results:
            # Not with what is in it: an attempt may begin at this moment.
            with suppress(OSError):
                path.rmdir()
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def sweep(self) -> int:
        """Remove all stray files; return how many directories there were."""
        strays = self.stray_files()
        for stray in strays:
            self.remove(stray)
        return len(strays)

    def _leftover(self, path: Path) -> Leftover:
        name = path.relative_to(self._layout.root).as_posix()
        return Leftover(Kind.STRAY_FILES, name, since=_written_at(path), size_bytes=size_of(path))

    def _is_old(self, path: Path) -> bool:
        return not self._min_age or _written_at(path) <= self._clock() - self._min_age


def _entries(directory: Path) -> list[Path]:
    """Return what is in a directory; nothing if it is gone by now, or none."""
    try:
        return list(directory.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _written_at(path: Path) -> float:
    """Return when something was last written into a path; 0 if it is gone."""
    try:
        return max(each.stat().st_mtime for each in (path, *path.rglob("*")))
    except FileNotFoundError:
        return 0.0
