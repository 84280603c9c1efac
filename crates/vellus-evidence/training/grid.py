"""The grid that photos are brought to, and what is fed to the network.

A photo is resampled to UM_PER_PX in linear light; its planes are optical densities against the skin.
"""

import numpy as np
from PIL import Image

# Scale of the input, um per px; the output has twice that.
UM_PER_PX = 6.0

# Share of the pixels of the photo that are darker than "skin", per colour.
SKIN_PERCENTILE = 70

# Darkest skin, darkest pixel (linear light), and the range of optical density that is passed on.
SKIN_FLOOR, LIGHT_FLOOR = 0.01, 1 / 512
DENSITY = (-1.5, 3.0)

_LEVELS = np.arange(256) / 255
# Linear light of an 8-bit sRGB level (IEC 61966-2-1).
LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)


def encode(light):
    """Linear light 0-1 to sRGB 0-1."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _average(planes, count, axis):
    """Exact area average of `planes` over `count` equal parts of an axis."""
    planes = np.moveaxis(planes, axis, 0)
    size = planes.shape[0]
    total = np.concatenate([np.zeros_like(planes[:1], np.float64), np.cumsum(planes, 0, dtype=np.float64)])
    edge = np.linspace(0, size, count + 1)
    low = np.minimum(edge.astype(int), size - 1)
    part = (edge - low).reshape(-1, *[1] * (planes.ndim - 1))
    at = total[low] + part * (total[low + 1] - total[low])
    return np.moveaxis(np.diff(at, axis=0) * (count / size), 0, axis).astype(np.float32)


def resample(photo, um_per_px):
    """8-bit RGB photo to 8-bit RGB at UM_PER_PX: averaged over areas to shrink it, bicubic to enlarge it."""
    factor = um_per_px / UM_PER_PX
    height, width = (max(1, round(side * factor)) for side in photo.shape[:2])
    light = LINEAR[photo]
    if factor < 1:
        light = _average(_average(light, height, 0), width, 1)
    elif factor > 1:
        planes = [Image.fromarray(light[..., c]).resize((width, height), Image.Resampling.BICUBIC) for c in range(3)]
        light = np.stack(planes, -1)
    return np.round(255 * encode(light)).astype(np.uint8)


def skin(photo):
    """Linear light of the skin of a photo, per colour: a high percentile of all its pixels."""
    light = [LINEAR[np.percentile(photo[..., c], SKIN_PERCENTILE).astype(np.uint8)] for c in range(3)]
    return np.maximum(np.array(light, np.float32), SKIN_FLOOR)


def density(light, skin_light):
    """Optical density of linear light (H x W x 3) against the skin."""
    return np.clip(np.log(skin_light / np.maximum(light, LIGHT_FLOOR)), *DENSITY)
