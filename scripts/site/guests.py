"""Pages of the site that lie outside docs/, where readers of the repository look for them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
GUESTS = {
    "index.md": "README.md",
    "changelog.md": "CHANGELOG.md",
    "code-of-conduct.md": "CODE_OF_CONDUCT.md",
    "contributing.md": "CONTRIBUTING.md",
    "envoy.md": "envoy/README.md",
    "examples.md": "examples/README.md",
    "security.md": "SECURITY.md",
}
"""Files of the repository by their place on the site."""
_PLACES = {path: uri for uri, path in GUESTS.items()}


def repository_path(uri: str) -> str:
    """Return the file of the repository that a page of the site is made of."""
    return GUESTS.get(uri, f"docs/{uri}")


def site_uri(path: str) -> str | None:
    """Return the place on the site of a file of the repository; None if it has none."""
    if path in _PLACES:
        return _PLACES[path]
    return path.removeprefix("docs/") if path.startswith("docs/") else None
