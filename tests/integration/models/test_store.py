import os
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from videoannotator.checksums import sha256_of
from videoannotator.errors import ModelCorruptError, ModelMissingError
from videoannotator.models.checksums import write_checksums
from videoannotator.models.manifest import Manifest, ManifestEntry, ModelFile
from videoannotator.models.sessions import Model, Sessions
from videoannotator.models.store import BUNDLED_DIR, ModelStore


def test_every_model_that_is_no_optional_one_is_there_and_whole() -> None:
    store = ModelStore()
    needed = [model_id for model_id in store.manifest.ids if not store.manifest.entry(model_id).optional]
    assert store.check(needed) == []
    for model_id in needed:
        weights = store.weights(model_id)
        assert sum(len(weights.read(name)) for name in weights.places) == weights.entry.size_bytes


def test_the_operators_directory_comes_first(tmp_path: Path) -> None:
    copy = tmp_path / "centernet.onnx"
    copy.write_bytes((BUNDLED_DIR / "centernet.onnx").read_bytes())
    assert ModelStore(tmp_path).weights("centernet").path == copy
    assert ModelStore(tmp_path).weights("movenet-thunder").path.parent == BUNDLED_DIR


def test_weights_with_a_wrong_checksum_are_refused_and_named(tmp_path: Path) -> None:
    (tmp_path / "centernet.onnx").write_bytes(b"not the model")
    with pytest.raises(ModelCorruptError) as caught:
        ModelStore(tmp_path).weights("centernet")
    assert str(tmp_path / "centernet.onnx") in caught.value.message
    assert "Delete" in str(caught.value.hint)


def test_a_file_that_changes_after_it_was_checked_is_checked_again(tmp_path: Path) -> None:
    copy = tmp_path / "centernet.onnx"
    data = (BUNDLED_DIR / "centernet.onnx").read_bytes()
    copy.write_bytes(data)
    store = ModelStore(tmp_path)
    store.weights("centernet")
    copy.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    os.utime(copy, ns=(1, 1))
    with pytest.raises(ModelCorruptError):
        store.weights("centernet")


def test_everything_that_is_missing_is_reported_with_the_remedy(tmp_path: Path) -> None:
    lost = ManifestEntry(
        id="lost",
        task="x",
        files=(ModelFile(name="lost.onnx", sha256="0" * 64, size_bytes=1),),
        licence="MIT",
        source="a",
        redistributor="b",
    )
    problems = ModelStore(tmp_path, Manifest([lost])).check(["lost", "unheard-of"])
    assert [type(problem) for problem in problems] == [ModelMissingError, ModelMissingError]
    assert "VIDEOANNOTATOR_MODELS_DIR" in str(problems[0].hint)
    assert str(tmp_path) in problems[0].message


def test_a_model_is_loaded_once_however_many_ask_for_it() -> None:
    sessions = Sessions(ModelStore(), threads=1)
    models: list[Model] = []
    threads = [Thread(target=lambda: models.append(sessions.get("centernet"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(model) for model in models}) == 1
    assert sessions.loaded == ("centernet",)


def test_threads_share_a_model_without_mixing_their_results() -> None:
    model = Sessions(ModelStore(), threads=2).get("movenet-thunder")
    pictures = [np.full((1, 256, 256, 3), shade, np.int32) for shade in (0, 90, 180, 255)]
    alone = [model.run(picture)[0] for picture in pictures]
    together: dict[int, np.ndarray] = {}
    threads = [
        Thread(target=lambda number=number: together.update({number: model.run(pictures[number])[0]}))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(together[number], alone[number]) for number in range(4))


def test_files_of_other_programs_are_used_where_these_keep_them_once_somebody_vouches_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OTHER_HOME", str(tmp_path / "other"))
    file = ModelFile(name="x/x.onnx", size_bytes=1, elsewhere=("$OTHER_HOME/weights/x.onnx", "~/weights/x.onnx"))
    entry = ManifestEntry(id="x", task="x", files=(file,), licence="MIT", source="a", redistributor="b")
    store = ModelStore(tmp_path / "models", Manifest([entry]))
    [missing] = store.check(["x"])
    assert str(tmp_path / "other" / "weights") in missing.message
    places = [tmp_path / name / "weights" / "x.onnx" for name in ("home", "other")]
    for place in places:
        place.parent.mkdir(parents=True)
        place.write_bytes(b"x")
        [untold] = store.check(["x"])
        assert "sha256sum" in str(untold.hint)
        write_checksums(place.parent, {"x.onnx": sha256_of(place)})
        assert store.weights("x").path == place
