"""The directory that results are written to: names files, has them written, and lists them with their checksums."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from videoannotator.checksums import sha256_of
from videoannotator.export import tracks
from videoannotator.export.writers import job_writer, writers
from videoannotator.formats import ndjson
from videoannotator.identity import Identities
from videoannotator.outcome import ArtifactFile
from videoannotator.record_types.outputs import MEDIA_TYPES
from videoannotator.results.result import Result


class ArtifactWriter:
    """Files with a common ``prefix``. A file that is there already is replaced when its successor is complete."""

    def __init__(self, directory: Path, prefix: str, check: Callable[[], None] = lambda: None) -> None:
        """``check`` is called before each file and may raise."""
        self.files: list[ArtifactFile] = []
        self._directory = directory
        self._prefix = prefix
        self._check = check

    def write_records(self, results: Sequence[Result]) -> None:
        """Write every record of one pipeline. ``results``: one for each of its types of record."""
        pipeline, origin = results[0].pipeline, results[0].provenance
        write = partial(ndjson.write, results)
        self.add(f"{pipeline}{ndjson.SUFFIX}", pipeline, "ndjson", MEDIA_TYPES["ndjson"], origin, write)

    def write_pipeline(self, results: Sequence[Result], outputs: Iterable[str]) -> None:
        """Write what one pipeline found. ``results``: one for each of its types of record."""
        for output in outputs:
            for result in results:
                for writer in writers(output, result.record):
                    name, write = f"{result.pipeline}{writer.suffix}", partial(writer.write, result)
                    self.add(name, result.pipeline, output, writer.media_type, result.provenance, write)

    def write_tracks(self, identities: Identities, outputs: Sequence[str], origin: Mapping[str, Any]) -> None:
        """Write the table of all identities: always as CSV, and as Parquet if that is among ``outputs``."""
        self.add("tracks.csv", None, "tracks", MEDIA_TYPES["csv"], origin, partial(tracks.write, identities))
        if "parquet" in outputs:
            write = partial(tracks.write_parquet, identities)
            self.add("tracks.parquet", None, "parquet", MEDIA_TYPES["parquet"], origin, write)

    def write_job(self, results: Sequence[Result], outputs: Iterable[str], origin: Mapping[str, Any]) -> None:
        """Write what tells of all pipelines together."""
        for output in outputs:
            if (writer := job_writer(output)) is not None:
                self.add(writer.name, None, output, writer.media_type, origin, partial(writer.write, results))

    def add(
        self,
        name: str,
        pipeline: str | None,
        output: str,
        media_type: str,
        origin: Mapping[str, Any],
        write: Callable[[Path], None],
    ) -> None:
        """Have ``write`` write one file. ``name``: without the prefix; ``origin``: where it comes from."""
        self._check()
        path = self._directory / f"{self._prefix}{name}"
        partial_file = path.with_name(f".{path.name}.partial")
        try:
            write(partial_file)
            partial_file.replace(path)
        finally:
            partial_file.unlink(missing_ok=True)
        self.files.append(
            ArtifactFile(
                name=path.name,
                pipeline=pipeline,
                format=output,
                media_type=media_type,
                size_bytes=path.stat().st_size,
                sha256=sha256_of(path),
                provenance=dict(origin),
            )
        )
