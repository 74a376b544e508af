import pytest

from videoannotator.errors import ModelMissingError
from videoannotator.models.manifest import Manifest
from videoannotator.models.store import BUNDLED_DIR
from videoannotator.pipelines.registry import BUILT_IN


def test_every_model_names_its_licence_and_its_origin() -> None:
    manifest = Manifest.bundled()
    for model_id in manifest.ids:
        entry = manifest.entry(model_id)
        assert entry.licence
        assert entry.source in entry.provenance.source
        assert entry.redistributor in entry.provenance.source
        assert entry.licence_file is None or (BUNDLED_DIR / entry.licence_file).is_file()
        for file in () if entry.optional else entry.files:
            assert file.packaged or (BUNDLED_DIR / file.name).stat().st_size == file.size_bytes
            assert bool(file.packaged) == bool(entry.install)


def test_a_model_without_a_checksum_can_be_pulled() -> None:
    manifest = Manifest.bundled()
    for entry in map(manifest.entry, manifest.ids):
        assert not entry.optional or (entry.hub and f"models pull {entry.id}" in entry.remedy)
        assert entry.source in entry.provenance.source
        assert entry.redistributor in entry.provenance.source


def test_every_model_that_a_pipeline_needs_is_listed() -> None:
    assert {model for spec in BUILT_IN for model in spec.models} <= set(Manifest.bundled().ids)


def test_an_unknown_model_is_missing_and_the_known_ones_are_named() -> None:
    with pytest.raises(ModelMissingError) as caught:
        Manifest.bundled().entry("yolo")
    assert "centernet" in str(caught.value.hint)
