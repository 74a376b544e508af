"""A model with the inputs and outputs of CLIP that knows three colours, as files for a directory of models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from videoannotator.checksums import sha256_of
from videoannotator.models.checksums import write_checksums

COLOURS = ("red", "green", "blue")


def write_toy_clip(models_dir: Path) -> Path:
    """Write the model under its name; it is right about pictures of one colour, and only about them."""
    directory = models_dir / "clip-vit-base-patch32"
    directory.mkdir(parents=True)
    onnx.save(_vision(), str(directory / "vision_model.onnx"))
    onnx.save(_text(), str(directory / "text_model.onnx"))
    vocabulary = {"[UNK]": 0, **{colour: number for number, colour in enumerate(COLOURS, start=1)}}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(directory / "tokenizer.json"))
    write_checksums(directory, {path.name: sha256_of(path) for path in directory.iterdir()})
    return directory


def _vision() -> onnx.ModelProto:
    """The mean of each colour channel."""
    nodes = [
        helper.make_node("ReduceMean", ["pixel_values"], ["mean"], axes=[2, 3], keepdims=0),
        helper.make_node("Relu", ["mean"], ["image_embeds"]),
    ]
    return _model(
        nodes, ("pixel_values", TensorProto.FLOAT, ["n", 3, 224, 224]), ("image_embeds", TensorProto.FLOAT, ["n", 3])
    )


def _text() -> onnx.ModelProto:
    """The sum of the colours that are named."""
    table = numpy_helper.from_array(np.eye(4, 3, k=-1, dtype=np.float32), "table")
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["named"]),
        helper.make_node("ReduceSum", ["named", "axes"], ["text_embeds"], keepdims=0),
    ]
    axes = numpy_helper.from_array(np.asarray([1], np.int64), "axes")
    return _model(
        nodes,
        ("input_ids", TensorProto.INT64, ["n", "length"]),
        ("text_embeds", TensorProto.FLOAT, ["n", 3]),
        [table, axes],
    )


def _model(nodes, entry, result, constants=()) -> onnx.ModelProto:
    inputs, outputs = ([helper.make_tensor_value_info(*each)] for each in (entry, result))
    graph = helper.make_graph(nodes, "toy", inputs, outputs, list(constants))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
