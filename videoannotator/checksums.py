"""Checksums of files."""

from __future__ import annotations

import hashlib
from pathlib import Path

_CHUNK = 1 << 20


def sha256_of(*parts: Path) -> str:
    """Return the SHA-256 of a file, or of the parts of one put together, as 64 lower-case hexadecimal digits."""
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()
