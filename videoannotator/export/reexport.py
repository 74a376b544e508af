"""Making files of further formats from records that were kept, without looking at the video again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from videoannotator.errors import InvalidRequestError, RecordTypeMissingError
from videoannotator.export import tracks
from videoannotator.export.artifact_writer import ArtifactWriter
from videoannotator.export.writers import job_writer, writers
from videoannotator.formats import ndjson
from videoannotator.outcome import ArtifactFile
from videoannotator.results import provenance
from videoannotator.results.durable_files import flush_directory, full_disk_as_error
from videoannotator.results.result import Result

NEED_PICTURES = ("preview",)
"""Formats that show the video itself, which no record holds."""


@dataclass(frozen=True, slots=True)
class StoredResults:
    """What is kept of one video. ``prefix``: what the names of its files begin with, for example ``clip_``."""

    prefix: str
    results: tuple[Result, ...]
    """None if no file of the video could be read."""
    unreadable: tuple[RecordTypeMissingError, ...] = ()
    """One for each file whose records are of a type that is not installed here; the other files can be used."""


def stored_in(directory: Path) -> list[StoredResults]:
    """Return what the files of records in ``directory`` hold, video by video.

    Files with records of a type that is not installed here are listed in ``unreadable``.

    Raises:
        InvalidRequestError: When there are none, one is damaged, or files with one prefix are about different videos.
        RecordTypeMissingError: When no file can be read.
    """
    files: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(directory.glob(f"*{ndjson.SUFFIX}")):
        files[path.name.removesuffix(f"{ndjson.read_header(path).pipeline}{ndjson.SUFFIX}")].append(path)
    if not files:
        raise InvalidRequestError(
            f"There are no records in {directory}: no file ends in {ndjson.SUFFIX}.",
            hint="Name a directory that `videoannotator results`, `run --output` or `annotate` filled.",
        )
    stored = [_stored(directory, prefix, paths) for prefix, paths in files.items()]
    if not any(each.results for each in stored):
        require_readable(stored)
    return stored


def require_readable(kept: Sequence[StoredResults]) -> None:
    """Do nothing if every file of records could be read. Call it after the others were put to use.

    Raises:
        RecordTypeMissingError: When records of a type that is not installed here were left out. It names all of them.
    """
    errors = [error for each in kept for error in each.unreadable]
    if errors:
        raise RecordTypeMissingError(" ".join(each.message for each in errors), errors[0].detail, errors[0].hint)


def require_possible(kept: Sequence[StoredResults], outputs: Iterable[str]) -> None:
    """Raise InvalidRequestError if one of ``outputs`` cannot be made of what is ``kept``."""
    for output in outputs:
        if output in NEED_PICTURES:
            raise InvalidRequestError(
                f"A {output} cannot be made of records: it shows frames of the video.",
                hint=f"Annotate the video again with --outputs {output}.",
            )
        if output == "ndjson":
            raise InvalidRequestError("Records are kept as ndjson already.", hint="Choose another format.")
        if not any(possible(output, entry.results) for entry in kept):
            found = sorted({result.record.record_type.name for entry in kept for result in entry.results})
            raise InvalidRequestError(
                f"There is nothing to write as {output}: the records are of type {', '.join(found)}.",
                hint="Docs/formats.md says which format holds which records.",
            )


def possible(output: str, results: Sequence[Result]) -> bool:
    """Whether ``output`` can be made of ``results`` alone."""
    if output in NEED_PICTURES:
        return False
    return job_writer(output) is not None or any(writers(output, result.record) for result in results)


def export(kept: StoredResults, outputs: Sequence[str], directory: Path) -> list[ArtifactFile]:
    """Write ``outputs`` into ``directory``, under the names and with the bytes that the job itself would have given.

    Raises:
        StorageExhaustedError: The disk is full.
        InvalidRequestError: A record is damaged.
    """
    if not kept.results:
        return []
    results, identities = tracks.identified(kept.results)
    pipelines = dict.fromkeys(result.pipeline for result in results)
    origin = {name: value for name, value in results[0].provenance.items() if name != "pipeline"}
    with full_disk_as_error(directory):
        directory.mkdir(parents=True, exist_ok=True)
        writer = ArtifactWriter(directory, kept.prefix)
        for pipeline in pipelines:
            writer.write_pipeline([result for result in results if result.pipeline == pipeline], outputs)
        if "parquet" in outputs and tracks.has_identities(results):
            writer.write_tracks(identities, outputs, origin)
        writer.write_job(results, [output for output in outputs if possible(output, results)], origin)
        flush_directory(directory)
    return writer.files


def _stored(directory: Path, prefix: str, paths: Sequence[Path]) -> StoredResults:
    """Return all results about one video, in the order of the job's pipelines if that is known."""
    found: list[Result] = []
    unreadable: list[RecordTypeMissingError] = []
    for path in paths:
        try:
            found += ndjson.read(path)
        except RecordTypeMissingError as error:
            unreadable.append(error)
    if len({_digest(result.provenance) for result in found}) > 1:
        names = ", ".join(path.name for path in paths)
        raise InvalidRequestError(
            f"Files with one name are about different videos: {names}.",
            hint="Export them from directories of their own.",
        )
    order = _order(directory / f"{prefix}{provenance.NAME}")
    results = sorted(found, key=lambda result: order.get(result.pipeline, len(order)))
    return StoredResults(prefix, tuple(results), tuple(unreadable))


def _digest(document: Mapping[str, object]) -> object:
    video = document.get("video")
    return video.get("sha256") if isinstance(video, dict) else None


def _order(path: Path) -> dict[str, int]:
    """Return the place of each pipeline in the job; nothing if its provenance was not kept."""
    try:
        document = json.loads(path.read_bytes())
        return {entry["name"]: place for place, entry in enumerate(document["pipelines"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
