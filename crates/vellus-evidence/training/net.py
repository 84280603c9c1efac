"""The network: optical density in, planes of evidence at the same resolution out.

A U-Net whose first step folds 2 x 2 pixels into channels and whose last one unfolds them again, so that
nothing but the planes is ever at full resolution: vellus hair of 15 um that touches needs pixels of 6 um. Only operators that every ONNX engine has: convolution, ReLU, max-pool, nearest upsampling,
concatenation. Five levels (12 to 192 um per px) see about 1 mm around a pixel: a root is told from a tip
by the lean of its neighbours and by the shine of the bulb, which a stub's length may lie between.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

# Planes of the output, in order; raw values (logits for the first, second, fifth, sixth and eighth).
PLANES = ("matte", "axis", "cos2", "sin2", "root", "tip", "width", "not_scalp")

# Height and width of the input must be multiples of this: 2 (folding) x 2^4 (pooling).
MULTIPLE = 32


def conv(inputs, outputs):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


def twice(inputs, outputs):
    return nn.Sequential(conv(inputs, outputs), conv(outputs, outputs))


class Net(nn.Module):
    def __init__(self, widths=(24, 40, 56, 72, 72)):
        super().__init__()
        inputs = (12, *widths)
        self.down = nn.ModuleList(twice(i, o) for i, o in zip(inputs, widths))
        # From the coarsest level up; one convolution is enough where resolution is low.
        pairs = list(zip(widths[::-1], widths[-2::-1]))
        last = len(pairs) - 1
        self.up = nn.ModuleList(
            (twice if k == last else conv)(below + skip, skip) for k, (below, skip) in enumerate(pairs)
        )
        self.head = nn.Conv2d(widths[0], 4 * len(PLANES), 1)
        # Hair is rare: start from its share, so that the first steps are not spent on learning "no".
        with torch.no_grad():
            self.head.bias.copy_(torch.tensor([-2.0, -2.5, 0.0, 0.0, -5.0, -5.0, 0.0, -3.0]).repeat_interleave(4))

    def forward(self, x):
        x = F.pixel_unshuffle(x, 2)
        skips = []
        for k, level in enumerate(self.down):
            x = level(x if k == 0 else F.max_pool2d(x, 2))
            skips.append(x)
        skips.pop()
        for level in self.up:
            x = level(torch.cat([F.interpolate(x, scale_factor=2, mode="nearest"), skips.pop()], 1))
        return F.pixel_shuffle(self.head(x), 2)
