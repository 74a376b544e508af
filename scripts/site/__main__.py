"""Build the documentation site in build/site.

A broken link, a page outside the navigation or any other warning fails. The first run fetches mermaid, which draws the
diagrams, from the npm registry; the site itself loads nothing from the internet.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from scripts.typescript import install

ROOT = Path(__file__).resolve().parent.parent.parent
_HERE = Path(__file__).resolve().parent


def main() -> None:
    """Build."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    install(_HERE)
    # mkdocs-material advertises its successor in every build.
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = (sys.executable, "-m", "mkdocs", "build", "--strict")
    sys.exit(subprocess.run(command, cwd=ROOT, env=environment).returncode)


if __name__ == "__main__":
    main()
