"""The contract does not break programs, except while it is an alpha and the changelog says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.version import Version

from scripts.check_contract import Difference, check, contract_section, refusal, release

PROTO = 'syntax = "proto3";\npackage toy.v1;\nmessage Toy {\n  string name = 1;\n}\n'
RENAMED = PROTO.replace("name", "label")
ADDED = PROTO.replace("}", "  string colour = 2;\n}")
NAMED = "# Changelog\n\n## [Unreleased]\n\n### Contract\n\n- `Toy` has a label.\n"
SILENT = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- `Toy`.\n\n## [1.0.0]\n\n### Contract\n\n- `Toy`.\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose contract was released with version 1.0.0a1."""
    (tmp_path / "buf.yaml").write_text("version: v2\nmodules:\n  - path: protos\n")
    (tmp_path / "protos" / "released").mkdir(parents=True)
    (tmp_path / "protos" / "released" / "0.9.0.binpb").touch()
    write(tmp_path, PROTO, "1.0.0a1", SILENT)
    release(tmp_path)
    return tmp_path


def write(project: Path, proto: str, version: str, changelog: str) -> None:
    """Bring the project into a state."""
    (project / "protos" / "toy.proto").write_text(proto)
    (project / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n')
    (project / "CHANGELOG.md").write_text(changelog)


@pytest.mark.parametrize("version", ["1.0.0a2", "1.0.0b1", "1.0.0"])
def test_what_only_adds_to_the_contract_is_always_allowed(project: Path, version: str) -> None:
    write(project, ADDED, version, SILENT)
    check(project)


def test_a_break_is_printed_and_allowed_while_the_changelog_names_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, RENAMED, "1.0.0a2", NAMED)
    capsys.readouterr()
    check(project)
    out = capsys.readouterr().out
    assert 'protos/toy.proto:4: Field "1" on message "Toy" changed name from "name" to "label".' in out
    assert "2 breaking differences from the contract of 1.0.0a1, allowed while the version is an alpha." in out


def test_a_break_that_the_changelog_does_not_name_is_refused(project: Path) -> None:
    write(project, RENAMED, "1.0.0a2", SILENT)
    with pytest.raises(SystemExit, match=r"must name in backticks: Toy\."):
        check(project)


@pytest.mark.parametrize("version", ["1.0.0b1", "1.0.0rc1", "1.0.0", "1.0.1"])
def test_after_the_alpha_every_break_is_refused(project: Path, version: str) -> None:
    write(project, RENAMED, version, NAMED)
    with pytest.raises(SystemExit, match="not an alpha any more"):
        check(project)


def test_a_release_replaces_what_is_compared_with(project: Path) -> None:
    write(project, RENAMED, "1.0.0a2", NAMED)
    release(project)
    assert [path.name for path in (project / "protos" / "released").iterdir()] == ["1.0.0a2.binpb"]
    write(project, RENAMED, "1.0.0", SILENT)
    check(project)


def test_a_version_is_released_once(project: Path) -> None:
    write(project, RENAMED, "1.0.0a1", NAMED)
    with pytest.raises(SystemExit, match=r"The contract of 1\.0\.0a1 is released already"):
        release(project)


def test_a_contract_that_cannot_be_read_is_not_taken_for_one_without_differences(project: Path) -> None:
    write(project, "nonsense", "1.0.0a2", NAMED)
    with pytest.raises(SystemExit, match="buf failed"):
        check(project)


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        ('Field "4" on message "Run" changed name from "a" to "b".', "Run"),
        ('Previously present enum value "3" on enum "State" was deleted.', "State"),
        ('RPC "Get" on service "Jobs" changed request type from "a.B" to "a.C".', "Jobs"),
        ('Field "7" with name "x" on message "Outer.Inner" changed type from "string" to "message".', "Outer.Inner"),
        ('Previously present file "toy.proto" was deleted.', "toy.proto"),
        ("Something that was not foreseen.", "protos"),
    ],
)
def test_a_difference_names_what_it_changes(message: str, subject: str) -> None:
    assert Difference("protos", 1, message).subject == subject


def test_every_subject_that_is_missing_is_told_at_once() -> None:
    found = [Difference("p", 1, f'Field "1" on message "{name}" was deleted.') for name in ("C", "A", "B", "A")]
    assert "backticks: A, C." in refusal(found, Version("1.0.0a2"), NAMED.replace("Toy", "B"))


def test_only_the_section_of_what_is_not_released_yet_counts() -> None:
    assert contract_section(NAMED).strip() == "- `Toy` has a label."
    assert contract_section(SILENT) == ""
