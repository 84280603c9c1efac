"""Packs an exported network for the crate: `python pack.py evidence.onnx` writes evidence.bin beside this
script, and ../tests/vector.bin, a small input with the answer of ONNX's reference evaluator.

Needs numpy and onnx. The layout is told in src/weights.rs.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

# Rows and columns of the test vector's input: two of the coarsest pixels one way, three the other.
VECTOR = (64, 96)


def convolutions(model):
    """Weights and biases of all convolutions, in the order in which they are used."""
    stored = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Conv":
            yield stored[node.input[1]], stored[node.input[2]]


def pack(model, path):
    """Writes the weights and puts what was written back into the model, so that both are the same network."""
    layers = list(convolutions(model))
    with open(path, "wb") as file:
        file.write(b"VELLUSNN" + np.uint32(len(layers)).tobytes())
        for weights, biases in layers:
            shape = tuple(weights.dims)
            assert shape[2] == shape[3], shape
            file.write(np.array(shape[:3], "<u4").tobytes())
            for tensor in (weights, biases):
                halves = numpy_helper.to_array(tensor).astype("<f2")
                assert np.isfinite(halves).all(), "a weight is too large for 16 bits"
                file.write(halves.tobytes())
                tensor.CopyFrom(numpy_helper.from_array(halves.astype(np.float32), tensor.name))


def main():
    here = Path(__file__).parent
    model = onnx.load(sys.argv[1])
    pack(model, here / "evidence.bin")
    # Blurred noise, so that something is seen at every level.
    noise = np.random.default_rng(1).normal(size=(1, 3, *VECTOR)) * 2
    for axis in (2, 3):
        noise = sum(np.roll(noise, shift, axis) for shift in (-1, 0, 1)) / 2
    given = np.clip(noise + 0.3, -1.5, 3.0).astype("<f4")
    (answer,) = ReferenceEvaluator(model).run(None, {model.graph.input[0].name: given})
    vector = here.parent / "tests" / "vector.bin"
    vector.parent.mkdir(exist_ok=True)
    vector.write_bytes(given.tobytes() + answer.astype("<f4").tobytes())
    print(f"{(here / 'evidence.bin').stat().st_size} bytes of weights")


if __name__ == "__main__":
    main()
