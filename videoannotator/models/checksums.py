"""Files of checksums, as sha256sum writes and checks them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

CHECKSUMS = "SHA256SUMS"
"""Name of the file of checksums beside pulled files."""

_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")


def read_checksums(directory: Path) -> dict[str, str]:
    """Return the checksum of each file that ``directory`` has one of; other lines are ignored."""
    try:
        lines = (directory / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    found = (_LINE.fullmatch(line.strip()) for line in lines)
    return {match[2]: match[1] for match in found if match}


def write_checksums(directory: Path, sums: Mapping[str, str]) -> None:
    """Write the checksums of files in ``directory``."""
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    (directory / CHECKSUMS).write_text(text, encoding="utf-8")
