"""Compare the contract with the last released one, which protos/released/ keeps as a descriptor set.

A difference that breaks programs fails the check. While the version in pyproject.toml is an alpha, it is allowed if
CHANGELOG.md names every message, enum and service that it changes: in backticks, in the section "Contract" of
"Unreleased". With --release, the contract becomes the released one of the version in pyproject.toml.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
RELEASED = Path("protos") / "released"
BUF = Path(sys.executable).parent / "buf"
_DIFFERENT = 100
"""The exit status of `buf breaking` when it finds differences."""
_SUBJECT = re.compile(r'\b(?:message|enum|service|file) "([\w./]+)"')


@dataclass(frozen=True, slots=True)
class Difference:
    """A change that breaks programs written for the released contract."""

    path: str
    line: int
    message: str

    @property
    def subject(self) -> str:
        """The message, enum, service or file that it changes."""
        named = _SUBJECT.search(self.message)
        return named[1] if named else self.path


def released_set(root: Path) -> Path:
    """Return the released descriptor set, named after its version.

    Raises:
        SystemExit: There is none, or more than one.
    """
    found = sorted((root / RELEASED).glob("*.binpb"))
    if len(found) != 1:
        raise SystemExit(f"{RELEASED} must have one descriptor set, and has {len(found)}.")
    return found[0]


def version_of(root: Path) -> Version:
    """Return the version in pyproject.toml."""
    return Version(tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"])


def differences(root: Path, released: Path) -> list[Difference]:
    """Return what breaks programs written for ``released``.

    Raises:
        SystemExit: The contract cannot be read.
    """
    done = _buf(root, "breaking", "--against", str(released), "--error-format", "json")
    entries = [json.loads(line) for line in done.stdout.splitlines()]
    # What does not compile is reported in the same way as differences.
    if done.returncode not in (0, _DIFFERENT) or any(each["type"] == "COMPILE" for each in entries):
        raise SystemExit(f"buf failed:\n{done.stdout}{done.stderr}")
    # What was deleted with its file has no place any more.
    return [Difference(each.get("path", "protos"), each.get("start_line", 1), each["message"]) for each in entries]


def contract_section(changelog: str) -> str:
    """Return the section "Contract" of "Unreleased"; empty if there is none."""
    return _under("### Contract", _under("## [Unreleased]", changelog))


def _under(heading: str, text: str) -> str:
    """Return what stands between a heading and the next one of its level or above."""
    level = heading.index(" ")
    lines = iter(text.splitlines())
    if heading not in lines:  # reads up to the heading
        return ""
    return "\n".join(takewhile(lambda line: not re.match(rf"#{{1,{level}}} ", line), lines))


def unnamed(found: list[Difference], changelog: str) -> list[str]:
    """Return the subjects of differences that the changelog does not name."""
    section = contract_section(changelog)
    return sorted({each.subject for each in found if f"`{each.subject}`" not in section})


def refusal(found: list[Difference], version: Version, changelog: str) -> str:
    """Return why the differences are not allowed; empty if they are."""
    if not found:
        return ""
    if version.pre is None or version.pre[0] != "a":
        return f"Version {version} is not an alpha any more: its contract must not break programs."
    if missing := unnamed(found, changelog):
        return f'CHANGELOG.md, Unreleased, section "Contract", must name in backticks: {", ".join(missing)}.'
    return ""


def check(root: Path) -> None:
    """Print the differences and whether they are allowed.

    Raises:
        SystemExit: They are not.
    """
    released = released_set(root)
    found = differences(root, released)
    for each in found:
        print(f"{each.path}:{each.line}: {each.message}")
    if problem := refusal(found, version_of(root), (root / "CHANGELOG.md").read_text()):
        raise SystemExit(problem)
    allowed = ", allowed while the version is an alpha" if found else ""
    print(f"{len(found)} breaking differences from the contract of {released.stem}{allowed}.")


def release(root: Path) -> None:
    """Keep the present contract as the released one.

    Raises:
        SystemExit: The version was released before, or the contract cannot be read.
    """
    version, before = version_of(root), released_set(root)
    if Version(before.stem) >= version:
        raise SystemExit(f"The contract of {before.stem} is released already: set the next version in pyproject.toml.")
    target = before.with_name(f"{version}.binpb")
    done = _buf(root, "build", "--exclude-source-info", "-o", str(target))
    if done.returncode != 0:
        raise SystemExit(f"buf failed:\n{done.stderr}")
    before.unlink()
    print(f"{target.relative_to(root)} replaces {before.name}.")


def _buf(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BUF, *arguments], cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def main() -> None:
    """Check, or release."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", action="store_true", help="keep the present contract as the released one")
    (release if parser.parse_args().release else check)(ROOT)


if __name__ == "__main__":
    main()
