"""``results.json``: one file that says what a job came to and which files it left."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from videoannotator.formats.ndjson import NAMES
from videoannotator.media.info import MediaInfo
from videoannotator.outcome import ArtifactFile, RunOutcome
from videoannotator.results.durable_files import text_file
from videoannotator.results.result import Result

NAME = "results.json"
SCHEMA_VERSION = 1


def write(
    path: Path,
    document: Mapping[str, Any],
    info: MediaInfo,
    runs: Sequence[RunOutcome],
    results: Sequence[Result],
    files: Mapping[str, ArtifactFile],
) -> None:
    """Write the index of a job.

    ``document``: the provenance that all pipelines share; ``results``: of the completed ``runs``; ``files``: by the
    name under which each is handed out. Wall times are left out, so that the same job makes the same file.
    """
    whole = {
        "schema_version": SCHEMA_VERSION,
        "program": {name: document["program"][name] for name in ("name", "version")},
        "video": {**document["video"], **info.model_dump(mode="json", exclude={"duration"})},
        "decoding": document["decoding"],
        "pipelines": [_pipeline(run, results) for run in runs],
        "files": [_file(name, file) for name, file in files.items()],
    }
    with text_file(path) as file:
        file.write(json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _pipeline(run: RunOutcome, results: Sequence[Result]) -> dict[str, Any]:
    own = [result for result in results if result.pipeline == run.pipeline]
    facts = run.model_dump(mode="json", exclude={"pipeline", "seconds"})
    return {"name": run.pipeline, **facts, "records": {NAMES[each.record]: len(each.records) for each in own}}


def _file(name: str, file: ArtifactFile) -> dict[str, Any]:
    facts = file.model_dump(mode="json", include={"pipeline", "format", "media_type", "size_bytes", "sha256"})
    return {"name": name, **facts}
