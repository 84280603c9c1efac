"""Weights to what the instrument reads: `python export.py WEIGHTS FOLDER`.

Writes evidence.onnx (batch normalisation folded in, any height and width that are multiples of
net.MULTIPLE), evidence.weights (16-bit floats of the folded convolutions, in the order of the network, each
kernel followed by its bias), weights.pt (to go on training from) and a test vector: parity.input.f32 and
parity.output.f32, raw little-endian planes, sizes in parity.json.
"""

import argparse
import json
import os
from pathlib import Path

import numpy as np
import torch
from torch.nn.utils.fusion import fuse_conv_bn_eval

from net import MULTIPLE, PLANES
from planes import load


def fold(module):
    """Folds every batch normalisation into the convolution before it."""
    for child in module.children():
        fold(child)
    if isinstance(module, torch.nn.Sequential) and len(module) == 3 and isinstance(module[1], torch.nn.BatchNorm2d):
        module[0] = fuse_conv_bn_eval(module[0], module[1])
        module[1] = torch.nn.Identity()
    return module


def convolutions(net):
    return [m for m in net.modules() if isinstance(m, torch.nn.Conv2d)]


def halve(net):
    """Rounds all weights to 16-bit floats, so that every export of them gives the same planes."""
    for layer in convolutions(net):
        layer.weight.data = layer.weight.data.half().float()
        layer.bias.data = layer.bias.data.half().float()
    return net


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    net = load(args.weights)
    torch.save({k: v.half() if v.is_floating_point() else v for k, v in net.state_dict().items()}, args.folder / "weights.pt")
    net = halve(fold(net))

    target = args.folder / "evidence.onnx"
    half = target.with_suffix(".half")
    size = torch.zeros(1, 3, 4 * MULTIPLE, 4 * MULTIPLE)
    axes = {"density": {2: "height", 3: "width"}, "planes": {2: "height", 3: "width"}}
    torch.onnx.export(
        net, (size,), str(half), opset_version=17, dynamo=False, input_names=["density"], output_names=["planes"], dynamic_axes=axes
    )
    os.replace(half, target)

    parts = [p.detach().numpy().astype("<f2").tobytes() for c in convolutions(net) for p in (c.weight, c.bias)]
    (args.folder / "evidence.weights").write_bytes(b"".join(parts))
    layers = [[c.in_channels, c.out_channels, c.kernel_size[0]] for c in convolutions(net)]

    density = np.random.default_rng(1).uniform(-0.5, 2.0, (1, 3, 2 * MULTIPLE, 3 * MULTIPLE)).astype("<f4")
    with torch.no_grad():
        planes = net(torch.from_numpy(density)).numpy().astype("<f4")
    (args.folder / "parity.input.f32").write_bytes(density.tobytes())
    (args.folder / "parity.output.f32").write_bytes(planes.tobytes())
    about = {"input": density.shape, "output": planes.shape, "planes": PLANES, "layers_in_out_kernel": layers}
    (args.folder / "parity.json").write_text(json.dumps(about) + "\n")


if __name__ == "__main__":
    main()
