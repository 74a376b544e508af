import hashlib
from pathlib import Path

import pytest

from videoannotator.errors import ConfigurationError, ModelCorruptError, ModelMissingError, ServiceUnavailableError
from videoannotator.models.checksums import CHECKSUMS
from videoannotator.models.inventory import State, model_statuses
from videoannotator.models.manifest import Hub, Manifest, ManifestEntry, ModelFile
from videoannotator.models.pull import pull
from videoannotator.models.store import ModelStore

WEIGHTS = b"weights"
DIGEST = hashlib.sha256(WEIGHTS).hexdigest()


def entry(sha256: str | None = None) -> ManifestEntry:
    files = (
        ModelFile(name="ears/model.bin", size_bytes=7, sha256=sha256, hub_path="onnx/model.bin"),
        ModelFile(name="ears/config.json", size_bytes=2),
    )
    return ManifestEntry(
        id="ears", task="x", files=files, licence="MIT", source="a", redistributor="b", hub=Hub(repository="lab/ears")
    )


def fetch(hub: Hub, path: str, directory: Path) -> Path:
    """A hub that can be had without a network."""
    assert hub.repository == "lab/ears"
    arrived = directory / Path(path).name
    arrived.write_bytes({"onnx/model.bin": WEIGHTS, "config.json": b"{}"}[path])
    return arrived


def store(directory: Path, model: ManifestEntry) -> ModelStore:
    return ModelStore(directory, Manifest([model]))


def test_what_was_pulled_can_be_used_and_says_what_it_is(tmp_path: Path) -> None:
    assert pull(entry(), tmp_path, fetch) == tmp_path / "ears"
    weights = store(tmp_path, entry()).weights("ears")
    assert weights.read("ears/model.bin") == WEIGHTS
    assert weights.provenance.sha256 == DIGEST
    assert [path.name for path in tmp_path.iterdir()] == ["ears"]


def test_its_checksums_are_those_that_sha256sum_checks(tmp_path: Path) -> None:
    directory = pull(entry(), tmp_path, fetch)
    assert f"{DIGEST}  model.bin" in (directory / CHECKSUMS).read_text().splitlines()


def test_a_pulled_file_that_changes_later_is_refused(tmp_path: Path) -> None:
    (pull(entry(), tmp_path, fetch) / "model.bin").write_bytes(b"other weights")
    with pytest.raises(ModelCorruptError):
        store(tmp_path, entry()).weights("ears")


def test_a_file_that_nobody_vouches_for_is_not_used(tmp_path: Path) -> None:
    (pull(entry(), tmp_path, fetch) / CHECKSUMS).unlink()
    with pytest.raises(ModelMissingError) as caught:
        store(tmp_path, entry()).weights("ears")
    assert "models pull ears" in str(caught.value.hint)
    assert "sha256sum" in str(caught.value.hint)


def test_nothing_is_kept_of_a_download_with_the_wrong_checksum(tmp_path: Path) -> None:
    with pytest.raises(ModelCorruptError):
        pull(entry("0" * 64), tmp_path, fetch)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_kept_of_a_download_that_breaks(tmp_path: Path) -> None:
    def broken(hub: Hub, path: str, directory: Path) -> Path:
        if path == "config.json":
            raise ServiceUnavailableError("gone")
        return fetch(hub, path, directory)

    with pytest.raises(ServiceUnavailableError):
        pull(entry(), tmp_path, broken)
    assert list(tmp_path.iterdir()) == []


def test_pulling_needs_a_directory_and_a_hub(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        pull(entry(), None, fetch)
    assert caught.value.field == "VIDEOANNOTATOR_MODELS_DIR"
    with pytest.raises(ModelMissingError):
        pull(Manifest.bundled().entry("centernet"), tmp_path, fetch)


def test_an_optional_model_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    [optional] = model_statuses(store(tmp_path, entry()))
    assert (optional.state, optional.grave) == (State.MISSING, False)
    [needed] = model_statuses(store(tmp_path, entry(DIGEST).model_copy(update={"hub": None})))
    assert (needed.state, needed.grave) == (State.MISSING, True)
    pull(entry(DIGEST), tmp_path, fetch)
    [ready] = model_statuses(store(tmp_path, entry(DIGEST)))
    assert (ready.state, ready.place) == (State.READY, tmp_path / "ears" / "model.bin")
