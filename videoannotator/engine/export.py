"""Writing the files of one annotated video."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from videoannotator.annotations import Record
from videoannotator.engine.run import Run
from videoannotator.formats import preview, provenance, tracks
from videoannotator.formats.files import flush_directory, full_disk_as_error, sha256_of
from videoannotator.formats.result import Result
from videoannotator.formats.writers import writers
from videoannotator.media.info import MediaInfo
from videoannotator.outcome import ArtifactFile

PREVIEW = "preview.png"
PROVENANCE = "provenance.json"
TRACKS = "tracks.csv"


class Export:
    """Names files, has them written, and lists them with their checksums."""

    def __init__(self, directory: Path, prefix: str, video: str, info: MediaInfo, document: Mapping[str, Any]) -> None:
        """``document``: the provenance that all pipelines share."""
        self._directory = directory
        self._prefix = prefix
        self._video = video
        self._info = info
        self._document = document
        self._artifacts: list[ArtifactFile] = []

    def write(self, runs: Sequence[Run], outputs: Sequence[str], check: Callable[[], None]) -> list[ArtifactFile]:
        """Write everything that the completed ``runs`` have to tell; nothing at all if none completed.

        ``check`` is called before each file and may raise. Raises StorageExhaustedError.
        """
        completed = [run for run in runs if run.error is None]
        if not completed:
            return []
        with full_disk_as_error(self._directory):
            self._directory.mkdir(parents=True, exist_ok=True)
            found = [result for run in completed for result in self._results(run)]
            results, identities = tracks.identified(found)
            for run in completed:
                self._write_records(
                    run, [result for result in results if result.pipeline == run.spec.name], outputs, check
                )
            whole = {**self._document, "pipelines": [_pipeline(run) for run in runs]}
            if tracks.has_identities(results):
                check()
                self._add(TRACKS, None, "tracks", "text/csv", whole, lambda path: tracks.write(identities, path))
            if "preview" in outputs:
                check()
                self._add(PREVIEW, None, "preview", "image/png", whole, lambda path: preview.write(results, path))
            check()
            files = tuple(self._artifacts)
            self._add(
                PROVENANCE,
                None,
                "provenance",
                "application/json",
                whole,
                lambda path: provenance.write(path, whole, files),
            )
            flush_directory(self._directory)
        return self._artifacts

    def _results(self, run: Run) -> list[Result]:
        """Return a result for each type of record that the pipeline produces."""
        own = {**self._document, "pipeline": _pipeline(run)}
        return [
            Result(self._video, self._info, run.spec.name, record, records, run.frames, run.album, own)
            for record, records in _by_type(run)
        ]

    def _write_records(
        self, run: Run, results: Sequence[Result], outputs: Sequence[str], check: Callable[[], None]
    ) -> None:
        name = run.spec.name
        for output in run.spec.outputs:
            for result in results if output.format in outputs else ():
                for writer in writers(output.format, result.record):
                    check()
                    write = partial(writer.write, result)
                    self._add(
                        f"{name}{writer.suffix}", name, output.format, writer.media_type, result.provenance, write
                    )

    def _add(
        self,
        name: str,
        pipeline: str | None,
        kind: str,
        media_type: str,
        origin: Mapping[str, Any],
        write: Callable[[Path], None],
    ) -> None:
        path = self._directory / f"{self._prefix}{name}"
        write(path)
        self._artifacts.append(
            ArtifactFile(
                name=path.name,
                pipeline=pipeline,
                format=kind,
                media_type=media_type,
                size_bytes=path.stat().st_size,
                sha256=sha256_of(path),
                provenance=dict(origin),
            )
        )


def _by_type(run: Run) -> Iterator[tuple[type[Record], Sequence[Record]]]:
    if len(run.spec.records) == 1:
        yield run.spec.records[0], run.records
        return
    for record in run.spec.records:
        yield record, [entry for entry in run.records if isinstance(entry, record)]


def _pipeline(run: Run) -> dict[str, Any]:
    entry = provenance.pipeline(run.spec.name, run.config, run.models, len(run.frames))
    if run.error is not None:
        return {**entry, "status": "failed", "error": run.error.code}
    return {**entry, "status": "completed"}
