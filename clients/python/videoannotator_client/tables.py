"""Results as pandas DataFrames."""

from __future__ import annotations

import io
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from google.protobuf.json_format import MessageToDict

from videoannotator.errors import ConfigurationError
from videoannotator.v1.types_pb2 import Artifact, Job

if TYPE_CHECKING:
    import pandas

Frames = dict[str, "pandas.DataFrame"]
"""Tables by name: person_tracking, person_tracking_keypoints, scene_detection, ..."""


def require_pandas() -> Any:
    """Return the module pandas.

    Raises:
        ConfigurationError: If it is not installed.
    """
    try:
        import pandas
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Tables need the module {error.name}, which is not installed.",
            hint="Install it: pip install 'videoannotator[pandas]'",
        ) from error
    return pandas


def table_name(artifact: Artifact, job: Job) -> str:
    """Return what a table is called: the name of its file without that of the video."""
    stem = PurePosixPath(artifact.name).stem
    if artifact.pipeline and (start := stem.rfind(artifact.pipeline)) >= 0:
        return stem[start:]
    return stem.removeprefix(f"{PurePosixPath(job.video_filename).stem}_")


def frame_of(artifact: Artifact, content: bytes) -> pandas.DataFrame:
    """Return a CSV artifact as a DataFrame; its ``attrs`` say which artifact it was and what made it."""
    reader = require_pandas()
    frame: pandas.DataFrame = reader.read_csv(io.BytesIO(content)) if content.strip() else reader.DataFrame()
    frame.attrs = {
        "artifact_id": artifact.id,
        "job_id": artifact.job_id,
        "pipeline": artifact.pipeline or None,
        "name": artifact.name,
        "sha256": artifact.sha256,
        "provenance": MessageToDict(artifact.provenance),
    }
    return frame
