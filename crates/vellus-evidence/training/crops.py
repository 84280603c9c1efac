"""Random crops of the grids, turned, scaled and recoloured as photos differ; made where the network is trained.

All scenes lie one after the other in two tables, a row per pixel, so that the crops of a batch are cut from many
scenes in one step. The folder is looked at again while training runs, so that new drawings join it.
"""

import math
import queue
import threading
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import grid
from targets import STEPS, STORED

# Side of a crop, px of the input.
SIDE = 224

# Seconds between two looks at the folder.
RESCAN = 5.0

INDEX = {name: k for k, name in enumerate(STORED)}

# Share of crops from anywhere, and pixels that are looked at for an axis.
BARE, TRIES = 0.25, 400

# Quantisation of luma and of colour at quality 50 (ITU-T T.81, annex K).
LUMA = """16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62
18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99"""
CHROMA = """17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 24 26 56 99 99 99 99 99 47 66 99 99 99 99 99 99
""" + "99 " * 32

# RGB to luma and colour differences (ITU-R BT.601).
YCC = [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]]


class Store:
    """The scenes, on `device`."""

    def __init__(self, folder, device):
        self.folder, self.device = Path(folder), device
        self.known, self.count = set(), 0
        self.photo = torch.empty((0, 3), dtype=torch.uint8, device=device)
        self.planes = torch.empty((0, len(STORED)), dtype=torch.int8, device=device)
        self.used = 0
        self.scenes = torch.empty((0, 6), device=device, dtype=torch.float64)
        self.loaded = queue.Queue(64)
        threading.Thread(target=self.follow, daemon=True).start()

    def follow(self):
        """Loads what is new in the folder, for ever."""
        while True:
            for path in sorted(self.folder.glob("[!.]*.npz")):
                if path.name not in self.known:
                    self.known.add(path.name)
                    with np.load(path) as file:
                        photo, planes, skin = file["photo"], file["planes"], file["skin"]
                    self.loaded.put((photo, np.ascontiguousarray(planes.transpose(1, 2, 0)), skin))
            self.loaded.put(None)
            time.sleep(RESCAN)

    def take(self, wait=0):
        """Adds what was loaded; waits until there are `wait` scenes and a look at the folder has ended."""
        while wait or not self.loaded.empty():
            item = self.loaded.get()
            if item is None:
                if wait and self.count >= wait:
                    break
                continue
            photo, planes, skin = item
            height, width = photo.shape[:2]
            last = self.used + height * width
            if last > len(self.photo):
                more = max(last, 2 * len(self.photo)) - len(self.photo)
                self.photo = torch.cat([self.photo, self.photo.new_empty((more, 3))])
                self.planes = torch.cat([self.planes, self.planes.new_empty((more, len(STORED)))])
            self.photo[self.used : last] = torch.from_numpy(photo.reshape(-1, 3)).to(self.device)
            self.planes[self.used : last] = torch.from_numpy(planes.reshape(-1, len(STORED))).to(self.device)
            row = torch.tensor([[self.used, height, width, *skin]], dtype=torch.float64, device=self.device)
            self.scenes, self.used, self.count = torch.cat([self.scenes, row]), last, self.count + 1


class Draw:
    """Random numbers per crop of a batch."""

    def __init__(self, count, device, generator):
        self.count, self.device, self.generator = count, device, generator

    def uniform(self, low=0.0, high=1.0, size=()):
        return low + (high - low) * torch.rand((self.count, *size), generator=self.generator, device=self.device)

    def normal(self, sd=1.0, size=()):
        return sd * torch.randn((self.count, *size), generator=self.generator, device=self.device)

    def chance(self, p):
        return self.uniform() < p

    def below(self, count, size=()):
        """Integers from 0 up to `count`, which may differ between crops."""
        return (self.uniform(size=size).double() * count).long()


def pose(draw):
    """Matrices from crop to scene (both in px), and by how much things are enlarged."""
    # Quarter turns keep the sharpness of the photo.
    keep = draw.chance(0.35)
    angle = torch.where(keep, draw.below(4) * (math.pi / 2), draw.uniform(0, 2 * math.pi))
    # Scale is known to some per cent, or found from the shafts themselves and then less well; and some hair is
    # thicker than any that is drawn.
    kind = draw.uniform()
    scale = torch.where(
        kind < 0.75, draw.uniform(-0.12, 0.12), torch.where(kind < 0.92, draw.uniform(-0.3, 0.3), draw.uniform(0.15, 0.5))
    )
    enlarge = torch.where(keep, 1.0, torch.exp(scale))
    c, s = torch.cos(angle), torch.sin(angle)
    mirror = torch.where(draw.chance(0.5), -1.0, 1.0)
    matrix = torch.stack([torch.stack([c * mirror, -s], -1), torch.stack([s * mirror, c], -1)], -2)
    return matrix / enlarge[:, None, None], enlarge


def middles(store, draw, first, height, width):
    """The middles of crops: mostly near an axis, the finer of two, as bare skin and thick shafts teach little."""
    # Looking at some pixels is enough: an axis covers a percent of a photo and more.
    rows, columns = draw.below(height[:, None], (TRIES,)), draw.below(width[:, None], (TRIES,))
    at = store.planes[first[:, None] + rows * width[:, None] + columns]
    on = at[..., INDEX["axis"]] > STEPS // 2
    order = torch.cumsum(on, 1) * on
    fine = at[..., INDEX["width"]].int() + 1000 * ~((order == 1) | (order == 2))
    best = fine.argmin(1, keepdim=True)
    near = on.any(1) & ~draw.chance(BARE)
    reach = SIDE // 3
    middle = []
    for place, side in ((rows, height), (columns, width)):
        around = place.gather(1, best)[:, 0] + draw.below(2 * reach + 1) - reach
        value = torch.where(near, around, draw.below(side))
        # Not much of a crop lies beyond the photo.
        margin = torch.clamp(side // 2, max=reach)
        middle.append(torch.minimum(torch.maximum(value, margin), side - margin))
    return middle


def sample(table, first, height, width, x, y):
    """Bilinear values of a table at places of the scenes, and which of them are in their photo."""
    left, top = torch.floor(x), torch.floor(y)
    real = (x >= -0.5) & (y >= -0.5) & (x <= width - 0.5) & (y <= height - 0.5)
    value = 0.0
    for dy in (0, 1):
        row = (top + dy).long().clamp(min=0).minimum(height - 1)
        part_y = (1 - (y - top)) if dy == 0 else y - top
        for dx in (0, 1):
            column = (left + dx).long().clamp(min=0).minimum(width - 1)
            part = part_y * ((1 - (x - left)) if dx == 0 else x - left)
            value = value + table[first + row * width + column].float() * part[..., None]
    return value.permute(0, 3, 1, 2), real


def turn(planes, matrix, enlarge):
    """Turns the directions and scales the widths of crops cut with `matrix`."""
    back = torch.linalg.inv(matrix)
    turned = torch.atan2(back[:, 1, 0], back[:, 0, 0])
    mirrored = torch.sign(torch.linalg.det(back))[:, None, None]
    c, s = torch.cos(2 * turned)[:, None, None], torch.sin(2 * turned)[:, None, None]
    cos2, sin2 = planes[:, INDEX["cos2"]].clone(), mirrored * planes[:, INDEX["sin2"]]
    planes[:, INDEX["cos2"]], planes[:, INDEX["sin2"]] = c * cos2 - s * sin2, s * cos2 + c * sin2
    planes[:, INDEX["width"]] += torch.log2(enlarge)[:, None, None] / 2


def linear(value):
    return torch.where(value <= 0.04045, value / 12.92, ((value.clamp(min=0) + 0.055) / 1.055) ** 2.4)


def encode(light):
    light = light.clamp(0, 1)
    return torch.where(light <= 0.0031308, 12.92 * light, 1.055 * light.clamp(min=1e-6) ** (1 / 2.4) - 0.055)


def blur(values, sigma, reach=6):
    """Gaussian blur of each crop by its own standard deviation, px; 0 leaves it as it is."""
    at = torch.arange(-reach, reach + 1, device=values.device)
    kernel = torch.exp(-0.5 * (at / sigma.clamp(min=0.05)[:, None]) ** 2)
    kernel = kernel / kernel.sum(1, keepdim=True)
    count, colours, height, width = values.shape
    kernel = kernel.repeat_interleave(colours, 0)
    flat = F.pad(values.reshape(1, -1, height, width), (reach,) * 4, "replicate")
    flat = F.conv2d(flat, kernel[:, None, None, :], groups=count * colours)
    return F.conv2d(flat, kernel[:, None, :, None], groups=count * colours).reshape(values.shape)


def cosines(device):
    k = torch.arange(8, device=device)
    matrix = torch.cos((2 * k[None] + 1) * k[:, None] * math.pi / 16) / 2
    matrix[0] /= math.sqrt(2)
    return matrix


def jpeg(values, quality):
    """What JPEG with colours at half resolution leaves of sRGB values 0-1."""
    device = values.device
    ycc = torch.tensor(YCC, device=device)
    planes = torch.einsum("ij,bjyx->biyx", ycc, 255 * values)
    scale = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality)[:, None, None] / 100
    d = cosines(device)

    def coarse(plane, table):
        table = torch.tensor([float(v) for v in table.split()], device=device).reshape(1, 8, 8)
        count, channels, height, width = plane.shape
        blocks = plane.reshape(count, channels, height // 8, 8, width // 8, 8)
        waves = torch.einsum("ku,bcyuxv,lv->bcykxl", d, blocks, d)
        steps = torch.round(table * scale).clamp(min=1).reshape(count, 1, 1, 8, 1, 8)
        waves = torch.round(waves / steps) * steps
        return torch.einsum("ku,bcykxl,lv->bcyuxv", d, waves, d).reshape(plane.shape)

    luma = coarse(planes[:, :1] - 128, LUMA) + 128
    colour = coarse(F.avg_pool2d(planes[:, 1:], 2), CHROMA)
    colour = F.interpolate(colour, scale_factor=2, mode="bilinear", align_corners=False)
    return torch.einsum("ij,bjyx->biyx", torch.linalg.inv(ycc), torch.cat([luma, colour], 1)) / 255


def camera(values, skin, draw):
    """How another camera would have seen the crops: optical densities of sRGB values (0-1) and of a skin."""

    def each(value):
        return value[:, :, None, None] if value.ndim == 2 else value[:, None, None, None]

    gain = torch.exp(draw.normal(0.08, (3,)) * draw.below(3)[:, None] + draw.normal(0.2)[:, None])
    # Tone curves of cameras: contrast about full scale.
    power = torch.where(draw.chance(0.5), torch.exp(draw.normal(0.15)), 1.0)
    values = encode((linear(values) * each(gain)).clamp(1e-6, 1) ** each(power))
    # What is taken for skin depends on what else is in the photo.
    wrong = torch.exp(draw.uniform(-0.25, 0.25)[:, None] + draw.normal(0.06, (3,)))
    skin = ((skin * gain).clamp(max=1) ** power[:, None] * wrong).clamp(min=grid.SKIN_FLOOR)

    values = blur(values, draw.uniform(0.3, 1.3) * draw.chance(0.25))
    share = draw.uniform(0.2, 1.0) * draw.chance(0.2)
    values = values + each(share) * (values - blur(values, draw.uniform(0.8, 1.6)))
    noise = draw.normal(1.0, values.shape[1:])
    grainy = draw.chance(0.5)
    noise = torch.where(each(grainy), 2 * blur(noise, 0.7 * grainy, 3), noise)
    values = values + each(draw.uniform(0, 0.025) * draw.chance(0.4)) * noise
    values = torch.round(255 * values.clamp(0, 1)) / 255
    some = len(values) // 5
    if some:
        coded = jpeg(values[:some], draw.uniform(55, 95)[:some])
        values = torch.cat([torch.round(255 * coded.clamp(0, 1)) / 255, values[some:]])

    density = torch.log(each(skin) / linear(values).clamp(min=grid.LIGHT_FLOOR))
    # Ring lights turn from blue to yellow over the field: colours fall off differently.
    slope = draw.normal(0.25, (2, 1)) + draw.normal(0.16, (2, 3))
    # Corners are dark; between dense hair, skin is far brighter than the percentile taken for it.
    dark = torch.tensor([0.0, 0.3, -0.25], device=values.device)[draw.below(3)]
    dark = (dark * -torch.log(1 - draw.uniform()))[:, None] + draw.normal(0.2, (3,)) * draw.chance(0.5)[:, None]
    across = torch.linspace(-0.5, 0.5, values.shape[-1], device=values.device)
    shade = each(dark) + each(slope[:, 0]) * across[:, None] + each(slope[:, 1]) * across
    return (density + shade * each(draw.chance(0.6))).clamp(*grid.DENSITY)


def batch(store, count, generator):
    """A batch of (input, planes)."""
    draw = Draw(count, store.device, generator)
    scenes = store.scenes[draw.below(store.count)]
    first, height, width = (scenes[:, k].long() for k in range(3))
    y, x = middles(store, draw, first, height, width)
    matrix, enlarge = pose(draw)
    at = torch.arange(SIDE, device=store.device, dtype=torch.float32) - SIDE // 2
    away = torch.stack(torch.meshgrid(at, at, indexing="xy"), -1)
    place = torch.einsum("bij,yxj->byxi", matrix, away)
    # What quarter turns leave of rounding must not blur.
    place = torch.where((enlarge == 1.0)[:, None, None, None], torch.round(place), place)
    first, height, width = (v[:, None, None] for v in (first, height, width))
    where = (first, height, width, place[..., 0] + x[:, None, None], place[..., 1] + y[:, None, None])
    answer, real = sample(store.planes, *where)
    answer = answer / STEPS
    answer[:, INDEX["ignored"]][~real] = 1.0
    turn(answer, matrix, enlarge)
    values, _ = sample(store.photo, *where)
    return camera(values / 255, scenes[:, 3:].float(), draw), answer
