"""A zip is streamed, and its length is known before its first byte."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from videoannotator.errors import RangeNotSatisfiableError
from videoannotator.service.artifacts.archive import Archive, ArchiveMember


def archive_of(tmp_path: Path, **sizes: int) -> Archive:
    members = []
    for name, size in sizes.items():
        path = tmp_path / name
        path.write_bytes(bytes(n % 251 for n in range(size)))
        members.append(ArchiveMember(f"{name}/ä.bin", path))
    return Archive("all.zip", members)


def test_it_is_made_in_pieces_that_unpack_to_the_files(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, big=3 * 2**20, small=7, empty=0)
    pieces = list(archive.read())
    assert len(pieces) > 3
    (tmp_path / "all.zip").write_bytes(b"".join(pieces))
    shutil.unpack_archive(tmp_path / "all.zip", tmp_path / "out")
    assert (tmp_path / "out" / "big" / "ä.bin").read_bytes() == (tmp_path / "big").read_bytes()


@pytest.mark.parametrize("sizes", [{}, {"a": 0}, {"a": 1, "b": 2**20 + 1}, {f"f{n}": n for n in range(20)}])
def test_its_size_is_known_before(tmp_path: Path, sizes: dict[str, int]) -> None:
    archive = archive_of(tmp_path, **sizes)
    assert archive.size_bytes == len(b"".join(archive.read()))


@pytest.mark.parametrize("limit", [50, 99, 100, 105, 300, 700, 100_000])
def test_its_size_is_known_when_it_is_larger_than_a_plain_zip_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    archive = archive_of(tmp_path, a=100, b=10, c=1000, d=5)
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", limit)
    assert archive.size_bytes == len(b"".join(archive.read()))


def test_its_size_is_known_with_more_files_than_a_plain_zip_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = archive_of(tmp_path, a=1, b=1, c=1)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)
    assert archive.size_bytes == len(b"".join(archive.read()))


def test_any_part_of_it_can_be_read(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, a=1000, b=3 * 2**20)
    whole = b"".join(archive.read())
    for offset, limit in [(0, 1), (1, 0), (500, 700), (2**20, 2**20 + 5), (len(whole) - 1, 0), (len(whole), 0)]:
        expected = whole[offset : offset + limit] if limit else whole[offset:]
        assert b"".join(archive.read(offset, limit)) == expected
    with pytest.raises(RangeNotSatisfiableError):
        archive.read(len(whole) + 1)


def test_its_etag_changes_with_its_members(tmp_path: Path) -> None:
    one, same, other = archive_of(tmp_path, a=5), archive_of(tmp_path, a=5), archive_of(tmp_path, a=6)
    assert one.etag == same.etag != other.etag
