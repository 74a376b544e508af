"""Models that the deepface library can load, made of the bundled ones: its own cannot be had offline.

Each takes and gives what DeepFace's model of the same file name does. The manifest says what they truly are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import compose, helper, numpy_helper

from videoannotator.checksums import sha256_of
from videoannotator.models.manifest import Manifest, ManifestEntry, ModelFile
from videoannotator.models.store import BUNDLED_DIR, ModelStore

Node = onnx.NodeProto


def deepface_store(directory: Path) -> ModelStore:
    """Return a store that has a model of each kind that DeepFace uses, in ``directory``."""
    made = [
        _emotion(directory),
        _of_faceres(directory, "deepface-age", "age_model_weights.onnx", 224, _years),
        _of_faceres(directory, "deepface-gender", "gender_model_weights.onnx", 224, _woman_and_man),
        _of_faceres(directory, "deepface-facenet", "facenet_weights.onnx", 160, _description),
    ]
    bundled = Manifest.bundled()
    return ModelStore(directory, Manifest([*map(bundled.entry, bundled.ids), *made]))


def _entry(directory: Path, model_id: str, name: str, source: str) -> ManifestEntry:
    path = directory / name
    file = ModelFile(name=name, sha256=sha256_of(path), size_bytes=path.stat().st_size)
    return ManifestEntry(
        id=model_id, task="x", files=(file,), licence="MIT", source=source, redistributor="a test", install="nothing"
    )


def _emotion(directory: Path) -> ManifestEntry:
    """48 x 48 grey, 0..1, to the 64 x 64, -1..1, that the bundled net takes; both know the same seven in one order."""
    name = "facial_expression_model_weights.onnx"
    before = [
        helper.make_node("Transpose", ["img"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Resize", ["planes", "", "", "size"], ["larger"], mode="linear"),
        helper.make_node("Transpose", ["larger"], ["pixels"], perm=[0, 2, 3, 1]),
        helper.make_node("Mul", ["pixels", "two"], ["doubled"]),
        helper.make_node("Sub", ["doubled", "one"], ["input"]),
    ]
    numbers = {"two": np.float32(2), "one": np.float32(1), "size": np.array([1, 1, 64, 64], np.int64)}
    _write("emotion", directory / name, (48, 48, 1), before, lambda outputs: ([], outputs[0], 7), numbers)
    return _entry(directory, "deepface-emotion", name, "mini-Xception, bundled, taking DeepFace's input")


Head = Callable[[Sequence[str]], tuple[list[Node], str, int]]


def _of_faceres(directory: Path, model_id: str, name: str, side: int, head: Head) -> ManifestEntry:
    """BGR, 0..1, to the 224 x 224 RGB, 0..255, that FaceRes takes."""
    before = [
        helper.make_node("Transpose", ["img"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Resize", ["planes", "", "", "size"], ["larger"], mode="linear"),
        helper.make_node("Transpose", ["larger"], ["pixels"], perm=[0, 2, 3, 1]),
        helper.make_node("Gather", ["pixels", "rgb"], ["turned"], axis=3),
        helper.make_node("Mul", ["turned", "full"], ["input"]),
    ]
    numbers = {
        "full": np.float32(255), "rgb": np.array([2, 1, 0], np.int64), "one": np.float32(1), "zero": np.float32(0),
        "size": np.array([1, 1, 224, 224], np.int64), "a_year_more": np.array([0, 0, 0, 1], np.int64),
    }  # fmt: skip
    _write("faceres", directory / name, (side, side, 3), before, head, numbers)
    return _entry(directory, model_id, name, "FaceRes, bundled, taking DeepFace's input")


def _years(outputs: Sequence[str]) -> tuple[list[Node], str, int]:
    """DeepFace counts 101 years, FaceRes 100."""
    age = next(name for name in outputs if "age" in name)
    return [helper.make_node("Pad", [age, "a_year_more", "zero"], ["years"])], "years", 101


def _woman_and_man(outputs: Sequence[str]) -> tuple[list[Node], str, int]:
    man = next(name for name in outputs if "gender" in name)
    nodes = [
        helper.make_node("Sub", ["one", man], ["woman"]),
        helper.make_node("Concat", ["woman", man], ["both"], axis=1),
    ]
    return nodes, "both", 2


def _description(outputs: Sequence[str]) -> tuple[list[Node], str, int]:
    return [], next(name for name in outputs if "age" not in name and "gender" not in name), 1024


def _write(
    bundled: str, path: Path, shape: tuple[int, ...], before: list[Node], head: Head, numbers: dict[str, np.ndarray]
) -> None:
    inner = compose.add_prefix(onnx.load(BUNDLED_DIR / f"{bundled}.onnx"), "inner_")
    after, output, width = head([each.name for each in inner.graph.output])
    # "Resize" has to know the number of faces, which only the run knows: it is taken from the shape of the input.
    sized = [
        helper.make_node("Shape", ["planes"], ["shape"]),
        helper.make_node("Slice", ["shape", "from", "to"], ["kept"]),
        helper.make_node("Slice", ["size", "to", "end"], ["wanted"]),
        helper.make_node("Concat", ["kept", "wanted"], ["full_size"], axis=0),
    ]
    for node in before:
        if node.op_type == "Resize":
            node.input[3] = "full_size"
    before = [before[0], *sized, *before[1:], helper.make_node("Identity", ["input"], [inner.graph.input[0].name])]
    numbers |= {"from": np.array([0], np.int64), "to": np.array([2], np.int64), "end": np.array([4], np.int64)}
    used = {name for node in (*before, *after) for name in node.input}
    constants = [numpy_helper.from_array(np.asarray(value), name) for name, value in numbers.items() if name in used]
    graph = helper.make_graph(
        [*before, *inner.graph.node, *after],
        "adapted",
        [helper.make_tensor_value_info("img", onnx.TensorProto.FLOAT, ["n", *shape])],
        [helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, ["n", width])],
        [*inner.graph.initializer, *constants],
    )
    model = helper.make_model(graph, opset_imports=inner.opset_import)
    model.ir_version = inner.ir_version
    onnx.checker.check_model(model)
    onnx.save(model, path)
