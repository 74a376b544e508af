"""What to do with one video: the form in which a command line, a server and a worker hand it to the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class AnnotationRequest:
    """What to do with one video. Everything in it has been validated before."""

    video: Path
    pipelines: tuple[str, ...]
    """Canonical names, each once."""
    config: Mapping[str, Mapping[str, Any]]
    """Normal form by pipeline, as `videoannotator.pipelines.validation.validate_config` returns it."""
    directory: Path
    """Where the files go; made if it is not there."""
    outputs: tuple[str, ...] = ()
    """Names of `videoannotator.formats.names.OUTPUTS`; none means `DEFAULT_OUTPUTS`."""
    prefix: str = ""
    """Start of every file's name, for example ``clip_``."""
    title: str = ""
    """What results call the video, and what stands before the names of files where they are handed out without
    ``prefix``; the stem of the file unless given."""
    filename: str = ""
    """The video's file name as its owner knows it; the file's own name unless given."""
    input_sha256: str | None = None
    """Checksum of the video if it is known; it is computed otherwise."""

    @property
    def name(self) -> str:
        """The name of the video in results."""
        return self.title or self.video.stem

    @property
    def shown_prefix(self) -> str:
        """Start of every file's name where it is handed out."""
        return self.prefix or (f"{self.title}_" if self.title else "")
