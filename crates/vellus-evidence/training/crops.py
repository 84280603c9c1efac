"""Random crops of the grids, turned, scaled and recoloured as photos differ.

The folder is scanned again while training runs, so that new drawings join it.
"""

import io
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from scipy.ndimage import gaussian_filter
from torch.utils.data import IterableDataset, get_worker_info

import grid
from targets import STEPS, STORED

# Side of a crop, px of the input.
SIDE = 224

# Crops between two scans of the folder.
RESCAN = 800

INDEX = {name: k for k, name in enumerate(STORED)}


def pose(rng):
    """Matrix from crop to window (both in px around their middles), and by how much things are enlarged."""
    flip = np.diag([rng.choice([-1.0, 1.0]), 1.0])
    if rng.random() < 0.35:
        # Quarter turns keep the sharpness of the photo.
        angle, enlarge = rng.integers(4) * np.pi / 2, 1.0
    else:
        angle = rng.uniform(0, 2 * np.pi)
        # Scale is known to some per cent, or found from the shafts themselves and then less well; and some hair
        # is thicker than any that is drawn.
        low, high = [(-0.12, 0.12), (-0.3, 0.3), (0.15, 0.5)][rng.choice(3, p=[0.65, 0.15, 0.2])]
        enlarge = np.exp(rng.uniform(low, high))
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]]) @ flip / enlarge, enlarge


def turn(planes, matrix, enlarge):
    """Turns the directions and scales the widths of a crop cut with `matrix`."""
    back = np.linalg.inv(matrix)
    turned = np.arctan2(back[1, 0], back[0, 0])
    mirrored = -1.0 if np.linalg.det(back) < 0 else 1.0
    c, s = np.cos(2 * turned), np.sin(2 * turned)
    cos2, sin2 = planes[INDEX["cos2"]].clone(), mirrored * planes[INDEX["sin2"]]
    planes[INDEX["cos2"]], planes[INDEX["sin2"]] = c * cos2 - s * sin2, s * cos2 + c * sin2
    planes[INDEX["width"]] += np.log2(enlarge) / 2


def cut(array, top, left, side):
    """A square of a C x H x W array, edges repeated, and how much of it is real."""
    height, width = array.shape[1:]
    rows, columns = np.arange(top, top + side), np.arange(left, left + side)
    real = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))[None]
    return array[:, rows.clip(0, height - 1)][:, :, columns.clip(0, width - 1)], real


def warp(window, matrix, side):
    """Cuts a turned square out of a window (C x S x S)."""
    scale = side / window.shape[-1]
    theta = torch.tensor(np.c_[matrix * scale, [0, 0]], dtype=torch.float32)[None]
    at = F.affine_grid(theta, (1, window.shape[0], side, side), align_corners=False)
    return F.grid_sample(window[None], at, "bilinear", "border", align_corners=False)[0]


class Camera:
    """How another camera would have seen a crop; all that happens to single pixels is kept in tables."""

    def __init__(self, skin, rng):
        self.rng = rng
        gain = np.exp(rng.normal(0, 0.08, 3) * rng.choice([0, 1, 2]) + rng.normal(0, 0.2))
        # Tone curves of cameras: contrast about full scale.
        power = np.exp(rng.normal(0, 0.15)) if rng.random() < 0.5 else 1.0
        light = np.minimum(grid.LINEAR[:, None] * gain, 1.0) ** power
        self.values = grid.encode(light).astype(np.float32)
        # What is taken for skin depends on what else is in the photo.
        wrong = np.exp(rng.uniform(-0.25, 0.25) + rng.normal(0, 0.06, 3))
        skin = np.maximum(np.minimum(skin * gain, 1.0) ** power * wrong, grid.SKIN_FLOOR)
        self.densities = grid.density(grid.LINEAR[:, None], skin).astype(np.float32)

    def see(self, levels):
        """sRGB values (0-1) of 8-bit levels, 3 x H x W."""
        return np.stack([self.values[:, c][levels[c]] for c in range(3)])

    def develop(self, values):
        """Blur, sharpening, noise and JPEG; 8-bit levels."""
        rng = self.rng
        if rng.random() < 0.25:
            values = gaussian_filter(values, (0, *[rng.uniform(0.3, 1.3)] * 2))
        if rng.random() < 0.2:
            soft = gaussian_filter(values, (0, *[rng.uniform(0.8, 1.6)] * 2))
            values = values + np.float32(rng.uniform(0.2, 1.0)) * (values - soft)
        if rng.random() < 0.4:
            noise = rng.standard_normal(values.shape, np.float32)
            if rng.random() < 0.5:
                noise = 2 * gaussian_filter(noise, (0, 0.7, 0.7))
            values = values + np.float32(rng.uniform(0, 0.025)) * noise
        levels = (255 * np.clip(values, 0, 1) + 0.5).astype(np.uint8)
        if rng.random() < 0.2:
            file = io.BytesIO()
            picture = Image.fromarray(np.ascontiguousarray(levels.transpose(1, 2, 0)))
            picture.save(file, "JPEG", quality=int(rng.integers(55, 95)))
            levels = np.asarray(Image.open(file)).transpose(2, 0, 1)
        return levels

    def density(self, levels):
        """Optical densities, with the uneven light of a corner of the photo."""
        rng = self.rng
        density = np.stack([self.densities[:, c][levels[c]] for c in range(3)])
        if rng.random() < 0.6:
            across = np.linspace(-0.5, 0.5, levels.shape[1], dtype=np.float32)
            # Ring lights turn from blue to yellow over the field: colours fall off differently.
            slope = rng.normal(0, 0.25, 2) + rng.normal(0, 0.16, (3, 2))
            # Corners are dark; between dense hair, skin is far brighter than the percentile taken for it.
            dark = rng.choice([0.0, 0.3, -0.25]) * rng.exponential() + rng.normal(0, 0.2, 3) * (rng.random() < 0.5)
            shade = dark[:, None, None] + slope[:, :1, None] * across[:, None] + slope[:, 1:, None] * across
            density = np.clip(density + shade, *grid.DENSITY).astype(np.float32)
        return density


class Crops(IterableDataset):
    """Endless (input, planes) pairs."""

    def __init__(self, folder, seed):
        self.folder, self.seed = Path(folder), seed

    def __iter__(self):
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        scenes, count = {}, 0
        while True:
            if count % RESCAN == 0:
                files = sorted(self.folder.glob("[!.]*.npz"))
                scenes = {f: scenes.get(f) or self.load(f) for f in files}
                order = list(scenes.values())
            count += 1
            yield self.crop(*order[rng.integers(len(order))], rng)

    @staticmethod
    def load(path):
        with np.load(path) as file:
            return file["photo"].transpose(2, 0, 1), file["skin"], file["planes"]

    @staticmethod
    def crop(photo, skin, planes, rng):
        height, width = planes.shape[1:]
        half = SIDE // 2
        for _ in range(5):
            y, x = rng.integers(0, max(1, height - half // 2)), rng.integers(0, max(1, width - half // 2))
            inside = planes[:, max(0, y) : y + half, max(0, x) : x + half]
            # Bare skin teaches little; one crop in six may be bare.
            if (inside[INDEX["matte"]] > STEPS // 2).mean() > 0.01 or rng.random() < 0.15:
                break
        matrix, enlarge = pose(rng)
        # A window that holds the turned crop; a multiple of 4, so that both resolutions have the same middle.
        window = 4 * int(np.ceil(SIDE * np.abs(matrix).sum(1).max() / 4 + 0.5))
        top, left = y + half // 2 - window // 4, x + half // 2 - window // 4
        levels, _ = cut(photo, 2 * top, 2 * left, window)
        answer, real = cut(planes, top, left, window // 2)
        answer = torch.from_numpy(answer.astype(np.float32) / STEPS)
        answer[INDEX["ignored"]][torch.from_numpy(~real)] = 1.0
        answer = warp(answer, matrix, SIDE // 2)
        turn(answer, matrix, enlarge)
        camera = Camera(skin, rng)
        values = warp(torch.from_numpy(camera.see(levels)), matrix, SIDE).numpy()
        return torch.from_numpy(camera.density(camera.develop(values))), answer
