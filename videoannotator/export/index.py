"""``results.json``: one file that says what a job came to and which files it left."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from videoannotator.outcome import ArtifactFile
from videoannotator.results.durable_files import text_file
from videoannotator.results.run_results import AnnotatedVideo, RunResults

NAME = "results.json"
SCHEMA_VERSION = 1


def write(path: Path, video: AnnotatedVideo, files: Mapping[str, ArtifactFile]) -> None:
    """Write the index of a job.

    ``files``: by the name under which each is handed out. Wall times are left out, so that the same job makes the same
    file.
    """
    document = video.document
    whole = {
        "schema_version": SCHEMA_VERSION,
        "program": {name: document["program"][name] for name in ("name", "version")},
        "video": {**document["video"], **video.info.model_dump(mode="json", exclude={"duration"})},
        "decoding": document["decoding"],
        "pipelines": [_pipeline(run) for run in video.runs],
        "files": [_file(name, file) for name, file in files.items()],
    }
    with text_file(path) as file:
        file.write(json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _pipeline(run: RunResults) -> dict[str, Any]:
    facts = run.outcome.model_dump(mode="json", exclude={"pipeline", "seconds"})
    found = run.records.items() if run.completed else ()
    return {"name": run.pipeline, **facts, "records": {record.record_type.name: len(each) for record, each in found}}


def _file(name: str, file: ArtifactFile) -> dict[str, Any]:
    facts = file.model_dump(mode="json", include={"pipeline", "format", "media_type", "size_bytes", "sha256"})
    return {"name": name, **facts}
