"""Writing the files of one annotated video."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from videoannotator.annotations import Record
from videoannotator.engine.pipeline_run import PipelineRun
from videoannotator.export import index, tracks
from videoannotator.export.artifact_writer import ArtifactWriter
from videoannotator.formats import ndjson
from videoannotator.media.info import MediaInfo
from videoannotator.outcome import ArtifactFile
from videoannotator.results import provenance
from videoannotator.results.durable_files import flush_directory, full_disk_as_error
from videoannotator.results.result import Result

_JSON = "application/json"


class Export:
    """Turns runs into results, and results into files."""

    def __init__(
        self, directory: Path, prefix: str, shown_prefix: str, video: str, info: MediaInfo, document: Mapping[str, Any]
    ) -> None:
        """``prefix``: of the files' names here; ``shown_prefix``: of their names where they are handed out.

        ``document``: the provenance that all pipelines share.
        """
        self._directory = directory
        self._prefix = prefix
        self._shown_prefix = shown_prefix
        self._video = video
        self._info = info
        self._document = document

    def write(
        self, runs: Sequence[PipelineRun], outputs: Sequence[str], check: Callable[[], None]
    ) -> list[ArtifactFile]:
        """Write everything that the completed ``runs`` have to tell; nothing at all if none completed.

        ``check`` is called before each file and may raise. Raises StorageExhaustedError.
        """
        completed = [run for run in runs if run.error is None]
        if not completed:
            return []
        writer = ArtifactWriter(self._directory, self._prefix, check)
        whole = {**self._document, "pipelines": [_pipeline(run) for run in runs]}
        with full_disk_as_error(self._directory):
            self._directory.mkdir(parents=True, exist_ok=True)
            results, identities = tracks.identified([each for run in completed for each in self._results(run)])
            for run in completed:
                _write_run(writer, run, [each for each in results if each.pipeline == run.spec.name], outputs)
            if tracks.has_identities(results):
                writer.write_tracks(identities, outputs, whole)
            writer.write_job(results, [output for output in outputs if _anyone_makes(completed, output)], whole)
            writer.add(provenance.NAME, None, "provenance", _JSON, whole, partial(provenance.write, document=whole))
            writer.add(index.NAME, None, "results", _JSON, whole, self._index(runs, results, writer))
            flush_directory(self._directory)
        return writer.files

    def _results(self, run: PipelineRun) -> list[Result]:
        """Return a result for each type of record that the pipeline produces."""
        own = {**self._document, "pipeline": _pipeline(run)}
        return [
            Result(self._video, self._info, run.spec.name, record, found, run.frames, run.thumbnails, own)
            for record, found in _by_type(run)
        ]

    def _index(
        self, runs: Sequence[PipelineRun], results: Sequence[Result], writer: ArtifactWriter
    ) -> Callable[[Path], None]:
        outcomes = [run.outcome() for run in runs]
        files = {f"{self._shown_prefix}{file.name.removeprefix(self._prefix)}": file for file in writer.files}
        return partial(
            index.write, document=self._document, info=self._info, runs=outcomes, results=results, files=files
        )


def _write_run(writer: ArtifactWriter, run: PipelineRun, results: Sequence[Result], outputs: Sequence[str]) -> None:
    name, origin = run.spec.name, results[0].provenance
    writer.add(f"{name}{ndjson.SUFFIX}", name, "ndjson", ndjson.MEDIA_TYPE, origin, partial(ndjson.write, results))
    writer.write_pipeline(results, [output for output in outputs if _makes(run, output)])


def _by_type(run: PipelineRun) -> Iterator[tuple[type[Record], Sequence[Record]]]:
    if len(run.spec.records) == 1:
        yield run.spec.records[0], run.records
        return
    for record in run.spec.records:
        yield record, [entry for entry in run.records if isinstance(entry, record)]


def _makes(run: PipelineRun, output: str) -> bool:
    return any(each.format == output for each in run.spec.outputs)


def _anyone_makes(runs: Sequence[PipelineRun], output: str) -> bool:
    return any(_makes(run, output) for run in runs)


def _pipeline(run: PipelineRun) -> dict[str, Any]:
    entry = provenance.pipeline(run.spec.name, run.config, run.models, len(run.frames))
    if run.error is not None:
        return {**entry, "status": "failed", "error": run.error.code}
    return {**entry, "status": "completed"}
